"""What is read of a person for a judgement, and for whom."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import Act, Recipient, Subject
from tests.support.recording import BSNS, RecordingBench, act, person


def town_known_to(bench: RecordingBench, party: str | None) -> str | None:
    """Where the facts of the first person place him, read for a party."""
    lookup = bench.pseudonyms.place(bench.pseudonyms.person("BSN", BSNS[0]))
    canonical = bench.pseudonyms.person("BSN", BSNS[0])
    found = bench.people.find([(lookup, canonical)])[lookup]
    place = (found.lane, found.stream_id)
    return bench.facts.read_known([place], party)[place].facts.municipality


def placed(**fields: Any) -> Act:
    """The mayor shares with the police that the person lives in Dorp B."""
    usual: dict[str, Any] = {
        "operation": "make-available",
        "subjects": (person(BSNS[0], municipality="Dorp B"),),
        "recipients": (Recipient(party="politie"),),
    }
    return act(**(usual | fields))


@pytest.mark.parametrize(
    ("party", "town"),
    [("burgemeester", "Dorp B"), ("politie", "Dorp B"), ("kantoor", "Dorp B"), ("college", None), (None, None)],
)
def test_the_town_is_known_to_who_may_read_it(party: str | None, town: str | None) -> None:
    """Controller, processor and recipient; to a stranger, and to nobody in particular, it is not known."""
    bench = RecordingBench()
    bench.record(placed(processor="kantoor"))
    assert town_known_to(bench, party) == town


def test_what_was_only_intended_was_not_disclosed() -> None:
    """The recipient of an intent knows nothing yet; its sender does."""
    bench = RecordingBench()
    bench.record(placed(tense="intent"))
    assert (town_known_to(bench, "politie"), town_known_to(bench, "burgemeester")) == (None, "Dorp B")


def test_the_newest_that_the_party_may_read_counts() -> None:
    """A later act of another party, in which the person has moved, changes nothing for who was no part of it."""
    bench = RecordingBench()
    bench.record(placed())
    moved = act(controller="college", subjects=(Subject(id_type="BSN", id=BSNS[0], municipality="Stad C"),))
    bench.record(moved, party="college", key="moved")
    towns = {party: town_known_to(bench, party) for party in ("burgemeester", "politie", "college")}
    assert towns == {"burgemeester": "Dorp B", "politie": "Dorp B", "college": "Stad C"}


def test_acts_are_read_whatever_the_town_is() -> None:
    """Only the town depends on who asks; a rule takes of the acts what concerns its controller."""
    bench = RecordingBench()
    bench.record(placed())
    lookup = bench.pseudonyms.place(bench.pseudonyms.person("BSN", BSNS[0]))
    found = bench.people.find([(lookup, bench.pseudonyms.person("BSN", BSNS[0]))])[lookup]
    place = (found.lane, found.stream_id)
    assert len(bench.facts.read([place])[place].acts) == 1
