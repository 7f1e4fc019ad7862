"""The four blocks, one by one (S2), the three regimes on one identical act (S6), and a ground in every phase (S35)."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.law.act import LegalBasis, Phase, Retention
from services.law.catalogue import CATALOGUE
from services.law.verdict import Block
from tests.unit.law.builders import REASONS, act, covenant, findings

WHOLE: dict[str, Any] = {
    "covenant": None,
    "purpose": "order",
    "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
    "necessity": REASONS,
    "retention": Retention(period="P3M"),
}
"""An act that carries all four blocks itself."""


@pytest.mark.parametrize(
    ("removed", "block", "code"),
    [
        ("purpose", Block.PURPOSE, "purpose-missing"),
        ("legal_basis", Block.BASIS, "ground-missing"),
        ("necessity", Block.NECESSITY, "necessity-missing"),
        ("retention", Block.CARE, "retention-unknown"),
    ],
)
def test_a_block_that_is_taken_away_is_the_one_named(removed: str, block: Block, code: str) -> None:
    """Whole, the act is in order; without one block it has the one finding of that block."""
    assert findings(act(**WHOLE)) == {}
    assert findings(act(**(WHOLE | {removed: None}))) == {code: "gap"}
    assert CATALOGUE[code].block is block


REGIME_DEMANDS = {1: {"own-ground-missing"}, 2: {"criteria-unpublished", "necessity-missing"}, 3: {"necessity-missing"}}


@pytest.mark.parametrize("regime", [1, 2, 3])
def test_each_regime_asks_something_else_of_the_same_act(regime: Any) -> None:
    """One identical share: a ground per party, criteria that were public, or reasons per act."""
    assert set(findings(act(), covenant(regime=regime, published=None))) == REGIME_DEMANDS[regime]


def test_what_one_regime_asks_does_not_help_in_another() -> None:
    """Publishing the criteria answers the second regime only; reasons per act answer the second and the third."""
    published = {regime: set(findings(act(), covenant(regime=regime))) for regime in (1, 2, 3)}
    assert published == {1: {"own-ground-missing"}, 2: set(), 3: {"necessity-missing"}}
    reasoned = {
        regime: set(findings(act(necessity=REASONS), covenant(regime=regime, published=None))) for regime in (1, 2, 3)
    }
    assert reasoned == {1: {"own-ground-missing"}, 2: set(), 3: set()}


@pytest.mark.parametrize("phase", get_args(Phase))
def test_no_phase_goes_without_a_ground(phase: str) -> None:
    """In every phase an act without a ground is a gap, also where the covenant supplies purpose and necessity."""
    found = findings(act(phase=phase, legal_basis=None))
    assert found["ground-missing"] == "gap"
