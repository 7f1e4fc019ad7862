"""Overlap without names through the public API of a served ledger: sizes come out, and nothing stays that points back.

The parties are four systems that know nothing but the contract; the clock is that of a scenario.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from services.ledger.application.vault_errors import VaultFailure
from services.ledger.storage.vault_file import SealedFileVault
from tests.security.test_canary import Caller
from tests.support.served import Served, served

Json = dict[str, Any]
OVERLAPS = "/v1/overlaps"
WRITE = "processing:write"
BSNS = [f"99999{number:04}" for number in (19, 20, 32, 44, 56, 68, 81, 93, 111)]
GROUND: Json = {
    "purpose": "aanpak-jeugdgroepen",
    "legalBasis": {"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"},
    "necessity": {"proportionality": "only sizes", "subsidiarity": "names would tell more than is asked"},
}
DECISION = "wpg-20-overlap"
AT_TABLE: Json = {"covenant": {"id": "pga", "annex": "groups"}, "phase": "signalling"}


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A served ledger with four parties and a decision that lets police data go to two of them."""
    with served(tmp_path_factory.mktemp("overlap"), clock="scenario") as running:
        calls = Caller(running)
        set_clock(calls, "2026-03-02T10:00:00+01:00")
        parties = (
            ("burgemeester", "public-body", "burgemeester"),
            ("police", "police", "korpschef"),
            ("school", "public-body", "schoolbestuur"),
            ("youth", "private-controller", None),
        )
        for party, kind, organ in parties:
            register(calls, "/v1/parties", {"id": party, "name": party, "kind": kind, "organ": organ})
        decision = {"id": DECISION, "kind": "wpg-20", "by": "police", "covers": ["school", "youth"], "purpose": "count"}
        register(calls, "/v1/decisions", decision)
        table = {"id": "pga", "version": 1, "validFrom": "2026-01-01", "published": "2026-01-01", "regime": 2}
        partners = [{"party": party} for party, _, _ in parties]
        annexes = [{"id": "groups", "dataCategories": ["name", "police-report"], "retention": {"signalling": "P3M"}}]
        register(calls, "/v1/covenants", table | {"purpose": "count", "partners": partners, "annexes": annexes})
        fixed = {"dataCategories": ["name", "police-report"], "partnership": "pga/groups"}
        register(calls, "/v1/decisions", decision | fixed | {"id": f"{DECISION}-fixed"})
        yield calls


@pytest.fixture
def caller(calls: Caller, days: Iterator[int]) -> Caller:
    """The same ledger on a day of its own, so that what one test asked does not count for another."""
    set_clock(calls, f"2026-03-{next(days):02}T10:00:00+01:00")
    return calls


@pytest.fixture(scope="module")
def days() -> Iterator[int]:
    """The days of a month, three apart."""
    return iter(range(3, 28, 3))


def set_clock(caller: Caller, now: str) -> None:
    """Move the clock; everything due is done when this returns."""
    assert caller.post("/v1/clock", {"now": now}, "registrar", "governance").status_code == 200


def register(caller: Caller, path: str, body: Json) -> None:
    """Make an entry of the register known."""
    answer = caller.post(path, {name: value for name, value in body.items() if value is not None}, "r", "governance")
    assert answer.status_code == 201, answer.text


def ask(caller: Caller, *parties: str, key: str | None = None) -> httpx.Response:
    """The burgemeester asks these parties."""
    body = {"id": key or str(uuid4()), "controller": "burgemeester", "parties": list(parties), **GROUND}
    return caller.post(OVERLAPS, body, "burgemeester", WRITE)


def read(caller: Caller, overlap: str, party: str) -> Json:
    """How it stands for a party."""
    answer = caller.get(f"{OVERLAPS}/{overlap}", party, WRITE, "operations")
    body: Json = answer.json()
    return body | {"status": answer.status_code}


def hand_in(caller: Caller, overlap: str, party: str, bsns: list[str], **more: Any) -> httpx.Response:
    """A party works out its pseudonyms with the secret that it reads, and hands them in."""
    secret = base64.urlsafe_b64decode(read(caller, overlap, party).get("secret", "") + "=")
    pseudonyms = [hmac.digest(secret, f"BSN:{bsn}".encode(), hashlib.sha256).hex() for bsn in bsns]
    body = {"id": f"in-{party}-{overlap}", "pseudonyms": pseudonyms, **GROUND, **more}
    return caller.post(f"{OVERLAPS}/{overlap}/persons", body, party, WRITE)


def test_parties_learn_how_many_they_have_in_common_and_nothing_stays(caller: Caller) -> None:
    """Seven youths in all, three of them known to both schools; no number, pseudonym or secret is left anywhere."""
    opened = ask(caller, "school", "youth")
    assert opened.status_code == 201, opened.text
    overlap = opened.json()["id"]
    assert "secret" not in opened.json(), "who asks and does not hand in needs no secret"
    secret = read(caller, overlap, "school")["secret"]
    assert hand_in(caller, overlap, "school", BSNS[:5]).json()["handedIn"] == ["school"]
    assert "secret" not in read(caller, overlap, "school"), "whoever handed in needs it no more"
    counted = hand_in(caller, overlap, "youth", BSNS[2:7])
    assert counted.status_code == 200, counted.text
    found = read(caller, overlap, "burgemeester")
    assert (found["state"], found["count"]["union"]["size"]) == ("counted", 7)
    assert found["count"]["intersections"] == [{"parties": ["school", "youth"], "size": 3}]
    assert hand_in(caller, overlap, "youth", BSNS).status_code == 409
    assert_nothing_is_left(caller, overlap, secret)
    steps = caller.post(
        "/v1/processing-operations/_search", {"party": "burgemeester"}, "burgemeester", "audit", "security"
    )
    assert {item["operation"] for item in steps.json()["items"]} >= {"combine", "make-available"}, steps.text


def assert_nothing_is_left(caller: Caller, overlap: str, secret: str) -> None:
    """Neither in the tables nor in the log, and the key that the secret was wrapped under is destroyed for good."""
    ledger = caller.ledger
    assert isinstance(ledger, Served)
    with psycopg.connect(ledger.conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM overlap_person").fetchone() == (0,)
        row = connection.execute("SELECT wrapped_secret, is_settled FROM overlap WHERE overlap_id = %s", (overlap,))
        assert row.fetchall() == [(None, True)]
    written = ledger.log.read_text(encoding="utf-8")
    assert secret not in written
    assert not [bsn for bsn in BSNS if bsn in written]
    vault_file = ledger.home / "vault" / "vault"
    with pytest.raises(VaultFailure):
        SealedFileVault(vault_file, create=False).unwrap(f"overlap:{overlap}", b"x" * 60, b"")


def test_police_data_need_a_ground_of_the_police_act(caller: Caller) -> None:
    """Without a regime it is malformed, without a ground it is refused and stays out, with a decision it is taken."""
    overlap = ask(caller, "police", "school", "youth").json()["id"]
    assert hand_in(caller, overlap, "police", BSNS[:3]).json()["errors"][0]["code"] == "overlap-regime"
    refused = hand_in(
        caller, overlap, "police", BSNS[:3], id=str(uuid4()), dataRegime="Wpg-8", legalBasis={"statute": "Wpg 8"}
    )
    assert refused.status_code == 403, refused.text
    assert refused.json()["verdict"]["findings"][0]["code"] == "recipient-without-ground"
    assert read(caller, overlap, "school")["handedIn"] == []
    ground = {"dataRegime": "Wpg-20", "legalBasis": {"statute": "Wpg 20"}, "decisionId": DECISION}
    taken = hand_in(caller, overlap, "police", BSNS[:3], id=str(uuid4()), **ground)
    assert taken.status_code == 200, taken.text
    assert taken.json()["handedIn"] == ["police"]


def test_partners_count_at_their_table(caller: Caller) -> None:
    """Under a covenant whose annex lists categories, and under a decision that fixes them: all is taken and counted."""
    body = {"id": str(uuid4()), "controller": "burgemeester", "parties": ["police", "school"], **GROUND, **AT_TABLE}
    asked = caller.post(OVERLAPS, body, "burgemeester", WRITE)
    assert asked.status_code == 201, asked.text
    overlap = asked.json()["id"]
    ground = {"dataRegime": "Wpg-20", "legalBasis": {"statute": "Wpg 20"}}
    refused = hand_in(caller, overlap, "police", BSNS[:3], id=str(uuid4()), **AT_TABLE, **ground)
    assert [found["code"] for found in refused.json()["verdict"]["findings"]] == ["recipient-without-ground"]
    decided = {**ground, "decisionId": f"{DECISION}-fixed"}
    taken = hand_in(caller, overlap, "police", BSNS[:3], id=str(uuid4()), **AT_TABLE, **decided)
    assert taken.status_code == 200, taken.text
    assert hand_in(caller, overlap, "school", BSNS[1:4], **AT_TABLE).json()["state"] == "counted"


def test_an_overlap_ends_by_itself_after_a_day(caller: Caller) -> None:
    """What was handed in by then is gone uncounted; nobody can hand in any more."""
    asked = ask(caller, "school", "youth")
    overlap = asked.json()["id"]
    secret = read(caller, overlap, "school")["secret"]
    hand_in(caller, overlap, "school", BSNS[:5])
    set_clock(caller, asked.json()["closesAt"])
    assert read(caller, overlap, "youth")["state"] == "expired"
    assert hand_in(caller, overlap, "youth", BSNS[:5]).json()["code"] == "overlap-over"
    assert_nothing_is_left(caller, overlap, secret)


def test_who_asked_may_withdraw_and_others_see_nothing(caller: Caller) -> None:
    """A party that was not asked finds nothing, also not to withdraw; one that was asked cannot end it."""
    overlap = ask(caller, "school", "youth").json()["id"]
    assert read(caller, overlap, "police")["status"] == 404
    assert read(caller, "no-such-id", "school")["status"] == 404
    withdraw = f"{caller.ledger.base_url}{OVERLAPS}/{overlap}"
    assert httpx.delete(withdraw, headers=caller.headers("school", WRITE), timeout=30).status_code == 404
    assert httpx.delete(withdraw, headers=caller.headers("burgemeester", WRITE), timeout=30).status_code == 200
    assert read(caller, overlap, "school")["state"] == "withdrawn"


def test_what_is_handed_in_is_checked_and_never_repeated(caller: Caller) -> None:
    """Too few, twice the same, a number in the clear or no hex: told by code, and not with a value."""
    overlap = ask(caller, "school", "youth").json()["id"]
    for pseudonyms, code in (
        (["0" * 64, "1" * 64], "overlap-persons"),
        (["0" * 64] * 3, "overlap-persons"),
        (["999990019", "1" * 64, "2" * 64], "overlap-pseudonym"),
        (["x" * 64, "1" * 64, "2" * 64], "overlap-pseudonym"),
    ):
        body = {**GROUND, "pseudonyms": pseudonyms}
        answer = caller.post(f"{OVERLAPS}/{overlap}/persons", body, "school", WRITE)
        assert answer.status_code == 400
        assert [error["code"] for error in answer.json()["errors"]] == [code]
        assert "999990019" not in answer.text


def test_a_count_is_between_parties_that_are_known(caller: Caller) -> None:
    """One party, the same one twice, or one that nobody registered: nothing is opened."""
    for parties in (["school"], ["school", "school"], ["school", "nobody"]):
        answer = ask(caller, *parties)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "overlap-parties")


def test_a_party_asks_a_bounded_number_a_day(caller: Caller) -> None:
    """The eleventh is refused, the same one again is not; a day later there is room."""
    for number in range(10):
        assert ask(caller, "school", "youth", key=f"ask-{number}").status_code == 201
    refused = ask(caller, "school", "youth", key="ask-10")
    assert (refused.status_code, refused.json()["code"]) == (429, "overlaps-too-many")
    assert refused.headers["retry-after"] == "86401", "the clock stands still, and what is a day old still counts"
    assert ask(caller, "school", "youth", key="ask-0").status_code == 201
    closes_at = ask(caller, "school", "youth", key="ask-9").json()["closesAt"]
    set_clock(caller, closes_at.replace("00:00Z", "01:00Z"))
    assert ask(caller, "school", "youth", key="ask-10").status_code == 201
