"""When a line leaves the answers: at its midnight, never while it is held, at once when it was erased."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.ledger.application.ports import Bounds, HeldWindow
from services.ledger.contract import topics
from services.ledger.contract.events import ErasedDossier
from services.ledger.domain.identity import access_stream, lane_stream
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.projections.read import PostgresProjections
from services.ledger.storage.projections.shadow import PostgresShadow
from services.runtime.clock import FakeClock
from services.runtime.postgres import sync_pool
from tests.support.envelopes import Event, insert_events, make_envelope

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LAST = date(2026, 9, 1)
# Amsterdam is two hours ahead of UTC: the 2nd begins there at 22:00.
BEFORE_MIDNIGHT, MIDNIGHT = datetime(2026, 9, 1, 21, 59, tzinfo=UTC), datetime(2026, 9, 1, 22, tzinfo=UTC)
ALWAYS = Bounds(as_of=NOW + timedelta(days=999), as_known_at=NOW + timedelta(days=999))
ALL_HELD = HeldWindow("college", NOW, NOW, (), ALWAYS.as_known_at)
PERSON = UUID(int=1 << 64, version=4)
HOLD = uuid4()


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the ledger, at noon."""
    return FakeClock(NOW)


@pytest.fixture
def projections(database: str, connection: psycopg.Connection[Any], clock: FakeClock) -> Iterator[PostgresProjections]:
    """The questions to the same ledger."""
    with sync_pool(database, name="test") as pool:
        yield PostgresProjections(pool=pool, clock=clock)


def recorded(**fields: Any) -> Event:
    """An act of the college on the person; its record ends today, unless said otherwise."""
    given = {
        "operation_class": "collect",
        "controller": "college",
        "data_categories": ("name",),
        "occurred_at": NOW,
        "record_ends": LAST,
    }
    return 0, PERSON, topics.PROCESSING_RECORDED, make_envelope(**(given | fields))


def about(act: Event, topic: str, **fields: Any) -> Event:
    """An event about an act."""
    lane, stream, _, envelope = act
    assert envelope is not None
    given = {"author": "college", "about_operation": envelope.operation_id, "record_ends": envelope.record_ends}
    return lane, stream, topic, make_envelope(**(given | fields))


def on_lane(topic: str, **fields: Any) -> Event:
    """An event on the stream of the lane itself."""
    return 0, lane_stream(0), topic, make_envelope(author="grootboek", **fields)


def held(**fields: Any) -> Event:
    """A hold on the person."""
    return 0, PERSON, topics.HOLD_PLACED, make_envelope(hold_id=HOLD, hold_kind="court", **fields)


def project(connection: psycopg.Connection[Any], *events: Event) -> None:
    """Store these events and apply them."""
    insert_events(connection, events)
    while project_pending(connection):
        pass


def shown(projections: PostgresProjections) -> list[int]:
    """The positions of the person's lines that are shown."""
    return [line.position for line in projections.dossier([(0, PERSON)], ALWAYS)]


def test_every_answer_ends_at_midnight(
    connection: psycopg.Connection[Any], projections: PostgresProjections, clock: FakeClock
) -> None:
    """Lines, holdings, pages, counts, links and reads are there in the last minute, and all gone in the next one."""
    link = make_envelope(author="college", linked_lane=0, linked_stream=uuid4(), record_ends=LAST)
    read = make_envelope(
        author="om", read_id=uuid4(), read_purpose="inquiry", read_streams=(PERSON,), occurred_at=NOW, record_ends=LAST
    )
    project(
        connection,
        recorded(covenant="huis"),
        (0, PERSON, topics.SUBJECTS_LINKED, link),
        (0, access_stream("om"), topics.DATA_READ, read),
    )
    far = ALWAYS.as_known_at

    def answers() -> list[Any]:
        return [
            projections.dossier([(0, PERSON)], ALWAYS),
            projections.search_dossier(
                party="college",
                recipient=None,
                trace_id=None,
                case_indexes=(),
                activity=None,
                streams=(),
                occurred_from=None,
                occurred_until=None,
                reader=None,
                after=None,
                limit=9,
            ),
            projections.holding_acts([(0, PERSON)], ALWAYS),
            projections.holders_page("college", ALWAYS, None, 9),
            projections.impact_page(HeldWindow("college", NOW, NOW, (), far), None, 9),
            projections.linked_held("college", far),
            projections.reads_of([(0, PERSON)], far),
            projections.duty_persons_page("college", ("huis",), ALWAYS, None, 9),
        ]

    clock.set(BEFORE_MIDNIGHT)
    assert all(answers())
    assert projections.impact_counts(HeldWindow("college", NOW, NOW, (), far)) == (1, 1)
    clock.set(MIDNIGHT)
    assert not any(answers())
    assert projections.impact_counts(HeldWindow("college", NOW, NOW, (), far)) == (0, 0)


def test_a_record_without_an_end_stays(
    connection: psycopg.Connection[Any], projections: PostgresProjections, clock: FakeClock
) -> None:
    """Ten years later it is still shown, and the one beside it that had an end is not."""
    project(connection, recorded(record_ends=None), recorded())
    clock.set(NOW + timedelta(days=3650))
    assert shown(projections) == [1]


def test_a_hold_keeps_over_midnight_and_lets_go(
    connection: psycopg.Connection[Any], projections: PostgresProjections, clock: FakeClock
) -> None:
    """What was there before, and what comes while it stands, is kept past its day until the hold is released."""
    project(connection, recorded(), held())
    project(connection, recorded())
    clock.set(MIDNIGHT)
    assert shown(projections) == [1, 2, 3]
    assert projections.impact_counts(ALL_HELD) == (1, 2)
    project(connection, (0, PERSON, topics.HOLD_RELEASED, make_envelope(hold_id=HOLD)))
    assert shown(projections) == [2, 4]
    assert projections.impact_counts(ALL_HELD) == (0, 0)


def test_the_order_of_the_lane_decides_between_a_hold_and_the_end_of_a_day(
    connection: psycopg.Connection[Any], projections: PostgresProjections, clock: FakeClock
) -> None:
    """A hold before the end of the day is in time, however late that is; one after it keeps nothing of that day."""
    clock.set(MIDNIGHT)
    project(connection, recorded(), held(hold_party="college"), on_lane(topics.RETENTION_DAY_ENDED, day=LAST))
    assert 1 in shown(projections)
    project(connection, (0, PERSON, topics.HOLD_RELEASED, make_envelope(hold_id=HOLD)))
    assert 1 not in shown(projections)
    project(connection, held(hold_party="college"))
    assert 1 not in shown(projections)


def test_what_one_hold_keeps_the_next_one_takes_over(
    connection: psycopg.Connection[Any], projections: PostgresProjections, clock: FakeClock
) -> None:
    """A second hold, placed while the first still keeps an ended line, keeps it when the first one goes."""
    second = uuid4()
    clock.set(MIDNIGHT)
    project(connection, recorded(), held(), on_lane(topics.RETENTION_DAY_ENDED, day=LAST))
    project(connection, (0, PERSON, topics.HOLD_PLACED, make_envelope(hold_id=second)))
    project(connection, (0, PERSON, topics.HOLD_RELEASED, make_envelope(hold_id=HOLD)))
    assert 1 in shown(projections)
    project(connection, (0, PERSON, topics.HOLD_RELEASED, make_envelope(hold_id=second)))
    assert 1 not in shown(projections)


@pytest.mark.parametrize(
    ("hold", "kept"),
    [
        ({"case_index": "cc"}, [1]),
        ({"covenant": "huis"}, [2, 3]),
        ({"covenant": "huis", "annex": "b"}, [3]),
        ({"covenant": "huis", "hold_party": "school"}, [3]),
        ({"hold_party": "college"}, [1, 2, 3, 4]),
        ({}, []),
    ],
)
def test_a_hold_keeps_what_meets_all_it_names(
    connection: psycopg.Connection[Any],
    projections: PostgresProjections,
    clock: FakeClock,
    hold: dict[str, Any],
    kept: list[int],
) -> None:
    """By case, covenant, annex, party, or several of these together; one that names nothing keeps nothing."""
    project(
        connection,
        recorded(case_index="cc"),
        recorded(covenant="huis", annex="a"),
        recorded(covenant="huis", annex="b", recipients=("school",), operation_class="share"),
        recorded(),
        on_lane(topics.HOLD_PLACED, hold_id=HOLD, **hold),
    )
    clock.set(MIDNIGHT)
    assert shown(projections) == kept


def test_another_term_moves_the_line_and_all_that_is_about_it(
    connection: psycopg.Connection[Any], projections: PostgresProjections, clock: FakeClock
) -> None:
    """The holding and the record end when the last term says, with a correction from before and one from after it."""
    act = recorded(holding_ends=LAST)
    longer = about(
        act, topics.RETENTION_SET, new_record_ends=LAST + timedelta(days=9), new_holding_ends=LAST + timedelta(days=5)
    )
    project(connection, act, about(act, topics.PROCESSING_CORRECTED, correction="correction"), longer)
    project(connection, about(act, topics.PROCESSING_CORRECTED, correction="correction"))
    clock.set(MIDNIGHT + timedelta(days=8))
    assert shown(projections) == [1, 2, 3, 4]
    (row,) = projections.holding_acts([(0, PERSON)], ALWAYS)
    assert row.ends == LAST + timedelta(days=5)
    project(connection, about(act, topics.RETENTION_SET, new_record_ends=LAST + timedelta(days=8)))
    assert shown(projections) == []


def test_a_term_after_the_end_revives_nothing(
    connection: psycopg.Connection[Any], projections: PostgresProjections, clock: FakeClock
) -> None:
    """What has ended, and was not held, is prolonged by no event."""
    act = recorded()
    project(connection, act, on_lane(topics.RETENTION_DAY_ENDED, day=LAST))
    project(connection, about(act, topics.RETENTION_SET, new_record_ends=LAST + timedelta(days=9)))
    clock.set(MIDNIGHT)
    assert shown(projections) == []


def test_an_erasure_hides_the_dossier_it_names_and_nothing_else(
    database: str, connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """Lines under the named generation go with what is about them; later generations and other dossiers stay."""
    act = recorded(scope="aa", generation=1)
    erased = ErasedDossier(lane=0, stream_id=PERSON, scope="aa", generation=1)
    request = make_envelope(author="college", erasure_id=uuid4(), erased_dossiers=(erased,))
    project(
        connection,
        act,
        recorded(scope="aa", generation=2),
        recorded(scope="bb", generation=1),
        about(act, topics.PROCESSING_CORRECTED, correction="correction"),
        held(),
        (0, UUID(int=9, version=5), topics.ERASURE_REQUESTED, request),
        recorded(scope="aa", generation=2),
    )
    assert shown(projections) == [2, 3, 5, 7]
    assert projections.impact_counts(ALL_HELD) == (1, 3)
    with PostgresShadow(conninfo=database) as shadow:
        assert shadow.compare() == []


def test_a_sweep_takes_the_rows_and_a_rebuild_makes_none(
    database: str, connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """Once announced, rows are gone, though the envelopes still stand; emptying these afterwards changes nothing."""
    project(connection, recorded(), recorded(), recorded(), on_lane(topics.RECORDS_SWEPT, swept=((1, 1), (3, 3))))
    for emptied in ([], [1, 3]):
        connection.execute("UPDATE stored_events SET envelope = NULL WHERE notification_id = ANY(%s)", (emptied,))
        assert shown(projections) == [2]
        assert projections.impact_counts(ALL_HELD) == (1, 1)
        with PostgresShadow(conninfo=database) as shadow:
            assert shadow.compare() == []


def test_in_one_batch_or_event_by_event_the_ends_are_the_same(
    database: str, connection: psycopg.Connection[Any], projections: PostgresProjections, clock: FakeClock
) -> None:
    """A hold, a term, a release and a late line that come together end as they would have one after the other."""
    act = recorded()
    history = [
        act,
        held(),
        on_lane(topics.RETENTION_DAY_ENDED, day=LAST),
        about(act, topics.RETENTION_SET, new_record_ends=LAST + timedelta(days=2)),
        (0, PERSON, topics.HOLD_RELEASED, make_envelope(hold_id=HOLD)),
        recorded(),
    ]
    project(connection, *history)
    clock.set(MIDNIGHT)
    assert shown(projections) == [1, 2, 4, 5]
    clock.set(MIDNIGHT + timedelta(days=2))
    assert shown(projections) == [2, 5]
    with PostgresShadow(conninfo=database) as shadow:
        assert shadow.compare() == []


def test_what_comes_between_the_choice_of_a_sweep_and_its_announcement_ends_by_itself(
    database: str, connection: psycopg.Connection[Any], projections: PostgresProjections
) -> None:
    """A correction of what was erased meanwhile hides with it, and when that is gone has only an end of its own."""
    act = recorded(scope="aa", generation=1)
    erased = ErasedDossier(lane=0, stream_id=PERSON, scope="aa", generation=1)
    request = make_envelope(author="college", erasure_id=uuid4(), erased_dossiers=(erased,))
    project(connection, act, (0, UUID(int=9, version=5), topics.ERASURE_REQUESTED, request))
    project(connection, about(act, topics.PROCESSING_CORRECTED, correction="correction"))
    assert shown(projections) == []
    project(connection, on_lane(topics.RECORDS_SWEPT, swept=((1, 1),)))
    assert shown(projections) == [3]
    with PostgresShadow(conninfo=database) as shadow:
        assert shadow.compare() == []
