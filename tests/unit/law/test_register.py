"""The register by valid-time and known-time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.governance import (
    Addendum,
    Covenant,
    Entry,
    Interpretation,
    Mandate,
    Municipality,
    Partner,
    Party,
    Purpose,
)
from services.law.register import DAYS_CACHED_MAX, DayView, Known, Register
from tests.unit.law.builders import activity, covenant, decision, register

DAY = date(2026, 6, 1)


def _known(*entries: Entry) -> list[Known]:
    return [Known(entry, p, datetime(2026, 1, p, tzinfo=UTC)) for p, entry in enumerate(entries, start=1)]


def test_the_highest_version_in_force_wins() -> None:
    """Of three versions the highest that is valid on the day; a later correction of it wins over the first."""
    entries = [
        covenant(version=2, purpose="two", valid_from=date(2026, 1, 1)),
        covenant(version=1, purpose="one"),
        covenant(version=3, purpose="three", valid_from=date(2027, 1, 1)),
        covenant(version=2, purpose="two again", valid_from=date(2026, 1, 1)),
    ]
    known = Register(_known(*entries))
    found = [known.covenant("house", date(year, 6, 1)) for year in (2024, 2025, 2026, 2027, 2028)]
    assert [c and c.purpose for c in found] == [None, "one", "two again", "three", None]


def test_known_time_is_chosen_by_instant_or_position() -> None:
    """A register as it was known then holds nothing that came later."""
    history = _known(covenant(purpose="first"), covenant(purpose="second"))
    known = Register(reversed(history))
    assert (known.position, known.history, Register().position) == (2, tuple(history), 0)
    for earlier in (known.known_at(datetime(2026, 1, 1, tzinfo=UTC)), known.known_until(1)):
        found = earlier.covenant("house", DAY)
        assert found is not None
        assert (earlier.position, found.purpose) == (1, "first")


def test_every_kind_is_found_by_its_id() -> None:
    """Lists come in order of id; an unknown id is None."""
    mandate = Mandate(id="m", from_="mayor", to="youth")
    purpose = Purpose(id="p", text="help")
    known = register(activity(), decision(), mandate, purpose)
    assert [known.purpose("p", DAY), known.mandates(DAY)] == [purpose, (mandate,)]
    assert [known.activity("youth-work", DAY), known.decision("umbrella", DAY)] == [activity(), decision()]
    assert [party.id for party in known.parties(DAY)] == sorted(known.party_ids())
    assert [c.id for c in known.covenants(DAY)] == ["house"]
    assert known.party("nobody", DAY) is None
    assert (known.knows_covenant("house"), known.knows_covenant("x")) == (True, False)
    assert (known.knows_party("mayor"), known.knows_party("nobody")) == (True, False)


@pytest.mark.parametrize(
    ("day", "organ"),
    [("2024-12-31", None), ("2025-01-01", "raad"), ("2026-01-01", "college"), ("2030-01-01", "college")],
)
def test_a_party_that_ended_is_known_as_it_was_last(day: str, organ: str | None) -> None:
    """Before it began it was nothing; while it lasts it is what it is that day."""
    first = Party(id="p", kind="public-body", organ="raad", valid_from=date(2025, 1, 1), valid_until=date(2025, 12, 31))
    then = Party(id="p", kind="public-body", organ="college", valid_from=date(2026, 1, 1), valid_until=date(2026, 6, 1))
    found = register(first, then).latest_party("p", date.fromisoformat(day))
    assert (found and found.organ) == organ


def test_the_view_of_a_day_equals_the_register() -> None:
    """What a view compiles and keeps is what the register answers, at first and at second asking."""
    known = register(activity(), decision())
    view = known.on(DAY)
    for _ in range(2):
        assert view.party("mayor") == known.party("mayor", DAY)
        assert view.party("nobody") is None
        assert view.activities["youth-work"] == activity()
        assert view.activities_of("youth") == (activity(),)
        assert view.activities_of("mayor") == ()
        assert view.decisions["umbrella"] == decision()
        assert view.covenants["unknown"] is None
        assert view.knows_covenant("house")
    assert known.on(DAY) is view


def test_unknown_ids_are_not_kept() -> None:
    """Asking for a thousand invented parties leaves the view as small as it was."""
    view = register().on(DAY)
    for number in range(1000):
        assert view.party(f"invented-{number}") is None
    assert len(view.parties) == 0


def test_views_are_bounded() -> None:
    """After more days than the cache holds, it has started afresh, and answers stay the same."""
    known = register()
    first = known.on(date.fromordinal(DAY.toordinal()))
    for offset in range(1, DAYS_CACHED_MAX + 1):
        known.on(date.fromordinal(DAY.toordinal() + offset))
    assert known.on(DAY) is not first
    assert known.on(DAY).party("mayor") == first.party("mayor")


@pytest.mark.parametrize(
    ("day", "is_partner"), [("2026-05-31", False), ("2026-06-01", True), ("2026-06-30", True), ("2026-07-01", False)]
)
def test_partners_have_dates(*, day: str, is_partner: bool) -> None:
    """Joining and leaving days are both inclusive."""
    body = {
        "id": "c",
        "version": 1,
        "validFrom": "2026-01-01",
        "partners": [{"party": "p", "from": "2026-06-01", "until": "2026-06-30"}],
    }
    found = msgspec.convert(body, Covenant)
    assert found.partner_on("p", date.fromisoformat(day)) is is_partner
    assert not found.partner_on("q", date.fromisoformat(day))
    assert found.annex("x") is None


def test_a_party_tells_absence_from_silence() -> None:
    """`contract: null` is stated absence; a contract left out is unset."""
    silent = msgspec.convert({"id": "p", "kind": "processor"}, Party)
    stated = msgspec.convert({"id": "p", "kind": "processor", "contract": None}, Party)
    assert silent.contract is msgspec.UNSET
    assert stated.contract is None


def test_what_is_in_force_is_listed() -> None:
    """Covenants as they are, decisions by kind, activities: in order of id, per day."""
    under = covenant("above", purpose="all", umbrella=True)
    child = Covenant(id="child", version=1, valid_from=date(2025, 1, 1), valid_until=date(2026, 6, 1), umbrella="above")
    decisions = (decision(id="b"), decision(id="a"), decision(id="c", kind="wpg-19", valid_until=date(2026, 5, 31)))
    known = register(under, child, activity(), *decisions)
    assert known.covenant_ids() == ("above", "child", "house")
    assert [c.purpose for c in known.covenants(DAY)] == ["all", "all", "youth-groups"]
    assert known.covenant("child", date(2026, 6, 2)) is None
    view = known.on(DAY)
    assert [c.covenant.id for c in view.covenants_in_force()] == ["above", "child", "house"]
    for _ in range(2):
        assert [d.id for d in view.decisions_of_kind("wpg-20")] == ["a", "b"]
        assert view.decisions_of_kind("wpg-19") == ()
        assert [c.covenant.id for c in view.covenants_in("M")] == ["above", "child", "house"]
    assert [d.id for d in known.decisions(DAY)] == ["a", "b"]
    assert view.activities_in_force() == (activity(),)
    resolved = known.resolved_covenant("child", DAY)
    assert resolved is not None
    assert (resolved.stated, resolved.covenant.purpose) == (child, "all")


def test_what_a_view_makes_is_made_once() -> None:
    """A function of the view is asked once per day, and its answer kept."""
    view = register().on(DAY)
    asked: list[date] = []

    def maker(of: DayView) -> tuple[str, ...]:
        asked.append(of.day)
        return ("made",)

    assert view.made_by(maker) is view.made_by(maker)
    assert asked == [DAY]


def test_days_alike_share_a_covenant() -> None:
    """One object serves all days on which nothing of a covenant differs; a partner that leaves makes another."""
    leaving = Partner(party="care", until=DAY)
    known = register(covenant("open", partners=(Partner(party="mayor"), leaving)))
    first, second, third = (known.on(DAY + timedelta(days=days)).covenants["open"] for days in (-1, 0, 1))
    assert first is second
    assert third is not second
    assert second is not None
    assert third is not None
    assert ("care" in second.partners, "care" in third.partners) == (True, False)
    assert known.on(DAY + timedelta(days=2)).covenants["open"] is third


def test_a_covenant_made_public_is_another_from_that_day() -> None:
    """Under published criteria the annex stands in for reasons from its publication on, though its text is the same."""
    known = register(covenant(published=DAY))
    before, after = (known.on(day).covenants["house"] for day in (DAY - timedelta(days=1), DAY))
    assert before is not None
    assert after is not None
    assert [day.annexes["groups"].supplies_necessity for day in (before, after)] == [False, True]


def test_another_reading_shares_nothing() -> None:
    """What was compiled under the covenant's own regime does not serve whoever reads it under another."""
    known = register()
    own = known.on(DAY).covenants["house"]
    reread = known.rereading("house", 3).on(DAY).covenants["house"]
    assert own is not None
    assert reread is not None
    assert (own.covenant.regime, reread.covenant.regime) == (2, 3)


@given(days=st.lists(st.integers(-3, 9), min_size=2, max_size=8))
def test_what_days_share_is_what_each_would_have_made(days: list[int]) -> None:
    """In whatever order days are asked for, each has the covenant that a register without any other day makes."""
    first = DAY + timedelta(days=1)
    entries: tuple[Entry, ...] = (
        covenant(version=2, valid_from=first, purpose="another"),
        covenant(partners=(Partner(party="mayor", until=DAY), Partner(party="care", from_=DAY + timedelta(days=2)))),
        Addendum(id="more", covenant="house", valid_from=DAY + timedelta(days=3), partners=(Partner(party="school"),)),
        Interpretation(id="read", covenant="house", regime=3, by="mayor", text="", valid_from=DAY + timedelta(days=5)),
        Municipality(id="M", name="Middelstad", valid_from=date(2020, 1, 1), valid_until=DAY + timedelta(days=6)),
        covenant(covenant_id="public", published=DAY + timedelta(days=7)),
    )
    shared = register(*entries)
    for day in (DAY + timedelta(days=offset) for offset in days):
        for name in ("house", "public"):
            found, fresh = (known.on(day).covenants[name] for known in (shared, register(*entries)))
            assert found is not None
            assert fresh is not None
            assert found.made_of == fresh.made_of
