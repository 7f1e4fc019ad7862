"""The two time axes of a question as text: ``asOf`` and ``asKnownAt`` (contract "Times")."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from services.law.local_time import end_of_day
from services.ledger.application.ports import Bounds
from services.runtime.clock import in_utc
from services.runtime.errors import FieldError, Rejected

_LAST_MOMENT: Final = timedelta(microseconds=1)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


class BoundInvalid(Rejected):
    """A bound in time is no instant with a zone and no day."""

    code = "instant-invalid"
    remedy = "Write an RFC 3339 instant with its zone, or a day such as 2026-09-15."

    def __init__(self, *names: str) -> None:
        """Point at every bound that is wrong."""
        message = "This is no instant with a zone and no day."
        super().__init__(
            tuple(FieldError(pointer=f"/{name}", code=self.code, message=message, remedy=self.remedy) for name in names)
        )


def parse_bounds(as_of: str | None, as_known_at: str | None, now: datetime) -> Bounds:
    """Both bounds, inclusive, in UTC; ``now`` where one is not given. Raises BoundInvalid naming both."""
    wrong: list[str] = []
    found: list[datetime] = []
    for name, text in (("asOf", as_of), ("asKnownAt", as_known_at)):
        try:
            found.append(now if text is None else parse_bound(text))
        except (ValueError, OverflowError):
            wrong.append(name)
    if wrong:
        raise BoundInvalid(*wrong)
    return Bounds(as_of=found[0], as_known_at=found[1])


def parse_bound(text: str) -> datetime:
    """An instant in UTC; a bare day means its last moment in Europe/Amsterdam. Raises ValueError."""
    if _DAY.fullmatch(text):
        return in_utc(end_of_day(date.fromisoformat(text)) - _LAST_MOMENT)
    if not _INSTANT.fullmatch(text):
        raise ValueError("neither a day nor an instant with its zone")
    return in_utc(datetime.fromisoformat(text.upper()))
