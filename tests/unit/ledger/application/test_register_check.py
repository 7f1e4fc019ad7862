"""When a ledger opens: never on a database that is older than what was destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.ledger.application.erasure_register_errors import ErasureRegisterBehind, RestoreUnfinished
from services.ledger.application.register_check import cause_of, check_register, unannounced
from services.ledger.application.retention_ports import ErasureEntry
from services.ledger.domain.identity import operation_id_of
from services.ledger.storage.erasure_register_memory import MemoryErasureRegister

AT = datetime(2026, 9, 10, 22, tzinfo=UTC)
DAY = ErasureEntry(
    id="day:2026-09-09", kind="day", at=AT, party="grootboek", key="day-ended:2026-09-09", day=date(2026, 9, 9)
)
HOLD = ErasureEntry(id=f"hold:{UUID(int=5)}", kind="hold", at=AT, key_id=f"hold:{UUID(int=5)}")
WEEK = ErasureEntry(id="week:2026-W30", kind="week", at=AT, key_id="week:2026-W30")
POSITIONS = ErasureEntry(id="positions:ab", kind="positions", at=AT, positions=((0, 7, "ab"),))


class Mark:
    """A mark that is remembered."""

    def __init__(self, mark: tuple[int, str] | None = None) -> None:
        """Stand at ``mark``."""
        self.mark = mark

    def read(self) -> tuple[int, str] | None:
        """Where it stands."""
        return self.mark

    def raise_to(self, sequence: int, chain: str) -> None:
        """Move it."""
        self.mark = (sequence, chain)


class Reader:
    """A reader of a database that holds some operations."""

    def __init__(self, *operations: UUID) -> None:
        """Hold these."""
        self.operations = operations

    def events_of_operation(self, operation_ids: Sequence[UUID]) -> list[Any]:
        """Something for those that are held."""
        return [each for each in operation_ids if each in self.operations]


def register(*entries: ErasureEntry) -> MemoryErasureRegister:
    """A register with these entries."""
    found = MemoryErasureRegister()
    for entry in entries:
        found.append(entry)
    return found


def test_a_database_that_knows_all_opens() -> None:
    """An empty register opens any ledger that never destroyed anything; a marked one that of its mark."""
    check_register(MemoryErasureRegister(), Mark(), Reader())  # type: ignore[arg-type]
    full = register(DAY, HOLD)
    check_register(full, Mark((2, full.chain(2) or "")), Reader())  # type: ignore[arg-type]


def test_an_older_database_does_not_open() -> None:
    """What was announced after it was dumped is not in it."""
    full = register(DAY, HOLD)
    with pytest.raises(RestoreUnfinished):
        check_register(full, Mark((1, full.chain(1) or "")), Reader())  # type: ignore[arg-type]


def test_a_crash_between_register_and_mark_opens() -> None:
    """What announced the entry is there, so the database is new enough, and the mark follows."""
    full, mark = register(DAY, WEEK, POSITIONS), Mark()
    announced = operation_id_of("grootboek", "day-ended:2026-09-09")
    check_register(full, mark, Reader(announced))  # type: ignore[arg-type]
    assert mark.mark == (3, full.chain(3))


@pytest.mark.parametrize("kept", [0, 1])
def test_a_shorter_or_another_register_does_not_open(kept: int) -> None:
    """The chain at the mark must be the one that was marked."""
    full = register(DAY, HOLD)
    other = register(*(DAY, WEEK)[:kept])
    with pytest.raises(ErasureRegisterBehind):
        check_register(other, Mark((2, full.chain(2) or "")), Reader())  # type: ignore[arg-type]
    with pytest.raises(ErasureRegisterBehind):
        check_register(register(WEEK, HOLD), Mark((2, full.chain(2) or "")), Reader())  # type: ignore[arg-type]


def test_every_kind_has_its_announcement() -> None:
    """A day and an erasure by their own operation, a hold by its release; weeks and positions by none of their own."""
    assert cause_of(DAY) == operation_id_of("grootboek", "day-ended:2026-09-09")
    assert cause_of(HOLD) == operation_id_of("grootboek", f"hold-released:{UUID(int=5)}")
    assert (cause_of(WEEK), cause_of(POSITIONS)) == (None, None)
    assert unannounced([DAY, WEEK], Reader()) == [DAY]  # type: ignore[arg-type]
