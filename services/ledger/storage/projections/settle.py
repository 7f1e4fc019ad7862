"""What later events make of the end of a line: terms, holds, days that ended, erasures, sweeps.

Each statement gives the table it fills the rows that the events of the lane up to here say it has, whatever part of
them was applied before: so a lane applied piece by piece and one filled side by side end alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import psycopg

from services.ledger.storage.projections import statements

Connection = psycopg.Connection[Any]
Place = dict[str, int]
"""A range of a lane as parameters: ``lane``, ``after``, ``until``."""
Kept = tuple[int, str, str]
"""Position, last day of the record, kept until; days as text, since the calendar of Python has no infinity."""

# Nothing is joined: the rows are found by an array of positions, and each finds its ends by its place in that array
# (width_bucket, so the positions ascend). Joined, the planner, which does not know how many there are, would compare
# all with all, or read from end to end a lane of which it has no statistics yet.
CARRY_LINES: Final = """
UPDATE dossier_line AS line SET
    record_ends = ((SELECT %(record_ends)s::date[]))[width_bucket(line.position, (SELECT %(positions)s::bigint[]))],
    kept_until = ((SELECT %(kept_until)s::date[]))[width_bucket(line.position, (SELECT %(positions)s::bigint[]))]
WHERE line.lane = %(lane)s AND line.position = ANY(ARRAY(SELECT unnest(%(positions)s::bigint[])))
"""
CARRY_ACTS: Final = """
UPDATE holding_act AS act
SET kept_until = ((SELECT %(kept_until)s::date[]))[width_bucket(act.position, (SELECT %(positions)s::bigint[]))]
WHERE act.lane = %(lane)s AND act.position = ANY(ARRAY(SELECT unnest(%(positions)s::bigint[])))
"""
CARRY_READS: Final = """
UPDATE subject_read AS read
SET kept_until = ((SELECT %(kept_until)s::date[]))[width_bucket(read.position, (SELECT %(positions)s::bigint[]))]
WHERE read.lane = %(lane)s AND read.position = ANY(ARRAY(SELECT unnest(%(positions)s::bigint[])))
"""


class Found(msgspec.Struct, frozen=True):
    """What a range holds besides its rows: how much of it asks for more than its insertion."""

    corrections: int
    register: int
    following: int
    deciding: int
    held: bool

    @property
    def is_plain(self) -> bool:
        """Whether every line of it ends as its envelope says."""
        return not (self.following or self.deciding or self.held)


NOTHING: Final = Found(0, 0, 0, 0, held=False)


def sum_found(several: Iterable[Found]) -> Found:
    """What several ranges hold together."""
    total = NOTHING
    for one in several:
        total = Found(
            total.corrections + one.corrections,
            max(total.register, one.register),
            total.following + one.following,
            total.deciding + one.deciding,
            total.held or one.held,
        )
    return total


def settle_range(connection: Connection, place: Place, found: Found) -> None:
    """Bring every line that the events of a range concern to its end."""
    orphans = take_out_swept(connection, place) if found.deciding else []
    note_range(connection, place, found)
    end_range(connection, place, found, orphans)


def take_out_swept(connection: Connection, place: Place) -> list[int]:
    """Take out what the range says was swept; the lines that were about it and stay."""
    values = statements.SETTLE_VALUES | place
    orphans = [position for (position,) in connection.execute(statements.SWEPT, values)]
    if orphans:
        connection.execute(statements.ORPHAN, values | {"orphans": orphans})
    return orphans


def note_range(connection: Connection, place: Place, found: Found) -> None:
    """Keep what decides on the ends of lines, and which lines hang on others; before it goes what was swept."""
    values = statements.SETTLE_VALUES | place
    if found.deciding:
        connection.execute(statements.DECIDE, values)
        connection.execute(statements.RELEASE, values)
    if found.following:
        connection.execute(statements.FOLLOW, values)


def end_range(connection: Connection, place: Place, found: Found, orphans: list[int]) -> None:
    """Let what was noted have its effect, on the lines of the range and on those that it decides on."""
    values = statements.SETTLE_VALUES | place | {"orphans": orphans}
    match(connection, values, found)
    if found.deciding:
        connection.execute(statements.TERMS, values)
    carry(connection, values, connection.execute(statements.SETTLE, values).fetchall())
    if found.deciding:
        carry(connection, values, connection.execute(statements.ERASE, values).fetchall())


def match(connection: Connection, values: dict[str, Any], found: Found) -> None:
    """Pair the lines of the range with the holds that stood, and its holds with the lines before it."""
    if not values["after"]:
        connection.execute(statements.MATCH_LANE, values)
        return
    if found.held or found.deciding:
        connection.execute(statements.MATCH_LINES, values)
    if found.deciding:
        connection.execute(statements.MATCH_HOLDS, values)


def carry(connection: Connection, values: dict[str, Any], kept: list[Kept]) -> None:
    """Give the lines, and what stands elsewhere of them, these ends."""
    if not kept:
        return
    positions, record_ends, kept_until = (list(column) for column in zip(*sorted(kept), strict=True))
    changed = {
        "lane": values["lane"],
        "positions": positions,
        "record_ends": record_ends,
        "kept_until": kept_until,
    }
    for statement in (CARRY_LINES, CARRY_ACTS, CARRY_READS):
        connection.execute(statement, changed)
