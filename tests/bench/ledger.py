"""A ledger of its own for the benches: a process of its own, on the real clock, filled over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from services.cli.home import issuer_folder
from services.gateway.auth.issuer import TokenIssuer
from services.runtime.postgres_place import remove_twin
from tests.bench.client import Load, post_request, run_load
from tests.bench.workload import CONTROLLER, governance

START_SECONDS_MAX: Final = 60
OPERATIONS: Final = "/v1/processing-operations"


class BenchLedger:
    """A running ledger: its port, its database, and tokens of any party."""

    def __init__(self, port: int, home: Path) -> None:
        self.port = port
        self.home = home
        self.base_url = f"http://127.0.0.1:{port}"
        self._issuer = TokenIssuer.open(issuer_folder())

    @property
    def conninfo(self) -> str:
        """How to reach its PostgreSQL."""
        return (self.home / "conninfo").read_text(encoding="utf-8")

    def token(self, party: str, scope: str, subject: tuple[str, str] | None = None) -> str:
        """A development token."""
        return self._issuer.issue(party, scope, subject)

    def post(self, path: str, body: Any, party: str, scope: str, purpose: str | None = None) -> Any:
        """One POST; anything but success raises."""
        headers = {"Authorization": f"Bearer {self.token(party, scope)}"}
        if purpose:
            headers["Grootboek-Purpose"] = purpose
        answer = httpx.post(self.base_url + path, json=body, headers=headers, timeout=60)
        assert answer.is_success, answer.text
        return answer.json()

    def set_clock(self, now: datetime) -> None:
        """Move the scenario clock; returns when all that became due is done."""
        token = self.token("registrar", "governance")
        url, headers = f"{self.base_url}/v1/clock", {"Authorization": f"Bearer {token}"}
        httpx.post(url, json={"now": now.isoformat()}, headers=headers, timeout=None).raise_for_status()

    def ingest(self, lines: Sequence[bytes], size: int = 500, connections: int = 4) -> Load:
        """Send NDJSON bodies of ``size`` lines; every line must be acknowledged."""
        token = self.token(CONTROLLER, "processing:write")
        requests = [
            post_request(OPERATIONS, token, b"\n".join(lines[at : at + size]) + b"\n", "application/x-ndjson")
            for at in range(0, len(lines), size)
        ]
        load = run_load(self.port, requests, connections, keep_bodies=True)
        acknowledged = sum(body.count(b'"leafHash"') for body in load.bodies)
        assert load.statuses == {200: len(requests)}, load.statuses
        assert acknowledged == len(lines), (acknowledged, len(lines))
        return load

    def event_count(self) -> int:
        """How many person events are stored."""
        with psycopg.connect(self.conninfo) as connection:
            row = connection.execute("SELECT count(*) FROM stored_events WHERE lane < 9999").fetchone()
        assert row is not None
        return int(row[0])

    def wait_until_projected(self) -> None:
        """Wait until the projections have caught up."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            while self._behind(connection):
                time.sleep(0.1)

    @staticmethod
    def _behind(connection: psycopg.Connection) -> bool:
        row = connection.execute(
            "SELECT coalesce(sum(h.last_position - c.position), 1) FROM lane_head h"
            " JOIN projection.cursor c USING (lane) WHERE lane < 9999"
        ).fetchone()
        return row is not None and int(row[0]) > 0

    def check(self, line: bytes) -> None:
        """Read one operation back decrypted, and verify one inclusion proof exists for it."""
        body = json.loads(line)
        headers = {
            "Authorization": f"Bearer {self.token(CONTROLLER, 'processing:read')}",
            "Grootboek-Purpose": "operations",
        }
        found = httpx.get(f"{self.base_url}{OPERATIONS}/{body['id']}", headers=headers, timeout=60)
        found.raise_for_status()
        assert body["subjects"][0]["id"] in found.text, "the decrypted sample does not name its person"
        proof = httpx.get(f"{self.base_url}{OPERATIONS}/{body['id']}/proof", headers=headers, timeout=60)
        proof.raise_for_status()
        assert proof.json()["items"], "no inclusion proof"


@contextmanager
def bench_ledger(lanes: int = 1, clock_from: datetime | None = None) -> Iterator[BenchLedger]:
    """Start a ledger on an empty folder, fill its register, and remove everything afterwards.

    ``clock_from``: it runs on a scenario clock that begins there.
    """
    folder = Path(tempfile.mkdtemp(prefix="grootboek-bench-"))
    port = 18_000 + os.getpid() % 1_000
    environment = os.environ | {"GROOTBOEK_HOME": str(folder / "home"), "GROOTBOEK_PORT": str(port)}
    environment |= {"GROOTBOEK_CLOCK": "scenario"} if clock_from else {}
    command = [sys.executable, "-m", "services.cli.main", "serve", "--lanes", str(lanes)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(port, process)
        ledger = BenchLedger(port, folder / "home")
        if clock_from is not None:
            ledger.set_clock(clock_from)
        for path, body in governance():
            ledger.post(path, body, "registrar", "governance")
        yield ledger
    finally:
        process.terminate()
        process.wait(timeout=60)
        remove_twin(folder / "home" / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        assert process.poll() is None, "the ledger ended while starting"
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the ledger did not become ready")
