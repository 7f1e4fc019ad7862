"""Our recorder beyond what the library's own cases ask."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError, NotSupportedError, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment
from psycopg.conninfo import make_conninfo

from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.recorder import RegisterFactory, RegisterRecorder, register_environment
from services.runtime import limits
from services.runtime.postgres import sync_pool
from tests.support.order import assert_order


class Thing(Aggregate):
    """An aggregate with one verb."""

    @event("Named")
    def name(self, name: str) -> None:
        """Take a name."""
        self.named = name


@pytest.fixture
def recorder(database: str) -> Iterator[RegisterRecorder]:
    """Give the recorder of an empty ledger."""
    open_ledger(database, 1, "system")
    factory = RegisterFactory(Environment(name="Governance", env=register_environment(database)))
    made = factory.application_recorder()
    assert isinstance(made, RegisterRecorder)
    yield made
    factory.close()


def stored(count: int) -> list[StoredEvent]:
    """Events of one new stream."""
    stream = uuid4()
    return [StoredEvent(stream, version, "ledger.test.1", b"{}") for version in range(1, count + 1)]


def test_connections_are_as_the_whole_conninfo_says(database: str) -> None:
    """How to encrypt and whom to believe hold for the register as for all else, and so do bounds on a server gone."""
    open_ledger(database, 1, "system")
    conninfo = make_conninfo(database, sslmode="disable", sslcertmode="disable")
    application: Application = Application(env=register_environment(conninfo))
    factory = application.factory
    assert isinstance(factory, PostgresFactory)
    with factory.datastore.get_connection() as connection:
        used = connection.info.get_parameters()
    application.close()
    assert (used["sslmode"], used["sslcertmode"]) == ("disable", "disable")
    assert used["connect_timeout"] == str(limits.POSTGRES_CONNECT_SECONDS_MAX)
    assert used["application_name"] == "grootboek-register"


def test_application_writes_the_register_lane(database: str) -> None:
    """A stock Application with our environment saves its aggregates in the register lane and reads them back."""
    open_ledger(database, 1, "system")
    application: Application = Application(env=register_environment(database))
    thing = Thing()
    thing.name("first")
    (first, second) = application.save(thing)
    application.save(second_thing := Thing())
    found: Thing = application.repository.get(thing.id)
    application.close()
    assert (found.named, first.notification.id, second.notification.id) == ("first", 1, 2)
    with sync_pool(database, name="test", size_max=1) as pool:
        events = PostgresEventReader(pool=pool).events_after(REGISTER_LANE, 0, 10)
    assert [(each.stream_id, each.version, each.envelope) for each in events] == [
        (thing.id, 1, None),
        (thing.id, 2, None),
        (second_thing.id, 1, None),
    ]
    assert assert_order(database)[REGISTER_LANE] == 3


def test_taken_version_gives_its_position_back(database: str, recorder: RegisterRecorder) -> None:
    """A refused insert leaves neither an event nor a gap."""
    events = stored(3)
    recorder.insert_events(events[:2])
    with pytest.raises(IntegrityError):
        recorder.insert_events(events[1:])
    assert recorder.insert_events(events[2:]) == [3]
    assert assert_order(database)[REGISTER_LANE] == 3


def test_lost_answer_is_found_again(database: str, recorder: RegisterRecorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """An insert whose commit was not answered is recognised as stored instead of clashing with itself."""
    events, attempts = stored(2), []
    insert = recorder._insert

    def insert_and_break(given: list[StoredEvent]) -> list[int]:
        attempts.append(len(given))
        positions = insert(given)
        if len(attempts) == 1:
            raise OperationalError
        return positions

    monkeypatch.setattr(recorder, "_insert", insert_and_break)
    assert recorder.insert_events(events) == [1, 2]
    assert attempts == [2, 2]
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent(events[0].originator_id, 1, "ledger.test.1", b"other")])
    assert assert_order(database)[REGISTER_LANE] == 2


def test_gives_up_after_bounded_attempts(recorder: RegisterRecorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that stays away ends in the library's OperationalError."""
    attempts = []

    def break_always(given: list[StoredEvent]) -> list[int]:
        attempts.append(len(given))
        raise OperationalError

    monkeypatch.setattr(recorder, "_insert", break_always)
    with pytest.raises(OperationalError):
        recorder.insert_events(stored(1))
    assert len(attempts) == limits.RECORDER_ATTEMPTS_MAX


def test_killed_backend_is_survived(database: str, recorder: RegisterRecorder) -> None:
    """A pooled connection whose backend was terminated is replaced within the call."""
    recorder.insert_events(stored(1))
    with psycopg.connect(database, autocommit=True) as killer:
        killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert recorder.insert_events(stored(1)) == [2]
    assert recorder.max_notification_id() == 2


def test_subscriptions_are_refused(recorder: RegisterRecorder) -> None:
    """Readers poll: there is no NOTIFY in the write transaction to listen for."""
    with pytest.raises(NotSupportedError):
        recorder.subscribe(gt=0)


def test_creates_no_table_of_its_own(database: str, recorder: RegisterRecorder) -> None:
    """The library's request to create its table changes nothing: the migrations own it."""
    recorder.create_table()
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE '%\\_events'").fetchall()
    assert tables == [("stored_events",)]
