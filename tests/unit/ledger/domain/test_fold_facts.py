"""What the law needs to know of a person, from the envelopes of the person's events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.ledger.domain.fold_facts import find_endings, fold_facts

AT = datetime(2026, 9, 10, 12, tzinfo=UTC)


def envelope(operation: int, **fields: Any) -> Envelope:
    """An envelope of the college."""
    given: dict[str, Any] = {"occurred_at": AT, "recorded_at": AT} | fields
    return Envelope(operation_id=UUID(int=operation), key="k", author="college", **given)


def ending(operation: int | None, days: int) -> tuple[str, Envelope]:
    """The end of the exemption of that operation, some days later."""
    about = None if operation is None else UUID(int=operation)
    return topics.EXEMPTION_ENDED, envelope(9, about_operation=about, occurred_at=AT + timedelta(days))


def test_an_exemption_ends_at_the_first_report() -> None:
    """Of several reports the earliest counts; another exemption goes on; a report about nothing ends nothing."""
    events = [
        (topics.EXEMPTION_RECORDED, envelope(1, norm="UAVG 41(1)(d)")),
        (topics.EXEMPTION_RECORDED, envelope(2)),
        ending(1, 5),
        ending(1, 3),
        ending(None, 1),
    ]
    facts = fold_facts(events)
    assert [exemption.ended_at for exemption in facts.exemptions] == [AT + timedelta(3), None]
    assert [exemption.norm for exemption in facts.exemptions] == ["UAVG 41(1)(d)", ""]
    assert find_endings(events) == {UUID(int=1): AT + timedelta(3)}


def test_acts_and_notices_are_told_apart() -> None:
    """Each kind of event gives its own kind of fact; a taken back one gives none."""
    undone = envelope(5, about_operation=UUID(int=4), correction="annulled")
    facts = fold_facts(
        [
            (topics.PROCESSING_RECORDED, envelope(3, operation_class="share", recipients=("school",))),
            (topics.PROCESSING_RECORDED, envelope(4)),
            (topics.NOTICE_RECORDED, envelope(6, elements=("purpose",), controller="mayor")),
            (topics.PROCESSING_CORRECTED, undone),
        ],
        position=7,
        municipality="Middelstad",
    )
    assert [(act.operation_class, act.controller) for act in facts.acts] == [("share", "college")]
    assert [(notice.controller, notice.elements) for notice in facts.notices] == [("mayor", ("purpose",))]
    assert (facts.position, facts.municipality) == (7, "Middelstad")


def test_what_brought_a_purpose_is_kept() -> None:
    """Purpose, activity and decision of an act are facts: they say what its data were obtained for."""
    named = {"purpose": "care", "activity": "a-1", "decision_id": "d-1"}
    facts = fold_facts([(topics.PROCESSING_RECORDED, envelope(1, **named)), (topics.PROCESSING_RECORDED, envelope(2))])
    assert [(act.purpose, act.activity, act.decision_id) for act in facts.acts] == [
        ("care", "a-1", "d-1"),
        (None, None, None),
    ]
