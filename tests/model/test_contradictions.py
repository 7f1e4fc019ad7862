"""Contradictions among 160 covenants: all that were planted are found, none is invented; and a brute-force oracle."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.law.covenants.contradictions import contradictions
from services.law.covenants.gathering import register_of
from services.law.governance import Covenant
from tests.model.covenant_generator import ALONE, RESPELT, Planted, region

MONTHS = [date(2025 + n // 12, n % 12 + 1, 1) for n in range(19)]
PARTIES = ("p", "q", "r", "s")
NAMES = {
    "jeugd-groepen": "jeugdgroepen",
    "jeugdGroepen": "jeugdgroepen",
    "jeugdgroep": "jeugdgroep",
    "jeugdzorg": "jeugdzorg",
    "jeugd zorg": "jeugdzorg",
}
"""The names of annexes in that world, by what each hand calls them; one covenant may have both singular and plural."""
APPROACHES = {"jeugdgroepen": "jeugdgroep", "jeugdgroep": "jeugdgroep", "jeugdzorg": "jeugdzorg"}
"""The approaches, by name."""
TOWNS = {"M": "M", " m": "M", "N-n": "N-n", "N n": "N n", "n  N": "N n"}
"""The towns, by every spelling."""


@pytest.mark.parametrize("seed", range(16))
def test_all_are_found_and_none_invented(seed: int) -> None:
    """Exactly what was planted, whatever the order; every plant and look-alike occurs in every region."""
    bodies, planted = region(seed)
    assert len(bodies) >= 160
    assert len(planted) == 30 + len(ALONE) + len(RESPELT)
    found = contradictions(register_of(msgspec.convert(body, Covenant) for body in bodies))
    assert {(each.kind, each.covenants) for each in found} == planted
    assert len(found) == len(planted)


@pytest.mark.parametrize("seed", range(5))
def test_a_region_without_plants_has_none(seed: int) -> None:
    """Take every planted covenant away: nothing is left to find."""
    bodies, _ = region(seed)
    kept = [body for body in bodies if not body["id"].startswith(("twin", "alone"))]
    assert contradictions(register_of(msgspec.convert(body, Covenant) for body in kept)) == ()


@st.composite
def windows(draw: st.DrawFn) -> tuple[date, date]:
    """A first day and a last one, at the turns of months."""
    first, last = sorted(draw(st.lists(st.integers(0, 18), min_size=2, max_size=2, unique=True)))
    return MONTHS[first], MONTHS[last] - timedelta(days=1)


@st.composite
def covenants(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few covenants in a small world, so that they meet often."""
    return [draw(covenant(str(n))) for n in range(draw(st.integers(2, 4)))]


def covenant(covenant_id: str) -> st.SearchStrategy[dict[str, Any]]:
    """One covenant of that world: only what the oracle reads."""
    partner = st.fixed_dictionaries(
        {
            "party": st.sampled_from(PARTIES),
            "window": st.none() | windows(),
            "role": st.sampled_from(("partner", "partner", "incidental")),
        }
    )
    annex = st.fixed_dictionaries({"id": st.sampled_from(sorted(NAMES)), "plan": st.sampled_from((None, "P1Y", "P2Y"))})
    return st.fixed_dictionaries(
        {
            "id": st.just(covenant_id),
            "window": windows(),
            "purpose": st.sampled_from((None, "one", "other")),
            "towns": st.sets(st.sampled_from(sorted(TOWNS)), max_size=2),
            "frame": st.sampled_from(("avg-covenant", "avg-covenant", "wgs-zvh")),
            "partners": st.lists(partner, max_size=4),
            "informs": st.none() | st.sampled_from(PARTIES),
            "annexes": st.lists(annex, max_size=3, unique_by=lambda annex: NAMES[str(annex["id"])]),
        }
    )


@settings(max_examples=250, deadline=None)
@given(covenants())
def test_it_equals_the_oracle(world: list[dict[str, Any]]) -> None:
    """The same kinds and pairs, from the same first day to the same last, as looking at every month one by one."""
    found = contradictions(register_of(msgspec.convert(_body(given), Covenant) for given in world))
    assert {(each.kind, each.covenants): (each.since, each.until) for each in found} == _oracle(world)


def _body(given: dict[str, Any]) -> dict[str, Any]:
    partners = [
        {"party": partner["party"], "role": partner["role"]}
        | ({} if partner["window"] is None else {"from": partner["window"][0], "until": partner["window"][1]})
        for partner in given["partners"]
    ]
    annexes = [
        {"id": annex["id"], "retention": {} if annex["plan"] is None else {"plan": annex["plan"]}}
        for annex in given["annexes"]
    ]
    return {
        "id": given["id"],
        "version": 1,
        "validFrom": given["window"][0],
        "validUntil": given["window"][1],
        "purpose": given["purpose"],
        "territory": sorted(given["towns"]),
        "legalFrame": given["frame"],
        "partners": partners,
        "arrangement": {"informs": given["informs"]},
        "annexes": annexes,
    }


def _oracle(world: list[dict[str, Any]]) -> dict[tuple[str, tuple[str, ...]], tuple[date, date]]:
    found: dict[tuple[str, tuple[str, ...]], tuple[date, date]] = {}
    for month, following in pairwise(MONTHS):
        held = [given for given in world if given["window"][0] <= month <= given["window"][1]]
        seen: Planted = {("parties", (given["id"],)) for given in held if _disagrees_with_itself(given, month)}
        for first, second in combinations(held, 2):
            pair = (first["id"], second["id"])
            seen |= {(kind, pair) for kind in _kinds(first, second, month)}
        for key in seen:
            since = found[key][0] if key in found else month
            found[key] = (since, following - timedelta(days=1))
    return found


def _roles(given: dict[str, Any], month: date) -> dict[str, set[str]]:
    roles: dict[str, set[str]] = {}
    for partner in given["partners"]:
        window = partner["window"] or (month, month)
        if window[0] <= month <= window[1]:
            roles.setdefault(partner["party"], set()).add(partner["role"])
    return roles


def _disagrees_with_itself(given: dict[str, Any], month: date) -> bool:
    roles = _roles(given, month)
    stranger = given["informs"] is not None and bool(roles) and given["informs"] not in roles
    return stranger or any(len(each) == 2 for each in roles.values())


def _kinds(first: dict[str, Any], second: dict[str, Any], month: date) -> set[str]:
    ours, theirs = _roles(first, month), _roles(second, month)
    towns = [{TOWNS[town] for town in given["towns"]} for given in (first, second)]
    meet = not towns[0] or not towns[1] or towns[0] & towns[1]
    if not meet or first["frame"] != second["frame"] or not ours.keys() & theirs.keys():
        return set()
    pairs = _pairs(first, second)
    nameless = not first["annexes"] and not second["annexes"] and first["purpose"] == second["purpose"] is not None
    if not pairs and not nameless:
        return set()
    kinds = set()
    if any(None not in terms and len(set(terms)) == 2 for terms in pairs):
        kinds.add("retention")
    if first["purpose"] and second["purpose"] and first["purpose"] != second["purpose"]:
        kinds.add("purpose")
    if _differ(first, second, ours, theirs):
        kinds.add("parties")
    return kinds


def _pairs(first: dict[str, Any], second: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """The terms of every two annexes of one approach: of one name first, and of what is left those in another form."""
    ours, theirs = ({NAMES[annex["id"]]: annex["plan"] for annex in given["annexes"]} for given in (first, second))
    pairs = [(ours.pop(name), theirs.pop(name)) for name in sorted(ours.keys() & theirs.keys())]
    left = [(mine, yours) for mine in ours for yours in theirs if APPROACHES[mine] == APPROACHES[yours]]
    return pairs + [(ours[mine], theirs[yours]) for mine, yours in left]


def _differ(
    first: dict[str, Any], second: dict[str, Any], ours: dict[str, set[str]], theirs: dict[str, set[str]]
) -> bool:
    full = [{party for party, roles in side.items() if "partner" in roles} for side in (ours, theirs)]
    smaller = min(len(full[0]), len(full[1]))
    if smaller == 0 or 2 * len(full[0] & full[1]) < smaller:
        return False
    towns = [{TOWNS[town] for town in given["towns"]} or {*TOWNS.values(), "elsewhere"} for given in (first, second)]
    lacks = (full[0] - full[1] and towns[0] <= towns[1]) or (full[1] - full[0] and towns[1] <= towns[0])
    informers = [first["informs"], second["informs"]]
    acts = _acts(informers[0], ours, theirs, alone=towns[0] <= towns[1])
    acts = acts and _acts(informers[1], theirs, ours, alone=towns[1] <= towns[0])
    return bool(lacks) or (informers[0] != informers[1] and acts)


def _acts(informer: str | None, ours: dict[str, set[str]], theirs: dict[str, set[str]], *, alone: bool) -> bool:
    """A partner of both, or an incidental one of its own covenant ``alone``, which covers no more ground."""
    if informer is None or informer not in ours:
        return False
    return informer in theirs or (alone and "partner" not in ours[informer])
