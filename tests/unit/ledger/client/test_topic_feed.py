"""What the feed over a topic does at gaps, poison, replays, a late register and a lack of room."""

from __future__ import annotations

import itertools

import pytest

from services.ledger.client.feed.poison_limit import TooMuchPoison
from services.ledger.client.feed.ports import Polled
from services.ledger.contract.errors import PositionMissing
from services.runtime import limits
from services.runtime.log_events import FEED_FILLED, FEED_REWOUND
from tests.support.feed_world import Consumer, World, in_order, renumber
from tests.support.topic_in_memory import HistoryInMemory, Numbered, RegisterInMemory, Written

LANES = (0, 1, 2)


def positions(events: list[Numbered]) -> list[int]:
    """The positions of events of one lane."""
    return [event.position for event in events]


def warnings_of(world: World, kind: object) -> list[dict[str, object]]:
    """What was logged of one kind."""
    return [fields for event, fields in world.memory_log.written if event is kind]


def test_what_is_not_committed_comes_again() -> None:
    """A consumer that failed to store gets the same events once more."""
    world = World({0: in_order(0, 5)})
    consumer = world.join()
    first, _ = consumer.feed.poll(3)
    again, cursor = consumer.feed.poll(3)
    assert positions(first) == positions(again) == [1, 2, 3]
    consumer.feed.commit(cursor)
    assert positions(consumer.feed.poll(3)[0]) == [4, 5]


def test_whoever_begins_beyond_the_cursor_reads_the_log_from_its_start() -> None:
    """A group's offset that is ahead of the stored cursor loses nothing, and does not ask the ledger."""
    world = World({0: in_order(0, 500)})
    world.settled[0] = 300
    consumer = world.join()
    consumer.drain()
    assert world.effects.seen == {0: list(range(1, 501))}
    assert consumer.topic.rewinds == [0]
    assert warnings_of(world, FEED_REWOUND) == [{"lane": 0, "position": 0}]
    assert world.history.asked == []


@pytest.mark.parametrize("settled", [0, 100, 600])
def test_what_time_took_from_the_log_comes_from_the_ledger(settled: int) -> None:
    """A consumer further behind than the retention of the topic gets the missing piece from the ledger."""
    world = World({0: in_order(0, 1000)})
    world.settled[0] = settled
    consumer = Consumer(world)
    consumer.topic.wear_away(0, 400)
    consumer.topic.assign((0,))
    consumer.drain()
    assert world.effects.seen == {0: list(range(1, 1001))}
    assert warnings_of(world, FEED_FILLED) == [{"lane": 0, "position": 0, "events": 400}]


def test_a_piece_that_is_larger_than_the_room_comes_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer far behind never holds more than its bound of what the ledger gives."""
    monkeypatch.setattr(limits, "FEED_READY_EVENTS_MAX", 20)
    monkeypatch.setattr(limits, "FEED_FILL_EVENTS_MAX", 10)
    world = World({0: in_order(0, 300)}, piece=7)
    consumer = Consumer(world)
    consumer.topic.wear_away(0, 250)
    consumer.topic.assign((0,))
    most = 0
    while world.effects.cursor.get(0, 0) < 300:
        consumer.step(5)
        most = max(most, consumer.feed._lanes[0].order.ready)
    assert world.effects.seen == {0: list(range(1, 301))}
    assert most <= 20 + 10 + 7 + 50


def test_a_log_that_was_worn_away_wholly_is_made_up_for_by_the_ledger() -> None:
    """No record is left to show that something is missing, and yet it is noticed."""
    world = World({0: in_order(0, 10)})
    consumer = Consumer(world)
    consumer.topic.wear_away(0, 10)
    consumer.topic.assign((0,))
    consumer.drain()
    assert world.effects.seen == {0: list(range(1, 11))}


@pytest.mark.parametrize("settled", [0, 200])
def test_a_hole_inside_the_log_stops_the_feed(settled: int) -> None:
    """Earlier and later positions are there, one is not: it is named, the ledger is not asked, nothing passes it."""
    records = in_order(0, 300)
    del records[14]
    world = World({0: renumber(records)})
    world.settled[0] = settled
    consumer = world.join()
    with pytest.raises(PositionMissing, match="0-15 "):
        consumer.drain()
    assert world.effects.cursor.get(0, 0) <= 14
    assert world.history.asked == []


def test_a_hole_that_the_ledger_cannot_fill_stops_the_feed() -> None:
    """What neither the log nor the ledger has was lost."""
    world = World({0: in_order(0, 30)})
    world.history = HistoryInMemory({0: [Numbered(0, number) for number in range(1, 30) if number != 7]})
    consumer = Consumer(world)
    consumer.topic.wear_away(0, 20)
    consumer.topic.assign((0,))
    with pytest.raises(PositionMissing, match="0-7 "):
        consumer.drain()


def test_a_late_record_is_waited_for() -> None:
    """At the end of the log nothing is missed yet; a moment later it comes, and nothing was read twice."""
    log = {0: [in_order(0, 3)[0], in_order(0, 3)[2]]}
    world = World({0: renumber(log[0])})
    consumer = world.join()
    assert positions(consumer.step()) == [1]
    world.log[0].append(Written(partition=0, offset=2, event=Numbered(0, 2)))
    assert positions(consumer.step()) == [2, 3]
    assert consumer.topic.rewinds == []


def test_foreign_poison_moves_no_cursor() -> None:
    """A record that is no event and claims no place of the lane, or one far away, is only set aside."""
    foreign = [Written(partition=0, offset=0), Written(partition=0, offset=0, claimed=99)]
    world = World({0: renumber([*foreign, *in_order(0, 2)])})
    world.join().drain()
    assert world.effects.seen == {0: [1, 2]}
    assert world.effects.cursor == {0: 2}
    assert world.dead_letters.places() == [(0, 0), (0, 1)]


@pytest.mark.parametrize("limit", [1, 50])
def test_a_readable_record_after_an_unreadable_one_of_its_place_is_not_lost(limit: int) -> None:
    """Whoever forges a place cannot make the event of that place disappear, be it handed out past it or not."""
    one, two, three = in_order(0, 3)
    world = World({0: renumber([one, Written(partition=0, offset=0, claimed=2), three])})
    consumer = world.join()
    consumer.drain(limit)
    assert world.effects.cursor == {0: 3}
    world.log[0].append(Written(partition=0, offset=3, event=two.event))
    consumer.drain(limit)
    assert world.effects.seen == {0: [1, 3, 2]}
    assert world.effects.cursor == {0: 3}


def test_a_replaced_record_takes_its_place_when_nobody_passed_it() -> None:
    """The readable record of a place comes in order while the unreadable one still waits there."""
    one, two, three = in_order(0, 3)
    world = World({0: renumber([one, Written(partition=0, offset=0, claimed=2), two, three])})
    world.join().drain()
    assert world.effects.seen == {0: [1, 2, 3]}


def test_a_replayed_record_is_handed_out_out_of_line() -> None:
    """What was set aside and sent back is handed out once, without moving the cursor."""
    world = World({0: renumber([*in_order(0, 2), Written(partition=0, offset=0, claimed=3)])})
    consumer = world.join()
    consumer.drain()
    assert world.effects.cursor == {0: 3}
    again = Written(partition=0, offset=3, event=Numbered(0, 3), headers=[("replay", b"1")])
    world.log[0].append(again)
    consumer.drain()
    assert world.effects.seen == {0: [1, 2, 3]}
    assert world.effects.cursor == {0: 3}
    world.log[0].append(Written(partition=0, offset=4, event=Numbered(0, 1), headers=[("replay", b"1")]))
    consumer.drain()
    assert world.effects.seen == {0: [1, 2, 3, 1]}


def test_poison_is_set_aside_once_however_often_the_log_is_read() -> None:
    """A log that is read again from its start sets nothing aside again, and no next owner does either."""
    records = [Written(partition=0, offset=0), *in_order(0, 500)]
    world = World({0: renumber(records)})
    world.join().drain()
    assert world.settled[0] == 501
    world.effects.cursor.clear()
    world.join().drain()
    assert world.effects.seen == {0: [*range(1, 501), *range(1, 501)]}
    assert world.dead_letters.places() == [(0, 0)]


def test_too_much_poison_in_a_row_stops_the_feed() -> None:
    """A run of poison beyond the bound is no accident; its reasons can be read among the dead letters."""
    bad = [Written(partition=0, offset=0) for _ in range(limits.POISON_IN_ROW_MAX + 1)]
    world = World({0: renumber([*in_order(0, 5), *bad])}, piece=5)
    with pytest.raises(TooMuchPoison):
        world.join().drain()
    assert len(world.dead_letters.put_aside) == limits.POISON_IN_ROW_MAX + 1
    world = World({0: renumber([*in_order(0, 5), *bad[1:]])})
    world.join().drain()
    assert len(world.dead_letters.put_aside) == limits.POISON_IN_ROW_MAX


@pytest.mark.parametrize(("every", "stops"), [(100, False), (21, False), (19, True)])
def test_too_much_poison_in_a_stretch_stops_the_feed(every: int, *, stops: bool) -> None:
    """One in a hundred is an accident, more than one in twenty is a fault."""
    good = iter(in_order(0, 10_000))
    records = [Written(partition=0, offset=0) if number % every == 0 else next(good) for number in range(1, 4_000)]
    world = World({0: renumber(records)})
    if stops:
        with pytest.raises(TooMuchPoison):
            world.join().drain(limit=500)
    else:
        world.join().drain(limit=500)
        assert len(world.dead_letters.put_aside) == 3_999 // every


def test_an_event_waits_for_its_register_position() -> None:
    """Nothing is handed out that was judged by a register we do not know, nor anything of its lane behind it."""
    records = [*in_order(0, 2), *in_order(0, 3, register=7)[2:], *in_order(0, 4)[3:]]
    world = World({0: renumber(records), 1: in_order(1, 1)}, RegisterInMemory(known=6))
    consumer = world.join((0, 1))
    consumer.drain()
    assert world.effects.seen == {0: [1, 2], 1: [1]}
    assert set(world.register.asked) == {7}
    world.register.known = 7
    consumer.drain()
    assert world.effects.seen == {0: [1, 2, 3, 4], 1: [1]}


def test_a_lane_that_waits_is_held_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane that cannot go on takes no more than its room, and is read on when it can."""
    monkeypatch.setattr(limits, "FEED_READY_EVENTS_MAX", 20)
    world = World({0: in_order(0, 100, register=1), 1: in_order(1, 100)}, piece=5)
    consumer = world.join((0, 1))
    for _ in range(60):
        consumer.step()
    assert world.effects.seen == {1: list(range(1, 101))}
    assert consumer.feed._lanes[0].order.ready == 20
    world.register.known = 1
    consumer.drain()
    assert world.effects.seen[0] == list(range(1, 101))


def test_no_lane_starves() -> None:
    """With one event a poll each lane gets its turn."""
    world = World({lane: in_order(lane, 50) for lane in LANES})
    consumer = world.join(LANES)
    taken = list(itertools.chain.from_iterable(consumer.step(1) for _ in range(30)))
    assert {event.lane for event in taken[:4]} == set(LANES)


def test_what_was_stored_a_moment_ago_is_not_settled_yet() -> None:
    """The group's offset stays behind the cursor, so that a database that lost its last moments finds its place."""
    world = World({0: in_order(0, 4)}, piece=1)
    consumer = world.join()
    while world.effects.cursor.get(0) != 4:
        consumer.step()
    consumer.step()
    assert world.settled[0] == 3
    consumer.step()
    assert world.settled[0] == 4


def test_what_is_still_held_is_not_settled() -> None:
    """Whatever was read and not yet stored is read again by the next owner, without looking far."""
    world = World({0: in_order(0, 300)}, piece=70)
    consumer = world.join()
    while world.effects.cursor.get(0, 0) < 280:
        consumer.step(limit=40)
        assert world.settled.get(0, 0) <= world.effects.cursor.get(0, 0)
    assert world.settled[0] > 0


def test_a_lane_that_comes_back_begins_where_others_left_it() -> None:
    """The stored cursor is read whenever lanes are given, not once."""
    world = World({0: in_order(0, 20)}, piece=10)
    first, second = world.join(), Consumer(world)
    first.step()
    first.topic.assign(())
    first.step()
    second.topic.assign((0,))
    second.drain()
    second.topic.assign(())
    second.step()
    world.log[0] += in_order(0, 30)[20:]
    first.topic.assign((0,))
    first.feed.poll(50)
    assert first.feed.committed == {0: 20}
    first.drain()
    assert world.effects.seen == {0: list(range(1, 31))}


def test_an_old_owner_cannot_store_over_a_new_one() -> None:
    """A member that was paused while its lane moved on finds the cursor elsewhere and stores nothing."""
    world = World({0: in_order(0, 10)})
    old, new = world.join(), None
    events, cursor = old.feed.poll(5)
    before = old.feed.committed
    new = world.join()
    new.drain()
    assert not world.effects.apply(events, before, cursor)
    assert world.effects.seen == {0: list(range(1, 11))}


def test_records_of_a_lane_that_was_lost_meanwhile_are_left_to_its_next_owner() -> None:
    """A lane may be lost between the fetch of its records and the news of it: nothing is taken in, nothing breaks."""
    world = World({0: in_order(0, 3), 1: in_order(1, 3)})
    consumer = world.join((0, 1))
    consumer.feed.poll(50)
    late = Polled(lost=frozenset({1}), records={1: in_order(1, 3), 0: in_order(0, 3)})
    consumer.topic.poll = lambda limit, seconds: late  # type: ignore[method-assign]
    events, cursor = consumer.feed.poll(50)
    assert (positions(events), cursor) == ([1, 2, 3], {0: 3})


def test_a_replayed_record_finds_its_register_by_itself() -> None:
    """On a quiet ledger nothing else asks how far the register is."""
    again = Written(partition=0, offset=1, event=Numbered(0, 1, 5), headers=[("replay", b"1")])
    world = World({0: [*in_order(0, 1), again]}, RegisterInMemory(known=5))
    world.effects.cursor = {0: 1}
    world.join().drain()
    assert world.effects.seen == {0: [1]}


def test_what_was_sent_back_is_handed_out_by_one_owner() -> None:
    """The next owner reads it again, a little before where the group settled, and leaves it at that."""
    again = Written(partition=0, offset=3, event=Numbered(0, 1), headers=[("replay", b"1")])
    world = World({0: [*in_order(0, 3), again]})
    world.join().drain()
    assert sorted(world.effects.seen[0]) == [1, 1, 2, 3]
    world.join().drain()
    assert sorted(world.effects.seen[0]) == [1, 1, 2, 3]
