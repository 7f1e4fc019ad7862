"""How a duty to inform stands: what was told when, which exemption carries the moment, and what nobody holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.law.context import PastAct, PastExemption, PastNotice, SubjectFacts
from services.law.duty_state import NEVER, DutyState, duty_state, moment_that_counts
from services.law.inform import InformDuty, inform_duties
from tests.unit.law.builders import register

OBTAINED = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE = datetime(2026, 4, 2, 22, tzinfo=UTC)
END = datetime(2026, 12, 31, tzinfo=UTC)
NINE = ("controller", "purpose", "basis", "categories", "recipients", "retention", "rights", "source", "complaint")
COLLECT = PastAct(
    operation_class="collect",
    occurred_at=OBTAINED,
    controller="mayor",
    source_kind="citizen-report",
    covenant="house",
    annex="groups",
)


def day(text: str) -> datetime:
    """Noon (UTC) of a day in 2026."""
    return datetime.fromisoformat(f"2026-{text}T12:00:00Z")


def told(at: datetime, *elements: str, **changes: Any) -> PastNotice:
    """A notice of the informer; everything when no element is named."""
    given: dict[str, Any] = {"controller": "college", "covenant": "house", "annex": "groups"}
    return PastNotice(given_at=at, elements=elements or ("all",), **(given | changes))


def exempted(at: datetime, review_on: str | None = None, **changes: Any) -> PastExemption:
    """A decision of the informer not to tell."""
    reviewed = None if review_on is None else date.fromisoformat(f"2026-{review_on}")
    given: dict[str, Any] = {"controller": "college", "norm": "UAVG 41", "covenant": "house", "annex": "groups"}
    return PastExemption(decided_at=at, review_on=reviewed, **(given | changes))


def known(*told_or_not: PastNotice | PastExemption) -> SubjectFacts:
    """One collect, and what was told and decided about it."""
    return SubjectFacts(
        acts=(COLLECT,),
        notices=tuple(one for one in told_or_not if isinstance(one, PastNotice)),
        exemptions=tuple(one for one in told_or_not if isinstance(one, PastExemption)),
    )


def only_duty(facts: SubjectFacts, at: datetime = END) -> InformDuty:
    """The one duty of the facts."""
    (duty,) = inform_duties(facts, register(), at)
    return duty


def state(facts: SubjectFacts, at: datetime, *, held: bool = True) -> DutyState:
    """How the one duty of the facts stands."""
    return duty_state(only_duty(facts), facts, at, held=held)


@pytest.mark.parametrize(
    ("what", "at", "held", "name"),
    [
        ((), day("03-03"), True, "open"),
        ((), day("05-03"), True, "open"),
        ((), day("03-03"), False, "lapsed-unmet"),
        ((told(day("03-05")),), day("03-06"), True, "done"),
        ((told(DUE),), END, True, "done"),
        ((told(DUE), told(day("03-05"), controller="police"), told(day("03-05"), annex="other")), END, True, "done"),
        ((told(DUE + timedelta(microseconds=1)),), END, True, "done-late"),
        ((told(day("05-05")),), END, False, "done-late"),
        ((told(day("05-05")),), day("05-04"), True, "open"),
        ((told(day("03-05"), "purpose"),), day("03-06"), True, "residual"),
        ((told(day("03-05"), "purpose"),), day("03-06"), False, "lapsed-unmet"),
        ((exempted(day("03-05"), "03-20"),), day("03-06"), True, "exempt"),
        ((exempted(day("03-05"), "03-20"),), day("03-06"), False, "exempt"),
        ((exempted(day("03-05"), "03-20"),), day("03-04"), True, "open"),
        ((exempted(day("03-05"), "03-20"), told(day("03-06"))), day("03-07"), True, "done"),
        ((exempted(day("03-05"), "03-20"), told(day("03-06"), "basis")), day("03-07"), True, "exempt"),
        ((told(day("03-05"), controller="police"),), END, True, "open"),
    ],
)
def test_the_order_of_the_states(
    *, what: tuple[PastNotice | PastExemption, ...], at: datetime, held: bool, name: str
) -> None:
    """Told in full comes first, then an exemption, then that nobody holds the data, then what was told in part."""
    assert state(known(*what), at, held=held).state == name


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("2026-05-15T21:59:59Z", "exempt"),
        ("2026-05-15T22:00:00Z", "open"),
    ],
)
def test_the_duty_revives_on_the_day_after_the_review(at: str, name: str) -> None:
    """The review day itself is still exempt, until 24:00 in Amsterdam; then it is owed again."""
    facts = known(exempted(day("03-05"), "05-15"))
    found = state(facts, datetime.fromisoformat(at))
    assert (found.state, found.missing_elements) == (name, NINE)
    assert found.exempt_until == (date(2026, 5, 15) if name == "exempt" else None)


def test_what_was_told_before_stays_told_when_the_duty_revives() -> None:
    """A partial notice, an exemption for the rest, and after its review the residual duty with what is missing."""
    facts = known(told(day("03-03"), "controller", "rights"), exempted(day("03-05"), "05-15"))
    found = state(facts, day("05-16"))
    left = tuple(e for e in NINE if e not in {"controller", "rights"})
    assert (found.state, found.missing_elements) == ("residual", left)


@pytest.mark.parametrize(
    ("exemptions", "moment"),
    [
        ((), "2026-04-02T22:00Z"),
        ((exempted(day("03-05"), "05-15"),), "2026-05-15T22:00Z"),
        ((exempted(DUE, "05-15"),), "2026-05-15T22:00Z"),
        ((exempted(DUE + timedelta(microseconds=1), "05-15"),), "2026-04-02T22:00Z"),
        ((exempted(day("03-05"), "03-20"),), "2026-04-02T22:00Z"),
        ((exempted(day("03-05"), "05-15"), exempted(day("05-10"), "06-15")), "2026-06-15T22:00Z"),
        ((exempted(day("05-10"), "06-15"), exempted(day("03-05"), "05-15")), "2026-06-15T22:00Z"),
        ((exempted(day("03-05"), "05-15"), exempted(day("05-16"), "06-15")), "2026-05-15T22:00Z"),
        ((exempted(day("03-05"), "05-15"), exempted(day("04-10"), "04-20")), "2026-05-15T22:00Z"),
        ((exempted(day("03-05"), "05-15", ended_at=day("05-01")),), "2026-05-01T12:00Z"),
        ((exempted(day("03-05"), "05-15", ended_at=day("03-07")),), "2026-04-02T22:00Z"),
        ((exempted(day("03-05"), "05-15", ended_at=day("05-20")),), "2026-05-15T22:00Z"),
        ((exempted(day("03-05"), "05-15", controller="police"),), "2026-04-02T22:00Z"),
        ((exempted(day("03-05"), "05-15", covenant="other"),), "2026-04-02T22:00Z"),
        ((exempted(day("03-05"), "05-15", controller="mayor", covenant=None, annex=None),), "2026-05-15T22:00Z"),
        ((exempted(day("03-05"), ended_at=day("05-20")),), "2026-05-20T12:00Z"),
    ],
)
def test_a_decision_in_time_carries_the_moment(exemptions: tuple[PastExemption, ...], moment: str) -> None:
    """To 24:00 of its review day or the instant it ended, from one decision to the next; one too late does not."""
    facts = known(*exemptions)
    instant = datetime.fromisoformat(moment)
    assert moment_that_counts(only_duty(facts), facts, END) == instant
    for late, name in ((timedelta(), "done"), (timedelta(microseconds=1), "done-late")):
        found = state(known(*exemptions, told(instant + late)), END)
        assert (found.state, found.due, found.told_at) == (name, instant, instant + late)


def test_a_decision_without_a_review_leaves_the_moment_unset() -> None:
    """It holds until somebody says that its reason has gone, and until then telling is never late."""
    facts = known(exempted(day("03-05")))
    assert state(facts, END) == DutyState("exempt", NEVER, NINE)
    both = known(exempted(day("03-05")), exempted(day("03-06"), "05-15"))
    assert state(both, day("04-01")).exempt_until is None
    assert state(known(exempted(day("03-05")), told(day("11-11"))), END).state == "done"


def test_of_several_exemptions_the_last_to_end_says_until_when() -> None:
    """Each controller's decision stands by itself: the duty revives when none holds any more."""
    facts = known(exempted(day("03-05"), "06-15"), exempted(day("03-06"), "05-15", controller="mayor"))
    assert state(facts, day("04-01")).exempt_until == date(2026, 6, 15)
    assert state(facts, day("06-15")).state == "exempt"
    assert state(facts, day("06-16")).state == "open"


@pytest.mark.parametrize(("at", "name"), [("05-01T11:59:59Z", "exempt"), ("05-01T12:00:00Z", "open")])
def test_an_exemption_holds_until_its_reason_has_gone(*, at: str, name: str) -> None:
    """BGS 1.2(3), 1.3(3): from the instant a partner reports it the duty is owed again, before the review date."""
    facts = known(exempted(day("03-05"), "05-15", ended_at=day("05-01")))
    assert state(facts, datetime.fromisoformat(f"2026-{at}")).state == name


def test_the_past_knows_nothing_of_what_came_after() -> None:
    """Seen from a moment, later acts, notices, decisions and endings do not exist."""
    share = PastAct(
        operation_class="share",
        occurred_at=day("03-20"),
        controller="mayor",
        recipients=("youth",),
        covenant="house",
        annex="groups",
    )
    facts = SubjectFacts(
        acts=(COLLECT, share),
        notices=(told(day("06-01")),),
        exemptions=(exempted(day("03-10"), "05-15", ended_at=day("04-20")), exempted(day("05-01"), "09-01")),
    )
    seen = {}
    for text in ("03-05", "03-15", "04-15", "04-25", "06-02"):
        at = day(text)
        duty = only_duty(facts, at)
        found = duty_state(duty, facts, at, held=True)
        seen[text] = (found.state, duty.moment, found.due)
    assert seen == {
        "03-05": ("open", "one-month", DUE),
        "03-15": ("exempt", "one-month", datetime(2026, 5, 15, 22, tzinfo=UTC)),
        "04-15": ("exempt", "first-disclosure", datetime(2026, 5, 15, 22, tzinfo=UTC)),
        "04-25": ("open", "first-disclosure", day("04-20")),
        "06-02": ("done-late", "first-disclosure", day("04-20")),
    }


def test_told_at_is_when_the_last_owed_element_was_first_told() -> None:
    """Telling something again changes nothing; each element counts from its first notice."""
    notices = (told(day("03-09"), *NINE[:3]), told(day("03-05"), *NINE[2:]), told(day("03-30")))
    found = state(known(*notices), END)
    assert (found.state, found.told_at, found.missing_elements) == ("done", day("03-09"), ())


def test_elements_that_are_not_owed_leave_the_duty_open() -> None:
    """Of what came from the person, telling its source meets nothing."""
    from_person = PastAct(
        operation_class="collect", occurred_at=OBTAINED, controller="mayor", source_kind="data-subject"
    )
    facts = SubjectFacts(
        acts=(from_person,),
        notices=(told(day("03-05"), "source", "categories", controller="mayor", covenant=None, annex=None),),
    )
    found = state(facts, END)
    assert (found.state, found.due, len(found.missing_elements)) == ("open", OBTAINED, 7)


def test_a_collective_notice_covers_only_the_persons_it_lists() -> None:
    """It stands on the streams of those it names; another person of the same group stays untold (AVG 14(5)(b))."""
    people = {"listed": known(told(day("03-05"))), "not-listed": known()}
    found = {person: state(facts, END).state for person, facts in people.items()}
    assert found == {"listed": "done", "not-listed": "open"}
