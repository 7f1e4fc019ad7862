"""Norms as value types: what the rules rest on, since when, and how far anyone has read the text.

The data are YAML files beside this module; whoever wires the process reads them and hands in
their text, since the law does no I/O. A norm that is not ``verified`` may support a gap, never
a violation.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from services.law.errors import NormsInvalidError
from services.law.texts import Text
from services.law.verdict import Block

Checked = Literal["official-text-mirror", "third-party-copy", "in-part", "old-text", "unverified"]
UNVERIFIED: Final = "unverified"
BEFORE_RELEASE: Final = "release"


class Norm(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One norm. ``rule`` is a paraphrase; ``state_of_text`` is the date of the consolidated text that was read.

    ``valid_from`` None means not known; ``valid_until`` None that no end is known. ``check_before`` is a day, or
    ``release``: look at the text again by then.
    """

    id: str
    citation: str
    binds: str
    block: Block
    rule: Text
    verified: bool
    checked: Checked
    valid_from: date | None = None
    valid_until: date | None = None
    valid_from_checked: bool = True
    checked_against: str | None = None
    checked_on: date | None = None
    state_of_text: date | None = None
    check_before: str | None = None
    note: str | None = None
    dpv: tuple[str, ...] = ()

    def valid_on(self, day: date) -> bool:
        """Whether the norm is in force on ``day``; an unknown start counts as always."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


NormSet = MappingProxyType[str, Norm]
"""Norms by id, in order of id."""

NO_NORMS: Final[NormSet] = MappingProxyType({})
"""No law at all: for what does not judge."""


def parse_norms(texts: Iterable[str]) -> NormSet:
    """The norms in the YAML ``texts``; raises NormsInvalidError when they are malformed or contradict themselves."""
    norms: dict[str, Norm] = {}
    for text in texts:
        for norm in _decoded(text):
            if norm.id in norms or not _is_coherent(norm):
                raise NormsInvalidError
            norms[norm.id] = norm
    return MappingProxyType(dict(sorted(norms.items())))


def _decoded(text: str) -> list[Norm]:
    try:
        return msgspec.yaml.decode(text, type=list[Norm])
    except msgspec.MsgspecError as error:
        raise NormsInvalidError from error


def _is_coherent(norm: Norm) -> bool:
    """Ends after its beginning, is verified exactly when something was read, and says when to look again."""
    if norm.valid_from is not None and norm.valid_until is not None and norm.valid_until < norm.valid_from:
        return False
    return norm.verified == (norm.checked != UNVERIFIED) and _is_moment(norm.check_before)


def _is_moment(check_before: str | None) -> bool:
    if check_before is None or check_before == BEFORE_RELEASE:
        return True
    try:
        date.fromisoformat(check_before)
    except ValueError:
        return False
    return True
