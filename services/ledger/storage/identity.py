"""Lookups and secrets in PostgreSQL. The lane is always a bound parameter, so one statement touches one lane."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, LiteralString, TypeVar
from uuid import UUID

from services.ledger.application.ports import KnownSecret, Vault
from services.ledger.application.vault_errors import WrongVault
from services.ledger.contract import topics
from services.ledger.domain.stored import (
    Identifier,
    KeptKey,
    StoredEvent,
    WrappedDaySecret,
    WrappedDossierSecret,
    WrappedHoldSecret,
)
from services.ledger.storage import binary_arrays as arrays
from services.runtime.postgres import SyncPool

FIND_STREAMS: LiteralString = """
SELECT lookup, key_version, stream_id FROM subject_identifier WHERE lane = %s AND lookup = ANY(%s)"""

FIND_SECRETS: LiteralString = """
SELECT asked.stream_id, asked.scope, found.generation, found.wrap_key_id, found.wrapped, found.state
FROM unnest(%s::uuid[], %s::bytea[]) AS asked(stream_id, scope)
CROSS JOIN LATERAL (
    SELECT generation, wrap_key_id, wrapped, state FROM dossier_secret
    WHERE lane = %s AND stream_id = asked.stream_id AND scope = asked.scope
    ORDER BY generation DESC LIMIT 1
) AS found"""

FIND_GENERATIONS: LiteralString = """
SELECT found.stream_id, found.scope, found.generation, found.wrap_key_id, found.wrapped, found.state
FROM unnest(%s::uuid[], %s::bytea[], %s::smallint[]) AS asked(stream_id, scope, generation)
JOIN dossier_secret AS found
    ON found.stream_id = asked.stream_id AND found.scope = asked.scope AND found.generation = asked.generation
WHERE found.lane = %s"""

FIND_DAYS: LiteralString = """
SELECT day, wrap_key_id, CASE WHEN fenced_at IS NULL THEN wrapped END FROM day_secret
WHERE lane = %s AND day = ANY(%s)"""

INSERT_DAYS: LiteralString = """
INSERT INTO day_secret (lane, day, wrap_key_id, wrapped)
SELECT %s, * FROM unnest(%s::date[], %s::text[], %s::bytea[]) ON CONFLICT DO NOTHING"""

FIND_EPOCH: LiteralString = "SELECT fence_epoch FROM lane_head WHERE lane = %s"

FIND_KEPT: LiteralString = """
SELECT position, keeper, wrapped FROM event_key WHERE lane = %s AND position = ANY(%s) ORDER BY position, keeper"""

FIND_HOLDS: LiteralString = """
SELECT hold_id, wrap_key_id, wrapped FROM hold_secret WHERE lane = %s AND hold_id = ANY(%s)"""

FIND_LINKS: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, operation_id, envelope, state, leaf_hash
FROM stored_events WHERE lane = %s AND originator_id = ANY(%s) AND topic = ANY(%s) ORDER BY notification_id"""

REMEMBER_VAULT: LiteralString = """
INSERT INTO ledger_setting (name, value) VALUES ('vault', %s) ON CONFLICT DO NOTHING"""
SELECT_VAULT: LiteralString = "SELECT value FROM ledger_setting WHERE name = 'vault'"

LINK_TOPICS = [topics.SUBJECTS_LINKED, topics.SUBJECTS_UNLINKED]


class PostgresIdentityStore:
    """The ``IdentityStore`` port; blocking, called from threads."""

    def __init__(self, pool: SyncPool) -> None:
        """Read through ``pool`` (open)."""
        self._pool = pool

    def find_streams(self, lookups: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], Identifier]:
        """The known identifiers among (lane, lookup), one statement per lane."""
        found: dict[tuple[int, bytes], Identifier] = {}
        if not lookups:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            arrays.register_binary_arrays(cursor)
            for lane, wanted in by_lane(lookups):
                rows = cursor.execute(FIND_STREAMS, (lane, arrays.byteas([lookup for _, lookup in wanted])))
                for lookup, version, stream_id in rows:
                    found[lane, lookup] = Identifier(lane=lane, lookup=lookup, key_version=version, stream_id=stream_id)
        return found

    def find_secrets(self, places: Sequence[tuple[int, UUID, bytes]]) -> dict[tuple[int, UUID, bytes], KnownSecret]:
        """The newest generation of each (lane, stream, scope), one statement per lane."""
        found: dict[tuple[int, UUID, bytes], KnownSecret] = {}
        if not places:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            arrays.register_binary_arrays(cursor)
            for lane, wanted in by_lane(places):
                streams = arrays.uuids([stream_id.bytes for _, stream_id, _ in wanted])
                cursor.execute(FIND_SECRETS, (streams, arrays.byteas([scope for _, _, scope in wanted]), lane))
                for row in cursor:
                    found[lane, row[0], row[1]] = known_secret(lane, row)
        return found

    def find_generations(
        self, places: Sequence[tuple[int, UUID, bytes, int]]
    ) -> dict[tuple[int, UUID, bytes, int], KnownSecret]:
        """Exact generations, one statement per lane."""
        found: dict[tuple[int, UUID, bytes, int], KnownSecret] = {}
        if not places:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            for lane, wanted in by_lane(places):
                columns = ([p[1] for p in wanted], [p[2] for p in wanted], [p[3] for p in wanted])
                cursor.execute(FIND_GENERATIONS, (*columns, lane))
                for row in cursor:
                    found[lane, row[0], row[1], row[2]] = known_secret(lane, row)
        return found

    def day_secrets(self, places: Sequence[tuple[int, date]]) -> dict[tuple[int, date], WrappedDaySecret | None]:
        """Day secrets by (lane, day); None when fenced or destroyed; absent when never made."""
        found: dict[tuple[int, date], WrappedDaySecret | None] = {}
        if not places:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            for lane, wanted in by_lane(places):
                for day, key_id, wrapped in cursor.execute(FIND_DAYS, (lane, [day for _, day in wanted])):
                    found[lane, day] = (
                        None
                        if wrapped is None
                        else WrappedDaySecret(lane=lane, day=day, wrap_key_id=key_id, wrapped=wrapped)
                    )
        return found

    def create_day_secrets(self, rows: Sequence[WrappedDaySecret]) -> None:
        """Insert where absent, committed at once; another writer's row wins."""
        if not rows:
            return
        with self._pool.connection() as connection:
            for lane, places in by_lane((row.lane, row.day) for row in rows):
                made = {row.day: row for row in rows if row.lane == lane}
                ordered = [made[day] for _, day in sorted(places)]
                columns = ([r.day for r in ordered], [r.wrap_key_id for r in ordered], [r.wrapped for r in ordered])
                connection.execute(INSERT_DAYS, (lane, *columns))

    def fence_epochs(self, lanes: Sequence[int]) -> dict[int, int]:
        """How often each of these lanes was fenced, one statement per lane over a row that is always in memory."""
        if not lanes:
            return {}
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            return {lane: epoch for lane in lanes for (epoch,) in cursor.execute(FIND_EPOCH, (lane,))}

    def kept_keys(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[KeptKey, ...]]:
        """The wraps by which these events outlive their day, one statement per lane."""
        found: dict[tuple[int, int], tuple[KeptKey, ...]] = {}
        if not places:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            arrays.register_binary_arrays(cursor)
            for lane, wanted in by_lane(places):
                positions = arrays.bigints([position for _, position in wanted])
                for position, keeper, wrapped in cursor.execute(FIND_KEPT, (lane, positions)):
                    kept = KeptKey(lane, position, keeper, wrapped)
                    found[lane, position] = (*found.get((lane, position), ()), kept)
        return found

    def hold_secrets(self, places: Sequence[tuple[int, UUID]]) -> dict[tuple[int, UUID], WrappedHoldSecret | None]:
        """Secrets of holds by (lane, hold); None when destroyed; absent when never made."""
        found: dict[tuple[int, UUID], WrappedHoldSecret | None] = {}
        if not places:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            for lane, wanted in by_lane(places):
                for hold_id, key_id, wrapped in cursor.execute(FIND_HOLDS, (lane, [hold_id for _, hold_id in wanted])):
                    found[lane, hold_id] = (
                        None
                        if wrapped is None
                        else WrappedHoldSecret(lane=lane, hold_id=hold_id, wrap_key_id=key_id, wrapped=wrapped)
                    )
        return found

    def links_of(self, places: Sequence[tuple[int, UUID]]) -> list[StoredEvent]:
        """The link and unlink events on these streams, in order of (lane, position)."""
        found: list[StoredEvent] = []
        if not places:
            return found
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            for lane, wanted in by_lane(places):
                cursor.execute(FIND_LINKS, (lane, [stream_id for _, stream_id in wanted], LINK_TOPICS))
                found.extend(stored_event(lane, row) for row in cursor)
        return found


def is_bound(pool: SyncPool) -> bool:
    """Whether the ledger was made with some vault already."""
    with pool.connection() as connection:
        return connection.execute(SELECT_VAULT).fetchone() is not None


def bind_vault(pool: SyncPool, vault: Vault) -> None:
    """Remember the vault a ledger was made with; WrongVault when it was made with another one."""
    with pool.connection() as connection:
        connection.execute(REMEMBER_VAULT, (vault.fingerprint(),))
        row = connection.execute(SELECT_VAULT).fetchone()
    if row is None or row[0] != vault.fingerprint():
        raise WrongVault


def known_secret(lane: int, row: tuple[Any, ...]) -> KnownSecret:
    """A row (stream, scope, generation, wrap key, wrapped, state) of dossier_secret as the application knows it."""
    stream_id, scope, generation, key_id, wrapped, state = row
    wrapping = (
        None
        if wrapped is None
        else WrappedDossierSecret(
            lane=lane, stream_id=stream_id, scope=scope, generation=generation, wrap_key_id=key_id, wrapped=wrapped
        )
    )
    return KnownSecret(row=wrapping, generation=generation, state=state)


def stored_event(lane: int, row: tuple[Any, ...]) -> StoredEvent:
    """A row of stored_events, in the order of FIND_LINKS."""
    position, stream_id, version, topic, operation_id, envelope, state, leaf_hash = row
    return StoredEvent(
        lane=lane,
        position=position,
        stream_id=stream_id,
        version=version,
        topic=topic,
        operation_id=operation_id,
        envelope=envelope,
        state=state,
        leaf_hash=leaf_hash,
    )


P = TypeVar("P", bound=tuple[int, *tuple[object, ...]])


def by_lane(places: Iterable[P]) -> list[tuple[int, list[P]]]:
    """The places per lane, lanes ascending, each place once."""
    lanes: defaultdict[int, dict[P, None]] = defaultdict(dict)
    for place in places:
        lanes[place[0]][place] = None
    return [(lane, list(lanes[lane])) for lane in sorted(lanes)]
