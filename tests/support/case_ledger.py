"""A case played on a real ledger without HTTP: the loader's own calls and questions, straight to the verbs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import msgspec
import psycopg

from services.cli.case.bodies import GOVERNANCE, Call, calls_of, governance_calls
from services.cli.case.door import Door
from services.cli.case.load import Posted
from services.cli.case.model import Case
from services.cli.case.questions import ask_questions
from services.law.act import Act, Exemption, Notice
from services.law.governance import (
    Activity,
    Addendum,
    Covenant,
    Decision,
    Interpretation,
    Mandate,
    Municipality,
    Party,
    Purpose,
)
from services.law.register import Known, Register
from services.ledger.application.about import AboutEvents
from services.ledger.application.access_report import AccessReports
from services.ledger.application.access_requests import AccessRequests
from services.ledger.application.automatic_holds import AutomaticHolds
from services.ledger.application.breaches import Breaches
from services.ledger.application.clocks import Clocks
from services.ledger.application.confidentiality import ConfidentialitySetter
from services.ledger.application.correct import Corrector
from services.ledger.application.cursors import CursorSealer
from services.ledger.application.directory import LinkedDirectory
from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.facts import FactReader
from services.ledger.application.impact import Impacts
from services.ledger.application.inquiries import Inquiries
from services.ledger.application.keys import Keys
from services.ledger.application.links import Linker
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.opener import ContentOpener
from services.ledger.application.operation_writer import OperationWriter
from services.ledger.application.people import People
from services.ledger.application.prepare import Preparer
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.read_operation import ReadOperation
from services.ledger.application.read_request import ReadRequest
from services.ledger.application.reads import ReadLog
from services.ledger.application.record import Recorder
from services.ledger.application.replay import Replays
from services.ledger.application.request_clock import RequestClocks
from services.ledger.application.request_steps import RequestSteps
from services.ledger.application.search_holdings import SearchHoldings
from services.ledger.application.search_operations import SearchOperations
from services.ledger.application.sources import Sources
from services.ledger.client.duty_verbs import wire_duties
from services.ledger.contract.errors import IntentRefused
from services.ledger.contract.forgetting import ObligationSearch
from services.ledger.contract.messages import (
    AccessRequestBody,
    BreachBody,
    Caller,
    InquiryBody,
    SubjectIdentifier,
    Submission,
)
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.identity import PostgresIdentityStore
from services.ledger.storage.norms import packaged_norms
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.projections.connection import connect
from services.ledger.storage.projections.projector import project_pending
from services.ledger.storage.projections.read import PostgresProjections
from services.ledger.storage.vault_memory import MemoryVault
from services.ledger.storage.writer import AppendWriter
from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds
from services.runtime.postgres import SyncPool, sync_pool

T = TypeVar("T")
Json = dict[str, Any]
ENTRIES = dict(
    zip(
        [path for _, path in GOVERNANCE],
        (Party, Purpose, Municipality, Covenant, Addendum, Interpretation, Activity, Mandate, Decision),
        strict=True,
    )
)
BODIES = {
    "/v1/processing-operations": Act,
    "/v1/notices": Notice,
    "/v1/exemptions": Exemption,
    "/v1/breaches": BreachBody,
    "/v1/access-requests": AccessRequestBody,
    "/v1/inquiries": InquiryBody,
}


class StandingRegister:
    """A register source over the entries of a case, all known from its first midnight on."""

    def __init__(self, case: Case) -> None:
        """Know everything that the case registers."""
        first = min(act.at for act in case.acts)
        midnight = datetime.combine(first.date(), time.min, tzinfo=first.tzinfo)
        entries: list[Any] = [msgspec.convert(call.body, ENTRIES[call.path]) for call in governance_calls(case)]
        # Position 0: the register lane of this ledger stays empty, and the projector waits for what is further.
        self._register = Register((Known(entry, 0, midnight) for entry in entries), packaged_norms())

    def current(self) -> Register:
        """Give the register."""
        return self._register

    def refresh(self, position: int) -> Register:
        """Give the same: nothing is ever added."""
        assert position <= self._register.position
        return self._register


class CaseLedger:
    """All verbs on one database, driven from the test's own thread."""

    def __init__(
        self,
        database: str,
        pool: SyncPool,
        projector: psycopg.Connection[Any],
        case: Case,
        runner: asyncio.Runner,
        lanes: int,
    ) -> None:
        """Wire the write path and the reads."""
        self.case, self.runner, self.lanes = case, runner, lanes
        self.projector = projector
        self.clock = FakeClock(min(act.at for act in case.acts))
        self.ids = SeededIds(7)
        vault = MemoryVault()
        self.reader = PostgresEventReader(pool=pool)
        identities = PostgresIdentityStore(pool)
        self.pseudonyms = Pseudonyms(vault=vault, lanes=lanes)
        self.obligation_ids = ObligationIds(vault)
        keys = Keys(vault=vault, identities=identities, ids=self.ids, clock=self.clock)
        self.opener = ContentOpener(keys=keys)
        self.directory = LinkedDirectory(identities=identities, pseudonyms=self.pseudonyms)
        people = People(identities=identities, pseudonyms=self.pseudonyms, ids=self.ids)
        self.register = StandingRegister(case)
        self.projections = PostgresProjections(pool=pool, clock=self.clock)
        self.writer = AppendWriter(conninfo=database)
        facts = FactReader(reader=self.reader, opener=self.opener, links=self.directory)
        preparer = Preparer(
            register=self.register,
            people=people,
            facts=facts,
            keys=keys,
            pseudonyms=self.pseudonyms,
            ids=self.ids,
            clock=self.clock,
        )
        self.recorder = Recorder(
            preparer=preparer,
            appender=self.writer,
            reader=self.reader,
            people=people,
            keys=keys,
            pseudonyms=self.pseudonyms,
            obligations=self.obligation_ids,
        )
        operations = OperationWriter(
            appender=self.writer,
            reader=self.reader,
            keys=keys,
            people=people,
            pseudonyms=self.pseudonyms,
            clock=self.clock,
        )
        self.operations = operations
        self.dossier_events = DossierEvents(writer=operations, pseudonyms=self.pseudonyms)
        self._wire_later_events(operations, people, facts)
        self.sources = Sources(
            projections=self.projections,
            events=self.reader,
            opener=self.opener,
            directory=self.directory,
            register=self.register,
            clock=self.clock,
        )
        self._wire_reads(CursorSealer(vault))

    def _wire_later_events(self, operations: OperationWriter, people: People, facts: FactReader) -> None:
        about = AboutEvents(reader=self.reader, opener=self.opener, register=self.register, pseudonyms=self.pseudonyms)
        self.corrector = Corrector(
            about=about,
            writer=operations,
            register=self.register,
            people=people,
            facts=facts,
            pseudonyms=self.pseudonyms,
        )
        self.confidentiality = ConfidentialitySetter(about=about, writer=operations)
        self.linker = Linker(writer=operations, people=people, pseudonyms=self.pseudonyms)

    def _wire_reads(self, cursors: CursorSealer) -> None:
        sources, events = self.sources, self.dossier_events
        reads = ReadLog(dossier_events=events, ids=self.ids)
        holds = AutomaticHolds(writer=self.operations)
        self.breaches = Breaches(sources=sources, dossier_events=events, holds=holds)
        self.impacts = Impacts(sources=sources, breaches=self.breaches, reads=reads, cursors=cursors)
        self.inquiries = Inquiries(sources=sources, dossier_events=events)
        self.replays = Replays(sources=sources, inquiries=self.inquiries, reads=reads, cursors=cursors)
        self.requests = AccessRequests(sources=sources, dossier_events=events, holds=holds)
        clocks = RequestClocks(sources=sources, requests=self.requests, stream_lane=self.pseudonyms.stream_lane)
        self.read_request = ReadRequest(sources=sources, requests=self.requests, clocks=clocks, reads=reads)
        self.request_steps = RequestSteps(sources=sources, requests=self.requests, clocks=clocks, dossier_events=events)
        self.clocks = Clocks(sources=sources, requests=self.requests, request_clocks=clocks, breaches=self.breaches)
        self.reports = AccessReports(
            sources=sources, requests=self.requests, reads=reads, stream_lane=self.pseudonyms.stream_lane
        )
        self.search_holdings = SearchHoldings(sources=sources, reads=reads, cursors=cursors)
        self.search_operations = SearchOperations(sources=sources, reads=reads, cursors=cursors)
        self.read_operation = ReadOperation(sources=sources, reads=reads)
        self.duties = wire_duties(
            sources=sources,
            ids=self.obligation_ids,
            recorder=self.recorder,
            writer=self.operations,
            pseudonyms=self.pseudonyms,
            reads=reads,
            cursors=cursors,
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end, then bring the projections up to date."""
        try:
            return self.runner.run(work)
        finally:
            self.project()

    def project(self) -> None:
        """Apply everything that was appended."""
        while project_pending(self.projector):
            pass

    def play(self) -> dict[int, Posted]:
        """Post every act of the case at its moment."""
        posted = {}
        for act in self.case.acts:
            self.clock.set(act.recorded)
            posted[act.number] = Posted(answers=tuple(self.post(call) for call in calls_of(self.case, act)))
        return posted

    def post(self, call: Call) -> tuple[int, Json]:
        """One call of the loader: (status, answer)."""
        who = Caller(party=call.party, scopes=frozenset(cast("Any", call.scope.split())))
        body: Any = msgspec.convert(call.body, BODIES[call.path])
        if call.path == "/v1/breaches":
            return 201, dict(self.run(self.breaches.report(who, call.key, body)))
        if call.path == "/v1/access-requests":
            return 201, dict(self.run(self.requests.open(who, call.key, body)))
        if call.path == "/v1/inquiries":
            return 201, dict(self.run(self.inquiries.open(who, call.key, body)))
        submission = Submission(body=body, key=call.key, canonical=msgspec.json.encode(call.body))
        (answer,) = self.run(self.recorder.record(who, [submission]))
        if isinstance(answer, IntentRefused):
            return 403, msgspec.to_builtins({"verdict": answer.verdict, "subjects": answer.subjects})
        if isinstance(answer, Exception):
            raise answer
        return 201, msgspec.to_builtins(answer)

    def ask(self, posted: dict[int, Posted], *, check: bool = True) -> Json:
        """The answers of the loader, as ``var/answers.json`` holds them; ``check``: as the file's ``expect`` says."""
        answers = ask_questions(self.case, cast("Door", VerbDoor(self)), posted)
        assert not check or answers.differences == ()
        return dict(answers.answers)


class VerbDoor:
    """Takes the loader's questions to the verbs."""

    def __init__(self, ledger: CaseLedger) -> None:
        """Ask this ledger."""
        self._ledger = ledger

    def post(self, path: str, body: Json, *, party: str, scope: str, **_other: Any) -> Any:
        """Answer a POST with something that has ``json()``."""
        key = body["id"]
        _, answer = self._ledger.post(Call(path=path, body=body, party=party, scope=scope, key=key))
        return SimpleNamespace(json=lambda: answer)

    def search(self, path: str, body: Json, *, party: str, scope: str, purpose: Any) -> list[Json]:
        """All items of a search."""
        assert path == "/v1/obligations/_search"
        who = Caller(party=party, scopes=frozenset(cast("Any", scope.split())), purpose=purpose)
        items: list[Json] = []
        cursor: str | None = None
        while True:
            asked = msgspec.convert(body | ({} if cursor is None else {"cursor": cursor}), ObligationSearch)
            page = self._ledger.run(self._ledger.duties.search.search(who, asked))
            items += page.items
            cursor = page.next
            if cursor is None:
                return items

    def pages(
        self,
        path: str,
        *,
        party: str,
        scope: str,
        purpose: Any,
        subject: tuple[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> list[Json]:
        """All pages of a GET."""
        _, _, collection, identifier, call = path.split("/")
        who = Caller(
            party=party,
            scopes=frozenset(cast("Any", scope.split())),
            purpose=purpose,
            subject=None if subject is None else SubjectIdentifier(id_type=subject[0], id=subject[1]),
        )
        pages: list[Json] = []
        cursor: str | None = None
        while not pages or cursor is not None:
            pages.append(self._page(f"{collection}/{call}", who, identifier, params or {}, cursor))
            cursor = pages[-1].get("next")
        return pages

    def _page(self, call: str, who: Caller, identifier: str, params: dict[str, str], cursor: str | None) -> Json:
        ledger = self._ledger
        if call == "breaches/impact":
            return ledger.run(ledger.impacts.read(who, identifier, cursor, None))
        if call == "access-requests/report":
            return ledger.run(ledger.reports.report(who, identifier))
        assert call == "inquiries/replay"
        as_of, as_known_at = params.get("asOf"), params.get("asKnownAt")
        return ledger.run(ledger.replays.replay(who, identifier, as_of, as_known_at, cursor))


@contextmanager
def case_ledger(database: str, case: Case, lanes: int = 1) -> Iterator[CaseLedger]:
    """Open a ledger for a case on an empty database."""
    open_ledger(database, lanes, "scenario")
    with sync_pool(database, name="case") as pool, connect(database) as projector, asyncio.Runner() as runner:
        ledger = CaseLedger(database, pool, projector, case, runner, lanes)
        runner.run(ledger.writer.start())
        try:
            yield ledger
        finally:
            runner.run(ledger.recorder.stop())
            runner.run(ledger.writer.stop())
