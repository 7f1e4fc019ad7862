"""The part of the oracle that is about Kafka: what stands on the topics is what stands in the ledger, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, LiteralString

import psycopg

from services.ledger.contract.cloud_events import PublishedEvent
from services.ledger.contract.positions import REGISTER_LANE
from services.runtime.kafka import KafkaSettings, split_servers
from tests.support.topic_reading import read_lane_until
from tests.support.waiting import wait_until

UNPUBLISHED: Final[LiteralString] = """
SELECT coalesce(sum(head.last_position - coalesce(seen.position, 0)), 0)::bigint
FROM lane_head AS head LEFT JOIN publication AS seen USING (lane)"""
LOG: Final[LiteralString] = """
SELECT notification_id, originator_id, originator_version, topic, envelope, state FROM stored_events
WHERE lane = %s::smallint ORDER BY notification_id"""
DRAIN_SECONDS_MAX: Final = 120.0


def settings_of(servers: str, prefix: str) -> KafkaSettings:
    """How tests read topics."""
    return KafkaSettings(servers=split_servers(servers), prefix=prefix, replication=1, min_insync=1)


def count_unpublished(conninfo: str) -> int:
    """How many events the publishers have still to send."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(UNPUBLISHED).fetchone()
    assert row is not None
    return int(row[0])


def wait_until_published(conninfo: str, seconds: float = DRAIN_SECONDS_MAX) -> None:
    """Wait until the backlog has drained."""
    wait_until(lambda: count_unpublished(conninfo) == 0, seconds, "the backlog does not drain")


def judge_topics(settings: KafkaSettings, conninfo: str, lanes: int) -> int:
    """Assert that the topics hold the log of every lane, whole and in order; how many records were there twice."""
    wait_until_published(conninfo)
    faults: list[str] = []
    repeated = 0
    for lane in (*range(lanes), REGISTER_LANE):
        # A request whose client was killed or gave up may still be at work: what comes meanwhile may be there or not.
        head = len(read_log(conninfo, lane))
        published = read_lane_until(settings, lane, head)
        faults += compare_lane(lane, published, read_log(conninfo, lane), head)
        repeated += len(published) - len({event.position for event in published})
    assert not faults, f"{len(faults)} faults, such as {faults[:10]}"
    return repeated


def compare_lane(
    lane: int, published: list[PublishedEvent], stored: dict[int, tuple[Any, ...]], head: int
) -> Iterator[str]:
    """Say what is missing up to ``head``, out of order or otherwise than it is stored, each time that it is there."""
    newest = 0
    for event in published:
        if event.position > newest + 1:
            yield f"lane {lane}: {event.position} came when {newest} was the newest"
        newest = max(newest, event.position)
        if not is_same(event, stored.get(event.position)):
            yield f"lane {lane}: {event.position} is not what is stored there"
    if newest < head:
        yield f"lane {lane}: the topic ends at {newest}, the log at {head}"


def is_same(event: PublishedEvent, row: tuple[Any, ...] | None) -> bool:
    """Whether a record is the event at its position; of the register only its place is told."""
    if row is None or (event.stream_id, event.version, event.topic) != row[:3]:
        return False
    return event.lane == REGISTER_LANE or (event.envelope, event.content) == row[3:]


def read_log(conninfo: str, lane: int) -> dict[int, tuple[Any, ...]]:
    """All events of a lane by position."""
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(LOG, (lane,)).fetchall()
    return {row[0]: (*row[1:4], *map(_bytes_or_none, row[4:])) for row in rows}


def _bytes_or_none(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
