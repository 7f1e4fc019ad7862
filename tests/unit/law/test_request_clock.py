"""The clock of an access request: extended, suspended, answered, refused, late, under each regime."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.calendar import is_free, is_surely_free
from services.law.local_time import AMSTERDAM
from services.law.request_clock import ClockStep, RequestClock, access_request_clock
from tests.unit.law.builders import reread

FAR = datetime(2030, 1, 1, tzinfo=UTC)


def noon(day: str | date) -> datetime:
    """Noon in Amsterdam."""
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(found.year, found.month, found.day, 12, tzinfo=AMSTERDAM)


def clock(received: str, *steps: tuple[str, str], at: str | datetime = FAR, regime: str = "AVG") -> RequestClock:
    """The clock of a request received at noon, after steps at noon, seen at noon."""
    taken = [ClockStep(step, noon(day)) for step, day in steps]
    return reread(access_request_clock(noon(received), regime, taken, noon(at) if isinstance(at, str) else at))


def ends(found: RequestClock) -> tuple[str, str]:
    """Both ends, printed."""
    return str(found.legal_latest), str(found.safe)


@pytest.mark.parametrize(
    ("received", "steps", "legal_latest", "safe"),
    [
        ("2026-03-03", (), "2026-04-07", "2026-04-03"),
        ("2026-01-31", (), "2026-03-02", "2026-03-02"),
        ("2026-01-31", (("extend", "2026-02-10"),), "2026-04-30", "2026-04-28"),
        ("2026-02-28", (("extend", "2026-03-30"),), "2026-05-28", "2026-05-28"),
        ("2026-02-28", (("extend", "2026-03-31"),), "2026-03-30", "2026-03-30"),
        ("2026-06-01", (("extend", "2026-06-02"), ("extend", "2026-06-20")), "2026-09-01", "2026-09-01"),
        ("2026-06-01", (("suspend", "2026-06-11"), ("resume", "2026-06-21")), "2026-07-13", "2026-07-13"),
        ("2026-06-01", (("suspend", "2026-06-11"), ("resume", "2026-06-11")), "2026-07-01", "2026-07-01"),
        (
            "2026-06-01",
            (
                ("suspend", "2026-06-11"),
                ("resume", "2026-06-21"),
                ("suspend", "2026-06-25"),
                ("resume", "2026-06-30"),
            ),
            "2026-07-16",
            "2026-07-16",
        ),
        (
            "2026-06-01",
            (("suspend", "2026-06-11"), ("suspend", "2026-06-19"), ("resume", "2026-06-21")),
            "2026-07-13",
            "2026-07-13",
        ),
        (
            "2026-06-01",
            (("suspend", "2026-06-11"), ("resume", "2026-06-21"), ("extend", "2026-07-05")),
            "2026-09-11",
            "2026-09-11",
        ),
        (
            "2026-06-01",
            (("suspend", "2026-06-11"), ("extend", "2026-09-20"), ("resume", "2026-09-21")),
            "2026-12-14",
            "2026-12-14",
        ),
        (
            "2026-01-31",
            (("extend", "2026-02-10"), ("suspend", "2026-04-29"), ("resume", "2026-05-11")),
            "2026-05-12",
            "2026-05-11",
        ),
        ("2026-02-28", (("suspend", "2026-03-29"), ("resume", "2026-04-07")), "2026-04-07", "2026-04-07"),
        ("2026-06-01", (("suspend", "2026-07-02"), ("resume", "2026-07-20")), "2026-07-01", "2026-07-01"),
        ("2026-06-01", (("resume", "2026-06-05"), ("ponder", "2026-06-06")), "2026-07-01", "2026-07-01"),
    ],
)
def test_the_end_after_extension_and_suspension(
    received: str, steps: tuple[tuple[str, str], ...], legal_latest: str, safe: str
) -> None:
    """D1, D2 and D4: three months if told within the first term, and the days left counted on after each answer."""
    assert ends(clock(received, *steps)) == (legal_latest, safe)


def test_an_open_suspension_has_no_end() -> None:
    """Until the person answers nothing runs, however long it takes."""
    found = clock("2026-06-01", ("extend", "2026-06-02"), ("suspend", "2026-06-11"))
    assert found == RequestClock("suspended", None, None, extended=True)
    assert clock("2026-06-01", ("suspend", "2026-06-11"), at="2026-06-10").state == "running"


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-04-07T23:59:59+02:00", "running"),
        ("2026-04-08T00:00:00+02:00", "running"),
        ("2026-04-08T00:00:00.000001+02:00", "late"),
    ],
)
def test_late_begins_after_midnight_of_the_last_day(at: str, state: str) -> None:
    """The last instant of the term is still in time; the day moved by Easter is named."""
    found = clock("2026-03-03", at=datetime.fromisoformat(at))
    assert (found.state, found.is_late) == (state, state == "late")
    assert [str(move.day) for move in found.moved_by] == ["2026-04-03", "2026-04-04", "2026-04-05", "2026-04-06"]


@pytest.mark.parametrize(
    ("steps", "is_late"),
    [
        ((("answer", "2026-07-01"),), False),
        ((("answer", "2026-07-02"),), True),
        ((("refuse", "2026-07-01"),), False),
        ((("refuse", "2026-07-02"),), True),
        ((("extend", "2026-06-10"), ("answer", "2026-08-31")), False),
        ((("extend", "2026-06-10"), ("answer", "2026-09-02")), True),
        ((("extend", "2026-06-10"), ("refuse", "2026-06-30")), False),
        ((("extend", "2026-06-10"), ("refuse", "2026-08-31")), True),
        ((("suspend", "2026-06-10"), ("answer", "2026-08-31")), False),
        ((("suspend", "2026-06-10"), ("refuse", "2026-08-31")), False),
        ((("answer", "2026-06-30"), ("answer", "2026-08-31")), False),
        ((("answer", "2026-06-30"), ("suspend", "2026-06-30"), ("extend", "2026-06-30")), False),
    ],
)
def test_an_answer_ends_the_clock(*, steps: tuple[tuple[str, str], ...], is_late: bool) -> None:
    """D3: an answer may use the extension, a refusal may not (AVG 12(4)); what comes after changes nothing."""
    found = clock("2026-06-01", *steps)
    first = next(day for step, day in steps if step in {"answer", "refuse"})
    assert (found.state, found.answered_at, found.is_late) == ("answered", noon(first), is_late)


@pytest.mark.parametrize(
    ("received", "steps", "end"),
    [
        ("2026-10-01", (), "2026-11-12"),
        ("2026-10-01", (("extend", "2026-11-12"),), "2026-12-10"),
        ("2026-10-01", (("extend", "2026-11-13"),), "2026-11-12"),
        ("2026-02-20", (), "2026-04-07"),
        ("2026-02-20", (("suspend", "2026-03-02"), ("resume", "2026-03-04")), "2026-04-07"),
        ("2026-02-20", (("suspend", "2026-03-02"), ("resume", "2026-03-10")), "2026-04-13"),
    ],
)
def test_wpg_runs_six_weeks_by_dutch_days(received: str, steps: tuple[tuple[str, str], ...], end: str) -> None:
    """D18: six weeks and four under the Algemene termijnenwet, for which Good Friday is surely a holiday."""
    assert ends(clock(received, *steps, regime="Wpg")) == (end, end)


def test_several_units_have_six_weeks_more() -> None:
    """Wpg 25: twelve weeks in all, and a refusal may use the extension."""
    steps = [ClockStep("extend", noon("2026-10-05"), several_units=True), ClockStep("refuse", noon("2026-12-24"))]
    found = access_request_clock(noon("2026-10-01"), "Wpg", steps, FAR)
    assert (ends(found), found.is_late) == (("2026-12-24", "2026-12-24"), False)


@pytest.mark.parametrize("regime", ["Wjsg", "unverified"])
def test_an_unverified_term_has_no_end(regime: str) -> None:
    """The Wjsg is not read here: its clock is never late, and can be suspended and answered all the same."""
    assert clock("2026-06-01", regime=regime) == RequestClock("running", None, None)
    assert clock("2026-06-01", ("suspend", "2028-01-01"), regime=regime).state == "suspended"
    answered = clock("2026-06-01", ("extend", "2026-06-02"), ("refuse", "2029-01-01"), regime=regime)
    assert answered == RequestClock("answered", None, None, noon("2029-01-01"), extended=True)


def test_receipt_counts_by_its_day_in_amsterdam() -> None:
    """Half past midnight in Amsterdam is the next day, whatever the day in UTC."""
    received = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    assert ends(access_request_clock(received, "AVG", (), FAR)) == ("2026-04-07", "2026-04-07")
    assert ends(access_request_clock(received.replace(hour=22), "AVG", (), FAR)) == ("2026-04-07", "2026-04-07")


def test_steps_are_read_in_order_of_time() -> None:
    """However they were handed in; what lies after the moment of asking is not seen."""
    steps = [ClockStep("resume", noon("2026-06-21")), ClockStep("suspend", noon("2026-06-11"))]
    assert ends(access_request_clock(noon("2026-06-01"), "AVG", steps, FAR)) == ("2026-07-13", "2026-07-13")
    assert access_request_clock(noon("2026-06-01"), "AVG", steps, noon("2026-06-12")).state == "suspended"
    assert access_request_clock(noon("2026-06-01"), "AVG", steps, noon("2026-06-10")).state == "running"


@given(
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    st.integers(0, 20),
    st.integers(0, 400),
    st.sampled_from(["AVG", "Wpg"]),
)
def test_a_pause_moves_the_end_by_as_many_days(received: date, asked: int, waited: int, regime: str) -> None:
    """Within the term, a question answered after n days moves the raw end by n days, and then to a working day."""
    steps = [
        ClockStep("suspend", noon(received + timedelta(days=asked))),
        ClockStep("resume", noon(received + timedelta(days=asked + waited))),
    ]
    found = access_request_clock(noon(received), regime, steps, noon(date(2050, 1, 1)))
    raw = (_a_month_on(received) if regime == "AVG" else received + timedelta(days=42)) + timedelta(days=waited)
    safely = is_surely_free if regime == "AVG" else is_free
    assert (found.legal_latest, found.safe) == (_next_day_not(is_free, raw), _next_day_not(safely, raw))


def _a_month_on(day: date) -> date:
    """The same day number of the next month, or the last day there is."""
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def _next_day_not(is_one: Callable[[date], bool], day: date) -> date:
    """The day itself or the first after it that is not free."""
    return next(d for d in (day + timedelta(days=n) for n in range(15)) if not is_one(d))
