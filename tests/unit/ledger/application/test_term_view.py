"""Until when, by which rule, and what lost: as a reader of a line sees it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.ledger.application.lines import Later, Line
from services.ledger.application.term_view import held_until, view_keeping
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import CONFIDENTIALITY_SET, PROCESSING_RECORDED, RETENTION_SET
from services.ledger.domain.stored import StoredEvent

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ENDS = date(2026, 9, 1)


def envelope_of(**fields: Any) -> Envelope:
    """An envelope of the college."""
    return Envelope(operation_id=UUID(int=1), key="1", author="college", recorded_at=NOW, occurred_at=NOW, **fields)


def event_of(topic: str) -> StoredEvent:
    """A stored event of that topic."""
    return StoredEvent(
        lane=0,
        position=1,
        stream_id=UUID(int=2),
        version=1,
        topic=topic,
        operation_id=UUID(int=1),
        envelope=b"",
        state=None,
        leaf_hash=b"",
    )


def keeping(*later: tuple[str, dict[str, Any]], **fields: Any) -> Any:
    """What is shown of a line, with what was said of it later."""
    events = tuple(Later(event_of(topic), envelope_of(**changes)) for topic, changes in later)
    return view_keeping(Line(event=event_of(PROCESSING_RECORDED), envelope=envelope_of(**fields), later=events))


def test_the_rule_that_held_and_what_lost() -> None:
    """In the order of the ruling, each with its period, last day and article."""
    shown = keeping(
        holding_ends=ENDS,
        term_rule="covenant-phase",
        terms_lost=("act P2Y 2028-06-01", "wgs-maximum P5Y 2031-06-01"),
    )
    assert (shown["until"], shown["rule"]) == (ENDS, "covenant-phase")
    assert "bijlage" in shown["text"]["nl"]
    assert [(lost["rule"], lost["says"], str(lost["until"])) for lost in shown["lost"]] == [
        ("act", "P2Y", "2028-06-01"),
        ("wgs-maximum", "P5Y", "2031-06-01"),
    ]
    assert shown["lost"][0]["text"]["en"] == "The act itself states this term: 2 years."


@pytest.mark.parametrize("later", [(), ((RETENTION_SET, {"new_record_ends": ENDS}),), ((CONFIDENTIALITY_SET, {}),)])
def test_where_no_holding_began_nothing_is_said(later: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    """A look, an erasure or a notice; nor when only the record was given another end."""
    assert keeping(*later) is None


def test_an_end_without_a_rule_is_shown_as_it_is() -> None:
    """An event of before the rule went on record."""
    assert keeping(holding_ends=ENDS) == {"until": ENDS, "rule": None, "text": None, "lost": []}


def test_a_later_change_holds_and_what_it_changed_lost() -> None:
    """The last change that names a holding, with its norm; the end at the act comes first among the losers."""
    shown = keeping(
        (RETENTION_SET, {"new_holding_ends": date(2027, 1, 1), "norm": "Archiefwet 3"}),
        (RETENTION_SET, {"new_holding_ends": date(2026, 8, 1)}),
        (RETENTION_SET, {"new_record_ends": date(2033, 1, 1), "norm": "WGS 1.8(7)"}),
        holding_ends=ENDS,
        term_rule="act",
        terms_lost=("wgs-maximum P5Y 2031-06-01",),
    )
    assert (shown["until"], shown["rule"]) == (date(2026, 8, 1), "later-term")
    assert shown["text"]["en"] == "The term was changed later, with the reason on record."
    assert [(lost["rule"], lost["until"]) for lost in shown["lost"]] == [
        ("act", ENDS),
        ("wgs-maximum", date(2031, 6, 1)),
    ]


def test_until_when_is_the_day_that_was_set_last() -> None:
    """One day for everybody who asks: that of the last change of the holding, else that of the act, or none."""
    changes = tuple(
        Later(event_of(topic), envelope_of(**fields))
        for topic, fields in (
            (RETENTION_SET, {"new_holding_ends": date(2027, 1, 1)}),
            (RETENTION_SET, {"new_record_ends": date(2033, 1, 1)}),
            (CONFIDENTIALITY_SET, {}),
        )
    )
    for stated in (ENDS, None):
        line = Line(event=event_of(PROCESSING_RECORDED), envelope=envelope_of(holding_ends=stated))
        assert held_until(line) == stated
        assert held_until(msgspec.structs.replace(line, later=changes)) == date(2027, 1, 1)
        assert held_until(msgspec.structs.replace(line, later=changes[1:])) == stated


def test_a_change_names_its_norm() -> None:
    """Also for a holding whose end was unknown until then."""
    shown = keeping((RETENTION_SET, {"new_holding_ends": ENDS, "norm": "Archiefwet 3"}))
    assert shown["text"]["nl"] == "De termijn is later aangepast onder Archiefwet 3."
    assert shown["lost"] == []


def test_a_change_of_the_record_alone_leaves_the_holding_to_its_rule() -> None:
    """Every change says both ends; the norm of the last one that moved the holding is the one that is told."""
    of_record = (RETENTION_SET, {"new_holding_ends": ENDS, "new_record_ends": date(2033, 1, 1), "norm": "WGS 1.8(7)"})
    shown = keeping(of_record, holding_ends=ENDS, term_rule="act")
    assert (shown["until"], shown["rule"], shown["lost"]) == (ENDS, "act", [])
    moved = (RETENTION_SET, {"new_holding_ends": ENDS, "norm": "Archiefwet 3"})
    shown = keeping(moved, of_record, holding_ends=date(2026, 8, 1), term_rule="act")
    assert (shown["until"], shown["rule"]) == (ENDS, "later-term")
    assert shown["text"]["nl"] == "De termijn is later aangepast onder Archiefwet 3."
