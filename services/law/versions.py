"""The versions of a register entry: what tells them apart, and how one of them is ended.

A version stays as it was registered, save that its end may come sooner. The same entry again with an earlier end takes
its place from the moment it became known; what was known before stays in the history.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from services.law.governance import Acknowledgement, Entry
from services.law.learning import Checklist, Closing, NearMiss, Opinion, Question

if TYPE_CHECKING:
    from services.law.register import Known

UNJUDGED: Final = (Acknowledgement, Question, Checklist, Closing, Opinion, NearMiss)
"""The kinds of entries that are read and counted, and are never in force on a day: no judgement looks at them."""
ENDLESS: Final = tuple(kind for kind in UNJUDGED if kind is not Opinion)
"""The kinds of which a version holds on no day, and so has no end to bring forward."""


def version_key(entry: Entry) -> str:
    """What tells the versions of one id apart: the version number, else the day from which it is valid."""
    version: int | None = getattr(entry, "version", None)
    if version is not None:
        return str(version)
    return "" if entry.valid_from is None else entry.valid_from.isoformat()


def ends_sooner(known: Entry, entry: Entry) -> bool:
    """Whether ``entry`` is the version ``known`` with nothing changed but an end that comes sooner.

    Never later: who was given until Friday has no more by it, and what is sent again is a retry, not a change of mind.
    What holds on no day, as a closing, has no end either.
    """
    until = entry.valid_until
    if until is None or isinstance(entry, ENDLESS) or type(known) is not type(entry):
        return False
    if known.valid_until is not None and known.valid_until <= until:
        return False
    return replace(known, valid_until=until) == entry


def standing(history: Iterable[Known]) -> tuple[Known, ...]:
    """Of every version the entry that became known last, each where the version first stood.

    In its old place, since an end that becomes known says nothing of which version goes before another.
    """
    found: dict[tuple[type[Entry], str, str], Known] = {}
    for known in history:
        found[type(known.entry), known.entry.id, version_key(known.entry)] = known
    return tuple(found.values())


def version_before(entry: Entry, history: Iterable[Known]) -> Known | None:
    """What stands under the version of an entry, None when there is nothing; ``history`` in order of position."""
    place = (type(entry), entry.id, version_key(entry))
    found = None
    for known in history:
        if known.entry.id == entry.id and (type(known.entry), known.entry.id, version_key(known.entry)) == place:
            found = known
    return found
