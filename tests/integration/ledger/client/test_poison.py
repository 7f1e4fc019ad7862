"""R12: poison on a real topic is set aside exactly, and the healthy rest goes on; too much of it stops the consumer."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

from services.ledger.client.feed.dead_letters import DeadLetter, Letter
from services.ledger.client.feed.kafka_dead_letters import list_dead_letters, read_dead_letters
from services.ledger.client.feed.kafka_topic import RecordUnparsable
from services.ledger.client.feed.poison_limit import TooMuchPoison
from services.ledger.contract.cloud_events import Reason
from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_topics import ensure_topics
from tests.support.feed_reader import Reader
from tests.support.kafka_fixtures import Kafka
from tests.support.poison import CANARY, foreign, sound_event, spoiled
from tests.support.published import GROUP, Publishing, letter_for, settings_of_test

RECORDS = int(os.environ.get("POISON_RECORDS", "1000"))
LANES = 2
OVERSIZE_MAX = 20


@pytest.fixture
def settings(kafka: Kafka, topic_prefix: str) -> KafkaSettings:
    """Topics of this test alone."""
    found = settings_of_test(kafka.bootstrap, topic_prefix)
    ensure_topics(found, LANES)
    return found


@pytest.fixture
def publishing(settings: KafkaSettings) -> Iterator[Publishing]:
    """Whoever writes to these topics."""
    with closing(Publishing(settings)) as found:
        yield found


def settled(settings: KafkaSettings) -> dict[int, int]:
    """Where the group stands in each lane, and where each lane ends: how much it is behind."""
    places = [TopicPartition(settings.events_topic, lane) for lane in range(LANES)]
    with KafkaConsumer(bootstrap_servers=settings.servers, group_id=f"{settings.prefix}.{GROUP}") as consumer:
        ends = consumer.end_offsets(places)
        return {place.partition: ends[place] - (consumer.committed(place) or 0) for place in places}


def mixture(chance: random.Random) -> list[tuple[int, Letter, Reason | None, int | None]]:
    """One in a hundred is poison: in place of an event, or beside it; (lane, record, reason, position)."""
    reasons = [reason for reason in Reason if reason is not Reason.WRONG_LANE]
    mixed: list[tuple[int, Letter, Reason | None, int | None]] = []
    position = dict.fromkeys(range(LANES), 0)
    oversize = 0
    for _ in range(RECORDS):
        lane = chance.randrange(LANES)
        if chance.random() < 0.01 and chance.random() < 0.3:
            mixed.append((lane, foreign(chance), Reason.BAD_JSON, None))
            continue
        position[lane] += 1
        event = sound_event(lane, position[lane])
        if chance.random() < 0.01:
            reason = chance.choice(reasons)
            oversize += reason is Reason.OVERSIZE
            if oversize > OVERSIZE_MAX:
                reason = Reason.BAD_JSON
            mixed.append((lane, spoiled(event, reason), reason, position[lane]))
        else:
            mixed.append((lane, letter_for(event), None, position[lane]))
    return mixed


def test_dead_letters_are_the_poison_exactly(settings: KafkaSettings, publishing: Publishing) -> None:
    """Every poison record is set aside once with its origin, every healthy event is seen once, nothing is left."""
    chance = random.Random(os.environ.get("SEED", "poison"))
    mixed = mixture(chance)
    for begin in range(0, len(mixed), 500):
        publishing.put([((settings.events_topic, lane), letter) for lane, letter, _, _ in mixed[begin : begin + 500]])
    goal = {lane: max(at for each, _, _, at in mixed if each == lane and at is not None) for lane in range(LANES)}
    poison = [each for each in mixed if each[2] is not None]
    reader = Reader(settings)
    with closing(reader.open()) as feed:
        reader.follow(feed, goal, len(poison), seconds=30 + RECORDS / 200)
        deadline = time.monotonic() + 30
        while set(settled(settings).values()) != {0}:
            assert time.monotonic() < deadline, f"not settled: {settled(settings)}"
            reader.step(feed)
    assert reader.seen == {
        lane: [at for each, _, reason, at in mixed if each == lane and reason is None] for lane in range(LANES)
    }
    letters = list_dead_letters(settings)
    assert len(read_dead_letters(settings)) == len(letters) == len(poison) > 0
    assert {(letter.partition, letter.origin_offset) for letter in letters} == poison_places(mixed)
    in_line = Counter((lane, reason, at) for lane, _, reason, at in poison if at is not None)
    assert Counter((each.partition, each.reason, each.position) for each in letters if each.position) == in_line
    total = sum(reader.metrics.value("grootboek_dead_letters_total", consumer=GROUP, reason=each) for each in Reason)
    assert total == len(poison)
    assert CANARY not in repr(letters) + repr(reader.log.written)


def poison_places(mixed: list[tuple[int, Letter, Reason | None, int | None]]) -> set[tuple[int, int]]:
    """(lane, offset) of what is no event."""
    found: set[tuple[int, int]] = set()
    offset = dict.fromkeys(range(LANES), 0)
    for lane, _, reason, _ in mixed:
        if reason is not None:
            found.add((lane, offset[lane]))
        offset[lane] += 1
    return found


@pytest.mark.parametrize("reason", list(Reason))
def test_each_kind_of_poison_is_told_apart(settings: KafkaSettings, publishing: Publishing, reason: Reason) -> None:
    """The reason is exact; the event behind it is seen, and the poison in its line counts as seen."""
    events = [sound_event(0, position) for position in range(1, 4)]
    letters = [letter_for(events[0]), spoiled(events[1], reason), letter_for(events[2])]
    if reason is Reason.WRONG_LANE:
        # It says that it belongs to another lane, so it stands beside the event of that place.
        letters.insert(2, letter_for(events[1]))
    publishing.put([((settings.events_topic, 0), letter) for letter in letters])
    reader = Reader(settings)
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 3}, 1)
    assert reader.seen == {0: [1, 2, 3] if reason is Reason.WRONG_LANE else [1, 3]}
    (letter,) = list_dead_letters(settings)
    assert (letter.reason, letter.partition, letter.origin_offset, letter.group) == (reason, 0, 1, GROUP)
    kept = read_dead_letters(settings)[letter.offset]
    assert kept.value == letters[1].value
    assert kept.key == letters[1].key
    assert set(letters[1].headers) <= set(kept.headers)


def test_a_run_of_poison_stops_the_consumer(settings: KafkaSettings, publishing: Publishing) -> None:
    """Beyond the bound it stops loudly, and stops again when it is only started again: nothing is passed over."""
    bad = [spoiled(sound_event(0, number), Reason.BAD_JSON) for number in range(1, limits.POISON_IN_ROW_MAX + 5)]
    publishing.put([((settings.events_topic, 0), letter) for letter in bad])
    publishing.publish([sound_event(0, len(bad) + 1)])
    reader = Reader(settings)
    for _ in range(2):
        with pytest.raises(TooMuchPoison), closing(reader.open()) as feed:
            reader.follow(feed, {0: len(bad) + 1})
    assert reader.seen == {}
    assert settled(settings)[0] == len(bad) + 1


class BadName(str):
    """The name of a header that is no text for whoever reads it."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        """No UTF-8."""
        return b"\xff\xfe"


def test_a_record_that_breaks_the_library_stops_the_consumer(settings: KafkaSettings, publishing: Publishing) -> None:
    """It cannot be set aside, so the consumer stops and says what to do; moved one record on, its group goes on."""
    record = letter_for(sound_event(0, 1))
    with closing(KafkaProducer(bootstrap_servers=settings.servers)) as producer:
        headers = [*record.headers, (BadName("x"), b"")]
        broken = producer.send(settings.events_topic, record.value, record.key, headers, 0).get(timeout=10)
    publishing.publish([sound_event(0, 1), sound_event(0, 2)])
    reader = Reader(settings)
    with pytest.raises(RecordUnparsable), closing(reader.open()) as feed:
        reader.follow(feed, {0: 2})
    with KafkaConsumer(bootstrap_servers=settings.servers, group_id=f"{settings.prefix}.{GROUP}") as operator:
        place = TopicPartition(settings.events_topic, 0)
        operator.commit({place: OffsetAndMetadata(broken.offset + 1)})
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 2})
    assert reader.seen == {0: [1, 2]}


def test_a_dead_letter_names_nothing_of_the_record() -> None:
    """What is listed is made of closed lists and numbers."""
    assert set(DeadLetter.__struct_fields__) == {
        "offset", "reason", "topic", "partition", "origin_offset", "group", "position", "event_type", "is_whole"
    }  # fmt: skip
