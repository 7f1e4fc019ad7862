"""The events' topic of Kafka, as one member of a consumer group reads it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import CorruptRecordError, IllegalStateError, KafkaError

from services.ledger.client.feed.ports import Polled
from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.kafka import KafkaSettings, consumer_options
from services.runtime.kafka_topics import KafkaAway

# What the library says of a record that it cannot take apart, and no more: not even which one it is.
UNPARSABLE: Final = "invalid record structure"
# What it raises when a partition was taken away between our asking and its answer.
GONE: Final = (ValueError, KeyError, IllegalStateError)


class RecordUnparsable(GrootboekError):
    """A record of a topic breaks the library that reads it: it cannot even be set aside."""

    code = "record-unparsable"
    kind = Kind.INTERNAL
    remedy = (
        "Stop whoever writes to the topic what is no event; then stop this process, move its group one record on with"
        " `kafka-consumer-groups --reset-offsets --shift-by 1`, and start it again: a hole would be noticed."
    )


class KafkaTopic:
    """Implements TopicLog. Of one thread; a KafkaAway ends it: close it and make another."""

    def __init__(self, settings: KafkaSettings, *, group: str, clock: Callable[[], float]) -> None:
        """Join the group at the first poll; KafkaAway when no broker answers."""
        self._name = settings.events_topic
        self._clock = clock
        self._heard_at = clock()
        self._changes: deque[tuple[bool, frozenset[int]]] = deque()
        # Per lane the offset after the last record given; none when it is not known.
        self._next: dict[int, int] = {}
        # Per lane that is read again from before it: the offset that the group settled.
        self._settled: dict[int, int] = {}
        with away():
            self._consumer = KafkaConsumer(**group_options(settings, group))
        self._consumer.subscribe([self._name], listener=_Listener(self._changes))

    def poll(self, limit: int, seconds: float) -> Polled:
        """At most ``limit`` next records, or whatever else happened; waits no longer than ``seconds``."""
        found = self._pull(limit, seconds)
        lost, assigned = self._take_changes()
        records = {place.partition: batch for place, batch in found.items()}
        for lane, batch in records.items():
            self._next[lane] = batch[-1].offset + 1
            if self._next[lane] >= self._settled.get(lane, 0):
                self._settled.pop(lane, None)
        if records or lost or assigned:
            self._heard_at = self._clock()
        elif self._clock() - self._heard_at >= limits.FEED_SILENCE_SECONDS:
            self._doubt_silence()
        return Polled(lost=lost, assigned=assigned, records=records)

    def begin(self, lane: int) -> int:
        """The offset that the group settled last, 0 without one; reading begins a little before it."""
        with away():
            settled = self._consumer.committed(self._place(lane), timeout_ms=limits.KAFKA_REQUEST_SECONDS_MAX * 1000)
        if settled:
            self._next.pop(lane, None)
            self._settled[lane] = settled
            with gone_is_fine():
                self._consumer.seek(self._place(lane), max(settled - limits.FEED_LOOK_BACK_RECORDS, 0))
        return settled or 0

    def settle(self, offsets: Mapping[int, int]) -> None:
        """Let the group begin at these offsets after a restart; a hint, which may come to nothing."""
        with away():
            self._consumer.commit_async({self._place(lane): OffsetAndMetadata(at) for lane, at in offsets.items()})

    def is_at_end(self, lane: int) -> bool:
        """Whether every record that was in the log when it last answered was given."""
        end: int | None = None
        with gone_is_fine():
            end = self._consumer.highwater(self._place(lane))
        return end is not None and self._next.get(lane, -1) >= end

    def is_worn_away(self, lane: int) -> bool:
        """Whether the log held records once and holds none now."""
        place = self._place(lane)
        with away():
            first, end = self._consumer.beginning_offsets([place])[place], self._consumer.end_offsets([place])[place]
        return bool(first == end > 0)

    def rewind(self, lane: int) -> None:
        """Read the log of this lane again from its first record."""
        self._next.pop(lane, None)
        self._settled.pop(lane, None)
        with gone_is_fine():
            self._consumer.seek_to_beginning(self._place(lane))

    def hold(self, lane: int, *, is_held: bool) -> None:
        """Give no records of this lane until it is let go again."""
        with gone_is_fine():
            (self._consumer.pause if is_held else self._consumer.resume)(self._place(lane))

    def close(self) -> None:
        """Leave the group, so that others take over at once."""
        with gone_is_fine(KafkaError):
            self._consumer.close(autocommit=False, timeout_ms=limits.KAFKA_CLOSE_SECONDS_MAX * 1000)

    def _pull(self, limit: int, seconds: float) -> Mapping[TopicPartition, list[Any]]:
        """The next records by place. One that breaks the library is passed where it was settled before: once more."""
        try:
            with away():
                found: Mapping[TopicPartition, list[Any]] = self._consumer.poll(
                    timeout_ms=round(seconds * 1000), max_records=limit
                )
        except RecordUnparsable:
            if not self._settled:
                raise
            for lane, settled in self._settled.items():
                with gone_is_fine():
                    self._consumer.seek(self._place(lane), settled)
            self._settled.clear()
            return {}
        return found

    def _doubt_silence(self) -> None:
        """Raise KafkaAway when the log holds what we were not given: a fetch whose answer was lost never ends."""
        self._heard_at = self._clock()
        with away():
            waiting = self._consumer.assignment() - self._consumer.paused()
            ends = self._consumer.end_offsets(list(waiting)) if waiting else {}
        for place, end in ends.items():
            if self._next.get(place.partition, 0) < end and not self._stands_at(place, end):
                raise KafkaAway

    def _stands_at(self, place: TopicPartition, end: int) -> bool:
        """Whether the next record to be read is the one after the last, as it is where nothing was given yet."""
        position: int | None = end
        with away(), gone_is_fine():
            position = self._consumer.position(place, timeout_ms=limits.KAFKA_REQUEST_SECONDS_MAX * 1000)
        return position is not None and position >= end

    def _place(self, lane: int) -> TopicPartition:
        return TopicPartition(self._name, lane)

    def _take_changes(self) -> tuple[frozenset[int], frozenset[int]]:
        """What was lost since the last time, and what is held by now and was not, or was lost in between."""
        lost: set[int] = set()
        assigned: set[int] = set()
        while self._changes:
            is_gain, lanes = self._changes.popleft()
            if is_gain:
                assigned |= lanes
            else:
                lost |= lanes
                assigned -= lanes
        return frozenset(lost), frozenset(assigned)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Notes changes for the thread that polls: the library tells of them in a thread of its own."""

    def __init__(self, changes: deque[tuple[bool, frozenset[int]]]) -> None:
        self._changes = changes

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Note what is taken away."""
        self._note(revoked, is_gain=False)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Note what is given."""
        self._note(assigned, is_gain=True)

    def _note(self, places: Collection[TopicPartition], *, is_gain: bool) -> None:
        if places:
            self._changes.append((is_gain, frozenset(place.partition for place in places)))


def group_options(settings: KafkaSettings, group: str) -> dict[str, Any]:
    """The options of a member of a group, whose name is that of the topics of this ledger and of no other."""
    return consumer_options(settings, group, f"{settings.prefix}.{group}") | {
        "max_poll_records": limits.FEED_PULL_RECORDS_MAX,
        "max_poll_interval_ms": limits.FEED_POLL_INTERVAL_SECONDS_MAX * 1000,
        "session_timeout_ms": limits.FEED_SESSION_SECONDS_MAX * 1000,
        "heartbeat_interval_ms": limits.FEED_HEARTBEAT_SECONDS * 1000,
        "fetch_max_bytes": limits.FEED_FETCH_BYTES_MAX,
        "max_partition_fetch_bytes": limits.FEED_FETCH_BYTES_MAX,
    }


@contextmanager
def away() -> Iterator[None]:
    """Say KafkaAway for whatever the library says about a broker that does not do what it should."""
    try:
        yield
    except CorruptRecordError as error:
        # Bytes that were changed on their way are asked for again; a record that was made so comes again for ever.
        raise (RecordUnparsable if UNPARSABLE in str(error) else KafkaAway) from error
    except KafkaError as error:
        raise KafkaAway from error


@contextmanager
def gone_is_fine(*others: type[Exception]) -> Iterator[None]:
    """Go on when a partition is not ours any more: the next poll tells of it."""
    try:
        yield
    except (*GONE, *others):
        return
