"""The holding term, the record term, and which rule lost."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from services.law import retention
from services.law.act import CovenantReference, Recipient, Retention
from services.law.governance import Covenant, Entry
from services.law.local_time import amsterdam_day
from services.law.retention import begins_holding
from tests.unit.law.builders import act, activity, annex, covenant, holding_term, register, reread, terms

RECORDED = datetime(2026, 6, 3, 8, tzinfo=UTC)
NO_TERM: dict[str, Any] = {"covenant": None}
WGS = covenant(legal_frame="wgs-zvh")
UNDER = CovenantReference(id="house")
BY_PHASE: tuple[str, list[str]] = ("covenant-phase", [])


def two(signalling: str) -> Covenant:
    """The covenant with a second annex, that gives this term while signalling and none for the plan."""
    return covenant(annexes=(annex(), annex(id="care", retention={"signalering": signalling})))


@pytest.mark.parametrize(
    ("changes", "entries", "ends", "rule", "lost"),
    [
        ({}, [], "2026-09-01", "covenant-phase", []),
        ({"phase": "plan"}, [], "2028-06-01", "covenant-phase", []),
        ({"retention": Retention(period="P2Y")}, [], "2026-09-01", "covenant-phase", ["act"]),
        ({"retention": Retention(period="P3M")}, [], "2026-09-01", "act", ["covenant-phase"]),
        ({"retention": Retention(period="P1W")}, [], "2026-06-08", "act", ["covenant-phase"]),
        ({"phase": "weighing"}, [], None, None, []),
        ({"phase": None, "covenant": CovenantReference(id="house", annex="x")}, [], None, None, []),
        ({"covenant": CovenantReference(id="unknown")}, [], None, None, []),
        ({"covenant": UNDER}, [], "2026-09-01", "covenant-phase", []),
        ({"covenant": UNDER, "phase": "weighing"}, [], None, None, []),
        ({"covenant": UNDER}, [covenant(annexes=())], None, None, []),
        ({"covenant": UNDER}, [two("P3M")], "2026-09-01", "covenant-phase", []),
        (
            {"covenant": UNDER, "retention": Retention(period="P1M")},
            [two("P3M")],
            "2026-07-01",
            "act",
            ["covenant-phase"],
        ),
        ({"covenant": UNDER}, [two("P4M")], None, None, []),
        ({"covenant": UNDER, "phase": "plan"}, [two("P3M")], None, None, []),
        ({"covenant": CovenantReference(id="house", annex="x")}, [two("P3M")], None, None, []),
        ({}, [covenant(annexes=(annex(retention={"Signalering": "P1M"}),))], "2026-07-01", "covenant-phase", []),
        ({"covenant": UNDER}, [covenant(annexes=(annex(retention={"signaleren": "P1M"}),))], "2026-07-01", *BY_PHASE),
        (
            {},
            [covenant(annexes=(annex(retention={"signalering": "P1M", "signalling": "P2M"}),))],
            "2026-08-01",
            *BY_PHASE,
        ),
        ({"phase": "weighing"}, [WGS], "2031-06-01", "wgs-maximum", []),
        ({"retention": Retention(period="P9Y")}, [WGS], "2026-09-01", "covenant-phase", ["wgs-maximum", "act"]),
        ({**NO_TERM, "data_regime": "Wpg-8"}, [], "2031-06-01", "wpg-8", []),
        ({**NO_TERM, "data_regime": "Wpg-8", "retention": Retention(period="P1Y")}, [], "2027-06-01", "act", ["wpg-8"]),
        ({**NO_TERM, "activity": "youth-work"}, [activity()], "2027-06-01", "activity", []),
        ({**NO_TERM, "activity": "youth-work"}, [activity(retention=None)], None, None, []),
        ({**NO_TERM, "retention": Retention(period="PT1H")}, [], None, None, []),
        ({**NO_TERM, "retention": Retention(period="P1Y", anchor="case-closed")}, [], None, None, []),
        ({**NO_TERM, "retention": Retention(period="P1Y", anchor="endedAt")}, [], None, None, []),
        (
            {
                **NO_TERM,
                "retention": Retention(period="P1Y", anchor="endedAt"),
                "ended_at": datetime(2026, 7, 1, 22, tzinfo=UTC),
            },
            [],
            "2027-07-02",
            "act",
            [],
        ),
        ({"occurred_at": datetime(2026, 11, 30, 9, tzinfo=UTC)}, [], "2027-02-28", "covenant-phase", []),
        ({"occurred_at": datetime(2026, 6, 1, 22, tzinfo=UTC)}, [], "2026-09-02", "covenant-phase", []),
    ],
)
def test_the_shortest_term_holds(
    changes: dict[str, Any], entries: list[Entry], ends: str | None, rule: str | None, lost: list[str]
) -> None:
    """Of all terms given, the first to end holds, from the Amsterdam day, clamped, never rolled."""
    term = reread(holding_term(act(**changes), register(*entries)))
    assert term is not None
    assert (term.ends and str(term.ends), term.rule, [loser.rule for loser in term.lost]) == (ends, rule, lost)


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({}, True),
        ({"recipients": ()}, False),
        ({"tense": "intent"}, False),
        ({"operation": "collect"}, True),
        ({"operation": "combine"}, True),
        ({"operation": "store"}, True),
        ({"operation": "consult"}, False),
        ({"operation": "restrict"}, False),
        ({"operation": "erase"}, False),
        ({"operation": "other"}, True),
        ({"operation": "other", "operation_class": "consult"}, False),
    ],
)
def test_what_begins_a_holding(*, changes: dict[str, Any], begins: bool) -> None:
    """A fact that collects, uses, alters, or shares with someone; nothing else."""
    given = act(**changes)
    assert begins_holding(given) is begins
    assert (holding_term(given, register()) is not None) is begins


@pytest.mark.parametrize(
    ("changes", "entries", "ends", "rule"),
    [
        ({}, [], "2031-09-01", "holding-end"),
        ({"operation": "erase"}, [], "2031-06-03", "no-holding"),
        ({"tense": "intent"}, [], "2031-06-03", "no-holding"),
        ({"phase": None}, [], "2031-06-03", "profile-default"),
        ({"record_retention": Retention(period="P1Y")}, [], "2027-06-01", "act"),
        ({"record_retention": Retention(period="P1M")}, [], "2026-09-01", "act"),
        ({"record_retention": Retention(period="P1M"), "operation": "erase"}, [], "2026-07-01", "act"),
        ({"record_retention": Retention(period="P1M"), "phase": None}, [], "2026-07-01", "act"),
        ({"record_retention": Retention(period="never")}, [], "2031-09-01", "holding-end"),
        ({}, [covenant(record_retention="P7Y")], "2033-06-01", "covenant"),
        ({"record_retention": Retention(period="P1Y")}, [covenant(record_retention="P7Y")], "2027-06-01", "act"),
        ({**NO_TERM, "operation": "erase"}, [covenant(record_retention="P7Y")], "2031-06-03", "no-holding"),
        ({"covenant": CovenantReference(id="x"), "operation": "erase"}, [], "2031-06-03", "no-holding"),
    ],
)
def test_the_record_outlives_the_data(changes: dict[str, Any], entries: list[Entry], ends: str, rule: str) -> None:
    """A stated term, else five years after the holding or the recording; never before the holding ends."""
    _, term = terms(act(**changes), register(*entries), RECORDED)
    assert (str(term.ends), term.rule) == (ends, rule)


VARIED: dict[str, tuple[Any, ...]] = {
    "operation": ("record", "disseminate", "erase", "consult", "make-available"),
    "tense": ("fact", "intent"),
    "phase": ("signalling", "plan", None),
    "covenant": (CovenantReference(id="house", annex="youth"), CovenantReference(id="house"), None),
    "activity": ("youth-work", None),
    "data_regime": ("AVG", "Wpg-8"),
    "recipients": ((), (Recipient(party="police"),)),
    "retention": (None, None, Retention(period="P1Y")),
    "record_retention": (None, None, Retention(period="P2Y")),
}


def test_what_is_reckoned_once_is_what_each_act_would_give() -> None:
    """Acts that share a view get the terms that each gets on a register that nobody asked anything before."""
    dice = random.Random(7)
    entries = (covenant(record_retention="P7Y"), activity())
    shared = register(*entries)
    days = [datetime(2026, 6, day, 8, tzinfo=UTC) for day in (3, 4)]
    seen = set()
    for _ in range(600):
        given = act(**{name: dice.choice(values) for name, values in VARIED.items()})
        recorded = dice.choice(days)
        found = terms(given, shared, recorded)
        assert found == terms(given, register(*entries), recorded)
        seen.add(msgspec.json.encode(found))
    assert len(seen) > 20


def test_police_data_run_from_their_first_processing() -> None:
    """Wpg 8(6): five years from when the police first had them; the ledger's record five years beyond that."""
    given = act(**NO_TERM, data_regime="Wpg-8")
    first = date(2023, 1, 31)
    holding, record = terms(given, register(), RECORDED, first)
    assert holding is not None
    assert (holding.ends, holding.rule) == (date(2028, 1, 31), "wpg-8")
    assert (record.ends, record.rule) == (date(2033, 1, 31), "holding-end")
    assert reread(record) == record


def test_remembered_terms_stay_within_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many kinds of acts there are, a view remembers no more than it may."""
    monkeypatch.setattr(retention, "_TERMS_CACHED_MAX", 3)
    shared = register()
    for number in range(10):
        terms(act(phase=f"phase-{number}"), shared, RECORDED)
    assert 0 < len(shared.on(amsterdam_day(act().occurred_at)).made_by(retention._terms_of_day)) <= 3
