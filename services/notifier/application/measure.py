"""What the metrics say of notifier: how far it is behind, what is overdue, how long messages wait."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from services.ledger.contract.positions import REGISTER_LANE
from services.notifier.application.ports import Store
from services.notifier.domain.errors import FollowedTooFar
from services.notifier.domain.signs import read_signs
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.errors import GrootboekError
from services.runtime.metrics import Metrics

CONSUMER: Final = "notifier"


class Lanes(Protocol):
    """How far the lanes of the ledger are, from a thread."""

    def heads(self) -> Mapping[int, int]:
        """The last position of every lane."""
        ...

    def envelope_after(self, lane: int, position: int) -> bytes | None:
        """The envelope of the event that follows a position; None when there is none, or it was swept."""
        ...


class MeasureNotifier:
    """Sets the gauges of the notifier that leads, every few seconds at most; blocking, for its thread."""

    def __init__(self, *, clock: Clock, metrics: Metrics) -> None:
        """Ages are measured by the ledger's own ``clock``."""
        self._clock = clock
        self._metrics = metrics
        self._measured_at: float | None = None

    def step(self, store: Store, lanes: Lanes | None) -> None:
        """Measure, unless that was done a moment ago; what the ledger does not tell now is left as it was.

        FollowedTooFar when the ledger has less than was followed: then nothing may go on.
        """
        monotonic = time.monotonic()
        if self._measured_at is not None and monotonic - self._measured_at < limits.GAUGES_SECONDS:
            return
        self._measured_at = monotonic
        self._measure_store(store, self._clock.now())
        if lanes is not None:
            try:
                self._measure_lag(store.cursor(), lanes)
            except FollowedTooFar:
                raise
            except GrootboekError:
                # The notifier itself says loudly that the ledger does not answer, when it needs it.
                return

    def forget(self) -> None:
        """Say nothing any more: another one leads, or nobody can look."""
        self._measured_at = None
        self._metrics.forget("grootboek_obligations_overdue")
        self._metrics.forget("grootboek_outbox_messages")
        self._metrics.forget("grootboek_outbox_age_seconds")
        self._metrics.forget("grootboek_consumer_lag_events", consumer=CONSUMER)
        self._metrics.forget("grootboek_consumer_lag_seconds", consumer=CONSUMER)

    def _measure_store(self, store: Store, now: datetime) -> None:
        for kind, count in store.count_overdue(now).items():
            self._metrics.set("grootboek_obligations_overdue", count, kind=kind)
        outbox = store.measure_outbox()
        self._metrics.set("grootboek_outbox_messages", outbox.waiting, state="waiting")
        self._metrics.set("grootboek_outbox_messages", outbox.unrecorded, state="unrecorded")
        age = 0.0 if outbox.oldest is None else (now - outbox.oldest).total_seconds()
        self._metrics.set("grootboek_outbox_age_seconds", max(age, 0.0))

    def _measure_lag(self, cursor: Mapping[int, int], lanes: Lanes) -> None:
        now = self._clock.now()
        heads = lanes.heads()
        for lane, head in heads.items():
            if lane == REGISTER_LANE:
                # Nobody follows it here: whoever answers notifier knows the register.
                continue
            followed = cursor.get(lane, 0)
            # The cursor was read first, and nothing is followed before the ledger has it.
            if followed > head:
                raise FollowedTooFar(lane, followed)
            behind = head - followed
            age = 0.0
            if behind and (envelope := lanes.envelope_after(lane, followed)) is not None:
                age = max((now - read_signs(envelope).recorded_at).total_seconds(), 0.0)
            self._metrics.set("grootboek_consumer_lag_events", behind, consumer=CONSUMER, lane=lane)
            self._metrics.set("grootboek_consumer_lag_seconds", age, consumer=CONSUMER, lane=lane)
