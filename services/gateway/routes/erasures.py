"""Erasures in the ledger: asked for by a decision, followed by their state, declared when done (AVG 17)."""

from __future__ import annotations

from typing import Final

from anyio.to_thread import run_sync

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.declaration import PDF, set_declaration
from services.gateway.formats.decoding import BodyDecoder
from services.ledger.contract.forgetting import ErasureBody
from services.runtime.http import Answer

ERASURES: Final = BodyDecoder(ErasureBody)


async def request_erasure(ask: Ask) -> Answer:
    """Have dossiers erased."""
    body, key = ask.read(ERASURES)
    return answer_json(await ask.ledger.request_erasure(ask.caller, key, body), 202)


async def read_erasure(ask: Ask) -> Answer:
    """Tell how far an erasure is."""
    return answer_json(await ask.ledger.read_erasure(ask.caller, ask.path["id"]))


async def declare_erasure(ask: Ask) -> Answer:
    """Declare what an erasure destroyed."""
    declaration = await ask.ledger.declare_erasure(ask.caller, ask.path["id"])
    if ask.answer_media == PDF:
        return Answer(200, await run_sync(set_declaration, (declaration,)), PDF)
    return answer_json(declaration)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/erasures",
        name="requestErasure",
        summary="Erase a person's dossiers: their keys are destroyed; who got the data from you must answer.",
        tag="retention",
        handle=request_erasure,
        scopes=scopes("retention"),
        creates=True,
        body=ErasureBody,
        status=202,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path="/v1/erasures/{id}",
        name="readErasure",
        summary="How far an erasure is, how many recipients have answered, and until when backups may hold any of it.",
        tag="retention",
        handle=read_erasure,
        scopes=scopes("retention", "audit"),
    ),
    Call(
        method="GET",
        path="/v1/erasures/{id}/declaration",
        name="declareErasure",
        summary="The declaration of destruction: what, how much, on what ground, by whom, when, and how.",
        tag="retention",
        handle=declare_erasure,
        scopes=scopes("retention", "audit"),
        also_answers=(PDF,),
        refuses=(409,),
    ),
)
