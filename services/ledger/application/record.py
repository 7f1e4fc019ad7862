"""Recording: submissions of all callers are gathered into batches, prepared, appended and answered.

A large batch is prepared while the one before it commits; a few submissions wait for that commit and for company. When
the ledger is idle a single submission is prepared at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import TypeVar
from uuid import UUID

import msgspec

from services.ledger.application.keys import Keys
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.people import People
from services.ledger.application.ports import Appender, EventReader
from services.ledger.application.prepare import Deferred, Preparer
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.receipt import PlacedPart, build_receipt, build_refusal
from services.ledger.application.seal_events import Item, Ready
from services.ledger.contract import topics
from services.ledger.contract.errors import IdempotencyConflict, IntentConfirmed, LedgerBusy, NotStored, RecordEnded
from services.ledger.contract.messages import Caller, Receipt, Submission
from services.ledger.domain.body import subjects_of
from services.ledger.domain.identity import event_id_of
from services.ledger.domain.stored import AlreadyClaimed, AlreadyConfirmed, Appended, LaneIntent, Stale, StoredEvent
from services.runtime import limits
from services.runtime.crypto import equal
from services.runtime.errors import GrootboekError
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.trace_context import Origins, bounded, on_behalf_of

Answer = Receipt | GrootboekError
T = TypeVar("T")


class Call:
    """One call of ``record``: its answers as they come, whose trace it is, and the future its caller waits for."""

    __slots__ = ("answers", "done", "missing", "origins")

    def __init__(self, count: int, origins: Origins = ()) -> None:
        """Wait for ``count`` answers, at least one."""
        self.answers: list[Answer | None] = [None] * count
        self.missing = count
        self.origins = origins
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Waiting(msgspec.Struct, gc=False):
    """A submission whose caller waits; it stands at ``place`` in its call."""

    item: Item
    call: Call
    place: int
    events: int

    def resolve(self, answer: Answer) -> None:
        """Give the caller this answer; he hears when all of his are there."""
        call = self.call
        if call.answers[self.place] is None:
            call.answers[self.place] = answer
            call.missing -= 1
            if call.missing == 0 and not call.done.done():
                call.done.set_result(None)


class Recorder:
    """The verb ``record``; start it within the event loop, stop it when everything was answered."""

    def __init__(
        self,
        *,
        preparer: Preparer,
        appender: Appender,
        reader: EventReader,
        people: People,
        keys: Keys,
        pseudonyms: Pseudonyms,
        obligations: ObligationIds,
        telemetry: Telemetry = OFF,
    ) -> None:
        """Prepare with ``preparer``, append through ``appender``, read back through ``reader``."""
        self._telemetry = telemetry
        self._preparer = preparer
        self._appender = appender
        self._reader = reader
        self._people = people
        self._keys = keys
        self._pseudonyms = pseudonyms
        self._obligations = obligations
        self._waiting: deque[Waiting] = deque()
        self._again: list[Waiting] = []
        self._under_way: dict[asyncio.Task[None], list[Ready]] = {}
        self._open: set[asyncio.Future[None]] = set()
        self._arrived: asyncio.Event | None = None
        self._loop_task: asyncio.Task[None] | None = None
        # One thread: the secrets and persons of a batch are found before the next batch looks for them.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prepare")

    async def record(
        self, caller: Caller, submissions: Sequence[Submission], *, confirms: LaneIntent | None = None
    ) -> list[Answer]:
        """Judge, seal and append; one receipt or error per submission, in order, each after its commit.

        ``confirms``: the intent of which they are the fact; IntentConfirmed for a second one.
        """
        if len(self._waiting) + len(submissions) > limits.INTAKE_OPERATIONS_MAX:
            raise LedgerBusy
        if not submissions:
            return []
        call = Call(len(submissions), self._telemetry.origins())
        self._waiting.extend(
            [
                Waiting(item, call, place, len(subjects_of(item.submission.body)) or 1)
                for place, item in enumerate(self._preparer.items(caller, submissions, confirms))
            ]
        )
        self._open.add(call.done)
        self._start().set()
        try:
            await call.done
        finally:
            self._open.discard(call.done)
        return [answer for answer in call.answers if answer is not None]

    async def start(self) -> None:
        """Take submissions from now on; the first ``record`` does the same."""
        self._start()

    async def stop(self) -> None:
        """Answer everything that was taken, then end."""
        await asyncio.gather(*self._open, return_exceptions=True)
        if self._loop_task is not None:
            self._loop_task.cancel()
            await asyncio.gather(self._loop_task, *self._under_way, return_exceptions=True)
        self._thread.shutdown()

    def _start(self) -> asyncio.Event:
        if self._arrived is None:
            self._arrived = asyncio.Event()
            # In a context of its own: it works for all callers, and not in the trace of the first one.
            self._loop_task = asyncio.create_task(self._run(self._arrived), name="record", context=Context())
        return self._arrived

    async def _run(self, arrived: asyncio.Event) -> None:
        """Take, prepare, hand over; again."""
        while True:
            await arrived.wait()
            if self._again:
                # What was deferred or stale leans on what is under way: let that be committed first.
                await asyncio.gather(*self._under_way)
            while self._is_busy():
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            # Whoever became ready in this turn of the loop joins the batch.
            await asyncio.sleep(0)
            batch = self._take()
            if not self._waiting and not self._again:
                arrived.clear()
            if batch:
                await self._prepare(batch)

    def _is_busy(self) -> bool:
        """Whether to let a batch be committed first.

        A few submissions would only wait behind it for their lane; meanwhile others join them, and every batch has a
        price of its own, in statements and in a commit.
        """
        under_way = len(self._under_way)
        few = under_way > 0 and len(self._waiting) < limits.BATCH_COMPANY_OPERATIONS
        return few or under_way >= limits.BATCHES_IN_FLIGHT_MAX

    def _take(self) -> list[Waiting]:
        """What waits, earlier attempts first, up to one batch (at least one submission)."""
        batch, self._again = self._again, []
        events = sum(one.events for one in batch)
        while self._waiting and (not batch or events + self._waiting[0].events <= limits.BATCH_EVENTS_MAX):
            one = self._waiting.popleft()
            events += one.events
            batch.append(one)
        return batch

    async def _prepare(self, batch: list[Waiting]) -> None:
        """Prepare, answer what is wrong, hand what is ready to the append without waiting for it."""
        items = [one.item for one in batch]
        under_way = list(self._under_way.values())
        origins = self._origins_of(batch)
        try:
            with self._telemetry.batch_span("ledger.judge", origins, operations=len(batch)):
                prepared = await self._preparer.prepare(items, under_way, self._ask)
        except Exception as error:  # noqa: BLE001 - every caller hears what went wrong; the loop goes on
            for one in batch:
                one.resolve(error if isinstance(error, GrootboekError) else NotStored())
            return
        ready: list[tuple[Waiting, Ready]] = []
        for one, outcome in zip(batch, prepared, strict=True):
            if isinstance(outcome, Ready):
                ready.append((one, outcome))
            elif isinstance(outcome, Deferred):
                self._retry(one)
            else:
                one.resolve(outcome)
        if ready:
            task = asyncio.create_task(self._append(ready, origins))
            self._under_way[task] = [made for _, made in ready]
            task.add_done_callback(self._under_way.pop)

    async def _ask(self, work: Callable[[], T]) -> T:
        """What blocks, in the one thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _retry(self, one: Waiting) -> None:
        """Prepare it once more."""
        self._again.append(one)
        self._start().set()

    def _retry_stale(self, one: Waiting, stale: Stale) -> None:
        """Prepare it once more, only so many times: more often when it met a fence, for erasures may come in rows."""
        one.item.fenced += bool(stale.fenced)
        one.item.attempts += not stale.fenced
        if one.item.attempts >= limits.PREPARE_ATTEMPTS_MAX or one.item.fenced >= limits.PREPARE_FENCED_MAX:
            one.resolve(LedgerBusy())
        else:
            self._retry(one)

    def _origins_of(self, batch: Sequence[Waiting]) -> Origins:
        """The traces of those who wait for this batch, when anybody looks."""
        return bounded(origin for one in batch for origin in one.call.origins) if self._telemetry.is_on else ()

    async def _append(self, ready: Sequence[tuple[Waiting, Ready]], origins: Origins) -> None:
        """Append one batch and answer everyone in it."""
        try:
            with on_behalf_of(origins):
                results = await self._appender.append([made.operation for _, made in ready])
        except GrootboekError as error:
            self._give_up(ready, error)
            return
        except Exception:  # noqa: BLE001 - whatever the database said, every caller gets an answer
            self._give_up(ready, NotStored())
            return
        self._keep([made for (_, made), result in zip(ready, results, strict=True) if isinstance(result, Appended)])
        self._keys.fenced({lane for result in results if isinstance(result, Stale) for lane in result.fenced})
        claimed: list[tuple[Waiting, AlreadyClaimed]] = []
        for (one, made), result in zip(ready, results, strict=True):
            if isinstance(result, Appended):
                one.resolve(self._answer_of(one.item, made, result))
                continue
            self._drop(made)
            if isinstance(result, AlreadyClaimed):
                claimed.append((one, result))
            elif isinstance(result, Stale):
                self._retry_stale(one, result)
            elif isinstance(result, AlreadyConfirmed):
                one.resolve(IntentConfirmed())
            else:
                one.resolve(NotStored())
        if claimed:
            await self._answer_again(claimed)

    def _give_up(self, ready: Sequence[tuple[Waiting, Ready]], error: GrootboekError) -> None:
        for one, made in ready:
            self._drop(made)
            one.resolve(error)

    def _keep(self, stored: Sequence[Ready]) -> None:
        """What these operations brought stands in the tables now."""
        self._people.stored([row for made in stored for row in made.operation.identifiers])
        self._keys.stored([row for made in stored for row in made.operation.secrets])

    def _drop(self, made: Ready) -> None:
        """What the operation would have brought may not stand in the tables."""
        self._people.forget(made.operation.identifiers)
        self._keys.forget(made.operation.secrets)

    def _answer_of(self, item: Item, made: Ready, result: Appended) -> Answer:
        """The answer to what was stored just now."""
        refs = self._pseudonyms.refs(item.caller.party, item.persons)
        if made.refused:
            return build_refusal(made.envelopes, refs, self._preparer.view_at)
        events, positions, leaf_hashes = made.operation.events, result.positions, result.leaf_hashes
        parts = [
            PlacedPart(made.envelopes[n], made.event_ids[n], event.lane, event.stream_id, positions[n], leaf_hashes[n])
            for n, event in enumerate(events)
        ]
        return build_receipt(parts, refs, self._obligations, self._preparer.view_at)

    async def _answer_again(self, claimed: Sequence[tuple[Waiting, AlreadyClaimed]]) -> None:
        """The same answer as before for the same body, rebuilt from the stored events; a conflict for another."""
        same: list[Waiting] = []
        for one, result in claimed:
            if equal(result.body_hash, one.item.body_hash):
                same.append(one)
            else:
                one.resolve(IdempotencyConflict())
        if not same:
            return
        try:
            ids = [one.item.operation_id for one in same]
            events = await asyncio.to_thread(self._reader.events_of_operation, ids)
            by_operation: dict[UUID | None, list[StoredEvent]] = {}
            for event in events:
                by_operation.setdefault(event.operation_id, []).append(event)
            for one in same:
                one.resolve(self._replay(one.item, by_operation.get(one.item.operation_id, [])))
        except GrootboekError as error:
            for one in same:
                one.resolve(error)
        except Exception:  # noqa: BLE001 - whatever the database said, every caller gets an answer
            for one in same:
                one.resolve(NotStored())

    def _replay(self, item: Item, events: Sequence[StoredEvent]) -> Answer:
        """The receipt or refusal of stored events."""
        refs = self._pseudonyms.refs(item.caller.party, item.persons)
        if not events:
            return NotStored()
        if any(event.envelope is None for event in events):
            return RecordEnded()
        if events[0].topic == topics.PROCESSING_REFUSED:
            return build_refusal([event.read_envelope() for event in events], refs, self._preparer.view_at)
        parts = [
            PlacedPart(
                event.read_envelope(),
                event_id_of(item.operation_id, event.stream_id),
                event.lane,
                event.stream_id,
                event.position,
                event.leaf_hash,
            )
            for event in events
        ]
        return build_receipt(parts, refs, self._obligations, self._preparer.view_at)
