"""A region of covenants, registered one by one and asked in pages: every planted contradiction and no other."""

from __future__ import annotations

import msgspec

from services.law.covenants.contradictions import contradictions
from services.law.covenants.normaliser import normalise
from services.law.governance import Covenant, Party
from services.ledger.application.covenant_conflicts import ListConflicts
from services.ledger.contract.messages import Caller
from tests.model.covenant_generator import region
from tests.support.register_desk import RegisterDesk

ANYBODY = Caller(party="college")


def test_what_was_planted_is_served_whole_and_nothing_else() -> None:
    """160 covenants in deviating words become known in random order; pages of seven hold exactly the plants."""
    bodies, planted = region(20261126)
    covenants = [msgspec.convert(normalise(body).body, Covenant) for body in bodies]
    desk = RegisterDesk()
    parties = {partner.party for covenant in covenants for partner in covenant.partners}
    desk.register(*(Party(id=party, kind="public-body") for party in sorted(parties)), *covenants)
    conflicts = ListConflicts(source=desk.source, find=contradictions)
    found: list[tuple[str, tuple[str, ...]]] = []
    page = conflicts(ANYBODY, None, None, 7)
    while True:
        found += [(item["kind"], tuple(sorted(item["covenants"]))) for item in page.items]
        if page.next is None:
            break
        page = conflicts(ANYBODY, None, page.next, 7)
    assert len(found) == len(set(found))
    assert set(found) == planted
