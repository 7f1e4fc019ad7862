"""Breaches: report one, and see who is hit, with what, supplied by whom on which basis (AVG 33, 34)."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import CURSOR, LIMIT, Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.problems import reject
from services.ledger.contract.messages import BreachBody
from services.runtime.http import Answer

BREACHES: Final = BodyDecoder(BreachBody)


async def report_breach(ask: Ask) -> Answer:
    """Record a breach."""
    body, key = ask.read(BREACHES)
    check_window(body)
    return answer_json(await ask.ledger.report_breach(ask.caller, key, body), 201)


def check_window(body: BreachBody) -> None:
    """Raise Rejected for a window that ends before it begins."""
    if body.occurred_until < body.occurred_from:
        raise reject("window-reversed", "The window ends before it begins.", "Swap the two.", "/occurredUntil")


async def read_breach(ask: Ask) -> Answer:
    """Read a breach."""
    return answer_json(await ask.ledger.read_breach(ask.caller, ask.path["id"]))


async def impact(ask: Ask) -> Answer:
    """Read who is hit."""
    limit = ask.query.get("limit")
    return answer_json(
        await ask.ledger.impact(
            ask.caller, ask.path["id"], ask.query.get("cursor"), None if limit is None else int(limit)
        )
    )


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/breaches",
        name="reportBreach",
        summary="Record a breach; the 72 hours of AVG 33 run from the moment of awareness.",
        tag="breach",
        handle=report_breach,
        scopes=scopes("breach"),
        creates=True,
        body=BreachBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path="/v1/breaches/{id}",
        name="readBreach",
        summary="The breach and its clock.",
        tag="breach",
        handle=read_breach,
        scopes=scopes("breach", "audit"),
        purpose=True,
    ),
    Call(
        method="GET",
        path="/v1/breaches/{id}/impact",
        name="readBreachImpact",
        summary="Who held what when it leaked, supplied by whom and on which basis.",
        tag="breach",
        handle=impact,
        scopes=scopes("breach", "audit"),
        purpose=True,
        query=(CURSOR, LIMIT),
    ),
)
