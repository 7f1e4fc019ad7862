"""An act as the law looks back on it."""

from __future__ import annotations

from services.law.act import Source
from services.law.context import PastAct
from services.law.past import past_of
from tests.unit.law.builders import NOW, act, to


def test_a_past_act_keeps_what_the_law_needs_of_it() -> None:
    """Every field that a fact of a person has."""
    given = act(
        recipients=to("youth", "care"),
        data_regime="Wpg-8",
        source=Source(kind="party", party="school"),
        purpose="youth-groups",
        activity="youth-work",
        decision_id="umbrella",
    )
    assert past_of(given) == PastAct(
        operation_class="share",
        occurred_at=NOW,
        controller="mayor",
        recipients=("youth", "care"),
        data_regime="Wpg-8",
        source_kind="party",
        source_party="school",
        covenant="house",
        annex="groups",
        data_categories=("name", "report"),
        purpose="youth-groups",
        activity="youth-work",
        decision_id="umbrella",
    )


def test_what_an_act_leaves_out_its_past_leaves_out() -> None:
    """No source, no covenant; a declared class of an act that the table does not know."""
    given = act(operation="other", operation_class="alter", source=None, covenant=None, recipients=())
    assert past_of(given) == PastAct(
        operation_class="alter", occurred_at=NOW, controller="mayor", data_categories=("name", "report")
    )
