"""Properties of the judgement: deterministic, per subject, blind to order, and never worse for more ground."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import (
    Act,
    CovenantReference,
    Exemption,
    Justification,
    LegalBasis,
    ListReference,
    Notice,
    Recipient,
    Retention,
    Source,
    Threshold,
    Triage,
)
from services.law.context import Context, PastAct, SubjectFacts
from services.law.errors import OperationUnknownError
from services.law.judgement import judge, needs_facts
from services.law.operations import VERBS
from services.law.register import Known, Register
from services.law.verdict import OUTCOMES_BY_SEVERITY, Outcome, Verdict, worst
from services.ledger.storage.norms import packaged_norms
from tests.unit.law.builders import (
    NOW,
    REASONS,
    act,
    activity,
    annex,
    change,
    covenant,
    decision,
    register,
    subject,
    verdict,
)

PARTIES = ["mayor", "college", "police", "prosecutor", "youth", "care", "school", "guard", "host", "nobody"]
STATUTES = [None, "Gemeentewet 172", "Wpg 8", "Wpg 7(2)", "Wpg 20", "Bpg 4:2", "Wmo 5.2.6", "convenant", "house"]
LETTERS = [None, "6(1)(a)", "6(1)(c)", "6(1)(d)", "6(1)(e)", "6(1)(f)", "nine"]
TOWNS = [None, "M", "B"]

BASES = st.builds(LegalBasis, gdpr=st.sampled_from(LETTERS), statute=st.sampled_from(STATUTES))
SUBJECTS = st.lists(
    st.builds(
        subject,
        status=st.sampled_from([None, "listed", "bystander", "peripheral"]),
        municipality=st.sampled_from(TOWNS),
        id_type=st.sampled_from(["BSN", "pseudonym"]),
    ),
    max_size=4,
).map(tuple)
FACTS = st.one_of(
    st.none(),
    st.builds(
        SubjectFacts,
        municipality=st.sampled_from(TOWNS),
        acts=st.lists(
            st.builds(
                PastAct,
                operation_class=st.sampled_from(["collect", "share", "alter"]),
                occurred_at=st.integers(1, 90).map(lambda days: NOW - timedelta(days=days)),
                controller=st.sampled_from(["mayor", "police"]),
                recipients=st.just(("youth",)),
                covenant=st.sampled_from([None, "house"]),
                annex=st.just("groups"),
                data_categories=st.sampled_from([(), ("name",), ("name", "report")]),
                purpose=st.sampled_from([None, "order", "care"]),
            ),
            max_size=3,
        ).map(tuple),
    ),
)
ACCOUNTS = st.builds(
    Justification,
    triage=st.sampled_from([None, Triage(step="s", outcome="not-share"), Triage(step="s", outcome="share")]),
    threshold=st.sampled_from(
        [None, Threshold(facts="f", source="s", decided_by="mayor", decided_on=NOW.date() + timedelta(days=1))]
    ),
    override=st.sampled_from([None, "because"]),
)
ACTS = st.builds(
    act,
    operation=st.sampled_from(VERBS),
    tense=st.sampled_from(["fact", "intent"]),
    controller=st.sampled_from(PARTIES),
    processor=st.sampled_from([None, "guard", "host", "nobody"]),
    subjects=SUBJECTS,
    recipients=st.lists(
        st.builds(Recipient, party=st.sampled_from(PARTIES), activity=st.sampled_from([None, "youth-work", "x"])),
        max_size=4,
    ).map(tuple),
    data_categories=st.lists(st.sampled_from(["name", "report", "image"]), unique=True).map(tuple),
    data_regime=st.sampled_from(["AVG", "Wpg-8", "Wpg-20", "Wjsg"]),
    legal_basis=st.one_of(st.none(), BASES),
    decision_id=st.sampled_from([None, "umbrella", "x"]),
    necessity=st.sampled_from([None, REASONS]),
    covenant=st.sampled_from(
        [None, CovenantReference(id="house"), CovenantReference(id="house", annex="groups"), CovenantReference(id="x")]
    ),
    phase=st.sampled_from([None, "signalling", "weighing"]),
    list=st.sampled_from([None, ListReference(kind="bruto", id="l")]),
    source=st.sampled_from([None, Source(kind="open-source"), Source(kind="party", party="school")]),
    retention=st.sampled_from([None, Retention(period="P1Y"), Retention(period="?")]),
    activity=st.sampled_from([None, "youth-work", "x"]),
    purpose=st.sampled_from([None, "order"]),
    justification=st.one_of(st.none(), ACCOUNTS),
    reference=st.sampled_from([None, "urn:sha256:0"]),
)
REGIMES = st.sampled_from([1, 2, 3])
TIMELY = Threshold(facts="two reports", source="police", decided_by="mayor", decided_on=NOW.date())
LOOKING = ("consult", "retrieve", "use", "align", "combine", "other")


def _register(regime: int) -> Register:
    other = covenant("other", territory=("B",))
    return register(covenant(regime=regime, annexes=(annex(preventive=True),)), other, decision(), activity())


def _judge(given_act: Act, regime: int, facts: list[SubjectFacts | None]) -> Verdict:
    return judge(given_act, Context(_register(regime), facts, NOW))


def _rank(outcome: Outcome) -> int:
    return OUTCOMES_BY_SEVERITY.index(outcome)


@given(ACTS, REGIMES, st.lists(FACTS, min_size=4, max_size=4))
def test_the_same_question_has_the_same_answer(given_act: Act, regime: int, facts: list[SubjectFacts | None]) -> None:
    """Dry run, real thing and replay: judged twice, in registers built apart, the verdict is one."""
    first = _judge(given_act, regime, facts)
    shuffled = list(_register(regime).history)
    Random(regime).shuffle(shuffled)
    assert judge(given_act, Context(Register(shuffled, packaged_norms()), tuple(facts), NOW)) == first
    assert [found.code for found in first.findings] == sorted({found.code for found in first.findings})


@given(ACTS, REGIMES, st.lists(FACTS, min_size=4, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_recipients_does_not_count(
    given_act: Act, regime: int, facts: list[SubjectFacts | None], random: Random
) -> None:
    """Any permutation of recipients and categories gives the equal verdict."""
    recipients, categories = list(given_act.recipients), list(given_act.data_categories)
    random.shuffle(recipients)
    random.shuffle(categories)
    permuted = change(given_act, recipients=tuple(recipients), data_categories=tuple(categories))
    assert _judge(permuted, regime, facts) == _judge(given_act, regime, facts)


@given(ACTS, REGIMES, st.lists(FACTS, min_size=4, max_size=4))
def test_a_person_is_judged_as_if_alone(given_act: Act, regime: int, facts: list[SubjectFacts | None]) -> None:
    """Brute force: the verdict on many equals the verdicts on each of them in an act of its own."""
    together = _judge(given_act, regime, facts)
    for index, person in enumerate(given_act.subjects):
        alone = _judge(change(given_act, subjects=(person,)), regime, facts[index : index + 1])
        assert alone.codes_of(0) == together.codes_of(index)
        assert alone.outcomes == (together.outcomes[index],)
    everyone = _judge(change(given_act, subjects=()), regime, []).outcome
    assert together.outcome == worst([everyone, *together.outcomes])


@given(ACTS, REGIMES, st.lists(FACTS, min_size=4, max_size=4))
def test_a_lawful_ground_never_makes_it_worse(given_act: Act, regime: int, facts: list[SubjectFacts | None]) -> None:
    """Filling in necessity, purpose, term, an account, or a decision that covers everyone never raises the severity."""
    before = _judge(given_act, regime, facts)
    account = change(given_act.justification or Justification(), override="because", threshold=TIMELY)
    additions: list[dict[str, Any]] = [
        {"necessity": REASONS},
        # A purpose where one was named is another purpose: that can be a new one, which wants weighing (AVG 6(4)).
        {} if given_act.operation in LOOKING else {"purpose": "x"},
        {"retention": Retention(period="P1Y")},
        {"justification": account},
    ]
    for addition in additions:
        after = _judge(change(given_act, **addition), regime, facts)
        assert _rank(after.outcome) <= _rank(before.outcome)
        assert {found.code for found in after.findings} <= {found.code for found in before.findings}
    if given_act.decision_id is None:
        covering = decision(id="all", covers=tuple(PARTIES), data_categories=None, partnership=None)
        history = [*_register(regime).history, Known(covering, 99, NOW)]
        after = judge(change(given_act, decision_id="all"), Context(Register(history, packaged_norms()), facts, NOW))
        assert _rank(after.outcome) <= _rank(before.outcome)


@given(ACTS, REGIMES, st.lists(FACTS, min_size=4, max_size=4))
def test_intent_and_fact_differ_in_lateness_only(given_act: Act, regime: int, facts: list[SubjectFacts | None]) -> None:
    """What is allowed beforehand is judged the same afterwards, save for a late entry."""
    now = NOW + timedelta(days=4)
    found = {}
    for tense in ("fact", "intent"):
        verdict_then = judge(change(given_act, tense=tense), Context(_register(regime), facts, now))
        found[tense] = {finding.code for finding in verdict_then.findings}
    assert found["fact"] - found["intent"] == {"late-entry"}
    assert found["intent"] <= found["fact"]


@given(ACTS, REGIMES, st.lists(FACTS, min_size=4, max_size=4))
def test_facts_that_are_not_needed_change_nothing(
    given_act: Act, regime: int, facts: list[SubjectFacts | None]
) -> None:
    """Where needs_facts says no, the verdict without facts is the verdict with them."""
    if not needs_facts(given_act):
        assert judge(given_act, Context(_register(regime), None, NOW)) == _judge(given_act, regime, facts)


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, False),
        ({"subjects": (subject(municipality=None),)}, True),
        ({"subjects": (subject(municipality=None),), "covenant": None}, False),
        ({"subjects": (subject(municipality=None),), "operation": "record"}, False),
        ({"operation": "erase"}, True),
        ({"operation": "other", "operation_class": "delete"}, True),
        ({"data_regime": "Wpg-8", "covenant": None}, True),
        ({"data_regime": "Wpg-20"}, True),
        ({"data_regime": "Wjsg"}, False),
        ({"data_regime": "Wpg-8", "operation": "record"}, False),
        ({"operation": "consult"}, False),
        ({"operation": "consult", "purpose": "order"}, True),
        ({"operation": "record", "purpose": "order"}, False),
    ],
)
def test_facts_are_read_only_when_needed(*, changes: dict[str, Any], needed: bool) -> None:
    """Deletes, shares of police data or of someone whose town the act leaves out, and looking for a named purpose."""
    assert needs_facts(act(**changes)) is needed


def test_exemptions_need_facts_and_notices_do_not() -> None:
    """Whether an exemption is late depends on what happened before; a notice is judged by itself."""
    exemption = Exemption(subject=subject(), controller="c", norm="n", interest="i", decided_by="c", decided_at=NOW)
    notice = Notice(
        subjects=(), controller="c", given_by="c", given_at=NOW, form="letter", elements="all", addressee="subject"
    )
    assert (needs_facts(exemption), needs_facts(notice)) == (True, False)


def test_an_act_without_persons_is_judged_as_such() -> None:
    """Findings concern nobody, yet the outcome counts them."""
    found = verdict(act(subjects=(), recipients=(), operation="record", legal_basis=None))
    assert (found.outcome, found.outcomes) == (Outcome.GAP, ())
    assert [(finding.code, finding.subjects) for finding in found.findings] == [("ground-missing", ())]


def test_an_act_in_order_is_compliant_for_everyone() -> None:
    """No findings, and one compliant outcome per person."""
    found = verdict(act(subjects=(subject(id="1"), subject(id="2"))))
    assert found == Verdict(Outcome.COMPLIANT, (Outcome.COMPLIANT, Outcome.COMPLIANT), ())


def test_a_verb_outside_the_table_is_not_judged() -> None:
    """It should have been rejected at the door; the judgement raises instead of guessing a class."""
    with pytest.raises(OperationUnknownError):
        verdict(act(operation="destroy"))
