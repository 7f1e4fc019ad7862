"""Which norms need a fresh look at their text, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

import msgspec

from services.law.norm_set import BEFORE_RELEASE, UNVERIFIED, Norm, NormSet

FRESH_YEARS: Final = 3
"""How long a text that was read counts as fresh: Dutch statutes change about as often as that."""

Reason = Literal["unverified", "old-text", "check-before", "text-aged"]


class StaleNorm(msgspec.Struct, frozen=True):
    """A norm that needs a fresh look, with every reason."""

    norm: Norm
    reasons: tuple[Reason, ...]


def stale_norms(norms: NormSet, day: date) -> tuple[StaleNorm, ...]:
    """Those that need a fresh look as of ``day``, in order of id."""
    found = ((norm, tuple(reasons_of(norm, day))) for norm in norms.values())
    return tuple(StaleNorm(norm, reasons) for norm, reasons in found if reasons)


def reasons_of(norm: Norm, day: date) -> Iterator[Reason]:
    """Why the norm needs a fresh look: nobody read it, only an old text was read, its own date, or the text's age."""
    if norm.checked == UNVERIFIED:
        yield "unverified"
    if norm.checked == "old-text":
        yield "old-text"
    if norm.check_before is not None and _is_due(norm.check_before, day):
        yield "check-before"
    if _has_aged(norm, day):
        yield "text-aged"


def _is_due(check_before: str, day: date) -> bool:
    """Before a release it is always due: one may be made on any day."""
    return check_before == BEFORE_RELEASE or date.fromisoformat(check_before) <= day


def _has_aged(norm: Norm, day: date) -> bool:
    """Whether the text that was read is older than its freshness; a text of the past does not age."""
    read = norm.state_of_text or norm.checked_on
    if read is None or (norm.valid_until is not None and norm.valid_until < day):
        return False
    return (read.year + FRESH_YEARS, read.month, read.day) <= (day.year, day.month, day.day)
