"""An operation with its subjects, as far as the reader may see it: the original, and as corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.ledger.application.line_view import (
    Contents,
    apply_corrections,
    view_act,
    view_confidentiality,
    view_corrections,
    view_corrects,
    view_end,
    view_reasons,
    view_register,
    view_told,
)
from services.ledger.application.lines import Line
from services.ledger.application.policy import Relation, sees_identity
from services.ledger.application.receipt import answer_findings
from services.ledger.application.sources import Sources, identify
from services.ledger.application.term_view import view_keeping
from services.ledger.application.visibility import Visibility
from services.ledger.contract.events import UnknownSubject
from services.ledger.contract.messages import Caller
from services.ledger.domain.identity import event_id_of

Json = dict[str, Any]


def view_operation(
    sources: Sources, caller: Caller, lines: Sequence[Line], contents: Contents, visibility: Visibility
) -> Json:
    """The operation behind these lines, which are all of one operation and all readable by the caller.

    The verdict is about the subjects that are shown: a person's token learns nothing of the others.
    """
    ordered = sorted(lines, key=lambda line: line.envelope.index)
    first = ordered[0]
    envelope, relation = first.envelope, visibility.relation(first)
    about = [line for line in ordered if is_about_person(line)]
    subjects = [view_subject(sources, caller, line, contents, visibility) for line in about]
    act = view_act(envelope)
    corrections = view_corrections(first, contents, relation)
    whole = relation is not Relation.SUBJECT
    view = sources.view_at(envelope.occurred_at)
    found = [(subject["ref"], line.envelope.findings) for subject, line in zip(subjects, about, strict=True)]
    outcome = envelope.operation_outcome if whole else envelope.outcome
    return {
        "id": envelope.key,
        "type": first.type,
        "position": first.position,
        "by": envelope.author,
        **act,
        **view_told(envelope),
        **view_end(first),
        **view_reasons(contents.get(first.place), relation),
        "register": view_register(envelope),
        "verdict": {"outcome": outcome, "findings": answer_findings(found or [(None, envelope.findings)], view)},
        "subjects": subjects + _unknown(envelope.unknown, whole=whole),
        "corrections": corrections,
        "corrected": apply_corrections(act, corrections),
        **view_corrects(first, relation),
    }


def view_subject(sources: Sources, caller: Caller, line: Line, contents: Contents, visibility: Visibility) -> Json:
    """One subject of the operation, with its identifier for those who have it already."""
    envelope, content = line.envelope, contents.get(line.place)
    relation = visibility.relation(line)
    person = identify(content)
    named = person if person is not None and sees_identity(relation, envelope) else None
    described = content.subject if content is not None and named is not None else None
    return {
        "ref": None if person is None else sources.directory.ref(caller.party, person),
        "idType": None if named is None else named.id_type,
        "id": None if named is None else named.id,
        "role": None if described is None else described.role,
        "status": envelope.subject_status,
        "eventId": str(event_id_of(envelope.operation_id, line.event.stream_id)),
        "position": line.position,
        "spanId": envelope.span_id,
        "leafHash": line.event.leaf_hash.hex(),
        "outcome": envelope.outcome,
        "findings": list(envelope.findings),
        "holdingEnds": envelope.holding_ends,
        "recordEnds": envelope.record_ends,
        "keeping": view_keeping(line),
        "confidentiality": view_confidentiality(line, contents),
        "corrections": view_corrections(line, contents, relation),
        "voided": line.voided,
    }


def is_about_person(line: Line) -> bool:
    """Whether the line stands on a person's stream: those have random ids, a party's own derived ones (version 5)."""
    return line.event.stream_id.version != 5


def _unknown(subjects: Sequence[UnknownSubject], *, whole: bool) -> list[Json]:
    """The persons of a refusal whom the ledger did not know: an outcome each, no pseudonym and no stream."""
    if not whole:
        return []
    return [{"ref": None, "outcome": subject.outcome, "findings": list(subject.findings)} for subject in subjects]
