"""Decision tables of the rules on open sources and media (S44, S45)."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import Justification, Source, System
from tests.unit.law.builders import NOW, act, annex, covenant, findings, subject, verdict

FILM = Source(kind="open-source", url="https://example.org/film", captured_at=NOW)
OPEN_TO_ALL = covenant(annexes=(annex(criteria=None),))
HASH = "urn:sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, [1]),
        ({"source": None}, []),
        ({"source": Source(kind="citizen-report")}, []),
        ({"operation": "record"}, []),
        ({"covenant": None}, [1]),
        ({"subjects": (subject(),)}, []),
        ({"justification": Justification(override="he filmed it himself")}, []),
        ({"justification": Justification(override="")}, [1]),
        ({"justification": Justification()}, [1]),
    ],
)
def test_bystanders_stay_out_of_open_sources(changes: dict[str, Any], found: list[int]) -> None:
    """Whoever only liked a film is left out, also where no annex says so; a reason sets it aside."""
    people = (subject(id="1"), subject(id="2", status="bystander"))
    given = act(**({"operation": "collect", "recipients": (), "source": FILM, "subjects": people} | changes))
    judged = verdict(given, OPEN_TO_ALL)
    assert [i for i in range(len(judged.outcomes)) if "bystander-open-source" in judged.codes_of(i)] == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, True),
        ({"operation": "make-available"}, True),
        ({"system": System(name="phone of the youth worker")}, False),
        ({"system": System(name=" ")}, True),
        ({"system": System(version="1")}, True),
        ({"reference": None}, False),
        ({"reference": "https://example.org/document/1"}, False),
        ({"operation": "erase"}, False),
        ({"operation": "restrict"}, False),
    ],
)
def test_a_recording_has_a_device(*, changes: dict[str, Any], found: bool) -> None:
    """A media object named by its hash stands somewhere; a reference of another kind asks for nothing."""
    given = act(**({"operation": "record", "recipients": (), "reference": HASH} | changes))
    assert findings(given).get("media-device-missing") == ("gap" if found else None)
