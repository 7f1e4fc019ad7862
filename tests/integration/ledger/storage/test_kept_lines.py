from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.ledger.application.rebuild import rebuild
from services.ledger.application.retention_ports import (
    HoldAt,
    HoldScope,
    KeptLine,
    RecordOwner,
    SweepableLines,
    SweepReason,
)
from services.ledger.contract import topics
from services.ledger.contract.events import ErasedDossier
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.identity import lane_stream
from services.ledger.storage.projections.kept_lines import PostgresKeptLines
from services.ledger.storage.projections.proceedings import PostgresProceedings
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.projections.shadow import PostgresShadow
from services.runtime.postgres import SyncPool, sync_pool
from tests.support.envelopes import Event, insert_events, make_envelope

TODAY = date(2026, 9, 10)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
ALICE, BOB = (UUID(int=number << 64, version=4) for number in (1, 2))
FIRST, SECOND = sorted((uuid4(), uuid4()))


@pytest.fixture
def pool(database: str, connection: psycopg.Connection[Any]) -> Iterator[SyncPool]:
    """Connections for the questions."""
    with sync_pool(database, name="test") as opened:
        yield opened


@pytest.fixture
def lines(pool: SyncPool) -> PostgresKeptLines:
    """The questions about ends."""
    return PostgresKeptLines(pool=pool)


@pytest.fixture
def proceedings(pool: SyncPool) -> PostgresProceedings:
    """The questions about holds."""
    return PostgresProceedings(pool=pool)


def recorded(ends: date | None, stream: UUID = ALICE, lane: int = 0, **fields: Any) -> Event:
    """An act of the college whose record ends on a day."""
    given = {"controller": "college", "operation_class": "collect", "data_categories": ("name",), "record_ends": ends}
    return lane, stream, topics.PROCESSING_RECORDED, make_envelope(**(given | fields))


def about(act: Event, topic: str, **fields: Any) -> Event:
    """An event about an act, with its end."""
    lane, stream, _, envelope = act
    assert envelope is not None
    given = {"author": "college", "about_operation": envelope.operation_id, "record_ends": envelope.record_ends}
    return lane, stream, topic, make_envelope(**(given | fields))


def set_terms(act: Event, ends: date) -> Event:
    """A later event that says both ends of an act, that of the record as it was."""
    return about(act, topics.RETENTION_SET, new_holding_ends=ends, new_record_ends=TOMORROW, record_ends=TOMORROW)


def held(hold_id: UUID = FIRST, stream: UUID = ALICE, lane: int = 0, kind: str = "court", **fields: Any) -> Event:
    """A hold on a person, or with the stream of the lane on what it names."""
    return lane, stream, topics.HOLD_PLACED, make_envelope(hold_id=hold_id, hold_kind=kind, **fields)


def released(hold_id: UUID, stream: UUID = ALICE) -> Event:
    """The end of a hold."""
    return 0, stream, topics.HOLD_RELEASED, make_envelope(hold_id=hold_id)


def ended(day: date, lane: int = 0) -> Event:
    """The end of a day."""
    return lane, lane_stream(lane), topics.RETENTION_DAY_ENDED, make_envelope(day=day)


def project(connection: psycopg.Connection[Any], *events: Event) -> None:
    """Store these events and apply them."""
    insert_events(connection, events)
    while project_pending(connection):
        pass


def swept(lines: PostgresKeptLines, lane: int, reason: SweepReason, today: date, limit: int) -> list[int]:
    """The positions that may be swept."""
    return sorted(place for found in lines.sweepable(lane, reason, today, limit) for place in found.positions)


def test_the_days_to_end_are_those_on_which_something_ends_anywhere(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """In any lane, held or not, each once; not those that were ended, not today, not what never ends."""
    project(
        connection,
        recorded(TODAY - timedelta(days=3)),
        recorded(TODAY - timedelta(days=3)),
        recorded(YESTERDAY, lane=1),
        recorded(TODAY),
        recorded(None),
        recorded(TODAY - timedelta(days=5)),
        ended(TODAY - timedelta(days=5)),
        recorded(TODAY - timedelta(days=2), stream=BOB),
        held(stream=BOB),
    )
    assert lines.days_to_end(TODAY) == [TODAY - timedelta(days=3), TODAY - timedelta(days=2), YESTERDAY]


def test_a_day_that_ended_in_one_lane_only_is_still_due(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """A day is over when it was ended in every lane in which something ends on it."""
    project(connection, recorded(YESTERDAY), recorded(YESTERDAY, lane=1), ended(YESTERDAY))
    assert lines.days_to_end(TODAY) == [YESTERDAY]


def test_what_outlives_a_day_is_listed_with_what_keeps_it(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """Held lines by their holds, moved ones by their last day, also after a second move; what is about them as well."""
    moved, twice = recorded(TODAY), recorded(TODAY, stream=BOB)
    project(
        connection,
        moved,
        twice,
        recorded(TODAY),
        recorded(TOMORROW),
        about(moved, topics.PROCESSING_CORRECTED, correction="correction"),
        about(moved, topics.RETENTION_SET, new_record_ends=TOMORROW, record_ends=TOMORROW),
        about(twice, topics.RETENTION_SET, new_record_ends=TOMORROW, record_ends=TOMORROW),
        held(SECOND, hold_party="college"),
        held(FIRST),
    )
    later = TODAY + timedelta(days=9)
    project(connection, about(twice, topics.RETENTION_SET, new_record_ends=later, record_ends=later))
    both = tuple(sorted((FIRST, SECOND)))
    assert lines.kept_beyond(0, TODAY, 0, 9) == [
        KeptLine(0, 1, TOMORROW, both),
        KeptLine(0, 2, later, ()),
        KeptLine(0, 3, None, both),
        KeptLine(0, 5, TOMORROW, both),
    ]
    assert [line.position for line in lines.kept_beyond(0, TOMORROW, 0, 9)] == [1, 2, 4, 5, 6, 7]
    assert lines.kept_beyond(0, YESTERDAY, 0, 9) == []


def test_what_outlives_a_day_comes_in_pages(connection: psycopg.Connection[Any], lines: PostgresKeptLines) -> None:
    """Page after page every line stands once, in order, whatever keeps it."""
    acts = [recorded(TODAY, stream=(ALICE, BOB)[number % 2]) for number in range(9)]
    moves = [about(act, topics.RETENTION_SET, new_record_ends=TOMORROW) for act in acts[1::2]]
    project(connection, *acts, *moves, held())
    found: list[int] = []
    while page := lines.kept_beyond(0, TODAY, found[-1] if found else 0, 2):
        found += [line.position for line in page]
    assert found == list(range(1, 14))


def test_who_keeps_a_line_now(connection: psycopg.Connection[Any], lines: PostgresKeptLines) -> None:
    """Its day while that was not ended, and the holds that stand; what has ended and what was erased is left out."""
    act = recorded(TODAY)
    project(
        connection,
        act,
        recorded(YESTERDAY),
        held(FIRST),
        held(SECOND),
        ended(YESTERDAY),
        released(SECOND),
        recorded(YESTERDAY, stream=BOB),
        recorded(TOMORROW, stream=BOB),
        about(act, topics.PROCESSING_CORRECTED, correction="correction"),
    )
    found = lines.keepers_of([(0, position) for position in (1, 2, 7, 8, 9)])
    assert found == [
        KeptLine(0, 1, TODAY, (FIRST,)),
        KeptLine(0, 2, None, (FIRST,)),
        KeptLine(0, 8, TOMORROW, ()),
        KeptLine(0, 9, TODAY, (FIRST,)),
    ]


def test_hidden_is_what_was_applied_and_is_shown_no_more(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """Ended, erased and announced as swept; not what the projections have not seen, and nothing of the register."""
    erased = ErasedDossier(lane=0, stream_id=BOB, scope="aa", generation=1)
    project(
        connection,
        recorded(YESTERDAY),
        recorded(TODAY),
        recorded(TODAY, stream=BOB, scope="aa", generation=1),
        recorded(TODAY),
        (
            0,
            UUID(int=9, version=5),
            topics.ERASURE_REQUESTED,
            make_envelope(erasure_id=FIRST, erased_dossiers=(erased,)),
        ),
        (0, lane_stream(0), topics.RECORDS_SWEPT, make_envelope(swept=((4, 4),))),
        (REGISTER_LANE, uuid4(), "register.entry.1", None),
    )
    insert_events(connection, [recorded(YESTERDAY)])
    places = [*((0, position) for position in range(1, 8)), (REGISTER_LANE, 1), (3, 1)]
    assert lines.hidden(places, TODAY) == {(0, 1), (0, 3), (0, 4)}
    assert lines.hidden(places, TOMORROW) == {(0, 1), (0, 2), (0, 3), (0, 4)}
    assert lines.hidden([], TODAY) == frozenset()


def test_only_what_ended_on_an_ended_day_or_was_erased_is_swept(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """Not before its day was ended in the lane, not what a hold keeps, not what goes on."""
    erased = ErasedDossier(lane=0, stream_id=BOB, scope="aa", generation=1)
    project(
        connection,
        recorded(YESTERDAY),
        recorded(TODAY - timedelta(days=2)),
        recorded(TODAY),
        recorded(YESTERDAY, stream=BOB, scope="aa", generation=1),
        recorded(YESTERDAY, case_index="cc"),
        held(stream=lane_stream(0), case_index="cc"),
        ended(YESTERDAY),
        (
            0,
            UUID(int=9, version=5),
            topics.ERASURE_REQUESTED,
            make_envelope(erasure_id=FIRST, erased_dossiers=(erased,)),
        ),
    )
    assert swept(lines, 0, "ended", TODAY, 9) == [1]
    assert swept(lines, 0, "erased", TODAY, 9) == [4]
    assert swept(lines, 1, "ended", TODAY, 9) == []


def test_a_line_is_swept_with_all_that_is_about_it(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """A correction goes in the batch of its act, beyond the bound of the batch if need be, and never by itself."""
    acts = [recorded(YESTERDAY) for _ in range(3)]
    later = [about(acts[1], topics.PROCESSING_CORRECTED, correction="correction", record_ends=TODAY) for _ in range(2)]
    project(connection, *acts, *later, ended(YESTERDAY))
    assert swept(lines, 0, "ended", TODAY, 9) == [1, 2, 3, 4, 5]
    batches = {tuple(swept(lines, 0, "ended", TODAY, limit)) for limit in (1, 2)}
    assert {position for batch in batches for position in batch if position > 3} <= {4, 5}
    assert all((2 in batch) == (4 in batch) == (5 in batch) for batch in batches)


def test_what_is_swept_is_told_with_whose_it_was(connection: psycopg.Connection[Any], lines: PostgresKeptLines) -> None:
    """Controller, covenant annex, activity and last day; what is about a line names that one as its leader."""
    act = recorded(YESTERDAY, covenant="huis", annex="a", activity="act:1")
    project(
        connection,
        act,
        recorded(YESTERDAY, controller="burgemeester"),
        about(act, topics.PROCESSING_CORRECTED, correction="correction"),
        ended(YESTERDAY),
    )
    own = RecordOwner("college", "huis", "a", "act:1", YESTERDAY)
    found = sorted(lines.sweepable(0, "ended", TODAY, 9), key=lambda one: list(one.positions))
    assert found == [
        SweepableLines(own, [1], [1]),
        SweepableLines(RecordOwner("burgemeester", None, None, None, YESTERDAY), [2], [2]),
        SweepableLines(RecordOwner("college", None, None, None, YESTERDAY), [3], [1]),
    ]


def test_open_erasures_tell_who_owes_and_who_answered(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """Over all lanes; one that was completed in any lane is open no more."""
    stream = UUID(int=9, version=5)
    owing = make_envelope(author="college", erasure_id=FIRST, duties=("erase:school", "erase:politie", "inform:om"))
    elsewhere = make_envelope(author="college", erasure_id=FIRST)
    gone = make_envelope(author="grootboek", erasure_id=FIRST)
    answered = make_envelope(author="school", erasure_id=FIRST, answer="kept")
    other = make_envelope(author="college", erasure_id=SECOND)
    project(
        connection,
        (0, stream, topics.ERASURE_REQUESTED, owing),
        (1, stream, topics.ERASURE_REQUESTED, elsewhere),
        (0, ALICE, topics.ERASED, gone),
        (0, stream, topics.OBLIGATION_ANSWERED, answered),
        (1, stream, topics.ERASURE_REQUESTED, other),
    )
    first, second = lines.open_erasures()
    assert (first.erasure_id, first.requested, first.erased) == (FIRST, ((0, 1), (1, 1)), ((0, 2),))
    assert first.owed == {"school", "politie"}
    assert first.answers == {(0, 3)}
    assert (second.erasure_id, second.owed) == (SECOND, frozenset())
    complete = make_envelope(author="grootboek", erasure_id=FIRST)
    project(connection, (0, stream, topics.ERASURE_COMPLETED, complete))
    assert [erasure.erasure_id for erasure in lines.open_erasures()] == [SECOND]


def test_the_schedule_counts_what_ends_by_day_and_whose_it_is(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """Holdings and records of all that names the party, over all lanes, page by page; held records have no day."""
    covenant: dict[str, Any] = {"covenant": "huis", "annex": "a"}
    project(
        connection,
        recorded(TOMORROW, holding_ends=TODAY, **covenant),
        recorded(TOMORROW, holding_ends=TODAY, lane=1, **covenant),
        recorded(TOMORROW, controller="burgemeester", recipients=("college",), holding_ends=YESTERDAY),
        recorded(YESTERDAY, holding_ends=TODAY),
        recorded(TODAY, controller="politie", stream=BOB),
        recorded(TODAY, holding_ends=TOMORROW, stream=BOB),
        held(stream=BOB),
    )
    days = (TODAY, date.max)
    expected = [
        (TODAY, "holding", "college", "huis", "a", 2),
        (TOMORROW, "holding", "college", None, None, 1),
        (TOMORROW, "record", "burgemeester", None, None, 1),
        (TOMORROW, "record", "college", "huis", "a", 2),
    ]

    def page(after: Any, limit: int) -> list[Any]:
        found = lines.schedule("college", days, TODAY, after, limit)
        return [((e.day, e.what, e.controller, e.covenant, e.annex, e.lines), e.place) for e in found]

    assert [row for row, _ in page(None, 9)] == expected
    seen: list[Any] = []
    while rows := page(seen[-1][1] if seen else None, 1):
        seen += rows
    assert [row for row, _ in seen] == expected
    assert lines.schedule("college", (TOMORROW, TOMORROW), TODAY, None, 1)[0].day == TOMORROW
    assert lines.schedule("om", days, TODAY, None, 9) == []


def test_the_schedule_says_which_rules_won_and_which_lost(
    connection: psycopg.Connection[Any], lines: PostgresKeptLines, database: str
) -> None:
    """Over all lanes, as the envelopes say it, a later term included; after a rebuild the same."""
    phase: dict[str, Any] = {"holding_ends": TODAY, "term_rule": "covenant-phase"}
    lost = ("act P2Y 2028-09-10", "wgs-maximum P5Y 2031-09-10")
    first, second, third = (
        recorded(TOMORROW, term_rule="act", terms_lost=("activity P1Y 2027-09-10",), holding_ends=ends, stream=BOB)
        for ends in (TOMORROW, TODAY, TOMORROW)
    )
    project(
        connection,
        recorded(TOMORROW, terms_lost=lost, **phase),
        recorded(TOMORROW, terms_lost=lost, lane=1, **phase),
        recorded(TOMORROW, **phase),
        recorded(TOMORROW, holding_ends=TODAY),
        recorded(TOMORROW, terms_lost=lost, **(phase | {"holding_ends": TOMORROW})),
        recorded(TOMORROW, controller="politie", terms_lost=lost, **phase),
        first,
        second,
        third,
        # Moved to today; left where it was; moved twice, back to where it was.
        set_terms(first, TODAY),
        set_terms(second, TODAY),
        set_terms(third, TODAY),
        set_terms(third, TOMORROW),
    )

    def told() -> dict[date, list[tuple[str | None, tuple[str, ...], int]]]:
        found = lines.schedule("college", (TODAY, date.max), TODAY, None, 9)
        assert all(sum(rule.lines for rule in one.rules) == one.lines for one in found if one.what == "holding")
        assert all(one.rules == () for one in found if one.what == "record")
        return {one.day: [(r.rule, r.lost, r.lines) for r in one.rules] for one in found if one.what == "holding"}

    expected = {
        TODAY: [
            ("covenant-phase", ("act", "wgs-maximum"), 2),
            (None, (), 1),
            ("act", ("activity",), 1),
            ("covenant-phase", (), 1),
            ("later-term", ("act", "activity"), 1),
        ],
        TOMORROW: [("covenant-phase", ("act", "wgs-maximum"), 1), ("later-term", ("act", "activity"), 1)],
    }
    assert told() == expected
    with PostgresShadow(conninfo=database) as shadow:
        rebuild(shadow)
    assert told() == expected


def test_a_hold_to_come_is_counted_by_what_it_would_keep(
    connection: psycopg.Connection[Any], proceedings: PostgresProceedings
) -> None:
    """What is there, and what was ended and not swept yet; of all lines that meet everything it names."""
    project(
        connection,
        recorded(TODAY, case_index="cc", covenant="huis", annex="a"),
        recorded(YESTERDAY, covenant="huis", annex="b"),
        recorded(TODAY, stream=BOB, controller="politie", covenant="huis"),
        ended(YESTERDAY),
    )
    assert proceedings.count_lines(HoldScope(lane=0, stream_id=ALICE)) == (1, 1)
    assert proceedings.count_lines(HoldScope(lane=0, case_index="cc")) == (1, 0)
    assert proceedings.count_lines(HoldScope(lane=0, covenant="huis")) == (2, 1)
    assert proceedings.count_lines(HoldScope(lane=0, covenant="huis", annex="b", party="college")) == (0, 1)
    assert proceedings.count_lines(HoldScope(lane=0, party="politie")) == (1, 0)
    assert proceedings.count_lines(HoldScope(lane=1, covenant="huis")) == (0, 0)
    assert proceedings.count_lines(HoldScope(lane=0)) == (0, 0)


def test_holds_in_force_come_in_pages_and_released_ones_are_named(
    connection: psycopg.Connection[Any], proceedings: PostgresProceedings
) -> None:
    """Over all lanes in order of place, of the kinds asked for."""
    project(
        connection,
        held(FIRST, kind="request"),
        held(SECOND, kind="breach"),
        held(SECOND, stream=lane_stream(1), lane=1, kind="breach", case_index="cc"),
        held(UUID(int=5), kind="court"),
        released(FIRST),
    )
    kinds = ("request", "breach")
    first = proceedings.in_force(kinds, None, 1)
    assert first == [HoldAt(hold_id=SECOND, lane=0, position=2)]
    rest = proceedings.in_force(kinds, (first[0].lane, first[0].position), 9)
    assert rest == [HoldAt(hold_id=SECOND, lane=1, position=1)]
    assert proceedings.in_force(kinds, (1, 1), 9) == []
    assert proceedings.standing(SECOND) == [*first, *rest]
    assert proceedings.standing(FIRST) == []
    assert [at.hold_id for at in proceedings.of_persons([(0, ALICE), (1, ALICE)])] == [SECOND, UUID(int=5)]
    assert proceedings.of_persons([(0, BOB)]) == []
    assert proceedings.released([FIRST, SECOND, UUID(int=7)]) == {FIRST}


def test_the_kinds_that_keep_lines_are_told(
    connection: psycopg.Connection[Any], proceedings: PostgresProceedings
) -> None:
    """Also of what is about a held line; a hold that came too late, or was released, keeps nothing."""
    act = recorded(YESTERDAY)
    project(
        connection,
        act,
        about(act, topics.PROCESSING_CORRECTED, correction="correction"),
        held(FIRST, kind="request", hold_party="college"),
        recorded(YESTERDAY, stream=BOB),
        ended(YESTERDAY),
        held(SECOND, stream=BOB, kind="court"),
    )
    assert proceedings.keeping([(0, 1)]) == ["request"]
    assert proceedings.keeping([(0, 2), (0, 4)]) == ["request"]
    assert proceedings.keeping([(0, 4)]) == []
    project(connection, released(FIRST))
    assert proceedings.keeping([(0, 1), (0, 2)]) == []


def test_a_hold_stays_as_long_as_it_explains_why_something_is_still_there(
    database: str, connection: psycopg.Connection[Any], lines: PostgresKeptLines
) -> None:
    """Its own record has ended, but a line passed its day under it that another hold keeps now: a rebuild needs it."""
    day = TODAY - timedelta(days=2)
    on_case: dict[str, Any] = {"stream": lane_stream(0), "case_index": "cc"}
    project(
        connection,
        recorded(day, case_index="cc"),
        held(FIRST, record_ends=YESTERDAY, **on_case),
        ended(day),
        held(SECOND, record_ends=TOMORROW, **on_case),
        released(FIRST, lane_stream(0)),
        ended(YESTERDAY),
    )
    assert swept(lines, 0, "ended", TODAY, 9) == []
    assert lines.keepers_of([(0, 1)]) == [KeptLine(0, 1, None, (SECOND,))]
    project(connection, released(SECOND, lane_stream(0)))
    assert swept(lines, 0, "ended", TODAY, 9) == [1, 2]
    project(connection, (0, lane_stream(0), topics.RECORDS_SWEPT, make_envelope(swept=((1, 2),))))
    with PostgresShadow(conninfo=database) as shadow:
        assert shadow.compare() == []


def test_the_end_of_a_hold_goes_after_the_hold(connection: psycopg.Connection[Any], lines: PostgresKeptLines) -> None:
    """Swept before it, a rebuild would find the hold in force again."""
    on_case: dict[str, Any] = {"stream": lane_stream(0), "case_index": "cc"}
    release = make_envelope(hold_id=FIRST, record_ends=YESTERDAY)
    project(
        connection,
        held(FIRST, record_ends=TODAY, **on_case),
        (0, lane_stream(0), topics.HOLD_RELEASED, release),
        ended(YESTERDAY),
    )
    assert swept(lines, 0, "ended", TODAY, 9) == []
    project(connection, ended(TODAY))
    assert swept(lines, 0, "ended", TOMORROW, 9) == [1]
    project(connection, (0, lane_stream(0), topics.RECORDS_SWEPT, make_envelope(swept=((1, 1),))))
    assert swept(lines, 0, "ended", TOMORROW, 9) == [2]
