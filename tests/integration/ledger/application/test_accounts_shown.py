"""What an act accounts for beyond the four blocks is shown to who may see it: triage, threshold, sources, media."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
import yaml

from services.cli.case.model import Case, read_case
from services.ledger.contract.forgetting import ObligationSearch
from services.ledger.contract.messages import AccessRequestBody, Caller, InquiryBody, Requester, SubjectIdentifier
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

BASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
MAYOR = "burgemeester-middelstad"
GROUPS = {"id": "veiligheidshuis", "annex": "jeugdgroepen"}
PUBLIC_TASK = {"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"}
FILM = "urn:sha256:" + "ab" * 32
Json = dict[str, Any]

ACTS: list[Json] = [
    {
        "n": 41,
        "at": "2026-09-22T09:00",
        "by": MAYOR,
        "operation": "other",
        "description": "triage",
        "subjects": ["y3"],
        "dataCategories": ["name"],
        "covenant": GROUPS,
        "phase": "plan",
        "legalBasis": PUBLIC_TASK,
        "justification": {"triage": {"step": "weighing", "outcome": "not-share", "reason": "a talk is enough"}},
    },
    {
        "n": 42,
        "at": "2026-09-22T10:00",
        "by": MAYOR,
        "operation": "use",
        "subjects": ["y3"],
        "dataCategories": ["name"],
        "covenant": GROUPS,
        "phase": "plan",
        "legalBasis": PUBLIC_TASK,
        "justification": {
            "threshold": {
                "facts": "two reports",
                "source": "police",
                "decidedBy": MAYOR,
                "decidedOn": "2026-09-21",
            }
        },
    },
    {
        "n": 43,
        "at": "2026-09-22T11:00",
        "by": MAYOR,
        "operation": "record",
        "subjects": ["y3"],
        "dataCategories": ["image"],
        "phase": "plan",
        "legalBasis": PUBLIC_TASK,
        "reference": FILM,
        "system": {"name": "phone of the regisseur"},
        "retention": {"period": "P1Y"},
    },
    {
        "n": 44,
        "at": "2026-09-22T12:00",
        "by": "college-middelstad",
        "subjects": ["y6"],
        "covenant": GROUPS,
        "notice": {"form": "collective", "elements": "all", "addressee": "subject"},
    },
]


@pytest.fixture(scope="module")
def ledger(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseLedger]:
    """The case with a triage that came to not sharing, a threshold, a film on a phone and a collective notice."""
    raw = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    raw["acts"] += ACTS
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, read_case(path)) as opened:
        opened.play()
        yield opened


def person(case: Case, label: str) -> SubjectIdentifier:
    """The identifier of a person of the case."""
    return msgspec.convert(case.identifier(label), SubjectIdentifier)


def replay(ledger: CaseLedger, party: str, label: str) -> list[Json]:
    """A replay of a person with the party's own token."""
    asking = Caller(party=party, scopes=frozenset({"inquiry"}), purpose="proceedings")
    body = InquiryBody(reason="why", subject=person(ledger.case, label))
    inquiry = ledger.run(ledger.inquiries.open(asking, f"{party}:{label}", body))
    answer = ledger.run(ledger.replays.replay(asking, inquiry["id"], None, None, None))
    return list(answer["events"])


def event_of(ledger: CaseLedger, party: str, label: str, number: int) -> Json:
    """The event of one act in a party's replay of a person."""
    return next(event for event in replay(ledger, party, label) if event["operationId"] == ledger.case.key(number))


def report(ledger: CaseLedger, label: str) -> Json:
    """The report of a person to himself."""
    body = AccessRequestBody(
        subject=person(ledger.case, label),
        received_at=ledger.clock.now(),
        received_by="politie",
        requested_by=Requester(role="subject"),
    )
    ledger.run(ledger.requests.open(Caller(party="politie", scopes=frozenset({"subject:access"})), label, body))
    reading = Caller(
        party="politie",
        scopes=frozenset({"subject:access"}),
        purpose="access-request",
        subject=person(ledger.case, label),
    )
    return dict(ledger.run(ledger.reports.report(reading, label)))


def test_what_was_not_shared_is_in_the_replay(ledger: CaseLedger) -> None:
    """A step of a triage that came to not sharing stands there as an act of its own, with its reason (S51)."""
    shown = event_of(ledger, MAYOR, "y3", 41)
    assert shown["justification"]["triage"] == {
        "step": "weighing",
        "outcome": "not-share",
        "reason": "a talk is enough",
    }
    assert shown["recipients"] == []


def test_a_threshold_is_in_the_replay_before_its_act(ledger: CaseLedger) -> None:
    """Facts, source and deciding organ stand with the act, decided on an earlier day than it was done (S36)."""
    shown = event_of(ledger, MAYOR, "y3", 42)
    threshold = shown["justification"]["threshold"]
    assert (threshold["facts"], threshold["decidedBy"]) == ("two reports", MAYOR)
    assert threshold["decidedOn"] < shown["occurredAt"][:10]


def test_a_recording_is_shown_with_its_device(ledger: CaseLedger) -> None:
    """The hash and the device of a film stand in the replay of whoever holds it, and the holder in the report (S45)."""
    shown = event_of(ledger, MAYOR, "y3", 43)
    assert (shown["reference"], shown["system"]["name"]) == (FILM, "phone of the regisseur")
    holders = [holder["party"] for holder in report(ledger, "y3")["holders"] if "image" in holder["dataCategories"]]
    assert holders == [MAYOR]


def test_what_came_from_an_open_source_is_personal_data(ledger: CaseLedger) -> None:
    """The collecting from a film stands in the person's report as any other line (S44)."""
    lines = {line.get("operationId"): line for line in report(ledger, "y3")["lines"]}
    assert lines[ledger.case.key(4)]["dataCategories"] == ["image", "social-media-handle"]


def test_a_group_act_names_no_one_else(ledger: CaseLedger) -> None:
    """Acts on nine persons stand in the report of one of them without any identifier of the others (S52)."""
    answer = report(ledger, "y5")
    numbers = {ledger.case.numbers_by_key().get(line.get("operationId", "")) for line in answer["lines"]}
    assert {"6", "10"} <= numbers
    others = [person(ledger.case, label).id for label in ("y1", "y2", "y3", "y4", "y6", "y7", "y8", "y9")]
    assert not [identifier for identifier in others if identifier in json.dumps(answer, default=str)]


def test_a_collective_notice_covers_only_whom_it_names(ledger: CaseLedger) -> None:
    """Of the persons untold, only the one that the collective notice lists is told; others stay as they were (S60)."""
    asking = Caller(party="college-middelstad", scopes=frozenset({"notice"}), purpose="internal-control")
    search = ObligationSearch(kind="inform", as_of="2026-09-30")
    page = ledger.run(ledger.duties.search.search(asking, search))
    states = {(item["subject"]["id"], item["state"]) for item in cast("Any", msgspec.to_builtins(page.items))}
    told, untold = person(ledger.case, "y6").id, person(ledger.case, "y7").id
    assert {state for identifier, state in states if identifier == told} == {"done-late"}
    assert {state for identifier, state in states if identifier == untold} == {"lapsed-unmet"}
