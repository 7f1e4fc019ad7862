"""What later events do to what is read: corrections, confidentiality, the wrong person, linked identifiers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest

from services.cli.case.bodies import calls_of
from services.cli.case.model import CaseAct, read_case
from services.ledger.application.reads import auditor_stream
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import (
    AccessRequestBody,
    Caller,
    ConfidentialityBody,
    CorrectionBody,
    HoldingSearch,
    InquiryBody,
    LinkBody,
    Requester,
    SubjectIdentifier,
)
from services.ledger.contract.topics import DATA_READ
from services.ledger.domain.identity import access_stream
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

CASE = read_case(Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml")
MAYOR = "burgemeester-middelstad"
Json = dict[str, Any]


@pytest.fixture
def ledger(postgres_server: EmbeddedPostgres) -> Iterator[CaseLedger]:
    """The case, played anew for every test: each adds to it."""
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, CASE) as opened:
        opened.play()
        yield opened


def caller(party: str, scope: str, purpose: str | None = None, label: str | None = None) -> Caller:
    """A caller, of a party or of a person."""
    subject = None if label is None else person(label)
    scopes = frozenset(cast("Any", scope.split()))
    return Caller(party=party, scopes=scopes, purpose=cast("Any", purpose), subject=subject)


def person(label: str) -> SubjectIdentifier:
    """The identifier of a person of the case."""
    return msgspec.convert(CASE.identifier(label), SubjectIdentifier)


def report(ledger: CaseLedger, label: str, key: str, role: str = "subject") -> Json:
    """The report of a person to himself."""
    body = AccessRequestBody(
        subject=person(label),
        received_at=ledger.clock.now(),
        received_by="politie",
        requested_by=Requester(role=cast("Any", role)),
    )
    ledger.run(ledger.requests.open(caller("politie", "subject:access"), key, body))
    return ledger.run(ledger.reports.report(caller("politie", "subject:access", "access-request", label), key))


def lines_by_number(answer: Json) -> dict[str, Json]:
    """The lines of a report by the number of their act."""
    numbers = CASE.numbers_by_key()
    return {numbers.get(line.get("operationId", ""), line["id"]): line for line in answer["lines"]}


def correct(ledger: CaseLedger, number: int, key: str, **body: Any) -> None:
    """Correct an act of the mayor."""
    changes = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in body.pop("changes", {}).items()}
    ledger.clock.advance(hours=1)
    filled = CorrectionBody(reason="typed wrongly", changes=changes, **body)
    ledger.run(ledger.corrector.correct(caller(MAYOR, "processing:write"), CASE.key(number), key, filled))


def refs(ledger: CaseLedger, number: int, *labels: str) -> tuple[str, ...]:
    """The mayor's pseudonyms of these persons."""
    return tuple(ledger.directory.ref(MAYOR, person(label)) for label in labels)


def replay(ledger: CaseLedger, party: str, label: str, known_at: str | None = None) -> list[Json]:
    """A replay with the party's own token."""
    asking = caller(party, "inquiry", "proceedings")
    body = InquiryBody(reason="why", subject=person(label))
    inquiry = ledger.run(ledger.inquiries.open(asking, f"{party}:{label}", body))
    answer = ledger.run(ledger.replays.replay(asking, inquiry["id"], None, known_at, None))
    return list(answer["events"])


def test_report_shows_original_and_correction(ledger: CaseLedger) -> None:
    """A corrected field stands beside the original, in the report and in the replay, from when it was known."""
    correct(ledger, 8, "c1", changes={"dataCategories": ["name"], "description": "secret remark"})
    line = lines_by_number(report(ledger, "y5", "r1"))["8"]
    assert line["dataCategories"] == ["name", "school", "nuisance-report"]
    assert [correction["changes"] for correction in line["corrections"]] == [{"dataCategories": ["name"]}]
    assert "later verbeterd" in line["explanation"]
    assert "secret remark" not in json.dumps(line)
    answer = ledger.run(ledger.read_operation.read(caller(MAYOR, "processing:read", "operations"), CASE.key(8)))
    assert answer["dataCategories"] == ["name", "school", "nuisance-report"]
    assert answer["corrected"]["dataCategories"] == ["name"]
    now = replay(ledger, MAYOR, "y5")
    assert [event["about"] for event in now if event["type"] == "corrected"] == [CASE.key(8)]
    then = replay(ledger, MAYOR, "y5", "2026-09-30")
    assert not [event for event in then if event["type"] == "corrected" or event["corrections"]]


def test_wrong_person_is_told_and_ends_the_holding(ledger: CaseLedger) -> None:
    """A line that was about somebody else stays, is called a mistake, names nobody, and carries nothing any more."""
    other = {"idType": "BSN", "id": person("y7").id}
    correct(ledger, 8, "c2", kind="wrong-person", subjects=refs(ledger, 8, "y5"), changes={"subjects": [other]})
    answer = report(ledger, "y5", "r2")
    line = lines_by_number(answer)["8"]
    assert line["voided"] == "wrong-person"
    assert "Het ging niet over u" in line["explanation"]
    assert person("y7").id not in json.dumps(answer)
    assert not [holder for holder in answer["holders"] if "school" in holder["dataCategories"]]
    assert [line for line in report(ledger, "y7", "r3")["lines"] if "school" in line["dataCategories"]]


@pytest.mark.parametrize(
    ("ground", "told"),
    [
        ("UAVG 41(1)(i)", {"mayBeTold": True, "count": 1, "ground": "UAVG 41(1)(i)"}),
        ("UAVG 41(1)(d)", {"mayBeTold": False}),
        (None, {"mayBeTold": False}),
    ],
)
def test_confidential_lines_are_withheld(ledger: CaseLedger, ground: str | None, told: Json) -> None:
    """A confidential line is left out until its review date; that there is one is told only to protect others."""
    ledger.clock.advance(hours=1)
    review = ledger.clock.now().date() + timedelta(days=9)
    body = ConfidentialityBody(level="confidential", ground=ground, review_on=review, subjects=refs(ledger, 8, "y5"))
    setting = caller(MAYOR, "processing:write")
    ledger.run(ledger.confidentiality.set_confidentiality(setting, CASE.key(8), "s1", body))
    answer = report(ledger, "y5", "r4")
    assert "8" not in lines_by_number(answer)
    assert answer["withheld"] == told
    assert not [holder for holder in answer["holders"] if "school" in holder["dataCategories"]]
    assert "8" in lines_by_number(report(ledger, "y2", "r5")), "the other person's line is not confidential"
    ledger.clock.advance(days=11)
    after = report(ledger, "y5", "r6")
    assert "8" in lines_by_number(after)
    assert after["withheld"] == {"mayBeTold": False}


def test_lifting_shows_the_line_again(ledger: CaseLedger) -> None:
    """What was lifted is told, whatever was said before."""
    setting = caller(MAYOR, "processing:write")
    for key, level in (("s2", "confidential"), ("s3", "lifted")):
        ledger.clock.advance(hours=1)
        body = ConfidentialityBody(level=cast("Any", level), ground="UAVG 41(1)(d)")
        ledger.run(ledger.confidentiality.set_confidentiality(setting, CASE.key(8), key, body))
    assert "8" in lines_by_number(report(ledger, "y5", "r7"))


def test_an_exemption_ends_on_its_review_date(ledger: CaseLedger) -> None:
    """While it holds the covenant's lines are withheld; the day after its review date all is told, itself too."""
    assert not {"2", "5", "6", "10", "13", "19"} & lines_by_number(report(ledger, "y1", "r8")).keys()
    while ledger.clock.now().date() <= date(2026, 10, 15):
        ledger.clock.advance(days=1)
    found = lines_by_number(report(ledger, "y1", "r9"))
    assert {"1", "2", "3", "4", "5", "6", "10", "13", "16", "19"} <= found.keys()
    assert found["16"]["type"] == "exemption"


def test_linked_identifiers_are_one_report(ledger: CaseLedger) -> None:
    """Of two identifiers that are one person either one gives the lines of both, and holdings stand once."""
    body = LinkBody(first=person("y5"), second=person("y7"), reason="same person")
    ledger.clock.advance(hours=1)
    ledger.run(ledger.linker.link(caller(MAYOR, "processing:write"), "l1", body))
    first, second = report(ledger, "y5", "r10"), report(ledger, "y7", "r11")
    assert lines_by_number(first).keys() & set("689") == set("689")
    told = {line["id"] for line in first["lines"] if line["type"] in {"operation", "notice", "breach"}}
    assert told <= {line["id"] for line in second["lines"]}
    search = HoldingSearch(party="jongerenwerk-middelstad", data_categories=("contact",))
    asking = caller("jongerenwerk-middelstad", "processing:read", "operations")
    found = ledger.run(ledger.search_holdings.search(asking, search))
    assert len(found.items) == len({item["subject"]["ref"] for item in found.items}) == 5


def test_domestic_violence_waits_for_a_human(ledger: CaseLedger) -> None:
    """A parent's request in such a case gives the token's holder nothing, and a party what must be weighed."""
    correct(ledger, 8, "c3", changes={"dataCategories": ["name"]})
    act = CASE.act(8)
    fields = act.fields | {"dataCategories": ["domestic-violence"], "n": 88, "at": "2026-10-01T11:00"}
    ledger.clock.advance(hours=4)
    (call,) = calls_of(CASE, CaseAct(number=88, at=act.at, recorded=act.at, fields=fields))
    ledger.post(call)
    held = report(ledger, "y5", "r12", role="parent")
    assert (held["lines"], held["holders"], held["review"]["needed"]) == ([], [], True)
    seen = ledger.run(ledger.reports.report(caller("politie", "subject:access", "access-request"), "r12"))
    assert seen["review"]["needed"]
    assert report(ledger, "y5", "r13", role="subject")["lines"]


def record_in_case(ledger: CaseLedger, number: int, case_id: str, **fields: Any) -> None:
    """Post an act like the mayor's eighth, in a case."""
    act = CASE.act(8)
    at = ledger.clock.now().isoformat()
    changed = act.fields | {"n": number, "at": at, "caseId": case_id} | fields
    (call,) = calls_of(CASE, CaseAct(number=number, at=ledger.clock.now(), recorded=act.at, fields=changed))
    status, _ = ledger.post(call)
    assert status == 201


def test_a_case_is_replayed_for_its_own_party(ledger: CaseLedger) -> None:
    """A case number is its party's: the same number of another is another case; an auditor finds both."""
    record_in_case(ledger, 71, "K-1")
    record_in_case(ledger, 72, "K-1", subjects=["y3"])
    record_in_case(ledger, 73, "K-1", by="college-middelstad")
    record_in_case(ledger, 74, "K-2")
    correct(ledger, 71, "c4", changes={"dataCategories": ["name"]})
    found = {}
    for party, scope in ((MAYOR, "inquiry"), ("college-middelstad", "inquiry"), ("politie", "inquiry"), ("x", "audit")):
        asking = caller(party, scope, "proceedings")
        body = InquiryBody(reason="why", case_id="K-1")
        inquiry = ledger.run(ledger.inquiries.open(asking, f"case:{party}", body))
        events = ledger.run(ledger.replays.replay(asking, inquiry["id"], None, None, None))["events"]
        found[party] = {(event["type"], event.get("about") or event["operationId"]) for event in events}
    mayors = {("processing-recorded", key) for key in (CASE.key(71), CASE.key(72), "c4")} | {
        ("corrected", CASE.key(71))
    }
    assert found[MAYOR] == mayors
    assert found["college-middelstad"] == {("processing-recorded", CASE.key(73))}
    assert found["politie"] == set()
    assert found["x"] == mayors | {("processing-recorded", CASE.key(73))}


def test_an_inquiry_is_its_own_partys(ledger: CaseLedger) -> None:
    """Another party cannot replay it, nor learn that it exists."""
    asking = caller(MAYOR, "inquiry", "proceedings")
    inquiry = ledger.run(ledger.inquiries.open(asking, "own", InquiryBody(reason="why", subject=person("y2"))))
    for other in ("politie", "college-middelstad"):
        with pytest.raises(NotFound):
            ledger.run(ledger.replays.replay(caller(other, "inquiry", "proceedings"), inquiry["id"], None, None, None))


def test_a_refusal_about_unknown_persons_is_read_by_its_asker_and_audit(ledger: CaseLedger) -> None:
    """It stands on the asker's access stream; an auditor who reads it is recorded where the chain ends."""
    act = CASE.act(7)
    stranger = {"idType": "BSN", "id": "999990147"}
    (call,) = calls_of(CASE, CaseAct(number=77, at=act.at, recorded=act.at, fields=act.fields | {"n": 77}))
    instant = ledger.clock.now().isoformat()
    call = msgspec.structs.replace(call, body=call.body | {"subjects": [stranger], "occurredAt": instant})
    status, _ = ledger.post(call)
    assert status == 403
    for party, scope, readable in (("politie", "processing:read", True), ("school-openbaar", "processing:read", False)):
        asking = caller(party, scope, "operations")
        if readable:
            answer = ledger.run(ledger.read_operation.read(asking, CASE.key(77)))
            assert [(subject["ref"], subject["outcome"]) for subject in answer["subjects"]] == [(None, "violation")]
        else:
            with pytest.raises(NotFound):
                ledger.run(ledger.read_operation.read(asking, CASE.key(77)))
    ledger.run(ledger.read_operation.read(caller("auditor", "audit", "internal-control"), CASE.key(77)))
    assert reads_on(ledger, auditor_stream("auditor")) == 1
    assert reads_on(ledger, access_stream("auditor")) == 0
    assert ledger.directory.streams_of(msgspec.convert(stranger, SubjectIdentifier)) == ()


def reads_on(ledger: CaseLedger, stream: UUID) -> int:
    """How many reads stand on a stream."""
    events = ledger.reader.events_of_stream(ledger.pseudonyms.stream_lane(stream), stream)
    return sum(event.topic == DATA_READ for event in events)
