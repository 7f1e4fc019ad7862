"""Where covenants contradict each other, and where they merely differ, page by page (S13)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from services.law.covenants.reports import Contradiction
from services.law.governance import Covenant
from services.law.register import Register
from services.ledger.application.bounded_cache import BoundedCache
from services.ledger.application.cursors import CursorInvalid, page_limit
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.valid_at import valid_day
from services.ledger.contract.messages import Caller, Page
from services.runtime.errors import FieldError, Rejected
from services.runtime.limits import CONFLICTS_CACHED_MAX, COVENANTS_COMPARED_MAX


class CovenantsTooMany(Rejected):
    """There are more covenants than are compared with one another at once."""

    code = "covenants-too-many"
    remedy = "Name a day in the query parameter `validAt`, on which fewer are in force."

    def __init__(self) -> None:
        """Point at the day."""
        message = f"At most {COVENANTS_COMPARED_MAX} covenants are compared at once."
        super().__init__((FieldError(pointer="/validAt", code=self.code, message=message, remedy=self.remedy),))


Find = Callable[[Register, date | None], Sequence[Contradiction]]
_CURSOR: Final = re.compile(r"(\d{1,18})\.(\d{1,9})", re.ASCII)


class ListConflicts:
    """``GET /v1/covenants/contradictions`` and ``…/differences``, each with its own way to find them.

    All are found at once and kept for the pages that follow; those are of the register that the first page was of.
    """

    def __init__(self, *, source: RegisterFeed, find: Find) -> None:
        """Look in ``source``, caught up at every first page; ``find`` gives them in a fixed order."""
        self._source = source
        self._find = find
        # Whoever asks while they are being found waits for them.
        self._finding = threading.Lock()
        self._found: BoundedCache[tuple[int, date | None], Sequence[Contradiction]] = BoundedCache(CONFLICTS_CACHED_MAX)

    def __call__(
        self, _: Caller, valid_at: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """One page; ``valid_at`` limits it to the day, else all days count. Blocking. Raises CovenantsTooMany."""
        size, register = page_limit(limit), self._source.catch_up()
        position, start = (register.position, 0) if cursor is None else _place(cursor, register)
        found = self._all(register, position, None if valid_at is None else valid_day(valid_at))
        end = start + size
        following = f"{position}.{end}" if len(found) > end else None
        items: list[Any] = msgspec.to_builtins(list(found[start:end]))
        return Page(items=tuple(items), next=following)

    def _all(self, register: Register, position: int, day: date | None) -> Sequence[Contradiction]:
        with self._finding:
            kept = self._found.get((position, day))
            if kept is None:
                then = register if position == register.position else register.known_until(position)
                check_count(then, day)
                kept = self._find(then, day)
                self._found.put((position, day), kept)
            return kept


def check_count(register: Register, day: date | None) -> None:
    """Raise CovenantsTooMany for more than are compared at once."""
    count = (
        len(register.covenants(day))
        if day is not None
        else len({known.entry.id for known in register.history if isinstance(known.entry, Covenant)})
    )
    if count > COVENANTS_COMPARED_MAX:
        raise CovenantsTooMany


def _place(cursor: str, register: Register) -> tuple[int, int]:
    """The register position and the number of items already given; the register is no secret, so nothing is sealed."""
    match = _CURSOR.fullmatch(cursor)
    if match is None or int(match[1]) > register.position:
        raise CursorInvalid
    return int(match[1]), int(match[2])
