"""For how many purposes a word is used: at one time, whichever day is asked about."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.covenants.contradictions import contradictions
from services.law.covenants.gathering import register_of
from services.law.covenants.word_purposes import WordPurposes
from services.law.register import Register
from tests.unit.law.covenants.fixtures import Body, read, with_annex

KEY = ("name", "hoofd")
DAYS = [date(year, month, 1) for year in range(2024, 2028) for month in (1, 6)]


def used(*uses: tuple[str, str, str, str | None]) -> WordPurposes:
    """A word as it is used: in which town, for what, from when until when."""
    found = WordPurposes()
    for town, purpose, since, until in uses:
        days = date.fromisoformat(since), None if until is None else date.fromisoformat(until)
        found.add(KEY, (town,) if town else (), purpose, *days)
    return found


@pytest.mark.parametrize(
    ("until", "tells"), [("2025-12-31", True), ("2026-01-01", False), ("2026-06-01", False), (None, False)]
)
def test_purposes_count_together_on_one_day(*, until: str | None, tells: bool) -> None:
    """Three purposes and a fourth that begins as one of them ends; a day on which all four hold makes it any word."""
    words = used(
        ("M", "a", "2024-01-01", until),
        ("M", "b", "2024-01-01", None),
        ("M", "c", "2025-01-01", None),
        ("M", "d", "2026-01-01", None),
        ("N", "a", "2024-01-01", None),
    )
    assert words.tells(KEY, {"M"}) is tells
    assert words.tells(KEY, {"M", "N"})
    assert words.tells(("name", "else"), {"M"})


def test_what_holds_everywhere_holds_in_each_town() -> None:
    """Two purposes of a town and two of everywhere are four there."""
    days = ("2024-01-01", None)
    words = used(("M", "a", *days), ("M", "b", *days), ("", "c", *days), ("", "d", *days))
    assert not words.tells(KEY, {"M"})
    assert words.tells(KEY, {"N"})
    assert words.tells(KEY, ())


@pytest.mark.parametrize(("towns", "since", "tells"), [(8, "2026-01-01", False), (7, "2026-01-01", True)])
def test_what_most_towns_use_for_several_purposes_is_any_word(*, towns: int, since: str, tells: bool) -> None:
    """Eight towns with two purposes at one time; with one purpose after the other in each there is one word."""
    uses = [(f"M{n}", "a", "2024-01-01", "2026-06-30") for n in range(towns)]
    both = used(*uses, *((f"M{n}", "b", since, None) for n in range(towns)))
    after = used(*uses, *((f"M{n}", "b", "2026-07-01", None) for n in range(towns)))
    assert both.tells(KEY, {"M1"}) is tells
    assert after.tells(KEY, {"M1"})


def renewed(covenant_id: str, purpose: str, *, beside: bool = False) -> list[Body]:
    """A covenant and its renewal in 2026 for another purpose: a next version, or another covenant after it."""
    old = with_annex(covenant_id, id="hoofd") | {"purpose": f"{purpose} 2024", "validFrom": "2024-01-01"}
    new = old | {"purpose": f"{purpose} 2026", "validFrom": "2026-01-01"}
    if beside:
        return [old | {"validUntil": "2025-12-31"}, new | {"id": f"{covenant_id}-2026"}]
    return [old, new | {"version": 2}]


def told_on(register: Register, day: date | None) -> set[tuple[str, tuple[str, ...]]]:
    """Kind and covenants of what is told of a day, or of any."""
    return {(each.kind, each.covenants) for each in contradictions(register, day)}


@pytest.mark.parametrize("beside", [False, True])
def test_a_renewal_for_another_purpose_does_not_silence_an_approach(*, beside: bool) -> None:
    """Four purposes in all, and never more than two at one time: they contradict each other on every day of both."""
    register = register_of(map(read, [*renewed("a", "p", beside=beside), *renewed("b", "q", beside=beside)]))
    any_day = told_on(register, None)
    assert any_day == {("purpose", pair) for pair in ([("a", "b"), ("a-2026", "b-2026")] if beside else [("a", "b")])}
    assert set().union(*(told_on(register, day) for day in DAYS)) == any_day
    if not beside:
        (only,) = contradictions(register)
        assert (only.since, only.until) == (date(2024, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize("changes", [{"id": "hoofd"}, {"id": "1", "consultation": "overleg"}])
def test_what_a_word_is_on_one_day_it_is_on_every_day(changes: Any) -> None:
    """Covenants that begin one by one under one word for anything: none is told of the days of the first two."""
    world = [
        with_annex(f"c{n}", **changes) | {"purpose": f"doel {n}", "validFrom": f"202{n + 2}-01-01"} for n in range(4)
    ]
    register = register_of(map(read, world))
    assert told_on(register, None) == set()
    assert [told_on(register, day) for day in DAYS] == [set()] * len(DAYS)
