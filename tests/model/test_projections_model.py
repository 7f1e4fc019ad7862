from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ledger.application.ports import Bounds, HeldWindow
from services.ledger.contract import topics
from services.ledger.domain.holdings import Holding, holdings
from services.ledger.storage.projections.connection import connect
from services.ledger.storage.projections.projector import find_pending, project_lane
from services.ledger.storage.projections.read import PostgresProjections
from services.runtime.clock import FakeClock
from services.runtime.postgres import migrate, sync_pool
from tests.model.holding_oracle import Held, held_of, live_in_window, numbered
from tests.support.envelopes import Event, insert_events, make_envelope

START = datetime(2026, 9, 1, 10, tzinfo=UTC)
PARTIES = ("college", "politie", "school")
CATEGORIES = ("name", "contact")
PERSONS = tuple(UUID(int=number << 64, version=4) for number in (2, 1))
RESET = "TRUNCATE stored_events, lane_head, cursor, dossier_line, holding_act, subject_read, later_line"

LATE = START + timedelta(days=20)

OPERATION_CLASSES = ("share",) * 6 + ("delete",) * 4 + ("collect", "alter", "use", "consult")
ACT_TOPICS = (topics.PROCESSING_RECORDED,) * 9 + (topics.PROCESSING_INTENDED, topics.PROCESSING_REFUSED)
ANNEX = {"covenant": "huis", "annex": "a"}
SCOPES: tuple[dict[str, Any], ...] = (
    {},
    ANNEX,
    ANNEX,
    {"covenant": "huis", "annex": "b"},
    {"list_kind": "bruto", "list_index": "aa"},
    {"list_kind": "netto", "list_index": "aa"},
    {"case_index": "cc"},
    {"case_index": "cc"} | ANNEX,
)

moments = st.integers(0, 4).map(lambda half_days: START + timedelta(hours=12 * half_days))
asked = moments | st.just(LATE)
parties = st.sampled_from(PARTIES)
categories = st.sampled_from([("name",), ("name",), CATEGORIES, ()])


@st.composite
def acts(draw: st.DrawFn, lanes: int) -> Event:
    """One act, or a later event about nothing yet, on one of a few persons, dense enough to collide."""
    person = draw(st.integers(0, len(PERSONS) - 1))
    operation_class = draw(st.sampled_from(OPERATION_CLASSES))
    occurred_at = draw(moments)
    scope = draw(st.sampled_from(SCOPES))
    envelope = make_envelope(
        controller=draw(parties),
        operation_class=operation_class,
        recipients=tuple(draw(st.lists(parties, max_size=2))) if operation_class == "share" else (),
        data_categories=draw(categories),
        occurred_at=occurred_at,
        recorded_at=occurred_at + timedelta(hours=draw(st.sampled_from([0, 0, 30]))),
        holding_ends=draw(st.sampled_from([None, None, date(2026, 9, 2), date(2026, 10, 9)])),
        **scope,
    )
    topic = draw(st.sampled_from(ACT_TOPICS))
    return person % lanes, PERSONS[person], topic, envelope


@st.composite
def changes_of_terms(draw: st.DrawFn, events: Sequence[Event]) -> list[Event]:
    """Some of these acts are given another end later on, in order of when that was said; one act more than once."""
    found: list[tuple[datetime, Event]] = []
    for lane, person, _, envelope in draw(st.lists(st.sampled_from(events), max_size=3)):
        assert envelope is not None
        change = make_envelope(
            author=envelope.author,
            occurred_at=envelope.recorded_at + timedelta(hours=draw(st.sampled_from([0, 20, 40]))),
            about_operation=envelope.operation_id,
            new_holding_ends=draw(st.sampled_from([date(2026, 9, 1), date(2026, 9, 2), date(2026, 10, 9)])),
        )
        found.append((change.recorded_at, (lane, person, topics.RETENTION_SET, change)))
    return [event for _, event in sorted(found, key=lambda each: each[0])]


@st.composite
def histories(draw: st.DrawFn, lanes: int) -> list[Event]:
    """A history in order of its recording into the lanes; some acts end another day, are taken back or corrected."""
    recorded = draw(st.lists(acts(lanes), min_size=1, max_size=14))
    events = [*recorded, *draw(changes_of_terms(recorded))]
    for lane, person, _, envelope in draw(st.lists(st.sampled_from(recorded), max_size=2)):
        assert envelope is not None
        correction = make_envelope(
            author=envelope.author,
            occurred_at=envelope.recorded_at + timedelta(hours=draw(st.sampled_from([0, 5, 40]))),
            about_operation=envelope.operation_id,
            correction=draw(st.sampled_from(["annulled", "wrong-person", "replaced", "correction"])),
        )
        events.append((lane, person, topics.PROCESSING_CORRECTED, correction))
    return events


@pytest.fixture(scope="module")
def connection(module_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A projector's connection to a migrated ledger."""
    with psycopg.connect(module_database) as migrating:
        migrate(migrating, files("services.ledger.storage") / "migrations", name="ledger")
    with connect(module_database) as opened:
        yield opened


@pytest.fixture(scope="module")
def projections(module_database: str, connection: psycopg.Connection[Any]) -> Iterator[PostgresProjections]:
    """The questions to the same ledger."""
    with sync_pool(module_database, name="test") as pool:
        # Its threads throw dice over their connections, and Hypothesis takes that for ours while it draws.
        pool.wait()
        yield PostgresProjections(pool=pool, clock=FakeClock(START))


def fill(connection: psycopg.Connection[Any], events: Sequence[Event], batch: int) -> None:
    """Start over with this history, applied in pieces of ``batch`` events."""
    connection.execute(RESET)
    insert_events(connection, events)
    while pending := find_pending(connection):
        for lane, _ in pending:
            project_lane(connection, lane, limit=batch)


def streams_of(lanes: int) -> list[tuple[int, UUID]]:
    """(lane, stream) of every person."""
    return sorted((number % lanes, person) for number, person in enumerate(PERSONS))


def as_held(holding: Holding) -> Held:
    """The product's answer in the oracle's words."""
    positions = tuple(sorted(act.position for act in holding.acts))
    return Held(holding.party, holding.categories[0], holding.status, holding.since, holding.until, positions)


common = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("lanes", [1, 4])
@common
@given(data=st.data())
def test_holdings_equal_the_literal_reading_at_any_moment(
    connection: psycopg.Connection[Any], projections: PostgresProjections, lanes: int, data: st.DataObject
) -> None:
    """Status, since, until and carrying acts of every holding agree, whatever is asked as of and as known at."""
    events = data.draw(histories(lanes))
    fill(connection, events, data.draw(st.integers(1, 6)))
    bounds = Bounds(as_of=data.draw(asked), as_known_at=data.draw(asked))
    found = holdings(projections.holding_acts(streams_of(lanes), bounds), bounds.as_of, bounds.as_known_at)
    for _, stream in streams_of(lanes):
        mine = [as_held(holding) for holding in found if holding.stream_id == stream]
        assert mine == held_of(events, stream, bounds.as_of, bounds.as_known_at)


@pytest.mark.parametrize("lanes", [1, 4])
@common
@given(data=st.data())
def test_holders_and_impact_equal_the_literal_reading(
    connection: psycopg.Connection[Any], projections: PostgresProjections, lanes: int, data: st.DataObject
) -> None:
    """Pages and counts of what a party held agree, in any window, for any categories, page by page."""
    events = data.draw(histories(lanes))
    fill(connection, events, data.draw(st.integers(1, 6)))
    party, named, known = data.draw(parties), data.draw(categories), data.draw(asked)
    window = sorted((data.draw(moments), data.draw(moments)))
    live = {
        place: live_in_window(events, place[1], party, (window[0], window[1]), named, known)
        for place in streams_of(lanes)
    }
    question = HeldWindow(party, window[0], window[1], tuple(named), known)
    first = projections.impact_page(question, None, 1)
    rest = projections.impact_page(question, first[0], 9) if first else []
    assert first + rest == [place for place, positions in live.items() if positions]
    persons, records = projections.impact_counts(question)
    assert persons == len(first + rest)
    assert records == sum(len(positions) for positions in live.values())
    bounds = Bounds(as_of=window[1], as_known_at=known)
    begun = [p for p in streams_of(lanes) if any(h.party == party for h in held_of(events, p[1], window[1], known))]
    assert projections.holders_page(party, bounds, None, 9) == begun
    if begun:
        assert projections.holders_page(party, bounds, begun[0], 9) == begun[1:]


@pytest.mark.parametrize("lanes", [1, 4])
@common
@given(data=st.data())
def test_the_dossier_equals_the_history(
    connection: psycopg.Connection[Any], projections: PostgresProjections, lanes: int, data: st.DataObject
) -> None:
    """Lines of persons, and lines found by party, recipient and period, are those of the history, in order."""
    events = data.draw(histories(lanes))
    fill(connection, events, data.draw(st.integers(1, 6)))
    bounds = Bounds(as_of=data.draw(asked), as_known_at=data.draw(asked))
    party, recipient = data.draw(parties), data.draw(st.none() | parties)
    lines = sorted((event[0], position, event[3]) for position, event in numbered(events) if event[3] is not None)
    dossier = projections.dossier(streams_of(lanes), bounds)
    assert [(line.lane, line.position) for line in dossier] == [
        (lane, position)
        for lane, position, envelope in lines
        if envelope.occurred_at <= bounds.as_of and envelope.recorded_at <= bounds.as_known_at
    ]
    found = search(projections, party, recipient, bounds.as_of)
    assert found == [
        (lane, position)
        for lane, position, envelope in lines
        if party in {envelope.controller or envelope.author, *envelope.recipients}
        if recipient is None or recipient in envelope.recipients
        if envelope.occurred_at <= bounds.as_of
    ]


def search(
    projections: PostgresProjections, party: str, recipient: str | None, occurred_until: datetime
) -> list[tuple[int, int]]:
    """(lane, position) of all lines found, asked three at a time."""
    found: list[tuple[int, int]] = []
    while True:
        page = projections.search_dossier(
            party=party,
            recipient=recipient,
            trace_id=None,
            case_indexes=(),
            activity=None,
            streams=(),
            occurred_from=None,
            occurred_until=occurred_until,
            reader=None,
            after=found[-1] if found else None,
            limit=3,
        )
        found += [(line.lane, line.position) for line in page]
        if len(page) < 3:
            return found
