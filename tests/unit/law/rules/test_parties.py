"""Decision tables of the rules on what kind of party may be a controller."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import LegalBasis
from services.law.governance import Party
from services.law.operations import OPERATION_CLASSES, VERBS_BY_CLASS
from tests.unit.law.builders import act, findings

LETTERS = {"a": False, "b": True, "c": False, "d": False, "e": False, "f": True}


def party(**changes: Any) -> Party:
    """A party of the municipality, with the changes."""
    return Party(**({"id": "gemeente-middelstad", "kind": "public-body"} | changes))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, True),
        ({"id": "gemeente_x"}, True),
        ({"id": "gemeente-den-haag"}, True),
        ({"id": "Gemeente X"}, True),
        ({"id": "municipality-x"}, True),
        ({"id": "x", "name": "Gemeente Middelstad"}, True),
        ({"id": "x", "name": "De gemeente Middelstad"}, False),
        ({"id": "x", "name": None}, False),
        ({"id": "gemeentesecretaris"}, False),
        ({"id": "x", "organ": "gemeente"}, True),
        ({"id": "x", "organ": "GEMEENTE "}, True),
        ({"id": "x", "organ": "municipality", "kind": "private-controller"}, True),
        ({"organ": "college"}, False),
        ({"organ": "raad"}, False),
        ({"kind": "private-controller"}, False),
    ],
)
def test_the_municipality_is_no_controller_of_a_public_task(*, changes: dict[str, Any], found: bool) -> None:
    """S26: a public task belongs to an organ; whoever names the municipality is asked which."""
    given = party(**changes)
    codes = findings(act(controller=given.id), given)
    assert codes.get("controller-not-an-organ") == ("gap" if found else None)


@pytest.mark.parametrize(("letter", "private"), LETTERS.items())
def test_for_acts_of_private_law_the_legal_person_is_controller(*, letter: str, private: bool) -> None:
    """A contract or an own interest is the municipality's, a task, duty or vital interest is an organ's."""
    given = act(controller="gemeente-middelstad", legal_basis=LegalBasis(gdpr=f"6(1)({letter})", statute="x"))
    assert ("controller-not-an-organ" not in findings(given, party())) is private


@pytest.mark.parametrize(("controller", "operation"), [("gemeente-middelstad", "erase"), ("nobody", "record")])
def test_deletes_and_unknown_parties_are_not_asked_for_an_organ(controller: str, operation: str) -> None:
    """Erasing protects the person, and of an unknown party nothing is said."""
    assert "controller-not-an-organ" not in findings(act(controller=controller, operation=operation), party())


KINDS = {
    "public-body": False,
    "police": False,
    "judicial": False,
    "private-controller": False,
    "volunteer-body": False,
    "processor": True,
    "citizen": True,
}


@pytest.mark.parametrize("operation_class", OPERATION_CLASSES)
@pytest.mark.parametrize(("kind", "found"), KINDS.items())
def test_processors_and_citizens_decide_no_purposes(*, kind: Any, found: bool, operation_class: Any) -> None:
    """S30: each kind of party against each class of act; erasing protects the person, so it is free to anyone."""
    given = Party(id="somebody", kind=kind)
    expected = "gap" if found and operation_class != "delete" else None
    for operation in VERBS_BY_CLASS[operation_class]:
        codes = findings(act(controller="somebody", operation=operation), given)
        assert codes.get("controller-kind-unfit") == expected


def test_of_an_unknown_party_no_kind_is_guessed() -> None:
    """A controller that is not in the register has no kind that could be unfit."""
    assert "controller-kind-unfit" not in findings(act(controller="nobody"))
