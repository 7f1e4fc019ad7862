"""What changed between two versions of a covenant, or differs between two covenants: exactly those fields.

Id and version are what is compared, so they are never a change. Lists whose order means nothing are compared without
it, partners by party and annexes by id; what is left out equals what is empty. Terms that mean the same are no change:
P12M is P1Y, and a phase is the same in another word for it, unless one side has several words for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from services.law.covenants.phase_terms import phase_of
from services.law.covenants.terms import canonical_term
from services.law.governance import Covenant
from services.law.pointers import escape

_COMPARED: Final = frozenset({"id", "version"})
_KEY_BY_LIST: Final = {"partners": "party", "annexes": "id"}

Json = Any
_EMPTY: Final[tuple[Json, ...]] = (None, [], {}, "")


class Change(msgspec.Struct, frozen=True, rename="camel"):
    """One field that differs, as a pointer with ids in place of numbers; what was added has no ``first``."""

    pointer: str
    kind: Literal["added", "removed", "changed"]
    first: Json
    second: Json


def diff(first: Covenant, second: Covenant) -> tuple[Change, ...]:
    """Every change from the first to the second, in order of pointer."""
    before, after = (
        {name: value for name, value in msgspec.json.decode(msgspec.json.encode(side)).items() if name not in _COMPARED}
        for side in (first, second)
    )
    return tuple(sorted(_compare("", before, after), key=lambda change: change.pointer))


def _compare(pointer: str, first: Mapping[str, Json], second: Mapping[str, Json]) -> Iterator[Change]:
    for name in sorted(first.keys() | second.keys()):
        yield from _compare_field(f"{pointer}/{escape(name)}", name, first.get(name), second.get(name))


def _compare_field(pointer: str, name: str, first: Json, second: Json) -> Iterator[Change]:
    if first == second or (first in _EMPTY and second in _EMPTY):
        return
    if name == "recordRetention":
        yield from _compare_terms(pointer, first, second)
    elif name == "retention":
        yield from _compare_phases(pointer, first or {}, second or {})
    elif name in _KEY_BY_LIST:
        key = _KEY_BY_LIST[name]
        yield from _compare_items(pointer, _by_key(first or (), key), _by_key(second or (), key))
    elif isinstance(first, list) or isinstance(second, list):
        yield from _compare_sets(pointer, first or (), second or ())
    elif isinstance(first, dict) or isinstance(second, dict):
        yield from _compare(pointer, first or {}, second or {})
    else:
        yield _change(pointer, first, second)


def _compare_phases(pointer: str, first: Mapping[str, str], second: Mapping[str, str]) -> Iterator[Change]:
    """Terms by phase; where two words are one phase the pointer has that of the first side."""
    pairs = {phase: phase for phase in first.keys() & second.keys()}
    mine, yours = (_by_phase(side.keys() - pairs.keys()) for side in (first, second))
    pairs |= {mine[phase]: yours[phase] for phase in mine.keys() & yours.keys()}
    for phase, term in first.items():
        other = second[pairs[phase]] if phase in pairs else None
        yield from _compare_terms(f"{pointer}/{escape(phase)}", term, other)
    for phase in second.keys() - set(pairs.values()):
        yield from _compare_terms(f"{pointer}/{escape(phase)}", None, second[phase])


def _by_phase(phases: Collection[str]) -> dict[str, str]:
    """The words by the phase that they mean, save those of which several mean one."""
    counts = Counter(map(phase_of, phases))
    return {phase_of(phase): phase for phase in phases if counts[phase_of(phase)] == 1}


def _compare_terms(pointer: str, first: str | None, second: str | None) -> Iterator[Change]:
    if canonical_term(first or "") != canonical_term(second or ""):
        yield _change(pointer, first, second)


def _compare_items(pointer: str, first: Mapping[str, Json], second: Mapping[str, Json]) -> Iterator[Change]:
    """Partners or annexes by their key: whole ones that came or went, and the fields of those that stayed."""
    for key in sorted(first.keys() | second.keys()):
        under = f"{pointer}/{escape(key)}"
        if key in first and key in second:
            yield from _compare(under, first[key], second[key])
        else:
            yield _change(under, first.get(key), second.get(key))


def _change(pointer: str, first: Json, second: Json) -> Change:
    if first in _EMPTY:
        return Change(pointer, "added", None, second)
    return Change(pointer, "removed", first, None) if second in _EMPTY else Change(pointer, "changed", first, second)


def _compare_sets(pointer: str, first: Iterable[str], second: Iterable[str]) -> Iterator[Change]:
    """What one list has and the other has not; the pointer is of the list."""
    ours, theirs = set(first), set(second)
    yield from (Change(f"{pointer}/{escape(value)}", "removed", value, None) for value in sorted(ours - theirs))
    yield from (Change(f"{pointer}/{escape(value)}", "added", None, value) for value in sorted(theirs - ours))


def _by_key(items: Iterable[Mapping[str, Json]], key: str) -> dict[str, Json]:
    """The items by their key, which is no longer a field; of several with one key the later ones get a number."""
    found: dict[str, Json] = {}
    for item in sorted(items, key=lambda item: (item[key], item.get("from") or "", item.get("until") or "")):
        rest = {name: value for name, value in item.items() if name != key}
        number = sum(1 for known in found if known == item[key] or known.startswith(f"{item[key]}#"))
        found[f"{item[key]}#{number + 1}" if number else item[key]] = rest
    return found
