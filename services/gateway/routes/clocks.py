"""Statutory clocks: which run, and the steps that move the clock of a request."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.routes.pages import answer_page
from services.ledger.contract.forgetting import RequestStepBody
from services.runtime.http import Answer

STEPS: Final = BodyDecoder(RequestStepBody)


async def list_clocks(ask: Ask) -> Answer:
    """List the clocks that run."""
    return answer_page(await ask.ledger.list_clocks(ask.caller))


async def step_request(ask: Ask) -> Answer:
    """Record a step of an access request."""
    body, key = ask.read(STEPS)
    answer = await ask.ledger.step_access_request(ask.caller, ask.path["id"], key, body)
    return answer_json(answer, 201)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/access-requests/{id}/steps",
        name="stepAccessRequest",
        summary="The term of a request is extended, suspended or resumed, or the request is answered or refused.",
        tag="access",
        handle=step_request,
        scopes=scopes("subject:access"),
        creates=True,
        body=RequestStepBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path="/v1/clocks",
        name="listClocks",
        summary="The statutory clocks that run for a party, the most urgent first; names no person.",
        tag="access",
        handle=list_clocks,
        scopes=scopes("subject:access", "breach", "notice", "audit"),
    ),
)
