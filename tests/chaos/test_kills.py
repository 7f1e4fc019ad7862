"""Kill the whole process tree at random moments under load: what was acknowledged stands exactly once and whole."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import psycopg
import pytest

from services.ledger.contract.events import Envelope
from tests.bench.workload import CONTROLLER, bsn_of, governance
from tests.support.served import Served

KILLS = int(os.environ.get("KILLS") or 20)
OPERATIONS_PER_BODY = 20
PERSONS = 500
STORED = "SELECT lane, notification_id, envelope FROM stored_events WHERE lane < 9999"
Json = dict[str, Any]


class Journal:
    """What the client sent and what it heard: the oracle of every durability test."""

    def __init__(self, seed: int) -> None:
        """Start empty; the same seed gives the same acts."""
        self.random = random.Random(seed)
        self.bodies: dict[str, Json] = {}
        self.acknowledged: dict[str, Json] = {}

    def new_body(self) -> Json:
        """An act on one to five persons."""
        key = str(UUID(int=self.random.getrandbits(128), version=4))
        people = self.random.sample(range(PERSONS), self.random.randint(1, 5))
        body = {
            "id": key,
            "operation": "make-available",
            "occurredAt": "2026-10-01T10:00:00+02:00",
            "controller": CONTROLLER,
            "recipients": [{"party": "politie"}],
            "dataCategories": ["name"],
            "subjects": [{"idType": "BSN", "id": bsn_of(person)} for person in people],
        }
        self.bodies[key] = body
        return body

    @property
    def unknown(self) -> list[str]:
        """Sent, but never answered."""
        return [key for key in self.bodies if key not in self.acknowledged]


def send(base_url: str, token: str, bodies: list[Json]) -> list[Json]:
    """Post bodies as NDJSON; the receipts in order."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    content = "\n".join(json.dumps(body) for body in bodies) + "\n"
    answer = httpx.post(f"{base_url}/v1/processing-operations", content=content, headers=headers, timeout=30)
    answer.raise_for_status()
    return [json.loads(line) for line in answer.text.splitlines()]


def load_until_it_breaks(ledger: Served, token: str, journal: Journal, lock: threading.Lock) -> None:
    """Post until the ledger is gone, writing down every acknowledgement."""
    while True:
        with lock:
            bodies = [journal.new_body() for _ in range(OPERATIONS_PER_BODY)]
        try:
            receipts = send(ledger.base_url, token, bodies)
        except httpx.HTTPError:
            return
        with lock:
            journal.acknowledged.update({receipt["id"]: receipt for receipt in receipts if "leafHash" in str(receipt)})


@pytest.mark.chaos
@pytest.mark.parametrize("lanes", [1, 4])
def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path: Path, lanes: int) -> None:
    """After each kill the ledger comes back by itself; retries by key give what was acknowledged, once and whole."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
    print(f"seed {seed}, {KILLS // 2} kills, {lanes} lanes")
    journal, moments = Journal(seed), random.Random(seed + 1)
    ledger = Served(tmp_path, lanes=lanes)
    ledger.start()
    token = ledger.token(CONTROLLER, "processing:write")
    registrar = {"Authorization": f"Bearer {ledger.token('registrar', 'governance')}"}
    for path, body in governance()[:6]:
        httpx.post(ledger.base_url + path, json=body, headers=registrar, timeout=30).raise_for_status()
    for _ in range(KILLS // 2):
        kill_under_load(ledger, token, journal, moments.uniform(0.05, 1.5))
        ledger.start()
    retry_unknown(ledger, token, journal)
    check_every_acknowledgement(ledger, journal)
    verified = ledger.command("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    ledger.stop()


def kill_under_load(ledger: Served, token: str, journal: Journal, seconds: float) -> None:
    """Four clients post; after so many seconds everything is killed."""
    lock = threading.Lock()
    clients = [threading.Thread(target=load_until_it_breaks, args=(ledger, token, journal, lock)) for _ in range(4)]
    for client in clients:
        client.start()
    time.sleep(seconds)  # the random moment of the kill, not a wait for something to happen
    ledger.kill()
    for client in clients:
        client.join()


def retry_unknown(ledger: Served, token: str, journal: Journal) -> None:
    """What was never answered is sent again under the same key, and some of what was, for the same receipt."""
    again = journal.random.sample(sorted(journal.acknowledged), min(OPERATIONS_PER_BODY, len(journal.acknowledged)))
    receipts = send(ledger.base_url, token, [journal.bodies[key] for key in again])
    assert receipts == [journal.acknowledged[key] for key in again]
    unknown = journal.unknown
    for at in range(0, len(unknown), OPERATIONS_PER_BODY):
        keys = unknown[at : at + OPERATIONS_PER_BODY]
        receipts = send(ledger.base_url, token, [journal.bodies[key] for key in keys])
        assert [receipt["id"] for receipt in receipts] == keys
        journal.acknowledged.update(zip(keys, receipts, strict=True))


def check_every_acknowledgement(ledger: Served, journal: Journal) -> None:
    """Every operation stands once per subject, at the position its receipt names; positions have no gaps."""
    with psycopg.connect(ledger.conninfo) as connection:
        rows = connection.execute(STORED).fetchall()
    stored = {f"{lane}-{position}": msgspec.json.decode(envelope, type=Envelope) for lane, position, envelope in rows}
    assert len(stored) == len(rows)
    counted = Counter(envelope.key for envelope in stored.values())
    assert counted == Counter({key: len(body["subjects"]) for key, body in journal.bodies.items()})
    for key, receipt in journal.acknowledged.items():
        assert all(stored[subject["position"]].key == key for subject in receipt["subjects"])
    for lane in {row[0] for row in rows}:
        positions = sorted(row[1] for row in rows if row[0] == lane)
        assert positions == list(range(1, len(positions) + 1))
