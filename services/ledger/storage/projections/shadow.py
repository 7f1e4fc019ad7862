"""A second set of projections beside the live one: filled from nothing, compared with it, or put in its place.

The shadow is filled without indexes by several workers over ranges of positions, since rows are keyed by position and
the order of filling leaves no trace; indexes, corrections and what settles the ends of lines come last. The swap
renames two schemas in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import psycopg
from psycopg import sql

from services.ledger.application.rebuild import Difference
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage.projections.connection import (
    LIVE,
    REBUILD_LOCK,
    RETIRED,
    SHADOW,
    connect,
    take_lock,
)
from services.ledger.storage.projections.errors import ShadowUnfinished
from services.ledger.storage.projections.projector import (
    Range,
    apply_range,
    correct_range,
    inspect_range,
    project_lane,
    project_pending,
    read_cursors,
)
from services.ledger.storage.projections.queries import POSITIONS
from services.ledger.storage.projections.rights import copy_rights
from services.ledger.storage.projections.settle import (
    NOTHING,
    Found,
    end_range,
    note_range,
    sum_found,
    take_out_swept,
)
from services.runtime import limits

Connection = psycopg.Connection[Any]
T = TypeVar("T")
R = TypeVar("R")
Filled = tuple[Range, Found]

DROP: Final = "DROP SCHEMA IF EXISTS {} CASCADE"
CREATE: Final = "CREATE SCHEMA {}"
COPY_TABLE: Final = "CREATE TABLE {shadow}.{table} (LIKE {live}.{table} INCLUDING ALL EXCLUDING INDEXES)"
TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename"
INDEXES: Final = """
SELECT own.relname, pg_get_indexdef(own.oid), pg_index.indisprimary, owner.relname
FROM pg_index
JOIN pg_class AS own ON own.oid = pg_index.indexrelid
JOIN pg_class AS owner ON owner.oid = pg_index.indrelid
WHERE own.relnamespace = %s::regnamespace
ORDER BY own.relname
"""
ADD_KEY: Final = "ALTER TABLE {schema}.{table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}"
SET_CURSOR: Final = """
INSERT INTO cursor (lane, position) VALUES (%(lane)s, %(until)s)
ON CONFLICT (lane) DO UPDATE SET position = excluded.position
"""
HEADS: Final = "SELECT lane, last_position FROM lane_head"
HOLD_RUNNERS: Final = "LOCK TABLE {}.cursor IN ACCESS EXCLUSIVE MODE"
RENAME: Final = "ALTER SCHEMA {} RENAME TO {}"
DIGEST: Final = "SELECT count(*), coalesce(sum(hashtextextended(item::text, 0)), 0) FROM {}.{} AS item"
ROWS_APART: Final = """
SELECT count(*), min(ARRAY[lane, place]) FROM (
    SELECT to_jsonb(item) AS line, lane, position AS place FROM {one}.{table} AS item
    EXCEPT ALL
    SELECT to_jsonb(item), lane, position FROM {other}.{table} AS item
) AS apart
"""


class PostgresShadow:
    """One rebuild: ``with PostgresShadow(conninfo=...) as shadow``; what was not swapped is dropped at the end."""

    def __init__(self, *, conninfo: str, workers: int = limits.REBUILD_WORKERS_MAX) -> None:
        """Take how to connect and how many ranges are filled at a time."""
        self._conninfo = conninfo
        self._workers = workers

    def __enter__(self) -> Self:
        """Connect and make sure that no other rebuild runs; ShadowUnfinished otherwise."""
        self._connection = connect(self._conninfo, SHADOW, "rebuild")
        if not take_lock(self._connection, REBUILD_LOCK):
            self._connection.close()
            raise ShadowUnfinished
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop the shadow if it is still there."""
        if not self._connection.closed and not self._connection.broken:
            self._execute(DROP, sql.Identifier(SHADOW))
        self._connection.close()

    def build(self) -> dict[int, int]:
        """Fill the shadow from the first event to the heads; how far each lane is. A gap raises PositionMissing."""
        return self._build(dict(self._connection.execute(HEADS).fetchall()))

    def _build(self, heads: Mapping[int, int]) -> dict[int, int]:
        """Make the shadow anew and fill it up to these positions."""
        self._execute(DROP, sql.Identifier(SHADOW))
        self._execute(CREATE, sql.Identifier(SHADOW))
        for table in self._tables():
            self._connection.execute(copy_statement(table))
        pieces = [piece for lane, head in sorted(heads.items()) for piece in cut_lane(lane, head)]
        filled = self._share(fill_ranges, pieces)
        self._create_indexes()
        self._finish(sorted(filled, key=itemgetter(0)))
        return read_cursors(self._connection)

    def swap(self) -> dict[int, int]:
        """Catch up and take the live one's place in one transaction; how far each lane is applied."""
        self._execute(DROP, sql.Identifier(RETIRED))
        self._approach()
        with self._connection.transaction():
            self._execute(HOLD_RUNNERS, sql.Identifier(LIVE))
            self._follow_live()
            positions = read_cursors(self._connection)
            copy_rights(self._connection, LIVE, SHADOW)
            self._execute(RENAME, sql.Identifier(LIVE), sql.Identifier(RETIRED))
            self._execute(RENAME, sql.Identifier(SHADOW), sql.Identifier(LIVE))
        self._execute(DROP, sql.Identifier(RETIRED))
        return positions

    def compare(self) -> list[Difference]:
        """Build as far as the live one is and tell how it differs, both in one snapshot; empty when equal."""
        self._build(self._live_positions())
        with self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self._follow_live()
            return [found for table in self._tables() for found in self._compare_table(table)]

    def _execute(self, statement: Any, *names: sql.Identifier) -> None:
        """Run a statement with names put in."""
        self._connection.execute(sql.SQL(statement).format(*names))

    def _tables(self) -> list[str]:
        """The tables of a projection."""
        return [name for (name,) in self._connection.execute(TABLES, (LIVE,))]

    def _share(self, work: Callable[[str, Sequence[T]], list[R]], todo: Sequence[T]) -> list[R]:
        """Do work over as many connections as there are workers."""
        shares = [todo[number :: self._workers] for number in range(self._workers)]
        with ThreadPoolExecutor(self._workers, thread_name_prefix="rebuild") as executor:
            working = [executor.submit(work, self._conninfo, share) for share in shares]
            return [result for done in working for result in done.result()]

    def _create_indexes(self) -> None:
        """Give the shadow the indexes and keys of the live one, and statistics."""
        found = self._connection.execute(INDEXES, (LIVE,)).fetchall()
        self._share(create_indexes, [row[1].replace(f" ON {LIVE}.", f" ON {SHADOW}.") for row in found])
        for name, _, primary, table in found:
            if primary:
                names = {"schema": sql.Identifier(SHADOW), "table": sql.Identifier(table), "name": sql.Identifier(name)}
                self._connection.execute(sql.SQL(ADD_KEY).format(**names))
        for table in self._tables():
            self._execute("ANALYZE {}.{}", sql.Identifier(SHADOW), sql.Identifier(table))

    def _finish(self, filled: Sequence[Filled]) -> None:
        """Apply the corrections, now that all acts are there, bring lines to their ends, and set the cursors."""
        for piece, found in filled:
            if found.corrections:
                with self._connection.transaction():
                    correct_range(self._connection, piece)
        for lane in sorted({piece.lane for piece, _ in filled}):
            with self._connection.transaction():
                own = [(piece, found) for piece, found in filled if piece.lane == lane]
                settle_lane(self._connection, own)
                self._connection.execute(SET_CURSOR, own[-1][0].values)

    def _approach(self) -> None:
        """Apply what came meanwhile, until little is left."""
        for _ in range(limits.REBUILD_ROUNDS_MAX):
            if not self._step():
                return

    def _step(self) -> bool:
        """One batch per lane; whether a whole batch was there."""
        pieces = project_pending(self._connection)
        return any(len(piece) >= limits.PROJECTION_BATCH_EVENTS_MAX for piece in pieces)

    def _follow_live(self) -> None:
        """Bring the cursors of the shadow to those of the live one, which stands still meanwhile."""
        for lane, position in sorted(self._live_positions().items(), reverse=True):
            while (after := read_cursors(self._connection).get(lane, 0)) < position:
                project_lane(self._connection, lane, min(position - after, limits.PROJECTION_BATCH_EVENTS_MAX))

    def _live_positions(self) -> dict[int, int]:
        """How far the live projections are."""
        return dict(self._connection.execute(POSITIONS).fetchall())

    def _compare_table(self, table: str) -> list[Difference]:
        """The difference of one table, if there is any."""
        digests = [
            self._connection.execute(sql.SQL(DIGEST).format(sql.Identifier(schema), sql.Identifier(table))).fetchone()
            for schema in (LIVE, SHADOW)
        ]
        return [] if digests[0] == digests[1] else [self._describe(table)]

    def _describe(self, table: str) -> Difference:
        """Count the rows that stand on one side only, and name the first place."""
        surplus, surplus_first = self._rows_apart(table, LIVE, SHADOW)
        missing, missing_first = self._rows_apart(table, SHADOW, LIVE)
        lane, position = min(place for place in (surplus_first, missing_first) if place is not None)
        return Difference(table=table, surplus=surplus, missing=missing, first=(lane, position))

    def _rows_apart(self, table: str, one: str, other: str) -> tuple[Any, ...]:
        """How many rows of ``one`` are not in ``other``, and the first lane and position."""
        names = {"one": sql.Identifier(one), "other": sql.Identifier(other), "table": sql.Identifier(table)}
        return self._connection.execute(sql.SQL(ROWS_APART).format(**names)).fetchone() or ()


def copy_statement(table: str) -> sql.Composed:
    """Make a table of the shadow like the live one."""
    names = {"shadow": sql.Identifier(SHADOW), "live": sql.Identifier(LIVE), "table": sql.Identifier(table)}
    return sql.SQL(COPY_TABLE).format(**names)


def cut_lane(lane: int, head: int) -> list[Range]:
    """The ranges of a lane up to its head, in order."""
    size = limits.REBUILD_BATCH_EVENTS_MAX
    return [Range(lane, after, min(after + size, head)) for after in range(0, head, size)]


def create_indexes(conninfo: str, definitions: Sequence[str]) -> list[None]:
    """Create these indexes over a connection of its own."""
    with connect(conninfo, SHADOW, "rebuild-worker") as connection:
        for definition in definitions:
            connection.execute(definition.encode())
    return []


def fill_ranges(conninfo: str, pieces: Iterable[Range]) -> list[Filled]:
    """Insert the rows of these ranges over a connection of its own; what each asks for besides."""
    filled: list[Filled] = []
    with connect(conninfo, SHADOW, "rebuild-worker") as connection:
        for piece in pieces:
            with connection.transaction():
                inspect_range(connection, piece.lane, piece.after, len(piece))
                found = NOTHING if piece.lane == REGISTER_LANE else apply_range(connection, piece)
                filled.append((piece, found))
    return filled


def settle_lane(connection: Connection, filled: Sequence[Filled]) -> None:
    """Bring the lines of a lane to their ends: what was swept goes first, the ends come when all was noted."""
    for piece, found in filled:
        if found.deciding:
            take_out_swept(connection, piece.values)
    for piece, found in filled:
        note_range(connection, piece.values, found)
    whole = sum_found(found for _, found in filled)
    if not whole.is_plain:
        last = filled[-1][0]
        end_range(connection, Range(last.lane, 0, last.until).values, whole, [])
