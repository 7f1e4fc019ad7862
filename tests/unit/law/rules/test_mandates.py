"""Decision tables of the rules on acting in another's name and on roles."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import Actor, LegalBasis
from services.law.context import Context
from services.law.governance import Mandate
from services.law.judgement import judge
from tests.unit.law.builders import NOW, act, findings, register

ARTICLES = ("172", "172a", "172b", "173", "174", "174a", "174b", "175", "176", "176a")


def by(**actor: Any) -> dict[str, Any]:
    """An act in the mayor's name by a director, recorded under the mayor."""
    return {"actor": Actor(**({"id": "staff-1", "role": "regisseur", "on_behalf_of": "mayor"} | actor))}


def mandate(**changes: Any) -> Mandate:
    """The mayor's mandate to the director, for every act."""
    return Mandate(**({"id": "m", "from_": "mayor", "to": "regisseur"} | changes))


@pytest.mark.parametrize(
    ("changes", "mandates", "missing"),
    [
        ({}, [], False),
        ({"actor": Actor(role="regisseur")}, [], False),
        (by(), [], True),
        (by(), [mandate()], False),
        (by(), [mandate(to="staff-1")], False),
        (by(), [mandate(to="wijkagent")], True),
        (by(), [mandate(to="college")], False),
        ({**by(), "controller": "college"}, [mandate(to="youth")], True),
        (by(), [mandate(from_="college")], True),
        (by(), [mandate(to="mayor")], True),
        (by(id="mayor"), [mandate(to="mayor")], True),
        (by(role="burgemeester"), [], False),
        (by(role="Burgemeester"), [], False),
        (by(role="college"), [], True),
        (by(role=None, id=None), [mandate()], True),
        (by(on_behalf_of="nobody", role=None), [], True),
        (by(on_behalf_of="youth", role=None), [], True),
        (by(), [mandate(valid_from=date(2026, 6, 2))], True),
        (by(), [mandate(valid_from=date(2026, 6, 1), valid_until=date(2026, 6, 1))], False),
        (by(), [mandate(valid_until=date(2026, 5, 31))], True),
        (by(), [mandate(acts=("make-available",))], False),
        (by(), [mandate(acts=("share",))], False),
        (by(), [mandate(acts=("all",))], False),
        (by(), [mandate(acts=("*", "consult"))], False),
        (by(), [mandate(acts=("consult", "record"))], True),
        (by(), [mandate(acts=("consult",)), mandate(id="n", to="staff-1")], False),
        ({**by(), "controller": "college"}, [mandate(to="college")], False),
        ({**by(), "processor": "host"}, [mandate(to="host")], False),
        ({**by(), "operation": "erase"}, [], True),
    ],
)
def test_acting_in_anothers_name_needs_a_mandate_on_that_day(
    *, changes: dict[str, Any], mandates: list[Mandate], missing: bool
) -> None:
    """Awb 10:3: given by whom is named, to who acts or its role, in force that day and for this act; a gap without."""
    assert findings(act(**changes), *mandates).get("mandate-missing") == ("gap" if missing else None)


def on(statute: str) -> dict[str, Any]:
    """An act of the college in the mayor's name on that statute."""
    return {**by(), "controller": "college", "legal_basis": LegalBasis(gdpr="6(1)(e)", statute=statute)}


@pytest.mark.parametrize("article", ARTICLES)
def test_powers_of_public_order_stay_with_the_burgemeester(article: str) -> None:
    """Gemeentewet 178(2): no mandate carries them over to another controller."""
    assert findings(act(**on(f"Gemeentewet {article}")), mandate(to="college"))["power-not-transferable"] == "gap"


@pytest.mark.parametrize(
    "changes",
    [
        on("Gemeentewet 168"),
        on("Gemeentewet 177"),
        on("Wmo 172"),
        {**on("Gemeentewet 172"), "legal_basis": None},
        {**on("Gemeentewet 172"), "legal_basis": LegalBasis(gdpr="6(1)(d)")},
        {**on("Gemeentewet 172"), "controller": "mayor"},
        {**on("Gemeentewet 172"), "operation": "erase"},
        {**on("Gemeentewet 172"), "actor": Actor(role="regisseur")},
        {**on("Gemeentewet 172"), "actor": None},
        {**on("Gemeentewet 172"), **by(on_behalf_of="youth")},
        {**on("Gemeentewet 172"), **by(on_behalf_of="nobody")},
    ],
)
def test_other_powers_may_be_mandated(changes: dict[str, Any]) -> None:
    """In the mayor's own name, on another power, or of another organ nothing is transferred that may not be."""
    assert "power-not-transferable" not in findings(act(**changes), mandate(to="college"))


@pytest.mark.parametrize(
    ("changes", "mandatary", "found"),
    [
        ({}, "police", True),
        ({"actor": Actor(role="wijkagent")}, "police", True),
        (by(role="wijkagent"), "police", True),
        ({"processor": "police"}, None, True),
        ({"processor": "police"}, "college", True),
        ({"processor": "host"}, "police", True),
        ({"processor": "host"}, None, False),
        ({"processor": "nobody"}, None, False),
        ({"processor": "police", "controller": "college"}, None, False),
        ({"processor": "police", "legal_basis": None}, None, False),
        ({}, None, False),
        ({}, "college", False),
        ({}, "nobody", False),
        ({"controller": "college"}, "police", False),
        ({"controller": "nobody"}, "police", False),
        ({"operation": "erase"}, "police", False),
        ({"legal_basis": None}, "police", False),
        *(
            ({"legal_basis": LegalBasis(statute=f"Gemeentewet {number}")}, "police", False)
            for number in ("172a", "177")
        ),
    ],
)
def test_the_police_get_no_mandate_for_public_order(
    *, changes: dict[str, Any], mandatary: str | None, found: bool
) -> None:
    """Gemeentewet 177(2): what the police do for the burgemeester on 172, by mandate or as processor, is a gap."""
    context = Context(register(mandate(to="police")), None, NOW, mandatary)
    codes = {one.code: str(one.severity) for one in judge(act(**changes), context).findings}
    assert codes.get("power-not-transferable") == ("gap" if found else None)


@pytest.mark.parametrize(
    ("role", "case_id", "operation", "found"),
    [
        ("procesregisseur", "c-1", "consult", True),
        ("Procesregisseur ", "c-1", "make-available", True),
        ("process_director", "c-1", "record", True),
        ("process director", "c-1", "use", True),
        ("procesregisseur", None, "consult", False),
        ("casusregisseur", "c-1", "consult", False),
        ("uitvoeringscoordinator", "c-1", "make-available", False),
        ("wijkagent", "c-1", "collect", False),
        (None, "c-1", "consult", False),
        ("procesregisseur", "c-1", "erase", False),
        ("procesregisseur", "c-1", "restrict", False),
    ],
)
def test_who_steers_the_table_stays_out_of_the_case(
    *, role: str | None, case_id: str | None, operation: str, found: bool
) -> None:
    """S28: a tactical role in a named case is a gap, an operational one is at work."""
    given = act(actor=Actor(role=role), case_id=case_id, operation=operation)
    assert findings(given).get("role-outside-scope") == ("gap" if found else None)


def test_without_an_actor_nothing_is_said_of_roles() -> None:
    """Who did it is often not told, and then not judged."""
    assert "role-outside-scope" not in findings(act(case_id="c-1"))
