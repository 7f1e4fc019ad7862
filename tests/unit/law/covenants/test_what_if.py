"""One act under three readings of the law: three outcomes, three demands (S6)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import Act, CovenantReference
from services.law.context import Context
from services.law.covenants.what_if import under, what_if
from services.law.governance import Entry
from services.law.judgement import judge
from tests.unit.law.builders import NOW, act, activity, covenant, register


def context(*entries: Entry) -> Context:
    """What is known."""
    return Context(register(*entries), None, NOW)


def demands(given: Act, known: Context) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    """What each other regime adds and drops."""
    return {other.regime: (other.adds, other.drops) for other in what_if(given, known)}


@pytest.mark.parametrize(
    ("regime", "expected"),
    [
        (1, {2: ((), ("own-ground-missing",)), 3: (("necessity-missing",), ("own-ground-missing",))}),
        (2, {1: (("own-ground-missing",), ()), 3: (("necessity-missing",), ())}),
        (3, {1: (("own-ground-missing",), ("necessity-missing",)), 2: ((), ("necessity-missing",))}),
    ],
)
def test_each_regime_has_its_own_demand(regime: Any, expected: dict[int, Any]) -> None:
    """The same share under the two other regimes, whichever one the covenant has."""
    assert demands(act(), context(covenant(regime=regime))) == expected


def test_without_regime_all_three_are_other() -> None:
    """A covenant that does not say how it is read is shown all three."""
    found = what_if(act(), context(covenant(regime=None)))
    assert [(other.regime, str(other.outcome)) for other in found] == [(1, "gap"), (2, "compliant"), (3, "gap")]
    assert [other.name.nl[:4] for other in found] == ["Elke", "Voor", "Nood"]


@pytest.mark.parametrize("named", [None, CovenantReference(id="unknown", annex="groups")])
def test_without_a_covenant_in_force_there_is_no_other_regime(named: CovenantReference | None) -> None:
    """The regime is of the covenant; without one every act reasons its own necessity."""
    assert what_if(act(covenant=named), context()) == ()


def test_an_act_outside_any_covenant_is_the_same_under_each() -> None:
    """Nothing to read otherwise."""
    given = act(covenant=None)
    assert under(given, context(), 1) == judge(given, context())


def test_the_answer_is_what_the_judgement_would_be() -> None:
    """Equal to judging under a covenant of that regime, and nothing about the real judgement has changed."""
    for regime in (1, 2, 3):
        known = context(covenant(regime=2), activity())
        real = judge(act(), context(covenant(regime=regime), activity()))
        assert under(act(), known, regime) == real
        assert judge(act(), known) == judge(act(), context(covenant(regime=2), activity()))
    assert under(act(), context(covenant(valid_until=date(2026, 1, 1))), 1).findings
