"""The case of the seed, act by act, through the judgement alone."""

from __future__ import annotations

import pytest

from services.law.act import Act
from services.law.duty_state import duty_state
from services.law.inform import inform_duties, missing_elements, open_exemption
from services.law.judgement import judge
from services.law.verdict import Verdict
from tests.unit.law.builders import holding_term
from tests.unit.law.case_reader import Case, Step, local


@pytest.fixture(scope="module")
def judged() -> list[tuple[Step, Verdict]]:
    """Every act of the case with its verdict, judged on what was known before it."""
    case = Case()
    found = []
    for step in case.steps:
        found.append((step, judge(step.judged, case.context_of(step))))
        case.learn(step)
    return found


def test_every_expected_outcome_and_code_is_found(judged: list[tuple[Step, Verdict]]) -> None:
    """Each `expect` of the case file: the exact outcome, and each named code for the persons named."""
    differences: list[tuple[object, ...]] = []
    for step, verdict in judged:
        if not step.expect:
            continue
        if verdict.outcome != step.expect["outcome"]:
            differences.append((step.number, verdict.outcome, verdict.findings))
        for code, persons in step.expect.get("codes", {}).items():
            named = {person for i, person in enumerate(step.persons) if code in verdict.codes_of(i)}
            if named != set(persons):
                differences.append((step.number, code, named))
    assert differences == []


def test_only_bystanders_make_their_acts_a_violation(judged: list[tuple[Step, Verdict]]) -> None:
    """In acts 6 and 10 the eight others stay compliant: the verdict is per person."""
    verdicts = {step.number: verdict for step, verdict in judged}
    for number in (6, 10):
        assert [str(outcome) for outcome in verdicts[number].outcomes] == ["compliant"] * 8 + ["violation"]


def test_the_moment_to_inform_comes_out_for_every_person() -> None:
    """`inform_2026-09-18`: all nine due instants for the covenant annex, seen at the end of that day."""
    case = Case()
    for step in case.steps:
        case.learn(step)
    expected = case.content["expected"]["inform_2026-09-18"]["due"]
    found = {}
    for person, facts in case.facts.items():
        for duty in inform_duties(facts, case.register, local("2026-09-19T00:00")):
            if (duty.covenant, duty.annex) == ("veiligheidshuis", "jeugdgroepen"):
                assert duty.party == "college-middelstad"
                found[person] = duty.due
    assert found == {person: local(due) for person, due in expected.items()}


def test_notices_and_exemptions_leave_what_the_case_says() -> None:
    """At the end of 18 September y3 and y4 were told all, y2 and y5 in part, y1 is exempt, the rest untold."""
    case = Case()
    for step in case.steps:
        case.learn(step)
    at = local("2026-09-18T23:59")
    missing, exempt = {}, {}
    for person, facts in case.facts.items():
        duty = next(d for d in inform_duties(facts, case.register, at) if d.covenant == "veiligheidshuis")
        missing[person] = len(missing_elements(duty, facts, at))
        exempt[person] = open_exemption(duty, facts, at) is not None
    assert missing == {"y1": 9, "y2": 7, "y3": 0, "y4": 0, "y5": 7, "y6": 9, "y7": 9, "y8": 9, "y9": 9}
    assert [person for person, is_exempt in exempt.items() if is_exempt] == ["y1"]


def test_the_whole_expected_duty_to_inform_comes_out() -> None:
    """`inform_2026-09-18`: due instant and state of every person, with holdings as the case file reads literally."""
    case, at = Case(), local("2026-09-18T23:59")
    steps = [step for step in case.steps if step.recorded <= at]
    for step in steps:
        case.learn(step)
    due, states = {}, {}
    for person, facts in case.facts.items():
        for duty in inform_duties(facts, case.register, at):
            if (duty.covenant, duty.annex) == ("veiligheidshuis", "jeugdgroepen"):
                due[person] = duty.due
                found = duty_state(duty, facts, at, held=bool(_holders(steps, person, case)))
                states[person] = found.state
    expected = case.content["expected"]["inform_2026-09-18"]
    assert states == expected["state"]
    assert due == {person: local(text) for person, text in expected["due"].items()}


def test_the_exemption_of_y1_came_too_late_to_carry_its_moment() -> None:
    """Due 7 September, decided on the 17th: exempt until 15 October, and late all the same."""
    case, at = Case(), local("2026-10-16T00:00")
    for step in case.steps:
        case.learn(step)
    facts = case.facts["y1"]
    duty = next(d for d in inform_duties(facts, case.register, at) if d.covenant == "veiligheidshuis")
    before, after = (duty_state(duty, facts, moment, held=True) for moment in (local("2026-10-15T23:59"), at))
    assert (before.state, str(before.exempt_until), before.due) == ("exempt", "2026-10-15", duty.due)
    assert (after.state, after.due) == ("open", local("2026-09-07T10:40"))


def _holders(steps: list[Step], person: str, case: Case) -> set[tuple[str, str]]:
    """Who has which category of the person under the annex: obtained it there, and did not erase it since."""
    held: set[tuple[str, str]] = set()
    for step in sorted(steps, key=lambda step: (local(case.content["acts"][step.number - 1]["at"]), step.number)):
        act = step.judged
        if not isinstance(act, Act) or act.tense == "intent" or person not in step.persons:
            continue
        if act.operation == "erase":
            held -= {(act.controller, category) for category in act.data_categories}
        elif act.covenant is not None and act.covenant.id == "veiligheidshuis":
            obtained = (act.controller, *(recipient.party for recipient in act.recipients))
            held |= {(party, category) for party in obtained for category in act.data_categories}
    return held


def test_the_holding_of_act_six_ends_with_its_phase() -> None:
    """`act_6_y1_holding_ends`: three months of signalling from 10 September."""
    case = Case()
    act = next(step.judged for step in case.steps if step.number == 6)
    assert isinstance(act, Act)
    term = holding_term(act, case.register)
    assert term is not None
    assert str(term.ends) == case.content["expected"]["retention"]["act_6_y1_holding_ends"]
