"""Counting how many persons parties have in common without any name leaving them: the bodies of the contract (S39)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from services.law.act import CovenantReference, DataRegime, LegalBasis, Necessity, Phase, TextShort
from services.law.overlap import OverlapCount

OverlapState = Literal["open", "counted", "withdrawn", "expired"]


class _Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What an overlap and every handing in account for: each is a processing, judged like any other."""

    id: TextShort | None = None
    purpose: TextShort | None = None
    legal_basis: LegalBasis | None = None
    necessity: Necessity | None = None
    covenant: CovenantReference | None = None
    phase: Phase | None = None
    activity: TextShort | None = None
    decision_id: TextShort | None = None


class OverlapBody(_Body, frozen=True, kw_only=True):
    """Ask the parties how many persons they have in common: the body of ``POST /v1/overlaps``.

    ``parties`` hand in; ``controller`` asks, and may be one of them.
    """

    controller: TextShort
    parties: tuple[TextShort, ...]


class OverlapPersons(_Body, frozen=True, kw_only=True):
    """What one party hands in: the body of ``POST /v1/overlaps/{id}/persons``.

    Each of ``pseudonyms`` is the HMAC-SHA-256, under the secret of this overlap, of ``idType:id``, as 64 hex digits.
    """

    pseudonyms: tuple[str, ...]
    data_regime: DataRegime = "AVG"


class OverlapAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How an overlap stands. ``secret`` (base64url, 32 bytes) is there while the asking party has yet to hand in.

    ``id`` names the overlap from then on, in its address too: it is another one than the ``id`` or Idempotency-Key of
    whoever asked for it, which is a key among that party's own; the same key and body again give the same ``id``.
    ``count`` is there once all have; secret and pseudonyms are gone from then on.
    """

    id: str
    state: OverlapState
    controller: str
    parties: tuple[str, ...]
    handed_in: tuple[str, ...]
    closes_at: datetime
    secret: str | None = None
    count: OverlapCount | None = None
