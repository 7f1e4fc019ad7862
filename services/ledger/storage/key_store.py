"""Secrets with their life and death in PostgreSQL. A lane is always a bound parameter, its counter row locked first.

That lock orders destruction against the appends of the lane: each of them sees all of it or nothing, and the fence
epoch that is raised under it sends back whoever prepared before. Every lane is a transaction of its own: a long list of
lanes never stops all appends at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection

from services.ledger.application.pseudonyms import hold_key_id
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.stored import (
    DossierGeneration,
    KeptKey,
    WrappedDaySecret,
    WrappedDossierSecret,
    WrappedHoldSecret,
)
from services.ledger.storage.identity import by_lane
from services.runtime.postgres import SyncPool

LOCK: LiteralString = "SELECT FROM lane_head WHERE lane = %s::smallint FOR UPDATE"
SELECT_LANES: LiteralString = "SELECT lane FROM lane_head WHERE lane <> %s::smallint ORDER BY lane"
SELECT_DOSSIERS: LiteralString = """
SELECT scope, generation, state FROM dossier_secret WHERE lane = %s::smallint AND stream_id = %s
ORDER BY scope, generation"""
# Who was fenced before raised the epoch then; a secret that dies without that raises it now.
DESTROY_DOSSIERS: LiteralString = """
WITH living AS MATERIALIZED (
    SELECT known.stream_id, known.scope, known.generation, known.state
    FROM dossier_secret AS known
    JOIN unnest(%(streams)s::uuid[], %(scopes)s::bytea[], %(generations)s::smallint[])
        AS given (stream_id, scope, generation) USING (stream_id, scope, generation)
    WHERE known.lane = %(lane)s::smallint AND known.wrapped IS NOT NULL
),
gone AS (
    UPDATE dossier_secret AS known SET wrapped = NULL, state = 'destroyed', destroyed_at = %(at)s
    FROM living
    WHERE known.lane = %(lane)s::smallint AND known.stream_id = living.stream_id AND known.scope = living.scope
        AND known.generation = living.generation
)
UPDATE lane_head SET fence_epoch = fence_epoch + 1
WHERE lane = %(lane)s::smallint AND EXISTS (SELECT FROM living WHERE state = 'active')"""
SELECT_LIVING_DAYS: LiteralString = """
SELECT DISTINCT day FROM day_secret WHERE lane = %s::smallint AND day < %s AND wrapped IS NOT NULL"""
SELECT_ENDING: LiteralString = """
SELECT wrap_key_id, wrapped FROM day_secret WHERE lane = %s::smallint AND day = %s AND wrapped IS NOT NULL"""
DESTROY_DAY: LiteralString = """
WITH gone AS (
    UPDATE day_secret SET wrapped = NULL, destroyed_at = %(at)s
    WHERE lane = %(lane)s::smallint AND day = %(day)s AND wrapped IS NOT NULL
    RETURNING fenced_at
)
UPDATE lane_head SET fence_epoch = fence_epoch + 1
WHERE lane = %(lane)s::smallint AND EXISTS (SELECT FROM gone WHERE fenced_at IS NULL)"""
KEEP: LiteralString = """
INSERT INTO event_key (lane, position, keeper, wrapped)
SELECT %s::smallint, * FROM unnest(%s::bigint[], %s::text[], %s::bytea[]) ON CONFLICT DO NOTHING"""
SELECT_KEPT_BY: LiteralString = """
SELECT position FROM event_key WHERE lane = %s::smallint AND keeper = %s AND position > %s ORDER BY position LIMIT %s"""
DROP_KEPT: LiteralString = "DELETE FROM event_key WHERE lane = %s::smallint AND keeper = %s"
INSERT_HOLD: LiteralString = """
INSERT INTO hold_secret (lane, hold_id, wrap_key_id, wrapped) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"""
SELECT_LIVING_HOLDS: LiteralString = """
SELECT DISTINCT hold_id FROM hold_secret WHERE lane = %s::smallint AND wrapped IS NOT NULL"""
# A lane in which the hold kept nothing gets a row without material, so that none is made later.
DESTROY_HOLD: LiteralString = """
INSERT INTO hold_secret AS known (lane, hold_id, wrap_key_id, destroyed_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (lane, hold_id) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at
WHERE known.wrapped IS NOT NULL"""
SELECT_NOT_UNDER: LiteralString = """
SELECT stream_id, scope, generation, wrap_key_id, wrapped FROM dossier_secret
WHERE lane = %s::smallint AND (stream_id, scope, generation) > (%s, %s, %s) AND wrapped IS NOT NULL
    AND wrap_key_id <> %s
ORDER BY stream_id, scope, generation LIMIT %s"""
REWRAP: LiteralString = """
UPDATE dossier_secret AS known SET wrap_key_id = given.new_key_id, wrapped = given.new_wrapped
FROM unnest(
    %s::uuid[], %s::bytea[], %s::smallint[], %s::text[], %s::bytea[], %s::text[], %s::bytea[]
) AS given (stream_id, scope, generation, old_key_id, old_wrapped, new_key_id, new_wrapped)
WHERE known.lane = %s::smallint AND known.stream_id = given.stream_id AND known.scope = given.scope
    AND known.generation = given.generation AND known.wrap_key_id = given.old_key_id
    AND known.wrapped = given.old_wrapped"""
SELECT_WRAP_KEYS: LiteralString = """
SELECT DISTINCT wrap_key_id FROM dossier_secret WHERE lane = %s::smallint AND wrapped IS NOT NULL"""
RAISE_EPOCH: LiteralString = "UPDATE lane_head SET fence_epoch = fence_epoch + 1 WHERE lane = %s::smallint"
NOTE_UNUSED: LiteralString = """
INSERT INTO unused_week_key (key_id, since) SELECT unnest(%s::text[]), %s ON CONFLICT DO NOTHING"""
FORGET_USED: LiteralString = "DELETE FROM unused_week_key WHERE key_id <> ALL(%s::text[])"
SELECT_UNUSED: LiteralString = "SELECT key_id, since FROM unused_week_key WHERE key_id = ANY(%s::text[])"

BEFORE_ALL = (UUID(int=0), b"", -1)


class PostgresKeyStore:
    """The ``KeyStore`` port; blocking, called from threads."""

    def __init__(self, pool: SyncPool) -> None:
        """Work through ``pool`` (open), whose connections commit per block."""
        self._pool = pool

    def lanes(self) -> list[int]:
        """The lanes in which records stand, ascending."""
        with self._pool.connection() as connection:
            return [lane for (lane,) in connection.execute(SELECT_LANES, (REGISTER_LANE,)).fetchall()]

    def dossiers_of(self, lane: int, stream_id: UUID) -> list[tuple[bytes, int, str]]:
        """(scope, generation, state) of every dossier of a person."""
        with self._pool.connection() as connection:
            rows = connection.execute(SELECT_DOSSIERS, (lane, stream_id)).fetchall()
        return [(scope, generation, state) for scope, generation, state in rows]

    def destroy_dossiers(self, places: Sequence[DossierGeneration], at: datetime) -> None:
        """Null the material of these generations; already destroyed ones stay as they are."""
        for lane, wanted in by_lane(places):
            columns = dossier_columns(wanted)
            with self._locked(lane) as connection:
                connection.execute(DESTROY_DOSSIERS, columns | {"lane": lane, "at": at})

    def living_days(self, before: date) -> list[date]:
        """The days before ``before`` that still have a secret in some lane, ascending."""
        found: set[date] = set()
        for lane in self.lanes():
            with self._pool.connection() as connection:
                found.update(day for (day,) in connection.execute(SELECT_LIVING_DAYS, (lane, before)))
        return sorted(found)

    def ending_secrets(self, day: date) -> list[WrappedDaySecret]:
        """The secrets of a day in all lanes, fenced or not, as long as they were not destroyed."""
        found: list[WrappedDaySecret] = []
        for lane in self.lanes():
            with self._pool.connection() as connection:
                for key_id, wrapped in connection.execute(SELECT_ENDING, (lane, day)):
                    found.append(WrappedDaySecret(lane=lane, day=day, wrap_key_id=key_id, wrapped=wrapped))
        return found

    def destroy_day(self, day: date, at: datetime) -> None:
        """Null the secrets of a day in every lane."""
        for lane in self.lanes():
            with self._locked(lane) as connection:
                connection.execute(DESTROY_DAY, {"lane": lane, "day": day, "at": at})

    def keep_keys(self, keys: Sequence[KeptKey]) -> None:
        """Store these wraps where they are absent."""
        with self._pool.connection() as connection:
            for lane, places in by_lane((key.lane, key.position, key.keeper, key.wrapped) for key in keys):
                rows = sorted(places)
                columns = ([row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows])
                connection.execute(KEEP, (lane, *columns))

    def kept_by(self, lane: int, keeper: str, after: int, limit: int) -> list[int]:
        """Positions in the lane that have a wrap by this keeper, in order."""
        with self._pool.connection() as connection:
            rows = connection.execute(SELECT_KEPT_BY, (lane, keeper, after, limit)).fetchall()
        return [position for (position,) in rows]

    def drop_kept_keys(self, keeper: str) -> None:
        """Remove the wraps that lived by this keeper."""
        for lane in self.lanes():
            with self._pool.connection() as connection:
                connection.execute(DROP_KEPT, (lane, keeper))

    def create_hold_secrets(self, rows: Sequence[WrappedHoldSecret]) -> None:
        """Insert where absent; another writer's row wins, and a destroyed one stays destroyed."""
        with self._pool.connection() as connection:
            for row in sorted(rows, key=lambda row: (row.lane, row.hold_id)):
                connection.execute(INSERT_HOLD, (row.lane, row.hold_id, row.wrap_key_id, row.wrapped))

    def living_holds(self) -> list[UUID]:
        """The holds that still have a secret in some lane, in order."""
        found: set[UUID] = set()
        for lane in self.lanes():
            with self._pool.connection() as connection:
                found.update(hold_id for (hold_id,) in connection.execute(SELECT_LIVING_HOLDS, (lane,)))
        return sorted(found)

    def destroy_hold(self, hold_id: UUID, at: datetime) -> None:
        """Null the secrets of a hold in every lane; a lane without one gets none any more."""
        for lane in self.lanes():
            with self._pool.connection() as connection:
                connection.execute(DESTROY_HOLD, (lane, hold_id, hold_key_id(hold_id), at))

    def dossiers_not_under(
        self, lane: int, key_id: str, after: WrappedDossierSecret | None, limit: int
    ) -> list[WrappedDossierSecret]:
        """Living secrets of the lane that are wrapped under another key, in order, after the one given."""
        place = BEFORE_ALL if after is None else (after.stream_id, after.scope, after.generation)
        with self._pool.connection() as connection:
            rows = connection.execute(SELECT_NOT_UNDER, (lane, *place, key_id, limit)).fetchall()
        return [WrappedDossierSecret(lane, *row) for row in rows]

    def rewrap_dossiers(self, pairs: Sequence[tuple[WrappedDossierSecret, WrappedDossierSecret]]) -> int:
        """Replace each wrap by the other one where it still stands exactly so; how many were replaced."""
        replaced = 0
        for lane in sorted({old.lane for old, _ in pairs}):
            own = [pair for pair in pairs if pair[0].lane == lane]
            olds, news = [old for old, _ in own], [new for _, new in own]
            columns = (
                [old.stream_id for old in olds],
                [old.scope for old in olds],
                [old.generation for old in olds],
                [old.wrap_key_id for old in olds],
                [old.wrapped for old in olds],
                [new.wrap_key_id for new in news],
                [new.wrapped for new in news],
            )
            with self._locked(lane) as connection:
                replaced += connection.execute(REWRAP, (*columns, lane)).rowcount
        return replaced

    def raise_epochs(self) -> None:
        """Raise the fence epoch of every lane."""
        for lane in self.lanes():
            with self._locked(lane) as connection:
                connection.execute(RAISE_EPOCH, (lane,))

    def unused_week_keys(self, key_ids: Sequence[str], today: date) -> dict[str, date]:
        """Of these keys those under which nothing is wrapped any more, each with the day that was first seen."""
        used: set[str] = set()
        for lane in self.lanes():
            with self._pool.connection() as connection:
                used.update(key_id for (key_id,) in connection.execute(SELECT_WRAP_KEYS, (lane,)))
        unused = sorted(set(key_ids) - used)
        with self._pool.connection() as connection:
            connection.execute(FORGET_USED, (unused,))
            connection.execute(NOTE_UNUSED, (unused, today))
            rows = connection.execute(SELECT_UNUSED, (unused,)).fetchall()
        return {key_id: since for key_id, since in rows}  # noqa: C416 - a row is a tuple of anything

    @contextmanager
    def _locked(self, lane: int) -> Iterator[Connection[Any]]:
        """A transaction that holds the counter row of the lane, as every append does."""
        with self._pool.connection() as connection:
            connection.execute(LOCK, (lane,))
            yield connection


def dossier_columns(places: Sequence[DossierGeneration]) -> dict[str, Any]:
    """Generations of one lane as columns."""
    return {
        "streams": [stream_id for _, stream_id, _, _ in places],
        "scopes": [scope for _, _, scope, _ in places],
        "generations": [generation for _, _, _, generation in places],
    }
