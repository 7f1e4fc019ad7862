"""The JSON shape of a stored line, as far as its reader may see it: one field list per kind of reader (S81)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.law.statutes import stored_statute
from services.ledger.application.lines import Later, Line
from services.ledger.application.policy import Relation, sees_reasons
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.positions import REGISTER_LANE, format_position
from services.ledger.domain.versions import REPLACED

Json = dict[str, Any]
Contents = Mapping[tuple[int, int], Content | None]
"""By (lane, position)."""

OPEN_FIELDS: Final = frozenset(
    {
        "operation",
        "occurredAt",
        "endedAt",
        "controller",
        "processor",
        "recipients",
        "dataCategories",
        "dataRegime",
        "activity",
        "purpose",
        "legalBasis",
        "decisionId",
        "covenant",
        "phase",
        "retention",
    }
)
"""The fields whose correction every reader of the line may see; the others may hold free text, staff or cases."""

POLICE_PURPOSES: Final = MappingProxyType(
    {
        "Wpg-8": "uitvoering van de dagelijkse politietaak (Wpg 8)",
        "Wpg-9": "een onderzoek in een bepaald geval (Wpg 9)",
        "Wpg-13": "ondersteuning van de politietaak (Wpg 13)",
    }
)
"""Police data bring their purpose from the act itself."""

OWN_FIELDS: Final = frozenset({"subjects", "source"})
"""The fields whose correction names other people; only the party itself sees those."""


def view_act(envelope: Envelope) -> Json:
    """The clear part of an act in the names of the contract; fit for every party that may read the line."""
    return {
        "tense": envelope.tense,
        "operation": envelope.operation,
        "status": envelope.status,
        "occurredAt": envelope.occurred_at,
        "endedAt": envelope.ended_at,
        "recordedAt": envelope.recorded_at,
        "controller": envelope.controller,
        "processor": envelope.processor,
        "recipients": [{"party": party} for party in envelope.recipients],
        "dataCategories": list(envelope.data_categories),
        "dataRegime": envelope.data_regime,
        "activity": envelope.activity,
        "purpose": envelope.purpose,
        "legalBasis": view_legal_basis(envelope),
        "decisionId": envelope.decision_id,
        "covenant": view_covenant(envelope),
        "phase": envelope.phase,
        "traceId": envelope.trace_id,
        "parentSpanId": envelope.parent_span_id,
        "intentId": envelope.intent_key,
        "confirms": envelope.confirms,
    }


def view_told(envelope: Envelope) -> Json:
    """The clear part of a notice or an exemption; empty for an act."""
    told: Json = {
        "form": envelope.form,
        "elements": list(envelope.elements) or None,
        "addressee": envelope.addressee,
        "givenBy": envelope.given_by,
        "norm": envelope.norm,
        "decidedBy": envelope.decided_by,
        "reviewOn": envelope.review_on if envelope.norm is not None else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def view_handled(envelope: Envelope) -> Json:
    """The clear part of what somebody did about the record itself: terms, holds, answers, messages, erasures."""
    told: Json = {
        "obligation": envelope.obligation,
        "answer": envelope.answer,
        "answerUntil": envelope.answer_until,
        "messageKind": envelope.message_kind,
        "channel": envelope.channel,
        "template": envelope.template,
        "addressedTo": envelope.addressed_to,
        "newHoldingEnds": envelope.new_holding_ends,
        "newRecordEnds": envelope.new_record_ends,
        "holdKind": envelope.hold_kind,
        "erasedEvents": envelope.erased_events,
        "backupsUntil": envelope.backups_until,
    }
    return {name: value for name, value in told.items() if value is not None}


def view_end(line: Line) -> Json:
    """When the reason of an exemption had gone; empty for everything that did not end so."""
    return {} if line.ended_at is None else {"endedAt": line.ended_at}


def view_legal_basis(envelope: Envelope) -> Json:
    """The ground in the AVG and in the statute, with the label a reader knows the statute by."""
    return {
        "gdpr": envelope.gdpr,
        "article9": envelope.article9,
        "article10": envelope.article10,
        "statute": envelope.statute,
        "statuteLabel": label_of(envelope),
    }


def label_of(envelope: Envelope) -> str | None:
    """The label of the statute, None without a statute."""
    return None if envelope.statute is None else stored_statute(envelope.statute).label


def purpose_of(envelope: Envelope, register: Register) -> str | None:
    """The purpose of the act, or the one that its covenant brings on the day of the act."""
    if envelope.purpose is not None or envelope.covenant is None:
        return envelope.purpose
    covenant = register.covenant(envelope.covenant, amsterdam_day(envelope.occurred_at))
    return None if covenant is None else covenant.purpose


def purpose_text(envelope: Envelope, register: Register) -> str | None:
    """The text of the purpose in this register (S3), or what the Wpg itself says; None when it is not registered."""
    purpose_id = purpose_of(envelope, register)
    if purpose_id is None:
        return POLICE_PURPOSES.get(envelope.data_regime or "")
    purpose = register.purpose(purpose_id, amsterdam_day(envelope.occurred_at))
    return None if purpose is None else purpose.text


def view_covenant(envelope: Envelope) -> Json | None:
    """The covenant that the act named, pinned to the version it was judged by."""
    if envelope.covenant is None:
        return None
    return {"id": envelope.covenant, "annex": envelope.annex, "version": envelope.covenant_version}


def view_register(envelope: Envelope) -> Json:
    """The register versions and position that the event was judged at."""
    covenant = {"id": envelope.covenant, "version": envelope.covenant_version} if envelope.covenant else None
    activity = {"id": envelope.activity, "version": envelope.activity_version} if envelope.activity else None
    position = format_position(REGISTER_LANE, envelope.register_position)
    return {"covenant": covenant, "activity": activity, "position": position}


def view_reasons(content: Content | None, found: Relation) -> Json:
    """What only the party itself and its auditor see: free text, staff, case; a protected reporter only the party."""
    if content is None or not sees_reasons(found):
        return {}
    shown: Json = {
        "name": content.name,
        "description": content.description,
        "criteria": content.criteria,
        "necessity": content.necessity,
        "justification": content.justification,
        "source": content.source,
        "list": content.list,
        "place": content.place,
        "caseId": content.case_id,
        "retention": content.retention,
        "recordRetention": content.record_retention,
        "actor": content.actor,
        "system": content.system,
        "reference": content.reference,
        "interest": content.interest,
        "proportionality": content.proportionality,
        "factors": list(content.factors) or None,
        "reason": content.reason,
        "how": content.how,
    }
    if found is not Relation.OWN and content.source is not None and content.source.protected:
        shown["source"] = msgspec.structs.replace(content.source, reporter=None)
    return {name: value for name, value in shown.items() if value is not None}


def view_corrections(line: Line, contents: Contents, found: Relation) -> list[Json]:
    """What was corrected, when, by whom and why; the original stands beside it."""
    return [
        view_correction(later, contents.get((later.event.lane, later.event.position)), found)
        for later in line.corrections
    ]


def view_correction(later: Later, content: Content | None, found: Relation) -> Json:
    """One correction: what changed; the reason, and under which id the act stands corrected, for whoever sees those."""
    changes = {} if content is None or content.changes is None else content.changes
    replaces = later.envelope.correction == REPLACED
    shown: Json = {
        "position": format_position(later.event.lane, later.event.position),
        "recordedAt": later.envelope.recorded_at,
        "kind": "correction" if replaces else later.envelope.correction,
        "by": later.envelope.author,
        "changes": {name: _shown(name, raw, found) for name, raw in changes.items() if _shows_change(name, found)},
    }
    if sees_reasons(found) and content is not None:
        shown["reason"] = content.reason
    if sees_reasons(found) and replaces:
        shown["replacedBy"] = later.envelope.key
    return shown


def view_corrects(line: Line, found: Relation) -> Json:
    """Which operation the line is the corrected version of, for the party itself and its auditor; empty for others."""
    if line.corrects is None or not sees_reasons(found):
        return {}
    return {"corrects": line.envelope.about_key}


def _shows_change(name: str, found: Relation) -> bool:
    if name in OPEN_FIELDS or found is Relation.OWN:
        return True
    return sees_reasons(found) and name not in OWN_FIELDS


def _shown(name: str, raw: msgspec.Raw, found: Relation) -> Any:
    """The new value; of recipients only who they are, for their own case numbers are no affair of other readers."""
    value = msgspec.json.decode(raw)
    if name == "recipients" and found is not Relation.OWN:
        return [{"party": recipient["party"]} for recipient in value]
    return value


def apply_corrections(act: Json, corrections: list[Json]) -> Json | None:
    """The act as it reads after its corrections; None when no field was corrected."""
    corrected = dict(act)
    for correction in corrections:
        corrected |= correction["changes"]
    return corrected if any(correction["changes"] for correction in corrections) else None


def view_confidentiality(line: Line, contents: Contents) -> Json:
    """The level now, its review date, and its ground where the content still opens."""
    decides, event = line.confidentiality, line.event if line.confided is None else line.confided.event
    content = contents.get((event.lane, event.position))
    stated = content.confidentiality if content is not None else None
    return {
        "level": decides.confidentiality or "normal",
        "ground": stated.ground if stated is not None else None,
        "reviewOn": decides.confidential_until,
    }
