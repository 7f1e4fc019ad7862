"""A whole write path in memory: what a unit test of recording stands on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from services.law.act import Act, Subject
from services.law.governance import Annex, Covenant, Criteria, Entry, Mandate, Partner, Party
from services.law.register import Known, Register
from services.ledger.application.about import AboutEvents
from services.ledger.application.confirm import Confirmer
from services.ledger.application.directory import LinkedDirectory
from services.ledger.application.facts import FactReader
from services.ledger.application.keys import Keys
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.opener import ContentOpener
from services.ledger.application.operation_writer import OperationWriter
from services.ledger.application.people import People
from services.ledger.application.prepare import Preparer
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.record import Recorder
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import Caller, Submission
from services.ledger.domain.stored import Appended, AppendResult, PreparedOperation, StoredEvent
from services.ledger.storage.memory import MemoryLedger
from services.ledger.storage.memory_identity import MemoryIdentityStore
from services.ledger.storage.norms import packaged_norms
from services.ledger.storage.vault_memory import MemoryVault
from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds

T = TypeVar("T")
NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)
BSNS = ("999990019", "999990020", "999990032", "999990044", "999990056")

ENTRIES: tuple[Entry, ...] = (
    Party(id="burgemeester", kind="public-body", organ="burgemeester", municipality="Middelstad"),
    Party(id="college", kind="public-body", organ="college", municipality="Middelstad"),
    Party(id="politie", kind="police", organ="korpschef"),
    Party(id="school", kind="private-controller"),
    Party(id="kantoor", kind="processor", processes_for="college"),
    Mandate(id="m1", from_="college", to="school", acts=("collect",), valid_from=date(2026, 1, 1)),
    Covenant(
        id="huis",
        version=3,
        valid_from=date(2025, 1, 1),
        published=date(2025, 1, 1),
        regime=2,
        purpose="aanpak",
        territory=("Middelstad",),
        partners=(Partner(party="burgemeester"), Partner(party="college"), Partner(party="politie")),
        annexes=(
            Annex(
                id="groep",
                criteria=Criteria(include="two reports", exclude="bystanders", excludes_status=("bystander",)),
                data_categories=("name", "contact"),
                retention={"plan": "P1Y"},
            ),
        ),
    ),
)


class FixedRegister:
    """A register that stands still."""

    def __init__(self, entries: Iterable[Entry] = ENTRIES) -> None:
        """Know these entries, in this order."""
        self.register = Register(
            (Known(entry=entry, position=number, recorded_at=NOW) for number, entry in enumerate(entries, 1)),
            packaged_norms(),
        )

    def current(self) -> Register:
        """The register."""
        return self.register

    def refresh(self, position: int) -> Register:
        """The register: there is no newer one."""
        return self.register


class WatchedLedger(MemoryLedger):
    """A ledger in memory that shows what was appended, and can lose a secret."""

    def __init__(self, lanes: int) -> None:
        """Begin empty."""
        super().__init__(lanes)
        self.appended: list[PreparedOperation] = []

    async def append(self, operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        """Store, and remember what was stored."""
        results = await super().append(operations)
        self.appended += [
            operation for operation, result in zip(operations, results, strict=True) if isinstance(result, Appended)
        ]
        return results

    @property
    def lanes(self) -> dict[int, list[StoredEvent]]:
        """The events of every lane that has some."""
        return {lane: self.events_after(lane, 0, head) for lane, head in self.heads().items() if head}

    def destroy_secret(self, lane: int, stream_id: UUID, scope: bytes, generation: int = 1) -> None:
        """Null a dossier secret; its row stays."""
        key = (lane, stream_id.bytes, scope, generation)
        self.rows[key] = (self.rows[key][0], None, "destroyed")


class RecordingBench:
    """All parts of the write path, wired as in the product, over a ledger in memory."""

    def __init__(self, *, lanes: int = 1) -> None:
        """Begin at NOW with an empty ledger."""
        self.clock = FakeClock(NOW)
        self.ids = SeededIds(7)
        self.vault = MemoryVault()
        self.ledger = WatchedLedger(lanes)
        self.identities = MemoryIdentityStore(self.ledger)
        self.register = FixedRegister()
        self.lanes = lanes
        self.restart()

    def restart(self) -> None:
        """Forget everything that a process forgets."""
        self.pseudonyms = Pseudonyms(vault=self.vault, lanes=self.lanes)
        identities = self.identities
        self.keys = Keys(vault=self.vault, identities=identities, ids=self.ids, clock=self.clock)
        self.opener = ContentOpener(keys=self.keys)
        self.directory = LinkedDirectory(identities=identities, pseudonyms=self.pseudonyms)
        self.people = People(identities=identities, pseudonyms=self.pseudonyms, ids=self.ids)
        self.facts = FactReader(reader=self.ledger, opener=self.opener, links=self.directory)
        self.preparer = Preparer(
            register=self.register,
            people=self.people,
            facts=self.facts,
            keys=self.keys,
            pseudonyms=self.pseudonyms,
            ids=self.ids,
            clock=self.clock,
        )
        self.recorder = Recorder(
            preparer=self.preparer,
            appender=self.ledger,
            reader=self.ledger,
            people=self.people,
            keys=self.keys,
            pseudonyms=self.pseudonyms,
            obligations=ObligationIds(self.vault),
        )

        self.writer = OperationWriter(
            appender=self.ledger,
            reader=self.ledger,
            keys=self.keys,
            people=self.people,
            pseudonyms=self.pseudonyms,
            clock=self.clock,
        )
        self.about = AboutEvents(
            reader=self.ledger, opener=self.opener, register=self.register, pseudonyms=self.pseudonyms
        )
        self.confirmer = Confirmer(
            recorder=self.recorder,
            about=self.about,
            reader=self.ledger,
            clock=self.clock,
            register=self.register,
            pseudonyms=self.pseudonyms,
        )

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run to the end in a loop of its own, then forget what a restarted process forgets."""

        async def main() -> T:
            try:
                return await work()
            finally:
                await self.recorder.stop()
                self.restart()

        return asyncio.run(main())

    def record(self, *bodies: Any, party: str = "burgemeester", key: str = "k") -> list[Any]:
        """Record the bodies in one call under keys counted from one."""
        submissions = [submission(body, f"{key}{number}") for number, body in enumerate(bodies, 1)]
        return self.run(lambda: self.recorder.record(caller(party), submissions))

    def events(self) -> list[tuple[StoredEvent, Envelope]]:
        """Everything stored in lane 0."""
        return [(event, event.read_envelope()) for event in self.ledger.events_after(0, 0, 1_000)]


def caller(party: str = "burgemeester") -> Caller:
    """A caller of that party."""
    return Caller(party=party, scopes=frozenset({"processing:write"}))


def act(**fields: Any) -> Act:
    """A sound act of the mayor on one person, with the given fields changed."""
    usual: dict[str, Any] = {
        "operation": "record",
        "occurred_at": NOW,
        "controller": "burgemeester",
        "subjects": (person(BSNS[0]),),
        "data_categories": ("name",),
        "purpose": "aanpak",
    }
    return Act(**{**usual, **fields})


def person(bsn: str, **fields: Any) -> Subject:
    """A person who lives in Middelstad."""
    return Subject(**{"id_type": "BSN", "id": bsn, "municipality": "Middelstad", **fields})


def submission(body: Any, key: str) -> Submission:
    """A body with its key and canonical bytes, as the door makes them."""
    tree = msgspec.to_builtins(body)
    return Submission(body=body, key=key, canonical=msgspec.json.encode(tree, order="sorted"))
