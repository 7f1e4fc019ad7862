"""After an erasure and after the end of a day nobody finds what was said: not with the files, the tables and the vault.

One process tree as a user starts it, on a scenario clock; the search covers everything below its home.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.runtime.postgres_dump import dump_database, load_dump
from tests.security.test_canary import Caller, data_directory
from tests.support.burglar import open_everything
from tests.support.served import Served, served

Json = dict[str, Any]
OPERATIONS = "/v1/processing-operations"
PARTIES = (("college", "public-body"), ("politie", "police"), ("school", "private-controller"))
ERASED, WHOLE, ENDS, STAYS = "999990019", "999990020", "999990032", "999990044"
GONE = ("gone-dossier-7Q2", "gone-person-8R3", "gone-day-9K4", WHOLE, ENDS)
KEPT = ("kept-case-1Z5", "kept-police-2X6", "kept-held-3C7", ERASED, STAYS)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Served]:
    """A served ledger on a scenario clock."""
    with served(tmp_path, clock="scenario") as running:
        yield running


def act(number: int, bsn: str, text: str, controller: str = "college", **more: Any) -> Json:
    """An act on one person that says one text."""
    return {
        "id": f"act-{number}",
        "operation": "record",
        "occurredAt": "2026-03-02T10:00:00+01:00",
        "controller": controller,
        "subjects": [{"idType": "BSN", "id": bsn}],
        "dataCategories": ["name"],
        "description": text,
        "recordRetention": {"period": "P5Y"},
    } | more


def set_clock(caller: Caller, now: str) -> None:
    """Move the clock; everything due is done when this returns."""
    answer = caller.post("/v1/clock", {"now": now}, "registrar", "governance")
    assert answer.status_code == 200, answer.text


def record_all(caller: Caller) -> None:
    """What is to be forgotten in three ways, and what stays beside it."""
    set_clock(caller, "2026-03-02T10:00:00+01:00")
    for party, kind in PARTIES:
        body = {"id": party, "name": party, "kind": kind, "domains": []}
        assert caller.post("/v1/parties", body, "registrar", "governance").status_code == 201
    short: Json = {"recordRetention": {"period": "P3D"}, "retention": {"period": "P3D"}}
    for body in (
        act(1, ERASED, GONE[0], caseId="Z-1"),
        act(2, ERASED, KEPT[0], caseId="Z-2"),
        act(3, ERASED, KEPT[1], controller="politie"),
        act(4, WHOLE, GONE[1]),
        act(5, ENDS, GONE[2], **short),
        act(6, STAYS, KEPT[2], **short),
        act(7, ERASED, GONE[0], caseId="Z-1", operation="make-available", recipients=[{"party": "school"}]),
    ):
        answer = caller.post(OPERATIONS, body, str(body["controller"]), "processing:write")
        assert answer.status_code == 201, answer.text
    hold = {"subject": {"idType": "BSN", "id": STAYS}, "reason": "a court asks", "kind": "court"}
    assert caller.post("/v1/retention/holds", hold, "college", "retention").status_code == 201


def forget_all(caller: Caller) -> None:
    """One dossier, one person, and a day."""
    for number, (bsn, more) in enumerate(
        ((ERASED, {"scope": {"controller": "college", "caseId": "Z-1"}}), (WHOLE, {})), 1
    ):
        body = {"id": f"erasure-{number}", "subject": {"idType": "BSN", "id": bsn}, "ground": "AVG 17(1)(d)"}
        answer = caller.post("/v1/erasures", body | more | {"decision": "B-1"}, "college", "retention")
        assert answer.status_code == 202, answer.text
    set_clock(caller, "2026-03-06T09:00:00+01:00")


def files_of(ledger: Served) -> Iterator[tuple[str, bytes]]:
    """Every file of the ledger and of its PostgreSQL, which may lie elsewhere."""
    for folder in (ledger.folder, data_directory(ledger.conninfo)):
        for path in folder.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file():
                    yield str(path), path.read_bytes()


def find(texts: tuple[str, ...], places: Iterator[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Which of the texts stand where."""
    return [(text, place) for place, content in places for text in texts if text.encode() in content]


def opened(conninfo: str, vault_file: Path) -> bytes:
    """All that still opens, in one piece."""
    return b"\n".join(open_everything(conninfo, vault_file))


def test_what_was_forgotten_is_found_nowhere(ledger: Served, tmp_path: Path) -> None:
    """Not in files or tables, nor with all keys that are left; what stays, stays; an older dump gives no ended day."""
    caller = Caller(ledger)
    vault = ledger.home / "vault" / "vault"
    record_all(caller)
    before = opened(ledger.conninfo, vault)
    assert all(text.encode() in before for text in GONE + KEPT)
    dump = tmp_path / "before.dump"
    dump_database(ledger.conninfo, dump)
    forget_all(caller)
    after = opened(ledger.conninfo, vault)
    assert [text for text in GONE if text.encode() in after] == []
    assert [text for text in KEPT if text.encode() not in after] == []
    with psycopg.connect(ledger.conninfo, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    assert find(GONE + KEPT, files_of(ledger)) == []
    answered(caller)
    older = restored(ledger, dump)
    assert GONE[2].encode() not in opened(older, vault)
    verified = ledger.command("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def answered(caller: Caller) -> None:
    """What the ledger answers: the erased and the ended are unknown, the others are there, their proofs verify."""
    reading = ("college", "processing:read", "operations")
    found = {n: caller.get(f"{OPERATIONS}/act-{n}", *reading).status_code for n in (1, 2, 4, 5, 6, 7)}
    assert found == {1: 404, 2: 200, 4: 404, 5: 404, 6: 200, 7: 404}
    assert caller.get(f"{OPERATIONS}/act-3", "politie", "processing:read", "operations").status_code == 200
    assert caller.get(f"{OPERATIONS}/act-2/proof", *reading).status_code == 200
    inbox = caller.post("/v1/obligations/_search", {"kind": "erase"}, "school", "retention", "operations")
    owed = [item for item in inbox.json()["items"] if item["state"] == "owed"]
    assert [item["party"] for item in owed] == ["school"]
    state = caller.get("/v1/erasures/erasure-1", "college", "retention", "operations").json()["state"]
    assert state == "waiting"


def restored(ledger: Served, dump: Path) -> str:
    """The dump in a database of its own, by pg_restore alone."""
    other = make_conninfo(ledger.conninfo, dbname="older")
    with psycopg.connect(ledger.conninfo, autocommit=True) as connection:
        connection.execute("CREATE DATABASE older TEMPLATE template0")
    load_dump(other, dump)
    assert conninfo_to_dict(other)["dbname"] == "older"
    return other
