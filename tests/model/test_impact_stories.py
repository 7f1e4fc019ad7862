"""Breaches whose answer anybody can work out: a person under two identifiers, and what went to the wrong place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import Act
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import AccessRequestBody, Requester
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.model import oracle_answers as oracle
from tests.model.impact_questions import check_hits, read_hits, report
from tests.model.oracle_play import Json, Played, caught, ledger, reader
from tests.model.strategies import (
    COLLEGE,
    HOSTER,
    MAYOR,
    PERSONS,
    SCHOOL,
    START,
    Correct,
    Link,
    Record,
    Step,
    subject_of,
)

BSN, V_NUMBER = 0, 4
BREACH_DAY = 70
What = Record | Correct | Link
Told = Iterator[tuple[int, What]]
"""What happened on which day after the start."""


def did(party: str, operation: str, person: int, category: str, *to: str, **more: Any) -> Record:
    """An act of a party about one person, on the day on which it is told."""
    fields = {
        "operation": operation,
        "controller": party,
        "subjects": [subject_of(person, 0)],
        "dataCategories": [category],
        "recipients": [{"party": recipient} for recipient in to],
        "legalBasis": {"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"},
        "occurredAt": START.isoformat(),
    }
    return Record(author=party, body=msgspec.convert(fields | more, Act))


def steps_of(told: Told) -> list[Step]:
    """The story in order of its days, each act at the moment at which it is told, under a key by its number."""
    steps = []
    for number, (day, what) in enumerate(sorted(told, key=lambda each: each[0])):
        now = START + timedelta(days=day)
        done: What = what
        if isinstance(what, Record) and isinstance(what.body, Act):
            done = Record(author=what.author, body=msgspec.structs.replace(what.body, occurred_at=now))
        steps.append(Step(key=f"key-{number}-", now=now, what=done))
    return steps


def other_data_under_the_other(party: str, first: int, second: int) -> Told:
    """The party has a report of the person under one identifier, and the name under the other."""
    yield 0, did(party, "collect", first, "report")
    yield 0, did(party, "collect", second, "name")


def erased_under_the_other(party: str, first: int, second: int) -> Told:
    """The party had the name under one identifier and erased it, and recorded it anew under the other."""
    yield 0, did(party, "collect", first, "name")
    yield 10, did(party, "erase", first, "name")
    yield 40, did(party, "collect", second, "name")


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize(
    ("story", "categories"),
    [(other_data_under_the_other, ("name",)), (erased_under_the_other, ("name",)), (erased_under_the_other, ())],
)
def test_a_person_under_two_identifiers_is_shown_by_either(
    postgres_server: EmbeddedPostgres, lanes: int, story: Callable[..., Told], categories: tuple[str, ...]
) -> None:
    """Whoever is counted is listed, whichever of the two streams comes first: two parties did it either way round."""

    def told() -> Told:
        yield from story(COLLEGE, BSN, V_NUMBER)
        yield from story(MAYOR, V_NUMBER, BSN)
        yield BREACH_DAY, Link(author=COLLEGE, first=BSN, second=V_NUMBER, linked=True)

    with ledger(postgres_server.conninfo, lanes, START) as played:
        played.play(steps_of(told()))
        for party in (COLLEGE, MAYOR):
            leak = oracle.Leak(party, played.now, played.now, played.now, categories, ())
            identifier = report(played, f"breach-at-{party}", leak)
            items, counts = read_hits(played, identifier, party, None)
            assert [item["dataCategories"] for item in items] == [["name"]]
            assert counts == (1, 1)
            for limit in (None, 1):
                check_hits(played, identifier, leak, limit)


def went_to_the_wrong_school() -> Told:
    """The college collects of 0 and 2, and sends 0, 1 and 3 to a school; of 3 it says that this never happened."""
    yield 0, did(COLLEGE, "collect", 0, "name")
    yield 0, did(COLLEGE, "collect", 2, "contact")
    for day, person in ((1, 0), (2, 1), (3, 3)):
        yield day, did(COLLEGE, "disclose-by-transmission", person, "name", SCHOOL)
    yield 4, Correct(about=4, kind="annulled", first_only=False, other=None, by_author=True)


SENT = ("key-2-", "key-3-", "key-4-")


@pytest.fixture(scope="module")
def misdelivered(postgres_server: EmbeddedPostgres) -> Iterator[Played]:
    """The story of the wrong school on a ledger of four lanes."""
    with ledger(postgres_server.conninfo, 4, START) as played:
        played.play(steps_of(went_to_the_wrong_school()))
        yield played


def by_person(played: Played, party: str, items: list[Json]) -> dict[int, Json]:
    """The items by the number of the person."""
    return {played.people[party][item["subject"]["ref"]]: item for item in items}


@pytest.mark.parametrize("limit", [None, 1, 2])
def test_who_names_what_it_sent_to_the_wrong_place_finds_whom_it_was_about(
    misdelivered: Played, limit: int | None
) -> None:
    """Named at its sender, a share exposes every person it is about, also of whom nothing was ever collected (S78)."""
    played = misdelivered
    leak = oracle.Leak(COLLEGE, played.now, played.now, played.now, (), SENT)
    identifier = report(played, f"sent-astray-{limit}", leak)
    check_hits(played, identifier, leak, limit)
    items, counts = read_hits(played, identifier, COLLEGE, limit)
    found = by_person(played, COLLEGE, items)
    assert {person: item["inform"] for person, item in found.items()} == {0: "yes", 1: "yes", 2: "no"}
    assert {person: item["exposed"] for person, item in found.items()} == {0: True, 1: True, 2: False}
    assert {person: item["operationIds"] for person, item in found.items()} == {
        0: ["key-0-", "key-2-"],
        1: ["key-3-"],
        2: ["key-1-"],
    }
    assert found[1]["sources"] == [{"party": COLLEGE, "operationId": "key-3-"}]
    assert found[1]["bases"][0]["own"]["gdpr"] == "6(1)(e)"
    assert [(hop["party"], hop["operationId"]) for hop in found[1]["onward"]] == [(SCHOOL, "key-3-")]
    assert counts == (3, 4)


def test_what_is_named_is_exposed_as_far_as_it_is_about_what_leaked(misdelivered: Played) -> None:
    """A breach that names its categories exposes nobody by a share of others."""
    played = misdelivered
    for categories, expected in (("contact",), {2: False}), (("name", "contact"), {0: True, 1: True, 2: False}):
        leak = oracle.Leak(COLLEGE, played.now, played.now, played.now, categories, SENT)
        identifier = report(played, f"leak-of-{'-'.join(categories)}", leak)
        check_hits(played, identifier, leak, None)
        items, _ = read_hits(played, identifier, COLLEGE, None)
        assert {person: item["exposed"] for person, item in by_person(played, COLLEGE, items).items()} == expected


def test_what_is_named_where_it_came_in_exposes_what_it_carries_there(misdelivered: Played) -> None:
    """At its recipient a share exposes as before: whom it gave something of, and nobody else."""
    played = misdelivered
    leak = oracle.Leak(SCHOOL, played.now, played.now, played.now, (), SENT[:1])
    identifier = report(played, "came-in-astray", leak)
    check_hits(played, identifier, leak, None)
    items, counts = read_hits(played, identifier, SCHOOL, None)
    found = by_person(played, SCHOOL, items)
    assert {person: item["exposed"] for person, item in found.items()} == {0: True, 1: False}
    assert counts == (2, 2)


def test_whom_a_sent_message_exposed_reads_so_in_his_report(misdelivered: Played) -> None:
    """The person finds the breach of its sender, with the data that were sent, and nobody else does."""
    played = misdelivered
    leak = oracle.Leak(COLLEGE, played.now, played.now, played.now, (), SENT)
    report(played, "told-in-the-report", leak)
    for person, expected in ((0, ["name"]), (1, ["name"]), (2, None), (3, None)):
        lines = report_of(played, person)
        told = [line for line in lines if line["type"] == "breach" and line["controller"] == COLLEGE]
        assert bool(told) is (expected is not None)
        assert all(line["dataCategories"] == expected for line in told)
        assert all(line["explanation"].endswith("datalek bij college. Het gaat om uw naam.") for line in told)


def test_whom_a_sent_message_exposed_can_be_written_to(misdelivered: Played) -> None:
    """The sender writes to everybody its message was about, and to nobody else (AVG 34)."""
    played = misdelivered
    leak = oracle.Leak(COLLEGE, played.now, played.now, played.now, (), SENT)
    identifier = report(played, "written-to", leak)
    caller, letters = reader(COLLEGE, "breach", "breach"), played.process.letter_commands
    for person in (0, 1):
        assert played.run(letters.breach_target(caller, identifier, PERSONS[person])).controller == COLLEGE
    for person in (2, 3):
        assert isinstance(caught(played, letters.breach_target(caller, identifier, PERSONS[person])), NotFound)


def report_of(played: Played, person: int) -> list[Json]:
    """The lines of a person's report to himself."""
    body = AccessRequestBody(
        subject=PERSONS[person], received_at=played.now, received_by=MAYOR, requested_by=Requester(role="subject")
    )
    desk = reader(MAYOR, "access-request", "subject:access")
    request = played.run(played.client.open_access_request(desk, f"request-of-{person}", body))
    played.settle()
    own = reader(MAYOR, "access-request", "subject:access", subject=PERSONS[person])
    return list(played.run(played.client.report_access(own, request["id"]))["lines"])


def test_a_processor_that_names_what_it_did_finds_whom_it_was_about(postgres_server: EmbeddedPostgres) -> None:
    """A processor holds nothing for itself; what it did for its controller exposes whom it was about all the same."""

    def told() -> Told:
        yield 0, did(MAYOR, "collect", 0, "name", processor=HOSTER)
        yield 1, did(MAYOR, "make-available", 1, "name", SCHOOL, processor=HOSTER)
        yield 2, did(MAYOR, "make-available", 2, "name", SCHOOL)

    with ledger(postgres_server.conninfo, 1, START) as played:
        played.play(steps_of(told()))
        leak = oracle.Leak(HOSTER, played.now, played.now, played.now, (), ("key-0-", "key-1-"))
        identifier = report(played, "at-the-processor", leak)
        check_hits(played, identifier, leak, None)
        items, counts = read_hits(played, identifier, HOSTER, None)
        found = by_person(played, HOSTER, items)
        assert {person: item["exposed"] for person, item in found.items()} == {0: True, 1: True}
        assert {source["party"] for item in items for source in item["sources"]} == {MAYOR}
        assert counts == (2, 2)


def hosted() -> Told:
    """The hoster works for the mayor and, later, for the college, which deletes what it got of person 3 before."""
    yield 0, did(MAYOR, "collect", 0, "name", processor=HOSTER)
    yield 1, did(MAYOR, "make-available", 1, "name", SCHOOL, processor=HOSTER)
    yield 2, did(MAYOR, "collect", 2, "name")
    yield 3, did(COLLEGE, "collect", 3, "contact", processor=HOSTER)
    yield 4, did(COLLEGE, "erase", 3, "contact")
    yield 20, did(MAYOR, "disclose-by-transmission", 4, "name", SCHOOL, processor=HOSTER)


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_processor_that_names_nothing_had_what_it_processed(postgres_server: EmbeddedPostgres, lanes: int) -> None:
    """What it did in the window, and what its controllers kept of what it did before; its person reads so too."""
    with ledger(postgres_server.conninfo, lanes, START) as played:
        played.play(steps_of(hosted()))
        for begins, expected in ((10, {0, 4}), (0, {0, 1, 3, 4}), (25, {0})):
            since = START + timedelta(days=begins)
            leak = oracle.Leak(HOSTER, since, max(since, played.now), played.now, (), ())
            identifier = report(played, f"hosted-{begins}", leak)
            for limit in (None, 1):
                check_hits(played, identifier, leak, limit)
            items, _ = read_hits(played, identifier, HOSTER, None)
            assert set(by_person(played, HOSTER, items)) == expected
            assert all(item["exposed"] for item in items)
        about_contact = oracle.Leak(HOSTER, START, played.now, played.now, ("contact",), ())
        identifier = report(played, "hosted-contact", about_contact)
        check_hits(played, identifier, about_contact, None)
        for person, told in ((0, 3), (1, 1), (2, 0), (3, 2), (4, 2)):
            lines = report_of(played, person)
            assert len([line for line in lines if line["type"] == "breach"]) == told, person


def test_who_names_an_act_names_what_came_in_its_place(postgres_server: EmbeddedPostgres) -> None:
    """As it was corrected, and about the right person; both read so in their reports, the wrong one no more."""

    def told() -> Told:
        yield 0, did(COLLEGE, "disclose-by-transmission", 0, "report", SCHOOL)
        yield 0, did(COLLEGE, "disclose-by-transmission", 1, "report", SCHOOL)
        yield 1, Correct(about=0, kind="correction", first_only=False, other=None, by_author=True)
        yield 2, Correct(about=1, kind="wrong-person", first_only=False, other=2, by_author=True)

    with ledger(postgres_server.conninfo, 4, START) as played:
        played.play(steps_of(told()))
        leak = oracle.Leak(COLLEGE, played.now, played.now, played.now, (), ("key-0-", "key-1-"))
        identifier = report(played, "named-before", leak)
        check_hits(played, identifier, leak, None)
        items, counts = read_hits(played, identifier, COLLEGE, None)
        found = by_person(played, COLLEGE, items)
        assert {person: item["dataCategories"] for person, item in found.items()} == {0: ["name"], 2: ["report"]}
        assert all(item["exposed"] for item in items)
        assert counts == (2, 2)
        for person, expected in ((0, [["name"]]), (1, []), (2, [["report"]])):
            lines = report_of(played, person)
            assert [line["dataCategories"] for line in lines if line["type"] == "breach"] == expected
