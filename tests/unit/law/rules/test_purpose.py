"""Decision tables of the rules on purpose."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import CovenantChoice, Justification, LegalBasis
from services.law.context import SubjectFacts
from services.law.governance import Entry, Partner
from services.law.verdict import Verdict
from tests.unit.law.builders import REASONS, act, activity, covenant, decision, findings, register, subject, to, verdict

BARE: dict[str, Any] = {"covenant": None, "necessity": REASONS}
POLICE: dict[str, Any] = {"controller": "police", "legal_basis": LegalBasis(statute="Wpg 8"), "operation": "record"}


@pytest.mark.parametrize(
    ("changes", "entries", "missing"),
    [
        ({}, [], False),
        ({"purpose": " "}, [covenant(purpose=None)], True),
        ({**BARE}, [], True),
        ({**BARE, "purpose": "x"}, [], False),
        ({**BARE, **POLICE, "data_regime": "Wpg-8"}, [], False),
        ({**BARE, **POLICE, "data_regime": "Wpg-9"}, [], True),
        ({**BARE, "activity": "youth-work"}, [activity()], False),
        ({**BARE, "activity": "youth-work"}, [activity(purpose=None)], True),
        ({**BARE, "decision_id": "umbrella"}, [decision(purpose="x")], False),
        ({**BARE, "decision_id": "umbrella"}, [decision()], True),
        ({**BARE, "operation": "erase"}, [], False),
    ],
)
def test_a_purpose_is_owed_unless_something_brings_it(
    *, changes: dict[str, Any], entries: list[Entry], missing: bool
) -> None:
    """The act, its covenant, activity or decision, or Wpg 8 brings the purpose; a delete owes none."""
    assert ("purpose-missing" in findings(act(**changes), *entries)) is missing


ELSEWHERE = covenant("other", territory=("B",), regime=2)


@pytest.mark.parametrize(
    ("changes", "entries", "is_open"),
    [
        ({"subjects": (subject(municipality="B"),)}, [ELSEWHERE], True),
        ({"subjects": (subject(municipality="B"),)}, [], False),
        ({"subjects": (subject(municipality="M"),)}, [ELSEWHERE], False),
        ({"subjects": (subject(municipality=None),)}, [ELSEWHERE], False),
        ({"subjects": (subject(municipality="B"),), "operation": "record"}, [ELSEWHERE], False),
        ({"subjects": (subject(municipality="B"),), "covenant": None}, [ELSEWHERE], False),
        ({"subjects": (subject(municipality="B"),)}, [ELSEWHERE, covenant(territory=())], False),
        ({"subjects": (subject(municipality="B"),), "recipients": to("school")}, [ELSEWHERE], False),
        ({"subjects": (subject(municipality="B"),), "controller": "school"}, [ELSEWHERE], False),
        ({"subjects": (subject(municipality="B"),)}, [covenant("other", territory=(), municipalities=("B",))], True),
        ({"subjects": (subject(municipality="B"),)}, [covenant(municipalities=("B",)), ELSEWHERE], False),
    ],
)
def test_the_choice_is_open_when_two_towns_meet(
    *, changes: dict[str, Any], entries: list[Entry], is_open: bool
) -> None:
    """Only a share whose sender and a recipient are partners of the covenant of the person's own town."""
    assert ("covenant-choice-open" in findings(act(**changes), *entries)) is is_open


def chosen(reason: str = "the case is led from M", candidates: tuple[str, ...] = ("house", "other")) -> Justification:
    """The choice of a covenant, with its reason."""
    return Justification(covenant_choice=CovenantChoice(candidates=candidates, reason=reason))


@pytest.mark.parametrize(
    ("changes", "entries", "is_open"),
    [
        ({"justification": chosen()}, [], False),
        ({"justification": chosen(candidates=())}, [], False),
        ({"justification": chosen(candidates=("other",))}, [], True),
        ({"justification": chosen(reason=" ")}, [], True),
        ({"justification": Justification()}, [], True),
        ({"justification": chosen()}, [covenant(partners=(Partner(party="youth"),))], True),
    ],
)
def test_a_reasoned_choice_closes_it(*, changes: dict[str, Any], entries: list[Entry], is_open: bool) -> None:
    """The reason is given, the covenant named was weighed, and the sender is a partner of it."""
    given = act(subjects=(subject(municipality="B"),), **changes)
    assert ("covenant-choice-open" in findings(given, ELSEWHERE, *entries)) is is_open


def test_the_town_comes_from_the_facts_when_the_act_leaves_it_out() -> None:
    """Of three persons only the one whose known town is elsewhere is named; of the unknown one nothing is said."""
    people = (subject(id="1", municipality=None), subject(id="2", municipality=None), subject(id="3"))
    facts = (SubjectFacts(municipality="B"), None, SubjectFacts(municipality="B"))
    found: Verdict = verdict(act(subjects=people), ELSEWHERE, facts=facts)
    assert [found.codes_of(index) for index in range(3)] == [("covenant-choice-open",), (), ()]


def test_facts_shorter_than_the_act_leave_the_rest_unknown() -> None:
    """A context with fewer facts than persons never fails: the others count as unknown."""
    people = (subject(id="1"), subject(id="2", municipality=None))
    assert verdict(act(subjects=people), ELSEWHERE, facts=(SubjectFacts(municipality="B"),)).findings == ()


def test_territories_are_compiled_once_a_day() -> None:
    """The view of a day answers for a town in none, one and two covenants, in order of id."""
    view = register(ELSEWHERE, covenant("another", territory=("B", "M"))).on(act().occurred_at.date())
    assert [[c.covenant.id for c in view.covenants_in(town)] for town in ("X", "B", "M")] == [
        [],
        ["another", "other"],
        ["another", "house"],
    ]
