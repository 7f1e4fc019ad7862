"""Who must tell the persons about an act, by when and what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import Act, Recipient, Source
from services.law.advice.shapes import Telling
from services.law.advice.tell import tell
from services.law.context import Context, PastAct, PastExemption, PastNotice, SubjectFacts
from services.law.inform import NORMS_BY_MOMENT
from services.law.owed import tell_due, tellers
from services.law.past import past_of
from services.law.texts import Text
from tests.unit.law.builders import NOW, act, change, covenant, register, subject, to

REGISTER = register()
ALL = ("controller", "purpose", "basis", "categories", "recipients", "retention", "rights", "source", "complaint")


def told(given_act: Act, *known: SubjectFacts | None) -> tuple[Telling, ...]:
    """Who tells, with the persons called by their numbers."""
    names = [str(number) for number in range(1, len(given_act.subjects) + 1)]
    return tell(given_act, Context(REGISTER, None, NOW), known or None, names)


def notice(**changes: Any) -> PastNotice:
    """The college told everything about the covenant's annex."""
    usual: dict[str, Any] = {
        "given_at": NOW - timedelta(days=1),
        "controller": "college",
        "covenant": "house",
        "annex": "groups",
        "elements": ("all",),
    }
    return PastNotice(**(usual | changes))


def test_a_share_under_a_covenant_is_told_by_whom_the_arrangement_names() -> None:
    """One party for all, at once since it is a first disclosure, with every element."""
    (one,) = told(act())
    assert (one.party, one.on_behalf_of, one.subjects) == ("college", ("mayor", "youth"), ("1",))
    assert (one.due, one.moment, one.elements, one.addressees) == (NOW, "first-disclosure", ALL, ("subject",))
    assert one.covenant is not None
    assert (one.covenant.id, one.covenant.annex) == ("house", "groups")
    assert [norm.id for norm in one.norms] == ["avg-14-3-c", "avg-12-1"]
    assert one.text == Text(
        "college vertelt het de persoon uiterlijk 1 juni 2026 om 14:00 uur, ook voor mayor en youth: "
        "wie verantwoordelijk is, waarvoor de gegevens zijn, welke wet het toestaat, om welke gegevens het gaat, "
        "wie ze krijgt, hoe lang ze bewaard worden, welke rechten iemand heeft, waar ze vandaan komen en "
        "waar iemand kan klagen. Informeer de persoon zelf.",
        "college tells the person by 1 June 2026 at 14:00, also for mayor and youth: "
        "who is responsible, what the data are for, which law allows it, which data it is about, "
        "who receives them, how long they are kept, which rights the person has, where they come from and "
        "where to complain. Tell the person.",
    )


def test_without_a_covenant_each_tells_for_itself() -> None:
    """The sender at once, the recipient within a month; the earliest stands first."""
    first, second = told(act(covenant=None))
    assert (first.party, first.on_behalf_of, first.due, first.covenant) == ("mayor", (), NOW, None)
    assert (second.party, second.moment) == ("youth", "one-month")
    assert second.due == datetime(2026, 7, 1, 22, tzinfo=UTC)
    assert second.text.nl.startswith("youth vertelt het de persoon uiterlijk het einde van 1 juli 2026: ")


def test_an_intent_is_told_as_its_fact_will_be() -> None:
    """The tense changes nothing: the question is what follows once it has happened."""
    assert told(act(tense="intent")) == told(act())


def test_what_was_told_is_not_told_again() -> None:
    """Only what no notice has told yet remains, and a person who knows everything is left out."""
    two = act(subjects=(subject(id="1"), subject(id="2")))
    partly = SubjectFacts(notices=(notice(elements=("controller", "purpose")),))
    whole = SubjectFacts(notices=(notice(),))
    (one,) = told(two, partly, whole)
    assert (one.subjects, one.elements) == (("1",), ALL[2:])
    assert told(two, whole, whole) == ()


@pytest.mark.parametrize(("annex", "owed"), [("groups", 0), ("other", 1)])
def test_a_notice_about_another_annex_tells_nothing_here(annex: str, owed: int) -> None:
    """Each approach is told of by itself."""
    assert len(told(act(), SubjectFacts(notices=(notice(annex=annex),)))) == owed


@pytest.mark.parametrize(("review_on", "owed"), [(date(2026, 6, 1), 0), (date(2026, 5, 31), 1)])
def test_a_decision_not_to_tell_counts_until_its_review_day(review_on: date, owed: int) -> None:
    """After that day silence is no exception any more."""
    exemption = PastExemption(
        decided_at=NOW - timedelta(days=9),
        controller="college",
        norm="UAVG 41(1)(d)",
        covenant="house",
        annex="groups",
        review_on=review_on,
    )
    assert len(told(act(), SubjectFacts(exemptions=(exemption,)))) == owed


def test_what_was_obtained_earlier_brings_the_moment_forward() -> None:
    """A disclosure of last week under the same annex was the first one."""
    earlier = change(past_of(act()), occurred_at=NOW - timedelta(days=7))
    (one,) = told(act(), SubjectFacts(acts=(earlier,)))
    assert one.due == NOW - timedelta(days=7)

    assert one.late
    assert one.text.nl.startswith("college had het de persoon uiterlijk 25 mei 2026 om 14:00 uur moeten vertellen, en ")
    assert one.text.en.startswith("college should have told the person by 25 May 2026 at 14:00, and does so at once")


def test_the_day_itself_is_not_too_late() -> None:
    """Who shares this morning and tells today is in time; the next day is late."""
    (same_day,) = told(act(occurred_at=NOW - timedelta(hours=9)))
    (day_before,) = told(act(occurred_at=NOW - timedelta(hours=15)))
    assert (same_day.late, day_before.late) == (False, True)


@pytest.mark.parametrize(("day", "late"), [(1, False), (2, True)])
def test_what_is_due_by_the_end_of_a_day_is_late_the_next(day: int, *, late: bool) -> None:
    """A month from 1 June ends at 24:00 of 1 July."""
    now = datetime(2026, 7, day, 10, tzinfo=UTC)
    found = tell(act(covenant=None), Context(REGISTER, None, now), None, ("1",))
    assert {telling.party: telling.late for telling in found} == {"mayor": True, "youth": late}


def test_what_was_told_after_the_act_counts() -> None:
    """An act written down late: the person has heard of it since."""
    given_act = act(occurred_at=NOW - timedelta(days=3))
    assert len(told(given_act)) == 1
    assert told(given_act, SubjectFacts(notices=(notice(given_at=NOW - timedelta(hours=1)),))) == ()


def test_duties_of_other_acts_are_not_this_acts() -> None:
    """What the school obtained elsewhere is no part of the advice on this share."""
    other = PastAct(operation_class="collect", occurred_at=NOW - timedelta(days=7), controller="school")
    assert told(act(), SubjectFacts(acts=(other,))) == told(act())


def test_persons_with_the_same_duty_stand_together_and_a_child_apart() -> None:
    """Under sixteen whoever represents it is told too, in the same words otherwise."""
    three = act(subjects=(subject(id="1"), subject(id="2", birth_date=date(2012, 1, 1)), subject(id="3")))
    adults, child = sorted(told(three), key=lambda telling: telling.subjects)
    assert (adults.subjects, adults.addressees) == (("1", "3"), ("subject",))
    assert (child.subjects, child.addressees) == (("2",), ("subject", "representative"))
    assert "uavg-5-4" in [norm.id for norm in child.norms]


def test_what_the_person_gave_itself_needs_no_source_and_no_categories() -> None:
    """AVG 13 asks less than AVG 14."""
    given_act = act(operation="collect", recipients=(), covenant=None, source=Source(kind="data-subject"))
    (one,) = told(given_act)
    assert (one.moment, set(ALL) - set(one.elements)) == ("collection", {"categories", "source"})


@pytest.mark.parametrize("operation", ["consult", "erase", "restrict"])
def test_who_obtains_nothing_tells_nothing(operation: str) -> None:
    """No duty begins."""
    assert told(act(operation=operation, recipients=())) == ()


ACTS = st.builds(
    act,
    operation=st.sampled_from(["collect", "record", "make-available", "consult", "erase"]),
    controller=st.sampled_from(["mayor", "police", "college", "youth"]),
    recipients=st.lists(st.sampled_from(["youth", "police", "school", "host", "mayor"]), unique=True, max_size=3).map(
        lambda parties: tuple(Recipient(party=party) for party in parties)
    ),
    covenant=st.sampled_from([None, act().covenant]),
    data_regime=st.sampled_from(["AVG", "Wpg-8"]),
    source=st.sampled_from([None, Source(kind="data-subject"), Source(kind="party", party="school")]),
)


@given(ACTS)
def test_by_itself_an_act_is_told_as_its_receipt_will_say(given_act: Act) -> None:
    """Without facts the parties are those of the receipt, and none is due later than it says."""
    past = past_of(given_act)
    by = tellers(past, REGISTER)
    found = told(given_act)
    assert sorted(telling.party for telling in found) == sorted(by)
    for telling in found:
        assert telling.due <= tell_due(past, telling.party, alone=len(by) == 1)
        assert telling.norms[0].id == NORMS_BY_MOMENT[telling.moment]  # type: ignore[index]


def test_the_covenant_of_the_day_decides_who_tells() -> None:
    """A covenant without an arrangement lets each tell for itself."""
    bare = register(covenant(arrangement=None))
    found = tell(act(recipients=to("youth")), Context(bare, None, NOW), None, ("1",))
    assert [telling.party for telling in found] == ["mayor", "youth"]
