"""Everything notifier does, in bounded pieces and in the order in which one leads to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from services.notifier.application.deliver import Deliver
from services.notifier.application.forget import Forget
from services.notifier.application.progress import Progress
from services.notifier.application.record_sent import RecordSent
from services.notifier.application.refresh import RefreshDuties
from services.notifier.application.run_round import RunRound
from services.runtime import limits
from services.runtime.clock import Clock


class Following(Protocol):
    """What follows the feed."""

    def step(self) -> int:
        """Take one piece; how many events it had."""
        ...


class FollowedElsewhere:
    """Others follow the feed: there is nothing to take here."""

    def step(self) -> int:
        """Nothing."""
        return 0


class Steps:
    """Follow, refresh, decide, forget, send, record; forgetting goes before sending."""

    def __init__(
        self,
        *,
        clock: Clock,
        follow: Following,
        refresh: RefreshDuties,
        rounds: RunRound,
        forget: Forget,
        deliver: Deliver,
        record: RecordSent,
        is_new: bool,
        measure: Callable[[], None] = lambda: None,
        is_followed: Callable[[], bool] = lambda: True,
    ) -> None:
        """``is_new``: working state is empty, so what was said before must be read before anything is said.

        ``is_followed`` says of a feed that others follow whether they are far enough to decide by.
        ``measure`` sets the gauges, when it is time.
        """
        self._measure = measure
        self._is_followed = is_followed
        self._clock = clock
        self._follow = follow
        self._refresh = refresh
        self._rounds = rounds
        self._forget = forget
        self._deliver = deliver
        self._record = record
        self._is_reading_back = is_new
        self._pieces_followed = 0

    def advance(self) -> Progress:
        """Do one piece of each. What is decided is decided by all that has happened: events go first."""
        now = self._clock.now()
        self._measure()
        if not self._is_followed():
            return Progress.BEHIND
        followed = self._follow.step()
        if followed == limits.NOTIFIER_BATCH_EVENTS_MAX and self._goes_on_following():
            return Progress.MORE
        self._is_reading_back, self._pieces_followed = False, 0
        refreshed = self._refresh.step(now)
        # Each is called, whatever the others found: a list, not a chain of "or".
        done = [
            followed,
            self._rounds.run_round(now),
            self._forget.step(now),
            self._deliver.step(now),
            self._record.step(now),
        ]
        return Progress.MORE if any(done) else refreshed

    def _goes_on_following(self) -> bool:
        """Whether to read on before anything else: always at the first start, else for so many pieces."""
        self._pieces_followed += 1
        return self._is_reading_back or self._pieces_followed < limits.NOTIFIER_FOLLOW_PIECES_MAX
