"""Decision tables of the rule on a new purpose (S10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.law.act import Act, Compatibility, CovenantReference, Justification, LegalBasis
from services.law.context import PastAct, SubjectFacts
from services.law.governance import Activity
from services.law.judgement import needs_facts
from services.law.rules.compatibility import is_weighed
from tests.unit.law.builders import NOW, activity, change, decision, findings, subject, verdict
from tests.unit.law.builders import act as share

FACTORS = {
    "link": "the same group",
    "context": "youth work",
    "nature": "names only",
    "consequences": "a talk",
    "safeguards": "two persons read it",
}
WEIGHED = Justification(compatibility=Compatibility(**FACTORS))
ENTRIES = (activity(), activity(id="own", controller="mayor", purpose="order"), decision())


def consult(**changes: Any) -> Act:
    """The mayor looks up a name for the purpose ``order``."""
    given: dict[str, Any] = {
        "operation": "consult",
        "recipients": (),
        "covenant": None,
        "purpose": "order",
        "data_categories": ("name",),
        "phase": None,
    }
    return share(**(given | changes))


def past(days_ago: int = 30, **changes: Any) -> PastAct:
    """The mayor collected the name for the purpose ``care``."""
    given: dict[str, Any] = {
        "operation_class": "collect",
        "controller": "mayor",
        "data_categories": ("name",),
        "purpose": "care",
    }
    return PastAct(occurred_at=NOW - timedelta(days=days_ago), **(given | changes))


@pytest.mark.parametrize(
    ("changes", "acts", "found"),
    [
        ({}, [past()], True),
        ({"operation": "use"}, [past()], True),
        ({"operation": "record", "retention": None}, [past()], False),
        ({}, [past(operation_class="alter")], True),
        ({}, [past(operation_class="share", controller="youth", recipients=("mayor",))], True),
        ({}, [past(operation_class="share", controller="youth", recipients=("college",))], False),
        ({}, [past(operation_class="share", recipients=("youth",))], False),
        ({}, [past(operation_class="use")], False),
        ({}, [past(controller="college")], False),
        ({}, [past(days_ago=-1)], False),
        ({}, [past(days_ago=0)], True),
        ({}, [past(data_categories=("report",))], False),
        ({"data_categories": ("name", "report")}, [past(data_categories=("report",))], True),
        ({"data_categories": ()}, [past()], False),
        ({}, [], False),
        ({}, [past(), past(purpose="order")], False),
        ({}, [past(), past(purpose="order", data_categories=("report",))], True),
        ({}, [past(purpose=None)], False),
        ({}, [past(purpose=" ")], False),
        ({}, [past(), past(purpose=None)], False),
        ({}, [past(purpose=None, covenant="house")], True),
        ({"purpose": "youth-groups"}, [past(purpose=None, covenant="house")], False),
        ({"purpose": "youth-groups"}, [past(covenant="house")], False),
        ({}, [past(purpose=None, covenant="unknown")], False),
        ({}, [past(purpose=None, activity="own")], False),
        ({"purpose": "other"}, [past(purpose=None, activity="own")], True),
        ({}, [past(purpose=None, activity="unknown")], False),
        ({}, [past(purpose=None, decision_id="umbrella")], False),
        ({}, [past(purpose=None, decision_id="unknown")], False),
        ({"purpose": None}, [past()], False),
        ({"purpose": "  "}, [past()], False),
        ({"purpose": None, "covenant": CovenantReference(id="house")}, [past()], False),
        ({"legal_basis": LegalBasis(gdpr="6(1)(a)")}, [past()], False),
        ({"legal_basis": LegalBasis(gdpr="6(1)(c)", statute="Gemeentewet 172")}, [past()], False),
        ({"legal_basis": LegalBasis(gdpr="6(1)(c)")}, [past()], True),
        ({"legal_basis": None}, [past()], True),
        ({"data_regime": "Wpg-8", "controller": "mayor"}, [past()], False),
        ({"justification": WEIGHED}, [past()], False),
        ({"justification": Justification()}, [past()], True),
    ],
)
def test_a_new_purpose_is_weighed(*, changes: dict[str, Any], acts: list[PastAct], found: bool) -> None:
    """Only where every purpose of a category is known and none is this one, and nothing in the act carries it."""
    given = consult(**changes)
    facts = (SubjectFacts(acts=tuple(acts)),)
    assert findings(given, *ENTRIES, facts=facts).get("compatibility-missing") == ("gap" if found else None)
    assert not found or needs_facts(given)


@pytest.mark.parametrize("facts", [None, (None,)])
def test_nothing_known_nothing_found(facts: tuple[SubjectFacts | None, ...] | None) -> None:
    """Of a person whom the ledger does not know, it says nothing."""
    assert "compatibility-missing" not in findings(consult(), *ENTRIES, facts=facts)


def test_only_the_person_concerned_is_named() -> None:
    """Of two persons looked up in one act, the one whose data came for this purpose has no finding."""
    facts = (SubjectFacts(acts=(past(purpose="order"),)), SubjectFacts(acts=(past(),)))
    found = verdict(consult(subjects=(subject(id="1"), subject(id="2"))), facts=facts)
    assert ["compatibility-missing" in found.codes_of(index) for index in (0, 1)] == [False, True]


def test_the_purpose_is_that_of_the_day() -> None:
    """A covenant that began after the data were obtained did not bring their purpose."""
    later: Activity = change(ENTRIES[1], valid_from=(NOW - timedelta(days=10)).date())
    facts = (SubjectFacts(acts=(past(purpose=None, activity="own"),)),)
    assert "compatibility-missing" not in findings(consult(purpose="other"), later, facts=facts)


@pytest.mark.parametrize("factor", list(FACTORS))
def test_each_factor_is_weighed(factor: str) -> None:
    """Four of the five factors are not enough, and white space says nothing."""
    assert is_weighed(Compatibility(**FACTORS))
    assert not is_weighed(Compatibility(**(FACTORS | {factor: " "})))
    assert not is_weighed(None)


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, True),
        ({"operation": "use"}, True),
        ({"operation": "other", "operation_class": "consult"}, True),
        ({"operation": "collect"}, False),
        ({"purpose": None}, False),
        ({"purpose": ""}, False),
        ({"data_regime": "Wpg-8"}, False),
        ({"legal_basis": LegalBasis(gdpr="6(1)(a)")}, False),
        ({"legal_basis": LegalBasis(statute="Gemeentewet 172")}, True),
        ({"legal_basis": None}, True),
        ({"justification": WEIGHED}, False),
    ],
)
def test_facts_are_read_only_for_a_purpose(*, changes: dict[str, Any], needed: bool) -> None:
    """A consult or a use that names no purpose, or carries its own answer, costs no reading."""
    assert needs_facts(consult(**changes)) is needed
