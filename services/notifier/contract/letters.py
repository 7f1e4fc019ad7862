"""A letter to a person, as a controller orders it.

The ledger knows no names and no postal addresses, so who orders gives them. They are kept sealed until the letter has
left and was recorded under the key of the person's dossier.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

LetterKind = Literal["notice-to-person", "notice-to-child", "breach-to-person", "erased-to-person"]
LetterState = Literal["waiting", "sent", "failed", "held", "forgotten", "overtaken"]


class _Facts(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="tells", forbid_unknown_fields=True):
    """Common rule of what a letter tells: plain words, in one language."""


class NoticeFacts(_Facts, frozen=True, kw_only=True, tag="notice"):
    """The nine elements of AVG 14 in the words of the controller; ``rights`` and ``complaint`` say where to go."""

    controller: str
    purpose: str
    basis: str
    categories: tuple[str, ...]
    recipients: tuple[str, ...]
    retention: str
    rights: str
    source: str
    complaint: str


class BreachFacts(_Facts, frozen=True, kw_only=True, tag="breach"):
    """What AVG 34(2) asks: what happened, to which data, what may follow, what was done, whom to ask."""

    controller: str
    happened: str
    categories: tuple[str, ...]
    consequences: str
    measures: str
    advice: str
    contact: str


class ErasedFacts(_Facts, frozen=True, kw_only=True, tag="erased"):
    """What was forgotten, by whom, when, who else was asked to, and until when backups may still hold it."""

    controller: str
    categories: tuple[str, ...]
    erased_on: date
    recipients: tuple[str, ...]
    backups_until: date
    contact: str


Facts = NoticeFacts | BreachFacts | ErasedFacts


class PersonLetter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One letter to one person about one cause; the same cause, kind and channel is the same letter.

    ``controller`` is the id of the party that writes. ``address``: the lines of the envelope, or one mail address.
    ``english`` adds the English text beside the Dutch one. ``kept_until`` is the last day of the record that the letter
    is about: no copy of the letter outlives it here.
    """

    kind: LetterKind
    cause: UUID
    controller: str
    lane: int
    stream_id: UUID
    channel: Literal["letter", "smtp"]
    address: tuple[str, ...]
    salutation: str
    dutch: Facts
    english: Facts | None = None
    addressee: Literal["subject", "representative"] = "subject"
    obligation: str | None = None
    kept_until: date | None = None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order: its id, and ``held`` when the person may not be told now (nothing was kept then)."""

    id: UUID
    state: LetterState
