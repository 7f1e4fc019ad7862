"""Access requests: open one, see its clocks, and read the answer to the citizen (AVG 15, Wpg 25)."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.ledger.contract.messages import AccessRequestBody
from services.runtime.http import Answer

REQUESTS: Final = BodyDecoder(AccessRequestBody)


async def open_request(ask: Ask) -> Answer:
    """Open a request."""
    body, key = ask.read(REQUESTS)
    return answer_json(await ask.ledger.open_access_request(ask.caller, key, body), 201)


async def read_request(ask: Ask) -> Answer:
    """Read a request and its clocks."""
    return answer_json(await ask.ledger.read_access_request(ask.caller, ask.path["id"]))


async def report(ask: Ask) -> Answer:
    """Read the answer to the citizen."""
    return answer_json(await ask.ledger.report_access(ask.caller, ask.path["id"]))


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/access-requests",
        name="openAccessRequest",
        summary="Somebody asks what is recorded about him: the clock of every controller starts.",
        tag="access",
        handle=open_request,
        scopes=scopes("subject:access"),
        citizen=True,
        creates=True,
        body=AccessRequestBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path="/v1/access-requests/{id}",
        name="readAccessRequest",
        summary="The request and the clock of every controller.",
        tag="access",
        handle=read_request,
        scopes=scopes("subject:access", "audit"),
        citizen=True,
        purpose=True,
    ),
    Call(
        method="GET",
        path="/v1/access-requests/{id}/report",
        name="reportAccess",
        summary="What happened with my data: every line that may be told, in words, and who holds what.",
        tag="access",
        handle=report,
        scopes=scopes("subject:access", "audit"),
        citizen=True,
        purpose=True,
    ),
)
