"""What the events of the ledger tell."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.notifier.domain.signs import AT_ONCE, Signs, moments_to_look, read_signs
from tests.support.notifier import NOW

ENDS = datetime(2026, 7, 1, 22, tzinfo=UTC)


def signs(**changes: object) -> Signs:
    """The signs of an envelope as the ledger stores it."""
    fields = {"operation_id": UUID(int=1), "key": "k", "author": "college", "recorded_at": NOW, "occurred_at": NOW}
    return read_signs(msgspec.json.encode(Envelope(**(fields | changes))))  # type: ignore[arg-type]


def test_an_act_that_makes_duties_is_looked_at_at_once() -> None:
    """And again when its term of holding ends: then others may owe erasure."""
    act = signs(duties=("inform:college",), holding_ends=date(2026, 7, 1))
    assert moments_to_look(topics.PROCESSING_RECORDED, act) == (AT_ONCE, ENDS)


def test_an_act_without_duties_waits_for_the_end_of_its_term() -> None:
    """Most acts cost one row for later, or none."""
    assert moments_to_look(topics.PROCESSING_RECORDED, signs(holding_ends=date(2026, 7, 1))) == (ENDS,)
    assert moments_to_look(topics.PROCESSING_RECORDED, signs()) == ()


@pytest.mark.parametrize(
    "topic",
    [
        topics.NOTICE_RECORDED,
        topics.EXEMPTION_RECORDED,
        topics.EXEMPTION_ENDED,
        topics.OBLIGATION_ANSWERED,
        topics.PROCESSING_CORRECTED,
        topics.ERASED,
        topics.RETENTION_SET,
        topics.HOLD_PLACED,
        topics.HOLD_RELEASED,
        topics.SUBJECTS_LINKED,
        topics.SUBJECTS_UNLINKED,
    ],
)
def test_whatever_can_change_duties_is_looked_at_at_once(topic: str) -> None:
    """Notices, exemptions, answers, corrections, terms, holds, links and erasures."""
    assert moments_to_look(topic, signs()) == (AT_ONCE,)


@pytest.mark.parametrize("topic", [topics.DATA_READ, topics.MESSAGE_SENT, topics.PROCESSING_INTENDED])
def test_other_events_are_passed_over(topic: str) -> None:
    """A read, a message and an intent change nobody's duties; an intent's term is none."""
    assert moments_to_look(topic, signs(holding_ends=date(2026, 7, 1))) == ()


def test_a_changed_term_is_looked_at_when_it_ends() -> None:
    """At once, and at the new end."""
    changed = signs(new_holding_ends=date(2026, 7, 1))
    assert moments_to_look(topics.RETENTION_SET, changed) == (AT_ONCE, ENDS)


def test_what_is_kept_until_a_day_is_looked_at_after_it() -> None:
    """Then it is owed again, and no other event says so; an answer without such a day is looked at once."""
    kept = signs(answer_until=date(2026, 7, 1))
    assert moments_to_look(topics.OBLIGATION_ANSWERED, kept) == (AT_ONCE, ENDS)
    assert moments_to_look(topics.OBLIGATION_ANSWERED, signs()) == (AT_ONCE,)


def test_only_a_key_that_is_an_id_names_a_message_of_ours() -> None:
    """Other keys are of others."""
    assert signs(key=f"message:{UUID(int=5)}").message_id() == UUID(int=5)
    for key in (str(UUID(int=5)), "message:5", "brief-5", f"erased:{UUID(int=5)}"):
        assert signs(key=key).message_id() is None
