"""Holdings: who holds what about whom, until when, and on which basis."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.routes.pages import answer_page, check_bound, check_page
from services.ledger.contract.messages import HoldingSearch
from services.runtime.http import Answer

SEARCHES: Final = BodyDecoder(HoldingSearch)


async def search_holdings(ask: Ask) -> Answer:
    """Find holdings."""
    body = SEARCHES.decode(ask.raw).body
    check_page(body.cursor, body.limit)
    check_bound(body.as_of, "/asOf")
    check_bound(body.as_known_at, "/asKnownAt")
    return answer_page(await ask.ledger.search_holdings(ask.caller, body))


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/holdings/_search",
        name="searchHoldings",
        summary="Who holds what about whom, since when and until when.",
        tag="holdings",
        handle=search_holdings,
        scopes=scopes("processing:read", "subject:access", "inquiry", "breach", "retention", "audit"),
        citizen=True,
        purpose=True,
        body=HoldingSearch,
    ),
)
