"""Decision tables of the rule on what by its sender or its name is police data, and names no regime of the Wpg."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.law.act import LegalBasis, Retention
from services.law.assessment import assess_recipients
from services.law.catalogue import CATALOGUE
from services.law.context import Context
from services.law.governance import Party
from services.law.operations import VERBS_BY_CLASS
from services.law.rules.police_regime import STAFF
from services.law.sensitive_categories import KIND_BY_ID
from tests.unit.law.builders import NOW, REASONS, act, findings, register, to

CODE = "police-regime-unstated"
CLUB = Party(id="club", kind="private-controller")
OTHER_FORCE = Party(id="other-force", kind="police")
PRINTER = Party(id="printer", kind="processor", processes_for="police")
IN_ORDER: dict[str, Any] = {
    "tense": "intent",
    "controller": "police",
    "recipients": to("club"),
    "data_categories": ("name", "police-report"),
    "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Politiewet 2012 3"),
    "purpose": "safe-matches",
    "necessity": REASONS,
    "retention": Retention(period="P1Y"),
    "covenant": None,
}
"""What the police tell a private sports club: all that is asked is filled in, save the regime."""
NAMES: dict[str, Any] = {"data_categories": ("name", "contact")}
MAYOR: dict[str, Any] = {"controller": "mayor"}


def unstated(**changes: Any) -> bool:
    """Whether the regime is asked for; when it is, that is a gap."""
    severity = findings(act(**(IN_ORDER | changes)), CLUB, OTHER_FORCE, PRINTER).get(CODE)
    assert severity in (None, "gap")
    return severity is not None


def test_leaving_the_regime_out_does_not_wash_police_data_clean() -> None:
    """The same act under the Wpg is a violation; under the AVG it was in order until rule set 2026.5."""
    assert findings(act(**IN_ORDER), CLUB) == {CODE: "gap"}
    under_wpg = findings(act(**IN_ORDER, data_regime="Wpg-20"), CLUB)
    assert under_wpg == {"recipient-without-ground": "violation"}


@pytest.mark.parametrize("tense", ["fact", "intent"])
@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, True),
        (NAMES, True),
        (NAMES | {"legal_basis": LegalBasis(gdpr="6(1)(f)")}, True),
        (NAMES | {"recipients": to("mayor")}, True),
        (NAMES | {"recipients": to("nobody")}, True),
        (NAMES | {"recipients": to("prosecutor", "club")}, True),
        (NAMES | {"recipients": to("prosecutor")}, False),
        (NAMES | {"recipients": to("other-force", "police", "printer")}, False),
        (NAMES | {"recipients": ()}, False),
        (NAMES | {"controller": "prosecutor"}, False),
        (NAMES | {"controller": "nobody"}, False),
        (NAMES | MAYOR, False),
        ({"data_categories": ()}, True),
        ({"data_categories": ()} | MAYOR, False),
        (MAYOR, True),
        ({"controller": "youth"}, True),
        ({"controller": "prosecutor"}, True),
        ({"controller": "nobody"}, True),
        (MAYOR | {"recipients": to("police", "prosecutor")}, False),
        (MAYOR | {"recipients": to("host")}, False),
        (MAYOR | {"data_categories": ("criminal-data", "nuisance-report")}, False),
    ],
)
def test_police_data_name_their_regime(changes: dict[str, Any], tense: str, *, asked: bool) -> None:
    """Wpg 1, 7: what the police tell, and what is police data by its name, asked when it leaves police and justice."""
    assert unstated(**changes, tense=tense) is asked
    for regime in ("Wpg-8", "Wpg-9", "Wpg-13", "Wpg-20", "Wjsg"):
        assert not unstated(**changes, tense=tense, data_regime=regime)


@pytest.mark.parametrize("category", sorted(KIND_BY_ID))
def test_only_what_is_of_the_police_by_its_name_is_asked_of_others(category: str) -> None:
    """A report or a record of the police; not criminal data in general, nor special categories."""
    assert unstated(**MAYOR, data_categories=("name", category)) is (KIND_BY_ID[category] == "maybe-criminal")


@pytest.mark.parametrize(
    ("categories", "asked"),
    [
        (("staff-data",), False),
        (("Naam", "contact", "Personeelsgegevens"), False),
        (("name", "staff-data", "nuisance-report"), True),
        (("name", "staff-data", "mutatie"), True),
        (("name",), True),
    ],
)
def test_of_their_own_staff_the_police_tell_as_an_employer(categories: tuple[str, ...], *, asked: bool) -> None:
    """Only when nothing else goes along but whose data they are."""
    assert unstated(data_categories=categories) is asked


@pytest.mark.parametrize("category", sorted(STAFF))
def test_every_word_for_staff_is_known(category: str) -> None:
    """In every spelling of it."""
    assert not unstated(data_categories=("name", category.replace("-", " ").capitalize()))


@pytest.mark.parametrize("operation_class", [name for name in VERBS_BY_CLASS if name != "share"])
def test_only_a_share_is_asked(operation_class: Any) -> None:
    """Inside the house nothing leaves the regime of the police."""
    for operation in VERBS_BY_CLASS[operation_class]:
        assert not unstated(operation=operation)


@pytest.mark.parametrize("operation", VERBS_BY_CLASS["share"])
def test_every_verb_of_sharing_is_asked(operation: str) -> None:
    """Whatever the verb, data went from one to another."""
    assert unstated(operation=operation)


@pytest.mark.parametrize(("year", "asked"), [(2007, False), (2008, True)])
def test_before_the_wpg_there_was_no_regime_of_it(year: int, *, asked: bool) -> None:
    """Wpg: from 1 January 2008."""
    assert unstated(occurred_at=datetime.fromisoformat(f"{year}-06-01T12:00:00+02:00"), tense="fact") is asked


def test_the_answer_per_recipient_stays() -> None:
    """A name is a hint: nobody is forbidden anything, and what is asked stands in the findings beside it."""
    found = assess_recipients(act(**IN_ORDER), Context(register(CLUB), None, NOW))
    assert [(answer.party, answer.answer, answer.would_allow) for answer in found] == [("club", "allowed", ())]


def test_it_says_what_to_do() -> None:
    """In both languages: name the regime, or another category."""
    remedy = CATALOGUE[CODE].remedy
    assert "dataRegime" in remedy.en
    assert ("Wpg" in remedy.nl, "Wpg" in remedy.en) == (True, True)
    assert ("soort gegevens" in remedy.nl, "category" in remedy.en) == (True, True)
