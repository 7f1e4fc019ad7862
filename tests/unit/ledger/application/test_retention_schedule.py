from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any, cast

import msgspec
import pytest

from services.ledger.application.cursors import CursorInvalid, LimitInvalid
from services.ledger.application.retention_ports import EndingLines, EndingPlace, EndingRule, KeptLines
from services.ledger.application.retention_schedule import RetentionSchedule, write_cursor
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.messages import Caller, Page
from services.runtime.clock import FakeClock

TODAY = date(2026, 9, 10)
COLLEGE = Caller(party="college", scopes=frozenset({"retention"}))
AUDITOR = Caller(party="rekenkamer", scopes=frozenset({"audit"}))


class ToldEndings:
    """Four days on which something ends; remembers what it was asked."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.asked: list[Any] = []
        self.found = [
            EndingLines(
                day=TODAY.replace(day=day),
                what="record",
                controller="college",
                covenant="huis" if day % 2 else None,
                annex="a" if day % 2 else None,
                lines=day,
            )
            for day in (11, 12, 13, 14)
        ]

    def schedule(
        self, party: str, days: tuple[date, date], today: date, after: EndingPlace | None, limit: int
    ) -> list[EndingLines]:
        """Those after ``after``."""
        self.asked.append((party, days, today))
        return [ending for ending in self.found if after is None or ending.place > after][:limit]


@pytest.fixture
def endings() -> ToldEndings:
    """What ends."""
    return ToldEndings()


def read(endings: ToldEndings, caller: Caller = COLLEGE, **question: Any) -> Page:
    """One page, asked at noon."""
    clock = FakeClock(datetime(2026, 9, 10, 12, tzinfo=UTC))
    schedule = RetentionSchedule(lines=cast(KeptLines, endings), clock=clock)
    return asyncio.run(schedule.read(caller, **question))


def test_each_holding_says_which_rules_won_and_which_lost(endings: ToldEndings) -> None:
    """In the words of a person's `keeping`: the rule with its sentence, of how many lines, and its losers likewise."""
    rules = (
        EndingRule(rule="covenant-phase", lost=("act", "wgs-maximum"), lines=7),
        EndingRule(rule="later-term", lost=("act",), lines=3),
        EndingRule(rule=None, lost=(), lines=1),
    )
    endings.found = [msgspec.structs.replace(endings.found[0], what="holding", rules=rules)]
    (item,) = read(endings).items
    assert [(rule["rule"], rule["lines"], [lost["rule"] for lost in rule["lost"]]) for rule in item["rules"]] == [
        ("covenant-phase", 7, ["act", "wgs-maximum"]),
        ("later-term", 3, ["act"]),
        (None, 1, []),
    ]
    first, changed, unknown = item["rules"]
    assert first["text"]["nl"] == "De bijlage van het convenant geeft voor deze fase de termijn."
    assert first["lost"][0]["text"]["en"] == "The act itself states this term: its term."
    assert changed["text"]["nl"] == "De termijn is later aangepast, met de reden erbij."
    assert unknown["text"] is None


def test_pages_follow_one_another(endings: ToldEndings) -> None:
    """Each page begins where the one before ended; the last one names no other."""
    first = read(endings, limit=3)
    assert [item["day"] for item in first.items] == ["2026-09-11", "2026-09-12", "2026-09-13"]
    assert first.items[0] == {
        "day": "2026-09-11",
        "ends": "record",
        "controller": "college",
        "covenant": {"id": "huis", "annex": "a"},
        "lines": 11,
        "rules": [],
    }
    assert first.items[1]["covenant"] is None
    last = read(endings, limit=3, cursor=first.next)
    assert [item["day"] for item in last.items] == ["2026-09-14"]
    assert last.next is None


def test_it_begins_today_at_the_earliest(endings: ToldEndings) -> None:
    """What has ended is in no schedule, whatever is asked; without an end it is asked for all time."""
    read(endings, starts=date(2020, 1, 1))
    read(endings, starts=date(2026, 10, 1), until=date(2026, 10, 31))
    assert endings.asked == [
        ("college", (TODAY, date.max), TODAY),
        ("college", (date(2026, 10, 1), date(2026, 10, 31)), TODAY),
    ]


def test_another_party_is_for_auditors(endings: ToldEndings) -> None:
    """A party reads its own schedule; an auditor anybody's."""
    with pytest.raises(NotAllowed):
        read(endings, party="politie")
    read(endings, AUDITOR, party="politie")
    with pytest.raises(NotAllowed):
        read(endings, Caller(party="college", scopes=frozenset({"processing:read"})))
    assert [party for party, _, _ in endings.asked] == ["politie"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "é", "e30", "A" * 3000, write_cursor((TODAY, "record", "a\x00b", "", "")), write_cursor((TODAY,))],  # type: ignore[arg-type]
)
def test_a_cursor_of_something_else_is_refused(endings: ToldEndings, cursor: str) -> None:
    """What is no cursor of a schedule never reaches the database."""
    with pytest.raises(CursorInvalid):
        read(endings, cursor=cursor)
    assert endings.asked == []


def test_pages_have_a_bound(endings: ToldEndings) -> None:
    """More than the ledger's maximum is refused."""
    with pytest.raises(LimitInvalid):
        read(endings, limit=1_001)
