"""Covenants as bodies of the contract, to be changed in one place."""

from __future__ import annotations

import copy
from typing import Any

import msgspec

from services.law.covenants.contradictions import contradictions
from services.law.covenants.gathering import register_of
from services.law.covenants.reports import Contradiction
from services.law.governance import Covenant, Entry
from tests.unit.law.builders import reread

Body = dict[str, Any]
PARTNERS = ("college", "mayor", "police", "youth")


def body(covenant_id: str = "a", **changes: Any) -> Body:
    """A covenant with one annex, in full."""
    given: Body = {
        "id": covenant_id,
        "version": 1,
        "validFrom": "2025-01-01",
        "validUntil": "2027-12-31",
        "published": "2025-01-01",
        "regime": 2,
        "purpose": "aanpak-jeugdgroepen",
        "territory": ["Middelstad"],
        "partners": [{"party": party} for party in PARTNERS],
        "arrangement": {"contactPoint": "college", "informs": "college", "reportsBreach": "college"},
        "annexes": [
            {
                "id": "jeugdgroepen",
                "consultation": "jeugdgroepenoverleg",
                "workProcess": "integrale aanpak",
                "criteria": {"include": "two reports", "exclude": "bystanders", "ends": "half a year"},
                "dataCategories": ["name", "report"],
                "retention": {"signalling": "P3M", "plan": "P2Y"},
            }
        ],
    }
    return copy.deepcopy(given | changes)


def with_annex(covenant_id: str = "b", **changes: Any) -> Body:
    """The same covenant with its annex changed; None takes a field away."""
    given = body(covenant_id)
    annex = given["annexes"][0] | changes
    given["annexes"] = [{name: value for name, value in annex.items() if value is not None}]
    return given


def read(given: Body) -> Covenant:
    """The body as an entry of the register."""
    return msgspec.convert(given, Covenant)


def found(*bodies: Body, others: tuple[Entry, ...] = ()) -> list[Contradiction]:
    """The contradictions among the covenants, on any day."""
    return [reread(each) for each in contradictions(register_of((*map(read, bodies), *others)))]


def kinds(*bodies: Body, others: tuple[Entry, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    """Kind and covenants of each contradiction."""
    return [(each.kind, each.covenants) for each in found(*bodies, others=others)]
