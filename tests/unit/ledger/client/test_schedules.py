"""R7: whatever the topic repeats and shuffles, and whoever owns its lanes, the state is that of once and in order.

Method: logs and schedules from a seed; the real feed over a topic in memory; compare with the positions that can be
read, sorted. SCHEDULES=10000 is the long run.
"""

from __future__ import annotations

import os
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.runtime.log_events import FEED_REWOUND
from tests.support.feed_world import Consumer, World, renumber
from tests.support.topic_in_memory import Numbered, RegisterInMemory, Written

SCHEDULES = int(os.environ.get("SCHEDULES", "200"))
SHUFFLED_WITHIN = 100
LANES = (0, 1, 2)


def disturbed(lane: int, count: int, chance: random.Random) -> list[Written]:
    """A log in which each record stands one to five times, shuffled within a hundred, with poison in and out of line.

    In line: nobody can read that position, but its header says which it is. Out of line: what is no event at all.
    """
    records: list[tuple[float, Written]] = []
    for number in range(1, count + 1):
        poisoned = chance.random() < 0.01
        for _ in range(chance.randint(1, 5)):
            event = None if poisoned else Numbered(lane, number, chance.choice((0, 0, 0, number // 40)))
            written = Written(partition=lane, offset=0, event=event, claimed=number if poisoned else None)
            records.append((len(records) + chance.uniform(0, SHUFFLED_WITHIN), written))
        if chance.random() < 0.005:
            foreign = Written(partition=lane, offset=0, claimed=chance.choice((None, 10**9)))
            records.append((len(records) + chance.uniform(0, SHUFFLED_WITHIN), foreign))
    return renumber([each for _, each in sorted(records, key=lambda pair: pair[0])])


def readable(log: dict[int, list[Written]]) -> dict[int, list[int]]:
    """The model: the positions that somebody can read, once and in order."""
    return {
        lane: sorted({each.event.position for each in records if each.event is not None})
        for lane, records in log.items()
    }


def poison_places(log: dict[int, list[Written]]) -> set[tuple[int, int]]:
    """Where the unreadable records stand."""
    return {(lane, each.offset) for lane, records in log.items() for each in records if each.event is None}


@settings(max_examples=SCHEDULES)
@given(st.integers(0, 2**64))
def test_duplicates_and_shuffles_give_the_state_of_once_and_in_order(seed: int) -> None:
    """R7: each record one to five times, shuffled within a hundred, in three lanes, with poison and a late register."""
    chance = random.Random(seed)
    log = {lane: disturbed(lane, chance.randint(0, 150), chance) for lane in LANES}
    world = World(log, RegisterInMemory(creeps=True), piece=chance.randint(1, 200))
    world.join(LANES).drain(limit=chance.randint(1, 200))
    assert world.effects.seen == {lane: seen for lane, seen in readable(log).items() if seen}
    assert sorted(world.dead_letters.places()) == sorted(poison_places(log))
    assert [event for event, _ in world.memory_log.written if event is FEED_REWOUND] == []


@settings(max_examples=SCHEDULES)
@given(st.integers(0, 2**64))
def test_changes_of_owner_give_the_state_of_once_and_in_order(seed: int) -> None:
    """Lanes that change hands at any moment, also while an old owner still works, lose and double nothing."""
    chance = random.Random(seed)
    log = {lane: disturbed(lane, chance.randint(0, 150), chance) for lane in LANES}
    world = World(log, RegisterInMemory(known=1000), piece=chance.randint(10, 200))
    members = [world.join(LANES)]
    for _ in range(chance.randint(1, 12)):
        for _ in range(chance.randint(0, 6)):
            chance.choice(members).step(chance.randint(1, 60))
        if chance.random() < 0.3:
            members[chance.randrange(len(members))] = Consumer(world)
        if len(members) < 3 and chance.random() < 0.5:
            members.append(Consumer(world))
        # A paused member keeps what it had in hand and does not hear of the change yet: its next store must fail.
        hands = [chance.randrange(len(members)) for _ in LANES]
        for number, member in enumerate(members):
            if chance.random() < 0.8 or number in hands:
                member.topic.assign([lane for lane in LANES if hands[lane] == number])
    for member in members:
        member.topic.assign(())
        member.step()
    world.join(LANES).drain()
    assert world.effects.seen == {lane: seen for lane, seen in readable(log).items() if seen}
    assert set(world.dead_letters.places()) == poison_places(log)
