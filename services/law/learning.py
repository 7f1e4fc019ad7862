"""What a practice learns from: questions with their answers, opinions, checklists, closings and near misses.

They stand in the register beside the covenants, are read by every party, and never hold personal data: the publish
filter (``publishing``) turns away what it can see of that. No article asks for them; they serve AVG 5(2) and 24(1).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

QuestionState = Literal["open", "answered", "learned"]
Position = Literal["yes", "no", "depends"]


class _Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Common wire rules of these bodies."""


class LearnedIn(_Shape, frozen=True, kw_only=True):
    """The version of the checklist that a question led to."""

    checklist: str
    version: int


class Question(_Shape, frozen=True, kw_only=True):
    """A question of practice, one version of its answer: found again by finding code, covenant or verb.

    ``asked_by`` is the party at whose desk it was asked, for a citizen too; version 1 is the question alone.
    """

    id: str
    version: int = 1
    asked_by: str
    asked_from: Literal["professional", "citizen"] = "professional"
    text: str
    state: QuestionState = "open"
    answer: str | None = None
    answered_by: str | None = None
    norms: tuple[str, ...] = ()
    finding_codes: tuple[str, ...] = ()
    covenant: str | None = None
    operations: tuple[str, ...] = ()
    learned_in: LearnedIn | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class ChecklistItem(_Shape, frozen=True, kw_only=True):
    """One thing to go through; ``learned_from`` is the question that brought it."""

    id: str
    text: str
    learned_from: str | None = None


class Checklist(_Shape, frozen=True, kw_only=True):
    """What a consultation goes through before it closes a case, one version."""

    id: str
    version: int = 1
    name: str
    consultation: str | None = None
    covenant: str | None = None
    annex: str | None = None
    items: tuple[ChecklistItem, ...]
    valid_from: date | None = None
    valid_until: date | None = None


class OpenItem(_Shape, frozen=True, kw_only=True):
    """An item that was not done, and why that is right."""

    item: str
    reason: str


class Closing(_Shape, frozen=True, kw_only=True):
    """One version of a checklist was gone through: every item is done, or open with a reason.

    ``reference`` is a key that only the party's own system can explain, never a case number that others know.
    """

    id: str
    checklist: str
    checklist_version: int
    by: str
    done: tuple[str, ...] = ()
    open: tuple[OpenItem, ...] = ()
    reference: str | None = None
    valid_from: date
    valid_until: date | None = None


class Opinion(_Shape, frozen=True, kw_only=True):
    """What a party advises on a question; decisions say which opinions they follow (``Decision.follows``)."""

    id: str
    version: int = 1
    question: str
    by: str
    capacity: str | None = None
    position: Position
    text: str
    norms: tuple[str, ...] = ()
    valid_from: date
    valid_until: date | None = None


class NearMiss(_Shape, frozen=True, kw_only=True):
    """Something that went nearly or wholly wrong, told to learn from; ``operation_id`` is the act, where there is one.

    The act itself stays as it is recorded: a correction is an event of its own.
    """

    id: str
    by: str
    what: str
    noticed: str
    lesson: str | None = None
    finding_codes: tuple[str, ...] = ()
    covenant: str | None = None
    operation_id: str | None = None
    valid_from: date
    valid_until: date | None = None
