"""The parts of the API description that no type tells: texts, headers, and the shapes the ledger answers as objects."""

from __future__ import annotations

from typing import Any, Final

from services.runtime import limits

INTRODUCTION: Final = (
    "The ledger of every processing of personal data by a municipality and its partners. One event in, three answers "
    "out: what happened with my data, what did we know then, who held what when it leaked.\n\n"
    "An act that happened is always recorded, however unlawful, and marked; an act that is about to happen can be "
    "refused. Nothing that identifies a person stands in a URL or in a problem answer."
)
CONTACT: Final = {
    "name": "Grootboek",
    "url": "https://github.com/grootboek/grootboek",
    "email": "grootboek@example.org",
}
TAGS: Final = {
    "processing": "Processing operations: record, try out, find, confirm, correct.",
    "proof": "That an operation stands in the ledger and nothing was changed after.",
    "access": "What happened with my data (AVG 15, Wpg 25).",
    "inquiry": "What did we know then.",
    "breach": "Who held what when it leaked (AVG 33, 34).",
    "holdings": "Who holds what about whom, until when.",
    "obligations": "What a party must erase or tell, and what it answered (AVG 13, 14, 17, 19).",
    "notices": "The duty to inform (AVG 13, 14) and its exemptions.",
    "retention": "Until when data and records are kept, what holds them, and what is erased (AVG 5(1)(e), 17, 19).",
    "governance": "Parties, covenants, activities, decisions and what else is registered, with their versions in time.",
    "learning": "Questions with their answers, opinions, checklists, closings and near misses; never personal data.",
    "operations": "The service itself.",
}
SECURITY: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token (RFC 9068): RS256, PS256 or ES256, with the claims `party` and `scope`.",
    }
}
HEADERS: Final = {
    "ApiVersion": {"description": "The full version of this API.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
PARAMETERS: Final = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The key of this request, instead of `id` in the body: the same key and body, the same receipt.",
        "schema": {
            "type": "string",
            "maxLength": limits.IDEMPOTENCY_KEY_LENGTH_MAX,
            "pattern": "^[A-Za-z0-9._:~-]+$",
        },
    },
    "Purpose": {
        "name": "Grootboek-Purpose",
        "in": "header",
        "description": "Why these personal data are read; recorded with the read. A citizen's own token needs none.",
        "schema": {
            "type": "string",
            "enum": [
                "access-request",
                "inquiry",
                "breach",
                "legality-control",
                "internal-control",
                "security",
                "proceedings",
                "operations",
            ],
        },
    },
    "MinPosition": {
        "name": "Grootboek-Min-Position",
        "in": "header",
        "description": "Positions, with commas, that the answer must show; 503 when it cannot within two seconds.",
        "schema": {"type": "string"},
    },
}

TEXT: Final = {"type": "string"}
TEXT_OR_NULL: Final = {"type": ["string", "null"]}
INSTANT: Final = {"type": "string", "format": "date-time"}
TEXTS: Final = {"type": "array", "items": TEXT}


def shape(properties: dict[str, Any], *required: str, description: str = "") -> dict[str, Any]:
    """Return an object's schema; more fields may be added to an answer."""
    described: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        described["required"] = list(required)
    if description:
        described["description"] = description
    return described


def listed(item: dict[str, Any]) -> dict[str, Any]:
    """Return an array's schema."""
    return {"type": "array", "items": item}


FAULT: Final = shape(
    {
        "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) to the fault."},
        "code": TEXT,
        "message": TEXT,
        "remedy": TEXT,
    },
    "pointer",
    "code",
    "message",
    "remedy",
)
PROBLEM_FIELDS: Final[dict[str, Any]] = {
    "type": {"type": "string", "format": "uri"},
    "title": TEXT,
    "status": {"type": "integer"},
    "detail": TEXT,
    "code": TEXT,
    "remedy": TEXT,
    "errors": listed(FAULT),
    "traceId": TEXT,
    "line": {"type": "integer", "description": "In a batch: the line this is about, from 1."},
}
PROBLEM_REQUIRED: Final = ("type", "title", "status", "detail", "code", "remedy")
PROBLEM_SCHEMAS: Final = {
    "Problem": shape(PROBLEM_FIELDS, *PROBLEM_REQUIRED, description="RFC 9457; never holds a value of the request."),
    "RefusalProblem": shape(
        {
            **PROBLEM_FIELDS,
            "verdict": {"$ref": "#/components/schemas/VerdictAnswer"},
            "subjects": listed({"$ref": "#/components/schemas/RefusedSubject"}),
        },
        *PROBLEM_REQUIRED,
        description="A problem; of a refused intent it holds the verdict.",
    ),
}
