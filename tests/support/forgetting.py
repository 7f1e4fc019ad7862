"""A whole ledger on a scenario clock with its retention, in one event loop: what tests of forgetting stand on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any, LiteralString

import msgspec
import psycopg

from services.law.act import Act, LegalBasis, Recipient, Retention, Subject
from services.law.governance import Covenant, Party
from services.law.local_time import AMSTERDAM
from services.ledger.contract.errors import NotFound
from services.ledger.contract.forgetting import ErasureBody
from services.ledger.contract.messages import (
    Caller,
    HoldingSearch,
    OperationSearch,
    Receipt,
    SubjectIdentifier,
    Submission,
)
from services.ledger.contract.positions import parse_position
from services.ledger.main import LedgerProcess
from services.ledger.storage.projections.shadow import PostgresShadow
from services.retention.main import RetentionProcess
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics

TODAY = date(2026, 9, 10)
ALICE, BOB, CAROL = (SubjectIdentifier(id_type="BSN", id=bsn) for bsn in ("999990019", "999990020", "999990032"))
PARTIES: dict[str, str] = {
    "college": "public-body",
    "burgemeester": "public-body",
    "politie": "police",
    "school": "private-controller",
}
Json = dict[str, Any]
KEYS = count()
SCOPES = frozenset({"processing:write", "processing:read", "subject:access", "breach", "retention", "notice"})


class Forgetful:
    """One running ledger; days pass when ``day`` says so."""

    def __init__(self, ledger: LedgerProcess, retention: RetentionProcess, database: str) -> None:
        """Speak to ``ledger``; let ``retention`` catch up."""
        self.ledger = ledger
        self.client = ledger.client
        self.retention = retention
        self.database = database

    async def begin(self) -> None:
        """Stand at noon of TODAY, with four parties and a covenant."""
        await self.ledger.client.set_clock(noon(TODAY))
        registrar = Caller(party="registrar", scopes=frozenset({"governance"}))
        for party, kind in PARTIES.items():
            entry: Any = {"id": party, "name": party, "kind": kind, "domains": []}
            await self.client.register(registrar, msgspec.convert(entry, Party))
        covenant: Any = {
            "id": "huis",
            "version": 1,
            "validFrom": "2025-01-01",
            "regime": 2,
            "purpose": "aanpak",
            "partners": [{"party": party} for party in PARTIES],
        }
        await self.client.register(registrar, msgspec.convert(covenant, Covenant))

    async def day(self, day: date) -> None:
        """Let time pass to 00:01 of a day, and retention do what became due."""
        await self.client.set_clock(datetime.combine(day, time(0, 1), tzinfo=AMSTERDAM))

    async def record(
        self,
        subject: SubjectIdentifier,
        *,
        by: str = "college",
        ends: str = "P1Y",
        shared_with: Iterable[str] = (),
        key: str | None = None,
        **fields: Any,
    ) -> str:
        """Record an act whose holding and record end after ``ends``; the key under which it is found."""
        chosen = key or f"act-{next(KEYS)}"
        to = tuple(shared_with)
        usual: Json = {
            "operation": "make-available" if to else "record",
            "occurred_at": self.ledger.clock.now(),
            "controller": by,
            "subjects": (Subject(id_type=subject.id_type, id=subject.id),),
            "recipients": tuple(Recipient(party=party) for party in to),
            "data_categories": ("name",),
            "description": f"canary {chosen}",
            "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
            "retention": Retention(period=ends),
            "record_retention": Retention(period=ends),
        }
        body = Act(**{**usual, **fields})
        submission = Submission(body=body, key=chosen, canonical=msgspec.json.encode(body))
        (answer,) = await self.client.record(caller(by), (submission,))
        assert isinstance(answer, Receipt), answer
        return chosen

    async def place(self, key: str, by: str = "college") -> tuple[int, int]:
        """(lane, position) of the first event of an operation."""
        answer = await self.client.read_operation(caller(by, purpose="operations"), key)
        return parse_position(answer["position"])

    async def sees(self, key: str, by: str = "college") -> bool:
        """Whether the operation is shown, with its content."""
        await self.ledger.wait_until_applied()
        try:
            answer = await self.client.read_operation(caller(by, purpose="operations"), key)
        except NotFound:
            return False
        found = await self.client.search_operations(
            caller(by, purpose="operations"), OperationSearch(party=by, limit=1000)
        )
        assert key in {item["id"] for item in found.items}
        return bool(answer["subjects"][0]["id"] is not None or answer["subjects"][0]["ref"] is not None)

    async def holds(self, party: str, subject: SubjectIdentifier) -> list[Json]:
        """The holdings that are shown of a party about a person."""
        await self.ledger.wait_until_applied()
        search = HoldingSearch(party=party, subject=subject)
        page = await self.client.search_holdings(caller(party, purpose="operations"), search)
        return list(page.items)

    async def erase(self, key: str, *subjects: SubjectIdentifier, by: str = "college", **fields: Any) -> None:
        """Ask for an erasure."""
        named: Json = {"subject": subjects[0]} if len(subjects) == 1 else {"subjects": subjects}
        body = ErasureBody(**{"ground": "AVG 17(1)(d)", "decision": "B-2026-1", **named, **fields})
        await self.client.request_erasure(caller(by), key, body)

    async def erasure(self, key: str, by: str = "college") -> Json:
        """How far an erasure is."""
        return dict(await self.client.read_erasure(caller(by), key))

    def differences(self) -> list[str]:
        """Where the projections differ from a rebuild of them."""
        with PostgresShadow(conninfo=self.database) as shadow:
            return [f"{found.table}: {found.first}" for found in shadow.compare()]

    def count(self, statement: LiteralString, *parameters: Any) -> int:
        """One number out of the database."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute(statement, parameters).fetchone()
        assert row is not None
        return int(row[0])


Story = Callable[[Forgetful], Awaitable[None]]
"""What happens on a ledger."""


@asynccontextmanager
async def forgetful(
    database: str,
    folder: Path,
    *,
    lanes: int = 1,
    begin: bool = True,
    is_restoring: bool = False,
    role: str | None = None,
) -> AsyncIterator[Forgetful]:
    """A ledger that runs until the end of the block; ``begin``: it is a new one.

    With ``role``, a conninfo, it is a replica that works with the rights of that role on a database made ready for it.
    """
    log = MemoryLog()
    ledger = LedgerProcess(
        conninfo=role or database,
        is_replica=role is not None,
        vault_file=folder / "vault" / "vault",
        clock_kind="scenario",
        lanes=lanes,
        metrics=Metrics(),
        log=log,
        is_restoring=is_restoring,
    )
    await ledger.start()
    retention = RetentionProcess(commands=ledger.retention_commands, clock=ledger.clock, log=log)
    ledger.client.follow_clock(retention.catch_up)
    found = Forgetful(ledger, retention, database)
    try:
        if begin:
            await found.begin()
        yield found
    finally:
        await ledger.stop()


def noon(day: date) -> datetime:
    """Noon of a day in Amsterdam."""
    return datetime.combine(day, time(12), tzinfo=AMSTERDAM)


def caller(party: str, *more: str, purpose: Any = None) -> Caller:
    """A caller of that party with the usual scopes and more."""
    return Caller(party=party, scopes=SCOPES | {*more}, purpose=purpose)
