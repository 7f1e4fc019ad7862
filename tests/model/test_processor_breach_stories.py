"""Breaches at a processor: who reports them, who reads them, and who may report one there (AVG 33(1), 33(2))."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.ledger.application.breaches import BreachInvalid
from services.ledger.contract.errors import NotAllowed, NotFound
from services.ledger.contract.messages import BreachBody
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.model.impact_questions import read_hits
from tests.model.oracle_play import Json, Played, caught, ledger, reader
from tests.model.strategies import COLLEGE, HOSTER, MAYOR, PERSONS, POLICE, SCHOOL, START, Link
from tests.model.test_impact_stories import Told, did, report_of, steps_of

HUIS = {"covenant": {"id": "huis", "annex": "a"}, "phase": "plan"}
BEFORE = START - timedelta(days=9)
MAYORS, OF_HUIS, COLLEGES, SENT = "key-0-", "key-1-", "key-2-", "key-3-"


def hosted_for_two() -> Told:
    """The hoster, which works for the mayor by the register, collects for it and for the college."""
    yield 0, did(MAYOR, "collect", 0, "name", processor=HOSTER)
    yield 1, did(MAYOR, "collect", 1, "name", processor=HOSTER, **HUIS)
    yield 2, did(COLLEGE, "collect", 2, "name", processor=HOSTER)
    yield 3, did(MAYOR, "make-available", 3, "name", POLICE)


@pytest.fixture(scope="module", params=[1, 4])
def played(request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres) -> Iterator[Played]:
    """The story, played once per number of lanes."""
    with ledger(postgres_server.conninfo, request.param, START) as found:
        found.play(steps_of(hosted_for_two()))
        yield found


def breach_at(
    played: Played, party: str, *named: str, since: Any = START, until: Any = None, about: tuple[str, ...] = ()
) -> BreachBody:
    """A breach at a party, over the whole story and of all data unless something else is given."""
    return BreachBody(
        party=party,
        occurred_from=since,
        occurred_until=until or played.now,
        aware_at=played.now,
        description="canary-processor-breach",
        data_categories=about,
        operation_ids=named,
    )


def report(played: Played, author: str, key: str, body: BreachBody) -> Any:
    """The receipt, or the error that is the answer."""
    return caught(played, played.client.report_breach(reader(author, "breach", "breach"), key, body))


def readers(played: Played, identifier: str) -> set[str]:
    """The parties that may read a breach, and its impact with it."""
    found = set()
    for party in (HOSTER, MAYOR, COLLEGE, SCHOOL, POLICE):
        caller = reader(party, "breach", "breach")
        answers = [
            caught(played, played.client.read_breach(caller, identifier)),
            caught(played, played.client.impact(caller, identifier, None, None)),
        ]
        refused = [isinstance(answer, NotFound) for answer in answers]
        assert refused[0] == refused[1]
        found |= set() if refused[0] else {party}
    return found


def seen(played: Played, identifier: str, party: str, limit: int | None = None) -> set[int]:
    """Whom a party is shown by name, each once, and as many as are counted."""
    items, (persons, records) = read_hits(played, identifier, party, limit)
    assert persons == records == len(items)
    by_id = {person.id: number for number, person in enumerate(PERSONS)}
    return {by_id[item["subject"]["id"]] for item in items}


@pytest.mark.parametrize(
    ("named", "reporter", "shown"),
    [
        ((MAYORS,), MAYOR, {HOSTER: {0}, MAYOR: {0}}),
        ((OF_HUIS,), SCHOOL, {HOSTER: {1}, MAYOR: {1}, SCHOOL: {1}}),
        ((COLLEGES,), COLLEGE, {HOSTER: {2}, COLLEGE: {2}}),
        ((MAYORS, COLLEGES), HOSTER, {HOSTER: {0, 2}, MAYOR: {0}, COLLEGE: {2}}),
        ((), SCHOOL, {HOSTER: {0, 1, 2}, MAYOR: {0, 1}, COLLEGE: {2}, SCHOOL: {0, 1, 2}}),
    ],
)
def test_the_controller_of_what_a_processor_leaked_reports_and_reads(
    played: Played, named: tuple[str, ...], reporter: str, shown: dict[str, set[int]]
) -> None:
    """By the arrangement of its covenant, else itself; of several controllers each is shown what is its own."""
    answer = report(played, HOSTER, f"at-hoster-{len(named)}-{reporter}", breach_at(played, HOSTER, *named))
    assert answer["reportingParty"] == reporter
    assert readers(played, answer["id"]) == shown.keys()
    assert {party: seen(played, answer["id"], party) for party in shown} == shown


def test_where_nothing_was_processed_the_register_says_for_whom(played: Played) -> None:
    """A window before the first act: the breach is the mayor's, for whom the hoster works."""
    body = breach_at(played, HOSTER, since=BEFORE, until=BEFORE)
    answer = report(played, HOSTER, "before-all", body)
    assert answer["reportingParty"] == MAYOR
    assert readers(played, answer["id"]) == {HOSTER, MAYOR}
    assert seen(played, answer["id"], MAYOR) == set()


@pytest.mark.parametrize(
    ("author", "named", "reporter", "shown"),
    [
        (MAYOR, (), SCHOOL, {HOSTER: {0, 1, 2}, MAYOR: {0, 1}, SCHOOL: {0, 1}}),
        (MAYOR, (MAYORS,), MAYOR, {HOSTER: {0}, MAYOR: {0}}),
        (COLLEGE, (COLLEGES,), COLLEGE, {HOSTER: {2}, COLLEGE: {2}}),
    ],
)
def test_a_controller_reports_a_breach_at_its_processor(
    played: Played, author: str, named: tuple[str, ...], reporter: str, shown: dict[str, set[int]]
) -> None:
    """By the register, or by the acts that it names; the breach is about its own data."""
    answer = report(played, author, f"by-{author}-{len(named)}", breach_at(played, HOSTER, *named))
    assert answer["reportingParty"] == reporter
    assert readers(played, answer["id"]) == shown.keys()
    assert {party: seen(played, answer["id"], party) for party in shown} == shown


@pytest.mark.parametrize(
    ("author", "party", "named"),
    [
        (COLLEGE, HOSTER, ()),
        (COLLEGE, HOSTER, (MAYORS,)),
        (POLICE, HOSTER, (COLLEGES,)),
        (MAYOR, COLLEGE, ()),
        (MAYOR, POLICE, (SENT,)),
        (HOSTER, MAYOR, (MAYORS,)),
    ],
)
def test_nobody_reports_a_breach_elsewhere(played: Played, author: str, party: str, named: tuple[str, ...]) -> None:
    """Not at another's processor, nor at whoever is none; a recipient reports its own, and so does a controller."""
    refused = report(played, author, f"elsewhere-{author}", breach_at(played, party, *named))
    assert isinstance(refused, NotAllowed)


def test_a_controller_names_no_act_of_another(played: Played) -> None:
    """An operation that the processor did for somebody else is unknown to it."""
    refused = report(played, MAYOR, "of-another", breach_at(played, HOSTER, MAYORS, COLLEGES))
    assert isinstance(refused, BreachInvalid)
    assert [error.pointer for error in refused.errors] == ["/operationIds/1"]


def test_the_hold_and_the_clock_follow_who_reports(played: Played) -> None:
    """What was hit is held for the controller, who alone has the 72 hours on its list."""
    answer = report(played, HOSTER, "held", breach_at(played, HOSTER, MAYORS))
    (hold,) = answer["holds"]
    for party, is_there in ((MAYOR, True), (HOSTER, False), (COLLEGE, False)):
        clocks = played.run(played.client.list_clocks(reader(party, "breach", "breach"))).items
        assert (answer["id"] in {breach_of(clock) for clock in clocks}) is is_there
    assert isinstance(caught(played, played.client.release_hold(reader(COLLEGE, "", "retention"), hold)), NotFound)
    assert "releasedAt" in played.run(played.client.release_hold(reader(MAYOR, "", "retention"), hold))


def breach_of(clock: Json) -> str | None:
    """The breach that started the clock, if one did."""
    found: str | None = clock["about"].get("breachId")
    return found


def received() -> Told:
    """The hoster, which works for the mayor, gets data of a school and collects in its own name, under no covenant."""
    yield 0, did(SCHOOL, "make-available", 0, "name", HOSTER)
    yield 1, did(HOSTER, "collect", 1, "name")


def shared() -> Told:
    """The hoster processes for the mayor and the college, and gets data of the school and the college besides.

    What it got of person 4 it erased. The mayor has data of the college: the hoster has nothing to do with these.
    """
    yield 0, did(MAYOR, "collect", 0, "name", processor=HOSTER)
    yield 1, did(SCHOOL, "make-available", 1, "name", HOSTER)
    yield 2, did(COLLEGE, "collect", 2, "contact", processor=HOSTER)
    yield 3, did(COLLEGE, "make-available", 3, "contact", HOSTER)
    yield 4, did(COLLEGE, "make-available", 4, "contact", HOSTER)
    yield 5, did(HOSTER, "erase", 4, "contact")
    yield 6, did(COLLEGE, "make-available", 0, "contact", MAYOR)


def for_one_only() -> Told:
    """The hoster processes for the college only, and gets data of a school besides."""
    yield 0, did(COLLEGE, "collect", 0, "name", processor=HOSTER)
    yield 1, did(SCHOOL, "make-available", 1, "name", HOSTER)


ERASED = START + timedelta(days=6)


@pytest.fixture(params=[1, 4])
def tell(request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres) -> Iterator[Callable[[Told], Played]]:
    """Plays a story on a ledger of its own, once per number of lanes."""
    with ledger(postgres_server.conninfo, request.param, START) as found:

        def play(story: Told) -> Played:
            found.play(steps_of(story))
            return found

        yield play


@pytest.mark.parametrize("named", [(), ("key-0-",)])
def test_who_reports_reads_what_the_processor_got_and_did_for_itself(
    tell: Callable[[Told], Played], named: tuple[str, ...]
) -> None:
    """For whom it works reports what the processor had from others or in its own name, and is shown all of it."""
    played = tell(received())
    answer = report(played, HOSTER, "received", breach_at(played, HOSTER, *named))
    assert answer["reportingParty"] == MAYOR
    assert readers(played, answer["id"]) == {HOSTER, MAYOR}
    assert [seen(played, answer["id"], party) for party in (HOSTER, MAYOR)] == [{0, 1}, {0, 1}]


def test_no_controller_learns_of_persons_that_others_supplied(tell: Callable[[Told], Played]) -> None:
    """Each is shown, counts and writes to whom was processed for it or came from it; the processor has them all."""
    played = tell(shared())
    answer = report(played, HOSTER, "shared", breach_at(played, HOSTER, since=ERASED))
    assert answer["reportingParty"] == HOSTER
    shown = {HOSTER: {0, 1, 2, 3}, MAYOR: {0}, COLLEGE: {2, 3}}
    assert readers(played, answer["id"]) == shown.keys()
    for limit in (None, 1):
        assert {party: seen(played, answer["id"], party, limit) for party in shown} == shown
    assert {party: written(played, answer["id"], party) for party in shown} == shown


def test_of_linked_persons_each_controller_is_told_by_its_own_identifier(tell: Callable[[Told], Played]) -> None:
    """A person of the school and the college is one to the processor; to the mayor, who supplied neither, nobody."""

    def told() -> Told:
        yield from shared()
        yield 7, Link(author=COLLEGE, first=1, second=3, linked=True)

    played = tell(told())
    answer = report(played, HOSTER, "linked", breach_at(played, HOSTER, since=ERASED))
    for limit in (None, 1):
        assert seen(played, answer["id"], COLLEGE, limit) == {2, 3}
        assert seen(played, answer["id"], MAYOR, limit) == {0}
    items, counts = read_hits(played, answer["id"], HOSTER, None)
    assert (len(items), counts) == (3, (3, 4))


def test_before_it_was_erased_what_came_from_a_controller_is_its_own(tell: Callable[[Told], Played]) -> None:
    """A window before the delete: the college is shown person 4 too; named, what it sent is what was exposed."""
    played = tell(shared())
    answer = report(played, HOSTER, "earlier", breach_at(played, HOSTER))
    assert seen(played, answer["id"], COLLEGE) == {2, 3, 4}
    answer = report(played, HOSTER, "named", breach_at(played, HOSTER, "key-0-", "key-2-", "key-3-", "key-4-"))
    assert answer["reportingParty"] == HOSTER
    assert [written(played, answer["id"], party) for party in (MAYOR, COLLEGE)] == [{0}, {2, 3, 4}]


def test_what_a_controller_reports_is_in_the_reports_of_its_own_persons(tell: Callable[[Told], Played]) -> None:
    """A breach that the mayor reports exposes nobody whose data the processor has from others."""
    played = tell(shared())
    answer = report(played, MAYOR, "by-mayor", breach_at(played, HOSTER, since=ERASED))
    assert {party: seen(played, answer["id"], party) for party in (HOSTER, MAYOR)} == {HOSTER: {0, 1, 2, 3}, MAYOR: {0}}
    told = {person for person in range(5) for line in report_of(played, person) if line["type"] == "breach"}
    assert told == {0}


def test_who_audits_sees_what_others_supplied_too(tell: Callable[[Told], Played]) -> None:
    """For the purposes of the log a controller that audits the ledger is no mere controller; for a breach it is."""
    played = tell(shared())
    answer = report(played, HOSTER, "audited", breach_at(played, HOSTER, since=ERASED))
    for purpose, persons in (("internal-control", 4), ("breach", 2)):
        auditor = reader(COLLEGE, purpose, "breach", "audit")
        page = played.run(played.client.impact(auditor, answer["id"], None, None))
        assert page["persons"] == len(page["items"]) == persons


def test_what_leaked_says_for_whom_it_was_processed(tell: Callable[[Told], Played]) -> None:
    """Of data that the processor has of one controller only that one reports, and reads all of these."""
    played = tell(shared())
    answer = report(played, HOSTER, "contact", breach_at(played, HOSTER, since=ERASED, about=("name",)))
    assert answer["reportingParty"] == MAYOR
    assert readers(played, answer["id"]) == {HOSTER, MAYOR}
    assert seen(played, answer["id"], MAYOR) == {0, 1}


def test_what_the_processor_got_is_not_the_only_controllers(tell: Callable[[Told], Played]) -> None:
    """What came in without a covenant is of whom the processor works for, so that nobody stands in its place."""
    played = tell(for_one_only())
    answer = report(played, HOSTER, "for-one", breach_at(played, HOSTER))
    assert answer["reportingParty"] == HOSTER
    shown: dict[str, set[int]] = {HOSTER: {0, 1}, COLLEGE: {0}, MAYOR: set()}
    assert readers(played, answer["id"]) == shown.keys()
    assert {party: seen(played, answer["id"], party) for party in shown} == shown


def written(played: Played, identifier: str, party: str) -> set[int]:
    """To whom a party may write about a breach."""
    letters, caller = played.process.letter_commands, reader(party, "breach", "breach")
    answers = [caught(played, letters.breach_target(caller, identifier, person)) for person in PERSONS]
    assert all(isinstance(answer, NotFound) or answer.controller == party for answer in answers)
    return {number for number, answer in enumerate(answers) if not isinstance(answer, NotFound)}
