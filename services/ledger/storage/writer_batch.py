"""Commits one batch come what may: again after a lost connection, split when an operation spoils it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Final, Protocol

import psycopg

from services.ledger.domain.stored import AppendResult, PreparedOperation, Unstorable
from services.ledger.storage.append import Committed, append_operations
from services.ledger.storage.append_claims import recover
from services.ledger.storage.writer_connections import WriterConnections
from services.runtime import limits
from services.runtime.errors import GrootboekError, Unavailable
from services.runtime.log import Log
from services.runtime.log_events import APPEND_RETRIED, BATCH_BISECTED, LogEvent
from services.runtime.postgres import is_away

RIGHTS_OR_SCHEMA: Final = "42"
"""This SQLSTATE class says nothing about an operation either: all of them would fail by it, so none is split off."""
CONNECTION: Final = "connection"
OTHER: Final = "other"
REASONS: Final[Mapping[str, str]] = {"08": CONNECTION, "40": "conflict", "53": "full", "55": "conflict"} | {
    "57": "intervention",
    "58": "full",
}
"""Why a commit is tried again, by SQLSTATE class, as the metrics have it; a full disk shows as 53 or, late, as 58."""
RETRY_REASONS: Final = frozenset({CONNECTION, OTHER, *REASONS.values()})


class Observer(Protocol):
    """Is told of each commit and of each batch that had to be split."""

    def committed(self, committed: Committed, seconds: float) -> None:
        """A transaction was committed, after so many seconds."""
        ...

    def bisected(self) -> None:
        """A batch failed and is split."""
        ...

    def retried(self, reason: str) -> None:
        """A commit did not go through and is tried again."""
        ...

    def unstorable(self) -> None:
        """An operation was refused by itself."""
        ...


class BatchCommit:
    """One batch on its way to the disk.

    `doubtful` is set once a connection broke: from then on a claim that stands may be our own, and is looked at.
    """

    def __init__(self, connections: WriterConnections, observer: Observer, log: Log | None) -> None:
        """Take where to commit and who is told."""
        self._connections = connections
        self._observer = observer
        self._log = log
        self._doubtful = False

    async def commit(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Commit operations, also those with equal ids (the later wait for the first); one result each, in order.

        Raise Unavailable when the database takes nothing now; what was committed before is found again by its claim.
        """
        rounds = rounds_of(operations)
        if len(rounds) == 1:
            return await self._commit_or_split(operations)
        results: list[AppendResult | None] = [None] * len(operations)
        for indexes in rounds:
            done = await self._commit_or_split([operations[index] for index in indexes])
            for index, result in zip(indexes, done, strict=True):
                results[index] = result
        return [result for result in results if result is not None]

    async def _commit_or_split(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Commit in one transaction; on a refusal by the database, commit the halves apart."""
        try:
            return await self._commit_with_patience(operations)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an operation causes must not fail its neighbours
            if len(operations) == 1:
                self._observer.unstorable()
                return [Unstorable(reason=reason_of(error))]
            self._tell(BATCH_BISECTED, error, operations=len(operations))
        self._observer.bisected()
        middle = len(operations) // 2
        first = await self._commit_or_split(operations[:middle])
        return first + await self._commit_or_split(operations[middle:])

    async def _commit_with_patience(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Commit in one transaction, again with growing waits while the database is away; then raise Unavailable."""
        wait_seconds = limits.APPEND_RETRY_SECONDS
        for attempt in range(limits.APPEND_ATTEMPTS_MAX):
            try:
                return await self._commit_once(operations)
            except (psycopg.Error, TimeoutError) as error:
                if not is_passing(error):
                    raise
                self._doubtful = True
                self._observer.retried(passing_reason(error))
                self._tell(APPEND_RETRIED, error, attempt=attempt + 1)
                failure = error
            await asyncio.sleep(wait_seconds)
            wait_seconds *= 2
        raise Unavailable from failure

    async def _commit_once(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Commit in one transaction and tell the observer."""
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(limits.APPEND_SECONDS_MAX), self._connections.borrow() as connection:
            committed = await append_operations(connection, operations)
            if self._doubtful:
                results = await recover(connection, operations, committed.results)
                committed = committed._replace(results=results)
        self._observer.committed(committed, asyncio.get_running_loop().time() - began)
        return committed.results

    def _tell(self, event: LogEvent, error: Exception, **fields: int) -> None:
        """Log what happened by type and SQLSTATE; a message of the database may quote values."""
        if self._log is not None:
            sqlstate = getattr(error, "sqlstate", None)
            self._log.write(event, error=type(error).__name__, sqlstate=sqlstate, **fields)


def rounds_of(operations: Sequence[PreparedOperation]) -> list[list[int]]:
    """Return indexes in rounds without equal ids: the n-th use of an id is in the n-th round."""
    # As numbers: a UUID is hashed in Python, a number is not.
    ids = [operation.operation_id.int for operation in operations]
    if len(set(ids)) == len(ids):
        return [list(range(len(operations)))]
    uses: dict[int, list[int]] = {}
    for index, each in enumerate(ids):
        uses.setdefault(each, []).append(index)
    return [[index for index in nth if index is not None] for nth in zip_longest(*uses.values())]


def is_passing(error: Exception) -> bool:
    """Tell whether the error is about the database at this moment and not about an operation."""
    if isinstance(error, psycopg.Error) and error.sqlstate is not None and error.sqlstate[:2] == RIGHTS_OR_SCHEMA:
        return True
    return isinstance(error, TimeoutError) or is_away(error)


def passing_reason(error: Exception) -> str:
    """Name why a commit is tried again, by a word of a closed list."""
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate is None:
        return CONNECTION
    return REASONS.get(sqlstate[:2], OTHER)


def reason_of(error: Exception) -> str:
    """Name an error without quoting anything: its SQLSTATE, our code, or its type."""
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return error.sqlstate
    return error.code if isinstance(error, GrootboekError) else type(error).__name__
