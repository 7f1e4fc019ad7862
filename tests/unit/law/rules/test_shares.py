"""Decision tables of the rules on a share that leaves out whom it told, or what."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import Justification, LegalBasis, Triage
from services.law.operations import VERBS_BY_CLASS
from tests.unit.law.builders import act, findings, to

CODES = {"recipient-missing", "categories-missing"}
NOBODY: dict[str, Any] = {"recipients": ()}
NOTHING: dict[str, Any] = {"data_categories": ()}
OTHER: dict[str, Any] = {"operation": "other", "description": "read it out"}
POLICE: dict[str, Any] = {"controller": "police", "data_regime": "Wpg-20", "legal_basis": LegalBasis(statute="Wpg 20")}


def weighed(outcome: Any) -> dict[str, Any]:
    """A step of a triage that came to this."""
    return {"justification": Justification(triage=Triage(step="weighing", outcome=outcome, reason="a talk is enough"))}


def left_out(**changes: Any) -> set[str]:
    """Which of the two are found, each of them a gap."""
    found = {code: severity for code, severity in findings(act(**changes)).items() if code in CODES}
    assert set(found.values()) <= {"gap"}
    return set(found)


@pytest.mark.parametrize("tense", ["fact", "intent"])
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        (NOBODY, {"recipient-missing"}),
        (NOTHING, {"categories-missing"}),
        (NOBODY | NOTHING, CODES),
        (NOBODY | NOTHING | {"covenant": None}, CODES),
        (NOBODY | NOTHING | {"subjects": ()}, {"recipient-missing"}),
        (NOTHING | {"subjects": ()}, set()),
        (NOTHING | {"recipients": to("mayor")}, {"categories-missing"}),
        (POLICE | NOBODY, {"recipient-missing"}),
        (POLICE | NOTHING | {"recipients": to("prosecutor")}, {"categories-missing"}),
        (NOBODY | NOTHING | OTHER, set()),
        (NOBODY | NOTHING | OTHER | {"operation_class": "share"}, CODES),
        (NOBODY | NOTHING | weighed("share"), CODES),
        (NOBODY | NOTHING | weighed("share-less"), CODES),
        (NOBODY | NOTHING | weighed("not-share"), set()),
        (NOBODY | NOTHING | {"justification": Justification()}, CODES),
        (NOTHING | weighed("not-share"), {"categories-missing"}),
    ],
)
def test_a_share_says_what_went_to_whom(changes: dict[str, Any], found: set[str], tense: str) -> None:
    """AVG 5(2), 30(1)(c)-(d): asked of every share but one that its triage kept from happening."""
    assert left_out(**changes, tense=tense) == found


@pytest.mark.parametrize("operation_class", [name for name in VERBS_BY_CLASS if name != "share"])
def test_only_a_share_is_asked(operation_class: Any) -> None:
    """Collecting, using, consulting, restricting and deleting tell nobody, and may be about all that there is."""
    for operation in VERBS_BY_CLASS[operation_class]:
        assert left_out(operation=operation, **NOBODY, **NOTHING) == set()


@pytest.mark.parametrize("operation", VERBS_BY_CLASS["share"])
def test_every_verb_of_sharing_is_asked(operation: str) -> None:
    """Whatever the verb, data went from one to another."""
    assert left_out(operation=operation, **NOBODY, **NOTHING) == CODES


def test_a_decision_covers_whom_it_names_also_when_the_categories_are_left_out() -> None:
    """The decision itself fixes which data go, so only the gap is added."""
    assert findings(act(**POLICE, **NOTHING, recipients=to("mayor"))) == {"categories-missing": "gap"}
