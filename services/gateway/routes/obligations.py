"""Obligations: what a party owes and demands, and what it did about it (AVG 13, 14, 17, 19)."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.routes.pages import answer_page, check_bound, check_page
from services.ledger.contract.forgetting import ObligationConfirmation, ObligationSearch
from services.runtime.http import Answer

SEARCHES: Final = BodyDecoder(ObligationSearch)
CONFIRMATIONS: Final = BodyDecoder(ObligationConfirmation)


async def search_obligations(ask: Ask) -> Answer:
    """Find obligations."""
    body = SEARCHES.decode(ask.raw).body
    check_page(body.cursor, body.limit)
    check_bound(body.as_of, "/asOf")
    return answer_page(await ask.ledger.search_obligations(ask.caller, body))


async def confirm_obligation(ask: Ask) -> Answer:
    """Answer an obligation; the same answer again is recognised by what it says, so it needs no key."""
    taken = ask.take(CONFIRMATIONS)
    return answer_json(await ask.ledger.confirm_obligation(ask.caller, ask.path["id"], taken.id, taken.body))


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/obligations/_search",
        name="searchObligations",
        summary="What your party owes (to erase, to inform) and what it demands, as of an instant.",
        tag="obligations",
        handle=search_obligations,
        scopes=scopes("processing:read", "retention", "notice", "audit"),
        purpose=True,
        body=ObligationSearch,
    ),
    Call(
        method="POST",
        path="/v1/obligations/{id}/confirmations",
        name="confirmObligation",
        summary="Erased, kept under a norm until a day, or impossible: what the holder did, when and how.",
        tag="obligations",
        handle=confirm_obligation,
        scopes=scopes("processing:write", "retention"),
        creates=True,
        body=ObligationConfirmation,
        refuses=(409,),
    ),
)
