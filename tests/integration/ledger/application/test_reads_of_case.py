"""Who reads what of the case: the read rule, the record of every read, and what a citizen never sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from services.cli.case.model import CaseAct, read_case
from services.ledger.application.access_requests import AccessRequestInvalid
from services.ledger.application.breaches import BreachInvalid
from services.ledger.application.reads import ReadLog
from services.ledger.contract.errors import IdempotencyConflict, NotAllowed, NotFound
from services.ledger.contract.forgetting import NoticeSearch, ObligationSearch
from services.ledger.contract.messages import (
    AccessRequestBody,
    BreachBody,
    Caller,
    HoldingSearch,
    InquiryBody,
    OperationSearch,
    Requester,
    SubjectIdentifier,
)
from services.ledger.contract.topics import DATA_READ
from services.ledger.domain.identity import access_stream
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.errors import GrootboekError, Unavailable
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

CASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
RAW = read_case(CASE)
PARTIES = [str(party["id"]) for party in RAW.raw["parties"]]
LABELS = list(RAW.raw["subjects"])
Json = dict[str, Any]


@pytest.fixture(scope="module")
def ledger(postgres_server: EmbeddedPostgres) -> Iterator[CaseLedger]:
    """The case, played once; the tests only read, or add what they ask for themselves."""
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, RAW) as opened:
        opened.play()
        yield opened


def reader(party: str, scope: str, purpose: str | None, subject: SubjectIdentifier | None = None) -> Caller:
    """A caller."""
    return Caller(
        party=party, scopes=frozenset(cast("Any", scope.split())), purpose=cast("Any", purpose), subject=subject
    )


def person(label: str) -> SubjectIdentifier:
    """The identifier of a person of the case."""
    return msgspec.convert(RAW.identifier(label), SubjectIdentifier)


def reads_by(ledger: CaseLedger, party: str) -> list[Any]:
    """The envelopes on a party's access stream."""
    stream = access_stream(party)
    events = ledger.reader.events_of_stream(ledger.pseudonyms.stream_lane(stream), stream)
    return [event.read_envelope() for event in events if event.topic == DATA_READ]


def takes_part(act: CaseAct, party: str) -> bool:
    """The read rule, from the file: by, for, controller or recipient; a refused intent is its asker's."""
    fields = act.fields
    named = {fields.get("by"), fields.get("controller"), fields.get("for")}
    if not fields.get("expect", {}).get("refused"):
        named |= set(fields.get("to", ()))
    return party in named


def acts_about(label: str) -> list[CaseAct]:
    """The operations, notices and exemptions about a person, from the file."""
    return [act for act in RAW.acts if label in act.labels and act.kind in {"operation", "notice", "exemption"}]


def replayed(ledger: CaseLedger, caller: Caller, label: str) -> list[Json]:
    """All events of a replay of a person."""
    key = f"inquiry:{caller.party}:{label}:{sorted(caller.scopes)}"
    body = InquiryBody(reason="test", subject=person(label))
    inquiry = ledger.run(ledger.inquiries.open(caller, key, body))
    events: list[Json] = []
    cursor = None
    while True:
        page = ledger.run(ledger.replays.replay(caller, inquiry["id"], None, None, cursor))
        events += page["events"]
        cursor = page["next"]
        if cursor is None:
            return events


@pytest.mark.parametrize("party", PARTIES)
def test_replay_shows_a_party_what_it_took_part_in(ledger: CaseLedger, party: str) -> None:
    """For every party and person the replay equals the read rule applied to the file."""
    numbers = RAW.numbers_by_key()
    for label in LABELS:
        found = replayed(ledger, reader(party, "inquiry", "proceedings"), label)
        expected = {str(act.number) for act in acts_about(label) if takes_part(act, party)}
        assert {numbers[event["operationId"]] for event in found} == expected, label


@pytest.mark.parametrize(("purpose", "police"), [("proceedings", True), ("internal-control", True), ("inquiry", False)])
def test_police_lines_are_closed_to_other_purposes(ledger: CaseLedger, purpose: str, police: bool) -> None:  # noqa: FBT001
    """An auditor sees police lines for the purposes of Wpg 32a(2) only; all other lines always."""
    found = replayed(ledger, reader("auditor", "inquiry audit", purpose), "y2")
    regimes = {event["dataRegime"] for event in found if event["dataRegime"] is not None}
    assert any(regime.startswith("Wpg") for regime in regimes) is police
    assert "AVG" in regimes


@pytest.mark.parametrize("party", PARTIES)
def test_read_operation_follows_the_read_rule(ledger: CaseLedger, party: str) -> None:
    """Each operation is read by who takes part in it; to everyone else it does not exist."""
    caller = reader(party, "processing:read", "operations")
    for act in RAW.acts:
        if act.kind != "operation":
            continue
        if takes_part(act, party):
            answer = ledger.run(ledger.read_operation.read(caller, RAW.key(act.number)))
            assert len(answer["subjects"]) == len(act.labels)
        else:
            with pytest.raises(NotFound):
                ledger.run(ledger.read_operation.read(caller, RAW.key(act.number)))


def test_unknown_and_forbidden_are_alike(ledger: CaseLedger) -> None:
    """A stranger cannot tell an operation, breach, request or inquiry from one that does not exist."""
    told: dict[str, set[tuple[str, str]]] = {"real": set(), "unreal": set()}
    stranger = reader("bewonersorganisatie", "processing:read breach subject:access inquiry", None)
    for name, keys in (("real", (3, 20, 21)), ("unreal", (9003, 9020, 9021))):
        verbs = (
            (ledger.read_operation.read, "operations", keys[0]),
            (ledger.breaches.read, "breach", keys[1]),
            (ledger.read_request.read, "access-request", keys[2]),
        )
        for verb, purpose, number in verbs:
            asking = msgspec.structs.replace(stranger, purpose=purpose)
            with pytest.raises(GrootboekError) as raised:
                ledger.run(cast("Any", verb)(asking, RAW.key(number)))
            told[name].add((type(raised.value).__name__, raised.value.message))
    assert told["real"] == told["unreal"] == {("NotFound", NotFound().message)}


@pytest.mark.parametrize("party", ["politie", "burgemeester-middelstad", "bewonersorganisatie"])
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_search_finds_what_may_be_read(ledger: CaseLedger, party: str, limit: int) -> None:
    """A search by party over pages finds each readable operation once, whatever the size of a page."""
    caller = reader(party, "processing:read", "operations")
    keys: list[str] = []
    cursor = None
    while True:
        search = OperationSearch(party=party, limit=limit, cursor=cursor)
        page = ledger.run(ledger.search_operations.search(caller, search))
        assert len(page.items) <= limit
        keys += [item["id"] for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    found = [number for number in map(RAW.numbers_by_key().get, keys) if number is not None]
    expected = [str(act.number) for act in RAW.acts if takes_part(act, party) and act.kind in {"operation", "notice"}]
    assert sorted(number for number in found if number != "16") == sorted(expected)


def test_pages_of_an_impact_are_one_read(ledger: CaseLedger) -> None:
    """Pages of one person each show everyone once, and stand under one read id that names all of them."""
    caller = reader("college-middelstad", "breach", "breach")
    whole = ledger.run(ledger.impacts.read(caller, RAW.key(20), None, None))
    before = len(reads_by(ledger, caller.party))
    items: list[Json] = []
    cursor = None
    while True:
        page = ledger.run(ledger.impacts.read(caller, RAW.key(20), cursor, 1))
        assert (page["persons"], page["records"]) == (whole["persons"], whole["records"])
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert items == whole["items"]
    assert whole["persons"] == len(items) == 6
    reads = reads_by(ledger, caller.party)[before:]
    assert len({read.read_id for read in reads}) == 1
    assert len({stream for read in reads for stream in read.read_streams}) == 6


def test_impact_names_people_to_those_who_must_tell_them(ledger: CaseLedger) -> None:
    """The party and who reports get identifiers; an auditor a pseudonym; anybody else nothing at all."""
    for party, scope, purpose, named in (
        ("jongerenwerk-middelstad", "breach", "breach", True),
        ("college-middelstad", "breach", "breach", True),
        ("auditor", "audit", "internal-control", False),
    ):
        page = ledger.run(ledger.impacts.read(reader(party, scope, purpose), RAW.key(20), None, None))
        assert all((item["subject"]["id"] is not None) is named for item in page["items"]), party
        assert all(item["subject"]["ref"] for item in page["items"])
    with pytest.raises(NotFound):
        ledger.run(ledger.impacts.read(reader("politie", "breach", "breach"), RAW.key(20), None, None))


class _Broken:
    """Dossier events that cannot be appended."""

    async def append_dossier_event(self, **_: Any) -> Any:
        """Fail as a database that takes nothing does."""
        raise Unavailable


def test_no_record_no_answer(ledger: CaseLedger) -> None:
    """When a read cannot be recorded nothing is answered, whatever the call."""
    broken = ReadLog(dossier_events=cast("Any", _Broken()), ids=ledger.ids)
    verbs: list[Any] = [
        ledger.impacts,
        ledger.replays,
        ledger.read_request,
        ledger.reports,
        ledger.search_holdings,
        ledger.search_operations,
        ledger.read_operation,
        ledger.duties.search,
        ledger.duties.notices,
    ]
    caller = reader("college-middelstad", "breach inquiry subject:access processing:read", None)
    inquiry = ledger.run(ledger.inquiries.open(caller, "broken", InquiryBody(reason="x", subject=person("y2"))))
    calls: list[Any] = [
        lambda who: ledger.impacts.read(who("breach"), RAW.key(20), None, None),
        lambda who: ledger.replays.replay(who("inquiry"), inquiry["id"], None, None, None),
        lambda who: ledger.read_request.read(who("access-request"), RAW.key(21)),
        lambda who: ledger.reports.report(who("access-request"), RAW.key(21)),
        lambda who: ledger.search_holdings.search(who("operations"), HoldingSearch(party=caller.party)),
        lambda who: ledger.search_operations.search(who("operations"), OperationSearch(party=caller.party)),
        lambda who: ledger.read_operation.read(who("operations"), RAW.key(1)),
        lambda who: ledger.duties.search.search(who("operations"), ObligationSearch()),
        lambda who: ledger.duties.notices.search(who("operations"), NoticeSearch(controller=caller.party)),
    ]
    with pytest.MonkeyPatch.context() as patch:
        for verb in verbs:
            patch.setattr(verb, "_reads", broken)
        for call in calls:
            with pytest.raises(Unavailable):
                ledger.run(call(lambda purpose: msgspec.structs.replace(caller, purpose=purpose)))


def report(ledger: CaseLedger, label: str, role: str = "subject") -> Json:
    """The report of a person to himself, on a request that the police received."""
    key = f"access:{label}:{role}"
    body = AccessRequestBody(
        subject=person(label),
        received_at=ledger.clock.now(),
        received_by="politie",
        requested_by=Requester(role=cast("Any", role)),
    )
    ledger.run(ledger.requests.open(reader("politie", "subject:access", None), key, body))
    return ledger.run(ledger.reports.report(reader("politie", "subject:access", "access-request", person(label)), key))


@pytest.mark.parametrize("label", LABELS)
def test_report_leaks_nobody_else(ledger: CaseLedger, label: str) -> None:
    """A report holds no other identifier, no reporter, no staff, and never the person's own number either."""
    text = json.dumps(report(ledger, label), ensure_ascii=False)
    for other in LABELS:
        assert person(other).id not in text
    for canary in RAW.raw["canaries"]:
        assert canary not in text


@pytest.mark.parametrize("label", LABELS)
def test_report_is_whole_less_what_is_withheld(ledger: CaseLedger, label: str) -> None:
    """Everything that happened stands in it, save what an exemption in force covers, and that cannot be seen."""
    answer = report(ledger, label)
    numbers = RAW.numbers_by_key()
    found = {numbers[line["operationId"]] for line in answer["lines"] if line["type"] in {"operation", "notice"}}
    acts = [act for act in acts_about(label) if act.kind != "exemption" and act.fields.get("tense") != "intent"]
    exempt = any(act.kind == "exemption" for act in acts_about(label))
    expected = {str(act.number) for act in acts if not (exempt and "covenant" in act.fields)}
    assert found == expected
    assert answer["withheld"] == {"mayBeTold": False}
    assert not any(line["type"] == "exemption" for line in answer["lines"])


def test_a_citizen_cannot_read_around_what_is_withheld(ledger: CaseLedger) -> None:
    """Neither the operation itself, nor holdings, nor the controllers betray what the report withholds."""
    own = reader("politie", "subject:access", "access-request", person("y1"))
    with pytest.raises(NotFound):
        ledger.run(ledger.read_operation.read(own, RAW.key(19)))
    held = ledger.run(ledger.search_holdings.search(own, HoldingSearch()))
    assert {item["party"] for item in held.items} == {"college-middelstad", "politie"}
    found = ledger.run(ledger.search_operations.search(own, OperationSearch()))
    assert {RAW.numbers_by_key()[item["id"]] for item in found.items} == {"1", "3"}
    report(ledger, "y1")
    request = ledger.run(ledger.read_request.read(own, "access:y1:subject"))
    assert {controller["party"] for controller in request["controllers"]} == {"college-middelstad", "politie"}


def test_a_citizen_reads_only_himself(ledger: CaseLedger) -> None:
    """A person's token finds his own operations and nobody else's, even in an act about several."""
    own = reader("politie", "subject:access", "access-request", person("y4"))
    answer = ledger.run(ledger.read_operation.read(own, RAW.key(19)))
    assert [subject["id"] for subject in answer["subjects"]] == [person("y4").id]
    assert "actor" not in answer
    with pytest.raises(NotFound):
        ledger.run(ledger.read_operation.read(own, RAW.key(1)))
    with pytest.raises(NotFound):
        ledger.run(ledger.reports.report(own, RAW.key(21)))
    body = AccessRequestBody(
        subject=person("y1"),
        received_at=ledger.clock.now(),
        received_by="politie",
        requested_by=Requester(role="subject"),
    )
    with pytest.raises(NotAllowed):
        ledger.run(ledger.requests.open(own, "not-mine", body))


def test_reads_stand_in_the_next_report(ledger: CaseLedger) -> None:
    """Who looked, when and why is told to the person (C-579/21), once per read."""
    caller = reader("school-bijzonder", "audit", "legality-control")
    ledger.run(ledger.search_holdings.search(caller, HoldingSearch(subject=person("y7"))))
    lines = [line for line in report(ledger, "y7")["lines"] if line["type"] == "read"]
    told = [line for line in lines if line["controller"] == "school-bijzonder"]
    assert [line["purpose"] for line in told] == ["legality-control"]
    assert "controleren of de wet is gevolgd" in told[0]["explanation"]


def test_a_stranger_gets_no_holdings(ledger: CaseLedger) -> None:
    """Holdings of another party show only as far as an act one takes part in carries them."""
    stranger = reader("school-openbaar", "processing:read", "operations")
    assert ledger.run(ledger.search_holdings.search(stranger, HoldingSearch(subject=person("y2")))).items == ()
    assert ledger.run(ledger.search_holdings.search(stranger, HoldingSearch(party="politie"))).items == ()
    supplier = reader("burgemeester-middelstad", "processing:read", "operations")
    found = ledger.run(ledger.search_holdings.search(supplier, HoldingSearch(party="politie"))).items
    numbers = RAW.numbers_by_key()
    assert {numbers[key] for item in found for key in item["operationIds"]} <= {"9", "10"}


def statuses(ledger: CaseLedger, as_of: str, party: str) -> dict[str, set[str]]:
    """The statuses of what a party has, by person, as the party itself sees them."""
    asking = reader(party, "processing:read", "operations")
    found = ledger.run(ledger.search_holdings.search(asking, HoldingSearch(party=party, as_of=as_of))).items
    labels = {ledger.directory.ref(party, person(label)): label for label in LABELS}
    told: dict[str, set[str]] = {}
    for item in found:
        told.setdefault(labels[item["subject"]["ref"]], set()).add(item["status"])
    return told


def test_holdings_as_they_were_on_a_day(ledger: CaseLedger) -> None:
    """Before the mayor's delete all is held; after it erasure is owed until the holder's own delete."""
    before = statuses(ledger, "2026-09-15", "jongerenwerk-middelstad")
    assert before == {label: {"held"} for label in LABELS}
    between = statuses(ledger, "2026-09-17", "jongerenwerk-middelstad")
    assert {label for label, found in between.items() if found == {"erasure-owed"}} == {"y6", "y7", "y8", "y9"}
    after = statuses(ledger, "2026-09-19", "jongerenwerk-middelstad")
    assert {label for label, found in after.items() if found == {"erased"}} == {"y6", "y7", "y8"}
    assert after["y9"] == {"erasure-owed"}


def test_holdings_as_they_were_known(ledger: CaseLedger) -> None:
    """What was told late is not held in what was known before."""
    asking = reader("politie", "processing:read", "operations")
    for known_at, expected in (("2026-09-19", set()), ("2026-09-20", {"politie"})):
        search = HoldingSearch(
            party="politie",
            subject=person("y5"),
            data_categories=("nuisance-report",),
            as_of="2026-09-13",
            as_known_at=known_at,
        )
        found = ledger.run(ledger.search_holdings.search(asking, search)).items
        assert {item["party"] for item in found} == expected


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_pages_of_holdings(ledger: CaseLedger, limit: int) -> None:
    """Pages of any size give every person's holdings once."""
    asking = reader("politie", "processing:read", "operations")
    refs: list[str] = []
    cursor = None
    while True:
        search = HoldingSearch(party="politie", limit=limit, cursor=cursor)
        page = ledger.run(ledger.search_holdings.search(asking, search))
        refs += dict.fromkeys(item["subject"]["ref"] for item in page.items)
        cursor = page.next
        if cursor is None:
            break
    assert len(refs) == len(set(refs)) == 9


def test_bad_questions_are_rejected(ledger: CaseLedger) -> None:
    """A search for nothing, a trace that is none, a number that fails its test: told with a code, never a value."""
    asking = reader("politie", "processing:read", "operations")
    wrong = SubjectIdentifier(id_type="BSN", id="999990018")
    calls: list[tuple[Any, str]] = [
        (ledger.search_operations.search(asking, OperationSearch()), "search-unbounded"),
        (ledger.search_operations.search(asking, OperationSearch(trace_id="xyz")), "trace-invalid"),
        (ledger.search_operations.search(asking, OperationSearch(subject=wrong)), "subject-invalid"),
        (ledger.search_holdings.search(asking, HoldingSearch()), "party-or-subject-missing"),
        (ledger.search_holdings.search(asking, HoldingSearch(subject=wrong)), "subject-invalid"),
        (ledger.search_holdings.search(asking, HoldingSearch(party="x", as_of="soon")), "instant-invalid"),
        (ledger.search_holdings.search(asking, HoldingSearch(party="x", cursor="soon")), "cursor-invalid"),
        (ledger.search_holdings.search(asking, HoldingSearch(party="x", limit=0)), "limit-invalid"),
    ]
    for call, code in calls:
        with pytest.raises(GrootboekError) as raised:
            ledger.run(call)
        assert raised.value.code == code
        assert "999990018" not in repr(raised.value) + repr(getattr(raised.value, "errors", ()))


def test_an_unknown_person_gets_an_answer_and_no_stream(ledger: CaseLedger) -> None:
    """A request about somebody the ledger does not know is recorded, answered as empty, and creates nobody."""
    stranger = SubjectIdentifier(id_type="BSN", id="999990147")
    body = AccessRequestBody(
        subject=stranger,
        received_at=ledger.clock.now(),
        received_by="politie",
        requested_by=Requester(role="subject"),
    )
    opened = ledger.run(ledger.requests.open(reader("politie", "subject:access", None), "stranger", body))
    assert opened["controllers"] == []
    assert opened["due"] == {"legalLatest": "2026-11-12", "safe": "2026-11-12"}
    asking = reader("politie", "subject:access", "access-request", stranger)
    answer = ledger.run(ledger.reports.report(asking, "stranger"))
    assert (answer["lines"], answer["holders"], answer["withheld"]) == ([], [], {"mayBeTold": False})
    assert ledger.directory.streams_of(stranger) == ()


def test_the_same_call_gets_the_same_receipt(ledger: CaseLedger) -> None:
    """A request and a breach answer alike however much later they are repeated; another body conflicts."""
    body = AccessRequestBody(
        subject=person("y8"),
        received_at=ledger.clock.now(),
        received_by="politie",
        requested_by=Requester(role="subject"),
    )
    asking = reader("politie", "subject:access breach", None)
    first = ledger.run(ledger.requests.open(asking, "same", body))
    leak = BreachBody(
        party="politie",
        occurred_from=ledger.clock.now(),
        occurred_until=ledger.clock.now(),
        aware_at=ledger.clock.now(),
        description="lost phone",
    )
    reported = ledger.run(ledger.breaches.report(asking, "same-breach", leak))
    assert reported["reportingParty"] == "college-middelstad", "what leaked falls under the covenant's arrangement"
    ledger.clock.advance(minutes=1)
    assert ledger.run(ledger.requests.open(asking, "same", body)) == first
    assert ledger.run(ledger.breaches.report(asking, "same-breach", leak)) == reported
    other = msgspec.structs.replace(body, requested_by=Requester(role="parent"))
    with pytest.raises(IdempotencyConflict):
        ledger.run(ledger.requests.open(asking, "same", other))
    with pytest.raises(IdempotencyConflict):
        ledger.run(ledger.breaches.report(asking, "same-breach", msgspec.structs.replace(leak, description="found")))


def test_a_breach_that_contradicts_itself(ledger: CaseLedger) -> None:
    """Every fault is told at once: the window, the awareness, and each operation that the party had no part in."""
    now = ledger.clock.now()
    body = BreachBody(
        party="school-openbaar",
        occurred_from=now,
        occurred_until=now - timedelta(hours=1),
        aware_at=now + timedelta(hours=1),
        description="x",
        operation_ids=(RAW.key(19), "nothing"),
    )
    with pytest.raises(BreachInvalid) as raised:
        ledger.run(ledger.breaches.report(reader("school-openbaar", "breach", None), "odd", body))
    assert [(error.pointer, error.code) for error in raised.value.errors] == [
        ("/occurredUntil", "window-reversed"),
        ("/awareAt", "in-the-future"),
        ("/operationIds/0", "operation-unknown"),
        ("/operationIds/1", "operation-unknown"),
    ]
    with pytest.raises(NotAllowed):
        ledger.run(ledger.breaches.report(reader("politie", "breach", None), "odd", body))


def test_a_request_that_cannot_be(ledger: CaseLedger) -> None:
    """A citizen's own request names a desk that exists and a moment that has been; both faults are told at once."""
    body = AccessRequestBody(
        subject=person("y3"),
        received_at=ledger.clock.now() + timedelta(hours=1),
        received_by="nobody",
        requested_by=Requester(role="subject"),
    )
    with pytest.raises(AccessRequestInvalid) as raised:
        ledger.run(ledger.requests.open(reader("politie", "subject:access", None, person("y3")), "early", body))
    assert [error.pointer for error in raised.value.errors] == ["/receivedAt", "/receivedBy"]
