"""A ledger as it is started by anybody: what it makes others owe lies in their folders when its clock has moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.bench.workload import CONTROLLER, bsn_of, governance
from tests.support.served import Served, served

COVENANT = {"id": "veiligheidshuis-1", "annex": "jeugdgroepen"}
NAME = "Kanariegele naam in een omschrijving"


class Household:
    """A scenario ledger with its tokens and its folders."""

    def __init__(self, ledger: Served) -> None:
        """Stand at the beginning of May 2026 with a filled register."""
        self.ledger = ledger
        self.registrar = ledger.token("registrar", "governance")
        self.mayor = ledger.token(CONTROLLER, "processing:write processing:read")
        self.youth = ledger.token("jongerenwerk-middelstad", "notice")
        self.college = ledger.token("college-middelstad", "notice")
        self.move("2026-05-03T08:00:00Z")
        for path, body in governance():
            self.post(path, self.registrar, body, 201)

    def post(self, path: str, token: str, body: dict[str, Any], status: int) -> Any:
        """Call the API."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{self.ledger.base_url}{path}", json=body, headers=headers, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()

    def move(self, now: str) -> None:
        """Set the clock: what became due is done before this is answered."""
        self.post("/v1/clock", self.registrar, {"now": now}, 200)

    def act(self, key: str, operation: str, at: str, **fields: Any) -> Any:
        """Something the mayor did with data of one person."""
        body = {
            "id": key,
            "operation": operation,
            "occurredAt": at,
            "controller": CONTROLLER,
            "description": NAME,
            "subjects": [{"idType": "BSN", "id": bsn_of(7), "status": "listed", "municipality": "Middelstad"}],
            "dataCategories": ["name"],
            "covenant": COVENANT,
            "phase": "plan",
            **fields,
        }
        return self.post("/v1/processing-operations", self.mayor, body, 201)

    def texts_for(self, party: str) -> list[str]:
        """What lies in the folder of a party."""
        return [read(path) for path in (self.ledger.home / "notifier" / "mailboxes" / party).iterdir()]

    def letters(self) -> dict[str, list[str]]:
        """By party the titles of what lies in its folder, in the order of their names."""
        boxes = self.ledger.home / "notifier" / "mailboxes"
        return {
            box.name: sorted(text.partition("\n")[0] for text in self.texts_for(box.name))
            for box in sorted(boxes.iterdir())
        }


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """One ledger for the story."""
    with served(tmp_path_factory.mktemp("reminders"), clock="scenario") as ledger:
        yield Household(ledger)


def test_a_share_and_a_delete_are_followed_up(household: Household) -> None:
    """The duty to tell is announced before its date; the demand to erase leaves at once and is repeated."""
    share = household.act(
        "share", "make-available", "2026-05-03T07:00:00Z", recipients=[{"party": "jongerenwerk-middelstad"}]
    )
    (owed,) = [each["id"] for each in share["subjects"][0]["obligations"] if each["party"] == "college-middelstad"]
    household.move("2026-05-04T09:00:00Z")
    assert set(household.letters()) == {"college-middelstad"}
    assert any(owed in text for text in household.texts_for("college-middelstad"))
    household.act("delete", "erase", "2026-05-04T08:00:00Z", dataCategories=["name"])
    household.move("2026-05-04T10:00:00Z")
    assert household.letters()["jongerenwerk-middelstad"] == ["Wis deze gegevens en laat weten dat het is gebeurd"]
    household.move("2026-05-18T11:00:00Z")
    household.move("2026-06-02T11:00:00Z")
    told = household.letters()
    assert told["jongerenwerk-middelstad"] == [
        "Herinnering: wis deze gegevens en laat het weten",
        "Wis deze gegevens en laat weten dat het is gebeurd",
    ]
    assert told[CONTROLLER] == ["jongerenwerk-middelstad antwoordt niet op uw verzoek om te wissen"]


def test_what_was_sent_stands_on_the_stream(household: Household) -> None:
    """The ledger has an event for each message, and nobody's name in it or in any file of notifier."""
    with psycopg.connect(household.ledger.conninfo) as connection:
        query = "SELECT count(*) FROM stored_events WHERE topic = 'ledger.message-sent.1'"
        row = connection.execute(query).fetchone()
        assert row is not None
        sent = sum(len(titles) for titles in household.letters().values())
        assert row[0] == sent >= 4
        kept = connection.execute("SELECT outbox::text FROM notifier.outbox").fetchall()
    files = [path for path in (household.ledger.home / "notifier").rglob("*") if path.is_file()]
    texts = [str(kept), household.ledger.log.read_text(encoding="utf-8"), *map(read, files)]
    for text in texts:
        assert bsn_of(7) not in text
        assert NAME not in text


def read(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")


def test_a_restart_says_nothing_twice(household: Household) -> None:
    """What was said before stands in the working state and in the ledger."""
    before = household.letters()
    household.ledger.stop()
    household.ledger.start()
    household.move("2026-06-02T12:00:00Z")
    assert household.letters() == before
