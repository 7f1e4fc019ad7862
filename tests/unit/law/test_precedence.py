"""Which term holds and which lost: holds, then statutory minimums, then the shortest maximum."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.precedence import FILE_RULES, Claim, Hold, Minimum, Ruling, Term, TermRule, in_order, rule_on
from tests.unit.law.builders import reread


def day(text: str) -> date:
    """A day given by its year and month."""
    return date.fromisoformat(f"{text}-01")


ACT = Term("act", "P2Y", day("2028-06"))
PHASE = Term("covenant-phase", "P3M", day("2026-09"))
WGS = Term("wgs-maximum", "P5Y", day("2031-06"))
SHORT_LIST = Minimum("selectielijst 8.1", day("2027-06"))
LONG_LIST = Minimum("selectielijst 2.3", day("2033-06"))
COURT = Hold("court", "C-1")
YOUTH_FILE = Term("jw-7-3-8", "P20Y", day("2046-06"))
SUPPORT_FILE = Term("wmo-5-3-4", "P15Y", day("2041-06"))
LONG_ACT = Term("act", "P18Y", day("2044-06"))
REQUEST = Hold("request", "R-1")


@pytest.mark.parametrize(
    ("terms", "minimums", "holds", "order", "ends"),
    [
        ((), (), (), [], None),
        ((ACT,), (), (), ["act"], "2028-06-01"),
        ((WGS, ACT, PHASE), (), (), ["covenant-phase", "act", "wgs-maximum"], "2026-09-01"),
        ((), (SHORT_LIST,), (), ["statutory-minimum"], "2027-06-01"),
        ((PHASE, ACT), (SHORT_LIST,), (), ["statutory-minimum", "covenant-phase", "act"], "2027-06-01"),
        ((ACT,), (SHORT_LIST,), (), ["act", "statutory-minimum"], "2028-06-01"),
        ((ACT,), (Minimum("n", day("2028-06")),), (), ["act", "statutory-minimum"], "2028-06-01"),
        (
            (WGS, ACT),
            (SHORT_LIST, LONG_LIST),
            (),
            ["statutory-minimum", "act", "wgs-maximum", "statutory-minimum"],
            "2033-06-01",
        ),
        (
            (PHASE,),
            (SHORT_LIST, LONG_LIST),
            (),
            ["statutory-minimum", "statutory-minimum", "covenant-phase"],
            "2033-06-01",
        ),
        ((PHASE,), (LONG_LIST,), (COURT,), ["court", "statutory-minimum", "covenant-phase"], None),
        ((), (), (REQUEST, COURT), ["court", "request"], None),
        ((YOUTH_FILE,), (), (), ["jw-7-3-8"], "2046-06-01"),
        ((PHASE, YOUTH_FILE, ACT), (), (), ["jw-7-3-8", "covenant-phase", "act"], "2046-06-01"),
        ((LONG_ACT, YOUTH_FILE), (), (), ["jw-7-3-8", "act"], "2046-06-01"),
        ((LONG_ACT, SUPPORT_FILE), (), (), ["act", "wmo-5-3-4"], "2044-06-01"),
        ((SUPPORT_FILE, YOUTH_FILE, PHASE), (), (), ["jw-7-3-8", "wmo-5-3-4", "covenant-phase"], "2046-06-01"),
        ((SUPPORT_FILE, LONG_ACT, YOUTH_FILE), (), (), ["jw-7-3-8", "act", "wmo-5-3-4"], "2046-06-01"),
        ((Term("act", "P20Y", day("2046-06")), YOUTH_FILE), (), (), ["act", "jw-7-3-8"], "2046-06-01"),
        ((PHASE, YOUTH_FILE), (SHORT_LIST,), (), ["jw-7-3-8", "covenant-phase", "statutory-minimum"], "2046-06-01"),
        ((YOUTH_FILE, PHASE), (), (COURT,), ["court", "jw-7-3-8", "covenant-phase"], None),
    ],
)
def test_what_holds_and_what_lost(
    terms: tuple[Term, ...], minimums: tuple[Minimum, ...], holds: tuple[Hold, ...], order: list[str], ends: str | None
) -> None:
    """A hold stops everything, a minimum beats what is shorter, else the first to end holds; losers are in order."""
    ruling = reread(rule_on(terms, minimums, holds))
    found = [] if ruling.holds is None else [ruling.holds, *ruling.lost]
    assert [claim.rule for claim in found] == order
    assert (ruling.ends and str(ruling.ends)) == ends


def test_a_ruling_says_what_each_claim_rests_on() -> None:
    """The proceeding, the norm or the period."""
    assert rule_on((PHASE,), (LONG_LIST,), (COURT,)) == Ruling(
        Claim("court", "C-1", None),
        (
            Claim("statutory-minimum", "selectielijst 2.3", day("2033-06")),
            Claim("covenant-phase", "P3M", day("2026-09")),
        ),
    )


def test_at_equal_ends_the_rule_nearest_to_the_act_holds() -> None:
    """Act, covenant phase, activity, Wpg 8, then what the WGS says: not taken up, renewed, five years."""
    rules: tuple[TermRule, ...] = (
        "wgs-maximum",
        "wgs-renewal",
        "bgs-not-taken-up",
        "wpg-8",
        "activity",
        "covenant-phase",
        "act",
    )
    assert [term.rule for term in in_order([Term(rule, "P1Y", day("2027-06")) for rule in rules])] == [*rules[::-1]]


def test_what_lost_is_printed_for_the_envelope() -> None:
    """Rule, period and last day."""
    assert WGS.printed == "wgs-maximum P5Y 2031-06-01"


DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
RULES = st.sampled_from(["act", "covenant-phase", "activity", "wpg-8", "jw-7-3-8", "wmo-5-3-4"])
TERMS = st.lists(st.builds(Term, RULES, st.just("P1Y"), DAYS), max_size=5)
MINIMUMS = st.lists(st.builds(Minimum, st.sampled_from(["a", "b"]), DAYS), max_size=3)


@given(TERMS, MINIMUMS)
def test_the_end_is_the_shortest_maximum_but_no_minimum_is_cut(terms: list[Term], minimums: list[Minimum]) -> None:
    """Without a hold the end is plain arithmetic, every claim is on record once, and their order is their own."""
    ruling = rule_on(terms, minimums)
    shortest = min((term.ends for term in terms if term.rule not in FILE_RULES), default=None)
    files = [term.ends for term in terms if term.rule in FILE_RULES]
    longest = max([*files, *(minimum.until for minimum in minimums)], default=None)
    known = [end for end in (shortest, longest) if end is not None]
    assert ruling.ends == (max(known) if known else None)
    assert len(ruling.lost) + (ruling.holds is not None) == len(terms) + len(minimums)
    assert rule_on(reversed(terms), reversed(minimums)) == ruling
