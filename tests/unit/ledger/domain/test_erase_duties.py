"""Who must erase what because of which act, and what came of it."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.law.local_time import end_of_day
from services.ledger.domain.erase_duties import EraseAnswer, EraseDuty, erase_duties, reached_parties
from services.ledger.domain.holdings import HoldingRow, holdings

START = datetime(2026, 9, 1, 10, tzinfo=UTC)
PERSON = UUID(int=1, version=4)
ALWAYS = datetime(2099, 1, 1, tzinfo=UTC)


def at(day: int) -> datetime:
    """Ten o'clock on a day of the story."""
    return START + timedelta(days=day)


def row(position: int, party: str, day: int, **fields: Any) -> HoldingRow:
    """An act on the party's holding of the name at a position: its own collect, unless said otherwise."""
    given: dict[str, Any] = {
        "lane": 0,
        "stream_id": PERSON,
        "operation_id": UUID(int=position),
        "effect": 1,
        "occurred_at": at(day),
        "recorded_at": at(day),
        "categories": ("name",),
        "covenant": "huis",
        "annex": "jeugd",
    }
    return HoldingRow(party=party, position=position, **(given | fields))


def share(position: int, supplier: str, party: str, day: int, **fields: Any) -> HoldingRow:
    """The supplier gives the party the name."""
    return row(position, party, day, supplied_by=supplier, **fields)


def delete(position: int, party: str, day: int, **fields: Any) -> HoldingRow:
    """The party erases the name."""
    return row(position, party, day, effect=-1, **fields)


def answer(party: str, day: int, outcome: Any, **fields: Any) -> EraseAnswer:
    """An answer to what the act at position 9 brought about."""
    return EraseAnswer(cause=(0, 9), party=party, at=at(day), outcome=outcome, **fields)


def duties(rows: list[HoldingRow], day: int, *answers: EraseAnswer, known: datetime = ALWAYS) -> list[EraseDuty]:
    """What is owed on a day."""
    return erase_duties(rows, answers, at(day), known)


def states(rows: list[HoldingRow], day: int, *answers: EraseAnswer) -> dict[tuple[str, int], str]:
    """The state by party and position of the cause."""
    return {(duty.party, duty.cause[1]): duty.state for duty in duties(rows, day, *answers)}


BOTH = ("name", "role")
STORY = [
    row(1, "mayor", 0, categories=BOTH),
    share(2, "mayor", "police", 1, categories=BOTH),
    share(3, "mayor", "youth", 1, categories=BOTH),
    share(4, "youth", "school", 2),
    delete(9, "mayor", 5, categories=BOTH),
]


def test_a_delete_makes_everyone_owe_who_got_it() -> None:
    """Directly or onward, each with the categories it got; the party that deleted demands and owes nothing."""
    found = duties(STORY, 6)
    assert [(duty.party, duty.controller, duty.data_categories) for duty in found] == [
        ("police", "mayor", BOTH),
        ("school", "mayor", ("name",)),
        ("youth", "mayor", BOTH),
    ]
    first = found[0]
    assert (first.cause, first.stream, first.reason, first.since) == ((0, 9), (0, PERSON), "deleted", at(5))
    assert first.due == end_of_day(date(2026, 9, 20))
    assert first.scopes == {("huis", "jeugd")}
    assert first.answer is None


def test_before_the_delete_nothing_is_owed() -> None:
    """An obligation begins with its cause, as it happened and as it was known."""
    assert duties(STORY, 4) == []
    assert duties(STORY, 6, known=at(4)) == []
    assert duties([*STORY[:-1], delete(9, "mayor", 5, removed_at=at(6))], 7) == []


def test_another_scope_is_not_reached() -> None:
    """A delete under another annex leaves the holders alone; one that names no scope reaches all."""
    other = delete(9, "mayor", 5, annex="other")
    plain = delete(9, "mayor", 5, covenant=None, annex=None)
    assert duties([*STORY[:-1], other], 6) == []
    assert duties([STORY[0], other], 6) == []
    assert {duty.party for duty in duties([*STORY[:-1], plain], 6)} == {"police", "school", "youth"}


@pytest.mark.parametrize(
    ("deletes", "state"),
    [
        ([], "owed"),
        ([delete(10, "youth", 6, categories=("name",))], "owed"),
        ([delete(10, "youth", 6, categories=BOTH)], "confirmed"),
        ([delete(10, "youth", 5, categories=BOTH)], "confirmed"),
        ([delete(10, "youth", 6, categories=())], "confirmed"),
        ([delete(10, "youth", 6), delete(11, "youth", 7, categories=("role", "other"))], "confirmed"),
        ([delete(10, "police", 6, categories=BOTH)], "owed"),
    ],
)
def test_only_acts_that_name_all_of_it_confirm(deletes: list[HoldingRow], state: str) -> None:
    """The holder's own deletes at or after the cause must together name every category; no category means all."""
    assert states([*STORY, *deletes], 8)["youth", 9] == state


def test_who_erased_before_owes_nothing() -> None:
    """What was gone when the supplier deleted is not owed, unless the holder got it again in between."""
    gone = delete(8, "youth", 4, categories=BOTH)
    assert ("youth", 9) not in states([*STORY, gone], 6)
    again = [*STORY, delete(7, "youth", 3, categories=BOTH), share(8, "mayor", "youth", 4)]
    found = next(duty for duty in duties(again, 6) if (duty.party, duty.cause) == ("youth", (0, 9)))
    assert (found.data_categories, found.state) == (("name",), "owed")


def test_a_later_act_carries_it_on() -> None:
    """What the holder got again after the delete is not owed any more; what it got by itself only is never owed."""
    assert ("police", 9) in states([*STORY, share(10, "mayor", "police", 5)], 7)
    carried = [*STORY, share(10, "mayor", "police", 6, categories=BOTH)]
    assert states(carried, 5)["police", 9] == "owed"
    assert ("police", 9) not in states(carried, 7)
    assert ("police", 9) not in states([*carried, delete(11, "police", 8, categories=BOTH)], 9)
    own = [row(1, "mayor", 0), row(2, "police", 1), share(3, "mayor", "youth", 1), delete(9, "mayor", 5)]
    assert set(states(own, 6)) == {("youth", 9)}


def test_getting_it_again_after_erasing_it_opens_nothing() -> None:
    """A holder that erased has confirmed; what it gets later is another holding."""
    rows = [*STORY, delete(10, "police", 6, categories=BOTH), share(11, "mayor", "police", 7)]
    assert states(rows, 8)["police", 9] == "confirmed"


ENDS = date(2026, 9, 10)


def test_a_term_that_ended_makes_its_holder_owe() -> None:
    """From 24:00 of the last day; the act whose term ended last is the cause, its supplier demands."""
    rows = [
        row(1, "mayor", 0, ends=date(2026, 9, 3)),
        share(2, "mayor", "youth", 1, ends=date(2026, 9, 8), categories=BOTH),
        share(3, "college", "youth", 2, ends=ENDS, covenant=None, annex=None),
    ]
    found = erase_duties(rows, (), end_of_day(ENDS), ALWAYS)
    assert [(d.party, d.controller, d.data_categories, d.cause[1], d.reason, d.since) for d in found] == [
        ("mayor", "mayor", ("name",), 1, "ended", end_of_day(date(2026, 9, 3))),
        ("youth", "mayor", ("role",), 2, "ended", end_of_day(date(2026, 9, 8))),
        ("youth", "college", ("name",), 3, "ended", end_of_day(ENDS)),
    ]
    assert found[2].due == end_of_day(date(2026, 9, 24))
    assert found[2].scopes == {("huis", "jeugd")}
    before = erase_duties(rows, (), end_of_day(ENDS) - timedelta(microseconds=1), ALWAYS)
    assert [duty.cause[1] for duty in before] == [1, 2]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ([], {("youth", 1): "owed"}),
        ([delete(2, "youth", 5)], {}),
        ([delete(2, "youth", 12)], {("youth", 1): "confirmed"}),
        ([share(2, "mayor", "youth", 3)], {}),
        ([row(2, "youth", 15, ends=date(2026, 10, 1))], {}),
        ([delete(2, "youth", 5), share(3, "mayor", "youth", 6, ends=ENDS)], {("youth", 3): "owed"}),
    ],
)
def test_terms_between_deletes(more: list[HoldingRow], found: dict[tuple[str, int], str]) -> None:
    """Erased in time nothing is owed; an unknown or a later term keeps it open; every delete begins anew."""
    assert states([share(1, "mayor", "youth", 0, ends=ENDS), *more], 20) == found


@pytest.mark.parametrize(
    ("answers", "day", "state", "by"),
    [
        ([("kept", 6, {"until": date(2026, 9, 12), "norm": "Wpg 8(6)"})], 8, "kept", 0),
        ([("kept", 6, {"until": date(2026, 9, 12)})], 12, "owed", None),
        ([("kept", 6, {})], 500, "kept", 0),
        ([("impossible", 6, {})], 500, "impossible", 0),
        ([("impossible", 6, {}), ("kept", 7, {"until": date(2026, 9, 20)})], 8, "kept", 1),
        ([("kept", 6, {"until": date(2026, 9, 20)}), ("erased", 7, {})], 8, "confirmed", 1),
        ([("erased", 7, {}), ("impossible", 8, {})], 9, "confirmed", 0),
        ([("erased", 9, {})], 8, "owed", None),
    ],
)
def test_answers(answers: list[tuple[str, int, dict[str, Any]]], day: int, state: str, by: int | None) -> None:
    """The latest answer counts from its moment, erased for good; what is kept is owed again after its day."""
    given = [answer("youth", when, outcome, **more) for outcome, when, more in answers]
    found = next(duty for duty in duties(STORY, day, *given) if duty.party == "youth")
    assert (found.state, found.answer) == (state, None if by is None else given[by])


def test_what_was_kept_is_due_anew() -> None:
    """After the day until which it was kept the two weeks run again; an answer of another party changes nothing."""
    given = answer("youth", 6, "kept", until=date(2026, 9, 12))
    due = {duty.party: duty.due for duty in duties(STORY, 12, given)}
    assert due["youth"] == end_of_day(date(2026, 9, 26))
    assert due["police"] == end_of_day(date(2026, 9, 20))


def test_whom_a_delete_reaches_before_it_is_stored() -> None:
    """The parties that will owe, as the inbox will say once it is stored; what a stored one brought is not repeated."""
    known = [*STORY[:-1], delete(8, "mayor", 4, categories=("role",))]
    assert reached_parties(STORY[-1], known, at(5)) == ("police", "school", "youth")
    assert reached_parties(STORY[-1], [], at(5)) == ()


@pytest.mark.parametrize("seed", range(60))
def test_what_is_owed_is_what_holdings_say(seed: int) -> None:
    """On random histories a category is owed exactly where its holding is; one obligation per cause and party."""
    pick = random.Random(seed)
    parties = ("a", "b", "c", "d")
    rows: list[HoldingRow] = []
    for position in range(1, pick.randint(2, 16)):
        party, supplier = pick.sample(parties, 2)
        kind = pick.choice(("own", "share", "share", "delete"))
        rows.append(
            row(
                position,
                party,
                pick.randint(0, 8),
                effect=-1 if kind == "delete" else 1,
                supplied_by=supplier if kind == "share" else None,
                categories=tuple(pick.sample(("x", "y"), pick.randint(0 if kind == "delete" else 1, 2))),
                ends=None if pick.random() < 0.5 else date(2026, 9, 1) + timedelta(days=pick.randint(0, 9)),
                annex=pick.choice(("one", "two")),
            )
        )
    for day in range(12):
        held = holdings(rows, at(day), ALWAYS)
        owed = {(one.party, one.categories[0]) for one in held if one.status == "erasure-owed"}
        found = duties(rows, day)
        named = {(duty.party, name) for duty in found if duty.state == "owed" for name in duty.data_categories}
        assert owed <= named
        assert all(
            any((duty.party, name) in owed for name in duty.data_categories) for duty in found if duty.state == "owed"
        )
        assert len({(duty.cause, duty.party) for duty in found}) == len(found)
