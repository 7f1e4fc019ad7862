from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from services.ledger.application.breach_reporters import Accountable, BreachReporters
from services.ledger.application.sources import Sources
from services.ledger.contract.events import Envelope
from services.runtime.clock import FakeClock
from services.runtime.limits import RECORDED_FOR_GOOD_SECONDS
from tests.support.recording import NOW, FixedRegister

LONG_AFTER = NOW + timedelta(seconds=RECORDED_FOR_GOOD_SECONDS)


class Ledger:
    """What an office processed, as far as it was projected, and how often that was asked."""

    def __init__(self) -> None:
        """Nothing was recorded yet but what the breach is about."""
        self.head = self.seen = 1
        self.processed: frozenset[tuple[str, str | None, date]] = frozenset({("college", None, NOW.date())})
        self.asked = 0

    def heads(self) -> dict[int, int]:
        """One lane."""
        return {0: self.head}

    def positions(self) -> dict[int, int]:
        """How far it was projected."""
        return {0: self.seen}

    def impact_page(self, *_: Any) -> list[Any]:
        """It has nothing for itself."""
        return []

    def impact_covenants(self, *_: Any) -> frozenset[Any]:
        """It has nothing for itself."""
        return frozenset()

    def processed_for(self, *_: Any) -> frozenset[tuple[str, str | None, date]]:
        """For whom it processed."""
        self.asked += 1
        return self.processed


def reporters(ledger: Ledger, clock: FakeClock) -> BreachReporters:
    """Who is accountable by this ledger."""
    port = cast("Any", ledger)
    return BreachReporters(
        Sources(
            projections=port,
            events=port,
            opener=cast("Any", None),
            directory=cast("Any", None),
            register=FixedRegister(),
            clock=clock,
        )
    )


def breach(number: int = 1, recorded_at: datetime = NOW) -> Envelope:
    """A breach that the office reported and that names no operation."""
    return Envelope(
        operation_id=UUID(int=number),
        key="k",
        author="kantoor",
        recorded_at=recorded_at,
        occurred_at=NOW,
        breach_party="kantoor",
    )


OF_COLLEGE = Accountable("college", frozenset({"college"}))
OF_BOTH = Accountable("kantoor", frozenset({"college", "school"}))


def test_what_a_processor_did_is_looked_through_once_for_a_breach() -> None:
    """Lists of clocks ask again and again; each other breach is looked up for itself, also one of the same id."""
    ledger = Ledger()
    found = reporters(ledger, FakeClock(LONG_AFTER))
    assert [found.find(breach()) for _ in range(3)] == [OF_COLLEGE] * 3
    assert ledger.asked == 1
    found.find(breach(2))
    found.find(breach(1, NOW + timedelta(seconds=1)))
    assert ledger.asked == 3


def test_nothing_is_kept_while_an_act_of_before_may_still_come() -> None:
    """An act recorded before the breach is stored a moment later: who reports is then somebody else."""
    ledger, clock = Ledger(), FakeClock(NOW)
    found = reporters(ledger, clock)
    assert found.find(breach()) == OF_COLLEGE
    ledger.processed |= {("school", None, NOW.date())}
    assert found.find(breach()) == OF_BOTH
    clock.set(LONG_AFTER)
    assert [found.find(breach()) for _ in range(2)] == [OF_BOTH] * 2
    assert ledger.asked == 3


def test_nothing_is_kept_while_the_projections_are_behind() -> None:
    """What was stored when first asked must have been seen, however much came since: a busy ledger is never even."""
    ledger = Ledger()
    ledger.head = 5
    found = reporters(ledger, FakeClock(LONG_AFTER))
    assert found.find(breach()) == OF_COLLEGE
    ledger.seen, ledger.head = 4, 8
    ledger.processed |= {("school", None, NOW.date())}
    assert found.find(breach()) == OF_BOTH
    ledger.seen, ledger.head = 5, 9
    assert [found.find(breach()) for _ in range(2)] == [OF_BOTH] * 2
    assert ledger.asked == 3
