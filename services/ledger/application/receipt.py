"""The receipt: a pure function of the stored events, so that a replay of the same key answers the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

import msgspec

from services.law.catalogue import CATALOGUE, norms_in_force
from services.law.register import DayView
from services.law.rules.bulk import bulk_unreviewed
from services.ledger.application.act_duties import due_of
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.contract.errors import IntentRefused
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import (
    FindingAnswer,
    ObligationAnswer,
    Receipt,
    RefusedSubject,
    RegisterReference,
    Review,
    SubjectReceipt,
    VerdictAnswer,
    VersionedId,
)
from services.ledger.contract.positions import format_position
from services.runtime import limits


class PlacedPart(msgspec.Struct, frozen=True, gc=False):
    """One stored event of an operation, with its place."""

    envelope: Envelope
    event_id: UUID
    lane: int
    stream_id: UUID
    position: int
    leaf_hash: bytes


PENDING: Final = Review()
UNREVIEWED: Final = bulk_unreviewed.code

FoundBy = Sequence[tuple[str | None, tuple[str, ...]]]
"""(ref, codes) per subject, in the order of the request; no ref where the act has no subject."""
ViewAt = Callable[[datetime], DayView]
"""Gives the register on the day of an instant: of the act, whose law the findings name. Most acts have none."""


def build_receipt(parts: Sequence[PlacedPart], refs: Sequence[str], ids: ObligationIds, view_at: ViewAt) -> Receipt:
    """The receipt of an operation; ``refs`` are the persons' pseudonyms for whoever asks, in order of the request."""
    if len(parts) == 1:
        return _receipt_of_one(parts[0], refs, ids, view_at)
    ordered = sorted(parts, key=lambda part: part.envelope.index)
    head = ordered[0]
    first = head.envelope
    last = max([part.position for part in ordered if part.lane == head.lane])
    named: list[str | None] = [refs[part.envelope.index] if refs else None for part in ordered]
    found = [(ref, part.envelope.findings) for ref, part in zip(named, ordered, strict=True) if part.envelope.findings]
    return Receipt(
        id=first.key,
        position=format_position(head.lane, last),
        recorded_at=first.recorded_at,
        tense=first.tense or "fact",
        register=register_of(first),
        verdict=_verdict(first, found, view_at),
        subjects=tuple(
            [
                subject_receipt(part, ref, format_position(part.lane, part.position), ids)
                for ref, part in zip(named, ordered, strict=True)
            ]
        ),
        review=PENDING if first.tense == "intent" and UNREVIEWED in first.findings else msgspec.UNSET,
    )


def _receipt_of_one(part: PlacedPart, refs: Sequence[str], ids: ObligationIds, view_at: ViewAt) -> Receipt:
    """The receipt of an operation of one event, which nearly all are."""
    envelope = part.envelope
    ref = refs[envelope.index] if refs else None
    position = format_position(part.lane, part.position)
    found = [(ref, envelope.findings)] if envelope.findings else ()
    # In the order of the answer: this runs for nearly every act.
    return Receipt(
        envelope.key,
        position,
        envelope.recorded_at,
        envelope.tense or "fact",
        register_of(envelope),
        _verdict(envelope, found, view_at),
        (subject_receipt(part, ref, position, ids),),
    )


def _verdict(envelope: Envelope, found: FoundBy, view_at: ViewAt) -> VerdictAnswer:
    """The outcome of the operation, and what was found; the same few objects serve all where nothing was."""
    outcome = envelope.operation_outcome or "compliant"
    if not found:
        return _without_findings(outcome)
    return VerdictAnswer(outcome=outcome, findings=answer_findings(found, view_at(envelope.occurred_at)))


@lru_cache(maxsize=16)
def _without_findings(outcome: str) -> VerdictAnswer:
    return VerdictAnswer(outcome=outcome)


def subject_receipt(part: PlacedPart, ref: str | None, position: str, ids: ObligationIds) -> SubjectReceipt:
    """The part of the receipt about one subject, whose event stands at the printed ``position``."""
    envelope = part.envelope
    return SubjectReceipt(
        ref,
        part.event_id,
        position,
        envelope.span_id,
        part.leaf_hash.hex(),
        envelope.outcome or "compliant",
        envelope.holding_ends,
        envelope.record_ends,
        owed_by(part, ids) if envelope.duties else (),
    )


def owed_by(part: PlacedPart, ids: ObligationIds) -> tuple[ObligationAnswer, ...]:
    """What the act makes others owe, as its envelope has it on record; due as far as the act alone says."""
    envelope, found = part.envelope, []
    duties = envelope.duties
    alone = len(duties) == 1
    for duty in duties:
        stored, _, party = duty.partition(":")
        kind = "erase" if stored == "erase" else "inform"
        if kind == "inform":
            name = ids.of_telling(part.lane, part.stream_id, party, envelope.covenant, envelope.annex)
        else:
            name = ids.of_erasing(part.lane, part.stream_id, part.position, party)
        # In the order of the answer, as in the receipt: this runs for nearly every act.
        found.append(ObligationAnswer(name, kind, party, due_of(envelope, stored, party, alone=alone)))
    return tuple(found)


def build_refusal(envelopes: Sequence[Envelope], refs: Sequence[str], view_at: ViewAt) -> IntentRefused:
    """The refusal of an intent from what was stored of it: known persons each, unknown ones together."""
    outcomes: dict[int, tuple[str, tuple[str, ...]]] = {}
    without_subject: tuple[str, ...] = ()
    for envelope in envelopes:
        for unknown in envelope.unknown:
            outcomes[unknown.index] = (unknown.outcome, unknown.findings)
        if not envelope.unknown and refs:
            outcomes[envelope.index] = (envelope.outcome or "", envelope.findings)
        elif not refs:
            without_subject = envelope.findings
    found: list[tuple[str | None, tuple[str, ...]]] = [(refs[index], outcomes[index][1]) for index in sorted(outcomes)]
    verdict = VerdictAnswer(
        outcome=envelopes[0].operation_outcome or "violation",
        findings=answer_findings(found or [(None, without_subject)], view_at(envelopes[0].occurred_at)),
    )
    subjects = tuple(RefusedSubject(ref=refs[index], outcome=outcomes[index][0]) for index in sorted(outcomes))
    return IntentRefused(verdict, subjects)


def register_of(envelope: Envelope) -> RegisterReference:
    """The versions of covenant and activity that the act was judged by."""
    return _reference(envelope.covenant, envelope.covenant_version, envelope.activity, envelope.activity_version)


@lru_cache(maxsize=limits.REGISTER_REFERENCES_CACHED_MAX)
def _reference(
    covenant: str | None, covenant_version: int | None, activity: str | None, activity_version: int | None
) -> RegisterReference:
    """Few are named by very many acts, and they never change: the same object serves all."""
    return RegisterReference(
        covenant=_versioned(covenant, covenant_version), activity=_versioned(activity, activity_version)
    )


def answer_findings(found: FoundBy, view: DayView) -> tuple[FindingAnswer, ...]:
    """The union of the findings, sorted by code, each with the refs it concerns and its norms in force on the day."""
    if not found:
        return ()
    by_code: dict[str, list[str]] = {}
    for ref, codes in found:
        for code in codes:
            refs = by_code.setdefault(code, [])
            if ref is not None:
                refs.append(ref)
    norms = view.made_by(norms_in_force)
    return tuple([_answer(code, tuple(by_code[code]), norms[code]) for code in sorted(by_code)])


def _answer(code: str, refs: tuple[str, ...], norms: tuple[str, ...]) -> FindingAnswer:
    block, message, remedy = _text_of(code)
    return FindingAnswer(code=code, block=block, subjects=refs, message=message, remedy=remedy, norms=norms)


@lru_cache(maxsize=1024)
def _text_of(code: str) -> tuple[str, str, str]:
    known = CATALOGUE[code]
    return known.block.value, known.message.en, known.remedy.en


def _versioned(entry_id: str | None, version: int | None) -> VersionedId | None:
    return None if entry_id is None else VersionedId(id=entry_id, version=version)
