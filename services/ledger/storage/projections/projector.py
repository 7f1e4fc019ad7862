"""Brings the projections up to the heads of the lanes: exactly once, in order, without gaps."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import psycopg

from services.ledger.contract.errors import PositionMissing
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage.projections import statements
from services.ledger.storage.projections.settle import Found, settle_range
from services.runtime import limits

Connection = psycopg.Connection[Any]

PENDING: Final = """
SELECT head.lane, head.last_position - coalesce(cursor.position, 0)
FROM lane_head AS head LEFT JOIN cursor USING (lane)
WHERE head.last_position > coalesce(cursor.position, 0)
ORDER BY head.lane <> %(register)s, head.lane
"""
OPEN_CURSOR: Final = "INSERT INTO cursor (lane, position) VALUES (%(lane)s, 0) ON CONFLICT DO NOTHING"
LOCK_CURSOR: Final = "SELECT position FROM cursor WHERE lane = %(lane)s FOR UPDATE"
READ_CURSOR: Final = "SELECT position FROM cursor WHERE lane = %(lane)s"
MOVE_CURSOR: Final = "UPDATE cursor SET position = %(until)s WHERE lane = %(lane)s"
READ_CURSORS: Final = "SELECT lane, position FROM cursor"


class Range(msgspec.Struct, frozen=True, order=True):
    """A contiguous piece of a lane: positions ``after`` < p <= ``until``."""

    lane: int
    after: int
    until: int

    @property
    def values(self) -> dict[str, int]:
        """The parameters of the statements."""
        return {"lane": self.lane, "after": self.after, "until": self.until}

    def __len__(self) -> int:
        """How many events it holds."""
        return self.until - self.after


def fetch_row(connection: Connection, statement: Any, values: dict[str, Any]) -> tuple[Any, ...]:
    """The first row of an answer that always has one, or an empty tuple."""
    return connection.execute(statement, values).fetchone() or ()


def find_pending(connection: Connection) -> list[tuple[int, int]]:
    """(lane, number of events) of every lane with events to apply; the register comes first."""
    with connection.transaction():
        return list(connection.execute(PENDING, {"register": REGISTER_LANE}))


def read_cursors(connection: Connection) -> dict[int, int]:
    """How far each lane has been applied."""
    with connection.transaction():
        return dict(connection.execute(READ_CURSORS).fetchall())


def inspect_range(connection: Connection, lane: int, after: int, limit: int) -> Range:
    """At most ``limit`` events after the cursor, without a gap up to the lane's head; PositionMissing otherwise."""
    values = {"lane": lane, "after": after, "limit": limit}
    count, first, last, head = fetch_row(connection, statements.INSPECT, values)
    until = max(last, after)
    whole = count == until - after and (count == 0 or first == after + 1)
    if not whole or (count < limit and until < (head or 0)):
        raise PositionMissing(lane, find_missing(connection, lane, after, max(until, head or 0)))
    return Range(lane, after, until)


def find_missing(connection: Connection, lane: int, after: int, until: int) -> int:
    """The first position in the range that is not there."""
    row = fetch_row(connection, statements.LOCATE, {"lane": lane, "after": after, "until": until})
    return int(row[0])


def apply_range(connection: Connection, piece: Range) -> Found:
    """Insert the rows of a range; what it asks for besides."""
    return Found(*fetch_row(connection, statements.APPLY, statements.APPLY_VALUES | piece.values))


def correct_range(connection: Connection, piece: Range) -> None:
    """Take out of the holdings what the corrections of a range take back."""
    connection.execute(statements.CORRECT, statements.APPLY_VALUES | piece.values)


def cut_range(connection: Connection, piece: Range, register: int) -> Range:
    """The part of a range before the first event that leans on a register further than ``register``."""
    values = statements.APPLY_VALUES | piece.values | {"register": register}
    first = fetch_row(connection, statements.AHEAD, values)[0]
    return piece if first is None else Range(piece.lane, piece.after, first - 1)


def project_range(connection: Connection, piece: Range) -> Range:
    """Apply a range, or as much of it as the known register allows, and say which part it was."""
    if piece.lane == REGISTER_LANE or not len(piece):
        return piece
    known = (fetch_row(connection, READ_CURSOR, {"lane": REGISTER_LANE}) or (0,))[0]
    if not try_range(connection, piece, known):
        piece = cut_range(connection, piece, known)
        return project_range(connection, piece)
    return piece


def try_range(connection: Connection, piece: Range, register: int) -> bool:
    """Apply a range; when it leans on a register further than ``register``, undo that and say False."""
    with connection.transaction() as attempt:
        found = apply_range(connection, piece)
        if found.register > register:
            raise psycopg.Rollback(attempt)
        if found.corrections:
            correct_range(connection, piece)
        if not found.is_plain:
            settle_range(connection, piece.values, found)
    return found.register <= register


def project_lane(connection: Connection, lane: int, limit: int = limits.PROJECTION_BATCH_EVENTS_MAX) -> Range:
    """Apply the next events of a lane and move its cursor, in one transaction; the part that was applied."""
    with connection.transaction():
        connection.execute(OPEN_CURSOR, {"lane": lane})
        after = fetch_row(connection, LOCK_CURSOR, {"lane": lane})[0]
        piece = project_range(connection, inspect_range(connection, lane, after, limit))
        if len(piece):
            connection.execute(MOVE_CURSOR, piece.values)
        return piece


def project_pending(connection: Connection) -> list[Range]:
    """Apply one batch of every lane that has something, the register lane first; what was applied of each."""
    return [project_lane(connection, lane) for lane, _ in find_pending(connection)]
