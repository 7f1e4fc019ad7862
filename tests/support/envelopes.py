"""Events without the append path: envelopes put straight into the tables, for tests of what reads them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from services.ledger.contract.events import Envelope
from services.ledger.domain.identity import operation_id_of

COPY_EVENTS = """
COPY stored_events (
    lane, originator_id, originator_version, notification_id, operation_id, topic, envelope, state, leaf_hash
) FROM STDIN (FORMAT BINARY)
"""
MOVE_HEAD = """
INSERT INTO lane_head (lane, last_position) VALUES (%s, %s)
ON CONFLICT (lane) DO UPDATE SET last_position = excluded.last_position
"""
NUMBERS = itertools.count(1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

Event = tuple[int, UUID, str, Envelope | None]
"""(lane, stream, topic, envelope); None stands for one that was swept."""


def make_envelope(**fields: Any) -> Envelope:
    """An envelope with an operation of its own, by `author`, at `occurred_at` and recorded at once, unless said."""
    author = fields.setdefault("author", fields.get("controller") or "college")
    key = fields.setdefault("key", f"key-{next(NUMBERS)}")
    fields.setdefault("operation_id", operation_id_of(author, key))
    fields.setdefault("occurred_at", LONG_AGO)
    fields.setdefault("recorded_at", fields["occurred_at"])
    return Envelope(**fields)


def insert_events(connection: psycopg.Connection[Any], events: Iterable[Event], state: bytes = b"sealed") -> None:
    """Store the events in order at the next positions of their lanes, in one transaction."""
    with connection.transaction(), connection.cursor() as cursor:
        heads: dict[int, int] = dict(cursor.execute("SELECT lane, last_position FROM lane_head").fetchall())
        with cursor.copy(COPY_EVENTS) as copy:
            copy.set_types(["int2", "uuid", "int8", "int8", "uuid", "text", "bytea", "bytea", "bytea"])
            for lane, stream, topic, envelope in events:
                position = heads[lane] = heads.get(lane, 0) + 1
                stored = None if envelope is None else msgspec.json.encode(envelope)
                operation = None if envelope is None else envelope.operation_id
                copy.write_row((lane, stream, position, position, operation, topic, stored, state, bytes(32)))
        cursor.executemany(MOVE_HEAD, list(heads.items()))
