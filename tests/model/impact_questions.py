"""Breaches as they are reported to a played ledger, and whom each hits: every page, in the oracle's words."""

from __future__ import annotations

from datetime import datetime

from services.ledger.contract.messages import BreachBody
from tests.model import oracle_answers as oracle
from tests.model.oracle_play import Json, Played, reader
from tests.model.strategies import PERSONS


def report(played: Played, key: str, leak: oracle.Leak) -> str:
    """Report the breach at its own party; its id."""
    body = BreachBody(
        party=leak.party,
        occurred_from=leak.begins,
        occurred_until=leak.until,
        aware_at=leak.aware_at,
        description="canary-breach",
        data_categories=leak.categories,
        operation_ids=leak.named,
    )
    caller = reader(leak.party, "breach", "breach")
    return str(played.run(played.client.report_breach(caller, key, body))["id"])


def read_hits(played: Played, identifier: str, party: str, limit: int | None) -> tuple[list[Json], tuple[int, int]]:
    """The items of all pages for the party itself, and (persons, records), which are those of every page."""
    caller = reader(party, "breach", "breach")
    counts = set()
    items: list[Json] = []
    cursor = None
    while True:
        page = played.run(played.client.impact(caller, identifier, cursor, limit))
        counts.add((page["persons"], page["records"]))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            (count,) = counts
            return items, count


def check_hits(played: Played, identifier: str, leak: oracle.Leak, limit: int | None) -> None:
    """Persons, records, sources, exposure and duty to tell are those of a literal reading, page by page."""
    items, counts = read_hits(played, identifier, leak.party, limit)
    links = oracle.groups(played.links, played.now)
    records, hits = oracle.impact(played.entries, played.links, leak, played.now)
    found = [as_hit(played, leak.party, item, links) for item in items]
    assert sorted(found, key=repr) == sorted(hits, key=repr)
    assert counts == (len(hits), records)


def as_hit(played: Played, party: str, item: Json, links: dict[int, oracle.Group]) -> oracle.Hit:
    """An item of an impact in the oracle's words."""
    person = played.people[party][item["subject"]["ref"]]
    assert item["subject"]["id"] in {PERSONS[other].id for other in links[person]}
    return oracle.Hit(
        links[person],
        item["exposed"],
        tuple(item["dataCategories"]),
        datetime.fromisoformat(item["since"]),
        frozenset((source["party"], source["operationId"]) for source in item["sources"]),
        frozenset((onward["party"], onward["operationId"]) for onward in item["onward"]),
        frozenset(item["operationIds"]),
        item["inform"],
    )
