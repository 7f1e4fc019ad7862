"""Random histories, read by everybody: no party, and no person, ever gets a byte that the read rule denies them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from services.law.act import Act
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import (
    AccessRequestBody,
    BreachBody,
    Caller,
    ConfidentialityBody,
    CorrectionBody,
    HoldingSearch,
    InquiryBody,
    OperationSearch,
    Requester,
)
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.errors import GrootboekError
from tests.model import oracle_answers as oracle
from tests.model import oracle_reading as rule
from tests.model.oracle_play import Entry, Played, caught, ledger, reader, writer
from tests.model.strategies import (
    AUDITOR,
    CASES,
    COLLEGE,
    CONTROLLERS,
    NOBODY,
    OUTSIDE,
    PARTIES,
    PERSONS,
    POLICE,
    SCHOOL,
    START,
    STRANGER,
    Record,
    Step,
    examples,
    histories,
    subject_of,
)

SIDE_BY_SIDE = 16
PURPOSES = ("operations", "access-request", "breach", "inquiry", "legality-control", "proceedings")
READING = ("processing:read", "subject:access", "inquiry", "breach")
Question = tuple[str, Callable[[Caller], Awaitable[Any]]]


class Reading:
    """Everything that can be asked of a played history, with the dossiers that the questions hang on."""

    def __init__(self, played: Played, data: st.DataObject) -> None:
        """Open requests, inquiries and breaches."""
        self.played, self.client = played, played.client
        self.keys = list(dict.fromkeys(entry.key for entry in played.entries))
        self.groups = oracle.groups(played.links, played.now)
        self.breaches = [self.open_breach(number, data.draw(st.sampled_from(CONTROLLERS))) for number in range(2)]
        self.requests = [
            self.open_request(number, data.draw(st.sampled_from(CONTROLLERS))) for number in range(len(PERSONS))
        ]

    def open_breach(self, number: int, party: str) -> tuple[str, str, str]:
        """(id, party, reporting party) of a breach over the whole history."""
        now = self.played.now
        body = BreachBody(
            party=party, occurred_from=START, occurred_until=now, aware_at=now, description="canary-own-breach"
        )
        answer = self.played.run(self.client.report_breach(reader(party, "breach", "breach"), f"breach-{number}", body))
        return answer["id"], party, answer["reportingParty"]

    def open_request(self, number: int, party: str) -> str:
        """The id of an access request about a person."""
        body = AccessRequestBody(
            subject=PERSONS[number],
            received_at=self.played.now,
            received_by=party,
            requested_by=Requester(role="subject"),
        )
        caller = reader(party, "access-request", "subject:access")
        return str(self.played.run(self.client.open_access_request(caller, f"request-{number}", body))["id"])

    async def searched(self, caller: Caller, **asked: Any) -> list[Any]:
        """All operations found."""
        items: list[Any] = []
        cursor = None
        while True:
            page = await self.client.search_operations(caller, OperationSearch(cursor=cursor, limit=7, **asked))
            items += page.items
            cursor = page.next
            if cursor is None:
                return items

    async def held(self, caller: Caller, **asked: Any) -> list[Any]:
        """All holdings found."""
        items: list[Any] = []
        cursor = None
        while True:
            page = await self.client.search_holdings(caller, HoldingSearch(cursor=cursor, limit=2, **asked))
            items += page.items
            cursor = page.next
            if cursor is None:
                return items

    async def replayed(self, caller: Caller, **about: Any) -> Any:
        """The events of a replay of the caller's own inquiry."""
        key = f"inquiry-of-{caller.party}-{caller.purpose}-{len(caller.scopes)}-{hash(str(about))}"
        inquiry = await self.client.open_inquiry(caller, key, InquiryBody(reason="why", **about))
        return (await self.client.replay(caller, inquiry["id"], None, None, None))["events"]

    def questions(self) -> list[Question]:
        """Every question a party can ask, by name."""
        client = self.client
        asked: list[Question] = []
        for number, person in enumerate((*PERSONS, NOBODY)):
            asked += [
                (f"operations of {number}", partial(self.searched, subject=person)),
                (f"holdings of {number}", partial(self.held, subject=person)),
                (f"replay of {number}", partial(self.replayed, subject=person)),
            ]
        for party in CONTROLLERS:
            asked += [
                (f"operations at {party}", partial(self.searched, party=party)),
                (f"operations to {party}", partial(self.searched, recipient=party)),
                (f"holdings at {party}", partial(self.held, party=party)),
            ]
        for case in CASES:
            asked += [
                (f"operations in {case}", partial(self.searched, case_id=case)),
                (f"replay of {case}", partial(self.replayed, case_id=case)),
            ]
        for key in (*self.keys, "no-such-key"):
            asked += [
                (f"read {key}", partial(client.read_operation, operation_key=key)),
                (f"prove {key}", partial(client.prove, operation_key=key)),
            ]
        for identifier in (*self.requests, "no-such-request"):
            asked += [
                (f"report {identifier}", partial(client.report_access, request_id=identifier)),
                (f"request {identifier}", partial(client.read_access_request, request_id=identifier)),
            ]
        for identifier in (*(identifier for identifier, _, _ in self.breaches), "no-such-breach"):
            asked.append(
                (f"impact {identifier}", partial(client.impact, breach_id=identifier, cursor=None, limit=None))
            )
        return asked

    def ask(self, caller: Caller) -> dict[str, Any]:
        """The answers to all questions; errors are answers too."""
        asked = self.questions()
        answers: list[Any] = []
        for begin in range(0, len(asked), SIDE_BY_SIDE):
            answers += self.played.gather([ask(caller) for _, ask in asked[begin : begin + SIDE_BY_SIDE]])
        return {name: answer for (name, _), answer in zip(asked, answers, strict=True)}


def text_of(answer: Any) -> str:
    """All bytes of an answer, or of a problem."""
    if isinstance(answer, GrootboekError):
        return f"{type(answer).__name__} {answer} {getattr(answer, 'errors', '')}"
    return msgspec.json.encode(answer).decode()


def check_canaries(name: str, caller: Caller, answer: Any, forbidden: set[str]) -> None:
    """No forbidden word in the answer."""
    text = text_of(answer)
    assert [word for word in sorted(forbidden) if word in text] == [], (name, caller, text)


def check_party(reading: Reading, caller: Caller) -> None:
    """What a party gets is what it may read; forbidden and unknown look the same."""
    entries = reading.played.entries
    answers = reading.ask(caller)
    forbidden = rule.forbidden_words(caller, entries)
    pseudonyms = {ref for (party, _), ref in reading.played.refs.items() if party != caller.party}
    for name, answer in answers.items():
        allowed = reporter_sees(reading, caller, name)
        check_canaries(name, caller, answer, (forbidden | pseudonyms) - allowed)
    readable = {entry.key for entry in entries if rule.may_read(caller, entry)}
    for key in reading.keys:
        if key in readable and not is_link(reading, key):
            assert answers[f"read {key}"]["id"] == key
        else:
            assert_same(answers[f"read {key}"], answers["read no-such-key"])
        if key not in readable:
            assert_same(answers[f"prove {key}"], answers["prove no-such-key"])
    for number in range(len(PERSONS)):
        mine = [e for e in entries if e.on_stream and e.person in reading.groups[number]]
        expected = {e.key for e in mine if rule.may_read(caller, e) and e.kind not in ("linked", "unlinked")}
        assert {item["id"] for item in answers[f"operations of {number}"]} == expected
        if not any(rule.may_read(caller, entry) for entry in mine):
            for kind in ("operations", "holdings", "replay"):
                assert_same(answers[f"{kind} of {number}"], answers[f"{kind} of {len(PERSONS)}"])
    check_dossiers(reading, caller, answers)


def check_dossiers(reading: Reading, caller: Caller, answers: dict[str, Any]) -> None:
    """A breach is read by its party, who reports it and the auditor; to others it does not exist."""
    for identifier, party, reporting in reading.breaches:
        if caller.party not in (party, reporting, AUDITOR):
            assert_same(answers[f"impact {identifier}"], answers["impact no-such-breach"])
    for identifier in reading.requests:
        for kind in ("report", "request"):
            answer = answers[f"{kind} {identifier}"]
            if isinstance(answer, NotFound):
                assert_same(answer, answers[f"{kind} no-such-request"])


def is_link(reading: Reading, key: str) -> bool:
    """Links are read in replays only."""
    return any(entry.key == key and entry.kind in ("linked", "unlinked") for entry in reading.played.entries)


def reporter_sees(reading: Reading, caller: Caller, name: str) -> set[str]:
    """In the impact of a breach: whom it hits by name, and by which acts, for its party and for who reports it."""
    for identifier, party, reporting in reading.breaches:
        if name == f"impact {identifier}" and caller.party in (party, reporting) and caller.purpose == "breach":
            at_party = reader(party, "breach", "breach")
            mine = [entry for entry in reading.played.entries if rule.may_read(at_party, entry)]
            return {e.key for e in mine} | {PERSONS[e.person].id for e in mine if e.person is not None}
    return set()


def assert_same(first: Any, second: Any) -> None:
    """Nobody can tell these two answers apart."""
    assert text_of(first) == text_of(second)


def check_person(reading: Reading, number: int) -> None:
    """A person reads about himself all that may be told, and nothing else, by every call alike."""
    played, group = reading.played, reading.groups[number]
    caller = reader(CONTROLLERS[0], "access-request", "subject:access", subject=PERSONS[number])
    answers = reading.ask(caller)
    forbidden = rule.forbidden_to_citizen(played.entries, group, played.now)
    for name, answer in answers.items():
        check_canaries(name, caller, answer, forbidden)
    told = {entry.key for entry in rule.told(played.entries, group, played.now)}
    assert {item["id"] for item in answers[f"operations of {number}"]} == told
    report = answers[f"report {reading.requests[number]}"]
    lines = [
        (line["operationId"], tuple(line["dataCategories"]), line["retainedUntil"])
        for line in report["lines"]
        if "operationId" in line
    ]
    expected = [
        (entry.key, () if entry.act is None else entry.act.data_categories, kept_until(entry, played.now))
        for entry in rule.told(played.entries, group, played.now)
    ]
    assert sorted(lines, key=repr) == sorted(expected, key=repr)
    for key in reading.keys:
        if key in told:
            assert answers[f"read {key}"]["id"] == key
        else:
            assert_same(answers[f"read {key}"], answers["read no-such-key"])
    for other, identifier in enumerate(reading.requests):
        if other not in group:
            assert_same(answers[f"report {identifier}"], answers["report no-such-request"])


def kept_until(entry: Entry, now: datetime) -> str | None:
    """Until when the person reads that it may be kept: as it was set last."""
    ends = oracle.end_of(entry, now) if entry.act is not None and oracle.holders(entry) else None
    return None if ends is None else ends.isoformat()


def check_strangers_hands(reading: Reading, data: st.DataObject) -> None:
    """What is not one's own can be neither confirmed, corrected, hidden nor replayed, as if it were not there."""
    played = reading.played
    caller = writer(STRANGER)
    key = data.draw(st.sampled_from(reading.keys))
    client = played.client
    attempts: list[Callable[[str], Awaitable[Any]]] = [
        lambda wanted: client.confirm(caller, wanted, None, "by-a-stranger"),
        lambda wanted: client.correct(caller, wanted, "by-a-stranger", CorrectionBody(reason="no", kind="annulled")),
        lambda wanted: client.set_confidentiality(
            caller, wanted, "by-a-stranger", ConfidentialityBody(level="confidential")
        ),
    ]
    for attempt in attempts:
        unknown, known = (caught(played, attempt(wanted)) for wanted in ("no-such-key", key))
        assert isinstance(known, NotFound)
        assert_same(known, unknown)
    asker = reader(POLICE, "proceedings", "inquiry")
    opened = played.run(client.open_inquiry(asker, "of-the-police", InquiryBody(reason="why", subject=PERSONS[0])))
    other = reader(STRANGER, "proceedings", "inquiry")
    unknown, known = (
        caught(played, client.replay(other, wanted, None, None, None)) for wanted in ("no-such-key", opened["id"])
    )
    assert isinstance(known, NotFound)
    assert_same(known, unknown)


@pytest.mark.parametrize("lanes", [1, 4])
@examples(3)
@given(data=st.data())
def test_nobody_reads_what_the_rule_denies(postgres_server: EmbeddedPostgres, lanes: int, data: st.DataObject) -> None:
    """Every answer to every party and every person holds only what the contract's "Who may" allows them."""
    steps = data.draw(histories())
    with ledger(postgres_server.conninfo, lanes, START) as played:
        played.play(steps)
        reading = Reading(played, data)
        played.settle()
        for party in data.draw(st.lists(st.sampled_from(PARTIES), min_size=3, max_size=4, unique=True)):
            caller = reader(party, data.draw(st.sampled_from(PURPOSES)), *READING)
            note(str(caller))
            check_party(reading, caller)
        check_party(reading, reader(AUDITOR, data.draw(st.sampled_from(PURPOSES)), "audit", "inquiry"))
        for number in data.draw(st.lists(st.integers(0, 4), min_size=2, max_size=2, unique=True)):
            check_person(reading, number)
        check_strangers_hands(reading, data)


def test_an_auditor_gets_no_police_lines_for_a_breach(postgres_server: EmbeddedPostgres) -> None:
    """An impact read by an auditor holds police lines for the purposes of Wpg 32a(2) only, a party's own always."""
    fields = {
        "operation": "collect",
        "occurredAt": START.isoformat(),
        "controller": POLICE,
        "subjects": [subject_of(0, 0)],
        "dataCategories": ["name"],
        "dataRegime": "Wpg-8",
    }
    steps = [Step(key="key-0-", now=START, what=Record(author=POLICE, body=msgspec.convert(fields, Act)))]
    with ledger(postgres_server.conninfo, 1, START) as played:
        played.play(steps)
        body = BreachBody(party=POLICE, occurred_from=START, occurred_until=START, aware_at=START, description="leaked")
        own = reader(POLICE, "breach", "breach")
        identifier = played.run(played.client.report_breach(own, "breach", body))["id"]
        for caller, expected in (
            (own, ["key-0-"]),
            (reader(AUDITOR, "breach", "audit"), []),
            (reader(AUDITOR, "legality-control", "audit"), ["key-0-"]),
        ):
            page = played.run(played.client.impact(caller, identifier, None, None))
            assert [key for item in page["items"] for key in item["operationIds"]] == expected


def test_who_asked_in_the_name_of_another_finds_the_refusal(postgres_server: EmbeddedPostgres) -> None:
    """A refused intent is found by its asker too, when it asked by mandate of the controller."""
    fields = {
        "operation": "make-available",
        "occurredAt": START.isoformat(),
        "controller": SCHOOL,
        "subjects": [subject_of(0, 0)],
        "dataCategories": ["name"],
        "recipients": [{"party": POLICE}],
        "covenant": {"id": "huis", "annex": "b"},
    }
    refused = fields | {"tense": "intent", "dataCategories": [OUTSIDE]}
    acts = (msgspec.convert(fields, Act), msgspec.convert(refused, Act))
    steps = [Step(key=f"key-{n}-", now=START, what=Record(author=COLLEGE, body=act)) for n, act in enumerate(acts)]
    with ledger(postgres_server.conninfo, 1, START) as played:
        played.play(steps)
        for party, expected in ((COLLEGE, ["key-1-"]), (SCHOOL, ["key-0-", "key-1-"]), (POLICE, ["key-0-"])):
            caller = reader(party, "operations", "processing:read")
            page = played.run(played.client.search_operations(caller, OperationSearch(subject=PERSONS[0])))
            assert [item["id"] for item in page.items] == expected
