"""What is said about a duty, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.application.attend import plan
from services.notifier.domain.duties import Duty
from services.notifier.domain.plan import Said, look_again_at, next_step
from tests.support.notifier import NOW, duty, erase_duty

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
DUE = NOW + 30 * DAY


def kinds(of: Duty, said: Said, now: datetime) -> list[str]:
    """The kinds that are to be said now."""
    return [step.kind for step in plan(of, said, now)[0]]


def test_a_duty_is_announced_three_days_before_its_date() -> None:
    """Nothing is said earlier, and the row says when to look again."""
    steps, next_at = plan(duty(), {}, NOW)
    assert (steps, next_at) == ([], DUE - 3 * DAY)
    assert kinds(duty(), {}, DUE - 3 * DAY - SECOND) == []
    assert kinds(duty(), {}, DUE - 3 * DAY) == ["inform-due"]


def test_a_date_that_has_passed_is_said_once() -> None:
    """A day after its moment a duty is called late; afterwards nothing is left to say."""
    told = {"inform-due": DUE - 3 * DAY}
    assert plan(duty(), told, DUE + DAY - SECOND) == ([], DUE + DAY)
    assert kinds(duty(), told, DUE + DAY) == ["inform-overdue"]
    assert plan(duty(), told | {"inform-overdue": DUE + DAY}, DUE + 90 * DAY) == ([], None)


def test_what_came_too_late_for_an_announcement_is_only_called_late() -> None:
    """Of two messages that are due at once, the one that is no longer true is left out."""
    assert kinds(duty(), {}, DUE + 5 * DAY) == ["inform-overdue"]


def test_a_duty_that_falls_due_with_its_act_gets_a_day() -> None:
    """Collection and first disclosure are due at once: whoever tells within a day hears nothing."""
    at_once = duty(due=NOW - SECOND)
    assert plan(at_once, {}, NOW) == ([], NOW + DAY - SECOND)
    assert kinds(at_once, {}, NOW + DAY) == ["inform-overdue"]


@pytest.mark.parametrize("state", ["done", "done-late", "exempt", "lapsed-unmet"])
def test_nothing_is_said_of_a_duty_that_is_not_open(state: str) -> None:
    """Who told, or may not tell, is left alone."""
    assert kinds(duty(state=state), {}, DUE + 90 * DAY) == []


def test_what_is_left_of_a_duty_is_announced_too() -> None:
    """An incomplete notice leaves a residual duty with the same date."""
    assert kinds(duty(state="residual"), {}, DUE) == ["inform-due"]


def test_an_exemption_is_looked_at_again_after_its_review_date() -> None:
    """The first instant after the day in Amsterdam; an exemption without a date never ends by itself."""
    assert look_again_at(duty(state="exempt", exempt_until=date(2026, 7, 1))) == datetime(2026, 7, 1, 22, tzinfo=UTC)
    assert look_again_at(duty(state="exempt")) is None
    assert look_again_at(duty(exempt_until=date(2026, 7, 1))) is None


def test_a_revived_duty_is_said_at_once_and_once() -> None:
    """The end of an exemption is said when it ended; a date that passed before is not said besides."""
    revived = duty(reopened_at=DUE + 9 * DAY, reopened_from="exempt until 2026-06-11")
    steps, next_at = plan(revived, {}, DUE + 9 * DAY)
    assert [step.kind for step in steps] == ["inform-revived"]
    assert next_at is None
    assert "exempt until 2026-06-11" in steps[0].occasion


def test_a_duty_that_revives_before_its_date_is_still_announced_later() -> None:
    """After the end of the exemption the ordinary dates go on."""
    revived = duty(reopened_at=NOW, reopened_from="exempt")
    said = {"inform-revived": NOW}
    assert plan(revived, said, NOW) == ([], DUE - 3 * DAY)
    assert kinds(revived, said, DUE + DAY) == ["inform-overdue"]


def test_a_second_exemption_that_ends_is_said_again() -> None:
    """What was said about the first end does not count for the second."""
    again = duty(reopened_at=DUE + 9 * DAY, reopened_from="exempt")
    assert kinds(again, {"inform-revived": NOW}, DUE + 9 * DAY) == ["inform-revived"]


def test_a_later_date_is_announced_anew() -> None:
    """When a correction moves the date, what was said about the old one does not count."""
    moved = duty(due=DUE + 60 * DAY)
    said = {"inform-due": DUE - 3 * DAY, "inform-overdue": DUE + DAY}
    assert kinds(moved, said, DUE + 57 * DAY) == ["inform-due"]


def test_a_duty_without_a_date_waits() -> None:
    """What the ledger gives no moment for is not announced."""
    assert plan(duty(due=None), {}, DUE) == ([], None)


def test_an_erasure_is_demanded_at_once() -> None:
    """The recipient is told when the duty is first seen; then the reminder waits two weeks."""
    steps, next_at = plan(erase_duty(), {}, NOW)
    assert [(step.kind, step.party) for step in steps] == [("erase-owed", "politie")]
    assert next_at == NOW + 14 * DAY


def test_silence_brings_a_reminder_and_then_the_controller_hears() -> None:
    """Both count from what was really said, so nobody hears a reminder of what he was not told."""
    demanded = {"erase-owed": NOW + 3 * DAY}
    assert kinds(erase_duty(), demanded, NOW + 17 * DAY - SECOND) == []
    assert kinds(erase_duty(), demanded, NOW + 17 * DAY) == ["erase-reminder"]
    reminded = demanded | {"erase-reminder": NOW + 17 * DAY}
    step = next_step(erase_duty(), reminded, NOW + 31 * DAY)
    assert step is not None
    assert (step.kind, step.party, step.at) == ("erase-escalation", "burgemeester", NOW + 31 * DAY)
    assert plan(erase_duty(), reminded | {"erase-escalation": NOW + 31 * DAY}, NOW + 99 * DAY) == ([], None)


@pytest.mark.parametrize("controller", [None, "politie"])
def test_nobody_is_told_of_his_own_silence(controller: str | None) -> None:
    """Without another controller that demands, the reminder is the last word."""
    said = {"erase-owed": NOW, "erase-reminder": NOW + 14 * DAY}
    assert plan(erase_duty(controller=controller), said, NOW + 99 * DAY) == ([], None)


@pytest.mark.parametrize("state", ["confirmed", "kept", "impossible"])
def test_an_answer_ends_the_demands(state: str) -> None:
    """Whoever answered hears nothing more."""
    assert plan(erase_duty(state=state), {"erase-owed": NOW}, NOW + 99 * DAY) == ([], None)


def test_what_was_kept_under_a_norm_is_demanded_anew_afterwards() -> None:
    """The demand after a term of keeping is another occasion than the first one."""
    again = erase_duty(reopened_at=NOW + 40 * DAY, reopened_from="kept")
    said = {"erase-owed": NOW, "erase-reminder": NOW + 14 * DAY}
    steps, _ = plan(again, said, NOW + 40 * DAY)
    assert [step.kind for step in steps] == ["erase-owed"]
    first, _ = plan(erase_duty(), {}, NOW)
    assert steps[0].occasion != first[0].occasion


def test_a_duty_of_another_kind_is_left_alone() -> None:
    """Reconciliations are shown in the inbox and never pushed."""
    assert plan(duty(kind="reconcile", state="open"), {}, DUE) == ([], None)


@given(
    due=st.none() | st.timedeltas(-90 * DAY, 90 * DAY),
    seen=st.timedeltas(-90 * DAY, 0 * DAY),
    kind=st.sampled_from(["inform", "erase"]),
    moments=st.lists(st.timedeltas(0 * DAY, 200 * DAY), max_size=40),
)
def test_no_message_is_decided_twice(
    due: timedelta | None, seen: timedelta, kind: str, moments: list[timedelta]
) -> None:
    """However often and whenever a duty is looked at, each kind of message is decided at most once."""
    make = duty if kind == "inform" else erase_duty
    row = make(due=None if due is None else NOW + due, first_seen_at=NOW + seen)
    said: dict[str, datetime] = {}
    for moment in sorted(moments):
        steps, next_at = plan(row, said, NOW + moment)
        for step in steps:
            assert step.kind not in said
            said[step.kind] = NOW + moment
        assert next_at is None or next_at > NOW + moment
