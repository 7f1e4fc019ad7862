"""More with less: which categories of data a party obtained under a covenant and never looked at, used or shared (S40).

AVG 5(1)(c). Police data and data of a WGS partnership stay out: their log may not be used for this (Wpg 32a(2), WGS
1.8(4)).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from services.ledger.contract.events import Envelope

OBTAINING: Final = frozenset({"collect", "alter"})
PUTTING_TO_USE: Final = frozenset({"consult", "use", "share"})
Place = tuple[str | None, str | None, str]
"""(covenant, annex, category)."""


class UnusedCategory(msgspec.Struct, frozen=True, rename="camel"):
    """A category that came in so many times and served nothing."""

    covenant: str | None
    annex: str | None
    category: str
    obtained: int


def unused_categories(acts: Iterable[Envelope], party: str) -> tuple[UnusedCategory, ...]:
    """Those of ``party``, by covenant, annex and category; an act on several persons counts once per person."""
    obtained: Counter[Place] = Counter()
    used: set[Place] = set()
    for act in acts:
        places = [(act.covenant, act.annex, category) for category in act.data_categories]
        if _obtains(act, party):
            obtained.update(places)
        elif act.controller == party and act.operation_class in PUTTING_TO_USE:
            used.update(places)
    found = (UnusedCategory(*place, count) for place, count in obtained.items() if place not in used)
    return tuple(sorted(found, key=lambda one: (one.covenant or "", one.annex or "", one.category)))


def _obtains(act: Envelope, party: str) -> bool:
    if act.controller == party:
        return act.operation_class in OBTAINING
    return act.operation_class == "share" and party in act.recipients
