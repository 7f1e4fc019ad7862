"""The shapes of answers that the ledger gives as objects, in words of JSON Schema; more fields may be added to each."""

from __future__ import annotations

from typing import Any, Final

from services.gateway.covenant_answers import COVENANT_ANSWERS
from services.gateway.description import INSTANT, TEXT, TEXT_OR_NULL, TEXTS, listed, shape
from services.gateway.routes.governance import KINDS

DAY_OR_NULL: Final = {"type": ["string", "null"], "format": "date"}
INSTANT_OR_NULL: Final = {"type": ["string", "null"], "format": "date-time"}
COUNT: Final = {"type": "integer"}
VERDICT: Final = {"$ref": "#/components/schemas/VerdictAnswer"}
SUBJECT: Final = shape({"ref": TEXT_OR_NULL, "idType": TEXT_OR_NULL, "id": TEXT_OR_NULL}, "ref")
GROUND: Final = shape(
    {
        "gdpr": TEXT_OR_NULL,
        "article9": TEXT_OR_NULL,
        "article10": TEXT_OR_NULL,
        "statute": TEXT_OR_NULL,
        "statuteLabel": TEXT_OR_NULL,
    }
)
COVENANT: Final = shape({"id": TEXT, "annex": TEXT_OR_NULL, "version": {"type": ["integer", "null"]}}, "id")
GROUND_UNDER_COVENANT: Final = shape({**GROUND["properties"], "covenant": {"anyOf": [COVENANT, {"type": "null"}]}})
BASIS: Final = shape(
    {
        "supplied": {"anyOf": [GROUND_UNDER_COVENANT, {"type": "null"}]},
        "own": {"anyOf": [GROUND_UNDER_COVENANT, {"type": "null"}]},
    },
    "supplied",
    "own",
)
LATER_EVENT: Final = shape({"ref": TEXT_OR_NULL, "eventId": TEXT, "position": TEXT, "recordedAt": INSTANT}, "position")
LATER_EVENTS: Final = shape({"items": listed(LATER_EVENT)}, "items")
OPERATION: Final = shape(
    {
        "id": TEXT,
        "type": TEXT,
        "position": TEXT,
        "tense": TEXT_OR_NULL,
        "operation": TEXT_OR_NULL,
        "occurredAt": INSTANT_OR_NULL,
        "recordedAt": INSTANT,
        "controller": TEXT_OR_NULL,
        "processor": TEXT_OR_NULL,
        "recipients": listed(shape({"party": TEXT}, "party")),
        "dataCategories": TEXTS,
        "dataRegime": TEXT_OR_NULL,
        "activity": TEXT_OR_NULL,
        "purpose": TEXT_OR_NULL,
        "legalBasis": {"anyOf": [GROUND, {"type": "null"}]},
        "covenant": {"anyOf": [COVENANT, {"type": "null"}]},
        "phase": TEXT_OR_NULL,
        "verdict": VERDICT,
        "subjects": listed(
            shape(
                {
                    **SUBJECT["properties"],
                    "eventId": TEXT,
                    "position": TEXT,
                    "leafHash": TEXT,
                    "outcome": TEXT,
                    "findings": TEXTS,
                    "holdingEnds": DAY_OR_NULL,
                    "recordEnds": DAY_OR_NULL,
                },
                "ref",
            )
        ),
        "corrections": {"type": "array"},
        "corrects": TEXT_OR_NULL,
    },
    "id",
    "position",
    "recordedAt",
    "verdict",
    "subjects",
)
PROOF: Final = shape(
    {
        "position": TEXT,
        "type": TEXT,
        "leafHash": TEXT,
        "leafIndex": COUNT,
        "treeSize": COUNT,
        "proof": TEXTS,
        "checkpoint": TEXT,
        "verifierKey": TEXT,
        "envelopeHash": TEXT,
        "contentHash": TEXT,
    },
    "position",
    "leafHash",
    "leafIndex",
    "treeSize",
    "proof",
    "checkpoint",
)
HOLDING: Final = shape(
    {
        "party": TEXT,
        "subject": SUBJECT,
        "dataCategories": TEXTS,
        "since": INSTANT,
        "until": DAY_OR_NULL,
        "status": {"type": "string", "enum": ["held", "erasure-owed", "erased"]},
        "operationIds": TEXTS,
        "bases": listed(BASIS),
        "findings": TEXTS,
    },
    "party",
    "subject",
    "dataCategories",
    "since",
    "until",
    "status",
    "operationIds",
    "bases",
    "findings",
)


def page_of(item: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a page of items."""
    return shape({"items": listed(item), "next": TEXT_OR_NULL}, "items", "next")


ENTRY: Final = shape({"id": TEXT, "position": TEXT, "recordedAt": INSTANT}, "id", "position")
REGISTERED: Final = shape({"id": TEXT, "version": COUNT, "position": TEXT, "recordedAt": INSTANT}, "id", "position")
DUE: Final = shape({"legalLatest": TEXT, "safe": TEXT}, "legalLatest", "safe")
CONTROLLER: Final = shape(
    {
        "party": TEXT,
        "clockFrom": TEXT_OR_NULL,
        "regime": {"type": "string", "enum": ["AVG", "Wpg", "Wjsg", "unverified"]},
        "due": {"anyOf": [DUE, {"type": "null"}]},
        "remedy": {"type": "string", "enum": ["awb-objection", "court-petition", "unverified"]},
    },
    "party",
    "regime",
    "due",
    "remedy",
)
REQUEST_CLOCK: Final = shape(
    {
        "party": TEXT,
        "regime": TEXT,
        "state": {"type": "string", "enum": ["running", "suspended", "answered", "late"]},
        "legalLatest": TEXT_OR_NULL,
        "safe": TEXT_OR_NULL,
        "extended": {"type": "boolean"},
        "late": {"type": "boolean"},
        "answeredAt": INSTANT_OR_NULL,
    },
    "state",
    "legalLatest",
    "safe",
)
RUNNING_CLOCK: Final = shape(
    {
        "clock": TEXT,
        "about": {"type": "object"},
        "party": TEXT,
        "norm": TEXT,
        "startedAt": INSTANT,
        "state": TEXT,
        "legalLatest": TEXT_OR_NULL,
        "safe": TEXT_OR_NULL,
        "atRisk": {"type": "boolean"},
    },
    "clock",
    "party",
    "state",
    "safe",
    "atRisk",
)
ACCESS_REQUEST: Final = shape({"id": TEXT, "due": DUE, "controllers": listed(CONTROLLER)}, "id", "due", "controllers")
BREACH: Final = shape({"id": TEXT, "reportBefore": INSTANT, "reportingParty": TEXT}, "id", "reportBefore")
OBLIGATION: Final = shape(
    {
        "id": TEXT,
        "kind": {"type": "string", "enum": ["erase", "inform", "reconcile"]},
        "party": TEXT,
        "controller": TEXT,
        "controllers": TEXTS,
        "subject": SUBJECT,
        "dataCategories": TEXTS,
        "cause": TEXT_OR_NULL,
        "operationId": TEXT_OR_NULL,
        "covenants": listed(shape({"id": TEXT, "annex": TEXT_OR_NULL}, "id")),
        "reason": TEXT,
        "since": INSTANT,
        "due": INSTANT,
        "state": {
            "type": "string",
            "enum": [
                "owed",
                "confirmed",
                "kept",
                "impossible",
                "open",
                "done",
                "done-late",
                "residual",
                "exempt",
                "lapsed-unmet",
            ],
        },
        "missingElements": TEXTS,
        "exemptUntil": DAY_OR_NULL,
        "toldAt": INSTANT_OR_NULL,
        "norm": TEXT_OR_NULL,
        "answer": shape({"outcome": TEXT, "at": INSTANT, "norm": TEXT_OR_NULL, "until": DAY_OR_NULL}, "outcome", "at"),
    },
    "id",
    "kind",
    "party",
    "controller",
    "subject",
    "dataCategories",
    "cause",
    "due",
    "state",
)
TOLD: Final = shape(
    {
        "id": TEXT,
        "type": {"type": "string", "enum": ["notice", "exemption"]},
        "operationId": TEXT,
        "position": TEXT,
        "subject": SUBJECT,
        "controller": TEXT_OR_NULL,
        "covenant": {"anyOf": [COVENANT, {"type": "null"}]},
        "occurredAt": INSTANT,
        "recordedAt": INSTANT,
        "outcome": TEXT_OR_NULL,
        "findings": TEXTS,
        "form": TEXT,
        "elements": TEXTS,
        "addressee": TEXT,
        "givenBy": TEXT,
        "norm": TEXT,
        "decidedBy": TEXT,
        "reviewOn": {"type": "string", "format": "date"},
        "endedAt": INSTANT,
        "inForce": {"type": "boolean"},
    },
    "id",
    "type",
    "operationId",
    "subject",
    "occurredAt",
    "recordedAt",
)
ENDING: Final = shape(
    {
        "id": TEXT,
        "endedAt": INSTANT,
        "ref": TEXT_OR_NULL,
        "eventId": TEXT,
        "position": TEXT,
        "recordedAt": INSTANT,
        "leafHash": TEXT,
    },
    "id",
    "endedAt",
    "position",
)
LETTER: Final = shape(
    {
        "id": TEXT,
        "state": {"type": "string", "enum": ["waiting", "sent", "failed", "held", "forgotten", "overtaken"]},
        "held": {"type": "boolean"},
    },
    "id",
    "state",
    description="A letter; `held`: the person may not be told now, and nothing was kept of the order.",
)
HOLD_KIND: Final = {"type": "string", "enum": ["request", "complaint", "breach", "court", "restriction"]}
TERMS_SET: Final = shape(
    {
        "items": listed(
            shape(
                {**LATER_EVENT["properties"], "holdingEnds": DAY_OR_NULL, "recordEnds": DAY_OR_NULL},
                "position",
                "holdingEnds",
                "recordEnds",
            )
        )
    },
    "items",
)
SENTENCE_OR_NULL: Final = {"anyOf": [shape({"nl": TEXT, "en": TEXT}, "nl", "en"), {"type": "null"}]}
RULE_OF_END: Final = shape({"rule": TEXT_OR_NULL, "text": SENTENCE_OR_NULL}, "rule", "text")
SCHEDULED: Final = shape(
    {
        "day": {"type": "string", "format": "date"},
        "ends": {"type": "string", "enum": ["holding", "record"]},
        "controller": TEXT_OR_NULL,
        "covenant": {"anyOf": [COVENANT, {"type": "null"}]},
        "lines": COUNT,
        "rules": {
            "type": "array",
            "description": "Of a holding: which rule gives the end of how many of these lines, and which rules lost.",
            "items": shape(
                {
                    **RULE_OF_END["properties"],
                    "lines": COUNT,
                    "lost": {"type": "array", "items": RULE_OF_END},
                },
                "rule",
                "text",
                "lines",
                "lost",
            ),
        },
    },
    "day",
    "ends",
    "lines",
    "rules",
)
DESTROYED: Final = shape(
    {
        "controller": TEXT,
        "covenant": {"anyOf": [COVENANT, {"type": "null"}]},
        "activity": TEXT_OR_NULL,
        "records": COUNT,
    },
    "controller",
    "records",
)
DECLARATION: Final = shape(
    {
        "kind": {"type": "string", "enum": ["erasure", "day"]},
        "ground": TEXT_OR_NULL,
        "destroyedAt": INSTANT,
        "manner": TEXT,
        "backupsUntil": DAY_OR_NULL,
        "records": COUNT,
        "destroyed": listed(DESTROYED),
    },
    "kind",
    "destroyedAt",
    "manner",
    "backupsUntil",
    "records",
    "destroyed",
)
ERASURE: Final = shape(
    {
        "id": TEXT,
        "state": {"type": "string", "enum": ["requested", "fenced", "content-destroyed", "waiting", "complete"]},
        "owed": COUNT,
        "confirmed": COUNT,
        "kept": COUNT,
        "impossible": COUNT,
        "backupsUntil": DAY_OR_NULL,
        "controller": TEXT,
        "requestedAt": INSTANT,
        "records": COUNT,
        "destroyedAt": INSTANT_OR_NULL,
        "completedAt": INSTANT_OR_NULL,
        "findings": TEXTS,
    },
    "id",
    "state",
    "owed",
    "confirmed",
    "backupsUntil",
)
ANSWERS: Final = {
    "SetRetentionAnswer": TERMS_SET,
    "ReadRetentionScheduleAnswer": page_of(SCHEDULED),
    "PlaceHoldAnswer": shape(
        {"id": TEXT, "kind": HOLD_KIND, "covered": COUNT, "tooLate": COUNT, "placedAt": INSTANT},
        "id",
        "covered",
        "tooLate",
        "placedAt",
    ),
    "ReleaseHoldAnswer": shape(
        {"id": TEXT, "kind": HOLD_KIND, "placedAt": INSTANT, "releasedAt": INSTANT}, "id", "releasedAt"
    ),
    "ListDeclarationsAnswer": page_of(DECLARATION),
    "RequestErasureAnswer": shape({"id": TEXT}, "id"),
    "ReadErasureAnswer": ERASURE,
    "DeclareErasureAnswer": DECLARATION,
    "SearchProcessingOperationsAnswer": page_of(OPERATION),
    "ReadProcessingOperationAnswer": OPERATION,
    "ProveProcessingOperationAnswer": shape({"items": listed(PROOF)}, "items"),
    "CorrectProcessingOperationAnswer": LATER_EVENTS,
    "SetConfidentialityAnswer": LATER_EVENTS,
    "SearchHoldingsAnswer": page_of(HOLDING),
    **{f"Register{kind.one}Answer": REGISTERED for kind in KINDS},
    **{f"List{kind.many}Answer": page_of(ENTRY) for kind in KINDS},
    **COVENANT_ANSWERS,
    "OpenAccessRequestAnswer": ACCESS_REQUEST,
    "ReadAccessRequestAnswer": ACCESS_REQUEST,
    "ReportAccessAnswer": shape(
        {
            "period": shape({"from": INSTANT_OR_NULL, "until": INSTANT_OR_NULL}),
            "coverage": {"type": "array"},
            "lines": listed(
                shape(
                    {
                        "id": TEXT,
                        "type": {
                            "type": "string",
                            "enum": ["operation", "notice", "exemption", "erasure", "read", "breach"],
                        },
                        "operationId": TEXT_OR_NULL,
                        "occurredAt": INSTANT,
                        "recordedAt": INSTANT,
                        "operation": TEXT_OR_NULL,
                        "controller": TEXT_OR_NULL,
                        "recipients": {"type": "array"},
                        "dataCategories": TEXTS,
                        "purpose": TEXT_OR_NULL,
                        "legalBasis": {"anyOf": [GROUND_UNDER_COVENANT, {"type": "null"}]},
                        "retainedUntil": DAY_OR_NULL,
                        "explanation": TEXT_OR_NULL,
                    },
                    "id",
                    "type",
                )
            ),
            "withheld": shape({"mayBeTold": {"type": "boolean"}, "count": {"type": "integer"}, "ground": TEXT_OR_NULL}),
            "holders": {"type": "array"},
        },
        "lines",
        "withheld",
    ),
    "StepAccessRequestAnswer": REQUEST_CLOCK,
    "ListClocksAnswer": page_of(RUNNING_CLOCK),
    "SearchObligationsAnswer": page_of(OBLIGATION),
    "ConfirmObligationAnswer": OBLIGATION,
    "SearchNoticesAnswer": page_of(TOLD),
    "OrderNoticeAnswer": LETTER,
    "OrderBreachNoticeAnswer": LETTER,
    "OrderErasureLetterAnswer": LETTER,
    "EndExemptionAnswer": ENDING,
    "OpenInquiryAnswer": shape({"id": TEXT}, "id"),
    "ReplayInquiryAnswer": shape(
        {
            "events": listed(
                shape(
                    {
                        "position": TEXT,
                        "type": TEXT,
                        "operationId": TEXT_OR_NULL,
                        "occurredAt": INSTANT,
                        "recordedAt": INSTANT,
                        "outcome": TEXT_OR_NULL,
                    },
                    "position",
                    "type",
                )
            ),
            "next": TEXT_OR_NULL,
        },
        "events",
    ),
    "ReportBreachAnswer": shape({**BREACH["properties"], "holds": TEXTS}, "id", "reportBefore"),
    "ReadBreachAnswer": BREACH,
    "ReadBreachImpactAnswer": shape(
        {
            "persons": {"type": "integer"},
            "records": {"type": "integer"},
            "asOf": INSTANT,
            "asKnownAt": INSTANT,
            "items": listed(
                shape(
                    {
                        "subject": SUBJECT,
                        "exposed": {"type": "boolean"},
                        "dataCategories": TEXTS,
                        "since": INSTANT,
                        "sources": listed(shape({"party": TEXT, "operationId": TEXT}, "party", "operationId")),
                        "bases": listed(BASIS),
                        "onward": {"type": "array"},
                        "operationIds": TEXTS,
                        "inform": {"type": "string", "enum": ["yes", "no", "decide-first"]},
                    },
                    "subject",
                    "exposed",
                )
            ),
            "next": TEXT_OR_NULL,
        },
        "persons",
        "records",
        "items",
    ),
    "SetClockAnswer": shape({"now": INSTANT}, "now"),
    "ListFindingCodesAnswer": shape(
        {
            "items": listed(
                shape(
                    {
                        "code": TEXT,
                        "block": {"type": "string", "enum": ["purpose", "basis", "necessity", "care"]},
                        "severities": TEXTS,
                        "norms": TEXTS,
                        "message": TEXT,
                        "remedy": TEXT,
                        "dutch": shape({"message": TEXT, "remedy": TEXT}),
                    },
                    "code",
                    "block",
                    "norms",
                    "message",
                    "remedy",
                )
            ),
            "next": TEXT_OR_NULL,
        },
        "items",
    ),
}
