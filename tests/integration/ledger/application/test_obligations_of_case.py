"""The inbox of obligations on the case of the seed: who sees what, as of when, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.cli.case.bodies import calls_of
from services.cli.case.load import Posted
from services.cli.case.model import AMSTERDAM, read_case
from services.ledger.application.sources import read_now
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.ledger.contract.topics import DATA_READ, PROCESSING_RECORDED
from services.ledger.domain.holding_rows import holding_rows
from services.ledger.domain.identity import access_stream
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.duty_asking import COLLEGE, HUIS, MAYOR, POLICE, YOUTH, ask, label_of, who
from tests.support.postgres import fresh_database

CASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
Json = dict[str, Any]


@pytest.fixture(scope="module", params=[1, 4])
def played(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres
) -> Iterator[tuple[CaseLedger, dict[int, Posted]]]:
    """The case, played once per number of lanes; the tests of this module only read."""
    with (
        fresh_database(postgres_server.conninfo) as database,
        case_ledger(database, read_case(CASE), request.param) as ledger,
    ):
        yield ledger, ledger.play()


@pytest.fixture
def ledger(played: tuple[CaseLedger, dict[int, Posted]]) -> CaseLedger:
    """The ledger that holds the case."""
    return played[0]


@pytest.fixture
def posted(played: tuple[CaseLedger, dict[int, Posted]]) -> dict[int, Posted]:
    """The answers to its acts."""
    return played[1]


def test_a_holder_finds_what_it_must_erase(ledger: CaseLedger, posted: dict[int, Posted]) -> None:
    """The youth work sees its own four obligations with the persons, who demands, why and by when; no others'."""
    items = ask(ledger, who(YOUTH), kind="erase")
    assert {label_of(ledger, item): item["state"] for item in items} == {
        "y6": "confirmed",
        "y7": "confirmed",
        "y8": "confirmed",
        "y9": "owed",
    }
    (owed,) = [item for item in items if item["state"] == "owed"]
    receipt = posted[12].answers[0][1]
    assert (owed["party"], owed["controller"], owed["dataCategories"]) == (YOUTH, MAYOR, ["group-role", "name"])
    assert (owed["cause"], owed["operationId"]) == (receipt["subjects"][3]["eventId"], receipt["id"])
    assert datetime.fromisoformat(owed["due"]) == datetime(2026, 10, 1, tzinfo=AMSTERDAM)
    assert (owed["reason"], owed["covenants"]) == ("deleted", [HUIS])


def test_who_demands_sees_what_it_demanded(ledger: CaseLedger) -> None:
    """The mayor sees the eight obligations that its delete brought, and who has confirmed."""
    items = ask(ledger, who(MAYOR), kind="erase")
    assert {(item["party"], label_of(ledger, item)): item["state"] for item in items} == {
        (party, label): "owed" if (party, label) == (YOUTH, "y9") else "confirmed"
        for party in (YOUTH, POLICE)
        for label in ("y6", "y7", "y8", "y9")
    }


def test_an_auditor_sees_all_by_pseudonym(ledger: CaseLedger) -> None:
    """With audit every obligation is there, and nobody's identifier."""
    items = ask(ledger, who("auditor", "audit", "internal-control"))
    assert {item["kind"] for item in items} == {"erase", "inform"}
    assert len([item for item in items if item["kind"] == "erase"]) == 8
    assert all(item["subject"]["ref"] and item["subject"]["id"] is None for item in items)


def test_who_takes_no_part_sees_nothing(ledger: CaseLedger) -> None:
    """A party that neither owes nor demands, and an unknown person, give empty pages."""
    assert ask(ledger, who("school-openbaar")) == []
    stranger = {"idType": "BSN", "id": "999990135"}
    assert ask(ledger, who("auditor", "audit", "internal-control"), subject=stranger) == []


@pytest.mark.parametrize("caller", [who(YOUTH, "inquiry"), who(YOUTH, "processing:write")])
def test_the_scope_opens_it(ledger: CaseLedger, caller: Caller) -> None:
    """Without a scope of the call nothing is answered."""
    with pytest.raises(NotAllowed):
        ask(ledger, caller)


def test_who_tells_finds_whom_it_must_tell(ledger: CaseLedger) -> None:
    """The college tells for all under the covenant: with the person, what is missing, and who is exempt until when."""
    items = ask(ledger, who(COLLEGE, "notice"), kind="inform", covenant=HUIS, asOf="2026-09-18")
    by_label = {label_of(ledger, item): item for item in items}
    assert by_label["y1"]["exemptUntil"] == "2026-10-15"
    assert by_label["y2"]["missingElements"] == [
        "basis",
        "categories",
        "recipients",
        "retention",
        "rights",
        "source",
        "complaint",
    ]
    assert by_label["y3"]["missingElements"] == []
    assert datetime.fromisoformat(by_label["y3"]["toldAt"]) == datetime(2026, 9, 17, 9, tzinfo=AMSTERDAM)
    assert {item["party"] for item in items} == {COLLEGE}
    assert {MAYOR, YOUTH} <= set(by_label["y9"]["controllers"])
    assert by_label["y9"]["cause"] is None


def test_who_gave_data_away_must_tell_while_others_have_them(ledger: CaseLedger) -> None:
    """Act 9, under no covenant: the college has nothing itself of whom it told the police and the mayor about."""
    found = ask(ledger, who(COLLEGE, "notice"), kind="inform", subject=ledger.case.identifier("y5"))
    assert {item["state"] for item in found if item["covenants"] == []} == {"open"}


def test_those_for_whom_is_told_see_it_too(ledger: CaseLedger) -> None:
    """The youth work sees the duties of the college about its persons; the police, under its own act, sees none."""
    found = ask(ledger, who(YOUTH, "notice"), kind="inform", covenant=HUIS)
    assert {item["party"] for item in found} == {COLLEGE}
    assert len(found) == 9
    assert ask(ledger, who(POLICE, "notice"), kind="inform", covenant=HUIS) == []


@pytest.mark.parametrize(
    ("search", "count"),
    [
        ({"state": "owed"}, 1),
        ({"state": "confirmed"}, 3),
        ({"asOf": "2026-09-15"}, 0),
        ({"asOf": "2026-09-16"}, 4),
        ({"asOf": "2026-09-16T07:59:59Z"}, 0),
        ({"asOf": "2026-09-16T08:00:00Z"}, 4),
        ({"dueBefore": "2026-09-30T22:00:00Z"}, 0),
        ({"dueBefore": "2026-09-30T22:00:01Z"}, 4),
        ({"covenant": {"id": "veiligheidshuis"}}, 4),
        ({"covenant": {"id": "veiligheidshuis", "annex": "other"}}, 0),
        ({"covenant": {"id": "dorp-b"}}, 0),
        ({"subject": {"idType": "BSN", "id": "999990111"}}, 1),
    ],
)
def test_filters(ledger: CaseLedger, search: Json, count: int) -> None:
    """By state, instant (inclusive), due, covenant and person."""
    assert len(ask(ledger, who(YOUTH), kind="erase", **search)) == count


@pytest.mark.parametrize("caller", [who("auditor", "audit", "internal-control"), who(COLLEGE, "notice"), who(MAYOR)])
def test_pages_make_the_whole(ledger: CaseLedger, caller: Caller) -> None:
    """Page after page gives the same obligations in the same order as one page, each once."""
    whole = ask(ledger, caller)
    assert ask(ledger, caller, limit=1) == ask(ledger, caller, limit=3) == whole
    assert len({item["id"] for item in whole}) == len(whole)


def test_a_police_cause_is_shown_for_control_only(ledger: CaseLedger) -> None:
    """Wpg 32a(2): an auditor who asks for its ordinary work sees no obligation that a police line brought."""
    later = ledger.clock.now() + timedelta(days=365 * 6)
    subject = ledger.case.identifier("y4")
    for purpose, sees in (("internal-control", True), ("operations", False)):
        items = ask(ledger, who("auditor", "audit", purpose), kind="erase", subject=subject, asOf=later.isoformat())
        police = [item for item in items if item["party"] == POLICE and item["controller"] == POLICE]
        assert bool(police) is sees


def test_a_receipt_names_the_obligations_of_the_inbox(ledger: CaseLedger, posted: dict[int, Posted]) -> None:
    """The ids, kinds, parties and moments of a receipt are those of the inbox."""
    receipt = posted[12].answers[0][1]
    inbox = {item["id"]: item for item in ask(ledger, who("auditor", "audit", "internal-control"))}
    for subject in receipt["subjects"]:
        assert [owed["party"] for owed in subject["obligations"]] == [YOUTH, POLICE]
        for owed in subject["obligations"]:
            found = inbox[owed["id"]]
            assert (found["kind"], found["party"]) == (owed["kind"], owed["party"])
            assert found["due"] == owed["due"]
    for number, party in ((2, COLLEGE), (10, COLLEGE), (8, COLLEGE)):
        for subject in posted[number].answers[0][1]["subjects"]:
            (owed,) = subject["obligations"]
            assert (owed["kind"], owed["party"], inbox[owed["id"]]["kind"]) == ("inform", party, "inform")
            assert datetime.fromisoformat(inbox[owed["id"]]["due"]) <= datetime.fromisoformat(owed["due"])
    assert all(not subject["obligations"] for subject in posted[3].answers[0][1]["subjects"])


def test_the_same_act_again_gets_the_same_receipt(ledger: CaseLedger, posted: dict[int, Posted]) -> None:
    """The obligations of a receipt come out of what is stored, so a retry is told the same."""
    for number in (2, 12):
        (call,) = calls_of(ledger.case, ledger.case.act(number))
        assert ledger.post(call) == posted[number].answers[0]


def test_every_question_is_on_record(ledger: CaseLedger) -> None:
    """Each page of an inbox is recorded as a read of the persons it delivered."""
    caller = who("kenniscentrum", "audit", "legality-control")
    ask(ledger, caller, state="owed")
    stream = access_stream(caller.party)
    events = ledger.reader.events_of_stream(ledger.pseudonyms.stream_lane(stream), stream)
    reads = [event.read_envelope() for event in events if event.topic == DATA_READ]
    assert {read.read_call for read in reads} == {"obligations-search"}
    assert len(reads[-1].read_streams) == 1


def test_holdings_read_from_events_are_those_of_the_projection(ledger: CaseLedger) -> None:
    """What is judged at the append and what is shown later is read the same."""
    found = 0
    for label in ledger.case.raw["subjects"]:
        streams = ledger.sources.streams_of(msgspec.convert(ledger.case.identifier(label), SubjectIdentifier))
        events = [event for place in streams for event in ledger.reader.events_of_stream(*place)]
        rows = holding_rows(((e.lane, e.stream_id), e.position, e.topic, e.read_envelope()) for e in events)
        from_table = ledger.projections.holding_acts(streams, read_now(ledger.sources))
        order = attrgetter("lane", "position", "party")
        assert sorted(rows, key=order) == sorted(from_table, key=order)
        found += sum(event.topic == PROCESSING_RECORDED for event in events)
    assert found > 50
