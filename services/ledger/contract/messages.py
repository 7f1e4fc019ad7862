"""What the ledger is asked and what it answers, as the public contract spells it (camelCase on the wire)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from services.law.act import Act, Exemption, Instant, Notice
from services.law.advice.shapes import Explanation, Governs, KeepingAdvice, Note, RecipientAdvice, Telling
from services.law.covenants.other_regime import OtherRegime

ReadPurpose = Literal[
    "access-request",
    "inquiry",
    "breach",
    "legality-control",
    "internal-control",
    "security",
    "proceedings",
    "operations",
]

Scope = Literal[
    "processing:write",
    "processing:read",
    "subject:access",
    "inquiry",
    "breach",
    "governance",
    "retention",
    "notice",
    "audit",
]


class SubjectIdentifier(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A person as an identifier of a kind, such as BSN; stands only in bodies and tokens, never in a URL."""

    id_type: str
    id: str


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: the token's party and scopes, the person a citizen's token is for, and why he reads."""

    party: str
    scopes: frozenset[str] = frozenset()
    subject: SubjectIdentifier | None = None
    purpose: ReadPurpose | None = None


class _Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Common wire rule of the answers."""


class Submission(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One body with its key and its canonical bytes (sorted JSON of what was sent, less id)."""

    body: Act | Notice | Exemption
    key: str
    canonical: bytes


class VersionedId(_Answer, frozen=True, kw_only=True):
    """A register entry pinned to a version."""

    id: str
    version: int | None = None


class RegisterReference(_Answer, frozen=True, kw_only=True):
    """The register entries an act was judged against."""

    covenant: VersionedId | None = None
    activity: VersionedId | None = None


class FindingAnswer(_Answer, frozen=True, kw_only=True):
    """A finding with its block, the refs it concerns, and what to do."""

    code: str
    block: str
    subjects: tuple[str, ...]
    message: str
    remedy: str
    norms: tuple[str, ...]


class VerdictAnswer(_Answer, frozen=True, kw_only=True):
    """The worst outcome and the union of the findings."""

    outcome: str
    findings: tuple[FindingAnswer, ...] = ()


class ObligationAnswer(_Answer, frozen=True):
    """What someone owes because of this act; ``due`` as far as the act alone says."""

    id: str
    kind: str
    party: str
    due: datetime | None = None


class AssessedObligation(_Answer, frozen=True, kw_only=True):
    """What someone would owe about a person because of an act that is only tried out."""

    subject: str
    kind: str
    party: str
    due: datetime


class SubjectReceipt(_Answer, frozen=True):
    """The part of a receipt about one subject, in the order of the request."""

    ref: str | None
    event_id: UUID
    position: str
    span_id: str | None
    leaf_hash: str
    outcome: str
    holding_ends: date | None = None
    record_ends: date | None = None
    obligations: tuple[ObligationAnswer, ...] = ()


class Review(_Answer, frozen=True):
    """What an allowed intent waits for: a decision of kind ``bulk-review``; until then it is not confirmed."""

    state: Literal["pending"] = "pending"


class Receipt(_Answer, frozen=True):
    """The answer to a recorded operation, notice or exemption; a pure function of its stored events.

    ``review`` stands there only for an intent about so many persons that somebody must look at it first.
    """

    id: str
    position: str
    recorded_at: datetime
    tense: str
    register: RegisterReference
    verdict: VerdictAnswer
    subjects: tuple[SubjectReceipt, ...]
    review: Review | msgspec.UnsetType = msgspec.UNSET


class RefusedSubject(_Answer, frozen=True, kw_only=True):
    """One subject of a refused intent or an assessment."""

    ref: str
    outcome: str


class Assessment(_Answer, frozen=True, kw_only=True):
    """A dry run: the same judgement, nothing stored; and what to do next, in Dutch and English.

    ``keep`` None: nobody would hold anything. ``other_regimes``: the verdict if the covenant were read otherwise.
    """

    verdict: VerdictAnswer
    register: RegisterReference
    subjects: tuple[RefusedSubject, ...]
    recipients: tuple[RecipientAdvice, ...]
    obligations: tuple[AssessedObligation, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    governs: Governs | None = None
    tell: tuple[Telling, ...] = ()
    keep: KeepingAdvice | None = None
    notes: tuple[Note, ...] = ()
    other_regimes: tuple[OtherRegime, ...] = ()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of items (JSON-ready structs or dicts) and the cursor of the next, or None."""

    items: tuple[Any, ...]
    next: str | None = None


class OperationSearch(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/processing-operations/_search``: at least one of the first six."""

    subject: SubjectIdentifier | None = None
    party: str | None = None
    recipient: str | None = None
    trace_id: str | None = None
    case_id: str | None = None
    activity: str | None = None
    occurred_from: Instant | None = None
    occurred_until: Instant | None = None
    cursor: str | None = None
    limit: int | None = None


class HoldingSearch(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/holdings/_search``; a bare date means the end of that day in Europe/Amsterdam."""

    party: str | None = None
    subject: SubjectIdentifier | None = None
    data_categories: tuple[str, ...] = ()
    as_of: str | None = None
    as_known_at: str | None = None
    cursor: str | None = None
    limit: int | None = None


class Requester(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """In what role someone asks for access."""

    role: Literal["subject", "parent", "guardian", "proxy"]


class AccessRequestBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/access-requests`` (AVG 15)."""

    subject: SubjectIdentifier
    received_at: Instant
    received_by: str
    requested_by: Requester
    id: str | None = None


class InquiryBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/inquiries``: a person or a case, and why."""

    reason: str
    subject: SubjectIdentifier | None = None
    case_id: str | None = None
    id: str | None = None


class BreachBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/breaches`` (AVG 33)."""

    party: str
    occurred_from: Instant
    occurred_until: Instant
    aware_at: Instant
    description: str
    data_categories: tuple[str, ...] = ()
    operation_ids: tuple[str, ...] = ()
    id: str | None = None


class CorrectionBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST …/corrections``: what is corrected, per field of the operation, and why; the original stays.

    Answers follow the act as corrected, which stands under the id of the correction, from when it is recorded on. What
    is said later under either id is about the act as it stands then. ``kind`` ``wrong-person`` says that the event is
    about somebody else; ``annulled`` that it never happened.
    """

    reason: str
    kind: Literal["correction", "wrong-person", "annulled"] = "correction"
    changes: dict[str, msgspec.Raw] = {}
    subjects: tuple[str, ...] = ()
    id: str | None = None


class ConfidentialityBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST …/confidentiality``: set or lift, on what ground, reviewed when."""

    level: Literal["normal", "confidential", "lifted"]
    ground: str | None = None
    review_on: date | None = None
    subjects: tuple[str, ...] = ()
    id: str | None = None


class LinkBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/subjects/links`` and ``unlinks``: two identifiers, and why."""

    first: SubjectIdentifier
    second: SubjectIdentifier
    reason: str
    id: str | None = None


JsonObject = Mapping[str, Any]
"""A JSON-ready answer whose shape the public contract gives (report, replay, impact)."""
