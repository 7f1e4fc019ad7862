"""An act of processing as the public contract spells it (AVG 4(2); LDV, VNG and DPV superset).

The structs are at once the wire shape (camelCase), the input of the judgement and the
content of the event, so that nothing is lost or renamed between the door and the ledger.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, get_args

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant with its zone; the offset the sender wrote is kept."""

Tense = Literal["fact", "intent"]
DataRegime = Literal["AVG", "Wpg-8", "Wpg-9", "Wpg-13", "Wpg-20", "Wjsg"]
Phase = Literal["signalling", "imaging", "weighing", "plan", "execution", "aftercare"]
SubjectStatus = Literal["listed", "peripheral", "bystander", "third-person"]
SourceKind = Literal["party", "citizen-report", "open-source", "data-subject", "own-observation"]

TextShort = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
TextLong = Annotated[str, msgspec.Meta(max_length=4096)]


class _Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """Common wire rules: camelCase names, no field that is not in the contract.

    ``gc=False``, here and elsewhere on the road of every act: what cannot be in a cycle is not searched for cycles.
    """


class Subject(_Shape, frozen=True, kw_only=True):
    """A data subject as the sender names it; ``id`` never leaves the ciphertext."""

    id_type: TextShort
    id: TextShort
    role: TextShort | None = None
    status: SubjectStatus | None = None
    municipality: TextShort | None = None
    birth_date: date | None = None


class Recipient(_Shape, frozen=True, kw_only=True):
    """To whom data are disclosed (AVG 4(9)); ``case_id`` is the recipient's own case number."""

    party: TextShort
    activity: TextShort | None = None
    case_id: TextShort | None = None


class Source(_Shape, frozen=True, kw_only=True):
    """Where data came from (AVG 14(2)(f), 15(1)(g))."""

    party: TextShort | None = None
    kind: SourceKind | None = None
    reporter: TextShort | None = None
    url: TextLong | None = None
    captured_at: Instant | None = None
    hash: TextShort | None = None
    protected: bool = False
    conditions: TextLong | None = None


class LegalBasis(_Shape, frozen=True, kw_only=True):
    """Ground in the AVG (letter) and in the party's own statute (JCI, ELI or short name)."""

    gdpr: TextShort | None = None
    article9: TextShort | None = None
    article10: TextShort | None = None
    statute: TextShort | None = None


class Necessity(_Shape, frozen=True, kw_only=True):
    """Proportionality and subsidiarity, each in its own words."""

    proportionality: TextLong | None = None
    subsidiarity: TextLong | None = None


class CovenantReference(_Shape, frozen=True, kw_only=True):
    """The covenant, and the annex of it, that the act names."""

    id: TextShort
    annex: TextShort | None = None


class ListReference(_Shape, frozen=True, kw_only=True):
    """The gross (bruto) or net (netto) list of a group approach."""

    kind: Literal["bruto", "netto"]
    id: TextShort


class Place(_Shape, frozen=True, kw_only=True):
    """Where the act, or the incident behind it, took place."""

    municipality: TextShort | None = None


class Confidentiality(_Shape, frozen=True, kw_only=True):
    """Whether the line may be told to the person, on what ground, and when that is reviewed."""

    level: Literal["normal", "confidential", "lifted"] = "normal"
    ground: TextShort | None = None
    review_on: date | None = None


class Retention(_Shape, frozen=True, kw_only=True):
    """A term as an ISO 8601 duration of days, weeks, months or years, and where it starts."""

    period: TextShort
    anchor: TextShort = "occurredAt"


SecrecyRegime = Literal["medical", "youth-care", "social-support", "official", "police", "wgs"]
SecrecyException = Literal["explicit-consent", "statutory-duty", "statutory-power", "good-care", "none"]


class Secrecy(_Shape, frozen=True, kw_only=True):
    """Which professional secrecy covers the data, and what opens it for this act (WGS 2.29(2), Jeugdwet 7.3.11).

    Consent that lifts a secrecy is another than consent as a ground of AVG 6(1)(a). ``provision`` names the duty or
    power, as JCI or short name.
    """

    regime: SecrecyRegime
    exception: SecrecyException | None = None
    provision: TextShort | None = None
    decision_id: TextShort | None = None


class Consent(_Shape, frozen=True, kw_only=True):
    """Proof of the consent that is the ground (AVG 6(1)(a), 7(1)); under 16 a representative gives it (UAVG 5(1))."""

    given_at: Instant
    given_by: Literal["subject", "representative"] = "subject"
    withdrawn_at: Instant | None = None


class Threshold(_Shape, frozen=True, kw_only=True):
    """Why a preventive act was warranted: the facts, where they came from, which organ decided and when."""

    facts: TextLong
    source: TextLong
    decided_by: TextShort
    decided_on: date


class Compatibility(_Shape, frozen=True, kw_only=True):
    """The five factors of AVG 6(4), each in its own words."""

    link: TextLong | None = None
    context: TextLong | None = None
    nature: TextLong | None = None
    consequences: TextLong | None = None
    safeguards: TextLong | None = None


class Triage(_Shape, frozen=True, kw_only=True):
    """One step of a triage and what it came to; that something was not shared is worth as much as that it was."""

    step: TextShort
    outcome: Literal["share", "not-share", "share-less"]
    reason: TextLong | None = None


class CovenantChoice(_Shape, frozen=True, kw_only=True):
    """Why this covenant and not another that covers the person too."""

    candidates: tuple[TextShort, ...] = ()
    reason: TextLong


class Justification(_Shape, frozen=True, kw_only=True):
    """What an act accounts for beyond the four blocks, where it is asked to (AVG 5(2)).

    ``override``: why a peripheral person's data go out all the same. ``serious_reasons``: why what must be shared is
    held back (WGS 1.5(1), Wpg 20(3)).
    """

    secrecy: Secrecy | None = None
    consent: Consent | None = None
    threshold: Threshold | None = None
    compatibility: Compatibility | None = None
    triage: Triage | None = None
    covenant_choice: CovenantChoice | None = None
    override: TextLong | None = None
    serious_reasons: TextLong | None = None


class Actor(_Shape, frozen=True, kw_only=True):
    """The member of staff behind the act: an opaque key, never shown to the citizen."""

    id: TextShort | None = None
    role: TextShort | None = None
    on_behalf_of: TextShort | None = None


class System(_Shape, frozen=True, kw_only=True):
    """The system that acted."""

    name: TextShort | None = None
    version: TextShort | None = None


class Act(_Shape, frozen=True, kw_only=True):
    """One act on 0 to 200 subjects: the body of ``POST /v1/processing-operations``."""

    operation: TextShort
    occurred_at: Instant
    controller: TextShort
    id: TextShort | None = None
    tense: Tense = "fact"
    intent_id: TextShort | None = None
    confirms: TextShort | None = None
    operation_class: Literal["collect", "consult", "use", "share", "alter", "restrict", "delete"] | None = None
    name: Annotated[str, msgspec.Meta(max_length=242)] | None = None
    description: TextLong | None = None
    status: Literal["unset", "ok", "error"] = "unset"
    ended_at: Instant | None = None
    trace_id: TextShort | None = None
    span_id: TextShort | None = None
    parent_span_id: TextShort | None = None
    subjects: tuple[Subject, ...] = ()
    criteria: TextLong | None = None
    data_categories: tuple[TextShort, ...] = ()
    data_regime: DataRegime = "AVG"
    processor: TextShort | None = None
    recipients: tuple[Recipient, ...] = ()
    source: Source | None = None
    activity: TextShort | None = None
    purpose: TextShort | None = None
    legal_basis: LegalBasis | None = None
    decision_id: TextShort | None = None
    necessity: Necessity | None = None
    justification: Justification | None = None
    covenant: CovenantReference | None = None
    phase: Phase | None = None
    list: ListReference | None = None
    place: Place | None = None
    case_id: TextShort | None = None
    confidentiality: Confidentiality | None = None
    retention: Retention | None = None
    record_retention: Retention | None = None
    actor: Actor | None = None
    system: System | None = None
    reference: TextLong | None = None


Element = Literal[
    "controller", "purpose", "basis", "categories", "recipients", "retention", "rights", "source", "complaint"
]


class NoticeElement:
    """The nine things a notice may tell (AVG 13 and 14)."""

    ALL: tuple[Element, ...] = get_args(Element)


class Notice(_Shape, frozen=True, kw_only=True):
    """A person was told (AVG 13, 14): the body of ``POST /v1/notices``."""

    subjects: tuple[Subject, ...]
    controller: TextShort
    given_by: TextShort
    given_at: Instant
    form: Literal["letter", "e-mail", "conversation", "meeting", "collective"]
    elements: tuple[Element, ...] | Literal["all"]
    addressee: Literal["subject", "representative"]
    id: TextShort | None = None
    covenant: CovenantReference | None = None
    requested_by_subject: bool = False


class Exemption(_Shape, frozen=True, kw_only=True):
    """One decision not to tell one person (AVG 23, UAVG 41): the body of ``POST /v1/exemptions``."""

    subject: Subject
    controller: TextShort
    norm: TextShort
    interest: TextLong
    decided_by: TextShort
    decided_at: Instant
    review_on: date | None = None
    id: TextShort | None = None
    covenant: CovenantReference | None = None
    necessity: TextLong | None = None
    proportionality: TextLong | None = None
    factors: tuple[TextLong, ...] = ()


Judged = Act | Notice | Exemption
"""Whatever ``judge`` takes."""
