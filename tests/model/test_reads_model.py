"""Random histories through the real ledger: what every party reads equals a literal reader of the acts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cli.case.bodies import calls_of
from services.cli.case.model import AMSTERDAM, Case, CaseAct
from services.ledger.contract.messages import BreachBody, Caller, InquiryBody, OperationSearch, SubjectIdentifier
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

Json = dict[str, Any]
BEGIN = datetime(2026, 9, 1, 9, tzinfo=AMSTERDAM)
PARTIES = {"college": "public-body", "politie": "police", "jongerenwerk": "private-controller", "school": "public-body"}
PEOPLE = {"a": "999990019", "b": "999990020", "c": "999990032"}
COLLECTS, SHARES, DELETES = ("collect", "record"), ("make-available", "disclose-by-transmission"), ("erase",)
CATEGORIES = ("name", "contact")
DAYS = 12


@st.composite
def histories(draw: st.DrawFn) -> list[Json]:
    """Up to ten acts over twelve days, some told late, some only intended."""
    acts = []
    for number in range(1, draw(st.integers(2, 10)) + 1):
        by = draw(st.sampled_from(sorted(PARTIES)))
        operation = draw(st.sampled_from((*COLLECTS, *SHARES, *DELETES)))
        happened = draw(st.integers(0, DAYS - 1))
        act: Json = {
            "n": number,
            "day": happened,
            "recorded_day": draw(st.integers(happened, DAYS)),
            "by": by,
            "operation": operation,
            "subjects": sorted(draw(st.sets(st.sampled_from(sorted(PEOPLE)), min_size=1))),
            "dataCategories": sorted(draw(st.sets(st.sampled_from(CATEGORIES), min_size=1))),
            "dataRegime": "Wpg-8" if by == "politie" else "AVG",
        }
        if operation in SHARES:
            others = sorted(set(PARTIES) - {by})
            act["to"] = sorted(draw(st.sets(st.sampled_from(others), min_size=1)))
            if draw(st.integers(0, 4)) == 0:
                act |= {"tense": "intent", "recorded_day": happened}
        acts.append(act)
    return acts


def case_of(history: list[Json]) -> Case:
    """The history as a case file; acts are posted in order of recording."""
    acts = []
    for fields in history:
        # A minute per act keeps the order of acts of one day.
        at = BEGIN + timedelta(days=fields["day"], minutes=fields["n"])
        recorded = BEGIN + timedelta(days=fields["recorded_day"], minutes=fields["n"])
        shown = {name: value for name, value in fields.items() if name not in {"day", "recorded_day"}}
        acts.append(CaseAct(number=fields["n"], at=at, recorded=recorded, fields=shown))
    acts.sort(key=lambda act: act.recorded)
    raw = {
        "case": "model",
        "parties": [{"id": party, "kind": kind} for party, kind in PARTIES.items()],
        "subjects": {label: {"BSN": number} for label, number in PEOPLE.items()},
    }
    return Case(name="model", raw=raw, acts=tuple(acts))


def caller(party: str, scope: str, purpose: str) -> Caller:
    """A caller of a party."""
    return Caller(party=party, scopes=frozenset(cast("Any", scope.split())), purpose=cast("Any", purpose))


def replayed(ledger: CaseLedger, asking: Caller, label: str, as_of: str, known_at: str) -> set[str]:
    """The numbers that a replay shows; a refused one with its mark."""
    subject = SubjectIdentifier(id_type="BSN", id=PEOPLE[label])
    key = f"{asking.party}:{label}"
    inquiry = ledger.run(ledger.inquiries.open(asking, key, InquiryBody(reason="model", subject=subject)))
    numbers = ledger.case.numbers_by_key()
    answer = ledger.run(ledger.replays.replay(asking, inquiry["id"], as_of, known_at, None))
    return {
        numbers[event["operationId"]] + ("-refused" if event["type"] == "processing-refused" else "")
        for event in answer["events"]
    }


def expected_replay(case: Case, refused: set[int], party: str, label: str, bounds: tuple[date, date]) -> set[str]:
    """The same, from the acts: everything for the auditor, else what the party took part in."""
    found = set()
    for act in case.acts:
        fields, turned_down = act.fields, act.number in refused
        # A refusal never creates a person: it is on a stream only when the person was known by then.
        known = any(
            label in other.fields["subjects"] and other.recorded < act.recorded and other.number not in refused
            for other in case.acts
        )
        takes_part = party in {"auditor", fields["by"]} or (not turned_down and party in fields.get("to", ()))
        within = act.at.date() <= bounds[0] and act.recorded.date() <= bounds[1]
        if label in fields["subjects"] and takes_part and within and (known or not turned_down):
            found.add(f"{act.number}-refused" if turned_down else str(act.number))
    return found


def expected_impact(case: Case, party: str, instant: datetime) -> dict[str, set[str]]:
    """Per person the acts that still carry something at the party at an instant, from the acts."""
    found: dict[str, set[str]] = {}
    facts = [act for act in case.acts if act.fields.get("tense") != "intent" and act.at <= instant]
    for label in PEOPLE:
        mine = [act for act in facts if label in act.fields["subjects"]]
        for act in mine:
            fields = act.fields
            begins = party in fields.get("to", ()) if "to" in fields else fields["by"] == party
            if not begins or fields["operation"] in DELETES:
                continue
            for category in fields["dataCategories"]:
                deleted = any(
                    other.fields["operation"] in DELETES
                    and other.fields["by"] == party
                    and category in other.fields["dataCategories"]
                    and other.at >= act.at
                    for other in mine
                )
                if not deleted:
                    found.setdefault(label, set()).add(str(act.number))
    return found


def found_impact(ledger: CaseLedger, party: str) -> dict[str, set[str]]:
    """The same, from the ledger, page by page."""
    asking = caller(party, "breach", "breach")
    now = ledger.clock.now()
    body = BreachBody(party=party, occurred_from=now, occurred_until=now, aware_at=now, description="model")
    receipt = ledger.run(ledger.breaches.report(asking, f"leak:{party}", body))
    labels = {number: label for label, number in PEOPLE.items()}
    numbers = ledger.case.numbers_by_key()
    found: dict[str, set[str]] = {}
    cursor = None
    while True:
        page = ledger.run(ledger.impacts.read(asking, receipt["id"], cursor, 2))
        for item in page["items"]:
            found[labels[item["subject"]["id"]]] = {numbers[key] for key in item["operationIds"]}
        cursor = page["next"]
        if cursor is None:
            assert page["persons"] == len(found)
            return found


def searched(ledger: CaseLedger, party: str, about: str) -> set[str]:
    """The operations that a party finds when it searches for those of another."""
    asking = caller(party, "processing:read", "operations")
    numbers = ledger.case.numbers_by_key()
    page = ledger.run(ledger.search_operations.search(asking, OperationSearch(party=about)))
    return {numbers[item["id"]] for item in page.items if item["id"] in numbers}


@pytest.mark.parametrize("lanes", [1, 4])
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories(), as_of=st.integers(0, DAYS + 1), known=st.integers(0, DAYS + 1))
def test_reads_equal_a_literal_reader(
    postgres_server: EmbeddedPostgres, lanes: int, history: list[Json], as_of: int, known: int
) -> None:
    """Replay, search and impact show every party what the acts say it may see, and nothing else."""
    case = case_of(history)
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, case, lanes) as ledger:
        refused = set()
        for act in case.acts:
            ledger.clock.set(act.recorded)
            (call,) = calls_of(case, act)
            status, _ = ledger.post(call)
            refused |= {act.number} if status == 403 else set()
        ledger.clock.set(BEGIN + timedelta(days=DAYS + 2))
        bounds = (BEGIN + timedelta(days=as_of)).date(), (BEGIN + timedelta(days=known)).date()
        for label in PEOPLE:
            for party, scope in [*((party, "inquiry") for party in PARTIES), ("auditor", "inquiry audit")]:
                asking = caller(party, scope, "proceedings")
                found = replayed(ledger, asking, label, bounds[0].isoformat(), bounds[1].isoformat())
                assert found == expected_replay(case, refused, party, label, bounds), (party, label)
        for party in PARTIES:
            assert found_impact(ledger, party) == expected_impact(case, party, ledger.clock.now()), party
            for about in PARTIES:
                expected = {
                    str(act.number)
                    for act in case.acts
                    for named in [{act.fields["by"], *(() if act.number in refused else act.fields.get("to", ()))}]
                    if party in named and about in {act.fields["by"], *act.fields.get("to", ())}
                }
                assert searched(ledger, party, about) == expected, (party, about)
