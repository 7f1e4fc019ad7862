"""The acts that a breach names: whose they are, about whom, and as they stand corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.ledger.contract import topics
from services.ledger.domain.identity import party_stream
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.projections.read import PostgresProjections
from services.runtime.clock import FakeClock
from services.runtime.postgres import sync_pool
from tests.support.envelopes import Event, insert_events, make_envelope

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=9)
ALICE, BOB = (uuid4() for _ in range(2))
FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def projections(database: str, connection: psycopg.Connection[Any]) -> Iterator[PostgresProjections]:
    """The questions to the same ledger."""
    with sync_pool(database, name="test") as pool:
        yield PostgresProjections(pool=pool, clock=FakeClock(NOW))


def share(stream: UUID, operation: UUID, lane: int = 0, **fields: Any) -> Event:
    """The college shares the name of a person with a school."""
    given = {
        "operation_class": "share",
        "controller": "college",
        "recipients": ("school",),
        "data_categories": ("name",),
        "gdpr": "6(1)(e)",
        "occurred_at": NOW,
    }
    return lane, stream, topics.PROCESSING_RECORDED, make_envelope(operation_id=operation, **(given | fields))


def said(stream: UUID, operation: UUID, about: UUID, kind: str, days: int, lane: int = 0) -> Event:
    """A correction of that kind, so many days later."""
    moment = NOW + timedelta(days=days)
    envelope = make_envelope(operation_id=operation, about_operation=about, correction=kind, occurred_at=moment)
    return lane, stream, topics.PROCESSING_CORRECTED, envelope


def apply(connection: psycopg.Connection[Any], *events: Event) -> None:
    """Store and apply."""
    insert_events(connection, events)
    while project_pending(connection):
        pass


def test_an_act_is_its_controllers_and_its_processors(
    connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """Not its recipients'; of a record that has ended or is about nobody there is none; one row per person."""
    apply(
        connection,
        share(ALICE, FIRST, processor="hoster"),
        share(BOB, FIRST, lane=1, processor="hoster"),
        share(party_stream("college"), FIRST, processor="hoster"),
        share(ALICE, FIRST, record_ends=date(2026, 8, 31), processor="hoster"),
        share(ALICE, SECOND, operation_class="consult", recipients=(), data_categories=()),
    )
    for party in ("college", "hoster"):
        found = projections.named_acts(party, [FIRST], LATER)
        assert [(row.lane, row.stream_id, row.position) for row in found] == [(0, ALICE, 1), (1, BOB, 1)]
        assert {(row.party, row.categories, row.supplied_by, row.gdpr) for row in found} == {
            (party, ("name",), None, "6(1)(e)")
        }
    assert projections.named_acts("school", [FIRST], LATER) == []
    assert [row.categories for row in projections.named_acts("college", [SECOND], LATER)] == [()]
    assert projections.named_acts("college", [], LATER) == []
    assert projections.named_acts("college", [FIRST], NOW - timedelta(days=1)) == []


@pytest.mark.parametrize("kind", ["annulled", "wrong-person"])
def test_what_was_undone_exposes_nobody_once_that_was_known(
    connection: psycopg.Connection[Any], projections: PostgresProjections, kind: str
) -> None:
    """Of the person about whom it was said; of another one in the same operation it stands."""
    apply(
        connection,
        share(ALICE, FIRST),
        share(BOB, FIRST, lane=1),
        said(ALICE, SECOND, FIRST, kind, 5),
        said(BOB, THIRD, FIRST, "correction", 5, lane=1),
    )
    before, after = (projections.named_acts("college", [FIRST], NOW + timedelta(days=days)) for days in (4, 5))
    assert [row.stream_id for row in before] == [ALICE, BOB]
    assert [row.stream_id for row in after] == [BOB]
    assert projections.versions_of([FIRST]) == {FIRST, *([SECOND] if kind == "wrong-person" else [])}


def test_an_act_that_was_named_stands_as_corrected(
    connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """Whoever names an act names what came in its place, however often it was corrected since."""
    versions = {"about_operation": FIRST, "correction": "correction"}
    apply(
        connection,
        share(ALICE, FIRST, lane=1),
        said(ALICE, SECOND, FIRST, "replaced", 2, lane=1),
        share(ALICE, SECOND, lane=1, recorded_at=NOW + timedelta(days=2), data_categories=("contact",), **versions),
        said(ALICE, THIRD, SECOND, "replaced", 4, lane=1),
        share(ALICE, THIRD, lane=1, recorded_at=NOW + timedelta(days=4), data_categories=("report",), **versions),
    )
    assert projections.versions_of([FIRST]) == {FIRST, SECOND, THIRD}
    assert projections.versions_of([SECOND]) == {SECOND, THIRD}
    assert projections.versions_of([]) == frozenset()
    named = sorted(projections.versions_of([FIRST]))
    for days, expected in ((1, "name"), (3, "contact"), (5, "report")):
        (row,) = projections.named_acts("college", named, NOW + timedelta(days=days))
        assert row.categories == (expected,)


def test_an_act_that_was_about_the_wrong_person_is_named_about_the_right_one(
    connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """Who names an act names it about whom it was, in whatever lane that person lives, and as corrected there."""
    apply(
        connection,
        share(ALICE, FIRST, lane=1),
        said(ALICE, SECOND, FIRST, "wrong-person", 2, lane=1),
        share(BOB, SECOND, about_operation=FIRST, recorded_at=NOW + timedelta(days=2)),
        said(BOB, THIRD, SECOND, "replaced", 4),
        share(BOB, THIRD, about_operation=FIRST, correction="correction", recorded_at=NOW + timedelta(days=4)),
    )
    named = sorted(projections.versions_of([FIRST]))
    assert named == [FIRST, SECOND, THIRD]
    for days, expected in ((1, (ALICE, FIRST)), (3, (BOB, SECOND)), (5, (BOB, THIRD))):
        (row,) = projections.named_acts("college", named, NOW + timedelta(days=days))
        assert (row.stream_id, row.operation_id) == expected
