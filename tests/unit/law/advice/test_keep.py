"""Until when the data may be held after an act, by which rule, and which rules lost."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.law.act import Retention
from services.law.advice.keep import keep
from services.law.advice.shapes import KeepingAdvice
from services.law.context import SubjectFacts
from services.law.past import past_of
from tests.unit.law.builders import NOW, act, change, covenant, register, subject

REGISTER = register()


def kept(known: Any = None, **changes: Any) -> KeepingAdvice | None:
    """The advice on the act with these changes, with the persons called by their numbers."""
    given_act = act(**changes)
    return keep(given_act, REGISTER, known, [str(number + 1) for number in range(len(given_act.subjects))])


def test_the_shortest_term_holds_and_the_others_are_told_as_lost() -> None:
    """Storage limitation: the term that the act names lies within that of the covenant."""
    found = kept(retention=Retention(period="P1M"))
    assert found is not None
    assert (found.until, found.rule, found.says, found.subjects) == (date(2026, 7, 1), "act", "P1M", ("1",))
    assert found.text.nl == "Te bewaren tot en met 1 juli 2026. De handeling noemt zelf deze termijn: 1 maand."
    assert found.text.en == "To be kept until 1 July 2026. The act itself states this term: 1 month."
    (lost,) = found.lost
    assert (lost.until, lost.rule, lost.says) == (date(2026, 9, 1), "covenant-phase", "P3M")
    assert "3 maanden" in lost.text.nl
    assert (found.stages, found.others) == ((), ())


def test_an_unknown_term_says_what_would_give_one() -> None:
    """A phase for which the annex has no term."""
    found = kept(phase="weighing")
    assert found is not None
    assert (found.until, found.rule, found.says, found.lost) == (None, None, None, ())
    assert found.text.nl.startswith("Geen regel zegt")


@pytest.mark.parametrize("changes", [{"operation": "consult"}, {"operation": "erase"}, {"recipients": ()}])
def test_who_begins_to_hold_nothing_keeps_nothing(changes: dict[str, Any]) -> None:
    """A look, an erasure, and a share with nobody."""
    assert kept(**changes) is None


def test_an_intent_is_kept_as_its_fact_will_be() -> None:
    """The question is what follows once it has happened."""
    assert kept(tense="intent") == kept()


def test_an_act_about_nobody_has_a_term_too() -> None:
    """It is the controller's own event."""
    found = kept(subjects=(), known=[])
    assert found is not None
    assert (found.until, found.subjects) == (date(2026, 9, 1), ())


def test_police_data_narrow_by_stages() -> None:
    """Wpg 8: free for a year, then compared only."""
    found = kept(operation="record", controller="police", data_regime="Wpg-8", covenant=None, recipients=())
    assert found is not None
    assert found.rule == "wpg-8"
    assert found.stages[0].since == NOW.date()
    assert found.stages[0].text.nl


def test_persons_differ_where_the_law_counts_from_the_first_processing() -> None:
    """WGS 1.8(7): who was in the partnership's data before must go first, and stands in front."""
    wgs = register(covenant(legal_frame="wgs-zvh", annexes=()))
    given_act = act(subjects=(subject(id="1"), subject(id="2")), phase=None)
    earlier = change(past_of(given_act), occurred_at=NOW - timedelta(days=365))
    found = keep(given_act, wgs, [None, SubjectFacts(acts=(earlier,))], ("1", "2"))
    assert found is not None
    assert (found.subjects, found.until, found.rule) == (("2",), date(2030, 6, 1), "wgs-maximum")
    (other,) = found.others
    assert (other.subjects, other.until) == (("1",), date(2031, 6, 1))


def test_the_covenant_of_the_day_gives_the_term() -> None:
    """Before the covenant was in force it says nothing."""
    found = keep(act(occurred_at=datetime(2024, 12, 1, 12, tzinfo=NOW.tzinfo)), REGISTER, None, ("1",))
    assert found is not None
    assert found.until is None
