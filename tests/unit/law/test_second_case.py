"""The table of a Zorg- en Veiligheidshuis, act by act, through the law alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.law.access import access_clock
from services.law.act import Act
from services.law.assessment import assess_recipients
from services.law.context import SubjectFacts
from services.law.duty_state import duty_state
from services.law.first_processing import first_processed
from services.law.inform import inform_duties
from services.law.judgement import judge
from services.law.keeping import keeping_of, text_of
from services.law.local_time import amsterdam_day
from services.law.verdict import Verdict
from tests.unit.law.builders import holding_term
from tests.unit.law.case_reader import Case, Step, local

CASE = Path(__file__).parents[2] / "cases" / "zorg-en-veiligheidshuis.yaml"
Played = tuple[Step, Verdict, tuple[SubjectFacts | None, ...]]


@pytest.fixture(scope="module")
def case() -> Case:
    """The case, with nothing learnt yet."""
    return Case(CASE)


@pytest.fixture(scope="module")
def played(case: Case) -> dict[int, Played]:
    """Every act with its verdict and what was known of its persons before it."""
    found = {}
    for step in case.steps:
        context = case.context_of(step)
        found[step.number] = (step, judge(step.judged, context), tuple(context.facts or ()))
        if str(judge(step.judged, context).outcome) != "violation":
            case.learn(step)
    return found


def test_every_expected_outcome_and_code_is_found(played: dict[int, Played]) -> None:
    """Each `expect` of the case file: the exact outcome, each named code for the persons named, and no code more."""
    for number, (step, verdict, _) in played.items():
        if step.expect:
            codes = {
                finding.code: sorted(step.persons[index] for index in finding.subjects) for finding in verdict.findings
            }
            assert (number, str(verdict.outcome), codes) == (
                number,
                step.expect["outcome"],
                {code: sorted(persons) for code, persons in step.expect.get("codes", {}).items()},
            )


def test_the_answers_per_recipient(case: Case, played: dict[int, Played]) -> None:
    """`assess_*`: must share with the table, may on an opinion, may not against the supplier's condition."""
    for question in case.content["questions"]["assess"]:
        step, _, _ = played[question["act"]]
        assert isinstance(step.judged, Act)
        answers = {one.party: one.answer for one in assess_recipients(step.judged, case.context_of(step))}
        assert answers == case.content["expected"][question["key"]]


def test_the_terms(case: Case, played: dict[int, Played]) -> None:
    """`holdingEnds`: each with the first processing of that person, as on record just before the act."""
    for question in case.content["questions"]["holdingEnds"]:
        step, _, facts = played[question["act"]]
        act, known = step.judged, facts[step.persons.index(question["subject"])]
        assert isinstance(act, Act)
        since = first_processed(act, known, case.register.on(amsterdam_day(act.occurred_at)))
        term = holding_term(act, case.register, since)
        keeping = keeping_of(act, case.register, known)
        assert term is not None
        assert keeping is not None
        assert keeping.holds is not None
        assert str(term.ends) == str(keeping.until) == case.content["expected"]["retention"][question["key"]]
        assert text_of(keeping.holds).nl.endswith(".")


def test_the_file_of_veilig_thuis_names_what_lost(case: Case, played: dict[int, Played]) -> None:
    """Fifteen years, with the year that the act itself states as the loser, in words."""
    step, _, _ = played[1]
    assert isinstance(step.judged, Act)
    keeping = keeping_of(step.judged, case.register)
    assert keeping is not None
    assert keeping.holds is not None
    assert "15 jaar" in text_of(keeping.holds).nl
    assert [text_of(lost).en for lost in keeping.lost] == ["The act itself states this term: 1 year."]


def test_who_is_told_and_how_that_stands(case: Case, played: dict[int, Played]) -> None:
    """`inform_2025-04-30`: the contact point tells for all; one told, one too late, one not yet, one never."""
    assert played
    expected = case.content["expected"]["inform_2025-04-30"]
    at, due, states = local("2025-04-30T23:59"), {}, {}
    for person, facts in case.facts.items():
        for duty in inform_duties(facts, case.register, at):
            if duty.covenant == "zvh":
                assert duty.party == "college-middelstad"
                due[person] = duty.due
                states[person] = duty_state(duty, facts, at, held=person != "o").state
    assert due == {person: local(text) for person, text in expected["due"].items()}
    assert states == expected["state"]


def test_the_clocks_of_the_request(case: Case) -> None:
    """`access_16`: regime, safe day and remedy of each controller, from the day Veilig Thuis received it."""
    received = date(2025, 5, 6)
    for party_id, expected in case.content["expected"]["access_16"]["controllers"].items():
        clock = access_clock(case.register.party(party_id, received), received)
        assert clock is not None
        due = "unverified" if clock.due is None else str(clock.due.safe)
        assert f"{clock.regime} {due} {clock.remedy}" == expected
