"""Findings and answers in words."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.advice.explain import explain_answer, explain_findings
from services.law.advice.norms import label_of
from services.law.assessment import RecipientAnswer
from services.law.norm_set import NO_NORMS
from services.law.register import Register
from services.law.verdict import Block, Finding, Outcome, Verdict
from tests.unit.law.builders import DAY, register

REGISTER = register()
VIEW = REGISTER.on(DAY)


def test_a_finding_is_told_with_its_block_its_remedy_and_the_norms_of_the_day() -> None:
    """The persons are called as the answer calls them; a norm of another day is not named."""
    found = Finding("bystander-excluded", Outcome.VIOLATION, (1,))
    verdict = Verdict(Outcome.VIOLATION, (Outcome.COMPLIANT, Outcome.VIOLATION), (found,))
    (told,) = explain_findings(verdict, ("a", "b"), VIEW, REGISTER.norms)
    assert (told.code, told.block, told.severity, told.subjects) == (
        "bystander-excluded",
        Block.NECESSITY,
        Outcome.VIOLATION,
        ("b",),
    )
    assert "omstanders" in told.message.nl
    assert "bystanders" in told.message.en
    assert told.remedy.nl.startswith("Laat deze personen weg")
    (norm,) = told.norms
    assert (norm.id, norm.label, norm.citation) == ("avg-5-1-c", "AVG 5(1)(c)", "eli/reg/2016/679 art. 5(1)(c)")
    assert norm.verified
    assert norm.rule == REGISTER.norms["avg-5-1-c"].rule


def test_a_verdict_in_order_has_nothing_to_explain() -> None:
    """No findings, no explanations."""
    assert explain_findings(Verdict(Outcome.COMPLIANT, (), ()), (), VIEW, REGISTER.norms) == ()


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        ("allowed", Outcome.COMPLIANT, "Dit mag. Niets"),
        ("allowed", Outcome.GAP, "Dit mag, als klopt"),
        ("forbidden", Outcome.VIOLATION, "Dit mag zo niet"),
        ("must-share-unless", Outcome.COMPLIANT, "Dit moet u delen"),
        ("must-share-unless", Outcome.GAP, "Dit moet u delen"),
    ],
)
def test_an_answer_says_why(answer: Any, outcome: Outcome, said: str) -> None:
    """A gap is no reason not to share; what must be shared is said so whatever is missing."""
    told = explain_answer(RecipientAnswer("youth", answer), outcome, VIEW, REGISTER.norms)
    assert (told.party, told.answer, told.mend) == ("youth", answer, ())
    assert told.why.nl.startswith(said)
    assert told.why.en


def test_what_would_allow_it_is_told_as_a_finding_or_as_a_norm() -> None:
    """Codes bring their remedy, norms their rule; both in the order of the answer."""
    answer = RecipientAnswer("school", "forbidden", ("ground-missing", "wpg-19"))
    told = explain_answer(answer, Outcome.VIOLATION, VIEW, REGISTER.norms)
    finding, norm = told.mend
    assert (finding.id, finding.kind, norm.id, norm.kind) == ("ground-missing", "finding", "wpg-19", "norm")
    assert finding.remedy.nl.startswith("Noem de letter")
    assert "avg-5-1-a" in [shown.id for shown in finding.norms]
    assert norm.message == REGISTER.norms["wpg-19"].rule
    assert [shown.id for shown in norm.norms] == ["wpg-19"]


def test_what_must_be_shared_names_the_norms_that_oblige() -> None:
    """Only those in force on the day of the act."""
    answer = RecipientAnswer("mayor", "must-share-unless", (), ("wpg-16-1-a", "wbp-6"))
    told = explain_answer(answer, Outcome.COMPLIANT, VIEW, REGISTER.norms)
    assert [norm.id for norm in told.owed_under] == ["wpg-16-1-a"]


def test_a_norm_that_the_register_does_not_hold_is_named_by_its_id() -> None:
    """Without norms nothing is quoted."""
    answer = RecipientAnswer("school", "forbidden", ("wpg-19",))
    told = explain_answer(answer, Outcome.VIOLATION, Register().on(DAY), NO_NORMS)
    (mend,) = told.mend
    assert mend.message.nl == "Een grond volgens wpg-19."
    assert mend.message.en == "A ground under wpg-19."
    (norm,) = mend.norms
    assert (norm.label, norm.citation, norm.rule, norm.verified) == ("wpg-19", None, None, False)


@pytest.mark.parametrize(
    ("citation", "label"),
    [
        ("eli/reg/2016/679 art. 14(3)(c)", "AVG 14(3)(c)"),
        ("eli/reg/1971/1182 art. 3(4)", "Verordening 1182/71 3(4)"),
        ("jci1.3:c:BWBR0022463&artikel=7&lid=1", "Wpg 7(1)"),
        ("Somewhere 5", "Somewhere 5"),
    ],
)
def test_a_norm_is_called_as_a_reader_calls_it(citation: str, label: str) -> None:
    """By the short name of its act; what is not known stands as it is."""
    assert label_of(citation) == label
