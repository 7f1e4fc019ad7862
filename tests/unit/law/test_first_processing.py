"""From which day the law counts: the first processing of what an act carries on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import Act
from services.law.context import PastAct, SubjectFacts
from services.law.first_processing import bound_by_renewal, first_processed, leans_on_history, may_lean_on_history
from services.law.governance import Decision
from services.law.keeping import keeping_of
from services.law.local_time import amsterdam_day
from services.law.register import DayView, Register
from tests.unit.law.builders import act, change, covenant, register

WGS = covenant(legal_frame="wgs-zvh", valid_from=date(2015, 1, 1), valid_until=None)
NOW_RENEWED = Decision(id="d-0", kind="wgs-renewal", by="college", valid_from=date(2026, 1, 1))
RENEWAL = Decision(id="d-1", kind="wgs-renewal", by="college", valid_from=date(2030, 1, 1))
AGAIN = Decision(id="d-3", kind="wgs-renewal", by="college", valid_from=date(2031, 2, 1))
OPINION = Decision(id="d-2", kind="legality-opinion", by="college")
KNOWN = register(WGS, covenant("other"), NOW_RENEWED, RENEWAL, AGAIN, OPINION)
IN_FORCE = Register(KNOWN.history)
POLICE: dict[str, Any] = {"controller": "police", "data_regime": "Wpg-8", "covenant": None}


def past(when: str, operation_class: str = "share", **changes: Any) -> PastAct:
    """The police told the mayor the name under ``house``, or with the changes named."""
    fields: dict[str, Any] = {
        "occurred_at": datetime.fromisoformat(f"{when}T12:00:00+00:00"),
        "controller": "police",
        "recipients": ("mayor",),
        "covenant": "house",
        "data_categories": ("name",),
    }
    return PastAct(operation_class=operation_class, **(fields | changes))


def view_of(given_act: Act) -> DayView:
    """The register on the day of the act."""
    return KNOWN.on(amsterdam_day(given_act.occurred_at))


def found(acts: list[PastAct], **changes: Any) -> str | None:
    """The first day that counts for an act of the mayor at the table."""
    given_act = act(**changes)
    day = first_processed(given_act, SubjectFacts(acts=tuple(acts)), view_of(given_act))
    return None if day is None else str(day)


@pytest.mark.parametrize(
    ("acts", "changes", "first"),
    [
        ([past("2026-01-05")], {}, "2026-01-05"),
        ([past("2026-03-01"), past("2026-01-05")], {}, "2026-01-05"),
        ([past("2026-01-05")], {"operation": "record", "recipients": ()}, "2026-01-05"),
        ([past("2026-01-05")], {"operation": "use", "recipients": ()}, "2026-01-05"),
        ([past("2026-01-05")], {"operation": "collect", "recipients": ()}, None),
        ([past("2026-01-05")], {"operation": "consult", "recipients": ()}, None),
        ([], {}, None),
        ([past("2026-06-02")], {}, None),
        ([past("2026-01-05", data_categories=("image",))], {}, None),
        ([past("2026-01-05", covenant="other")], {}, None),
        ([past("2026-01-05", covenant=None)], {}, None),
        ([past("2026-01-05", recipients=("youth",))], {}, None),
        ([past("2026-01-05", recipients=(), controller="mayor", operation_class="collect")], {}, "2026-01-05"),
        ([past("2026-01-05", operation_class="consult", controller="mayor")], {}, None),
        ([past("2026-01-05")], {"decision_id": "d-0"}, None),
        ([past("2026-01-05")], {"decision_id": "d-2"}, "2026-01-05"),
        ([past("2026-01-05")], {"decision_id": "unknown"}, "2026-01-05"),
        ([past("2026-01-05", covenant="other")], {"covenant": None}, None),
    ],
)
def test_what_an_act_at_the_table_carries_on(acts: list[PastAct], changes: dict[str, Any], first: str | None) -> None:
    """The same categories of the person, there, had by who acts now; what is collected, or renewed, begins anew."""
    assert found(acts, **changes) == first


@pytest.mark.parametrize(
    ("erased", "first"),
    [
        (past("2026-02-01", "delete", controller="mayor", recipients=()), "2026-03-01"),
        (past("2026-02-01", "delete", controller="mayor", recipients=(), data_categories=()), "2026-03-01"),
        (past("2026-02-01", "delete", controller="mayor", recipients=(), covenant=None), "2026-03-01"),
        (past("2026-02-01", "delete", controller="mayor", recipients=(), data_categories=("image",)), "2026-01-05"),
        (past("2026-02-01", "delete", controller="youth", recipients=()), "2026-01-05"),
        (past("2026-02-01", "delete"), "2026-01-05"),
    ],
)
def test_who_destroyed_the_data_begins_anew(erased: PastAct, first: str) -> None:
    """After its own erasure of that category, or of all; another's erasure changes nothing for it."""
    assert found([past("2026-01-05"), erased, past("2026-03-01")]) == first


def test_what_had_to_be_gone_is_not_carried_on() -> None:
    """An act after the five years is a new processing; on their last day it is not."""
    last_day, day_after = (datetime(2026, 1, day, 12, tzinfo=UTC) for day in (5, 6))
    earlier = [past("2021-01-05"), past("2023-01-05")]
    assert found(earlier, occurred_at=last_day) == "2021-01-05"
    assert found(earlier, occurred_at=day_after) is None
    assert found([*earlier, past("2026-02-01")]) == "2026-02-01"


@pytest.mark.parametrize(
    ("acts", "changes", "first"),
    [
        ([past("2026-01-05", "alter", data_regime="Wpg-8", covenant=None)], {"operation": "use"}, "2026-01-05"),
        ([past("2026-01-05", "alter", data_regime="Wpg-8", covenant=None)], {}, None),
        ([past("2026-01-05", "alter", data_regime="Wpg-8", covenant=None)], {"operation": "record"}, None),
        ([past("2026-01-05", "alter", data_regime="AVG", covenant=None)], {"operation": "use"}, None),
        (
            [past("2026-01-05", "alter", data_regime="Wpg-8", controller="mayor", recipients=("police",))],
            {"operation": "use"},
            None,
        ),
        (
            [
                past("2026-01-05", "alter", data_regime="Wpg-8"),
                past("2026-02-05", "delete", data_regime="AVG"),
                past("2026-03-05", "alter", data_regime="Wpg-8"),
            ],
            {"operation": "use"},
            "2026-03-05",
        ),
    ],
)
def test_what_the_police_carry_on(acts: list[PastAct], changes: dict[str, Any], first: str | None) -> None:
    """Their own daily data of the same category; what they record is new, and what they disclose is the receiver's."""
    assert found(acts, **(POLICE | changes)) == first


LATE = datetime(2031, 3, 1, 12, tzinfo=UTC)
OLD = past("2026-01-05", recipients=("mayor",))
RENEWED = past("2030-12-01", "use", controller="mayor", recipients=(), decision_id="d-1")


@pytest.mark.parametrize(
    ("acts", "changes", "decision"),
    [
        ([OLD, RENEWED], {}, "d-1"),
        ([OLD, RENEWED], {"operation": "record", "recipients": ()}, "d-1"),
        ([OLD, RENEWED], {"decision_id": "d-2"}, "d-1"),
        ([OLD, RENEWED], {"operation": "collect", "recipients": ()}, None),
        ([OLD, RENEWED], {"occurred_at": datetime(2031, 1, 5, 12, tzinfo=UTC)}, None),
        ([OLD, RENEWED], {"occurred_at": datetime(2031, 1, 6, 12, tzinfo=UTC)}, "d-1"),
        ([OLD, RENEWED], {"data_categories": ("image",)}, None),
        ([OLD, RENEWED], POLICE, None),
        ([OLD], {}, None),
        ([], {}, None),
        ([OLD, change(RENEWED, decision_id="d-2")], {}, None),
        ([OLD, change(RENEWED, decision_id="unknown")], {}, None),
        ([OLD, RENEWED, past("2031-02-01", "collect", controller="mayor", recipients=())], {}, None),
        ([OLD, past("2028-02-01", "collect", controller="mayor", recipients=()), RENEWED], {}, "d-1"),
        ([OLD, RENEWED, past("2031-02-01", "delete", controller="mayor", recipients=())], {}, None),
        ([OLD, RENEWED, change(RENEWED, occurred_at=LATE, decision_id="d-3")], {}, "d-3"),
    ],
)
def test_what_is_there_only_by_a_renewal_is_bounded_by_it(
    acts: list[PastAct], changes: dict[str, Any], decision: str | None
) -> None:
    """After the five years, by the last renewal; not once the controller collected anew, destroyed, or within them."""
    given_act = act(**({"occurred_at": LATE} | changes))
    reckoned = bound_by_renewal(given_act, SubjectFacts(acts=tuple(acts)), view_of(given_act))
    stated = changes.get("decision_id")
    assert reckoned == (given_act if decision is None else change(given_act, decision_id=decision))
    assert (reckoned is given_act) is (decision is None)
    assert given_act.decision_id == stated


def test_an_act_on_renewed_data_ends_with_the_renewal() -> None:
    """Two years from the decision, also when the act does not name it; without facts it would be five more."""
    given_act = act(occurred_at=LATE, phase="weighing")
    facts = SubjectFacts(acts=(OLD, RENEWED))
    ends = [keeping_of(given_act, IN_FORCE, known) for known in (facts, None)]
    assert [keeping and keeping.holds and (keeping.holds.rule, str(keeping.until)) for keeping in ends] == [
        ("wgs-renewal", "2032-01-01"),
        ("wgs-maximum", "2036-03-01"),
    ]


def test_nothing_known_is_no_first_processing() -> None:
    """Without facts the term begins with the act."""
    assert first_processed(act(), None, view_of(act())) is None
    assert bound_by_renewal(act(), None, view_of(act())) == act()


@pytest.mark.parametrize(
    ("changes", "leans"),
    [
        ({}, True),
        ({"covenant": None}, False),
        (POLICE, True),
        ({"covenant": None, "data_regime": "Wpg-20"}, False),
        ({"covenant": change(act().covenant, id="other")}, False),
        ({"covenant": change(act().covenant, id="unknown")}, False),
    ],
)
def test_only_such_acts_need_the_history(*, changes: dict[str, Any], leans: bool) -> None:
    """Under the WGS and for daily police data; nothing is read for any other act."""
    given_act = act(**changes)
    assert leans_on_history(given_act, view_of(given_act)) is leans
    assert may_lean_on_history(given_act, KNOWN) is leans


def test_what_may_need_the_history_is_looked_at_by_day() -> None:
    """A covenant that was a partnership once, or is under an umbrella, may; on the day of the act it need not be."""
    once = (covenant(legal_frame="wgs-zvh"), covenant(version=2))
    for entries in (once, (covenant(umbrella="roof"),)):
        known = register(*entries)
        assert may_lean_on_history(act(), known)
        assert not leans_on_history(act(), known.on(amsterdam_day(act().occurred_at)))


@given(st.lists(st.integers(0, 4_000), max_size=8), st.integers(0, 4_000))
def test_a_slow_reader_finds_the_same_day(days: list[int], now: int) -> None:
    """Walking day by day, holding what runs and dropping it when its five years are over, gives the same first day."""
    start = datetime(2026, 1, 4, 12, tzinfo=UTC)
    given_act = act(occurred_at=start + timedelta(days=now))
    acts = [change(past("2026-01-04"), occurred_at=start + timedelta(days=day)) for day in days]
    running: date | None = None
    for number in range(now + 1):
        today = (start + timedelta(days=number)).date()
        if running is not None and today > _five_years_later(running):
            running = None
        if running is None and number in days:
            running = today
    expected = running
    assert first_processed(given_act, SubjectFacts(acts=tuple(acts)), view_of(given_act)) == expected


def _five_years_later(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year + 5, 2, 28) if is_leap_day else day.replace(year=day.year + 5)
