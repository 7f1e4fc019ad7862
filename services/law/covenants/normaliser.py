"""A covenant in whatever words, to the fields and words of the contract, with every deviation on record (S83).

Field names, phases, categories of data, roles, statuses, the legal frame, terms and days have one canonical word each
(``synonyms``, ``terms``, ``days``); ids, names and free text stay as they are, and so does what has no canonical word.
Where several fields of one object would become the same, the plainest word for it does (the first of the table, in
whatever order they stand); the others keep their own name, for whoever decodes the body to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from services.law.covenants import synonyms
from services.law.covenants.days import canonical_day
from services.law.covenants.terms import canonical_term
from services.law.covenants.words import fold
from services.law.pointers import escape

_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
Json = Any
Body = dict[str, Json]


class Deviation(msgspec.Struct, frozen=True, rename="camel"):
    """A word that is not the canonical one: its pointer (into the body as sent), as stated, and what it became."""

    pointer: str
    stated: str
    canonical: str


class Normalised(msgspec.Struct, frozen=True, rename="camel"):
    """The body in the words of the contract, and where it deviated from them, in the order of the body."""

    body: Body
    deviations: tuple[Deviation, ...]


def normalise(body: Mapping[str, Json]) -> Normalised:
    """The covenant in canonical words; what is malformed is left for whoever decodes it."""
    words = _Words()
    return Normalised(words.fields("", body, synonyms.FIELDS, _COVENANT), tuple(words.deviations))


Reader = Callable[["_Words", str, Json], Json]


def _named(body: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, str]:
    """The name that each field gets, by the name that it has: canonical, and no two of them the same."""
    stated_by_name: dict[str, str] = {}
    ranks = {word: rank for rank, word in enumerate(names)}
    for stated in sorted(body, key=lambda stated: ranks.get(_word(stated), 0)):
        name = names.get(_word(stated), stated)
        if name not in body:
            stated_by_name.setdefault(name, stated)
    return {stated: stated for stated in body} | {stated: name for name, stated in stated_by_name.items()}


def _word(stated: str) -> str:
    return fold(_CAMEL.sub("-", stated))


class _Words:
    """Translates word by word and keeps each deviation."""

    def __init__(self) -> None:
        self.deviations: list[Deviation] = []

    def fields(self, pointer: str, body: Json, names: Mapping[str, str], readers: Mapping[str, Reader]) -> Json:
        """An object with its field names translated, and what stands in them read by the reader of the field."""
        if not isinstance(body, Mapping):
            return body
        found: Body = {}
        named = _named(body, names)
        for stated, value in body.items():
            under = f"{pointer}/{escape(stated)}"
            name = named[stated]
            self.note(under, stated, name)
            found[name] = readers[name](self, under, value) if name in readers else value
        return found

    def word(self, pointer: str, stated: Json, table: Mapping[str, str]) -> Json:
        """One word by its table; a word that is not in it stays."""
        if not isinstance(stated, str):
            return stated
        canonical = table.get(fold(stated), stated)
        self.note(pointer, stated, canonical)
        return canonical

    def note(self, pointer: str, stated: str, canonical: str) -> None:
        """Keep a deviation, if it is one."""
        if stated != canonical:
            self.deviations.append(Deviation(pointer, stated, canonical))


def _words_of(table: Mapping[str, str]) -> Reader:
    def read(words: _Words, pointer: str, value: Json) -> Json:
        if not isinstance(value, list):
            return words.word(pointer, value, table)
        return [words.word(f"{pointer}/{index}", item, table) for index, item in enumerate(value)]

    return read


def _objects_of(names: Mapping[str, str], readers: Mapping[str, Reader]) -> Reader:
    def read(words: _Words, pointer: str, value: Json) -> Json:
        if not isinstance(value, list):
            return words.fields(pointer, value, names, readers)
        return [words.fields(f"{pointer}/{index}", item, names, readers) for index, item in enumerate(value)]

    return read


def _read_term(words: _Words, pointer: str, value: Json) -> Json:
    if not isinstance(value, str):
        return value
    canonical = canonical_term(value)
    canonical = canonical if canonical.startswith("P") else value
    words.note(pointer, value, canonical)
    return canonical


def _read_day(words: _Words, pointer: str, value: Json) -> Json:
    if not isinstance(value, str):
        return value
    canonical = canonical_day(value)
    words.note(pointer, value, canonical)
    return canonical


def _read_terms(words: _Words, pointer: str, value: Json) -> Json:
    """Terms by phase: the phase is a field name here, so both sides may deviate."""
    readers = dict.fromkeys(synonyms.PHASES.values(), _read_term)
    return words.fields(pointer, value, synonyms.PHASES, readers)


_NOTHING: Final[Mapping[str, Reader]] = {}
_CRITERIA: Final[Mapping[str, Reader]] = {"excludesStatus": _words_of(synonyms.STATUSES)}
_ANNEX: Final[Mapping[str, Reader]] = {
    "criteria": _objects_of(synonyms.CRITERIA_FIELDS, _CRITERIA),
    "necessity": _objects_of(synonyms.NECESSITY_FIELDS, _NOTHING),
    "dataCategories": _words_of(synonyms.CATEGORIES),
    "retention": _read_terms,
}
_PARTNER: Final[Mapping[str, Reader]] = {"role": _words_of(synonyms.ROLES), "from": _read_day, "until": _read_day}
_COVENANT: Final[Mapping[str, Reader]] = {
    "validFrom": _read_day,
    "validUntil": _read_day,
    "published": _read_day,
    "partners": _objects_of(synonyms.PARTNER_FIELDS, _PARTNER),
    "arrangement": _objects_of(synonyms.ARRANGEMENT_FIELDS, _NOTHING),
    "recordRetention": _read_term,
    "legalFrame": _words_of(synonyms.LEGAL_FRAMES),
    "annexes": _objects_of(synonyms.ANNEX_FIELDS, _ANNEX),
}
