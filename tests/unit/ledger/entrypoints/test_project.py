from __future__ import annotations

import pytest

from services.ledger.entrypoints.project import rest_seconds
from services.runtime import limits


@pytest.mark.parametrize("worked_seconds", [0.01, 0.05, 0.2])
def test_a_large_round_is_a_fifth_of_the_time(worked_seconds: float) -> None:
    """Work and rest together take five times the work."""
    rest = rest_seconds(worked_seconds, limits.PROJECTION_CALM_EVENTS_MAX + 1)
    assert worked_seconds / (worked_seconds + rest) == pytest.approx(1 / 5)


@pytest.mark.parametrize("worked_seconds", [0.0, 0.2])
def test_a_calm_ledger_only_lets_events_gather(worked_seconds: float) -> None:
    """After a few events the pause is short, also when the machine took long over them."""
    assert rest_seconds(worked_seconds, limits.PROJECTION_CALM_EVENTS_MAX) == limits.PROJECTION_PAUSE_SECONDS


def test_a_rest_is_bounded() -> None:
    """However long a round took, nobody waits longer than the bound for the next one."""
    assert rest_seconds(60.0, limits.PROJECTION_LAG_EVENTS_MAX) == limits.PROJECTION_PAUSE_SECONDS_MAX


def test_who_is_far_behind_does_not_rest() -> None:
    """One event more than the lag allowed ends all rest."""
    assert rest_seconds(1.0, limits.PROJECTION_LAG_EVENTS_MAX + 1) == 0.0
