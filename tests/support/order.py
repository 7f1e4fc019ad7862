"""The oracle of every append test: an order without gaps, versions without gaps, leaves as Python computes them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import psycopg

from services.ledger.domain.leaf import leaf_hash


def assert_order(conninfo: str) -> dict[int, int]:
    """Check every lane and stream of a ledger; return the last position of each lane."""
    with psycopg.connect(conninfo) as connection:
        heads: dict[int, int] = dict(
            connection.execute("SELECT lane, last_position FROM lane_head ORDER BY lane").fetchall()
        )
        stream_heads = {
            (lane, stream): version
            for lane, stream, version in connection.execute("SELECT lane, stream_id, version FROM stream_head")
        }
        rows = connection.execute(
            "SELECT lane, notification_id, originator_id, originator_version, topic, envelope, state, leaf_hash"
            " FROM stored_events ORDER BY lane, notification_id"
        ).fetchall()
    last = dict.fromkeys(heads, 0)
    versions: dict[tuple[int, UUID], int] = {}
    for lane, position, stream, version, topic, envelope, state, leaf in rows:
        assert position == last[lane] + 1
        assert version == versions.get((lane, stream), 0) + 1
        assert leaf == leaf_hash((lane, position), stream, topic, envelope, state)
        last[lane] = position
        versions[lane, stream] = version
    assert last == heads
    assert versions == stream_heads
    return heads


def assert_stored_once(conninfo: str, operations: Iterable[tuple[UUID, int]]) -> None:
    """Check that exactly these operations are stored, each with this number of events and with one claim."""
    with psycopg.connect(conninfo) as connection:
        stored = connection.execute(
            "SELECT operation_id, count(*) FROM stored_events WHERE operation_id IS NOT NULL GROUP BY operation_id"
        ).fetchall()
        claims = connection.execute("SELECT operation_id FROM operation_claim").fetchall()
    expected = dict(operations)
    assert dict(stored) == expected
    assert sorted(claim for (claim,) in claims) == sorted(expected)
