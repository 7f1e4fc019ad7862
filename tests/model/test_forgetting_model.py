"""Whatever ends, is held, moved, erased and swept in a lane: each line ends as its history read forward says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ledger.application.retention_ports import SweepReason
from services.ledger.application.sweep import REASONS, ranges_of
from services.ledger.contract import topics
from services.ledger.contract.events import Envelope, ErasedDossier
from services.ledger.domain.identity import lane_stream
from services.ledger.storage.projections.connection import connect
from services.ledger.storage.projections.kept_lines import PostgresKeptLines
from services.ledger.storage.projections.projector import find_pending, project_lane
from services.ledger.storage.projections.shadow import PostgresShadow
from services.ledger.storage.sweeper import PostgresSweeper
from services.runtime.postgres import SyncPool, migrate, sync_pool
from tests.model.forgetting_oracle import Lane
from tests.support.envelopes import Event, insert_events, make_envelope

START = date(2026, 9, 1)
PERSONS = tuple(UUID(int=number << 64, version=4) for number in (1, 2))
SCOPES = ("aa" * 16, "bb" * 16)
HOLDS = tuple(UUID(int=number) for number in (11, 12, 13))
LANE = 0
RESET = (
    "TRUNCATE stored_events, lane_head, sweep_cursor, event_key, cursor, dossier_line, holding_act, subject_read,"
    " later_line, term_change, ended_day, hold, hold_line, erasure"
)
LINES = "SELECT position, record_ends::text, kept_until::text FROM dossier_line ORDER BY position"
ASTRAY = """
SELECT count(*) FROM holding_act AS act JOIN dossier_line AS line USING (lane, position)
WHERE act.kept_until <> line.kept_until
"""

days = st.integers(0, 7).map(lambda number: START + timedelta(days=number))
ends = st.one_of(days, days, days, st.none())
parties = st.sampled_from(("college", "politie"))


class World:
    """A lane in the database and the oracle beside it; ``today`` moves forward only."""

    def __init__(self, connection: psycopg.Connection[Any], pool: SyncPool, data: st.DataObject) -> None:
        self.connection, self.draw = connection, data.draw
        self.lines, self.sweeper = PostgresKeptLines(pool=pool), PostgresSweeper(pool=pool)
        self.oracle = Lane()
        self.today = START
        self.waiting: list[Event] = []
        self.chosen: list[Event] = []
        self.acts: list[tuple[UUID, Envelope]] = []

    def add(self, stream: UUID, topic: str, **fields: Any) -> Envelope:
        """Append an event."""
        envelope = make_envelope(occurred_at=datetime(2026, 9, 1, 12, tzinfo=UTC), **{"author": "college", **fields})
        self.waiting.append((LANE, stream, topic, envelope))
        return envelope

    def act(self) -> None:
        """An act that gives a holding."""
        person = self.draw(st.sampled_from(PERSONS))
        envelope = self.add(
            person,
            topics.PROCESSING_RECORDED,
            controller=self.draw(parties),
            operation_class="collect",
            data_categories=("name",),
            record_ends=self.draw(ends),
            holding_ends=self.draw(ends),
            case_index=self.draw(st.sampled_from((None, "cc"))),
            scope=self.draw(st.sampled_from(SCOPES)),
            generation=self.draw(st.integers(1, 2)),
            **self.draw(st.sampled_from(({}, {"covenant": "huis", "annex": "a"}, {"covenant": "huis", "annex": "b"}))),
        )
        self.acts.append((person, envelope))

    def later(self) -> None:
        """Something about an act: a correction, or other terms."""
        if not self.acts:
            return
        person, act = self.draw(st.sampled_from(self.acts))
        topic = self.draw(st.sampled_from((topics.PROCESSING_CORRECTED, topics.RETENTION_SET, topics.RETENTION_SET)))
        fields: dict[str, Any] = {"correction": self.draw(st.sampled_from(("annulled", "correction")))}
        if topic == topics.RETENTION_SET:
            fields = {"new_record_ends": self.draw(ends), "new_holding_ends": self.draw(ends)}
        self.add(
            person,
            topic,
            about_operation=act.operation_id,
            record_ends=self.draw(st.sampled_from((act.record_ends, self.draw(ends)))),
            scope=act.scope,
            generation=act.generation,
            **fields,
        )

    def hold(self) -> None:
        """A hold on a person, a case, a covenant or all of a party."""
        person = self.draw(st.sampled_from((*PERSONS, None)))
        named = self.draw(
            st.sampled_from(
                (
                    {},
                    {"hold_party": "college"},
                    {"case_index": "cc"},
                    {"covenant": "huis"},
                    {"covenant": "huis", "annex": "a"},
                )
            )
        )
        hold_id, record_ends = self.draw(st.sampled_from(HOLDS)), self.draw(days)
        self.add(
            person or lane_stream(LANE),
            topics.HOLD_PLACED,
            hold_id=hold_id,
            record_ends=record_ends,
            hold_kind="court",
            **named,
        )

    def release(self) -> None:
        """The end of a hold."""
        hold_id, record_ends = self.draw(st.sampled_from(HOLDS)), self.draw(days)
        self.add(lane_stream(LANE), topics.HOLD_RELEASED, hold_id=hold_id, record_ends=record_ends)

    def pass_days(self) -> None:
        """Midnights pass; some of the days are ended in the lane."""
        for _ in range(self.draw(st.integers(1, 3))):
            if self.draw(st.booleans()):
                self.add(lane_stream(LANE), topics.RETENTION_DAY_ENDED, day=self.today)
            self.today += timedelta(days=1)

    def end_days(self) -> None:
        """All days that have passed are ended, as retention does."""
        self.project()
        for day in self.lines.days_to_end(self.today):
            self.add(lane_stream(LANE), topics.RETENTION_DAY_ENDED, day=day)

    def erase(self) -> None:
        """A request to erase one dossier of a person, which spares some lines and what is about them."""
        self.project()
        whole = sorted(place for place, line in self.oracle.lines.items() if line.about is None)
        leaned_on = self.draw(st.sets(st.sampled_from(whole), max_size=2)) if whole else set()
        about = {place: line.about.position for place, line in self.oracle.lines.items() if line.about is not None}
        dossier = ErasedDossier(
            lane=LANE,
            stream_id=self.draw(st.sampled_from(PERSONS)),
            scope=self.draw(st.sampled_from(SCOPES)),
            generation=self.draw(st.integers(1, 2)),
        )
        record_ends = self.draw(ends)
        stream = UUID(int=7, version=5)
        self.add(
            stream,
            topics.ERASURE_REQUESTED,
            erasure_id=UUID(int=3),
            erased_dossiers=(dossier,),
            spared=tuple(sorted(place for place in self.oracle.lines if about.get(place, place) in leaned_on)),
            record_ends=record_ends,
        )

    def sweep(self) -> None:
        """What has ended by today goes, or some of it, as retention does it."""
        self.end_days()
        self.choose("ended")
        self.announce()

    def choose(self, reason: SweepReason | None = None) -> None:
        """A sweep is chosen by what is known; it may be announced at once or later."""
        self.project()
        why = self.draw(st.sampled_from(REASONS)) if reason is None else reason
        lines = self.lines.sweepable(LANE, why, self.today, self.draw(st.integers(1, 6)))
        positions = sorted(place for found in lines for place in found.positions)
        if positions:
            envelope = make_envelope(author="grootboek", swept=ranges_of(positions), swept_reason=why)
            self.chosen.append((LANE, lane_stream(LANE), topics.RECORDS_SWEPT, envelope))
        if self.draw(st.booleans()):
            self.announce()

    def announce(self) -> None:
        """What was chosen is said."""
        self.waiting += self.chosen
        self.chosen.clear()

    def finish(self) -> None:
        """What was said, and applied, is taken away."""
        self.sweeper.finish(LANE, 100)

    def project(self) -> None:
        """Store what waits and apply it, in pieces of any size."""
        insert_events(self.connection, self.waiting)
        for event in self.waiting:
            self.oracle.play(event)
        self.waiting.clear()
        size = self.draw(st.integers(1, 6))
        while find_pending(self.connection):
            project_lane(self.connection, LANE, limit=size)

    def check(self) -> None:
        """Every line of the lane ends as it does in the oracle, and nothing is shown of what is not visible."""
        self.project()
        assert {row[0]: row[1:] for row in self.connection.execute(LINES)} == self.oracle.view()
        assert self.connection.execute(ASTRAY).fetchone() == (0,)
        places = [(LANE, position) for position in range(1, self.oracle.head + 1)]
        visible = {
            (LANE, position)
            for position, (_, kept) in self.oracle.view().items()
            if kept == "infinity" or (kept != "-infinity" and date.fromisoformat(kept) >= self.today)
        }
        assert self.lines.hidden(places, self.today) == set(places) - visible


STEPS = (
    ("act",) * 6
    + ("later",) * 4
    + ("hold",) * 3
    + ("release",) * 2
    + ("pass_days",) * 3
    + ("end_days",) * 2
    + ("sweep",) * 4
    + ("erase", "erase", "choose", "choose", "announce", "finish", "project", "check")
)


@pytest.fixture(scope="module")
def connection(module_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A projector's connection to a migrated ledger."""
    with psycopg.connect(module_database) as migrating:
        migrate(migrating, files("services.ledger.storage") / "migrations", name="ledger")
    with connect(module_database) as opened:
        yield opened


@pytest.fixture(scope="module")
def pool(module_database: str, connection: psycopg.Connection[Any]) -> Iterator[SyncPool]:
    """Connections for the questions."""
    with sync_pool(module_database, name="test") as opened:
        # Its threads throw dice over their connections, and Hypothesis takes that for ours while it draws.
        opened.wait()
        yield opened


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_lines_end_as_their_history_read_forward(
    module_database: str, connection: psycopg.Connection[Any], pool: SyncPool, data: st.DataObject
) -> None:
    """In whatever pieces events come and sweeps are done, live, rebuilt and literally read ends are equal."""
    connection.execute(RESET)
    world = World(connection, pool, data)
    for step in data.draw(st.lists(st.sampled_from(STEPS), min_size=4, max_size=24)):
        getattr(world, step)()
    world.check()
    with PostgresShadow(conninfo=module_database, workers=1) as shadow:
        assert shadow.compare() == []
