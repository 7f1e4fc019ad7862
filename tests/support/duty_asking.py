"""Asks an inbox of the case's ledger, and finds the way back from a person to its label."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from services.ledger.contract.forgetting import ObligationSearch
from services.ledger.contract.messages import Caller
from tests.support.case_ledger import CaseLedger

HUIS = {"id": "veiligheidshuis", "annex": "jeugdgroepen"}
YOUTH, POLICE, MAYOR, COLLEGE = "jongerenwerk-middelstad", "politie", "burgemeester-middelstad", "college-middelstad"
Json = dict[str, Any]


def who(party: str, scope: str = "retention", purpose: Any = "operations") -> Caller:
    """A caller of the party."""
    return Caller(party=party, scopes=frozenset(cast("Any", scope.split())), purpose=purpose)


def ask(ledger: CaseLedger, caller: Caller, **search: Any) -> list[Json]:
    """All items of a search, over all pages."""
    items: list[Json] = []
    cursor = None
    while True:
        asked = msgspec.convert(search | {"cursor": cursor}, ObligationSearch)
        page = ledger.run(ledger.duties.search.search(caller, asked))
        items += page.items
        cursor = page.next
        if cursor is None:
            return items


def label_of(ledger: CaseLedger, item: Json) -> str:
    """The label of the person of an item whose identifier is shown."""
    labels: dict[str, str] = {ledger.case.identifier(label)["id"]: label for label in ledger.case.raw["subjects"]}
    return labels[item["subject"]["id"]]
