"""Two processes that remember, and write, fence, end, destroy, rotate and read in any order: nothing slips through.

At every look an act opens if and only if neither its dossier nor its day was ended; so no erased event is readable, and
none is lost that was acknowledged under a living dossier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import Retention
from services.ledger.contract import topics
from services.ledger.domain.identity import operation_id_of
from services.ledger.domain.stored import Appended, DossierGeneration, LaneDay, PreparedOperation, Stale, StoredEvent
from services.runtime import limits
from tests.support.ending_keys import EndingLedger
from tests.support.operations import prepare, prepare_event
from tests.support.processes import Process, Tables, dossier_of, memory_world
from tests.support.recording import BSNS, NOW, act, caller, person, submission

T = TypeVar("T")
PERSONS = BSNS[:2]
DAYS_AHEAD = (300, 400)

PROCESS = st.integers(0, 1)
PERSON = st.integers(0, len(PERSONS) - 1)
STEP = st.one_of(
    st.tuples(st.just("prepare"), PROCESS, PERSON, st.sampled_from(DAYS_AHEAD)),
    st.tuples(st.just("append"), PROCESS, st.integers(0, 3), st.just(0)),
    st.tuples(st.just("fence"), PROCESS, PERSON, st.just(0)),
    st.tuples(st.just("destroy"), PROCESS, PERSON, st.just(0)),
    st.tuples(st.just("end"), PROCESS, st.just(0), st.sampled_from(DAYS_AHEAD)),
    st.tuples(st.just("read"), PROCESS, st.just(0), st.just(0)),
    st.tuples(st.just("wait"), PROCESS, st.just(0), st.sampled_from((1, limits.SECRET_CACHE_SECONDS_MAX + 1))),
    st.tuples(st.just("rotate"), PROCESS, st.just(0), st.just(0)),
)


class Pending(msgspec.Struct):
    """An act on its way: prepared, not appended yet."""

    key: str
    person: int
    days_ahead: int
    operation: PreparedOperation


class Play:
    """The two processes, and beside them what should be readable."""

    def __init__(self, tables: Tables, processes: tuple[Process, Process]) -> None:
        """Begin with nothing."""
        self.tables = tables
        self.processes = processes
        self.pending: tuple[list[Pending], list[Pending]] = ([], [])
        self.ended: set[DossierGeneration | LaneDay] = set()
        self.count = 0

    async def step(self, name: str, number: int, which: int, amount: int) -> None:
        """Take one step."""
        process = self.processes[number]
        self.count += 1
        if name == "prepare":
            made = await self.prepare(process, f"k{self.count}", which, amount)
            self.pending[number].append(made)
        elif name == "append" and self.pending[number]:
            await self.append(number, which % len(self.pending[number]))
        elif name == "fence":
            places = self.active_of(which)
            await process.fence(places, f"fence{self.count}")
            self.ended.update(places)
        elif name == "destroy":
            places = self.active_of(which)
            self.tables.store.destroy_dossiers(places, self.tables.clock.now())
            self.ended.update(places)
        elif name == "end":
            days = tuple((lane, day_of(amount)) for lane in range(self.tables.lanes))
            events = [prepare_event(lane, topic=topics.RETENTION_DAY_ENDED) for lane, _ in days]
            await process.appender.append([prepare(*events, days=days)])
            self.ended.update(days)
        elif name == "read":
            self.look(process)
        elif name == "wait":
            self.tables.clock.advance(seconds=amount)
        elif name == "rotate":
            self.tables.clock.advance(days=7)
            await EndingLedger(self.tables).join(process).weeks.rotate_week()

    async def prepare(self, process: Process, key: str, which: int, days_ahead: int) -> Pending:
        """Judge and seal an act."""
        term = Retention(period=f"P{days_ahead}D")
        body = act(subjects=(person(PERSONS[which]),), record_retention=term)
        (item,) = process.preparer.items(caller(), [submission(body, key)])
        (ready,) = await process.preparer.prepare([item], [], ask)
        return Pending(key, which, days_ahead, ready.operation)  # type: ignore[union-attr]

    async def append(self, number: int, index: int) -> None:
        """Append one act; what is stale is prepared again and stays on its way."""
        process, one = self.processes[number], self.pending[number][index]
        (result,) = await process.appender.append([one.operation])
        process.keys.fenced(result.fenced if isinstance(result, Stale) else ())
        if isinstance(result, Appended):
            del self.pending[number][index]
            process.keys.stored(one.operation.secrets)
            process.people.stored(one.operation.identifiers)
            (event,) = self.tables.reader.events_of_operation([operation_id_of("burgemeester", one.key)])
            assert not self.is_ended(event), "acknowledged under what had ended before"
        else:
            process.keys.forget(one.operation.secrets)
            process.people.forget(one.operation.identifiers)
            self.pending[number][index] = await self.prepare(process, one.key, one.person, one.days_ahead)

    def active_of(self, which: int) -> list[DossierGeneration]:
        """The living dossiers of a person."""
        pseudonyms = self.processes[0].pseudonyms
        lookup = pseudonyms.place(pseudonyms.person("BSN", PERSONS[which]))
        found = self.tables.identities.find_streams([lookup])
        return [
            (row.lane, row.stream_id, scope, generation)
            for row in found.values()
            for scope, generation, state in self.tables.store.dossiers_of(row.lane, row.stream_id)
            if state == "active"
        ]

    def is_ended(self, event: StoredEvent) -> bool:
        """Whether the dossier or the day of an act has ended; an envelope without content has nothing that could."""
        ends = event.read_envelope().record_ends
        assert ends is not None
        return bool(event.state) and bool({dossier_of(event), (event.lane, ends)} & self.ended)

    def look(self, process: Process) -> None:
        """Compare what opens with what should."""
        acts = self.tables.events(topics.PROCESSING_RECORDED)
        readable = [content is not None for content in process.opener.open(acts)]
        assert readable == [bool(event.state) and not self.is_ended(event) for event in acts]


def day_of(days_ahead: int) -> date:
    """The last day of a record with such a term."""
    return NOW.date() + timedelta(days=days_ahead)


async def ask(work: Callable[[], T]) -> T:
    """Do what blocks at once."""
    return work()


@given(steps=st.lists(STEP, min_size=10, max_size=60), lanes=st.sampled_from((1, 2)))
def test_nothing_erased_is_readable_and_nothing_living_is_lost(
    steps: list[tuple[str, int, int, int]], lanes: int
) -> None:
    """Whatever the order, both processes read exactly what lives, at every look and in the end."""

    async def told() -> None:
        async with memory_world(lanes) as world, world.process() as first, world.process() as second:
            play = Play(world.tables, (first, second))
            for step in steps:
                await play.step(*step)
            for number in (0, 1):
                while play.pending[number]:
                    await play.append(number, 0)
            for process in (first, second, Process(world.tables, first.appender)):
                play.look(process)

    asyncio.run(told())
