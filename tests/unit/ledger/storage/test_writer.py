"""How the writer sorts, cuts and judges, without a database."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest

from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.stored import Stale
from services.ledger.storage.append import LaneUnknown
from services.ledger.storage.writer import SHARED, Ticket, fail, resolve, route, tickets_of
from services.ledger.storage.writer_batch import is_passing, reason_of, rounds_of
from services.runtime import limits
from services.runtime.errors import Unavailable
from tests.support.operations import identify, prepare, prepare_event, prepare_many


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (psycopg.errors.DiskFull(), True),
        (psycopg.errors.OutOfMemory(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.CannotConnectNow(), True),
        (psycopg.errors.QueryCanceled(), True),
        (psycopg.errors.DeadlockDetected(), True),
        (psycopg.errors.LockNotAvailable(), True),
        (psycopg.errors.ReadOnlySqlTransaction(), True),
        (psycopg.errors.IoError(), True),
        (psycopg.errors.InsufficientPrivilege(), True),
        (psycopg.OperationalError(), True),
        (psycopg.InterfaceError(), True),
        (TimeoutError(), True),
        (psycopg.errors.UniqueViolation(), False),
        (psycopg.errors.CheckViolation(), False),
        (psycopg.errors.CharacterNotInRepertoire(), False),
        (psycopg.errors.ProgramLimitExceeded(), False),
        (psycopg.DataError(), False),
        (TypeError(), False),
        (LaneUnknown(), False),
    ],
)
def test_only_the_database_passes(error: Exception, passing: bool) -> None:  # noqa: FBT001 - a table of cases
    """Errors of the moment are tried again; errors of an operation are not."""
    assert is_passing(error) is passing


def test_reasons_hold_no_message() -> None:
    """A refusal is named by SQLSTATE, code or type, never by a text that might quote a value."""
    assert reason_of(psycopg.errors.UniqueViolation("Key (x)=(secret)")) == "23505"
    assert reason_of(LaneUnknown("secret")) == "lane_unknown"
    assert reason_of(TypeError("secret")) == "TypeError"


def test_equal_ids_wait_for_a_later_round() -> None:
    """The n-th use of an operation id is committed in the n-th round, in order of arrival within a round."""
    one, two = prepare(), prepare()
    assert rounds_of([one, two]) == [[0, 1]]
    assert rounds_of([one, one, two, one, two]) == [[0, 2], [1, 4], [3]]


def test_routes() -> None:
    """One lane goes to its own queue wherever its claim lies; several lanes go to the shared queue."""
    operations = [
        prepare(prepare_event(2), claim_lane=0),
        prepare(prepare_event(0), prepare_event(1)),
        prepare(prepare_event(REGISTER_LANE)),
        prepare(prepare_event(2), prepare_event(2)),
        prepare(prepare_event(2), identifiers=(identify(uuid4(), lane=1),)),
    ]
    assert route(operations) == {2: [0, 3], SHARED: [1, 4], REGISTER_LANE: [2]}


def test_tickets_fit_in_a_batch() -> None:
    """A long call is cut between operations, never inside one, and nothing is left out."""

    async def cut() -> list[Ticket]:
        many = prepare_many(limits.BATCH_EVENTS_MAX - 1)
        return tickets_of([*many, prepare(prepare_event(), prepare_event()), prepare()])

    tickets = asyncio.run(cut())
    assert [(len(ticket.operations), ticket.events) for ticket in tickets] == [
        (limits.BATCH_EVENTS_MAX - 1, limits.BATCH_EVENTS_MAX - 1),
        (2, 3),
    ]


def test_results_go_to_who_still_waits() -> None:
    """Each ticket gets its own slice; one whose caller has gone is passed over."""

    async def story() -> None:
        tickets = [Ticket(prepare_many(count), count) for count in (1, 2, 1)]
        tickets[1].future.cancel()
        results = [Stale(), Stale(), Stale(), Stale()]
        resolve(tickets, results)
        assert [ticket.future.result() for ticket in tickets[::2]] == [[Stale()], [Stale()]]
        fail(tickets, Unavailable())
        assert tickets[0].future.exception() is None

    asyncio.run(story())
