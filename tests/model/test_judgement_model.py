"""Properties of the judgement over random acts, covenants and days; each names what it would be a fault to break."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law import plan
from services.law.act import Act, Justification, LegalBasis, Recipient, Retention, Secrecy, Subject
from services.law.catalogue import CATALOGUE, RULES
from services.law.context import Context, SubjectFacts
from services.law.governance import Addendum, Covenant, Entry, Interpretation, Partner
from services.law.judgement import judge
from services.law.local_time import amsterdam_day
from services.law.register import Known, Register
from services.law.rules.secrecy import OPENED_BY
from services.law.verdict import OUTCOMES_BY_SEVERITY, Block, Outcome, Verdict
from tests.model.judged_acts import (
    ACTS,
    DAYS,
    FOUR_FACTS,
    NOW,
    PARTY_IDS,
    REASONS,
    WORLDS,
    World,
    annex,
    covenant,
    entries_with,
    register_of,
)
from tests.unit.law.builders import decision

Facts = list[SubjectFacts | None]
ONE_DAY = timedelta(days=1)
change = msgspec.structs.replace


def rank(outcome: Outcome) -> int:
    """How bad."""
    return OUTCOMES_BY_SEVERITY.index(outcome)


def random_order(things: Sequence[Any], random: Random) -> tuple[Any, ...]:
    """The same things, shuffled."""
    return tuple(random.sample(things, len(things)))


def verdict(act: Act, register: Register, facts: Facts) -> Verdict:
    """The judgement."""
    return judge(act, Context(register, facts[: len(act.subjects)], NOW))


@given(ACTS, WORLDS, FOUR_FACTS, st.randoms(use_true_random=False))
def test_no_order_counts(act: Act, world: World, facts: Facts, random: Random) -> None:
    """Rules in any order, recipients and categories in any order, a register built anew in any order of knowing."""
    recipients, categories = random_order(act.recipients, random), random_order(act.data_categories, random)
    permuted = change(act, recipients=recipients, data_categories=categories)
    with patch.object(plan, "RULES", random_order(RULES, random)):
        found = verdict(permuted, register_of(*random_order(world.entries, random)), facts)
    assert found == verdict(act, world.register, facts)


@given(ACTS, WORLDS, FOUR_FACTS, st.randoms(use_true_random=False))
def test_the_order_of_persons_does_not_count(act: Act, world: World, facts: Facts, random: Random) -> None:
    """Each person keeps his codes and his outcome wherever he stands."""
    register = world.register
    order = random_order(range(len(act.subjects)), random)
    permuted = change(act, subjects=tuple(act.subjects[place] for place in order))
    before, after = verdict(act, register, facts), verdict(permuted, register, [facts[place] for place in order])
    assert after.outcome == before.outcome
    for place, was in enumerate(order):
        assert (after.codes_of(place), after.outcomes[place]) == (before.codes_of(was), before.outcomes[was])


OWN_GROUNDS = {
    "mayor": LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
    "college": LegalBasis(gdpr="6(1)(e)", statute="Jeugdwet 2.1"),
    "youth": LegalBasis(gdpr="6(1)(f)"),
    "care": LegalBasis(gdpr="6(1)(f)"),
}
WHOLE = st.builds(
    lambda controller, operation, recipients, persons, day: Act(
        operation=operation,
        occurred_at=day,
        controller=controller,
        recipients=tuple(Recipient(party=party) for party in recipients) if operation == "make-available" else (),
        subjects=tuple(
            Subject(id_type="pseudonym", id=str(number), status="listed", municipality="M") for number in range(persons)
        ),
        data_categories=("name", "report"),
        purpose="youth-groups",
        legal_basis=OWN_GROUNDS[controller],
        necessity=REASONS,
        retention=Retention(period="P1Y"),
        criteria="asserted",
    ),
    st.sampled_from(sorted(OWN_GROUNDS)),
    st.sampled_from(["collect", "consult", "use", "record", "alter", "make-available", "restrict"]),
    st.lists(st.sampled_from(["mayor", "college", "youth", "care"]), min_size=1, max_size=3, unique=True),
    st.integers(0, 3),
    st.sampled_from([day for day in DAYS if day.year >= 2026]),
)
"""Acts in which nothing is missing, outside any covenant."""

REMOVED: dict[Block, tuple[dict[str, Any], str]] = {
    Block.PURPOSE: ({"purpose": None}, "purpose-missing"),
    Block.BASIS: ({"legal_basis": None}, "ground-missing"),
    Block.NECESSITY: ({"necessity": None}, "necessity-missing"),
    Block.CARE: ({"retention": None}, "retention-unknown"),
}
BARE = annex(necessity=None, retention={})
UNDER = (None, *(covenant("house", regime=regime, purpose=None, annexes=(BARE,)) for regime in (2, 3)))
"""No covenant, and covenants that supply nothing of what the act must say itself."""


@given(WHOLE, st.sampled_from(UNDER), st.sets(st.sampled_from(sorted(REMOVED))))
def test_removing_a_block_gives_exactly_the_finding_of_that_block(
    whole: Act, under: Covenant | None, removed: set[Block]
) -> None:
    """An act in order is compliant; without some blocks it has the finding of each of those, and no other."""
    register = register_of(*entries_with(under or covenant("house")))
    if under is not None:
        whole = msgspec.convert(msgspec.to_builtins(whole) | {"covenant": {"id": "house", "annex": "groups"}}, Act)
    holds_nothing = whole.operation in {"consult", "restrict"}
    changes: dict[str, Any] = {}
    expected = set()
    for block in removed:
        fields, code = REMOVED[block]
        changes |= fields
        if not (block is Block.CARE and holds_nothing):
            expected.add(code)
    found = judge(change(whole, **changes), Context(register, None, whole.occurred_at))
    assert {finding.code for finding in found.findings} == expected
    assert {CATALOGUE[finding.code].block for finding in found.findings} <= removed


def lawful_additions(act: Act) -> list[dict[str, Any]]:
    """What makes an act better founded and takes nothing away."""
    justification = act.justification or Justification()
    additions: list[dict[str, Any]] = [
        {"necessity": REASONS},
        {"purpose": act.purpose or "youth-groups"},
        {"retention": Retention(period="P1Y")},
        {"criteria": "asserted"},
        {"legal_basis": change(act.legal_basis or LegalBasis(), article9="9(2)(a)", article10="UAVG 32")},
        {"justification": change(justification, override="seen at every fight")},
        {"justification": change(justification, serious_reasons="a threat against the mother")},
    ]
    if justification.secrecy is not None and "explicit-consent" in OPENED_BY[justification.secrecy.regime]:
        lifted = Secrecy(regime=justification.secrecy.regime, exception="explicit-consent")
        additions.append({"justification": change(justification, secrecy=lifted)})
    return additions


@given(ACTS, WORLDS, FOUR_FACTS)
def test_a_lawful_ground_never_makes_it_worse(act: Act, world: World, facts: Facts) -> None:
    """A reason, purpose, term, exception, consent that lifts a secrecy, covering decision: none adds a finding."""
    register = world.register
    before = verdict(act, register, facts)
    for addition in lawful_additions(act):
        after = verdict(change(act, **addition), register, facts)
        assert rank(after.outcome) <= rank(before.outcome), addition
        assert {found.code for found in after.findings} <= {found.code for found in before.findings}, addition
    if act.decision_id is None:
        covering = decision(
            id="all", covers=PARTY_IDS, data_categories=None, partnership=None, conditions=(), valid_from=None
        )
        after = verdict(change(act, decision_id="all"), register_of(*world.entries, covering), facts)
        assert rank(after.outcome) <= rank(before.outcome)


def days_of(act: Act, facts: Facts) -> set[date]:
    """The days that count: that of the act, and those of all that is known of its persons."""
    known = [person for person in facts if person is not None]
    moments = [past.occurred_at for person in known for past in person.acts]
    moments += [notice.given_at for person in known for notice in person.notices]
    moments += [exemption.decided_at for person in known for exemption in person.exemptions]
    return {amsterdam_day(moment) for moment in (act.occurred_at, *moments)}


def elsewhere(day: date, counting: set[date]) -> list[Entry]:
    """Versions and later texts of the covenants that say something else around ``day``, on no day that counts."""
    first, last = min(counting) - ONE_DAY, max(counting) + ONE_DAY
    windows: list[dict[str, Any]] = [{"valid_from": date(1990, 1, 1), "valid_until": first}, {"valid_from": last}]
    windows += [
        {"valid_from": beside, "valid_until": beside}
        for beside in (day - ONE_DAY, day + ONE_DAY)
        if first < beside < last and beside not in counting
    ]
    found: list[Entry] = []
    for number, window in enumerate(windows):
        other = annex(data_categories=("nothing",), retention={"signalling": "P1D"}, preventive=True)
        found.append(covenant("house", version=90 + number, regime=1, partners=(), annexes=(other,), **window))
        found.append(
            Addendum(
                id=f"a-{number}", covenant="house", annexes=(other,), partners=(Partner(party="school"),), **window
            )
        )
        found.append(
            Interpretation(id=f"i-{number}", covenant="house", regime=3, by="college", text="stricter", **window)
        )
        found.append(decision(covers=PARTY_IDS, **window))
    return found


@given(ACTS, WORLDS, FOUR_FACTS)
def test_what_is_not_in_force_that_day_never_decides(act: Act, world: World, facts: Facts) -> None:
    """Covenants, addenda, readings and decisions of the day before and the day after leave the verdict as it is.

    What was in force when a person's data were obtained may count: by that the duty to tell him is reckoned.
    """
    others = elsewhere(amsterdam_day(act.occurred_at), days_of(act, facts))
    assert verdict(act, register_of(*world.entries, *others), facts) == verdict(act, world.register, facts)


@given(ACTS, WORLDS, FOUR_FACTS, st.sampled_from([1, 2, 3]))
def test_what_was_entered_later_never_decides(act: Act, world: World, facts: Facts, regime: int) -> None:
    """A version in force that day but known only after the judgement: then was then."""
    base = world.register
    moment = base.history[-1].recorded_at
    late: list[Entry] = [
        covenant("house", version=99, regime=regime, partners=(), annexes=()),
        Addendum(id="late", covenant="house", annexes=(annex(data_categories=()),), valid_from=date(1999, 1, 1)),
        Interpretation(
            id="late", covenant="house", regime=3, by="college", text="stricter", valid_from=date(1999, 1, 1)
        ),
        decision(covers=PARTY_IDS, data_categories=None, valid_from=date(1999, 1, 1)),
    ]
    later = [Known(entry, 900 + n, moment + timedelta(seconds=1)) for n, entry in enumerate(late)]
    grown = Register([*base.history, *later], base.norms)
    assert verdict(act, grown.known_at(moment), facts) == verdict(act, base, facts)
    assert verdict(act, grown.known_until(base.position), facts) == verdict(act, base, facts)


@given(ACTS, WORLDS, FOUR_FACTS)
def test_an_act_is_judged_by_the_law_of_its_day(act: Act, world: World, facts: Facts) -> None:
    """Every finding rests on a norm in force that day, and every violation on one that somebody has read."""
    register = world.register
    view = register.on(amsterdam_day(act.occurred_at))
    for found in verdict(act, register, facts).findings:
        norms = view.in_force(CATALOGUE[found.code].norms)
        assert norms
        laws = {norm.split("-")[0] for norm in norms}
        assert laws.isdisjoint({"avg", "uavg", "wgs", "bgs"} if view.day < date(2018, 5, 25) else {"wbp"})
        if found.severity is Outcome.VIOLATION:
            assert any(register.norms[norm].verified for norm in norms)


@pytest.mark.parametrize("day", [day for day in DAYS if day.year < 2001])
@given(act=ACTS, world=WORLDS, facts=FOUR_FACTS)
def test_before_the_law_of_data_nothing_is_a_violation_of_it(day: Any, act: Act, world: World, facts: Facts) -> None:
    """Before September 2001 neither Wbp nor AVG was there to break."""
    register = world.register
    for found in verdict(change(act, occurred_at=day), register, facts).findings:
        norms = register.on(amsterdam_day(day)).in_force(CATALOGUE[found.code].norms)
        assert {norm.split("-")[0] for norm in norms}.isdisjoint({"wbp", "avg", "uavg", "wpg", "wgs"})
