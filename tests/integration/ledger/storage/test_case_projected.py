"""The case of the seed through the projections: what was held, owed and supplied, from envelopes alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import yaml

from services.law.local_time import AMSTERDAM, end_of_day
from services.law.operations import operation_class
from services.ledger.application.ports import Bounds, HeldWindow
from services.ledger.contract import topics
from services.ledger.domain.holdings import Basis, Holding, holdings
from services.ledger.storage.projections.connection import connect
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.projections.read import PostgresProjections
from services.runtime.clock import FakeClock
from services.runtime.postgres import migrate, sync_pool
from tests.support.envelopes import Event, insert_events, make_envelope

CASE = yaml.safe_load((Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml").read_text())
STREAMS = {name: UUID(int=number + 1, version=4) for number, name in enumerate(CASE["subjects"])}
NAMES = {stream: name for name, stream in STREAMS.items()}
EVERYBODY = [(0, stream) for stream in STREAMS.values()]
YOUTH_WORK = "jongerenwerk-middelstad"
BREACH = datetime(2026, 9, 25, 17, 20, tzinfo=AMSTERDAM)
# The terms of the covenant's phases for the acts of this case: three months, or two years from the plan on.
ENDS = {"signalling": (0, 3), "imaging": (0, 3), "plan": (2, 0)}


def local(text: str) -> datetime:
    """A local time of the case file."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def ends_of(act: dict[str, Any]) -> date | None:
    """The last day of the holding an act gives."""
    if "phase" not in act:
        return None
    years, months = ENDS[act["phase"]]
    day = local(act["at"]).date()
    return day.replace(year=day.year + years, month=day.month + months)


def events_of(act: dict[str, Any]) -> list[Event]:
    """The events of one act, one per subject."""
    basis, covenant = act.get("legalBasis", {}), act.get("covenant", {})
    refused = act.get("expect", {}).get("refused", False)
    fields = {
        "key": str(act["n"]),
        "author": act["by"],
        "controller": act.get("controller", act["by"]),
        "operation_class": operation_class(act["operation"]),
        "recipients": tuple(act.get("to", ())),
        "data_categories": tuple(act["dataCategories"]),
        "occurred_at": local(act["at"]),
        "recorded_at": local(act.get("recorded", act["at"])),
        "gdpr": basis.get("gdpr"),
        "statute": basis.get("statute"),
        "covenant": covenant.get("id"),
        "annex": covenant.get("annex"),
        "covenant_version": 1 if covenant else None,
        "list_kind": act.get("list", {}).get("kind"),
        "list_index": "ab" * 32 if "list" in act else None,
        "holding_ends": ends_of(act),
    }
    topic = topics.PROCESSING_REFUSED if refused else topics.PROCESSING_RECORDED
    return [(0, STREAMS[name], topic, make_envelope(**fields)) for name in act["subjects"]]


@pytest.fixture(scope="module")
def projections(module_database: str) -> Iterator[PostgresProjections]:
    """The case, stored in order of its recording and projected."""
    acts = sorted((act for act in CASE["acts"] if "operation" in act), key=lambda act: act.get("recorded", act["at"]))
    with psycopg.connect(module_database) as connection:
        migrate(connection, files("services.ledger.storage") / "migrations", name="ledger")
        insert_events(connection, [event for act in acts for event in events_of(act)])
    with connect(module_database) as connection:
        while project_pending(connection):
            pass
    with sync_pool(module_database, name="test") as pool:
        yield PostgresProjections(pool=pool, clock=FakeClock(BREACH))


def holdings_on(projections: PostgresProjections, moment: datetime, party: str) -> list[Holding]:
    """What a party had at a moment, as known at the end of the case."""
    bounds = Bounds(as_of=moment, as_known_at=datetime(2027, 1, 1, tzinfo=UTC))
    found = holdings(projections.holding_acts(EVERYBODY, bounds), bounds.as_of, bounds.as_known_at)
    return [holding for holding in found if holding.party == party]


def act_numbers(projections: PostgresProjections, holding: Holding) -> set[str]:
    """The numbers of the acts that supplied a holding."""
    bounds = Bounds(as_of=BREACH, as_known_at=datetime(2027, 1, 1, tzinfo=UTC))
    lines = projections.dossier([(0, holding.stream_id)], bounds)
    numbers = {
        line.operation_id: str(act["n"]) for line in lines for act in CASE["acts"] if is_of(line.operation_id, act)
    }
    return {numbers[act.operation_id] for act in holding.acts if act.supplied_by}


def is_of(operation_id: UUID, act: dict[str, Any]) -> bool:
    """Whether an operation is that of an act of the case."""
    return "operation" in act and events_of(act)[0][3].operation_id == operation_id  # type: ignore[union-attr]


def test_the_breach_finds_who_was_held_and_who_supplied_it(projections: PostgresProjections) -> None:
    """Held (owed included), sources and both bases are those the case expects."""
    expected = CASE["expected"]["breach_20"]
    held = [h for h in holdings_on(projections, BREACH, YOUTH_WORK) if h.status != "erased"]
    assert sorted({NAMES[h.stream_id] for h in held}) == expected["held"]
    sources: dict[str, set[str]] = {}
    for holding in held:
        sources.setdefault(NAMES[holding.stream_id], set()).update(act_numbers(projections, holding))
    assert {name: sorted(numbers) for name, numbers in sources.items()} == expected["sources"]
    bases = {act.supplied for holding in held for act in holding.acts}
    assert bases == {
        Basis(
            gdpr="6(1)(e)",
            statute="Gemeentewet 172",
            covenant="veiligheidshuis",
            annex="jeugdgroepen",
            covenant_version=1,
        )
    }
    assert {act.own for holding in held for act in holding.acts} == {None}


def test_the_impact_page_names_the_same_persons(projections: PostgresProjections) -> None:
    """The set-based question agrees with the fold, and counts the acts that gave something."""
    within = HeldWindow(YOUTH_WORK, BREACH, BREACH, (), datetime(2027, 1, 1, tzinfo=UTC))
    page = projections.impact_page(within, None, 100)
    assert sorted(NAMES[stream] for _, stream in page) == CASE["expected"]["breach_20"]["held"]
    assert projections.impact_counts(within) == (6, 11)


def test_erasure_is_owed_by_who_did_not_confirm(projections: PostgresProjections) -> None:
    """On 19 September only the youth work still owes, and only for y9."""
    expected = CASE["expected"]["retention"]["erasure_owed_2026-09-19"]
    owed: dict[str, set[str]] = {}
    for party in (party["id"] for party in CASE["parties"]):
        for holding in holdings_on(projections, end_of_day(date(2026, 9, 19)), party):
            if holding.status == "erasure-owed":
                owed.setdefault(NAMES[holding.stream_id], set()).add(party)
    assert {name: sorted(parties) for name, parties in owed.items()} == expected


def test_the_term_of_act_six_ends_when_the_case_says(projections: PostgresProjections) -> None:
    """The holding that act 6 gives the mayor of y1 ends on 10 December."""
    bounds = Bounds(as_of=BREACH, as_known_at=BREACH)
    rows = projections.holding_acts([(0, STREAMS["y1"])], bounds)
    (row,) = [row for row in rows if row.occurred_at == local("2026-09-10T11:00")]
    assert str(row.ends) == CASE["expected"]["retention"]["act_6_y1_holding_ends"]
