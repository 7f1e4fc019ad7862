"""What every OverlapStore promises: PostgreSQL and memory."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from msgspec.structs import replace

from services.law.overlap import OverlapCount, Size, count_overlap
from services.ledger.application.overlap_ports import Overlap, OverlapStore, Persons
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.overlaps import PostgresOverlaps
from services.ledger.storage.overlaps_memory import MemoryOverlaps
from services.runtime import limits
from services.runtime.postgres import sync_pool

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
ASKED = Overlap(
    lane=1,
    id=UUID(int=7),
    key="riddle",
    controller="college",
    author="college",
    parties=("police", "school"),
    opened_at=NOW,
    closes_at=NOW + timedelta(days=1),
    wrapped_secret=b"w" * 60,
)
SHARED = frozenset({b"a" * 32, b"b" * 32, b"c" * 32})


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[OverlapStore]:
    """Give an empty store of a ledger of four lanes."""
    if request.param == "memory":
        yield MemoryOverlaps()
        return
    database: str = request.getfixturevalue("database")
    open_ledger(database, 4, "system")
    with sync_pool(database, name="test", size_max=4) as pool:
        yield PostgresOverlaps(pool)


def never(_persons: Persons) -> OverlapCount:
    """What must not be asked."""
    raise AssertionError


def kept_of(store: OverlapStore, overlap: Overlap) -> Overlap | None:
    """Open one where there is room."""
    return store.open(overlap, NOW, 10)


def kept(store: OverlapStore, overlap: Overlap = ASKED) -> Overlap:
    """The overlap as it is kept."""
    found = store.find(overlap.lane, overlap.id)
    assert found is not None
    return found


def test_an_overlap_is_kept_once(store: OverlapStore) -> None:
    """What was kept comes back whole; keeping it again, otherwise, changes nothing and gives what is there."""
    assert store.find(1, ASKED.id) is None
    assert kept_of(store, ASKED) == ASKED
    assert kept_of(store, replace(ASKED, wrapped_secret=b"x" * 60)) == ASKED
    assert kept(store) == ASKED
    assert store.find(2, ASKED.id) is None


def test_a_party_hands_in_once(store: OverlapStore) -> None:
    """The second time, and for an overlap that is not there, nothing changes."""
    kept_of(store, ASKED)
    assert store.hand_in(1, ASKED.id, "school", SHARED, never)
    assert store.hand_in(1, ASKED.id, "school", frozenset({b"z" * 32}), never)
    assert not store.hand_in(1, UUID(int=8), "school", SHARED, never)
    assert kept(store).handed_in == ("school",)
    assert store.hand_in(1, ASKED.id, "police", SHARED, count_overlap)
    assert kept(store).count == OverlapCount(
        union=Size(("police", "school"), 3), intersections=(Size(("police", "school"), 3),)
    )


def test_nothing_is_counted_before_all_have_handed_in(store: OverlapStore) -> None:
    """One party alone is never counted."""
    kept_of(store, ASKED)
    store.hand_in(1, ASKED.id, "school", SHARED, never)
    assert kept(store).state == "open"


def test_counting_drops_the_secret_and_the_persons(store: OverlapStore) -> None:
    """It is counted once; afterwards there is nothing to count and nothing to hand in."""
    kept_of(store, ASKED)
    for party in ASKED.parties:
        store.hand_in(1, ASKED.id, party, SHARED, count_overlap)
    counted = kept(store)
    assert (counted.state, counted.wrapped_secret) == ("counted", None)
    assert store.hand_in(1, ASKED.id, "police", SHARED, never), "it has handed in, and nothing is counted again"
    assert not store.hand_in(1, ASKED.id, "college", SHARED, never)
    store.end(1, ASKED.id, "withdrawn")
    assert kept(store) == counted


def test_ending_without_a_count_drops_them_too(store: OverlapStore) -> None:
    """Withdrawn or out of time: the secret goes, and what was handed in by then is never counted."""
    kept_of(store, ASKED)
    store.hand_in(1, ASKED.id, "school", SHARED, never)
    store.end(1, ASKED.id, "withdrawn")
    assert not store.hand_in(1, ASKED.id, "police", SHARED, never)
    store.end(1, UUID(int=8), "withdrawn")
    ended = kept(store)
    assert (ended.state, ended.wrapped_secret, ended.handed_in, ended.count) == ("withdrawn", None, ("school",), None)


def test_what_is_over_or_past_its_time_waits_to_be_settled(store: OverlapStore) -> None:
    """An open one waits from its closing time on, an ended one at once, until it is settled; oldest first."""
    kept_of(store, ASKED)
    ended = replace(ASKED, id=UUID(int=9), opened_at=NOW - timedelta(hours=1))
    kept_of(store, ended)
    assert store.unsettled(NOW) == []
    store.end(1, ended.id, "withdrawn")
    assert [one.id for one in store.unsettled(NOW)] == [ended.id]
    assert [one.id for one in store.unsettled(ASKED.closes_at)] == [ended.id, ASKED.id]
    store.settle(1, ended.id)
    store.settle(1, ASKED.id)
    assert [one.id for one in store.unsettled(ASKED.closes_at)] == [ASKED.id], "an open one cannot be settled"
    assert kept(store, ended).is_settled


def test_few_are_settled_at_a_time(store: OverlapStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait, a round takes a bounded number."""
    monkeypatch.setattr(limits, "OVERLAPS_SETTLED_PER_ROUND_MAX", 2)
    for number in range(3):
        kept_of(store, replace(ASKED, id=UUID(int=20 + number)))
    assert [one.id.int for one in store.unsettled(ASKED.closes_at)] == [20, 21]


def test_what_a_party_asked_for_is_counted_by_time(store: OverlapStore) -> None:
    """Its own only, from the instant on; what fills a number is known by the first of the newest."""
    kept_of(store, ASKED)
    kept_of(store, replace(ASKED, id=UUID(int=9), author="school"))
    later = NOW + timedelta(hours=1)
    kept_of(store, replace(ASKED, id=UUID(int=10), opened_at=later))
    assert store.full_since("college", NOW, 1) == later
    assert store.full_since("college", NOW, 2) == NOW
    assert store.full_since("college", NOW, 3) is None
    assert store.full_since("college", NOW + timedelta(seconds=1), 2) is None


def test_of_many_at_once_no_more_than_there_is_room_for_are_kept(store: OverlapStore) -> None:
    """Each of them looks before any is kept; what was kept before is given again, also without room."""
    many = [replace(ASKED, id=UUID(int=40 + number)) for number in range(8)]
    with ThreadPoolExecutor(max_workers=4) as threads:
        kept_ones = list(threads.map(lambda one: store.open(one, NOW, 3), many))
    assert sum(one is not None for one in kept_ones) == 3
    assert (store.full_since("college", NOW, 3), store.full_since("college", NOW, 4)) == (NOW, None)
    assert {store.open(one, NOW, 3) for one in many} == set(kept_ones)
    assert store.open(replace(many[0], id=UUID(int=60), author="school"), NOW, 3) is not None


def test_the_last_two_at_once_are_counted_once(store: OverlapStore) -> None:
    """Whoever comes second sees what the first has handed in."""
    three = replace(ASKED, parties=("college", "police", "school"))
    store.open(three, NOW, 10)
    counts: list[Persons] = []

    def counter(persons: Persons) -> OverlapCount:
        counts.append(persons)
        return count_overlap(persons)

    with ThreadPoolExecutor(max_workers=3) as threads:
        taken = threads.map(lambda party: store.hand_in(1, three.id, party, SHARED, counter), three.parties)
        assert list(taken) == [True] * 3
    assert len(counts) == 1
    assert kept(store, three).state == "counted"


def test_no_person_stays_in_the_tables(database: str) -> None:
    """After a count, and after an end without one, the table of persons is empty."""
    open_ledger(database, 4, "system")
    with sync_pool(database, name="test", size_max=2) as pool:
        store = PostgresOverlaps(pool)
        other = replace(ASKED, id=UUID(int=9))
        for overlap in (ASKED, other):
            kept_of(store, overlap)
            store.hand_in(1, overlap.id, "school", SHARED, never)
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT count(*) FROM overlap_person").fetchone() == (6,)
        store.hand_in(1, ASKED.id, "police", SHARED, count_overlap)
        store.end(1, other.id, "expired")
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT count(*) FROM overlap_person").fetchone() == (0,)
