"""Ids that follow from causes, and waits that grow."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from uuid import UUID

from services.notifier.domain.backoff import message_backoff, person_backoff
from services.notifier.domain.causes import letter_id, party_message_id
from services.runtime import limits


def test_the_same_cause_gives_the_same_id() -> None:
    """The id is fixed for ever: another one would send everything again."""
    assert party_message_id("o", "erase-owed", "", "folder") == UUID("d05f3b3c-3c20-5966-8654-367b412d45bc")
    assert letter_id(UUID(int=1), "notice-to-person", "college", "letter") == UUID(
        "ed6c1bc5-60e5-54e1-a0ac-332f6d9202b1"
    )


def test_every_part_of_a_cause_counts() -> None:
    """Another obligation, kind, occasion or route is another message."""
    parts = [("o", "p"), ("k", "l"), ("d", "e"), ("r", "s")]
    ids = {party_message_id(*choice) for choice in product(*parts)}
    assert len(ids) == 16


def test_waits_double_within_bounds() -> None:
    """A minute, two, four … and never longer than six hours."""
    waits = [message_backoff(attempt) for attempt in range(1, limits.MESSAGE_ATTEMPTS_MAX)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert max(waits) == timedelta(hours=6)
    assert message_backoff(10_000) == timedelta(hours=6)
    assert person_backoff(1) == timedelta(seconds=10)
    assert person_backoff(99) == timedelta(hours=1)


def test_all_attempts_together_outlast_a_weekend() -> None:
    """From Friday evening to Monday morning nobody has to be at work."""
    assert sum(
        (message_backoff(attempt) for attempt in range(1, limits.MESSAGE_ATTEMPTS_MAX)), timedelta()
    ) > timedelta(hours=62)
