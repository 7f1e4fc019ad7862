"""Send what waits in the outbox; what fails is tried again, ever more rarely, and ends loudly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from services.notifier.application.ports import Channel, Ledger, LetterKeys, Store, Waiting
from services.notifier.application.prepare_message import Prepared, PrepareMessage
from services.notifier.application.route_book import FOLDER, RouteBook
from services.notifier.application.trace import NotifierTrace
from services.notifier.contract.letters import LetterState
from services.notifier.domain.backoff import message_backoff
from services.notifier.domain.errors import LetterKeyGone
from services.notifier.domain.messages import Delivery, short_digest
from services.runtime import limits
from services.runtime.crypto import SealBroken
from services.runtime.errors import GrootboekError
from services.runtime.log import Log
from services.runtime.log_events import (
    ADDRESSES_REFUSED,
    MESSAGE_DELIVERED,
    MESSAGE_FAILED,
    MESSAGE_POSTPONED,
    MESSAGES_HELD,
    ROUTE_STOPPED,
)
from services.runtime.metrics import Metrics

ACCEPTED: Final = "+"
REFUSED: Final = "-"


class Deliver:
    """Sends a few messages at once, so that one slow party does not hold up the others; keeps the books alone."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        prepare: PrepareMessage,
        channels: Mapping[str, Channel],
        routes: RouteBook,
        keys: LetterKeys,
        log: Log,
        metrics: Metrics,
        trace: NotifierTrace | None = None,
    ) -> None:
        """Take the outbox, the channels by name, and who is told what became of a message."""
        self._trace = trace or NotifierTrace()
        self._store = store
        self._ledger = ledger
        self._prepare = prepare
        self._channels = channels
        self._routes = routes
        self._keys = keys
        self._log = log
        self._metrics = metrics
        for channel in channels:
            metrics.begin("grootboek_messages_total", channel=channel, outcome="failed")

    def step(self, now: datetime) -> int:
        """Make one attempt for each of some messages; how many."""
        rows = self._store.to_send(now, limits.MESSAGES_PER_PIECE_MAX)
        if not rows:
            return 0
        ready = list(self._ready(rows, now))
        with ThreadPoolExecutor(limits.MESSAGES_AT_ONCE_MAX, thread_name_prefix="notifier-send") as pool:
            deliveries = list(pool.map(self._send, ready))
        for (row, prepared), delivery in zip(ready, deliveries, strict=True):
            self._settle(row, prepared, delivery, now)
        return len(rows)

    def _ready(self, rows: list[Waiting], now: datetime) -> Iterator[tuple[Waiting, Prepared]]:
        """The messages that may leave; the others are dealt with here."""
        for row in rows:
            if row.is_overtaken:
                self._end(row, "overtaken", "duty-met", now)
                continue
            if row.to_person and not self._may_tell(row, now):
                continue
            try:
                prepared = self._prepare.prepare(row)
            except (LetterKeyGone, SealBroken) as error:
                self._fail(row, error.code, now)
                continue
            if prepared is not None and prepared.route.channel in self._channels:
                yield row, prepared
            elif row.to_person:
                self._postpone(row, "channel-missing", row.settled, now)
            else:
                self._reroute(row, "route-gone")

    def _may_tell(self, row: Waiting, now: datetime) -> bool:
        """Whether no exemption is open now; when nobody can say, the letter waits."""
        try:
            may_tell = self._ledger.may_tell_person(row.lane, row.stream_id)
        except Exception as error:
            if isinstance(error, GrootboekError) and error.retryable:
                raise
            self._postpone(row, type(error).__name__, row.settled, now)
            return False
        if not may_tell:
            self._log.write(MESSAGES_HELD, kind=row.kind, count=1)
            self._end(row, "held", "exemption-open", now)
        return may_tell

    def _send(self, each: tuple[Waiting, Prepared]) -> Delivery:
        """One attempt; a channel that breaks is no reason to stop the others."""
        row, prepared = each
        channel = prepared.route.channel
        with self._trace.deliver(row.id, kind=row.kind, channel=channel, attempt=row.attempts + 1) as span:
            try:
                delivery = self._channels[channel].send(prepared.message)
            except Exception as error:  # noqa: BLE001 - whatever it is, the message waits and the log says its type
                delivery = Delivery(outcome="postponed", reason=type(error).__name__)
            span.note(outcome=delivery.outcome)
        return delivery

    def _settle(self, row: Waiting, prepared: Prepared, delivery: Delivery, now: datetime) -> None:
        """Write down what became of an attempt."""
        settled = (*row.settled, *marks(ACCEPTED, delivery.accepted), *marks(REFUSED, delivery.refused))
        if delivery.refused:
            count = len(delivery.refused)
            self._log.write(ADDRESSES_REFUSED, message_id=str(row.id), kind=row.kind, channel=row.channel, count=count)
        reached = any(mark.startswith(ACCEPTED) for mark in settled)
        if delivery.outcome == "delivered" or (delivery.outcome == "refused" and reached):
            self._sent(row, now)
        elif delivery.outcome == "postponed":
            self._postpone(row, delivery.reason, settled, now)
        elif delivery.outcome == "stopped" and not row.to_person:
            self._routes.stop(prepared.route.key)
            self._reroute(row, delivery.reason)
        else:
            self._fail(row, delivery.reason, now)

    def _sent(self, row: Waiting, now: datetime) -> None:
        self._store.mark_sent(row.id, now, _forget_at(row, now))
        self._log.write(
            MESSAGE_DELIVERED, message_id=str(row.id), kind=row.kind, channel=row.channel, attempt=row.attempts + 1
        )
        self._count(row, "sent")

    def _postpone(self, row: Waiting, reason: str, settled: tuple[str, ...], now: datetime) -> None:
        """Try again later, unless it has been tried often enough."""
        attempts = row.attempts + 1
        if attempts >= limits.MESSAGE_ATTEMPTS_MAX:
            self._fail(row, reason, now)
            return
        wait = message_backoff(attempts)
        self._store.mark_postponed(row.id, now + wait, reason, settled)
        self._log.write(
            MESSAGE_POSTPONED,
            message_id=str(row.id),
            kind=row.kind,
            channel=row.channel,
            attempt=attempts,
            reason=reason,
            retry_seconds=int(wait.total_seconds()),
        )
        self._count(row, "postponed")

    def _reroute(self, row: Waiting, reason: str) -> None:
        """The route is no more: into the party's folder with it, so that it is not lost."""
        self._log.write(ROUTE_STOPPED, message_id=str(row.id), channel=row.channel, reason=reason)
        self._store.reroute(row.id, FOLDER.channel, FOLDER.key)

    def _fail(self, row: Waiting, reason: str, now: datetime) -> None:
        self._log.write(
            MESSAGE_FAILED,
            message_id=str(row.id),
            kind=row.kind,
            channel=row.channel,
            attempt=row.attempts + 1,
            reason=reason,
        )
        self._end(row, "failed", reason, now)

    def _end(self, row: Waiting, state: LetterState, reason: str, now: datetime) -> None:
        """It will not be sent; what was sealed of a letter is gone."""
        self._store.mark_ended(row.id, state, reason, now)
        if row.to_person:
            self._keys.destroy(row.id)
        self._count(row, state)

    def _count(self, row: Waiting, outcome: str) -> None:
        self._metrics.count("grootboek_messages_total", channel=row.channel, outcome=outcome)


def marks(sign: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses that are settled, as the outbox keeps them: without the address itself."""
    return tuple(f"{sign}{short_digest(address)}" for address in addresses)


def _forget_at(row: Waiting, now: datetime) -> datetime | None:
    """Until when the copy in the folder of a letter to a person may lie there; other messages name nobody."""
    if not row.to_person or row.channel != "letter":
        return None
    return now + timedelta(days=limits.LETTER_FILE_DAYS_MAX)
