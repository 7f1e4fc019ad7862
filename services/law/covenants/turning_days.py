"""The days on which something about a covenant turns: between two of them nothing does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from services.law.governance import Addendum, Covenant, Interpretation, Municipality, Partner
from services.law.register import Register

_ONE_DAY: Final = timedelta(days=1)


def turning_days(register: Register) -> dict[str, set[date]]:
    """Per covenant the days on which it begins or ends to say something: its versions and all that joins them."""
    days: dict[str, set[date]] = {covenant_id: set() for covenant_id in register.covenant_ids()}
    above: dict[str, set[str]] = {}
    everywhere: set[date] = set()
    for entry in (known.entry for known in register.history):
        if isinstance(entry, Covenant):
            days[entry.id].update(_turns(entry.valid_from, entry.valid_until), _turns_of(entry.partners))
            if isinstance(entry.umbrella, str):
                above.setdefault(entry.id, set()).add(entry.umbrella)
        elif isinstance(entry, Addendum):
            days.get(entry.covenant, set()).update(
                _turns(entry.valid_from, entry.valid_until), _turns_of(entry.partners)
            )
        elif isinstance(entry, Interpretation):
            days.get(entry.covenant, set()).update(_turns(entry.valid_from, entry.valid_until))
        elif isinstance(entry, Municipality):
            everywhere.update(_turns(entry.valid_from, entry.valid_until))
    return {
        covenant_id: own.union(everywhere, *(days.get(umbrella, set()) for umbrella in _all_above(covenant_id, above)))
        for covenant_id, own in days.items()
    }


def _all_above(covenant_id: str, above: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [*above.get(covenant_id, ())]
    while waiting:
        umbrella = waiting.pop()
        if umbrella not in found:
            found.add(umbrella)
            waiting.extend(above.get(umbrella, ()))
    return found


def _turns(begins: date | None, ends: date | None) -> Iterator[date]:
    if begins is not None:
        yield begins
    if ends is not None and ends < date.max:
        yield ends + _ONE_DAY


def _turns_of(partners: Iterable[Partner]) -> Iterator[date]:
    for partner in partners:
        yield from _turns(partner.from_, partner.until)
