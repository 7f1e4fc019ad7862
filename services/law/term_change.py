"""What a later change of the terms may do: prolong under a norm, or shorten to today or later.

Both terms are maxima. To keep longer than was said needs a norm; to let go earlier needs none, unless a norm wanted it
kept. What has ended stays ended: its keys are gone, and who still holds the data answers under a norm of its own. A
hold is no obstacle: the change is recorded, and counts when the hold is released.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from services.law.errors import (
    ProlongationWithoutNormError,
    RecordBeforeHoldingError,
    TermChangeEmptyError,
    TermEndedError,
    TermEndPastError,
    TermMinimumError,
)
from services.law.precedence import Minimum


class Ends(msgspec.Struct, frozen=True):
    """The last day of the holding (None: unknown, or none begun) and of the record."""

    holding: date | None
    record: date


class TermChange(msgspec.Struct, frozen=True):
    """Both terms as the change leaves them.

    ``prolongs``: one of them ends later than it did. ``record_follows``: nobody asked for it, but the record was taken
    along so that the evidence outlives the data. ``record_before_holding``: the record ends before the holding that it
    is evidence of, which only a shortening on purpose can bring about.
    """

    ends: Ends
    prolongs: bool = False
    record_follows: bool = False
    record_before_holding: bool = False


def decide_change(
    current: Ends,
    *,
    holding: date | None,
    record: date | None,
    norm: str | None,
    today: date,
    minimums: Iterable[Minimum] = (),
) -> TermChange:
    """The change of terms that is asked for (None: leave as it is), or the LawError that says why it cannot be.

    A holding whose end was unknown may be given one without a norm: that limits it. When the holding grows beyond the
    record and nothing was said of the record, it follows; an end stated for the record that lies before the holding
    is accepted only when it shortens the record.
    """
    if holding is None and record is None:
        raise TermChangeEmptyError
    if current.record < today:
        raise TermEndedError
    until = max((minimum.until for minimum in minimums), default=None)
    _check_end(current.holding, holding, norm, today, until)
    _check_end(current.record, record, norm, today, until)
    held_until = current.holding if holding is None else holding
    recorded_until = _record_until(current, held_until, record)
    is_longer = recorded_until > current.record
    if is_longer and norm is None:
        raise ProlongationWithoutNormError
    return TermChange(
        Ends(held_until, recorded_until),
        prolongs=is_longer or _grows(current.holding, held_until),
        record_follows=is_longer and record is None,
        record_before_holding=held_until is not None and recorded_until < held_until,
    )


def _check_end(before: date | None, asked: date | None, norm: str | None, today: date, until: date | None) -> None:
    """One term by itself: the new end lies ahead, and leaves no norm aside in silence."""
    if asked is None or asked == before:
        return
    if before is not None and before < today:
        raise TermEndedError
    if asked < today:
        raise TermEndPastError
    if norm is None and _grows(before, asked):
        raise ProlongationWithoutNormError
    if norm is None and until is not None and asked < until:
        raise TermMinimumError


def _record_until(current: Ends, held_until: date | None, record: date | None) -> date:
    """The record's end beside the holding's: it follows a holding that grew, and is never left behind by accident."""
    if record is None:
        if held_until is None or (current.holding is not None and held_until <= current.holding):
            return current.record
        return max(current.record, held_until)
    if held_until is not None and current.record <= record < held_until:
        raise RecordBeforeHoldingError
    return record


def _grows(before: date | None, after: date | None) -> bool:
    return before is not None and after is not None and after > before
