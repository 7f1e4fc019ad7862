"""The stored shapes: a clear, pseudonymous envelope and an encrypted content.

One envelope shape serves all topics; what does not apply is left out of the stored bytes.
Names are stored: add fields with a default, never rename one (a sample of each version is
kept in ``schemas/`` for ever and must load).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from services.law.act import (
    Actor,
    Confidentiality,
    CovenantReference,
    Justification,
    LegalBasis,
    ListReference,
    Necessity,
    Place,
    Recipient,
    Retention,
    Source,
    Subject,
    System,
)


class UnknownSubject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """A person in a refused intent whom the ledger does not know: a keyed lookup (hex), never a stream."""

    index: int
    lookup: str
    outcome: str
    findings: tuple[str, ...] = ()


class ErasedDossier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One generation of a person's dossier that an erasure destroys; ``scope`` in hex, as in the envelope."""

    lane: int
    stream_id: UUID
    scope: str
    generation: int


class DestroyedRecords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """How many records of one controller's work were destroyed; ``day``: the one on which their term ended."""

    controller: str
    count: int
    covenant: str | None = None
    annex: str | None = None
    activity: str | None = None
    day: date | None = None


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What may be read without a key: party, operation, categories, purpose, basis, times, verdict.

    ``key`` is the id the caller chose; ``operation_id`` the UUID derived from (party, key).
    ``index``/``count``: this subject's place in the operation. ``holding_ends`` is the last
    day of the holding (it ends at 24:00 Europe/Amsterdam), ``record_ends`` that of the record.
    ``case_index``/``list_index``: blind indexes (hex HMAC), never the number itself.
    ``correction`` says what a later event does to the event it is about: ``correction`` (of words beside it),
    ``replaced`` (the act as corrected stands under the operation of the correction), ``wrong-person`` (it stands on
    the wrong stream) or ``annulled`` (it never happened). On an act it is ``correction`` when the act stands so
    corrected, in the place of the one that it is about as that was first recorded.
    """

    # The order of the fields never changes: acts give them by position, since fifty names cost more than encryption.

    operation_id: UUID
    key: str
    author: str
    recorded_at: datetime
    occurred_at: datetime
    index: int = 0
    count: int = 1
    # the act
    tense: str | None = None
    operation: str | None = None
    operation_class: str | None = None
    status: str | None = None
    ended_at: datetime | None = None
    controller: str | None = None
    processor: str | None = None
    recipients: tuple[str, ...] = ()
    data_categories: tuple[str, ...] = ()
    data_regime: str | None = None
    source_kind: str | None = None
    source_party: str | None = None
    activity: str | None = None
    activity_version: int | None = None
    purpose: str | None = None
    gdpr: str | None = None
    article9: str | None = None
    article10: str | None = None
    statute: str | None = None
    decision_id: str | None = None
    covenant: str | None = None
    annex: str | None = None
    covenant_version: int | None = None
    phase: str | None = None
    list_kind: str | None = None
    list_index: str | None = None
    case_index: str | None = None
    confidentiality: str | None = None
    confidential_until: date | None = None
    subject_status: str | None = None
    criteria: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    intent_key: str | None = None
    confirms: str | None = None
    # terms and keys
    holding_ends: date | None = None
    record_ends: date | None = None
    scope: str | None = None
    generation: int | None = None
    # the judgement
    outcome: str | None = None
    findings: tuple[str, ...] = ()
    operation_outcome: str | None = None
    register_position: int = 0
    facts_position: int | None = None
    rule_set: str | None = None
    # notice, exemption
    form: str | None = None
    elements: tuple[str, ...] = ()
    addressee: str | None = None
    requested_by_subject: bool = False
    given_by: str | None = None
    norm: str | None = None
    decided_by: str | None = None
    review_on: date | None = None
    # later events about an event
    about_operation: UUID | None = None
    about_key: str | None = None
    correction: str | None = None
    # links
    linked_lane: int | None = None
    linked_stream: UUID | None = None
    # refusal of unknown persons; stands on the asker's access stream
    unknown: tuple[UnknownSubject, ...] = ()
    # reads, requests, inquiries, breaches
    read_id: UUID | None = None
    read_purpose: str | None = None
    read_call: str | None = None
    read_streams: tuple[UUID, ...] = ()
    subject_stream: UUID | None = None
    received_by: str | None = None
    requester_role: str | None = None
    aware_at: datetime | None = None
    occurred_until: datetime | None = None
    breach_party: str | None = None
    operation_keys: tuple[str, ...] = ()
    # what this act makes others owe, on record: ``inform:<party>`` for each that must tell the person (at once, where
    # the envelope does not show it: ``inform-at-once:<party>``), ``erase:<party>`` for each that a delete reaches
    duties: tuple[str, ...] = ()
    # the rule whose term holds, and those that lost to it as ``rule period end``
    term_rule: str | None = None
    terms_lost: tuple[str, ...] = ()
    # retention: the terms as a later event sets them; the day that ended; what was swept, as inclusive position ranges
    new_holding_ends: date | None = None
    new_record_ends: date | None = None
    day: date | None = None
    swept: tuple[tuple[int, int], ...] = ()
    swept_reason: str | None = None
    # holds: ``hold_id`` names the hold in every lane; without a person, case or covenant it holds all of ``hold_party``
    hold_id: UUID | None = None
    hold_kind: str | None = None
    hold_party: str | None = None
    # erasures
    erasure_id: UUID | None = None
    erased_dossiers: tuple[ErasedDossier, ...] = ()
    erased_events: int | None = None
    fingerprints: tuple[str, ...] = ()
    backups_until: date | None = None
    # duties: ``obligation`` is the public id; ``answer`` erased, kept or impossible
    obligation: str | None = None
    answer: str | None = None
    answer_until: date | None = None
    # messages: what was sent to whom, by which channel, from which text in which version
    message_kind: str | None = None
    channel: str | None = None
    template: str | None = None
    addressed_to: str | None = None
    # steps of an access request: extend, suspend, resume, answer, refuse
    step: str | None = None
    # what an erasure or a sweep destroyed, for the declaration of destruction
    destroyed: tuple[DestroyedRecords, ...] = ()
    # of the lines that a hold is about in its lane: how many it came in time for, how many had ended before it
    held_lines: int | None = None
    late_lines: int | None = None
    # of an erasure: the positions on the person's stream whose envelope stands, since records of others lean on it
    spared: tuple[int, ...] = ()


class Residue(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one recipient owed when a dossier was erased: kept sealed until it answers."""

    party: str
    subject: Subject
    data_categories: tuple[str, ...]


class Content(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", gc=False):
    """What only a key opens: who it is about, free text, staff, case reference."""

    subject: Subject | None = None
    name: str | None = None
    description: str | None = None
    criteria: str | None = None
    source: Source | None = None
    necessity: Necessity | None = None
    recipients: tuple[Recipient, ...] = ()
    legal_basis: LegalBasis | None = None
    covenant: CovenantReference | None = None
    list: ListReference | None = None
    place: Place | None = None
    case_id: str | None = None
    confidentiality: Confidentiality | None = None
    retention: Retention | None = None
    record_retention: Retention | None = None
    actor: Actor | None = None
    system: System | None = None
    reference: str | None = None
    # corrections
    changes: dict[str, msgspec.Raw] | None = None
    reason: str | None = None
    # exemption
    interest: str | None = None
    exemption_necessity: str | None = None
    proportionality: str | None = None
    factors: tuple[str, ...] = ()
    # erasures: on what ground, by which decision, who looked along; what each recipient still owes (the sealed residue)
    ground: str | None = None
    decision: str | None = None
    second_person: str | None = None
    residue: tuple[Residue, ...] = ()
    # answers to obligations; messages as they were sent
    how: str | None = None
    address: str | None = None
    title: str | None = None
    text: str | None = None
    # the act, since rule set 2026.3
    justification: Justification | None = None
