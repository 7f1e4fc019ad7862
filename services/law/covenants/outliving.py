"""A covenant on a day on which its umbrella is not in force: what it left to that one it then lacks (S14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import msgspec

from services.law.covenants.resolving import Resolved, resolve
from services.law.governance import Covenant
from services.law.register import Register

_ONE_DAY: Final = timedelta(days=1)


class Lack(msgspec.Struct, frozen=True):
    """The fields that a covenant lacks on a day, and the nearest version of its umbrella, which says them."""

    day: date
    umbrella: Covenant
    fields: tuple[str, ...]


def lack_on(day: date, stated: Covenant, register: Register) -> Lack | None:
    """What a version in force lacks on a day for want of its umbrella.

    None while that one is in force, when nobody registered it, and when the version says all of it itself. What an
    umbrella lacks for want of one over it is told of that umbrella.
    """
    above = stated.umbrella
    if not isinstance(above, str) or register.resolved_covenant(above, day) is not None:
        return None
    umbrella = _nearest(above, day, register)
    fields = () if umbrella is None else _taken(day, stated, umbrella, register)
    return Lack(day, umbrella.stated, fields) if umbrella is not None and fields else None


def first_lack(stated: Covenant, register: Register) -> Lack | None:
    """What a version of a covenant lacks once its umbrella has ended, on the first day on which it is in force so."""
    above = stated.umbrella
    versions = register.versions_of(above) if isinstance(above, str) else ()
    ends = (version.valid_until for version in versions if version.valid_until not in (None, date.max))
    for day in sorted(end + _ONE_DAY for end in ends if end is not None):
        found = register.resolved_covenant(stated.id, day)
        lack = lack_on(day, stated, register) if found is not None and found.stated == stated else None
        if lack is not None:
            return lack
    return None


def _nearest(umbrella_id: str, day: date, register: Register) -> Resolved | None:
    """The umbrella as it was on its last day before ``day``, else as it will be on its first."""
    versions = register.versions_of(umbrella_id)
    ended = [version.valid_until for version in versions if version.valid_until is not None]
    last = max((end for end in ended if end < day), default=None)
    first = min((version.valid_from for version in versions if version.valid_from > day), default=None)
    nearest = last or first
    return None if nearest is None else register.resolved_covenant(umbrella_id, nearest)


def _taken(day: date, stated: Covenant, umbrella: Resolved, register: Register) -> tuple[str, ...]:
    """The fields that the covenant would have from its umbrella on that day, each once."""
    joining = register.addenda_of(stated.id, day), register.interpretation_of(stated.id, day)
    return tuple(dict.fromkeys(_fields_from_umbrella(resolve(stated, umbrella, *joining))))


def _fields_from_umbrella(found: Resolved) -> Iterator[str]:
    for origin in found.origins:
        if origin.source == "umbrella" and not origin.overrides:
            yield origin.field.split("/")[1]
