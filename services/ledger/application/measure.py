"""What the metrics say of a whole ledger: how far each follower is behind, which clocks of the law are near their end.

Looked up by one process, the one that leads, seldom and cheaply: never in the road of an act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from services.ledger.application.count_clocks import CountClocks
from services.ledger.application.keys import Keys
from services.ledger.application.people import People
from services.ledger.application.ports import EventReader
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.errors import GrootboekError
from services.runtime.metrics import Metrics

Consumer = Literal["projector", "sealer", "publisher"]
# These follow every lane from its first event on; the publisher only where it has begun.
FOLLOW_ALL: Final = frozenset[Consumer]({"projector", "sealer"})
Positions = Callable[[], Mapping[int, int]]
Place = tuple[int, int]
"""(lane, position)."""


class _Recorded(msgspec.Struct, rename="camel"):
    """The part of an envelope that says when."""

    recorded_at: datetime


_read_recorded: Final = msgspec.json.Decoder(_Recorded).decode


class Measure:
    """Sets the gauges; blocking, for a thread."""

    def __init__(
        self,
        *,
        reader: EventReader,
        followers: Mapping[Consumer, Positions],
        clocks: CountClocks,
        keys: Keys,
        people: People,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        """``followers`` tell how far each is; ages are measured by the ledger's own ``clock``."""
        self._reader = reader
        self._followers = followers
        self._clocks = clocks
        self._keys = keys
        self._people = people
        self._clock = clock
        self._metrics = metrics
        self._clocks_counted: float | None = None

    def measure_own(self) -> None:
        """What every process says of itself."""
        for cache, count in (*self._keys.cached().items(), ("streams", self._people.cached())):
            self._metrics.set("grootboek_keys_cached", count, cache=cache)

    def measure_ledger(self, monotonic: float) -> None:
        """What one process says for all; the clocks of the law less often than the rest."""
        self._measure_lag()
        if self._clocks_counted is None or monotonic - self._clocks_counted >= limits.CLOCK_GAUGES_SECONDS:
            self._clocks_counted = monotonic
            for (clock, state), count in self._clocks.count(self._clock.now()).items():
                self._metrics.set("grootboek_clocks_at_risk", count, clock=clock, state=state)

    def forget_ledger(self) -> None:
        """Say nothing any more for which another one answers now, or that could not be looked up."""
        self._clocks_counted = None
        self._metrics.forget("grootboek_clocks_at_risk")
        for consumer in self._followers:
            self._metrics.forget("grootboek_consumer_lag_events", consumer=consumer)
            self._metrics.forget("grootboek_consumer_lag_seconds", consumer=consumer)

    def _measure_lag(self) -> None:
        # Positions before heads: whoever moves meanwhile is at most called less behind than he was.
        seen = {consumer: positions() for consumer, positions in self._followers.items()}
        heads = self._reader.heads()
        for consumer in FOLLOW_ALL & seen.keys():
            seen[consumer] = dict.fromkeys(heads, 0) | dict(seen[consumer])
        behind = {
            (consumer, lane): heads.get(lane, 0) - position
            for consumer, positions in seen.items()
            for lane, position in positions.items()
        }
        waiting = {(lane, seen[consumer][lane] + 1) for (consumer, lane), count in behind.items() if count > 0}
        ages = self._ages_of(waiting)
        for (consumer, lane), count in behind.items():
            self._metrics.set("grootboek_consumer_lag_events", max(count, 0), consumer=consumer, lane=lane)
            age = ages.get((lane, seen[consumer][lane] + 1), 0.0) if count > 0 else 0.0
            self._metrics.set("grootboek_consumer_lag_seconds", age, consumer=consumer, lane=lane)

    def _ages_of(self, places: set[Place]) -> dict[Place, float]:
        """How old these events are; one that was swept, or of the register's library, does not say."""
        now = self._clock.now()
        ages: dict[Place, float] = {}
        for place in places:
            try:
                (event,) = self._reader.events_at([place])
                if event.envelope is not None:
                    recorded = _read_recorded(event.envelope).recorded_at
                    ages[place] = max((now - recorded).total_seconds(), 0.0)
            except (msgspec.MsgspecError, GrootboekError):
                # A hole stops the follower itself, and loudly; here it is no reason to say nothing of the others.
                continue
        return ages
