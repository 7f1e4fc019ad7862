"""Forgetting as an operator sees it: a served ledger on the real clock, killed, backed up and restored by command."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.postgres import new_data_directory
from tests.support.served import Served

SECONDS_MAX = 60
PERSON = {"idType": "BSN", "id": "999990019"}
SCOPES = "processing:write processing:read retention governance"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that an unprivileged server can reach, and remove it afterwards."""
    found = new_data_directory().parent
    yield found
    shutil.rmtree(found)


class Partner:
    """Speaks to a served ledger as one party."""

    def __init__(self, served: Served) -> None:
        """Take a development token."""
        self._served = served
        self._token = served.token("college", SCOPES)

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Ask once."""
        headers = {"Authorization": f"Bearer {self._token}", "Grootboek-Purpose": "operations"}
        return httpx.request(method, f"{self._served.base_url}{path}", headers=headers, timeout=30, **how)

    def record(self, key: str) -> None:
        """Record an act that happened just now."""
        body = {
            "id": key,
            "operation": "record",
            "occurredAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "controller": "college",
            "subjects": [PERSON],
            "dataCategories": ["name"],
        }
        answer = self.ask("POST", "/v1/processing-operations", json=body)
        assert answer.status_code == 201, answer.text

    def wait_until_complete(self, key: str) -> None:
        """Ask until the erasure is complete."""
        deadline = time.monotonic() + SECONDS_MAX
        while self.ask("GET", f"/v1/erasures/{key}").json()["state"] != "complete":
            assert time.monotonic() < deadline

    def sees(self, key: str) -> bool:
        """Whether an operation is shown."""
        return self.ask("GET", f"/v1/processing-operations/{key}").status_code == 200


def test_an_erasure_survives_kill_backup_and_restore(folder: Path) -> None:
    """Killed at once after it was accepted, it is carried on; restored from an older dump, it stays erased."""
    served = Served(folder, lanes=2)
    served.start()
    try:
        partner = Partner(served)
        assert partner.ask("POST", "/v1/parties", json={"id": "college", "kind": "public-body"}).status_code == 201
        partner.record("before")
        done = served.command("backup", "--to", str(folder / "dump"))
        assert done.returncode == 0, done.stderr
        body = {"id": "e-1", "subject": PERSON, "ground": "AVG 17(1)(d)", "decision": "B-1"}
        assert partner.ask("POST", "/v1/erasures", json=body).status_code == 202
        served.kill()
        served.start()
        partner.wait_until_complete("e-1")
        assert not partner.sees("before")
        partner.record("after")
        refused = served.command("restore", "--dump", str(folder / "dump"))
        assert (refused.returncode, "Stop it first" in refused.stderr) == (1, True)
        served.stop()
        restored = served.command("restore", "--dump", str(folder / "dump"))
        assert restored.returncode == 0, restored.stderr
        served.start()
        assert not partner.sees("before")
        partner.wait_until_complete("e-1")
        partner.record("again")
        assert partner.sees("again")
        verified = served.command("verify")
        assert verified.returncode == 0, verified.stderr
    finally:
        served.stop()
