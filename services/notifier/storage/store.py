"""The working state of notifier in PostgreSQL; each method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import dict_row

from services.notifier.application.ports import (
    Attention,
    Batch,
    NewLetter,
    NewMessage,
    OutboxSize,
    PartyFacts,
    Person,
    SeenMessage,
    Waiting,
)
from services.notifier.contract.letters import LetterState
from services.notifier.domain.duties import OPEN_STATES, Duty
from services.notifier.domain.errors import CursorMoved
from services.notifier.domain.kinds import TELLS
from services.notifier.storage import statements

# A person with many rows at once must not push the others out of a piece.
_ROWS_PER_PERSON: Final = 50


class PostgresStore:
    """Implements the port ``Store`` over one connection that commits each statement."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Use this connection, from one thread at a time."""
        self._connection = connection

    def cursor(self) -> dict[int, int]:
        """Position per lane up to which the feed has been followed."""
        return dict(self._connection.execute(statements.READ_CURSOR).fetchall())

    def apply(self, batch: Batch) -> None:
        """Store what a piece of the feed comes to, with its cursor."""
        looks = batch.looks
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(statements.MAKE_LOSABLE)
            if looks:
                columns = [[getattr(look, name) for look in looks] for name in ("lane", "stream_id", "at", "position")]
                cursor.execute(statements.ADD_LOOKS, columns)
            if batch.seen:
                cursor.executemany(statements.ADD_SEEN, [_seen_row(seen) for seen in batch.seen])
            for erasure in batch.erasures:
                cursor.execute(statements.ERASE_LETTERS, _row(erasure))
            _move_cursor(cursor, batch)

    def begin_reading_back(self, heads: Mapping[int, int]) -> None:
        """Remember how far must be followed before anything is said, unless something has been followed already."""
        self._connection.execute(statements.BEGIN_READ_BACK, [list(heads.keys()), list(heads.values())])

    def has_read_back(self) -> bool:
        """Whether everything was followed that had happened when nothing had been followed yet."""
        return bool(self._fetch(statements.HAS_READ_BACK, ())[0][0])

    def persons_to_look_at(self, now: datetime, limit: int) -> list[Attention]:
        """Persons whose duties may have changed, the longest waiting first."""
        rows = self._fetch(statements.FIND_LOOKS, {"now": now, "limit": limit, "rows": limit * _ROWS_PER_PERSON})
        return [Attention(*row) for row in rows]

    def persons_with_steps(self, now: datetime, limit: int) -> list[Attention]:
        """Persons about whom something is to be said now, or whose rest is over, and who need no look before that."""
        rows = self._fetch(statements.FIND_STEPS, {"now": now, "limit": limit, "rows": limit * _ROWS_PER_PERSON})
        return [Attention(lane, stream_id, 0, 0) for lane, stream_id in rows]

    def duties_of(self, lane: int, stream_id: UUID) -> dict[str, Duty]:
        """The rows of a person by obligation."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(statements.READ_DUTIES, (lane, stream_id)).fetchall()
        return {row["obligation"]: msgspec.convert(row, Duty) for row in rows}

    def said_about(self, obligations: Sequence[str]) -> dict[str, dict[str, datetime]]:
        """By obligation and kind of message: when it was last decided."""
        said: dict[str, dict[str, datetime]] = {}
        for obligation, kind, at in self._fetch(statements.SAID_ABOUT, (list(obligations),)):
            said.setdefault(obligation, {})[kind] = at
        return said

    def save_person(
        self, person: Person, duties: Sequence[Duty], messages: Sequence[NewMessage], now: datetime
    ) -> None:
        """Replace a person's rows, put messages in the outbox where they are new, and strike the looks up to now."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(statements.MAKE_LOSABLE)
            cursor.execute(statements.STRIKE_LOOKS, (*person, now))
            cursor.execute(statements.DROP_DUTIES, (*person, [duty.obligation for duty in duties]))
            if duties:
                cursor.executemany(statements.PUT_DUTY, [_row(duty) for duty in duties])
            if messages:
                cursor.executemany(statements.ADD_MESSAGE, [_message_row(message) for message in messages])

    def postpone_person(self, person: Person, attempts: int, until: datetime, now: datetime) -> None:
        """Look at this person again later."""
        lane, stream_id = person
        with self._connection.transaction(), self._connection.cursor() as cursor:
            values = {"lane": lane, "stream_id": stream_id, "until": until, "attempts": attempts, "now": now}
            cursor.execute(statements.LOOK_LATER, values)
            cursor.execute(statements.STRIKE_LOOKS, (lane, stream_id, now))
            cursor.execute(statements.STEPS_LATER, (until, lane, stream_id, now))

    def add_letter(self, letter: NewLetter) -> bool:
        """Put a letter in the outbox; whether it was new, or had failed or been held, and was forgotten."""
        return self._connection.execute(statements.ADD_LETTER, _row(letter)).rowcount == 1

    def state_of(self, message_id: UUID) -> LetterState | None:
        """The state of a message, if there is one with this id."""
        rows = self._fetch(statements.READ_STATE, (message_id,))
        return rows[0][0] if rows else None

    def to_send(self, now: datetime, limit: int) -> list[Waiting]:
        """Messages to be sent now, the longest waiting first."""
        return self._waiting(statements.FIND_TO_SEND, now, limit)

    def to_record(self, now: datetime, limit: int) -> list[Waiting]:
        """Messages that were sent and not yet recorded in the ledger."""
        return self._waiting(statements.FIND_TO_RECORD, now, limit)

    def mark_sent(self, message_id: UUID, at: datetime, forget_at: datetime | None) -> None:
        """It has left; a copy that we keep of it is forgotten at ``forget_at``."""
        self._connection.execute(statements.MARK_SENT, {"id": message_id, "at": at, "forget_at": forget_at})

    def mark_postponed(self, message_id: UUID, until: datetime, reason: str, settled: Sequence[str]) -> None:
        """It has not left, or not to all; one more attempt was made."""
        self._connection.execute(statements.MARK_POSTPONED, (until, reason, list(settled), message_id))

    def mark_ended(self, message_id: UUID, state: LetterState, reason: str, at: datetime) -> None:
        """It will never leave: failed, held or overtaken. What was sealed is gone; files are to be forgotten."""
        self._connection.execute(statements.MARK_ENDED, (state, reason, at, message_id))

    def reroute(self, message_id: UUID, channel: str, route: str) -> None:
        """Send it another way, at once."""
        self._connection.execute(statements.REROUTE, (channel, route, message_id))

    def mark_recorded(self, message_id: UUID, at: datetime) -> None:
        """The ledger has it. What was sealed is gone with this."""
        self._connection.execute(statements.MARK_RECORDED, (at, message_id))

    def postpone_recording(self, message_id: UUID, until: datetime) -> None:
        """Record it later."""
        self._connection.execute(statements.RECORD_LATER, (until, message_id))

    def to_forget(self, now: datetime, limit: int) -> list[UUID]:
        """Letters of which no copy may be kept any more."""
        return [row[0] for row in self._fetch(statements.FIND_TO_FORGET, (now, limit))]

    def mark_forgotten(self, message_id: UUID) -> None:
        """Nothing is left of it here; one that waited will not be sent."""
        self._connection.execute(statements.MARK_FORGOTTEN, (message_id,))

    def prune(self, before: datetime, limit: int) -> int:
        """Drop messages recorded before ``before`` about obligations that are no longer; how many."""
        return self._connection.execute(statements.PRUNE, (before, limit)).rowcount

    def keys_in_use(self) -> set[UUID]:
        """Letters that are still sealed here."""
        return {row[0] for row in self._fetch(statements.FIND_SEALED, ())}

    def count_overdue(self, now: datetime) -> dict[str, int]:
        """How many open duties are past their moment, by kind."""
        return dict.fromkeys(OPEN_STATES, 0) | dict(self._fetch(statements.COUNT_OVERDUE, (now,)))

    def measure_outbox(self) -> OutboxSize:
        """How much waits in the outbox, and since when."""
        return OutboxSize(*self._fetch(statements.MEASURE_OUTBOX, ())[0])

    def _fetch(self, statement: LiteralString, values: Any) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _waiting(self, statement: LiteralString, now: datetime, limit: int) -> list[Waiting]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(statement, {"now": now, "limit": limit}).fetchall()
        return [msgspec.convert(row | {"facts": _read_facts(row["facts"])}, Waiting) for row in rows]


def _move_cursor(cursor: psycopg.Cursor[Any], batch: Batch) -> None:
    """Move every lane that moved; CursorMoved when one of them is not where it was thought to be."""
    moved = {lane: at for lane, at in batch.cursor.items() if at != batch.before.get(lane, 0)}
    if moved:
        cursor.execute(statements.BEGIN_CURSOR, [list(moved)])
        before = [batch.before.get(lane, 0) for lane in moved]
        cursor.execute(statements.MOVE_CURSOR, [list(moved), before, list(moved.values())])
        if cursor.rowcount != len(moved):
            raise CursorMoved


def _row(struct: msgspec.Struct) -> dict[str, Any]:
    """The fields of a struct as parameters; tuples are lists for PostgreSQL."""
    fields = msgspec.structs.asdict(struct)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}


def _message_row(message: NewMessage) -> dict[str, Any]:
    return _row(message) | {"facts": msgspec.json.encode(message.facts)}


def _seen_row(seen: SeenMessage) -> dict[str, Any]:
    return _row(seen) | {"to_person": seen.kind in TELLS}


def _read_facts(stored: bytes | None) -> PartyFacts | None:
    return None if stored is None else msgspec.json.decode(stored, type=PartyFacts)
