from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.ledger.contract import topics
from services.ledger.contract.errors import PositionMissing, ProjectionBehind
from services.ledger.entrypoints.project import ProjectorThread
from services.ledger.storage.projections.errors import ProjectionStopped
from services.runtime import limits
from services.runtime.log import StructuredLog
from services.runtime.postgres import migrate
from tests.support.envelopes import Event, insert_events, make_envelope

PERSON = UUID(int=1, version=4)
END_BACKENDS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'grootboek-projector'"


@pytest.fixture
def writer(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a migrated, empty ledger."""
    with psycopg.connect(database, autocommit=True) as connection:
        migrate(connection, files("services.ledger.storage") / "migrations", name="ledger")
        yield connection


@pytest.fixture
def log() -> io.StringIO:
    """What the projectors write to their log."""
    return io.StringIO()


@pytest.fixture
def new_projector(
    database: str, writer: psycopg.Connection[Any], log: io.StringIO
) -> Iterator[Callable[[], ProjectorThread]]:
    """A function that starts a projector; all are stopped at the end."""
    started: list[ProjectorThread] = []

    def start() -> ProjectorThread:
        started.append(ProjectorThread(conninfo=database, log=StructuredLog(strict=True, stream=log)))
        started[-1].start()
        return started[-1]

    yield start
    for projector in started:
        projector.stop()


def acts(count: int, lane: int = 0) -> list[Event]:
    """Some acts on one person."""
    return [(lane, PERSON, topics.PROCESSING_RECORDED, make_envelope(controller="college")) for _ in range(count)]


def test_an_event_is_visible_after_the_wait(
    writer: psycopg.Connection[Any], new_projector: Callable[[], ProjectorThread]
) -> None:
    """Who waits for a position reads a projection that has it."""
    projector = new_projector()
    insert_events(writer, acts(3))
    projector.wait_for(0, 3, 20)
    assert writer.execute("SELECT count(*) FROM projection.dossier_line").fetchone() == (3,)
    assert projector.positions == {0: 3}


def test_a_waiter_ends_the_rest(
    database: str, writer: psycopg.Connection[Any], log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While appends come in the projector rests, but not longer than until somebody waits for a position."""
    monkeypatch.setattr("services.ledger.entrypoints.project.rest_seconds", lambda worked, pending: 600.0)
    applied = threading.Event()

    def append_again() -> None:
        projector.wake()
        applied.set()

    structured = StructuredLog(strict=True, stream=log)
    projector = ProjectorThread(conninfo=database, log=structured, on_applied=append_again)
    insert_events(writer, acts(1))
    projector.start()
    assert applied.wait(20)
    insert_events(writer, acts(1))
    projector.wait_for(0, 2, 20)
    projector.stop()
    assert projector.positions == {0: 2}


def test_a_position_that_does_not_come_is_behind(
    writer: psycopg.Connection[Any], new_projector: Callable[[], ProjectorThread]
) -> None:
    """The wait is bounded."""
    insert_events(writer, acts(1))
    with pytest.raises(ProjectionBehind):
        new_projector().wait_for(0, 2, 0.05)


def test_a_gap_stops_it_and_tells_who_waits_and_the_log(
    writer: psycopg.Connection[Any], new_projector: Callable[[], ProjectorThread], log: io.StringIO
) -> None:
    """The failure names the position; nobody waits in vain."""
    insert_events(writer, acts(3, lane=1))
    writer.execute("DELETE FROM stored_events WHERE notification_id = 2")
    projector = new_projector()
    with pytest.raises(ProjectionStopped):
        projector.wait_for(1, 3, 20)
    assert isinstance(projector.failure, PositionMissing)
    (line,) = [json.loads(text) for text in log.getvalue().splitlines()]
    assert (line["lane"], line["position"], line["code"]) == (1, 2, "position_missing")


def test_a_lost_connection_is_made_again(
    writer: psycopg.Connection[Any], new_projector: Callable[[], ProjectorThread]
) -> None:
    """A server that hangs up costs a moment, not an event, and nothing is applied twice."""
    projector = new_projector()
    insert_events(writer, acts(2))
    projector.wait_for(0, 2, 20)
    writer.execute(END_BACKENDS)
    insert_events(writer, acts(2))
    projector.wait_for(0, 4, 20)
    assert writer.execute("SELECT count(*) FROM projection.dossier_line").fetchone() == (4,)


def test_one_leads_the_other_follows_and_takes_over(
    writer: psycopg.Connection[Any], new_projector: Callable[[], ProjectorThread]
) -> None:
    """Two runners apply each event once; when the leader ends the other goes on."""
    first = new_projector()
    insert_events(writer, acts(1))
    first.wait_for(0, 1, 20)
    second = new_projector()
    second.wait_for(0, 1, 20)
    assert (first.leads, second.leads) == (True, False)
    first.stop()
    insert_events(writer, acts(1))
    second.wait_for(0, 2, 20)
    assert second.leads
    assert writer.execute("SELECT count(*) FROM projection.dossier_line").fetchone() == (2,)


def test_several_may_wait_at_once(
    writer: psycopg.Connection[Any], new_projector: Callable[[], ProjectorThread]
) -> None:
    """Waiters of different positions are all told."""
    projector = new_projector()
    seen: list[int] = []

    def wait(position: int) -> None:
        projector.wait_for(0, position, 20)
        seen.append(position)

    waiters = [threading.Thread(target=wait, args=(position,)) for position in (1, 2, 3)]
    for waiter in waiters:
        waiter.start()
    insert_events(writer, acts(3))
    for waiter in waiters:
        waiter.join()
    assert sorted(seen) == [1, 2, 3]


def test_an_event_that_the_database_will_not_take_stops_it(
    writer: psycopg.Connection[Any],
    new_projector: Callable[[], ProjectorThread],
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not passed over: after a few tries the projector stops, says where, and nobody waits in vain."""
    monkeypatch.setattr(limits, "PROJECTION_RETRY_SECONDS", 0.0)
    far = datetime(2026, 5, 3, 9, tzinfo=timezone(timedelta(hours=16)))
    insert_events(writer, acts(2))
    projector = new_projector()
    projector.wait_for(0, 2, 20)
    insert_events(writer, [(0, PERSON, topics.PROCESSING_RECORDED, make_envelope(occurred_at=far)), *acts(1)])
    with pytest.raises(ProjectionStopped):
        projector.wait_for(0, 4, 20)
    assert isinstance(projector.failure, psycopg.DataError)
    assert projector.positions == {0: 2}
    assert writer.execute("SELECT position FROM projection.cursor WHERE lane = 0").fetchone() == (2,)
    written = [json.loads(text) for text in log.getvalue().splitlines()]
    lines = [line for line in written if line["event"].startswith("projection.")]
    assert [line["event"] for line in lines] == ["projection.retried"] * 4 + ["projection.stopped"]
    assert (lines[-1]["lane"], lines[-1]["position"], lines[-1]["code"]) == (0, 3, "22009")


def test_what_the_database_refuses_once_is_tried_again(
    writer: psycopg.Connection[Any], new_projector: Callable[[], ProjectorThread], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schema that is there again a moment later costs that moment."""
    monkeypatch.setattr(limits, "PROJECTION_REFUSALS_MAX", 1_000_000)
    monkeypatch.setattr(limits, "PROJECTION_RETRY_SECONDS", 0.01)
    projector = new_projector()
    projector.wait_for(0, 0, 20)
    writer.execute("ALTER TABLE projection.dossier_line RENAME TO elsewhere")
    insert_events(writer, acts(1))
    with pytest.raises(ProjectionBehind):
        projector.wait_for(0, 1, 0.2)
    writer.execute("ALTER TABLE projection.elsewhere RENAME TO dossier_line")
    projector.wait_for(0, 1, 20)
    assert projector.failure is None
