"""Decision tables of the rules on necessity."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import CovenantReference, LegalBasis, ListReference, Necessity
from services.law.governance import Addendum, AnnexNecessity, Covenant, Criteria, Entry
from services.law.verdict import Outcome
from tests.unit.law.builders import REASONS, act, annex, covenant, findings, subject, verdict

HALF = Necessity(proportionality="names only", subsidiarity=" ")
CONSENT = LegalBasis(gdpr="6(1)(a)")
NO_REASON = annex(necessity=None)


@pytest.mark.parametrize(
    ("changes", "entries", "missing"),
    [
        ({}, [], False),
        ({}, [covenant(regime=1)], False),
        ({}, [covenant(regime=3)], True),
        ({"necessity": REASONS}, [covenant(regime=3)], False),
        ({"necessity": HALF}, [covenant(regime=3)], True),
        ({}, [covenant(regime=None)], False),
        ({}, [covenant(published=None)], True),
        ({}, [covenant(published=date(2026, 6, 2))], True),
        ({}, [covenant(published=date(2026, 6, 1))], False),
        ({}, [covenant(annexes=(NO_REASON,))], True),
        ({}, [covenant(annexes=(annex(necessity=AnnexNecessity(proportionality="x")),))], True),
        ({"covenant": None}, [], True),
        ({"covenant": None, "necessity": REASONS}, [], False),
        ({"covenant": None, "legal_basis": CONSENT}, [], False),
        ({"covenant": None, "legal_basis": CONSENT, "data_regime": "Wpg-9"}, [], True),
        ({"covenant": None, "operation": "consult"}, [], True),
        ({"covenant": None, "operation": "erase"}, [], False),
        ({"legal_basis": LegalBasis(statute="Wpg 7(2)"), "data_regime": "Wpg-20"}, [], True),
        ({"legal_basis": LegalBasis(statute="Wpg 7(2)"), "data_regime": "Wpg-20", "necessity": REASONS}, [], False),
    ],
)
def test_necessity_is_reasoned_by_act_or_annex(*, changes: dict[str, Any], entries: list[Entry], missing: bool) -> None:
    """Regime 2 leans on criteria published in time, regime 3 on nothing but the act; consent asks for none."""
    assert ("necessity-missing" in findings(act(**changes), *entries)) is missing


@pytest.mark.parametrize(
    ("changes", "entry", "found"),
    [
        ({}, covenant(), False),
        ({}, covenant(published=None), True),
        ({}, covenant(published=date(2026, 6, 1)), False),
        ({}, covenant(published=date(2026, 6, 2)), True),
        ({}, covenant(regime=1, published=None), False),
        ({}, covenant(regime=3, published=None), False),
        ({}, covenant(regime=None, published=None), False),
        ({"covenant": None}, covenant(published=None), False),
        ({"necessity": REASONS}, covenant(published=None), False),
        ({"necessity": HALF}, covenant(published=None), True),
        ({"legal_basis": CONSENT}, covenant(published=None), False),
        ({"legal_basis": CONSENT, "data_regime": "Wpg-9"}, covenant(published=None), True),
        ({"operation": "erase"}, covenant(published=None), False),
        ({"covenant": CovenantReference(id="house")}, covenant(published=None), True),
        ({"covenant": CovenantReference(id="house")}, covenant(), False),
    ],
)
def test_criteria_that_stand_in_were_public(*, changes: dict[str, Any], entry: Covenant, found: bool) -> None:
    """Regime 2 asks that everybody could read the criteria that day, unless the act reasons itself."""
    assert findings(act(**changes), entry).get("criteria-unpublished") == ("gap" if found else None)


@pytest.mark.parametrize("of_covenant", [None, date(2025, 1, 1)])
@pytest.mark.parametrize(("of_addendum", "found"), [(None, True), (date(2026, 6, 2), True), (date(2026, 6, 1), False)])
def test_criteria_that_joined_later_have_a_publication_of_their_own(
    *, of_covenant: date | None, of_addendum: date | None, found: bool
) -> None:
    """What an addendum brings is public when the addendum is, whatever the covenant was."""
    added = Addendum(
        id="later", covenant="house", annexes=(annex(),), published=of_addendum, valid_from=date(2026, 1, 1)
    )
    codes = findings(act(), covenant(published=of_covenant), added)
    assert ("criteria-unpublished" in codes, "necessity-missing" in codes) == (found, found)


@given(
    letter=st.sampled_from("abcdef"),
    proportionality=st.sampled_from(["", " ", "names only"]),
    subsidiarity=st.sampled_from(["", " ", "a talk was tried"]),
)
def test_every_ground_but_consent_asks_for_both_reasons(letter: str, proportionality: str, subsidiarity: str) -> None:
    """Whatever the letter, without one of the two the necessity is missing; with consent it never is."""
    basis = LegalBasis(gdpr=f"6(1)({letter})", statute="Gemeentewet 172")
    reasons = Necessity(proportionality=proportionality, subsidiarity=subsidiarity)
    found = findings(act(covenant=None, legal_basis=basis, necessity=reasons))
    complete = bool(proportionality.strip()) and bool(subsidiarity.strip())
    assert ("necessity-missing" in found) is (letter != "a" and not complete)


@pytest.mark.parametrize(
    ("changes", "entries", "outside"),
    [
        ({}, [], False),
        ({"data_categories": ("name", "image")}, [], True),
        ({"data_categories": ("name", "image"), "operation": "erase"}, [], False),
        ({"data_categories": ("name", "image"), "operation": "restrict"}, [], False),
        ({"data_categories": ("name", "image"), "covenant": None}, [], False),
        ({"data_categories": ("name", "image")}, [covenant(annexes=(annex(data_categories=()),))], False),
        ({"data_categories": ()}, [], False),
    ],
)
def test_only_what_the_annex_lists_is_used(*, changes: dict[str, Any], entries: list[Entry], outside: bool) -> None:
    """One category too many is a violation, except where data are erased or restricted."""
    found = findings(act(**changes), *entries)
    assert found.get("category-outside-annex") == ("violation" if outside else None)


PEOPLE = (subject(id="1"), subject(id="2", status="bystander"), subject(id="3", status=None))


@pytest.mark.parametrize(
    ("changes", "entries", "excluded"),
    [
        ({}, [], [1]),
        ({"operation": "erase"}, [], []),
        ({"operation": "restrict"}, [], []),
        ({"covenant": None}, [], []),
        ({}, [covenant(annexes=(annex(criteria=None),))], []),
        ({}, [covenant(annexes=(annex(criteria=Criteria(excludes_status=("listed", "peripheral"))),))], [0]),
        ({"subjects": (subject(),)}, [], []),
    ],
)
def test_excluded_statuses_stay_out(changes: dict[str, Any], entries: list[Entry], excluded: list[int]) -> None:
    """The violation is of the excluded persons only; the others keep their own outcome."""
    found = verdict(act(**({"subjects": PEOPLE} | changes)), *entries)
    assert [i for i in range(len(found.outcomes)) if "bystander-excluded" in found.codes_of(i)] == excluded
    assert all(found.outcomes[i] is Outcome.VIOLATION for i in excluded)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"operation": "record", "list": ListReference(kind="bruto", id="l")}, True),
        ({"operation": "record", "list": ListReference(kind="netto", id="l"), "criteria": "asserted"}, False),
        ({"operation": "record", "list": ListReference(kind="netto", id="l"), "criteria": "not-met"}, True),
        ({"operation": "record", "list": ListReference(kind="netto", id="l"), "criteria": " Niet. "}, True),
        ({"operation": "record", "list": ListReference(kind="netto", id="l"), "criteria": "none"}, True),
        ({"operation": "record", "list": ListReference(kind="netto", id="l"), "criteria": "..."}, True),
        ({"operation": "record", "list": ListReference(kind="netto", id="l"), "criteria": "niet onder 12"}, False),
        ({"operation": "record", "criteria": "none"}, False),
        ({"operation": "record"}, False),
        ({"operation": "make-available", "list": ListReference(kind="netto", id="l")}, False),
    ],
)
def test_a_list_is_entered_by_its_criteria(*, changes: dict[str, Any], missing: bool) -> None:
    """Only an act of class alter that names a list owes the criteria; to say that nobody meets them is no record."""
    assert ("criteria-missing" in findings(act(recipients=(), **changes))) is missing
