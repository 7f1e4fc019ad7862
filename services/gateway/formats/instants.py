"""The moments of a body: in years that terms can be counted from, at an offset that everybody can read.

RFC 3339 knows offsets up to 23:59, PostgreSQL only below 16:00. An instant at a further one is brought to UTC: the
same instant, of which only the offset is lost that its sender wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from operator import is_
from typing import Any, Final

import msgspec

from services.law.act import Act, Justification
from services.runtime import limits

OFFSET_MAX: Final = timedelta(hours=16)


def has_odd_moment(act: Act) -> bool:
    """Tell whether an act names a moment in a year that cannot be counted from, or at an offset to be changed."""
    if is_odd(act.occurred_at) or (act.ended_at is not None and is_odd(act.ended_at)):
        return True
    for subject in act.subjects:
        if subject.birth_date is not None and is_odd(subject.birth_date):
            return True
    if act.confidentiality is not None and is_odd(act.confidentiality.review_on):
        return True
    if act.source is not None and act.source.captured_at is not None and is_odd(act.source.captured_at):
        return True
    return act.justification is not None and any(map(is_odd, moments_within(act.justification)))


def moments_within(justification: Justification) -> Iterator[date | None]:
    """Yield the moments by which an act accounts for itself; few acts have any."""
    if justification.consent is not None:
        yield justification.consent.given_at
        yield justification.consent.withdrawn_at
    if justification.threshold is not None:
        yield justification.threshold.decided_on


def is_odd(moment: date | None) -> bool:
    """Tell whether a moment, if there is one, cannot be counted from or stands at an offset to be changed."""
    if moment is None:
        return False
    if not limits.OCCURRED_YEAR_MIN <= moment.year <= limits.YEAR_MAX:
        return True
    return isinstance(moment, datetime) and moment.tzinfo is not UTC and is_far(moment)


def is_far(instant: datetime) -> bool:
    """Tell whether an instant stands at an offset of sixteen hours or more."""
    offset = instant.utcoffset()
    return offset is not None and not -OFFSET_MAX < offset < OFFSET_MAX


def settle(value: Any) -> Any:
    """Return a value in which everybody can read every instant, however deep; the value itself where that is so."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if is_far(value) else value
    if isinstance(value, msgspec.Struct):
        moved = {name: new for name, old, new in _settled_fields(value) if new is not old}
        return msgspec.structs.replace(value, **moved) if moved else value
    if isinstance(value, tuple):
        items = tuple(map(settle, value))
        return value if all(map(is_, items, value)) else items
    return value


def _settled_fields(struct: msgspec.Struct) -> list[tuple[str, Any, Any]]:
    """Return each field with its value, as it is and as it should be."""
    fields = [(name, getattr(struct, name)) for name in struct.__struct_fields__]
    return [(name, value, settle(value)) for name, value in fields]
