"""Random histories through the ledger's own client: what it answers at any two moments equals a literal reading."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from services.law.act import Act
from services.ledger.contract.errors import IdempotencyConflict, IntentRefused
from services.ledger.contract.messages import (
    AccessRequestBody,
    BreachBody,
    HoldingSearch,
    InquiryBody,
    OperationSearch,
    Requester,
)
from services.ledger.entrypoints.check import verify_ledger
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.model import oracle_answers as oracle
from tests.model import oracle_reading as rule
from tests.model.impact_questions import check_hits, report
from tests.model.oracle_play import Entry, Json, Played, caught, ledger, reader
from tests.model.strategies import (
    AUDITOR,
    CASES,
    CATEGORIES,
    COLLEGE,
    CONTROLLERS,
    HOSTER,
    OUTSIDE,
    PARTIES,
    PERSONS,
    POLICE,
    START,
    Record,
    Step,
    examples,
    histories,
    subject_of,
)

END = datetime(9999, 12, 31, tzinfo=UTC)
TYPES = {
    "recorded": "processing-recorded",
    "intended": "processing-intended",
    "refused": "processing-refused",
    "notice": "notice",
    "exemption": "exemption",
    "linked": "linked",
    "unlinked": "unlinked",
}
LATER_TYPES = {"confidentiality": "confidentiality", "retention": "retention-set"}
"""Of what was said about an entry later; all else is a correction."""


def auditor(purpose: str = "internal-control") -> Any:
    """Who reads all, by name of nobody."""
    return reader(AUDITOR, purpose, "audit")


def moments(data: st.DataObject, played: Played) -> tuple[str | None, datetime]:
    """A bound as text and as an instant: a moment of the history, a day, or none."""
    known = sorted({e.occurred_at for e in played.entries} | {e.recorded_at for e in played.entries} | {START})
    kind = data.draw(st.sampled_from(("none", "instant", "instant", "before", "day")))
    instant = data.draw(st.sampled_from(known))
    if kind == "none":
        return None, played.now
    if kind == "day":
        day = oracle.day_of(instant) + timedelta(days=data.draw(st.integers(-1, 1)))
        return day.isoformat(), oracle.last_moment(day)
    instant -= timedelta(microseconds=1 if kind == "before" else 0)
    return instant.isoformat(), instant


def pages(played: Played, ask: Any) -> list[Json]:
    """All items over all pages; ``ask(cursor)`` gives a page."""
    items: list[Json] = []
    cursor = None
    while True:
        page = played.run(ask(cursor))
        found, cursor = (page["items"], page["next"]) if isinstance(page, dict) else (page.items, page.next)
        items += found
        if cursor is None:
            return items


def as_held(played: Played, party: str, items: list[Json], links: dict[int, oracle.Group]) -> list[oracle.Held]:
    """Items of a holdings search, one per category."""
    return [
        oracle.Held(
            item["party"],
            links[played.people[party][item["subject"]["ref"]]],
            category,
            item["status"],
            datetime.fromisoformat(item["since"]),
            None if item["until"] is None else date.fromisoformat(item["until"]),
            frozenset(item["operationIds"]),
        )
        for item in items
        for category in item["dataCategories"]
    ]


def holdings_of(played: Played, caller: Any, **search: Any) -> list[Json]:
    """Every item of a holdings search."""
    return pages(played, lambda cursor: played.client.search_holdings(caller, HoldingSearch(cursor=cursor, **search)))


def check_holdings(played: Played, data: st.DataObject) -> None:
    """Holdings by person and by party, whole for an auditor, and a party's own for itself."""
    as_of_text, as_of = moments(data, played)
    known_text, known = moments(data, played)
    wanted = data.draw(st.sampled_from([(), (), ("name",), ("contact", "report")]))
    links = oracle.groups(played.links, known)
    expected = [
        held
        for held in oracle.holdings(played.entries, played.links, as_of, known)
        if not wanted or held.category in wanted
    ]
    asked = {"as_of": as_of_text, "as_known_at": known_text, "data_categories": wanted}
    note(f"holdings {asked}")
    for number, person in enumerate(PERSONS):
        found = as_held(played, AUDITOR, holdings_of(played, auditor(), subject=person, **asked), links)
        mine = [held for held in expected if number in held.group]
        assert sorted(found, key=repr) == sorted(mine, key=repr), number
    for party in CONTROLLERS:
        mine = [held for held in expected if held.party == party]
        own = reader(party, "operations", "processing:read")
        for caller, limit in ((auditor(), data.draw(st.sampled_from((None, 1, 2)))), (own, None)):
            items = holdings_of(played, caller, party=party, limit=limit, **asked)
            found = as_held(played, caller.party, items, links)
            assert sorted(found, key=repr) == sorted(mine, key=repr), (party, caller.party)


def replay_of(played: Played, caller: Any, key: str, as_of: str | None, known: str | None, **about: Any) -> list[Json]:
    """Every event of a replay."""
    inquiry = played.run(played.client.open_inquiry(caller, key, InquiryBody(reason="why", **about)))
    events: list[Json] = []
    cursor = None
    while True:
        page = played.run(played.client.replay(caller, inquiry["id"], as_of, known, cursor))
        events += page["events"]
        cursor = page["next"]
        if cursor is None:
            return events


def as_steps(played: Played, caller: Any, entries: list[Entry], as_of: datetime, known: datetime) -> Counter[Any]:
    """What a replay should show: the entries, and what was said about them, by then."""
    steps: Counter[Any] = Counter()
    for entry in entries:
        if not rule.may_read(caller, entry):
            continue
        ref = None if entry.person is None else played.refs[caller.party, entry.person]
        said = [later for later in entry.later if later.recorded_at <= known]
        kinds = [LATER_TYPES.get(later.kind.partition(":")[0], "corrected") for later in said]
        onward = [later for later in entry.onward if later.recorded_at <= known]
        corrected = kinds.count("corrected") + sum(not later.kind.startswith("confidentiality") for later in onward)
        steps[TYPES[entry.kind], entry.key, ref, entry.recorded_at, corrected] += 1
        for kind, later in zip(kinds, said, strict=True):
            if later.recorded_at <= as_of:
                steps[kind, later.key, ref, later.recorded_at, 0] += 1
    return steps


def as_stored(entries: list[Entry]) -> list[Entry]:
    """The entries as they stand somewhere: those of a refusal about persons nobody knew are one, which names nobody."""
    unknown = {entry.key: replace(entry, person=None) for entry in entries if not entry.on_stream}
    return [entry for entry in entries if entry.on_stream] + list(unknown.values())


def check_replay(played: Played, data: st.DataObject) -> None:
    """Replays of persons and cases, for an auditor and for a party, at any two moments."""
    for number in range(4):
        as_of_text, as_of = moments(data, played)
        known_text, known = moments(data, played)
        purpose = data.draw(st.sampled_from(("proceedings", "inquiry")))
        party = data.draw(st.sampled_from((AUDITOR, *PARTIES)))
        caller = reader(party, purpose, "inquiry", *(("audit",) if party == AUDITOR else ()))
        person = data.draw(st.integers(0, len(PERSONS) - 1))
        case = data.draw(st.sampled_from((None, None, *CASES)))
        note(f"replay {caller=} {person=} {case=} {as_of_text=} {known_text=}")
        if case is None:
            group = oracle.groups(played.links, known)[person]
            entries = oracle.lines(played.entries, group, as_of, known)
            about: dict[str, Any] = {"subject": PERSONS[person]}
        else:
            entries = [
                entry
                for entry in as_stored(played.entries)
                if entry.act and entry.act.case_id == case and (party in (AUDITOR, entry.act.controller))
                if entry.occurred_at <= as_of and entry.recorded_at <= known
            ]
            about = {"case_id": case}
        events = replay_of(played, caller, f"inquiry-{number}", as_of_text, known_text, **about)
        found = Counter(
            (
                event["type"],
                event["operationId"],
                event["subject"]["ref"],
                datetime.fromisoformat(event["recordedAt"]),
                len(event.get("corrections", ())),
            )
            for event in events
            # The access requests of this test hold the person's lines; the history knows nothing of them.
            if event["type"] != "hold-placed"
        )
        assert found == as_steps(played, caller, entries, as_of, known)
        assert events == sorted(events, key=lambda event: datetime.fromisoformat(event["recordedAt"]))


def check_dossier(played: Played, data: st.DataObject) -> None:
    """The operations search by person, party, recipient, case and period finds each operation once."""
    begins, until = (data.draw(st.none() | st.sampled_from([e.occurred_at for e in played.entries])) for _ in range(2))
    limit = data.draw(st.sampled_from((None, 1, 3)))
    links = oracle.groups(played.links, played.now)
    searches: list[tuple[dict[str, Any], Any]] = [
        ({"subject": person}, lambda e, n=number: e.person in links[n]) for number, person in enumerate(PERSONS)
    ]
    party, case = data.draw(st.sampled_from(PARTIES)), data.draw(st.sampled_from(CASES))
    searches += [
        ({"party": party}, lambda e: party in rule.owners(e) | _named(e)),
        ({"recipient": party}, lambda e: party in _named(e)),
        ({"case_id": case}, lambda e: e.act is not None and e.act.case_id == case),
    ]
    for asked, matches in searches:
        note(f"operations {asked} {begins=} {until=}")
        search = asked | {"occurred_from": begins, "occurred_until": until, "limit": limit}
        items = pages(
            played,
            lambda cursor, s=search: played.client.search_operations(auditor(), OperationSearch(cursor=cursor, **s)),
        )
        expected = {
            entry.key
            for entry in played.entries
            if entry.kind not in ("linked", "unlinked") and matches(entry)
            if "subject" not in asked or entry.on_stream
            if (begins is None or begins <= entry.occurred_at) and (until is None or entry.occurred_at <= until)
        }
        assert sorted(item["id"] for item in items) == sorted(expected), asked


def _named(entry: Entry) -> set[str]:
    """The recipients that an act names."""
    return set() if entry.act is None else {recipient.party for recipient in entry.act.recipients}


def report_leak(played: Played, data: st.DataObject, number: int) -> tuple[str, oracle.Leak]:
    """A breach at a party in some window of the history; at a processor too, who holds nothing himself."""
    party = data.draw(st.sampled_from((*CONTROLLERS, HOSTER)))
    when = sorted(e.occurred_at for e in played.entries if e.occurred_at <= played.now) or [START]
    begins, until = sorted((data.draw(st.sampled_from(when)), data.draw(st.sampled_from(when))))
    own = [e.key for e in played.entries if e.kind == "recorded" and party in rule.owners(e) | _named(e)]
    named = tuple(dict.fromkeys(data.draw(st.lists(st.sampled_from(own), max_size=2)))) if own else ()
    categories = tuple(data.draw(st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True)))
    leak = oracle.Leak(party, begins, until, data.draw(st.sampled_from([until, played.now])), categories, named)
    note(f"breach {leak}")
    return report(played, f"breach-{number}-", leak), leak


def check_impact(played: Played, data: st.DataObject) -> None:
    """Persons, records, sources, exposure and duty to tell of a breach, page by page."""
    for number in range(3):
        identifier, leak = report_leak(played, data, number)
        check_hits(played, identifier, leak, data.draw(st.sampled_from((None, 1, 2))))


def open_dossiers(played: Played) -> list[Json]:
    """Open an access request of every person and report a breach of every party, or ask for their receipts again."""
    answers: list[Json] = []
    for number, person in enumerate(PERSONS):
        request = AccessRequestBody(
            subject=person, received_at=START, received_by=CONTROLLERS[0], requested_by=Requester(role="subject")
        )
        caller = reader(CONTROLLERS[0], "access-request", "subject:access")
        answers.append(played.run(played.client.open_access_request(caller, f"request-{number}", request)))
    for party in CONTROLLERS:
        body = BreachBody(
            party=party, occurred_from=START, occurred_until=START, aware_at=START, description="canary-breach"
        )
        caller = reader(party, "breach", "breach")
        answers.append(played.run(played.client.report_breach(caller, f"first-breach-{party}", body)))
    return answers


def check_receipts(played: Played) -> None:
    """The holding term of every receipt is the shortest that a rule gives, and every key gives its answer again."""
    for entry in played.entries:
        # Of what was drafted anew on the stream of a party no answer tells the end.
        is_told = entry.person is not None or entry.position is not None
        if entry.kind == "recorded" and entry.act is not None and is_told:
            begins = bool(oracle.holders(entry))
            expected = oracle.term_of(entry.act) if begins else None
            assert entry.holding_ends == (entry.set_before or expected), entry.key
    played.run(played.client.set_clock(played.now + timedelta(days=3)))
    for sent in played.sent:
        again = unwrap(caught(played, sent.again()))
        first = unwrap(sent.answer)
        if isinstance(first, IntentRefused):
            assert isinstance(again, IntentRefused)
            assert (again.verdict, again.subjects) == (first.verdict, first.subjects)
        else:
            assert again == first
        if sent.other_body is not None:
            assert isinstance(unwrap(caught(played, sent.other_body())), IdempotencyConflict)


def unwrap(answer: Any) -> Any:
    """The one answer of a list of one."""
    return answer[0] if isinstance(answer, list) else answer


def check_verified(played: Played) -> None:
    """Positions, leaves, trees and claims are sound, and the projections equal a rebuild."""
    played.settle()
    verification = verify_ledger(played.conninfo, played.vault)
    assert verification.findings == ()
    assert sum(verification.events.values()) >= len(played.entries)


@pytest.mark.parametrize("lanes", [1, 4])
@examples(5)
@given(data=st.data())
def test_answers_equal_a_literal_reading(postgres_server: EmbeddedPostgres, lanes: int, data: st.DataObject) -> None:
    """Holdings, dossier, impact and replay at any two moments equal the oracle's; receipts repeat; all verifies."""
    steps = data.draw(histories())
    with ledger(postgres_server.conninfo, lanes, START) as played:
        # Where the clock moves: what is recorded at the very instant of a request was known at that instant.
        moves = [n for n in range(1, len(steps)) if steps[n - 1].now < steps[n].now]
        middle = data.draw(st.sampled_from([*moves, len(steps)]))
        played.play(steps[:middle])
        opened = open_dossiers(played)
        played.play(steps[middle:])
        assert open_dossiers(played) == opened
        for _ in range(3):
            check_holdings(played, data)
        check_replay(played, data)
        check_dossier(played, data)
        check_impact(played, data)
        check_receipts(played)
        check_verified(played)


def test_a_refusal_about_unknown_persons_is_whole(postgres_server: EmbeddedPostgres) -> None:
    """A refused intent about three persons, of whom the ledger knows one, is two events and verifies."""
    fields = {
        "operation": "make-available",
        "occurredAt": START.isoformat(),
        "controller": COLLEGE,
        "subjects": [subject_of(0, 0)],
        "dataCategories": ["name"],
        "recipients": [{"party": POLICE}],
        "covenant": {"id": "huis", "annex": "b"},
    }
    refused = fields | {
        "tense": "intent",
        "subjects": [subject_of(person, 1) for person in range(3)],
        "dataCategories": [OUTSIDE],
    }
    acts = (msgspec.convert(fields, Act), msgspec.convert(refused, Act))
    steps = [Step(key=f"key-{n}-", now=START, what=Record(author=COLLEGE, body=act)) for n, act in enumerate(acts)]
    with ledger(postgres_server.conninfo, 1, START) as played:
        played.play(steps)
        assert [entry.on_stream for entry in played.entries] == [True, True, False, False]
        played.settle()
        assert verify_ledger(played.conninfo, played.vault).findings == ()
