"""How long a WGS partnership keeps data: five years, a renewal of two, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.law.context import PastAct
from services.law.governance import Arrangement, Decision, Entry
from services.law.inform import informer_of
from services.law.local_time import amsterdam_day
from services.law.wgs_terms import is_under_wgs, maximum_end, partnership_term, renewal_end
from tests.unit.law.builders import act, covenant, holding_term, register

WGS = covenant(legal_frame="wgs-zvh", valid_from=date(2024, 1, 1))


def decided(kind: str = "wgs-renewal", **changes: Any) -> Decision:
    """A decision to renew from 1 June 2026, or with the changes named."""
    given: dict[str, Any] = {"id": "d-1", "by": "college", "valid_from": date(2026, 6, 1)}
    return Decision(kind=kind, **(given | changes))


@pytest.mark.parametrize(
    ("changes", "entries", "since", "expected"),
    [
        ({}, [WGS], None, ("wgs-maximum", "P5Y", "2031-06-01")),
        ({}, [WGS], date(2026, 2, 28), ("wgs-maximum", "P5Y", "2031-02-28")),
        ({}, [], None, None),
        ({"covenant": None}, [WGS], None, None),
        ({"occurred_at": datetime(2025, 2, 28, 12, tzinfo=UTC)}, [WGS], None, None),
        ({"occurred_at": datetime(2025, 3, 1, 12, tzinfo=UTC)}, [WGS], None, ("wgs-maximum", "P5Y", "2030-03-01")),
        ({"decision_id": "d-1"}, [WGS, decided()], date(2021, 1, 1), ("wgs-renewal", "P2Y", "2028-06-01")),
        ({"decision_id": "d-1"}, [WGS, decided(valid_from=None)], None, ("wgs-renewal", "P2Y", "2028-06-01")),
        ({"decision_id": "d-1"}, [WGS, decided("wgs-not-taken-up")], None, ("bgs-not-taken-up", "P0D", "2026-06-01")),
        ({"decision_id": "d-1"}, [WGS, decided("legality-opinion")], None, ("wgs-maximum", "P5Y", "2031-06-01")),
        ({"decision_id": "d-2"}, [WGS, decided()], None, ("wgs-maximum", "P5Y", "2031-06-01")),
        ({"decision_id": "d-1"}, [decided()], None, None),
    ],
)
def test_the_term_of_a_partnership(
    changes: dict[str, Any], entries: list[Entry], since: date | None, expected: tuple[str, str, str] | None
) -> None:
    """Five years from the first processing, two of a renewal, none of what is not taken up; only under the WGS."""
    given = act(**changes)
    found = partnership_term(given, register(*entries).on(amsterdam_day(given.occurred_at)), since)
    assert (found and (found.rule, found.period, str(found.ends))) == expected


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({}, "2028-06-01"),
        ({"valid_until": date(2027, 1, 31)}, "2027-01-31"),
        ({"valid_until": date(2036, 1, 1)}, "2028-06-01"),
        ({"valid_from": None}, "2028-07-15"),
        ({"valid_from": date(2024, 2, 29)}, "2026-02-28"),
    ],
)
def test_a_renewal_lasts_two_years_at_most(changes: dict[str, Any], ends: str) -> None:
    """From its own first day, clamped to the month; sooner when the decision itself ends sooner (BGS 1.16(3))."""
    assert str(renewal_end(decided(**changes), date(2026, 7, 15))) == ends


def test_a_renewal_is_repeated_by_another_decision() -> None:
    """Each carries its own act: two years, and two more from the day of the second."""
    first = decided(valid_from=date(2024, 6, 3), valid_until=date(2026, 6, 3))
    second = decided(id="d-2")
    known = register(WGS, first, second)
    ends = []
    for name, at in (("d-1", datetime(2025, 6, 3, 9, tzinfo=UTC)), ("d-2", datetime(2026, 6, 1, 9, tzinfo=UTC))):
        term = holding_term(act(decision_id=name, occurred_at=at, phase="weighing"), known)
        assert term is not None
        ends.append((term.rule, str(term.ends)))
    assert ends == [("wgs-renewal", "2026-06-03"), ("wgs-renewal", "2028-06-01")]


def test_not_taken_up_beats_every_phase() -> None:
    """What is not taken up ends with its day, whatever the annex says (BGS 1.16(1)); the phase is named as lost."""
    term = holding_term(act(decision_id="d-1"), register(WGS, decided("wgs-not-taken-up")))
    assert term is not None
    assert (str(term.ends), term.rule, [lost.rule for lost in term.lost]) == (
        "2026-06-01",
        "bgs-not-taken-up",
        ["covenant-phase"],
    )


@pytest.mark.parametrize(
    ("day", "informer", "under"), [(date(2025, 2, 28), "college", False), (date(2025, 3, 1), "mayor", True)]
)
def test_before_the_wgs_a_table_is_an_avg_covenant(day: date, informer: str, *, under: bool) -> None:
    """WGS and BGS hold since 1 March 2025: until then who informs is whom the covenant names (BGS 1.3)."""
    table = covenant(
        legal_frame="wgs-zvh",
        valid_from=date(2024, 1, 1),
        arrangement=Arrangement(contact_point="mayor", informs="college"),
    )
    known = register(table)
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    collected = PastAct(operation_class="collect", occurred_at=at, controller="mayor", covenant="house")
    assert informer_of(collected, known) == informer
    assert is_under_wgs(known.covenant("house", day)) is under


def test_only_the_legal_frame_says_that_it_is_the_wgs() -> None:
    """An AVG covenant beside a Zorg- en Veiligheidshuis is none."""
    assert [is_under_wgs(each) for each in (WGS, covenant(), None)] == [True, False, False]


def test_five_years_are_clamped() -> None:
    """From 29 February until the last day of that month."""
    assert maximum_end(date(2028, 2, 29)) == date(2033, 2, 28)
