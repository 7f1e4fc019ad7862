"""Somebody who records, erases and lets time pass on a forked ledger, and starts it again when it has died."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from services.law.local_time import AMSTERDAM
from tests.bench.workload import bsn_of
from tests.support.chaos_clients import ANSWER_SECONDS_MAX, OPERATIONS
from tests.support.chaos_journal import Json
from tests.support.erasing_ledger import COMMANDS
from tests.support.forked_ledger import ForkedLedger, Zygote
from tests.support.waiting import wait_until

BACK_SECONDS_MAX: Final = 60.0
NOTHING_KEPT: Final = httpx.Limits(max_keepalive_connections=0)
"""Whoever died has closed what was open, and whoever lives makes the same calls for every request."""
SCOPES: Final = "processing:write processing:read retention governance"
ERASER: Final = "college"
OTHER: Final = "politie"
RECIPIENT: Final = "school"
PARTIES: Final = {ERASER: "public-body", OTHER: "police", RECIPIENT: "private-controller"}
WORKERS: Final = ("MainThread", "prepare", "asyncio", "AnyIO")
BEGINNING: Final = datetime(2021, 1, 4, 10, tzinfo=AMSTERDAM)
"""A Monday, so long ago that every day that is ended here has passed."""


class AskedLedger(ForkedLedger):
    """A forked ledger that is asked through one client: to make a client takes longer than to get an answer."""

    def __init__(self, zygote: Zygote, folder: Path, conninfo: str, bounds: Mapping[str, float]) -> None:
        """See ForkedLedger."""
        super().__init__(zygote, folder, conninfo, bounds=bounds)
        self.http = httpx.Client(limits=NOTHING_KEPT, timeout=ANSWER_SECONDS_MAX)

    def is_ready(self) -> bool:
        """Whether it says so; fails when it has ended."""
        assert self.is_alive(), self.log.read_text(encoding="utf-8")[-4_000:]
        with suppress(httpx.TransportError):
            return self.http.get(f"{self.base_url}/readyz").status_code == 200
        return False


class ErasingWorld:
    """One ledger with three parties; what is asked of it may fail, what is insisted on is asked until it is done."""

    def __init__(self, ledger: AskedLedger) -> None:
        """Speak to ``ledger``, which does not run yet."""
        self.ledger = ledger
        self.now = BEGINNING
        self.persons = 0
        self.kept: set[str] = set()

    def begin(self) -> None:
        """Start the ledger, set its clock and name the parties."""
        self.ledger.start()
        self.insist("POST", "/v1/clock", {"now": self.now.isoformat()})
        for party, kind in PARTIES.items():
            self.insist("POST", "/v1/parties", {"id": party, "name": party, "kind": kind, "domains": []})

    def threads(self) -> dict[str, int]:
        """The threads that carry out what is asked."""
        return {name: number for name, number in self.ledger.threads().items() if name.startswith(WORKERS)}

    def try_asking(self, method: str, path: str, body: Any = None, by: str = ERASER) -> httpx.Response | None:
        """Ask once; None when no answer came."""
        headers = {"Authorization": f"Bearer {self.ledger.token(by, SCOPES)}", "Grootboek-Purpose": "operations"}
        with suppress(httpx.HTTPError):
            return self.ledger.http.request(method, f"{self.ledger.base_url}{path}", json=body, headers=headers)
        return None

    def insist(self, method: str, path: str, body: Any = None, by: str = ERASER) -> httpx.Response:
        """Ask until there is an answer, by a ledger that was started again if need be."""
        answers: list[httpx.Response] = []

        def ask() -> bool:
            if not self.ledger.is_alive():
                self.ledger.start()
            answer = self.try_asking(method, path, body, by)
            answers.extend([] if answer is None or answer.status_code >= 500 else [answer])
            return bool(answers)

        wait_until(ask, BACK_SECONDS_MAX, f"{method} {path} is not answered")
        return answers[0]

    def try_command(self, command: str) -> httpx.Response | None:
        """Give a command of retention once."""
        return self.try_asking("POST", f"{COMMANDS}?{command}")

    def command(self, command: str) -> Any:
        """Give a command of retention until it is carried out; what it gave."""
        return self.insist("POST", f"{COMMANDS}?{command}").json()

    def pass_days(self, days: int) -> None:
        """Move the clock, and nothing else."""
        self.now += timedelta(days=days)
        self.insist("POST", "/v1/clock", {"now": self.now.isoformat()})

    def next_person(self) -> Json:
        """Somebody nobody has heard of."""
        self.persons += 1
        return {"idType": "BSN", "id": bsn_of(self.persons)}

    def record(self, bodies: Iterable[Json], by: str = ERASER) -> None:
        """Record acts; those that say ``kept`` must open for ever."""
        for body in bodies:
            answer = self.insist("POST", OPERATIONS, body, by)
            assert answer.status_code == 201, answer.text
            self.kept.update([body["id"]] if body["id"].startswith("kept-") else [])

    def act(self, key: str, person: Json, by: str = ERASER, period: str = "P100Y", **more: Any) -> Json:
        """An act that happened just now and says nothing but its own key."""
        return {
            "id": key,
            "operation": "record",
            "occurredAt": self.now.isoformat(),
            "controller": by,
            "subjects": [person],
            "dataCategories": ["name"],
            "description": key,
            "recordRetention": {"period": period},
        } | more

    def sees(self, key: str, by: str = ERASER) -> bool:
        """Whether an act is shown with what it says."""
        answer = self.insist("GET", f"{OPERATIONS}/{key}", by=by)
        return answer.status_code == 200 and key in json.dumps(answer.json()["description"])
