from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.ledger.application.ports import Bounds
from services.ledger.contract import topics
from services.ledger.contract.errors import PositionMissing
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.identity import access_stream, party_stream
from services.ledger.domain.line_kind import LineKind
from services.ledger.storage.projections.projector import (
    find_pending,
    project_lane,
    project_pending,
    read_cursors,
)
from services.ledger.storage.projections.read import PostgresProjections
from services.runtime.clock import FakeClock
from services.runtime.postgres import sync_pool
from tests.support.envelopes import Event, insert_events, make_envelope

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
ALWAYS = Bounds(as_of=NOW + timedelta(days=999), as_known_at=NOW + timedelta(days=999))
PERSON = uuid4()


@pytest.fixture
def projections(database: str, connection: psycopg.Connection[Any]) -> Iterator[PostgresProjections]:
    """The questions to the same ledger."""
    with sync_pool(database, name="test") as pool:
        yield PostgresProjections(pool=pool, clock=FakeClock(NOW))


def recorded(stream: UUID = PERSON, lane: int = 0, **fields: Any) -> Event:
    """A recorded act of the college, by default a collect of the name."""
    given = {"operation_class": "collect", "controller": "college", "data_categories": ("name",), "occurred_at": NOW}
    return lane, stream, topics.PROCESSING_RECORDED, make_envelope(**(given | fields))


def project_all(connection: psycopg.Connection[Any]) -> None:
    """Apply everything that is pending."""
    while any(map(len, project_pending(connection))):
        pass


def new_cursors(connection: psycopg.Connection[Any]) -> dict[int, int]:
    """Apply a batch per lane; where those lanes stand that moved."""
    return {piece.lane: piece.until for piece in project_pending(connection) if len(piece)}


def test_a_share_gives_each_recipient_one_row_and_the_sender_none(
    connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """A recipient named twice holds once, with the supplier and the supplier's basis."""
    share = recorded(
        operation_class="share",
        recipients=("politie", "school", "politie"),
        gdpr="6(1)(e)",
        statute="Gemeentewet 172",
        covenant="huis",
        annex="jeugd",
        covenant_version=3,
        holding_ends=date(2026, 12, 1),
        list_kind="bruto",
        list_index="ab" * 32,
    )
    insert_events(connection, [share])
    project_all(connection)
    rows = projections.holding_acts([(0, PERSON)], ALWAYS)
    assert [(row.party, row.supplied_by, row.effect) for row in rows] == [
        ("politie", "college", 1),
        ("school", "college", 1),
    ]
    assert rows[0].categories == ("name",)
    assert (rows[0].gdpr, rows[0].statute, rows[0].covenant_version) == ("6(1)(e)", "Gemeentewet 172", 3)
    assert (rows[0].ends, rows[0].list_kind, rows[0].list_index) == (date(2026, 12, 1), "bruto", "ab" * 32)


@pytest.mark.parametrize("operation_class", ["consult", "restrict"])
def test_what_gives_no_holding_leaves_only_a_line(
    connection: psycopg.Connection[Any], projections: PostgresProjections, operation_class: str
) -> None:
    """A consult begins no holding; the line stands in the dossier all the same."""
    insert_events(connection, [recorded(operation_class=operation_class)])
    project_all(connection)
    assert projections.holding_acts([(0, PERSON)], ALWAYS) == []
    assert [line.kind for line in projections.dossier([(0, PERSON)], ALWAYS)] == [LineKind.RECORDED]


def test_intents_refusals_and_acts_without_a_person_begin_no_holding(
    connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """Only facts about a person count; the others are lines."""
    _, _, _, envelope = recorded()
    own = party_stream("college")
    insert_events(
        connection,
        [
            (0, PERSON, topics.PROCESSING_INTENDED, envelope),
            (0, PERSON, topics.PROCESSING_REFUSED, envelope),
            recorded(stream=own),
        ],
    )
    project_all(connection)
    assert projections.holding_acts([(0, PERSON), (0, own)], ALWAYS) == []
    assert len(projections.dossier([(0, PERSON), (0, own)], ALWAYS)) == 3


def test_unknown_topics_and_swept_events_are_seen_and_leave_nothing(
    connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """The cursor passes what this version does not know and what was swept."""
    _, _, _, envelope = recorded()
    insert_events(connection, [(0, PERSON, "ledger.future.9", envelope), (0, PERSON, topics.PROCESSING_RECORDED, None)])
    project_all(connection)
    assert projections.positions() == {0: 2}
    assert projections.dossier([(0, PERSON)], ALWAYS) == []


def test_nothing_is_applied_twice(connection: psycopg.Connection[Any], projections: PostgresProjections) -> None:
    """A second run from the stored cursor adds only what is new."""
    insert_events(connection, [recorded()])
    project_all(connection)
    insert_events(connection, [recorded()])
    project_all(connection)
    assert [line.position for line in projections.dossier([(0, PERSON)], ALWAYS)] == [1, 2]


def test_a_failed_batch_leaves_cursor_and_rows_as_they_were(
    connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """Rows and cursor are one transaction: a broken envelope moves neither."""
    insert_events(connection, [recorded(), recorded()])
    connection.execute("UPDATE stored_events SET envelope = '{' WHERE notification_id = 2")
    with pytest.raises(psycopg.DataError):
        project_pending(connection)
    assert projections.positions() == {}
    assert projections.dossier([(0, PERSON)], ALWAYS) == []


@pytest.mark.parametrize("lost", [1, 3, 5])
def test_a_missing_position_stops_with_its_name(connection: psycopg.Connection[Any], lost: int) -> None:
    """A gap at the start, in the middle or at the end is named, and nothing of the batch is applied."""
    insert_events(connection, [recorded(lane=2) for _ in range(5)])
    connection.execute("DELETE FROM stored_events WHERE notification_id = %s", (lost,))
    with pytest.raises(PositionMissing) as caught:
        project_pending(connection)
    assert (caught.value.lane, caught.value.position) == (2, lost)
    assert f"2-{lost} " in str(caught.value)
    assert read_cursors(connection) == {}


def test_batches_respect_their_bound(connection: psycopg.Connection[Any]) -> None:
    """A lane with more than one batch is applied piece by piece."""
    insert_events(connection, [recorded() for _ in range(5)])
    assert [len(project_lane(connection, 0, limit=2)) for _ in range(4)] == [2, 2, 1, 0]
    assert find_pending(connection) == []


def test_the_register_goes_first_and_holds_back_what_leans_on_more(connection: psycopg.Connection[Any]) -> None:
    """A person event is applied only when the register position it was judged at has been applied."""
    insert_events(connection, [recorded(register_position=1), recorded(register_position=2), recorded()])
    assert new_cursors(connection) == {}
    insert_events(connection, [(REGISTER_LANE, uuid4(), "register.entry.1", None)])
    assert new_cursors(connection) == {REGISTER_LANE: 1, 0: 1}
    insert_events(connection, [(REGISTER_LANE, uuid4(), "register.entry.1", None)])
    assert new_cursors(connection) == {REGISTER_LANE: 2, 0: 3}


@pytest.mark.parametrize("together", [True, False])
def test_an_annulment_takes_the_act_out_from_when_it_was_known(
    connection: psycopg.Connection[Any], projections: PostgresProjections, *, together: bool
) -> None:
    """Before the annulment was known the act counted, whether both came in one batch or not; others stay."""
    act, other = recorded(), recorded()
    assert act[3] is not None
    annulled = make_envelope(
        author="college",
        occurred_at=NOW + timedelta(days=5),
        about_operation=act[3].operation_id,
        correction="annulled",
    )
    insert_events(connection, [act, other])
    if not together:
        project_all(connection)
    insert_events(connection, [(0, PERSON, topics.PROCESSING_CORRECTED, annulled)])
    project_all(connection)
    before = Bounds(as_of=ALWAYS.as_of, as_known_at=NOW + timedelta(days=4))
    assert [row.position for row in projections.holding_acts([(0, PERSON)], before)] == [1, 2]
    assert [row.position for row in projections.holding_acts([(0, PERSON)], ALWAYS)] == [2]


def test_a_plain_correction_leaves_the_holding(
    connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """A corrected field does not undo that the data are held."""
    act = recorded()
    assert act[3] is not None
    corrected = make_envelope(author="college", about_operation=act[3].operation_id, correction="correction")
    insert_events(connection, [act, (0, PERSON, topics.PROCESSING_CORRECTED, corrected)])
    project_all(connection)
    assert len(projections.holding_acts([(0, PERSON)], ALWAYS)) == 1


def test_reads_tell_who_saw_whom(connection: psycopg.Connection[Any], projections: PostgresProjections) -> None:
    """One read event names every person it delivered, also persons of other lanes."""
    read_id, other = uuid4(), uuid4()
    envelope = make_envelope(
        author="om",
        occurred_at=NOW,
        read_id=read_id,
        read_purpose="inquiry",
        read_streams=(PERSON, other, PERSON),
    )
    insert_events(connection, [(1, access_stream("om"), topics.DATA_READ, envelope)])
    project_all(connection)
    reads = projections.reads_of([(0, PERSON)], NOW)
    assert [(read.reader, read.purpose, read.read_at, read.read_id) for read in reads] == [
        ("om", "inquiry", NOW, read_id)
    ]
    assert projections.reads_of([(0, PERSON)], NOW - timedelta(seconds=1)) == []
