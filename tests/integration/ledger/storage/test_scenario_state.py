"""The clock of a scenario over restarts: it never runs back, and nobody is told a time that was not kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from services.ledger.storage.scenario_state import KeptScenarioClock
from services.runtime.clock import ClockMovesForward

YEAR = timedelta(days=365)


def test_it_stands_where_it_stood(database: str) -> None:
    """What was set is found again; earlier is refused, and is not kept either."""
    clock = KeptScenarioClock(database)
    instant = datetime(2026, 3, 1, tzinfo=UTC)
    clock.set(instant)
    with pytest.raises(ClockMovesForward):
        clock.set(instant - YEAR)
    assert KeptScenarioClock(database).now() == instant


def test_ahead_of_the_wall_it_runs_on_over_a_restart(database: str) -> None:
    """A clock that follows the wall and was set ahead stays as far ahead: else all that was told since comes again."""
    clock = KeptScenarioClock(database)
    clock.follow_wall()
    clock.set(datetime.now(UTC) + YEAR)
    told = clock.now()
    assert KeptScenarioClock(database).now() > told


@pytest.mark.parametrize("move", ["set", "follow_wall"])
def test_what_cannot_be_kept_is_not_told(database: str, monkeypatch: pytest.MonkeyPatch, move: str) -> None:
    """With the database away the clock stands where it stood."""
    clock = KeptScenarioClock(database)
    before = clock.now()

    def away(*_: object, **__: object) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr("services.ledger.storage.scenario_state.psycopg.connect", away)
    with pytest.raises(psycopg.OperationalError):
        clock.set(before + YEAR) if move == "set" else clock.follow_wall()
    assert clock.now() == before
    assert not clock.following
