"""Overlaps in PostgreSQL: a row while one is asked and after, the persons only until they are counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from services.law.overlap import OverlapCount
from services.ledger.application.overlap_ports import Overlap, Persons
from services.ledger.contract.overlaps import OverlapState
from services.runtime import limits
from services.runtime.postgres import SyncPool

INSERT: Final[LiteralString] = """
INSERT INTO overlap (lane, overlap_id, key, controller, author, parties, opened_at, closes_at, state, wrapped_secret)
VALUES (%s::smallint, %s, %s, %s, %s, %s, %s, %s, 'open', %s) ON CONFLICT DO NOTHING"""
SELECT: Final[LiteralString] = """
SELECT lane, overlap_id, key, controller, author, parties, opened_at, closes_at, state, wrapped_secret, handed_in,
    count::text, is_settled
FROM overlap"""
ONE: Final[LiteralString] = SELECT + " WHERE lane = %s::smallint AND overlap_id = %s"
LOCKED: Final[LiteralString] = ONE + " FOR UPDATE"
# Over all lanes: what a party asked in a day, and what is to be ended; both are few and found by an index of their own.
# Whoever opens one waits for whoever does so for the same author: two at once must not both see the last free place.
ONE_AUTHOR: Final[LiteralString] = "SELECT pg_advisory_xact_lock(hashtextextended('overlap:' || %s, 0))"
FULL_SINCE: Final[LiteralString] = """
SELECT opened_at FROM overlap WHERE author = %s AND opened_at >= %s ORDER BY opened_at DESC LIMIT 1 OFFSET %s"""
UNSETTLED: Final[LiteralString] = (
    SELECT + " WHERE NOT is_settled AND (state <> 'open' OR closes_at <= %s) ORDER BY opened_at, overlap_id LIMIT %s"
)
INSERT_PERSONS: Final[LiteralString] = """
INSERT INTO overlap_person (lane, overlap_id, party, person)
SELECT %s::smallint, %s, %s, person FROM unnest(%s::bytea[]) AS person"""
ADD_PARTY: Final[LiteralString] = """
UPDATE overlap SET handed_in = handed_in || %s::text WHERE lane = %s::smallint AND overlap_id = %s"""
SELECT_PERSONS: Final[LiteralString] = """
SELECT party, array_agg(person) FROM overlap_person WHERE lane = %s::smallint AND overlap_id = %s GROUP BY party"""
END: Final[LiteralString] = """
UPDATE overlap SET state = %s, count = %s::json, wrapped_secret = NULL WHERE lane = %s::smallint AND overlap_id = %s"""
DELETE_PERSONS: Final[LiteralString] = "DELETE FROM overlap_person WHERE lane = %s::smallint AND overlap_id = %s"
SETTLE: Final[LiteralString] = """
UPDATE overlap SET is_settled = true WHERE lane = %s::smallint AND overlap_id = %s AND state <> 'open'"""


class PostgresOverlaps:
    """The ``OverlapStore`` port; blocking, over a pool."""

    def __init__(self, pool: SyncPool) -> None:
        """Take connections of ``pool``, one per call."""
        self._pool = pool

    def open(self, overlap: Overlap, since: datetime, number_max: int) -> Overlap | None:
        """See OverlapStore."""
        with self._pool.connection() as connection:
            connection.execute(ONE_AUTHOR, (overlap.author,))
            kept = _one(connection, ONE, overlap.lane, overlap.id)
            if kept is None and _full_since(connection, overlap.author, since, number_max) is None:
                _insert(connection, overlap)
                kept = _one(connection, ONE, overlap.lane, overlap.id)
            return kept

    def find(self, lane: int, overlap_id: UUID) -> Overlap | None:
        """See OverlapStore."""
        with self._pool.connection() as connection:
            return _one(connection, ONE, lane, overlap_id)

    def full_since(self, author: str, since: datetime, number_max: int) -> datetime | None:
        """See OverlapStore."""
        with self._pool.connection() as connection:
            return _full_since(connection, author, since, number_max)

    def hand_in(
        self,
        lane: int,
        overlap_id: UUID,
        party: str,
        persons: frozenset[bytes],
        counter: Callable[[Persons], OverlapCount],
    ) -> bool:
        """See OverlapStore."""
        with self._pool.connection() as connection:
            known = _one(connection, LOCKED, lane, overlap_id)
            if known is None or known.state != "open" or party in known.handed_in:
                return known is not None and party in known.handed_in
            connection.execute(INSERT_PERSONS, (lane, overlap_id, party, sorted(persons)))
            connection.execute(ADD_PARTY, (party, lane, overlap_id))
            if {*known.handed_in, party} == set(known.parties):
                _count(connection, lane, overlap_id, counter)
            return True

    def end(self, lane: int, overlap_id: UUID, state: OverlapState) -> None:
        """See OverlapStore."""
        with self._pool.connection() as connection:
            known = _one(connection, LOCKED, lane, overlap_id)
            if known is not None and known.state == "open":
                _end(connection, lane, overlap_id, state, None)

    def settle(self, lane: int, overlap_id: UUID) -> None:
        """See OverlapStore."""
        with self._pool.connection() as connection:
            connection.execute(SETTLE, (lane, overlap_id))

    def unsettled(self, now: datetime) -> list[Overlap]:
        """See OverlapStore."""
        with self._pool.connection() as connection:
            rows = connection.execute(UNSETTLED, (now, limits.OVERLAPS_SETTLED_PER_ROUND_MAX)).fetchall()
            return [_overlap(row) for row in rows]


def _one(connection: Connection[TupleRow], statement: LiteralString, lane: int, overlap_id: UUID) -> Overlap | None:
    row = connection.execute(statement, (lane, overlap_id)).fetchone()
    return None if row is None else _overlap(row)


def _insert(connection: Connection[TupleRow], overlap: Overlap) -> None:
    connection.execute(
        INSERT,
        (
            *(overlap.lane, overlap.id, overlap.key, overlap.controller, overlap.author),
            *(list(overlap.parties), overlap.opened_at, overlap.closes_at, overlap.wrapped_secret),
        ),
    )


def _full_since(connection: Connection[TupleRow], author: str, since: datetime, number_max: int) -> datetime | None:
    row = connection.execute(FULL_SINCE, (author, since, number_max - 1)).fetchone()
    return None if row is None else row[0]


def _count(
    connection: Connection[TupleRow], lane: int, overlap_id: UUID, counter: Callable[[Persons], OverlapCount]
) -> None:
    rows = connection.execute(SELECT_PERSONS, (lane, overlap_id)).fetchall()
    counted = counter({party: frozenset(bytes(person) for person in persons) for party, persons in rows})
    _end(connection, lane, overlap_id, "counted", msgspec.json.encode(counted).decode())


def _end(connection: Connection[TupleRow], lane: int, overlap_id: UUID, state: str, count: str | None) -> None:
    """Keep how it ended; the secret and what was handed in go in the same transaction."""
    connection.execute(END, (state, count, lane, overlap_id))
    connection.execute(DELETE_PERSONS, (lane, overlap_id))


def _overlap(row: tuple[Any, ...]) -> Overlap:
    lane, overlap_id, key, controller, author, parties, opened_at, closes_at, state, secret, *rest = row
    handed_in, count, is_settled = rest
    return Overlap(
        lane=lane,
        id=overlap_id,
        key=key,
        controller=controller,
        author=author,
        parties=tuple(parties),
        opened_at=opened_at,
        closes_at=closes_at,
        state=state,
        wrapped_secret=None if secret is None else bytes(secret),
        handed_in=tuple(handed_in),
        count=None if count is None else msgspec.json.decode(count, type=OverlapCount),
        is_settled=is_settled,
    )
