"""Overlap without names: ask, hand in pseudonyms, and learn sizes."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.ledger.contract.overlaps import OverlapAnswer, OverlapBody, OverlapPersons
from services.runtime.http import Answer

ASKED: Final = BodyDecoder(OverlapBody)
PERSONS: Final = BodyDecoder(OverlapPersons)


async def ask_overlap(ask: Ask) -> Answer:
    """Ask parties how many persons they have in common."""
    body, key = ask.read(ASKED)
    return answer_json(await ask.ledger.open_overlap(ask.caller, key, body), 201)


async def read(ask: Ask) -> Answer:
    """How an overlap stands; its secret for a party that has yet to hand in; the sizes when all have."""
    return answer_json(await ask.ledger.read_overlap(ask.caller, ask.path["id"]))


async def hand_in(ask: Ask) -> Answer:
    """Hand in pseudonyms: a disclosure to the other parties, judged before it is taken."""
    body, key = ask.read(PERSONS)
    return answer_json(await ask.ledger.hand_in_overlap(ask.caller, ask.path["id"], key, body))


async def withdraw(ask: Ask) -> Answer:
    """End an overlap without a count."""
    return answer_json(await ask.ledger.withdraw_overlap(ask.caller, ask.path["id"]))


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/overlaps",
        name="askOverlap",
        summary="Ask parties how many persons they have in common, without names.",
        tag="processing",
        handle=ask_overlap,
        scopes=scopes("processing:write"),
        creates=True,
        body=OverlapBody,
        status=201,
        answers=OverlapAnswer,
        refuses=(409, 429),
    ),
    Call(
        method="GET",
        path="/v1/overlaps/{id}",
        name="readOverlap",
        summary="How an overlap stands, and its sizes once all have handed in.",
        tag="processing",
        handle=read,
        scopes=scopes("processing:write", "processing:read"),
        answers=OverlapAnswer,
        refuses=(404,),
    ),
    Call(
        method="POST",
        path="/v1/overlaps/{id}/persons",
        name="handInOverlap",
        summary="Hand in pseudonyms under the secret of this overlap.",
        tag="processing",
        handle=hand_in,
        scopes=scopes("processing:write"),
        creates=True,
        body=OverlapPersons,
        answers=OverlapAnswer,
        refuses=(404, 409),
    ),
    Call(
        method="DELETE",
        path="/v1/overlaps/{id}",
        name="withdrawOverlap",
        summary="End an overlap without a count; its secret and what was handed in go.",
        tag="processing",
        handle=withdraw,
        scopes=scopes("processing:write"),
        answers=OverlapAnswer,
        refuses=(404,),
    ),
)
