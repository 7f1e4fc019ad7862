"""What the ledger is asked about terms, holds, erasures, obligations and notices (camelCase on the wire)."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from services.law.act import CovenantReference, Instant, TextLong, TextShort
from services.ledger.contract.messages import SubjectIdentifier

HoldKind = Literal["request", "complaint", "breach", "court", "restriction"]
ObligationKind = Literal["erase", "inform", "reconcile"]
ObligationState = Literal[
    "owed", "confirmed", "kept", "impossible", "open", "done", "done-late", "residual", "exempt", "lapsed-unmet"
]
RequestStep = Literal["extend", "extend-several-units", "suspend", "resume", "answer", "refuse"]


class _Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Common wire rule of the bodies: no field that is not in the contract."""


class RetentionBody(_Body, frozen=True, kw_only=True):
    """``POST …/{id}/retention``: another end of the holding, of the record, or of both, and why.

    A later end than the one that holds is a prolongation and needs ``norm``; an earlier one is swept on its day.
    ``decision_id``: the decision to renew, which a WGS partnership needs to keep data beyond its five years.
    """

    reason: TextLong
    holding_ends: date | None = None
    record_ends: date | None = None
    norm: TextShort | None = None
    decision_id: TextShort | None = None
    subjects: tuple[str, ...] = ()
    id: str | None = None


class HoldBody(_Body, frozen=True, kw_only=True):
    """``POST /v1/retention/holds``: what must not be forgotten, why, by which kind of proceeding.

    Names a person, a case of the caller, or a covenant (annex); exactly one of the three.
    """

    reason: TextLong
    kind: HoldKind
    subject: SubjectIdentifier | None = None
    case_id: str | None = None
    covenant: CovenantReference | None = None
    id: str | None = None


class ErasureScope(_Body, frozen=True, kw_only=True):
    """Which dossiers of the person: of a controller, and there of one covenant annex or case."""

    controller: TextShort
    covenant: CovenantReference | None = None
    case_id: str | None = None


class ErasureBody(_Body, frozen=True, kw_only=True):
    """``POST /v1/erasures``: one person, or several (``subjects``) by one decision."""

    ground: TextShort
    decision: TextShort
    subject: SubjectIdentifier | None = None
    subjects: tuple[SubjectIdentifier, ...] = ()
    scope: ErasureScope | None = None
    second_person: TextShort | None = None
    id: str | None = None


class ObligationSearch(_Body, frozen=True, kw_only=True):
    """``POST /v1/obligations/_search``; a bare date in ``as_of`` means the end of that day in Europe/Amsterdam."""

    kind: ObligationKind | None = None
    covenant: CovenantReference | None = None
    subject: SubjectIdentifier | None = None
    state: ObligationState | None = None
    due_before: Instant | None = None
    as_of: str | None = None
    cursor: str | None = None
    limit: int | None = None


class ObligationConfirmation(_Body, frozen=True, kw_only=True):
    """``POST /v1/obligations/{id}/confirmations``: what the holder did, when and how.

    ``kept`` needs ``norm`` and ``until``; ``operation_id`` names the holder's own erase act that did it.
    """

    at: Instant
    outcome: Literal["erased", "kept", "impossible"]
    how: TextLong
    norm: TextShort | None = None
    until: date | None = None
    operation_id: str | None = None
    id: str | None = None


class NoticeSearch(_Body, frozen=True, kw_only=True):
    """``POST /v1/notices/_search``: notices and exemptions by person, controller or covenant."""

    subject: SubjectIdentifier | None = None
    controller: TextShort | None = None
    covenant: CovenantReference | None = None
    cursor: str | None = None
    limit: int | None = None


class ExemptionEnding(_Body, frozen=True, kw_only=True):
    """``POST /v1/exemptions/{id}/endings``: the reason not to tell has gone, as a partner reports (BGS 1.3(3))."""

    at: Instant
    reason: TextLong
    id: str | None = None


class RequestStepBody(_Body, frozen=True, kw_only=True):
    """``POST /v1/access-requests/{id}/steps``: what happened to the clock of a request (AVG 12(3), (4); Wpg 25)."""

    step: RequestStep
    at: Instant
    reason: TextLong
    id: str | None = None
