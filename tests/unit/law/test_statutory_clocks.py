"""Clocks D1 to D18: what starts each, how long it runs, by which norm, and every vector of requirements K."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

import services.law.norms as norm_folder
from services.law.clocks import Deadline
from services.law.inform import InformDuty, Moment
from services.law.late_penalty import PENALTY_RATES, euros_of, rate_on
from services.law.legal_clock import LegalClock
from services.law.local_time import end_of_day
from services.law.norm_set import Checked, parse_norms
from services.law.statutory_clocks import (
    Mediation,
    answer_clock,
    breach_register_clock,
    citizens_clock,
    consultation_clock,
    default_clock,
    exemption_review_clock,
    extended_answer_clock,
    inform_clock,
    late_penalty,
    lifting_clock,
    mediated_clock,
    new_purpose_clock,
    objection_clock,
    objection_decision_clock,
    petition_clock,
    processor_clock,
    recipients_clock,
    refusal_clock,
    report_clock,
    report_disputed_end,
    retention_end_clock,
    wpg_access_clock,
    wpg_acknowledgement_clock,
    wpg_extended_access_clock,
    wpg_rectification_clock,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def day(text: str) -> date:
    """A day of 2026."""
    return date.fromisoformat(f"2026-{text}")


def ends(clock: LegalClock) -> tuple[str, str]:
    """Both ends, printed."""
    assert clock.due is not None
    return str(clock.due.legal_latest), str(clock.due.safe)


@pytest.mark.parametrize(
    ("received", "legal_latest", "safe", "three_months", "three_months_safe"),
    [
        ("2024-01-31", "2024-02-29", "2024-02-29", "2024-04-30", "2024-04-29"),
        ("2026-01-31", "2026-03-02", "2026-03-02", "2026-04-30", "2026-04-28"),
        ("2026-02-28", "2026-03-30", "2026-03-30", "2026-05-28", "2026-05-28"),
        ("2026-03-03", "2026-04-07", "2026-04-03", "2026-06-03", "2026-06-03"),
        ("2026-03-05", "2026-04-07", "2026-04-07", "2026-06-05", "2026-06-05"),
        ("2026-03-27", "2026-04-28", "2026-04-28", "2026-06-29", "2026-06-29"),
        ("2026-04-05", "2026-05-06", "2026-05-05", "2026-07-06", "2026-07-06"),
        ("2026-04-25", "2026-05-26", "2026-05-26", "2026-07-27", "2026-07-27"),
        ("2026-08-31", "2026-09-30", "2026-09-30", "2026-11-30", "2026-11-30"),
    ],
)
def test_the_months_of_the_regulation(
    received: str, legal_latest: str, safe: str, three_months: str, three_months_safe: str
) -> None:
    """D1, D2, D3 and D6 over the first table of K: one month, its safe end, and the extended answer."""
    start = date.fromisoformat(received)
    assert ends(answer_clock(start)) == ends(refusal_clock(start)) == (legal_latest, safe)
    assert ends(extended_answer_clock(start)) == (three_months, three_months_safe)
    obtained = datetime(start.year, start.month, start.day, 9, tzinfo=UTC)
    assert ends(inform_clock(_duty("one-month", obtained, end_of_day(date.fromisoformat(safe))))) == (
        legal_latest,
        safe,
    )


@pytest.mark.parametrize(
    ("aware", "strict", "disputed"),
    [
        ("2026-04-03T17:30+02:00", "2026-04-06T17:30:00+02:00", "2026-04-06T18:00:00+02:00"),
        ("2026-03-28T10:20+01:00", "2026-03-31T11:20:00+02:00", "2026-03-31T12:00:00+02:00"),
        ("2026-03-11T09:00+01:00", "2026-03-14T09:00:00+01:00", "2026-03-14T10:00:00+01:00"),
    ],
)
def test_the_hours_of_a_breach(aware: str, strict: str, disputed: str) -> None:
    """D8 over the second table of K: strict in Amsterdam; the other reading only as a note."""
    instant = datetime.fromisoformat(aware)
    due = report_clock(instant).due
    assert due is not None
    assert [end.isoformat() for end in (due.legal_latest, due.safe)] == [strict, strict]
    assert report_disputed_end(instant).isoformat() == disputed


def _duty(moment: Moment, obtained_at: datetime, due: datetime) -> InformDuty:
    return InformDuty(party="mayor", controllers=("mayor",), obtained_at=obtained_at, due=due, moment=moment)


@pytest.mark.parametrize(
    ("moment", "norm"),
    [("collection", "avg-13"), ("first-contact", "avg-14-3-b"), ("first-disclosure", "avg-14-3-c")],
)
def test_telling_at_the_moment_itself(moment: Moment, norm: str) -> None:
    """D5 and the other limbs of D6: no days are given, and no weekend carries the moment on."""
    sunday = datetime(2026, 6, 7, 9, tzinfo=UTC)
    assert inform_clock(_duty(moment, NOON, sunday)) == LegalClock(
        norm, "at-once", NOON, None, Deadline(sunday, sunday)
    )


@pytest.mark.parametrize(
    ("obtained", "due"),
    [("2026-03-02T10:00+01:00", "2026-03-30"), ("2026-03-09T10:00+01:00", "2026-04-07")],
)
def test_veilig_thuis_has_four_weeks(obtained: str, due: str) -> None:
    """Wmo 5.3.1: from recording, rolled over Easter Monday by the Algemene termijnenwet."""
    instant = datetime.fromisoformat(obtained)
    clock = inform_clock(_duty("wmo-four-weeks", instant, instant))
    assert (clock.norm, clock.urgency, clock.length) == ("wmo-5-3-1", "term", "P4W")
    assert ends(clock) == (due, due)


def test_telling_before_an_act() -> None:
    """D7: before a new purpose, whatever the source, and before a restriction is lifted."""
    planned = (new_purpose_clock(NOON, from_the_person=True), new_purpose_clock(NOON, from_the_person=False))
    clocks = (*planned, lifting_clock(NOON))
    assert [clock.norm for clock in clocks] == ["avg-13", "avg-14-4", "avg-18"]
    assert {(clock.urgency, clock.due) for clock in clocks} == {("before", Deadline(NOON, NOON))}


def test_a_processor_has_a_day_unless_the_contract_says_otherwise() -> None:
    """D9: the contract fills in `without undue delay`; 24 hours when it does not."""
    assert ends(processor_clock(NOON))[0] == "2026-06-02 14:00:00+02:00"
    assert ends(processor_clock(NOON, "PT36H"))[1] == "2026-06-03 02:00:00+02:00"
    assert (processor_clock(NOON).length, processor_clock(NOON, "PT36H").length) == ("PT24H", "PT36H")


def test_what_the_law_gives_no_end() -> None:
    """D10, D11, D12 and the acknowledgement of D18: as soon as can be, and the register always."""
    hurried = (citizens_clock(NOON), recipients_clock(NOON), wpg_acknowledgement_clock(day("06-01")))
    assert [clock.norm for clock in hurried] == ["avg-34", "avg-19", "wpg-24a-2"]
    assert {(clock.urgency, clock.due) for clock in hurried} == {("without-delay", None)}
    assert breach_register_clock() == LegalClock("avg-33-4-5", "always")


def test_dates_that_never_roll() -> None:
    """D13 on its date and D16 as a maximum: a Sunday stays a Sunday, and a short month is clamped."""
    assert ends(exemption_review_clock(NOON, day("06-07"))) == ("2026-06-07", "2026-06-07")
    assert ends(retention_end_clock(day("11-30"), "P3M")) == ("2027-02-28", "2027-02-28")
    assert retention_end_clock(day("11-30"), "P3M").length == "P3M"


@pytest.mark.parametrize(
    ("clock", "norm", "length", "end"),
    [
        (wpg_access_clock(day("10-01")), "wpg-25", "P6W", "2026-11-12"),
        (wpg_access_clock(day("02-20")), "wpg-25", "P6W", "2026-04-07"),
        (wpg_extended_access_clock(day("10-01")), "wpg-25", "P10W", "2026-12-10"),
        (wpg_extended_access_clock(day("10-02"), several_units=True), "wpg-25", "P12W", "2026-12-28"),
        (wpg_rectification_clock(day("03-30")), "wpg-28", "P4W", "2026-04-28"),
        (objection_clock(day("03-02")), "awb-6-7-8", "P6W", "2026-04-13"),
        (objection_clock(day("02-20")), "awb-6-7-8", "P6W", "2026-04-07"),
        (petition_clock(day("03-16")), "uavg-35", "P6W", "2026-04-28"),
        (default_clock(day("06-01"), day("06-05")), "awb-4-17", "P2W", "2026-06-19"),
        (default_clock(day("06-05"), day("06-01")), "awb-4-17", "P2W", "2026-06-19"),
        (default_clock(day("06-01"), day("06-06")), "awb-4-17", "P2W", "2026-06-22"),
        (objection_decision_clock(day("04-13")), "awb-7-10", "P6W", "2026-05-26"),
        (objection_decision_clock(day("04-13"), extended=True), "awb-7-10", "P12W", "2026-07-06"),
        (objection_decision_clock(day("04-11"), committee=True), "awb-7-10", "P12W", "2026-07-06"),
        (objection_decision_clock(day("04-11"), committee=True, extended=True), "awb-7-10", "P18W", "2026-08-15"),
    ],
)
def test_dutch_terms_run_under_the_termijnenwet(clock: LegalClock, norm: str, length: str, end: str) -> None:
    """D14, D15 and D18: certain holidays carry both ends on, but not those of a term over twelve weeks."""
    assert (clock.norm, clock.length, ends(clock)) == (norm, length, (end, end))


@pytest.mark.parametrize(
    ("clock", "end"),
    [(consultation_clock(day("03-02")), "2026-04-28"), (consultation_clock(day("03-02"), extended=True), "2026-06-08")],
)
def test_the_authority_advises_in_eight_or_fourteen_weeks(clock: LegalClock, end: str) -> None:
    """D17, under Regulation 1182/71."""
    assert (clock.norm, ends(clock)) == ("avg-36-2", (end, end))


def test_without_a_timely_answer_a_petition_has_no_term() -> None:
    """UAVG 35(2)."""
    assert petition_clock(None) == LegalClock("uavg-35", "no-term")


@pytest.mark.parametrize(
    ("clock", "mediation", "norm", "end"),
    [
        (objection_clock(day("03-02")), Mediation(day("04-13"), day("05-01")), "uavg-36", "2026-06-12"),
        (objection_clock(day("03-02")), Mediation(day("04-13")), "uavg-36", None),
        (objection_clock(day("03-02")), Mediation(day("04-14"), day("05-01")), "awb-6-7-8", "2026-04-13"),
        (objection_clock(day("03-02")), Mediation(day("03-03"), day("03-03")), "uavg-36", "2026-04-14"),
        (petition_clock(day("03-16")), Mediation(day("03-10"), day("03-12")), "uavg-35", "2026-04-28"),
        (petition_clock(day("03-16")), Mediation(day("04-28"), day("05-05")), "uavg-36", "2026-06-16"),
        (petition_clock(None), Mediation(day("03-17"), day("03-18")), "uavg-35", None),
    ],
)
def test_mediation_keeps_both_remedies_open(
    clock: LegalClock, mediation: Mediation, norm: str, end: str | None
) -> None:
    """UAVG 36: six weeks after it ends, when it was asked for within the term; while it goes on there is no end."""
    found = mediated_clock(clock, mediation)
    assert (found.norm, found.due and str(found.due.legal_latest)) == (norm, end)


def test_mediation_about_police_data_has_its_own_norm() -> None:
    """Wpg 29(2)."""
    found = mediated_clock(objection_clock(day("03-02")), Mediation(day("03-03"), day("05-01")), wpg=True)
    assert (found.norm, ends(found)[0]) == ("wpg-29", "2026-06-12")


@pytest.mark.parametrize(
    ("notice", "decided", "today", "first", "days", "euros"),
    [
        ("2021-08-30", "2021-09-13", "2021-12-31", "2021-09-14", 0, 0),
        ("2021-08-30", "2021-09-14", "2021-12-31", "2021-09-14", 0, 0),
        ("2021-08-30", "2021-09-15", "2021-12-31", "2021-09-14", 1, 23),
        ("2021-08-30", None, "2021-09-13", "2021-09-14", 0, 0),
        ("2021-08-30", None, "2021-09-14", "2021-09-14", 1, 23),
        ("2021-08-30", "2021-09-30", "2021-09-14", "2021-09-14", 1, 23),
        ("2021-08-30", None, "2021-09-27", "2021-09-14", 14, 322),
        ("2021-08-30", None, "2021-09-28", "2021-09-14", 15, 357),
        ("2021-08-30", None, "2021-10-11", "2021-09-14", 28, 812),
        ("2021-08-30", None, "2021-10-12", "2021-09-14", 29, 857),
        ("2021-08-30", None, "2021-10-25", "2021-09-14", 42, 1442),
        ("2021-08-30", None, "2022-10-25", "2021-09-14", 42, 1442),
        ("2021-08-28", None, "2021-09-14", "2021-09-14", 1, 23),
        ("2018-12-31", None, "2019-12-31", "2019-01-15", 42, 1260),
        ("2019-01-01", None, "2019-12-31", "2019-01-16", 42, 1442),
        ("2026-06-01", None, "2026-06-16", "2026-06-16", 1, None),
        ("2009-09-30", None, "2009-10-15", "2009-10-15", 1, None),
    ],
)
def test_the_price_of_lateness(
    notice: str, decided: str | None, today: str, first: str, days: int, euros: int | None
) -> None:
    """D14: from two weeks after both, 14 + 14 + 14 days; amounts by the day of the notice, unknown ones not guessed."""
    received = date.fromisoformat(notice)
    found = late_penalty(
        "public-body",
        received.replace(day=1).replace(year=received.year - 1),
        received,
        None if decided is None else date.fromisoformat(decided),
        date.fromisoformat(today),
    )
    assert found is not None
    assert (str(found.first_day), found.days, found.euros, found.notice_premature) == (first, days, euros, False)
    assert (found.last_day - found.first_day).days == 41


def test_the_penalty_waits_for_the_term_too() -> None:
    """A notice before the term ran out costs nothing until two weeks after that, and is marked as premature."""
    found = late_penalty("police", date(2021, 9, 6), date(2021, 8, 30), None, date(2021, 9, 21))
    assert found is not None
    assert (str(found.first_day), found.days, found.notice_premature) == ("2021-09-21", 1, True)


def test_who_owes_no_penalty() -> None:
    """Not a private body, and nobody without a written notice of default."""
    ended, today = date(2021, 8, 1), date(2021, 12, 1)
    assert late_penalty("private-controller", ended, date(2021, 8, 30), None, today) is None
    assert late_penalty("judicial", ended, date(2021, 8, 30), None, today) is None
    assert late_penalty("public-body", ended, None, None, today) is None


def test_the_amounts_are_in_order_and_say_who_read_them() -> None:
    """A rate that nobody read holds no amounts."""
    assert [rate.valid_from for rate in PENALTY_RATES] == sorted(rate.valid_from for rate in PENALTY_RATES)
    assert all((rate.euros_per_day is None) == (rate.checked == "unverified") for rate in PENALTY_RATES)
    assert rate_on(date(2009, 9, 30)) is None


@pytest.mark.parametrize(
    ("notice", "euros_per_day"),
    [
        ("2009-10-01", (20, 30, 40)),
        ("2018-12-31", (20, 30, 40)),
        ("2019-01-01", (23, 35, 45)),
        ("2025-12-31", (23, 35, 45)),
        ("2026-01-01", None),
    ],
)
def test_the_day_of_the_notice_decides_the_amounts(notice: str, euros_per_day: tuple[int, ...] | None) -> None:
    """Awb 4:17(2) from its first day, indexed on 1 January 2019 (Stcrt. 2018, 65542) and again on one nobody read."""
    rate = rate_on(date.fromisoformat(notice))
    assert rate is not None
    assert rate.euros_per_day == euros_per_day
    assert msgspec.convert(rate.checked, Checked) == rate.checked
    assert euros_of(42, rate) == (None if euros_per_day is None else 14 * sum(euros_per_day))
    assert euros_of(15, rate) == (None if euros_per_day is None else 14 * euros_per_day[0] + euros_per_day[1])


def test_every_clock_names_an_existing_norm() -> None:
    """No clock rests on a norm that is not in the pack."""
    folder = Path(norm_folder.__path__[0])
    norms = parse_norms(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml")))
    monday = day("06-01")
    objection = objection_clock(monday)
    clocks = [
        answer_clock(monday),
        extended_answer_clock(monday),
        refusal_clock(monday),
        wpg_access_clock(monday),
        wpg_acknowledgement_clock(monday),
        wpg_rectification_clock(monday),
        new_purpose_clock(NOON, from_the_person=True),
        new_purpose_clock(NOON, from_the_person=False),
        lifting_clock(NOON),
        recipients_clock(NOON),
        exemption_review_clock(NOON, monday),
        report_clock(NOON),
        processor_clock(NOON),
        citizens_clock(NOON),
        breach_register_clock(),
        consultation_clock(monday),
        objection,
        petition_clock(None),
        mediated_clock(objection, Mediation(monday)),
        mediated_clock(objection, Mediation(monday), wpg=True),
        objection_decision_clock(monday),
        default_clock(monday, monday),
        retention_end_clock(monday, "P1Y"),
    ]
    assert {clock.norm for clock in clocks} - set(norms) == set()
