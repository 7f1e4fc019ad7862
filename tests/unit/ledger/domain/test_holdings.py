from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.ledger.domain.holdings import Basis, Holding, HoldingRow, group_categories, holdings, keep_supplied

START = datetime(2026, 9, 1, 10, tzinfo=UTC)
PERSON = UUID(int=1, version=4)
ANNEX = {"covenant": "huis", "annex": "jeugd"}


def at(day: int) -> datetime:
    """Ten o'clock on a day of the story."""
    return START + timedelta(days=day)


def row(party: str, day: int, **fields: Any) -> HoldingRow:
    """An act of the party on a day: its own collect of the name, unless said otherwise."""
    given: dict[str, Any] = {
        "lane": 0,
        "stream_id": PERSON,
        "position": day * 10 + len(party),
        "operation_id": UUID(int=day + 100),
        "effect": 1,
        "occurred_at": at(day),
        "recorded_at": at(day),
        "categories": ("name",),
    }
    return HoldingRow(party=party, **(given | fields))


def status(rows: list[HoldingRow], day: int = 20, known: int = 99) -> dict[str, str]:
    """The status per party."""
    return {holding.party: holding.status for holding in holdings(rows, at(day), at(known))}


def one(rows: list[HoldingRow], day: int = 20) -> Holding:
    """The only holding there is."""
    (found,) = holdings(rows, at(day), at(99))
    return found


def test_since_is_the_first_act_still_carrying_and_until_the_latest_end() -> None:
    """An act whose term is over no longer carries; the others give since, until and acts."""
    rows = [
        row("zorg", 0, ends=date(2026, 9, 5)),
        row("zorg", 1, ends=date(2026, 10, 1)),
        row("zorg", 2, ends=date(2026, 9, 30)),
    ]
    found = one(rows)
    assert (found.status, found.since, found.until) == ("held", at(1), date(2026, 10, 1))
    assert [act.occurred_at for act in found.acts] == [at(1), at(2)]


def test_at_the_end_of_its_last_day_erasure_is_owed() -> None:
    """The term ends at 24:00 Europe/Amsterdam: the moment before it is still held."""
    rows = [row("zorg", 0, ends=date(2026, 9, 5))]
    midnight = datetime(2026, 9, 5, 22, tzinfo=UTC)
    assert [holding.status for holding in holdings(rows, midnight - timedelta(seconds=1), at(99))] == ["held"]
    assert [holding.status for holding in holdings(rows, midnight, at(99))] == ["erasure-owed"]


def test_an_unknown_term_leaves_until_open() -> None:
    """One act without a known end keeps the holding from being owed by time."""
    found = one([row("zorg", 0, ends=date(2026, 9, 5)), row("zorg", 1)])
    assert (found.status, found.until) == ("held", None)


@pytest.mark.parametrize(("categories", "expected"), [(("name",), "erased"), ((), "erased"), (("contact",), "held")])
def test_a_delete_ends_what_it_names_or_all(categories: tuple[str, ...], expected: str) -> None:
    """The holder's own delete ends the category named; one that names none ends all."""
    assert status([row("zorg", 0), row("zorg", 1, effect=-1, categories=categories)]) == {"zorg": expected}


def test_a_delete_at_the_moment_of_the_last_act_ends_it_and_a_later_act_begins_anew() -> None:
    """At or after the last act; what comes later is a new holding with its own since."""
    assert status([row("zorg", 1), row("zorg", 1, effect=-1)]) == {"zorg": "erased"}
    found = one([row("zorg", 0), row("zorg", 1, effect=-1), row("zorg", 2)])
    assert (found.status, found.since) == ("held", at(2))


def test_a_suppliers_delete_is_owed_directly_and_onward() -> None:
    """Who got it from the deleting controller, or from whom got it from it, owes erasure; who got it elsewhere not."""
    rows = [
        row("politie", 1, supplied_by="college", **ANNEX),
        row("school", 2, supplied_by="politie", **ANNEX),
        row("zorg", 2, supplied_by="om", **ANNEX),
        row("college", 5, effect=-1, **ANNEX),
    ]
    assert status(rows, day=4) == {"politie": "held", "school": "held", "zorg": "held"}
    assert status(rows) == {"politie": "erasure-owed", "school": "erasure-owed", "zorg": "held"}


def test_the_chain_runs_forward_in_time() -> None:
    """What a party shared before it got the data did not come from the deleting controller."""
    rows = [
        row("school", 1, supplied_by="politie", **ANNEX),
        row("politie", 2, supplied_by="college", **ANNEX),
        row("college", 5, effect=-1, **ANNEX),
    ]
    assert status(rows) == {"politie": "erasure-owed", "school": "held"}


@pytest.mark.parametrize(
    ("share", "delete", "expected"),
    [
        (ANNEX, ANNEX, "erasure-owed"),
        (ANNEX, {"covenant": "huis", "annex": "zorg"}, "held"),
        ({"list_kind": "bruto", "list_index": "aa"}, {"list_kind": "bruto", "list_index": "aa"}, "erasure-owed"),
        ({"list_kind": "bruto", "list_index": "aa"}, {"list_kind": "netto", "list_index": "aa"}, "held"),
        ({"case_index": b"c"}, {"case_index": b"c"} | ANNEX, "erasure-owed"),
        ({"case_index": b"c"}, {"case_index": b"d"}, "held"),
        ({}, ANNEX, "held"),
        (ANNEX, {}, "erasure-owed"),
    ],
)
def test_a_suppliers_delete_reaches_its_own_scope(share: dict[str, Any], delete: dict[str, Any], expected: str) -> None:
    """The same list, covenant annex or case; a delete without any of them is about all."""
    rows = [row("politie", 1, supplied_by="college", **share), row("college", 5, effect=-1, **delete)]
    assert status(rows) == {"politie": expected}


@pytest.mark.parametrize(("day", "expected"), [(4, "erasure-owed"), (5, "erasure-owed"), (6, "held")])
def test_only_an_act_after_the_suppliers_delete_carries_it_on(day: int, expected: str) -> None:
    """An act of the holder before or at the delete does not help; a later one does."""
    rows = [
        row("politie", 1, supplied_by="college", **ANNEX),
        row("politie", day),
        row("college", 5, effect=-1, **ANNEX),
    ]
    assert status(rows) == {"politie": expected}


def test_who_erased_and_collected_by_itself_owes_nothing() -> None:
    """A supplier's delete reaches only what still stems from it."""
    rows = [
        row("politie", 1, supplied_by="college"),
        row("politie", 2, effect=-1),
        row("politie", 3),
        row("college", 5, effect=-1),
    ]
    assert status(rows) == {"politie": "held"}


def test_what_was_taken_back_counts_until_that_was_known() -> None:
    """An annulled act carries a holding for whoever did not know yet, and none afterwards."""
    rows = [row("zorg", 0, removed_at=at(8))]
    assert status(rows, known=7) == {"zorg": "held"}
    assert status(rows, known=8) == {}


def test_both_time_axes_are_inclusive() -> None:
    """An act counts from the moment it happened, and from the moment it was recorded."""
    rows = [row("zorg", 3, recorded_at=at(6))]
    assert status(rows, day=3, known=6) == {"zorg": "held"}
    assert status(rows, day=2, known=6) == {}
    assert status(rows, day=3, known=5) == {}


def test_bases_are_the_suppliers_and_the_holders_own() -> None:
    """A received act shows the supplier's basis; its own is that of an own act, or missing."""
    supplied = {"supplied_by": "college", "gdpr": "6(1)(e)", "statute": "Gemeentewet 172", **ANNEX}
    (act,) = one([row("zorg", 0, covenant_version=1, **supplied)]).acts
    assert act.supplied == Basis(
        gdpr="6(1)(e)", statute="Gemeentewet 172", covenant="huis", annex="jeugd", covenant_version=1
    )
    assert act.own is None
    received, own = one([row("zorg", 0, **supplied), row("zorg", 1, statute="Wmo 5.2.6")]).acts
    assert own.supplied is None
    assert own.own == received.own == Basis(statute="Wmo 5.2.6")


def test_linked_streams_are_one_person() -> None:
    """A delete on one stream of a person ends the holding begun on a linked one."""
    other = UUID(int=2, version=4)
    rows = [row("zorg", 0), row("zorg", 1, stream_id=other, lane=3, effect=-1)]
    assert [h.status for h in holdings(rows, at(20), at(99))] == ["held"]
    assert [h.status for h in holdings(rows, at(20), at(99), {(3, other): (0, PERSON)})] == ["erased"]


def test_categories_held_alike_are_shown_together() -> None:
    """Grouping keeps apart what differs in anything else."""
    rows = [row("zorg", 0, categories=("name", "contact")), row("zorg", 1, categories=("school",))]
    assert [h.categories for h in group_categories(holdings(rows, at(20), at(99)))] == [
        ("contact", "name"),
        ("school",),
    ]


def test_what_came_from_others_is_left_out() -> None:
    """Of one party only, which loses its own acts too; its deletes and what others have stay. Of nobody: all stays."""
    own, deleted, others = row("zorg", 0), row("zorg", 1, effect=-1), row("politie", 2, supplied_by="gemeente")
    supplied = [row("zorg", day, supplied_by=party) for day, party in ((3, "college"), (4, "school"))]
    rows = [own, deleted, others, *supplied]
    assert keep_supplied(rows, "zorg", frozenset({"college"})) == [deleted, others, supplied[0]]
    assert keep_supplied(rows, "zorg", frozenset()) == rows
