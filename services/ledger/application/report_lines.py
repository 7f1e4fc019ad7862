"""One line of an access report: what may be told to the person, and nothing of anyone else.

A line is built from a list of fields; free text, staff and case numbers are never among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.law.local_time import amsterdam_day
from services.law.log_use import log_use
from services.law.register import Register
from services.ledger.application import words
from services.ledger.application.explanations import explain, explain_breach, explain_read
from services.ledger.application.line_view import (
    label_of,
    purpose_of,
    purpose_text,
    view_corrections,
    view_covenant,
    view_end,
    view_legal_basis,
    view_told,
)
from services.ledger.application.lines import Line, frame_of
from services.ledger.application.policy import Relation
from services.ledger.application.ports import ReadRow
from services.ledger.application.term_view import held_until, view_keeping
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.topics import ERASED, EXEMPTION_RECORDED, NOTICE_RECORDED
from services.ledger.domain.identity import event_id_of
from services.ledger.domain.stored import StoredEvent

Json = dict[str, Any]
Contents = Mapping[tuple[int, int], Content | None]

TYPES = {NOTICE_RECORDED: "notice", EXEMPTION_RECORDED: "exemption", ERASED: "erasure"}


def report_line(line: Line, contents: Contents, register: Register) -> Json:
    """An operation, notice, exemption or erasure as told to the person it is about."""
    envelope = line.envelope
    told = explain(line, register, label_of(envelope))
    day = amsterdam_day(envelope.occurred_at)
    shown: Json = {
        "id": str(event_id_of(envelope.operation_id, line.event.stream_id)),
        "type": TYPES.get(line.topic, "operation"),
        "operationId": envelope.key,
        "occurredAt": envelope.occurred_at,
        "recordedAt": envelope.recorded_at,
        "operation": envelope.operation,
        "controller": envelope.controller,
        "controllerName": None if envelope.controller is None else words.party(register, envelope.controller, day),
        "processor": envelope.processor,
        "recipients": list(envelope.recipients),
        "recipientNames": [words.party(register, recipient, day) for recipient in envelope.recipients],
        "dataCategories": list(envelope.data_categories),
        "purpose": purpose_of(envelope, register),
        "purposeText": purpose_text(envelope, register),
        "legalBasis": view_legal_basis(envelope) | {"covenant": view_covenant(envelope)},
        "retainedUntil": held_until(line),
        "keeping": view_keeping(line),
        "explanation": told.nl,
        "explanationEn": told.en,
        "corrections": view_corrections(line, contents, Relation.SUBJECT),
        "voided": line.voided,
        **view_told(envelope),
        **view_end(line),
    }
    if line.topic == ERASED:
        shown |= {"operation": "erase", "erased": envelope.erased_events, "backupsUntil": envelope.backups_until}
    source = view_source(envelope, contents.get(line.place))
    if source is not None:
        shown["source"] = source
    limit = log_use(envelope.data_regime, wgs=frame_of(register, envelope).wgs)
    if limit is not None:
        shown["logUse"] = {"norm": limit.norm, "explanation": limit.text.nl, "explanationEn": limit.text.en}
    return shown


def view_source(envelope: Envelope, content: Content | None) -> Json | None:
    """Where the data came from (AVG 15(1)(g)); a protected one only by kind, a person who reported never.

    When the content no longer opens nobody knows whether the source was protected, so it is not named.
    """
    if envelope.source_kind is None and envelope.source_party is None:
        return None
    stated = content.source if content is not None else None
    if stated is None or stated.protected:
        return {"kind": envelope.source_kind, "party": None, "withheld": True}
    url = stated.url if stated.kind == "open-source" else None
    return {"kind": stated.kind, "party": stated.party, "withheld": stated.reporter is not None, "url": url}


def read_lines(rows: Iterable[ReadRow], register: Register) -> list[Json]:
    """Who looked at the person's lines, when and why: one line per read (C-579/21); staff is never named."""
    first: dict[Any, ReadRow] = {}
    for row in rows:
        first.setdefault(row.read_id, row)
    return [_read_line(row, register) for row in first.values()]


def _read_line(row: ReadRow, register: Register) -> Json:
    day = amsterdam_day(row.read_at)
    name = words.party(register, row.reader, day)
    told = explain_read(name, row.purpose, words.day_of(row.read_at))
    return {
        "id": str(row.read_id),
        "type": "read",
        "occurredAt": row.read_at,
        "recordedAt": row.read_at,
        "operation": "consult",
        "controller": row.reader,
        "controllerName": name,
        "recipients": [],
        "dataCategories": [],
        "purpose": row.purpose,
        "legalBasis": None,
        "retainedUntil": None,
        "explanation": told.nl,
        "explanationEn": told.en,
    }


def breach_line(event: StoredEvent, envelope: Envelope, exposed: tuple[str, ...], register: Register) -> Json:
    """A breach in which data of the person were exposed: which (``exposed``), as far as it was written down."""
    party = envelope.breach_party or envelope.author
    told = explain_breach(envelope, exposed, register)
    return {
        "id": str(event_id_of(envelope.operation_id, event.stream_id)),
        "type": "breach",
        "occurredAt": envelope.occurred_at,
        "recordedAt": envelope.recorded_at,
        "operation": None,
        "controller": party,
        "controllerName": words.party(register, party, amsterdam_day(envelope.occurred_at)),
        "recipients": [],
        "dataCategories": list(exposed),
        "purpose": None,
        "legalBasis": None,
        "retainedUntil": None,
        "explanation": told.nl,
        "explanationEn": told.en,
    }
