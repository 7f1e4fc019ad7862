"""The group-commit writer: everything that waits for a lane commits together, and every caller hears after the commit.

An operation in one lane waits in that lane's queue; one that touches several waits in the shared queue. Nothing waits
for company: a commit starts at once when none is under way, and what arrives meanwhile forms the next batch.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from typing import Final

from services.ledger.contract.errors import LedgerBusy
from services.ledger.domain.stored import (
    AlreadyClaimed,
    AlreadyConfirmed,
    Appended,
    AppendResult,
    PreparedOperation,
    Stale,
    Unstorable,
)
from services.ledger.storage.append import Committed, lanes_of
from services.ledger.storage.writer_batch import RETRY_REASONS, BatchCommit
from services.ledger.storage.writer_connections import WriterConnections
from services.runtime import limits
from services.runtime.errors import GrootboekError, Unavailable
from services.runtime.log import Log
from services.runtime.metrics import Labels, Metrics, as_labels
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.trace_context import LaneOrigins, Origins, bounded, on_behalf_of

SHARED: Final = -1
"""The name of the queue for operations over several lanes."""
OUTCOMES: Final[Mapping[type[AppendResult], Labels]] = {
    Appended: as_labels({"outcome": "stored"}),
    AlreadyClaimed: as_labels({"outcome": "claimed"}),
    # Somebody was first here too, with another key.
    AlreadyConfirmed: as_labels({"outcome": "claimed"}),
    Stale: as_labels({"outcome": "stale"}),
    Unstorable: as_labels({"outcome": "unstorable"}),
}

CommitHook = Callable[[Mapping[int, int]], None]
"""Is called in the event loop with the last position of each lane that moved."""


class Ticket:
    """A part of one call that fits in one batch, with the future its caller waits for."""

    __slots__ = ("events", "future", "operations", "origins")

    def __init__(self, operations: Sequence[PreparedOperation], events: int, origins: Origins = ()) -> None:
        """Take the operations, the number of their events, and the traces they belong to."""
        self.operations = operations
        self.events = events
        self.origins = origins
        self.future: asyncio.Future[list[AppendResult]] = asyncio.get_running_loop().create_future()


class LaneQueue:
    """Tickets in order of arrival; `take` gives the next batch."""

    def __init__(self) -> None:
        """Begin empty."""
        self._tickets: deque[Ticket] = deque()
        self._arrived = asyncio.Event()

    def put(self, ticket: Ticket) -> None:
        """Add a ticket at the end."""
        self._tickets.append(ticket)
        self._arrived.set()

    async def take(self) -> list[Ticket]:
        """Wait until there is something, then take as much as one batch may hold (at least one ticket)."""
        await self._arrived.wait()
        # Whoever became ready in this turn of the loop joins the batch.
        await asyncio.sleep(0)
        tickets = [self._tickets.popleft()]
        events = tickets[0].events
        while self._tickets and events + self._tickets[0].events <= limits.BATCH_EVENTS_MAX:
            ticket = self._tickets.popleft()
            events += ticket.events
            tickets.append(ticket)
        if not self._tickets:
            self._arrived.clear()
        return tickets

    def drop(self) -> list[Ticket]:
        """Give back everything that was not taken."""
        tickets = list(self._tickets)
        self._tickets.clear()
        self._arrived.clear()
        return tickets


class AppendWriter:
    """The Appender on PostgreSQL. Several writers, in any number of processes, may write the same ledger.

    Lives in the event loop in which it was started.
    """

    def __init__(
        self,
        *,
        conninfo: str,
        connections_max: int = limits.POSTGRES_POOL_ASYNC_MAX,
        metrics: Metrics | None = None,
        log: Log | None = None,
        on_committed: CommitHook | None = None,
        telemetry: Telemetry = OFF,
    ) -> None:
        """Take the database and who wants to know of commits; nothing happens before `start`."""
        self._telemetry = telemetry
        self.lane_origins = LaneOrigins()
        self._connections = WriterConnections(conninfo, connections_max)
        self._metrics = metrics or Metrics()
        begin_counters(self._metrics)
        self._log = log
        self._on_committed = on_committed
        self._queues: dict[int, LaneQueue] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._waiting_events = 0
        self._drained = asyncio.Event()
        self._drained.set()
        self._accepting = False

    async def start(self) -> None:
        """Begin to accept operations; connections are made when first needed."""
        self._accepting = True

    async def stop(self) -> None:
        """Accept nothing more, commit what waits (for a bounded time), then close."""
        self._accepting = False
        try:
            async with asyncio.timeout(limits.SHUTDOWN_SECONDS_MAX):
                await self._drained.wait()
        except TimeoutError:
            self._abandon()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()
        await self._connections.close()

    async def append(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Commit each operation whole; one result per operation, in order.

        Raise LedgerBusy when the queue is full or closing (nothing was stored), Unavailable when the database takes
        nothing now: operations of this call may then have been stored, and the same call again tells which.
        """
        if not operations:
            return []
        events = sum([len(operation.events) for operation in operations])
        if not self._accepting or (self._waiting_events and self._waiting_events + events > limits.QUEUE_EVENTS_MAX):
            raise LedgerBusy
        self._account(events)
        routes = route(operations)
        if len(routes) == 1:
            ((queue, _),) = routes.items()
            return await self._enqueue(queue, operations)
        groups = [[operations[index] for index in indexes] for indexes in routes.values()]
        parts = await gather_all([self._enqueue(queue, group) for queue, group in zip(routes, groups, strict=True)])
        results = {
            index: result
            for indexes, part in zip(routes.values(), parts, strict=True)
            for index, result in zip(indexes, part, strict=True)
        }
        return [results[index] for index in range(len(operations))]

    async def _enqueue(self, queue: int, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Put operations in a queue, in parts that each fit in a batch, and wait for all of them."""
        tickets = tickets_of(operations, self._telemetry.origins())
        waiting = self._queue(queue)
        for ticket in tickets:
            waiting.put(ticket)
        if len(tickets) == 1:
            return await tickets[0].future
        return [result for part in await gather_all([ticket.future for ticket in tickets]) for result in part]

    def _queue(self, name: int) -> LaneQueue:
        """Return a queue; the first use starts its task."""
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = LaneQueue()
            # In a context of its own: it works for all callers, and not in the trace of the first one.
            self._tasks[name] = asyncio.create_task(self._run(name, queue), name=f"append-{name}", context=Context())
        return queue

    async def _run(self, name: int, queue: LaneQueue) -> None:
        """Commit the batches of one queue, one after the other, for as long as the writer lives."""
        while True:
            tickets = await queue.take()
            operations = [operation for ticket in tickets for operation in ticket.operations]
            try:
                results = await self._commit(name, tickets, operations)
            except GrootboekError as error:
                fail(tickets, error)
            except asyncio.CancelledError:
                fail(tickets, Unavailable())
                raise
            except Exception as error:  # noqa: BLE001 - the queue must outlive a fault of our own; the callers hear of it
                unavailable = Unavailable()
                unavailable.__cause__ = error
                fail(tickets, unavailable)
            else:
                resolve(tickets, results)
            finally:
                self._account(-sum([ticket.events for ticket in tickets]))

    async def _commit(
        self, name: int, tickets: Sequence[Ticket], operations: Sequence[PreparedOperation]
    ) -> list[AppendResult]:
        """Commit one batch, in a span when anybody looks."""
        commit = BatchCommit(self._connections, self, self._log)
        if not self._telemetry.is_on:
            return await commit.commit(operations)
        origins = bounded(origin for ticket in tickets for origin in ticket.origins)
        events = sum(ticket.events for ticket in tickets)
        counted = {"events": events, "operations": len(operations)} | ({} if name == SHARED else {"lane": name})
        with on_behalf_of(origins), self._telemetry.batch_span("ledger.append", origins, **counted):
            return await commit.commit(operations)

    def _account(self, events: int) -> None:
        """Count events in or out."""
        self._waiting_events += events
        self._metrics.set("grootboek_append_queue_events", self._waiting_events)
        if self._waiting_events:
            self._drained.clear()
        else:
            self._drained.set()

    def _abandon(self) -> None:
        """Tell everybody whose batch never started that nothing was stored."""
        for queue in self._queues.values():
            tickets = queue.drop()
            fail(tickets, LedgerBusy())
            self._account(-sum([ticket.events for ticket in tickets]))

    def committed(self, committed: Committed, seconds: float) -> None:
        """Measure a commit and wake who waits for it; a hook that raises cannot hurt the writer."""
        self._metrics.observe("grootboek_append_seconds", seconds)
        self._metrics.observe("grootboek_append_batch_events", sum(committed.stored.values()))
        for outcome, count in Counter(map(type, committed.results)).items():
            self._metrics.count_series("grootboek_operations_total", OUTCOMES[outcome], count)
        if self._telemetry.is_on:
            self.lane_origins.note(committed.heads.items(), self._telemetry.origins())
        for lane, events in committed.stored.items():
            self._metrics.count("grootboek_events_appended_total", events, lane=lane)
            self._metrics.set("grootboek_lane_position", committed.heads[lane], lane=lane)
        if committed.heads and self._on_committed is not None:
            asyncio.get_running_loop().call_soon(self._on_committed, committed.heads)

    def bisected(self) -> None:
        """Count a batch that was split."""
        self._metrics.count("grootboek_batches_bisected_total")

    def retried(self, reason: str) -> None:
        """Count a commit that is tried again."""
        self._metrics.count("grootboek_append_retries_total", reason=reason)

    def unstorable(self) -> None:
        """Count an operation that the database refused by itself."""
        self._metrics.count_series("grootboek_operations_total", OUTCOMES[Unstorable])


def begin_counters(metrics: Metrics) -> None:
    """Show at zero what an alert watches from the first one on."""
    for labels in OUTCOMES.values():
        metrics.count_series("grootboek_operations_total", labels, 0)
    for reason in RETRY_REASONS:
        metrics.begin("grootboek_append_retries_total", reason=reason)


def route(operations: Sequence[PreparedOperation]) -> dict[int, list[int]]:
    """Return the indexes of the operations by the queue they belong in."""
    together = lanes_of(operations)
    if len(together) == 1:
        return {together.pop(): list(range(len(operations)))}
    routes: dict[int, list[int]] = {}
    for index, operation in enumerate(operations):
        lanes = lanes_of((operation,))
        routes.setdefault(lanes.pop() if len(lanes) == 1 else SHARED, []).append(index)
    return routes


def tickets_of(operations: Sequence[PreparedOperation], origins: Origins = ()) -> list[Ticket]:
    """Cut operations into tickets of at most a batch; an operation is never cut."""
    tickets: list[Ticket] = []
    start = events = 0
    for index, operation in enumerate(operations):
        own = len(operation.events)
        if events and events + own > limits.BATCH_EVENTS_MAX:
            tickets.append(Ticket(operations[start:index], events, origins))
            start, events = index, 0
        events += own
    return [*tickets, Ticket(operations[start:], events, origins)]


def resolve(tickets: Sequence[Ticket], results: Sequence[AppendResult]) -> None:
    """Give every ticket its slice of the results; a caller that has gone is passed over."""
    start = 0
    for ticket in tickets:
        end = start + len(ticket.operations)
        if not ticket.future.done():
            ticket.future.set_result(list(results[start:end]))
        start = end


def fail(tickets: Sequence[Ticket], error: GrootboekError) -> None:
    """Give every ticket the error."""
    for ticket in tickets:
        if not ticket.future.done():
            ticket.future.set_exception(error)


async def gather_all(waited: Sequence[Awaitable[list[AppendResult]]]) -> list[list[AppendResult]]:
    """Wait for every part, also after one failed: no part may be left without anybody who hears its end."""
    parts = await asyncio.gather(*waited, return_exceptions=True)
    for part in parts:
        if isinstance(part, BaseException):
            raise part
    return [part for part in parts if not isinstance(part, BaseException)]
