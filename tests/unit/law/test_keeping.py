"""Until when, by which rule, and which ones lost: in words that name their article."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from services.law.act import Retention
from services.law.context import PastAct, SubjectFacts
from services.law.governance import Entry
from services.law.keeping import keeping_of, text_of, text_of_rule
from services.law.precedence import Claim, FileRule, Hold, HoldRule, MaximumRule
from tests.unit.law.builders import act, covenant, register

WGS = covenant(legal_frame="wgs-zvh")
RULES = sorted({*get_args(MaximumRule), *get_args(FileRule), *get_args(HoldRule), "statutory-minimum"})
EARLIER = PastAct(
    operation_class="share",
    occurred_at=datetime(2026, 1, 5, 12, tzinfo=UTC),
    controller="police",
    recipients=("mayor",),
    covenant="house",
    data_categories=("name",),
)
POLICE: dict[str, Any] = {"controller": "police", "data_regime": "Wpg-8", "covenant": None}


@pytest.mark.parametrize(
    ("changes", "entries", "facts", "holds", "until", "order"),
    [
        ({}, [], None, (), "2026-09-01", ["covenant-phase"]),
        ({}, [WGS], None, (), "2026-09-01", ["covenant-phase", "wgs-maximum"]),
        ({"phase": "weighing"}, [WGS], None, (), "2031-06-01", ["wgs-maximum"]),
        ({"phase": "weighing"}, [WGS], SubjectFacts(acts=(EARLIER,)), (), "2031-01-05", ["wgs-maximum"]),
        ({}, [], None, (Hold("court", "C-1"),), None, ["court", "covenant-phase"]),
        ({"retention": Retention(period="P1M")}, [], None, (), "2026-07-01", ["act", "covenant-phase"]),
        ({"phase": "weighing"}, [], None, (), None, []),
    ],
)
def test_the_ruling_with_its_losers(
    changes: dict[str, Any],
    entries: list[Entry],
    facts: SubjectFacts | None,
    holds: tuple[Hold, ...],
    until: str | None,
    order: list[str],
) -> None:
    """The same order as the term that goes on record, with the holds that are placed now before all."""
    keeping = keeping_of(act(**changes), register(*entries), facts, holds)
    assert keeping is not None
    claims = [*([keeping.holds] if keeping.holds else []), *keeping.lost]
    assert ((keeping.until and str(keeping.until)), [claim.rule for claim in claims]) == (until, order)


@pytest.mark.parametrize("changes", [{"tense": "intent"}, {"operation": "consult"}, {"operation": "erase"}])
def test_what_begins_no_holding_is_not_kept(changes: dict[str, Any]) -> None:
    """Nobody holds anything by an intent, a look or an erasure."""
    assert keeping_of(act(**changes), register()) is None


def test_police_data_come_with_their_stages() -> None:
    """A year free, four to compare, five shielded, from the first processing; no stages for anyone else."""
    keeping = keeping_of(act(**POLICE), register())
    other = keeping_of(act(), register())
    assert keeping is not None
    assert other is not None
    assert [str(stage.until) for stage in keeping.stages] == ["2027-06-01", "2031-06-01", "2036-06-01"]
    assert other.stages == ()


def test_the_stages_count_from_the_first_processing() -> None:
    """What was first processed in January is free until January."""
    earlier = PastAct(
        operation_class="alter",
        occurred_at=EARLIER.occurred_at,
        controller="police",
        data_regime="Wpg-8",
        data_categories=("name",),
    )
    carried_on = act(**(POLICE | {"operation": "use", "recipients": ()}))
    keeping = keeping_of(carried_on, register(), SubjectFacts(acts=(earlier,)))
    assert keeping is not None
    assert (str(keeping.until), str(keeping.stages[0].until)) == ("2031-01-05", "2027-01-05")


@pytest.mark.parametrize(
    ("claim", "nl", "en"),
    [
        (Claim("act", "P1Y", None), "De handeling noemt zelf deze termijn: 1 jaar.", "1 year."),
        (Claim("act", "P2Y", None), "De handeling noemt zelf deze termijn: 2 jaar.", "2 years."),
        (Claim("covenant-phase", "P1M", None), "geeft voor deze fase 1 maand.", "gives 1 month for this phase."),
        (Claim("covenant-phase", "P3M", None), "geeft voor deze fase 3 maanden.", "gives 3 months for this phase."),
        (Claim("activity", "P1W", None), "1 week", "1 week"),
        (Claim("activity", "P6W", None), "6 weken", "6 weeks"),
        (Claim("activity", "P1D", None), "1 dag", "1 day"),
        (Claim("activity", "P30D", None), "30 dagen", "30 days"),
        (Claim("activity", "P1Y6M", None), "P1Y6M", "P1Y6M"),
        (Claim("statutory-minimum", "selectielijst 8.1", date(2030, 1, 1)), "Onder selectielijst 8.1", "8.1 this must"),
        (Claim("statutory-minimum", "8D", None), "Onder 8D moet", "Under 8D this"),
        (Claim("wgs-maximum", "P5Y", None), "WGS 1.8 lid 7", "WGS 1.8(7)"),
        (Claim("bgs-not-taken-up", "P0D", None), "BGS 1.16 lid 1", "BGS 1.16(1)"),
        (Claim("jw-7-3-8", "P20Y", None), "20 jaar", "20 years"),
        (Claim("request", "R-1", None), "AVG 15, 18", "AVG 15, 18"),
    ],
)
def test_a_claim_in_words(claim: Claim, nl: str, en: str) -> None:
    """The period in words of its language, and where it is from."""
    text = text_of(claim)
    assert nl in text.nl
    assert en in text.en


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_words(rule: str) -> None:
    """No rule that can hold or lose is without a sentence in both languages, with and without its period."""
    for text in (text_of(Claim(rule, "P1Y", None)), text_of_rule(rule)):  # type: ignore[arg-type]
        assert text is not None
        assert text.nl.endswith(".")
        assert text.en.endswith(".")
        assert "{" not in text.nl + text.en


def test_a_rule_without_its_period() -> None:
    """It says that there is a term; a name that is no rule says nothing."""
    text = text_of_rule("act")
    assert text is not None
    assert (text.nl, text_of_rule("later-term")) == ("De handeling noemt zelf deze termijn: de termijn.", None)
