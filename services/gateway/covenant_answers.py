"""The shapes of answers about covenants, in words of JSON Schema; more fields may be added to each."""

from __future__ import annotations

from typing import Any, Final

from services.gateway.description import INSTANT, TEXT, TEXT_OR_NULL, TEXTS, listed, shape

DAY: Final = {"type": "string", "format": "date"}
DAY_OR_NULL: Final = {"type": ["string", "null"], "format": "date"}
NUMBER: Final = {"type": "integer"}
BOTH: Final = shape({"nl": TEXT, "en": TEXT}, "nl", "en")
NAMED: Final = shape({"id": TEXT, "version": NUMBER}, "id", "version")
OUTCOME: Final = shape({"outcome": TEXT_OR_NULL}, "outcome")
CANDIDATE: Final = shape(
    {
        "covenant": TEXT,
        "version": NUMBER,
        "annex": TEXT_OR_NULL,
        "because": listed({"type": "string", "enum": ["home-town", "town-of-act", "school-town"]}),
        "retention": TEXT_OR_NULL,
        "until": DAY_OR_NULL,
        "recipients": TEXTS,
        "why": BOTH,
    },
    "covenant",
    "because",
    "why",
)
CONFLICT: Final = shape(
    {
        "kind": {"type": "string", "enum": ["retention", "purpose", "parties", "regime", "validity"]},
        "covenants": TEXTS,
        "versions": listed(NUMBER),
        "annexes": TEXTS,
        "points": listed(shape({"what": TEXT, "first": TEXT_OR_NULL, "second": TEXT_OR_NULL}, "what")),
        "municipalities": TEXTS,
        "partners": TEXTS,
        "since": DAY,
        "until": DAY_OR_NULL,
        "text": BOTH,
    },
    "kind",
    "covenants",
    "points",
    "since",
    "until",
    "text",
)
CASE: Final = shape(
    {
        "operationId": TEXT,
        "caseId": TEXT_OR_NULL,
        "controller": TEXT_OR_NULL,
        "covenant": shape({"id": TEXT, "annex": TEXT_OR_NULL, "version": {"type": ["integer", "null"]}}, "id"),
        "occurredAt": INSTANT,
        "positions": TEXTS,
        "recorded": OUTCOME,
        "before": OUTCOME,
        "after": OUTCOME,
        "adds": TEXTS,
        "drops": TEXTS,
    },
    "operationId",
    "positions",
    "before",
    "after",
    "adds",
    "drops",
)
ROW: Final = shape(
    {
        "source": {"type": "string", "enum": ["activity", "covenant"]},
        "id": TEXT,
        "version": NUMBER,
        "name": TEXT_OR_NULL,
        "controllers": TEXTS,
        "contactPoint": TEXT_OR_NULL,
        "purpose": TEXT_OR_NULL,
        "subjectCategories": TEXTS,
        "dataCategories": TEXTS,
        "recipients": TEXTS,
        "retention": {"type": "object", "additionalProperties": TEXT},
        "legalFrame": TEXT_OR_NULL,
        "validFrom": DAY_OR_NULL,
        "validUntil": DAY_OR_NULL,
    },
    "source",
    "id",
    "controllers",
)


def paged(item: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a page of items."""
    return shape({"items": listed(item), "next": TEXT_OR_NULL}, "items", "next")


COVENANT_ANSWERS: Final[dict[str, Any]] = {
    "ResolveCovenantAnswer": shape(
        {
            "candidates": listed(CANDIDATE),
            "by": {"type": "string", "enum": ["only-candidate", "protective-default", "none"]},
            "why": BOTH,
            "open": {"type": "boolean"},
            "default": TEXT_OR_NULL,
            "validAt": DAY,
        },
        "candidates",
        "by",
        "why",
        "default",
    ),
    "ReadCovenantInForceAnswer": shape(
        {
            "id": TEXT,
            "version": NUMBER,
            "origins": listed(
                shape(
                    {
                        "field": TEXT,
                        "source": {"type": "string", "enum": ["umbrella", "addendum", "interpretation"]},
                        "id": TEXT,
                        "version": NUMBER,
                        "overrides": {"type": "boolean"},
                    },
                    "field",
                    "source",
                    "id",
                )
            ),
            "accountable": shape({"answers": TEXT_OR_NULL, "informs": TEXT_OR_NULL, "reportsBreach": TEXT_OR_NULL}),
            "validAt": DAY,
        },
        "id",
        "version",
        "origins",
        "accountable",
    ),
    "ReadCovenantCardAnswer": shape(
        {
            "covenant": TEXT,
            "version": NUMBER,
            "validFrom": DAY,
            "validUntil": DAY_OR_NULL,
            "summary": TEXT_OR_NULL,
            "sections": listed(shape({"heading": BOTH, "lines": listed(BOTH)}, "heading", "lines")),
            "acknowledged": {"type": ["string", "null"], "format": "date-time"},
        },
        "covenant",
        "version",
        "sections",
    ),
    "CompareCovenantsAnswer": shape(
        {
            "first": NAMED,
            "second": NAMED,
            "changes": listed(
                shape(
                    {
                        "pointer": TEXT,
                        "kind": {"type": "string", "enum": ["added", "removed", "changed"]},
                        "first": {},
                        "second": {},
                    },
                    "pointer",
                    "kind",
                )
            ),
        },
        "first",
        "second",
        "changes",
    ),
    "ListCovenantContradictionsAnswer": paged(CONFLICT),
    "ListCovenantDifferencesAnswer": paged(CONFLICT),
    "ExportProcessingActivitiesAnswer": paged(ROW),
    "ListReinterpretedCasesAnswer": paged(CASE),
}
