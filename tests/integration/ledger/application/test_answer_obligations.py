"""What holders answer to obligations, how exemptions end, and what the notifier is told, on the case of the seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.cli.case.bodies import calls_of
from services.cli.case.model import AMSTERDAM, read_case
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.sources import Place
from services.ledger.client.duty_verbs import NotifierClient
from services.ledger.contract.commands import SentMessage
from services.ledger.contract.errors import IdempotencyConflict, NotAllowed, NotFound
from services.ledger.contract.forgetting import (
    ExemptionEnding,
    NoticeSearch,
    ObligationConfirmation,
    ObligationSearch,
)
from services.ledger.contract.messages import (
    AccessRequestBody,
    HoldingSearch,
    InquiryBody,
    LinkBody,
    OperationSearch,
    Requester,
    SubjectIdentifier,
)
from services.ledger.contract.topics import MESSAGE_SENT, OBLIGATION_ANSWERED, PROCESSING_RECORDED
from services.ledger.storage.vault_memory import MemoryVault
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.errors import GrootboekError, Rejected
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.duty_asking import COLLEGE, HUIS, MAYOR, POLICE, YOUTH, ask, label_of, who
from tests.support.postgres import fresh_database

CASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
Json = dict[str, Any]


@pytest.fixture
def ledger(database: str) -> Iterator[CaseLedger]:
    """The case, played on a ledger of its own."""
    with case_ledger(database, read_case(CASE)) as made:
        made.play()
        yield made


@pytest.fixture(scope="module")
def settled(postgres_server: EmbeddedPostgres) -> Iterator[CaseLedger]:
    """The case, played once for the tests that change nothing."""
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, read_case(CASE)) as made:
        made.play()
        yield made


def at(text: str) -> datetime:
    """A local time."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def owed(ledger: CaseLedger) -> Json:
    """What the youth work still owes: the erasure of the bystander."""
    (item,) = ask(ledger, who(YOUTH), state="owed")
    return item


def confirm(ledger: CaseLedger, item: Json, party: str = YOUTH, key: str | None = None, **fields: Any) -> Json:
    """Answer an obligation: erased on 28 September, unless said otherwise."""
    given: Json = {"at": at("2026-09-28T12:00"), "outcome": "erased", "how": "removed from the case system"} | fields
    body = ObligationConfirmation(**given)
    return ledger.run(ledger.duties.confirm.confirm(who(party), item["id"], key, body))


def codes(error: Rejected) -> dict[str, str]:
    """The codes of a rejection by pointer."""
    return {fault.pointer: fault.code for fault in error.errors}


def person(ledger: CaseLedger, label: str) -> tuple[Place, ...]:
    """The streams of a person."""
    return ledger.sources.streams_of(msgspec.convert(ledger.case.identifier(label), SubjectIdentifier))


def record(ledger: CaseLedger, key: str, label: str, **fields: Any) -> Json:
    """Record an act of the youth work on one person."""
    act = ledger.case.act(17)
    (call,) = calls_of(ledger.case, act)
    body = call.body | {"id": key, "subjects": [ledger.case.subject(label)]} | fields
    return ledger.post(msgspec.structs.replace(call, body=body, key=key))[1]


def test_an_erasure_is_recorded_and_confirmed(ledger: CaseLedger) -> None:
    """Without an act the holder's own is recorded; the obligation is confirmed and the holding erased."""
    item = owed(ledger)
    answer = confirm(ledger, item)
    assert (answer["state"], answer["id"], answer["subject"]) == ("confirmed", item["id"], item["subject"])
    assert answer["answer"]["outcome"] == "erased"
    assert ask(ledger, who(YOUTH), state="owed") == []
    ((lane, stream),) = person(ledger, "y9")
    events = [(event.topic, event.read_envelope()) for event in ledger.reader.events_of_stream(lane, stream)]
    act = next(e for topic, e in reversed(events) if topic == PROCESSING_RECORDED)
    assert (act.operation, act.controller, act.data_categories) == ("erase", YOUTH, ("group-role", "name"))
    assert {"id": act.covenant, "annex": act.annex} == HUIS
    assert (act.occurred_at, act.confirms) == (at("2026-09-28T12:00"), item["operationId"])
    (said,) = [e for topic, e in events if topic == OBLIGATION_ANSWERED]
    assert (said.controller, said.recipients, said.answer, said.obligation) == (YOUTH, (MAYOR,), "erased", item["id"])
    search = HoldingSearch(party=YOUTH, subject=msgspec.convert(ledger.case.identifier("y9"), SubjectIdentifier))
    (holding,) = ledger.run(ledger.search_holdings.search(who(YOUTH), search)).items
    assert holding["status"] == "erased"


def test_an_erasing_reaches_no_share_in_another_covenant(ledger: CaseLedger) -> None:
    """The act that an answer records stands within the covenant of its cause: what its party shared elsewhere stays."""
    item, neighbour = owed(ledger), "jongerenwerk-dorp-b"
    record(
        ledger,
        "elsewhere",
        "y9",
        operation="make-available",
        recipients=[{"party": neighbour}],
        dataCategories=["name"],
        covenant={"id": "dorp-b", "annex": "groepsaanpak"},
        confirms=None,
        occurredAt="2026-09-27T10:00:00Z",
    )
    assert confirm(ledger, item)["state"] == "confirmed"
    assert ask(ledger, who(neighbour), kind="erase", subject=ledger.case.identifier("y9")) == []


def test_the_same_confirmation_again_changes_nothing(ledger: CaseLedger) -> None:
    """It gets the same answer, with or without a key; another one is too late; a key means one body."""
    item = owed(ledger)
    first = confirm(ledger, item, key="c-1")
    written = ledger.reader.heads()[0]
    assert confirm(ledger, item, key="c-1") == confirm(ledger, item) == first
    topics = [e.topic for e in ledger.reader.events_after(0, written, 100)]
    assert OBLIGATION_ANSWERED not in topics
    assert PROCESSING_RECORDED not in topics
    for fields in ({"outcome": "impossible"}, {"at": at("2026-09-29T12:00")}):
        with pytest.raises(GrootboekError) as late:
            confirm(ledger, item, **fields)
        assert late.value.code == "obligation-answered"


def test_a_key_means_one_answer(ledger: CaseLedger) -> None:
    """The same key with another answer is a conflict."""
    item = owed(ledger)
    confirm(ledger, item, key="c-1", outcome="impossible")
    with pytest.raises(IdempotencyConflict):
        confirm(ledger, item, key="c-1", outcome="impossible", at=at("2026-09-29T12:00"))


def test_what_is_kept_is_owed_again_after_its_day(ledger: CaseLedger) -> None:
    """Kept under a norm until a day; then owed again; then it can be erased after all."""
    item = owed(ledger)
    answer = confirm(ledger, item, outcome="kept", norm="Archiefwet 3", until=date(2026, 11, 1))
    assert (answer["state"], answer["answer"]["until"]) == ("kept", "2026-11-01")
    assert answer["answer"]["norm"] == "Archiefwet 3"
    seen = ask(ledger, who(MAYOR), subject=ledger.case.identifier("y9"), kind="erase")
    assert sorted(found["state"] for found in seen) == ["confirmed", "kept"]
    (again,) = ask(ledger, who(YOUTH), kind="erase", state="owed", asOf="2026-11-02")
    assert (again["id"], again["due"][:10]) == (item["id"], "2026-11-16")
    ledger.clock.set(at("2026-11-03T09:00"))
    assert confirm(ledger, item, at=at("2026-11-03T08:00"))["state"] == "confirmed"


def test_impossible_is_an_answer(ledger: CaseLedger) -> None:
    """It stands as such, and records no act."""
    answer = confirm(ledger, owed(ledger), outcome="impossible", how="the paper copies were handed on")
    assert answer["state"] == "impossible"
    assert [item["state"] for item in ask(ledger, who(YOUTH), kind="erase", state="impossible")] == ["impossible"]


@pytest.mark.parametrize("party", [POLICE, MAYOR, COLLEGE, "auditor"])
def test_only_who_owes_it_answers(settled: CaseLedger, party: str) -> None:
    """For everybody else, the demanding controller too, there is nothing here."""
    with pytest.raises(NotFound):
        confirm(settled, owed(settled), party=party)


def test_made_up_ids_are_not_found(settled: CaseLedger) -> None:
    """An id of another settled, one of a cause that brought nothing, and no id at all."""
    ((lane, stream),) = person(settled, "y9")
    other = ObligationIds(MemoryVault())
    for name in (
        other.of_erasing(lane, stream, 1, YOUTH),
        settled.obligation_ids.of_erasing(lane, stream, 1, YOUTH),
        settled.obligation_ids.of_erasing(lane, UUID(int=1, version=4), 1, YOUTH),
        settled.obligation_ids.of_erasing(lane, UUID(int=1, version=5), 1, YOUTH),
        "o1",
    ):
        with pytest.raises(NotFound):
            confirm(settled, {"id": name})


def test_the_scope_opens_it(settled: CaseLedger) -> None:
    """Reading is not answering."""
    body = ObligationConfirmation(at=at("2026-09-28T12:00"), outcome="erased", how="removed")
    with pytest.raises(NotAllowed):
        settled.run(settled.duties.confirm.confirm(who(YOUTH, "notice"), owed(settled)["id"], None, body))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"at": at("2026-12-01T12:00"), "how": " "}, {"/at": "ahead-of-clock", "/how": "text-missing"}),
        ({"at": at("2026-09-16T09:59")}, {"/at": "before-cause"}),
        ({"outcome": "kept"}, {"/norm": "norm-missing", "/until": "until-missing"}),
        ({"outcome": "kept", "norm": "Wpg 8", "until": date(2026, 9, 27)}, {"/until": "until-passed"}),
        ({"outcome": "impossible", "operation_id": "x"}, {"/operationId": "operation-unwanted"}),
        ({"operation_id": "nobody-knows"}, {"/operationId": "operation-unknown"}),
    ],
)
def test_what_contradicts_itself_is_rejected(settled: CaseLedger, fields: Json, wrong: dict[str, str]) -> None:
    """Everything that is wrong is told at once, and nothing is recorded."""
    item = owed(settled)
    with pytest.raises(Rejected) as rejected:
        confirm(settled, item, **fields)
    assert codes(rejected.value) == wrong
    assert owed(settled)["id"] == item["id"]


def test_an_act_that_names_a_part_confirms_nothing(ledger: CaseLedger) -> None:
    """Nor does an act of another party, about somebody else, before the cause, or of another kind."""
    item = owed(ledger)
    record(ledger, "part", "y9", dataCategories=["name"], occurredAt="2026-09-28T10:00:00Z")
    record(ledger, "early", "y9", dataCategories=[], occurredAt="2026-09-13T10:00:00Z")
    record(ledger, "use", "y9", operation="consult", occurredAt="2026-09-28T10:00:00Z")
    assert owed(ledger)["id"] == item["id"]
    expected = {"part": "categories-incomplete", "early": "operation-unknown", "use": "operation-unknown"}
    expected |= {ledger.case.key(17): "operation-unknown", ledger.case.key(18): "operation-unknown"}
    for key, code in expected.items():
        with pytest.raises(Rejected) as rejected:
            confirm(ledger, item, operation_id=key)
        assert codes(rejected.value) == {"/operationId": code}


def test_an_act_that_names_all_confirms(ledger: CaseLedger) -> None:
    """The holder's own act at or after the cause suffices by itself; naming it puts the answer on record."""
    item = owed(ledger)
    record(ledger, "whole", "y9", dataCategories=["name", "group-role"], occurredAt="2026-09-28T10:00:00Z")
    assert ask(ledger, who(YOUTH), state="owed") == []
    answer = confirm(ledger, item, operation_id="whole")
    assert (answer["state"], answer["answer"]["outcome"]) == ("confirmed", "erased")
    with pytest.raises(GrootboekError) as late:
        confirm(ledger, item, outcome="kept", norm="Wpg 8", until=date(2027, 1, 1))
    assert late.value.code == "obligation-answered"


def test_what_acts_confirmed_is_not_kept(ledger: CaseLedger) -> None:
    """Whoever erased by act cannot say that he keeps it; that he erased he may say without another act."""
    (done, *_) = ask(ledger, who(POLICE), kind="erase", subject=ledger.case.identifier("y6"))
    with pytest.raises(GrootboekError) as late:
        confirm(ledger, done, party=POLICE, outcome="impossible")
    assert late.value.code == "obligation-answered"
    acts = len(ledger.reader.events_of_stream(*person(ledger, "y6")[0]))
    assert confirm(ledger, done, party=POLICE)["state"] == "confirmed"
    assert len(ledger.reader.events_of_stream(*person(ledger, "y6")[0])) == acts + 1


def test_telling_is_not_confirmed(settled: CaseLedger) -> None:
    """An obligation to tell is met by a notice."""
    item = ask(settled, who(COLLEGE, "notice"), kind="inform", state="open")[0]
    with pytest.raises(Rejected) as rejected:
        confirm(settled, item, party=COLLEGE)
    assert codes(rejected.value) == {"/outcome": "tell-instead"}


def test_linked_persons_are_one(ledger: CaseLedger) -> None:
    """Under either identifier the same obligations, each once, whoever is listed; the id stays the same."""
    before = {item["id"]: item["state"] for item in ask(ledger, who(MAYOR))}
    pseudonym = SubjectIdentifier(id_type="case-pseudonym", id="p-9")
    bystander = msgspec.convert(ledger.case.identifier("y9"), SubjectIdentifier)
    link = LinkBody(first=bystander, second=pseudonym, reason="same person")
    ledger.run(ledger.linker.link(who(MAYOR, "processing:write"), "link-1", link))
    by_other = ask(ledger, who(YOUTH), kind="erase", subject={"idType": "case-pseudonym", "id": "p-9"})
    assert [item["state"] for item in by_other] == ["owed"]
    assert {item["id"] for item in by_other} <= set(before)
    whole = ask(ledger, who(MAYOR))
    assert len(whole) == len(before)
    assert confirm(ledger, by_other[0])["state"] == "confirmed"


def test_a_term_that_ended_is_owed_by_its_holder(settled: CaseLedger) -> None:
    """After the last day of the term the holder finds it in its inbox, demanded by whoever supplied it."""
    day = "2026-12-15"
    items = [item for item in ask(settled, who(YOUTH), kind="erase", asOf=day) if item["reason"] == "ended"]
    assert all(item["controller"] == MAYOR for item in items)
    assert {label_of(settled, item) for item in items} == {"y9"}
    own = [item for item in ask(settled, who(MAYOR), kind="erase", asOf=day) if item["party"] == MAYOR]
    assert {item["reason"] for item in own} == {"ended"}
    police = {item["controller"] for item in own}
    assert POLICE in police


def end(ledger: CaseLedger, party: str, key: str = "e-1", **fields: Any) -> Json:
    """End the exemption about the first person: the investigation was closed on 20 September."""
    given: Json = {"at": at("2026-09-20T12:00"), "reason": "the investigation was closed"} | fields
    name = ledger.case.key(16, "y1")
    return dict(ledger.run(ledger.duties.end_exemption.end(who(party, "notice"), name, key, ExemptionEnding(**given))))


@pytest.mark.parametrize("party", [COLLEGE, POLICE, MAYOR])
def test_an_exemption_ends_on_a_report(ledger: CaseLedger, party: str) -> None:
    """By whoever tells or any partner: from that moment the duty runs again, and the person may be told."""
    assert end(ledger, party)["endedAt"] == at("2026-09-20T12:00")
    states = {}
    for day in ("2026-09-19", "2026-09-20"):
        found = ask(ledger, who(COLLEGE, "notice"), kind="inform", covenant=HUIS, asOf=day)
        states[day] = {label_of(ledger, item): item["state"] for item in found}["y1"]
    assert states == {"2026-09-19": "exempt", "2026-09-20": "open"}
    assert end(ledger, party)["endedAt"] == at("2026-09-20T12:00")
    with pytest.raises(GrootboekError) as again:
        end(ledger, party, key="e-2")
    assert again.value.code == "exemption-ended"


def test_an_ending_shows_wherever_the_exemption_does(ledger: CaseLedger) -> None:
    """In the notices, in the person's own report, in a replay, and for whoever asks whether he may be written to."""
    notifier = NotifierClient(ledger.duties)
    place = person(ledger, "y1")[0]
    assert ledger.run(notifier.may_tell_person(*place)) is False
    assert report_types(ledger, "y1").count("exemption") == 0
    end(ledger, POLICE)
    assert ledger.run(notifier.may_tell_person(*place)) is True
    assert report_types(ledger, "y1").count("exemption") == 1
    (told,) = [item for item in notices(ledger, who(COLLEGE, "notice"), covenant=HUIS) if item["type"] == "exemption"]
    assert (told["inForce"], told["endedAt"][:10]) == (False, "2026-09-20")
    assert "exemption-ended" in [event["type"] for event in replay(ledger, "y1")]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"at": at("2026-12-01T12:00")}, {"/at": "ahead-of-clock"}),
        ({"at": at("2026-09-17T16:29"), "reason": " "}, {"/at": "before-decision", "/reason": "text-missing"}),
    ],
)
def test_an_ending_fits_its_decision(settled: CaseLedger, fields: Json, wrong: dict[str, str]) -> None:
    """It lies after the decision and not ahead of the clock, and says why."""
    with pytest.raises(Rejected) as rejected:
        end(settled, COLLEGE, **fields)
    assert codes(rejected.value) == wrong


def test_who_takes_no_part_ends_nothing(settled: CaseLedger) -> None:
    """For a party outside the covenant, and for an id that is no exemption, there is nothing here."""
    with pytest.raises(NotFound):
        end(settled, "school-openbaar")
    ending = ExemptionEnding(at=at("2026-09-20T12:00"), reason="closed")
    caller = who(COLLEGE, "notice")
    with pytest.raises(NotFound):
        settled.run(settled.duties.end_exemption.end(caller, settled.case.key(14), "e-1", ending))


def notices(ledger: CaseLedger, caller: Any, **search: Any) -> list[Json]:
    """All items of a search for notices, a page of two at a time."""
    items: list[Json] = []
    cursor = None
    while True:
        asked = msgspec.convert(search | {"cursor": cursor, "limit": 2}, NoticeSearch)
        page = ledger.run(ledger.duties.notices.search(caller, asked))
        items += page.items
        cursor = page.next
        if cursor is None:
            return items


def replay(ledger: CaseLedger, label: str) -> list[Json]:
    """All that an auditor sees of a person."""
    caller = who("auditor", "inquiry audit", "proceedings")
    body = InquiryBody(subject=msgspec.convert(ledger.case.identifier(label), SubjectIdentifier), reason="control")
    ledger.run(ledger.inquiries.open(caller, f"inquiry-{label}", body))
    return list(ledger.run(ledger.replays.replay(caller, f"inquiry-{label}", None, None, None))["events"])


def report_types(ledger: CaseLedger, label: str) -> list[str]:
    """The types of the lines of a person's own report."""
    subject = msgspec.convert(ledger.case.identifier(label), SubjectIdentifier)
    caller = msgspec.structs.replace(who(COLLEGE, "subject:access", "access-request"), subject=subject)
    key = f"request-{label}-{len(ledger.reader.events_after(0, 0, 1_000))}"
    body = AccessRequestBody(
        subject=subject,
        received_at=ledger.clock.now(),
        received_by=COLLEGE,
        requested_by=Requester(role="subject"),
    )
    ledger.run(ledger.requests.open(caller, key, body))
    return [line["type"] for line in ledger.run(ledger.reports.report(caller, key))["lines"]]


def test_notices_are_found_by_person_controller_and_covenant(settled: CaseLedger) -> None:
    """Who was told what by whom, and who not, with the persons for those who take part."""
    college = who(COLLEGE, "notice")
    found = notices(settled, college, controller=COLLEGE)
    assert sorted(label_of(settled, item) for item in found) == ["y1", "y2", "y3", "y4", "y5"]
    assert [item["type"] for item in found].count("exemption") == 1
    assert notices(settled, college, covenant=HUIS) == found
    assert notices(settled, college, covenant={"id": "dorp-b"}) == []
    (letter,) = notices(settled, college, subject=settled.case.identifier("y3"))
    assert (letter["form"], letter["givenBy"], len(letter["elements"])) == ("letter", COLLEGE, 9)
    talks = notices(settled, who(POLICE, "notice"), controller=COLLEGE)
    assert [(item["form"], item["givenBy"], item["elements"]) for item in talks] == [
        ("conversation", POLICE, ["controller", "purpose"])
    ] * 2
    audit = notices(settled, who("auditor", "audit", "internal-control"), covenant=HUIS)
    assert [item["subject"]["id"] for item in audit] == [None] * 5
    assert notices(settled, who("school-openbaar", "notice"), covenant=HUIS) == []
    stranger = {"idType": "BSN", "id": "999990135"}
    assert notices(settled, college, subject=stranger) == []


def test_a_search_for_notices_names_something(settled: CaseLedger) -> None:
    """Everybody's notices are not asked for; a person's token finds its own, less what may not be told."""
    with pytest.raises(Rejected):
        notices(settled, who(COLLEGE, "notice"))
    for label, count in (("y3", 1), ("y1", 0)):
        subject = msgspec.convert(settled.case.identifier(label), SubjectIdentifier)
        caller = msgspec.structs.replace(who(COLLEGE, "subject:access", "access-request"), subject=subject)
        assert len(notices(settled, caller)) == count


def test_the_notifier_hears_of_every_duty(settled: CaseLedger) -> None:
    """About one person, settled or not, with the ids of the inbox; nobody is named."""
    notifier = NotifierClient(settled.duties)
    place = person(settled, "y9")[0]
    duties = settled.run(notifier.duties_of(*place))
    inbox = ask(settled, who("auditor", "audit", "internal-control"), subject=settled.case.identifier("y9"))
    assert [(duty.obligation, duty.state, duty.party) for duty in duties] == [
        (item["id"], item["state"], item["party"]) for item in inbox
    ]
    erase = next(duty for duty in duties if duty.state == "owed")
    assert (erase.kind, erase.controller, erase.covenant, erase.annex) == ("erase", MAYOR, *HUIS.values())
    assert (erase.lane, erase.stream_id, erase.data_categories) == (*place, ("group-role", "name"))
    assert all(duty.may_tell_person for duty in duties)
    assert not any(duty.may_tell_person for duty in settled.run(notifier.duties_of(*person(settled, "y1")[0])))


def test_a_fact_a_little_ahead_of_the_clock_is_not_overlooked(ledger: CaseLedger) -> None:
    """A duty that an act of some minutes ahead brings is there when the notifier looks, since it looks once."""
    ahead = ledger.clock.now() + timedelta(seconds=200)
    record(
        ledger,
        "ahead",
        "y8",
        operation="record",
        occurredAt=ahead.isoformat(),
        dataCategories=["school"],
        confirms=None,
    )
    duties = ledger.run(NotifierClient(ledger.duties).duties_of(*person(ledger, "y8")[0]))
    assert [duty.party for duty in duties if duty.data_categories == ("school",)] == [YOUTH]


def test_a_decision_a_little_ahead_of_the_clock_stops_a_letter(ledger: CaseLedger) -> None:
    """Taken by a clock ahead of ours, it forbids to write to the person already, under either identifier."""
    notifier = NotifierClient(ledger.duties)
    linked = LinkBody(
        first=msgspec.convert(ledger.case.identifier("y9"), SubjectIdentifier),
        second=SubjectIdentifier(id_type="case-pseudonym", id="p-9"),
        reason="same person",
    )
    ledger.run(ledger.linker.link(who(MAYOR, "processing:write"), "link-1", linked))
    places = person(ledger, "y9")
    assert [ledger.run(notifier.may_tell_person(*place)) for place in places] == [True, True]
    (call,) = calls_of(ledger.case, ledger.case.act(16))
    ahead = ledger.clock.now() + timedelta(seconds=200)
    body = call.body | {"id": "ahead", "subject": ledger.case.identifier("y9"), "decidedAt": ahead.isoformat()}
    ledger.post(msgspec.structs.replace(call, body=body, key="ahead"))
    assert [ledger.run(notifier.may_tell_person(*place)) for place in places] == [False, False]
    assert not any(duty.may_tell_person for duty in ledger.run(notifier.duties_of(*places[0])))


def test_a_message_is_recorded_once(ledger: CaseLedger) -> None:
    """On the person's stream, under the dossier of who owes the duty, its text sealed."""
    notifier = NotifierClient(ledger.duties)
    lane, stream = person(ledger, "y9")[0]
    message = SentMessage(
        id=UUID(int=7, version=4),
        kind="erase-owed",
        channel="folder",
        template="erase-owed@1",
        addressed_to=YOUTH,
        lane=lane,
        stream_id=stream,
        obligation=owed(ledger)["id"],
        address="folder",
        title="You must erase",
        text="Something is owed.",
    )
    for _ in range(2):
        ledger.run(notifier.record_message(message))
    stored = [event for event in ledger.reader.events_of_stream(lane, stream) if event.topic == MESSAGE_SENT]
    (envelope,) = [event.read_envelope() for event in stored]
    assert (envelope.controller, envelope.message_kind, envelope.channel) == (YOUTH, "erase-owed", "folder")
    assert b"Something" not in (stored[0].envelope or b"") + (stored[0].state or b"")
    (content,) = ledger.opener.open(stored)
    assert content is not None
    assert (content.title, content.text) == ("You must erase", "Something is owed.")
    for number, (addressed_to, controller) in enumerate(((COLLEGE, COLLEGE), ("the person", "grootboek"))):
        other = msgspec.structs.replace(
            message, id=UUID(int=8 + number, version=4), obligation=None, addressed_to=addressed_to
        )
        ledger.run(notifier.record_message(other))
        assert ledger.reader.events_of_stream(lane, stream)[-1].read_envelope().controller == controller


def test_a_replay_shows_what_was_answered(ledger: CaseLedger) -> None:
    """The answer is an event of its own, readable by who gave it, by who demanded it, and by an auditor."""
    confirm(ledger, owed(ledger), outcome="kept", norm="Archiefwet 3", until=date(2027, 1, 1))
    (answer,) = [event for event in replay(ledger, "y9") if event["type"] == "obligation-answered"]
    assert (answer["answer"], answer["answerUntil"], answer["norm"]) == ("kept", "2027-01-01", "Archiefwet 3")
    assert answer["how"] == "removed from the case system"


def test_an_operation_of_an_answer_is_found_as_any_other(ledger: CaseLedger) -> None:
    """The act that a confirmation records stands among the operations of its party."""
    confirm(ledger, owed(ledger))
    search = OperationSearch(subject=msgspec.convert(ledger.case.identifier("y9"), SubjectIdentifier))
    found = ledger.run(ledger.search_operations.search(who(YOUTH, "processing:read"), search)).items
    assert "erase" in [item["operation"] for item in found]


def test_an_inbox_asks_again_where_it_ended(settled: CaseLedger) -> None:
    """A cursor is good for the question it came from."""
    caller = who(MAYOR)
    page = settled.run(settled.duties.search.search(caller, ObligationSearch(limit=1)))
    assert page.next is not None
    with pytest.raises(Rejected):
        settled.run(settled.duties.search.search(caller, ObligationSearch(limit=1, kind="erase", cursor=page.next)))
