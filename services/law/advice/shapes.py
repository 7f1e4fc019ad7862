"""What advice says. Every sentence stands in Dutch and in English, so that whoever shows it needs no law of its own.

``subjects`` are the names by which the answer calls the act's persons: pseudonyms of whoever asks.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from services.law.addressee import Addressee
from services.law.covenants.other_regime import OtherRegime
from services.law.texts import Text
from services.law.verdict import Block, Outcome

ChosenBy = Literal["named", "only-candidate", "protective-default", "none"]
Because = Literal["home-town", "town-of-act", "school-town"]


class _Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Common wire rule: camelCase names."""


class NormShown(_Shape, frozen=True, kw_only=True):
    """A norm as a reader needs it; ``citation`` and ``rule`` are missing where the register holds no norms.

    ``label`` is what a reader calls it ("Wpg 7(1)"), ``citation`` the reference by which it is found (JCI or ELI).
    """

    id: str
    label: str
    citation: str | None = None
    rule: Text | None = None
    verified: bool = False


class Explanation(_Shape, frozen=True, kw_only=True):
    """A finding of the verdict with everything that is said about it, and the norms in force on the day of the act."""

    code: str
    block: Block
    severity: Outcome
    subjects: tuple[str, ...]
    message: Text
    remedy: Text
    norms: tuple[NormShown, ...]


class Mend(_Shape, frozen=True, kw_only=True):
    """One thing that would make the act allowed for a recipient: a finding to mend, or a norm that could carry it."""

    id: str
    kind: Literal["finding", "norm"]
    message: Text
    remedy: Text
    norms: tuple[NormShown, ...]


class RecipientAdvice(_Shape, frozen=True, kw_only=True):
    """The answer for one recipient, why, and what would make it allowed (``would_allow`` and ``mend``, same order).

    ``owed_under``: the norms that oblige to share, where the answer is must-share-unless.
    """

    party: str
    answer: Literal["allowed", "forbidden", "must-share-unless"]
    would_allow: tuple[str, ...] = ()
    why: Text
    mend: tuple[Mend, ...] = ()
    owed_under: tuple[NormShown, ...] = ()


class CovenantVersion(_Shape, frozen=True, kw_only=True):
    """A covenant in one version."""

    id: str
    version: int


class CovenantCandidate(_Shape, frozen=True, kw_only=True):
    """A covenant that could govern the act for ``subjects``, and because of which town.

    ``retention``: its term for the phase of the act (ISO 8601), which would end on ``until``; ``recipients``: its
    partners that day.
    """

    covenant: CovenantVersion
    annex: str | None = None
    because: tuple[Because, ...] = ()
    retention: str | None = None
    until: date | None = None
    recipients: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    why: Text


class Governs(_Shape, frozen=True, kw_only=True):
    """The covenant that governs the act, how that was found, and what else could."""

    covenant: CovenantVersion | None
    annex: str | None = None
    by: ChosenBy
    why: Text
    candidates: tuple[CovenantCandidate, ...] = ()


class ToldUnder(_Shape, frozen=True, kw_only=True):
    """The covenant and annex under which a person is told."""

    id: str
    annex: str | None = None


class Telling(_Shape, frozen=True, kw_only=True):
    """Who must tell these persons, on whose behalf, by when at the latest, and what; ``due`` is an instant.

    ``addressees``: to whom a notice about them goes, by their age where the act states it. ``late``: that day is over.
    """

    party: str
    on_behalf_of: tuple[str, ...]
    subjects: tuple[str, ...]
    due: datetime
    late: bool = False
    moment: str
    elements: tuple[str, ...]
    addressees: tuple[Addressee, ...]
    covenant: ToldUnder | None = None
    norms: tuple[NormShown, ...] = ()
    text: Text


class KeepingTerm(_Shape, frozen=True, kw_only=True):
    """One rule on keeping: ``says`` is its period (ISO 8601) or norm, ``until`` the last day it gives."""

    until: date | None
    rule: str
    says: str
    text: Text


class KeepingStage(_Shape, frozen=True, kw_only=True):
    """A stage in which the use of the data narrows, from the first day to the last, before they are gone."""

    since: date
    until: date
    text: Text


class KeptUntil(_Shape, frozen=True, kw_only=True):
    """Until when the data of ``subjects`` may be held (the last day), by which rule, and which rules lost.

    ``until`` None when no rule says.
    """

    until: date | None
    rule: str | None
    says: str | None
    text: Text
    lost: tuple[KeepingTerm, ...] = ()
    stages: tuple[KeepingStage, ...] = ()
    subjects: tuple[str, ...] = ()


class KeepingAdvice(KeptUntil, frozen=True, kw_only=True):
    """Of the persons whose data must go first; ``others``: those to whom the law gives another day."""

    others: tuple[KeptUntil, ...] = ()


class Note(_Shape, frozen=True, kw_only=True):
    """Something worth knowing that is no finding: it never changes an outcome."""

    code: str
    subjects: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    message: Text
    norms: tuple[NormShown, ...] = ()


class Advice(_Shape, frozen=True, kw_only=True):
    """Everything besides the verdict; ``keep`` None: nobody holds anything because of this act."""

    recipients: tuple[RecipientAdvice, ...]
    explanations: tuple[Explanation, ...]
    governs: Governs
    tell: tuple[Telling, ...]
    keep: KeepingAdvice | None
    notes: tuple[Note, ...]
    other_regimes: tuple[OtherRegime, ...]
