"""Wires the ledger: settings and adapters in, verbs and background threads out. The only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.about import AboutEvents
from services.ledger.application.access_report import AccessReports
from services.ledger.application.access_requests import AccessRequests
from services.ledger.application.assess import Assessor
from services.ledger.application.breaches import Breaches
from services.ledger.application.check_bodies import Checker
from services.ledger.application.clocks import Clocks
from services.ledger.application.confidentiality import ConfidentialitySetter
from services.ledger.application.confirm import Confirmer
from services.ledger.application.correct import Corrector
from services.ledger.application.count_clocks import CountClocks
from services.ledger.application.cursors import CursorSealer
from services.ledger.application.directory import LinkedDirectory
from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.facts import FactReader
from services.ledger.application.find_provable import FindProvable
from services.ledger.application.impact import Impacts
from services.ledger.application.inquiries import Inquiries
from services.ledger.application.keys import Keys
from services.ledger.application.letter_targets import LetterTargets
from services.ledger.application.links import Linker
from services.ledger.application.list_register import ListRegister
from services.ledger.application.measure import Consumer, Measure, Positions
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.opener import ContentOpener
from services.ledger.application.operation_writer import OperationWriter
from services.ledger.application.overlaps import Overlaps
from services.ledger.application.people import People
from services.ledger.application.person_duties import PersonDuties
from services.ledger.application.prepare import Preparer
from services.ledger.application.process_report import ProcessReports
from services.ledger.application.prove import ProveOperation, ReadTree
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.read_operation import ReadOperation
from services.ledger.application.read_request import ReadRequest
from services.ledger.application.reads import ReadLog
from services.ledger.application.record import Recorder
from services.ledger.application.register_entry import RegisterApplication, RegisterEntry
from services.ledger.application.replay import Replays
from services.ledger.application.request_clock import RequestClocks
from services.ledger.application.request_steps import RequestSteps
from services.ledger.application.seal_tree import TreeSealer
from services.ledger.application.search_holdings import SearchHoldings
from services.ledger.application.search_operations import SearchOperations
from services.ledger.application.sources import Sources
from services.ledger.application.visible_events import VisibleEvents
from services.ledger.client.covenant_verbs import wire_covenants
from services.ledger.client.duty_verbs import NotifierClient, wire_duties
from services.ledger.client.fresh import Looks, freshen
from services.ledger.client.in_process import InProcessClient, Verbs
from services.ledger.client.learning_verbs import wire_learning
from services.ledger.client.status import InProcessStatus
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.commands import LetterCommands, NotifierCommands, RetentionCommands
from services.ledger.contract.messages import JsonObject
from services.ledger.contract.status import LedgerStatus
from services.ledger.entrypoints.forget import Forgetting, Foundations
from services.ledger.entrypoints.measure import MeasureThread
from services.ledger.entrypoints.project import ProjectorThread
from services.ledger.entrypoints.seal import SealerThread
from services.ledger.storage import erasure_register_file
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.feed import NotificationLogFeed
from services.ledger.storage.identity import PostgresIdentityStore, bind_vault, is_bound
from services.ledger.storage.leadership import SEALER_LOCK, Leadership
from services.ledger.storage.norms import packaged_norms
from services.ledger.storage.open_ledger import ClockKind, check_ledger, open_ledger
from services.ledger.storage.overlaps import PostgresOverlaps
from services.ledger.storage.projections.errors import ProjectionStopped
from services.ledger.storage.projections.kept_lines import PostgresKeptLines
from services.ledger.storage.projections.read import PostgresProjections
from services.ledger.storage.published import PublishedLanes
from services.ledger.storage.recorder import register_environment
from services.ledger.storage.register import LaneRegister
from services.ledger.storage.scenario_state import KeptScenarioClock
from services.ledger.storage.tree import PostgresTreeStore
from services.ledger.storage.vault_file import SealedFileVault
from services.ledger.storage.writer import AppendWriter
from services.runtime import limits
from services.runtime.clock import Clock, SystemClock
from services.runtime.ids import SystemIds
from services.runtime.kafka import KafkaSettings
from services.runtime.log import Log
from services.runtime.metrics import Metrics
from services.runtime.postgres import sync_pool
from services.runtime.siblings import APPLIED, COMMITTED, Siblings
from services.runtime.telemetry import OFF, Telemetry

if TYPE_CHECKING:
    from services.ledger.entrypoints.publish import PublisherThreads


class LedgerPorts(msgspec.Struct, frozen=True, kw_only=True):
    """What others ask of a ledger, from wherever they are."""

    ledger: LedgerClient
    retention: RetentionCommands
    notifier: NotifierCommands
    letters: LetterCommands
    status: LedgerStatus


class LedgerProcess:
    """A ledger that can be started and stopped in an event loop; ``client`` is how others speak to it."""

    def __init__(
        self,
        *,
        conninfo: str,
        vault_file: Path,
        clock_kind: ClockKind,
        lanes: int,
        metrics: Metrics,
        log: Log,
        siblings: Siblings | None = None,
        register_folder: Path | None = None,
        is_restoring: bool = False,
        is_replica: bool = False,
        telemetry: Telemetry = OFF,
        publish: KafkaSettings | None = None,
    ) -> None:
        """Open the database; raises when it is unsafe or was made with other settings.

        ``siblings`` are the other processes that serve the same ledger beside this one, if there are any. The erasure
        register lies in ``register_folder``, by default beside the folder of the vault; only ``is_restoring`` opens a
        database that is older than what was destroyed. A replica is one of several on any number of hosts, which make
        nothing of the database themselves; ask it through ``ports``. With ``publish`` its events go to Kafka.
        """
        (check_ledger if is_replica else open_ledger)(conninfo, lanes, clock_kind)
        self._is_replica = is_replica
        self._conninfo, self._lanes, self._log = conninfo, lanes, log
        self._vault_file = vault_file
        self._register_folder = register_folder or vault_file.parent.parent / erasure_register_file.FOLDER
        self._is_restoring = is_restoring
        self._pool = sync_pool(conninfo, name="ledger")
        # Look-ups stand in the road of every batch and are one statement each.
        self._lookups = sync_pool(conninfo, name="lookups", size_max=limits.POSTGRES_POOL_LOOKUPS_MAX, autocommit=True)
        self._ids = SystemIds()
        self.clock: Clock = SystemClock() if clock_kind == "system" else KeptScenarioClock(conninfo)
        self._siblings = siblings
        self._followers: list[Callable[[], None]] = []
        self._metrics, self._telemetry = metrics, telemetry
        self._publishers = None if publish is None else self._wire_publishers(publish)
        self._writer = AppendWriter(
            conninfo=conninfo, metrics=metrics, log=log, on_committed=self._on_committed, telemetry=telemetry
        )
        self._projector = ProjectorThread(
            conninfo=conninfo,
            log=log,
            on_applied=self._on_applied,
            metrics=metrics,
            telemetry=telemetry,
            origins=self._writer.lane_origins,
        )

    async def start(self) -> None:
        """Open connections and the vault, read the register, and let the background threads run."""
        await run_sync(self._pool.open)
        await run_sync(self._lookups.open)
        try:
            await run_sync(self._wire)
        except BaseException:
            await run_sync(self._close_pools)
            raise
        await self._writer.start()
        self._projector.start()
        if self._seals:
            self._sealer.start()
        if self._publishers is not None:
            self._publishers.start()
        self._measuring.start()

    async def stop(self) -> None:
        """Commit what waits, finish what is under way, close."""
        await run_sync(self._measuring.stop)
        await self._recorder.stop()
        await self._writer.stop()
        await run_sync(self._projector.stop)
        await run_sync(self._sealer.stop)
        if self._publishers is not None:
            await run_sync(self._publishers.stop)
        self._sealer_lead.let_go()
        await run_sync(self._application.close)
        await run_sync(self._close_pools)

    def _close_pools(self) -> None:
        self._lookups.close()
        self._pool.close()

    @property
    def is_publishing(self) -> bool:
        """Whether what is recorded goes to Kafka, now or as soon as that answers; no lane has stopped for good."""
        return self._publishers is not None and not self._publishers.failures

    def ports(self) -> LedgerPorts:
        """What others may ask once it was started; of a replica every call first looks whether the register moved."""
        ports = LedgerPorts(
            ledger=self.client,
            retention=self.retention_commands,
            notifier=self.notifier_commands,
            letters=self.letter_commands,
            status=self.status,
        )
        if not self._is_replica:
            return ports
        looks = Looks(partial(self._register.look, self._lookups))
        return LedgerPorts(
            ledger=freshen(ports.ledger, looks),
            retention=freshen(ports.retention, looks),
            notifier=freshen(ports.notifier, looks),
            letters=freshen(ports.letters, looks),
            status=ports.status,
        )

    def make_feed(self, cursor: Mapping[int, int]) -> NotificationLogFeed:
        """The events of all persons' lanes after a cursor, for a consumer in this process."""
        return NotificationLogFeed(reader=self._reader, lanes=range(self._lanes), cursor=cursor)

    def has_seen(self, lane: int, position: int) -> bool:
        """Whether the projections have seen a position, as far as this process knows; hurries nobody."""
        return self._projector.positions.get(lane, 0) >= position

    def follow_commits(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` after every commit of this process, in the event loop."""
        self._followers.append(wake)

    async def wait_until_applied(self) -> None:
        """Wait until the projections have seen all that is recorded by now."""
        heads = await run_sync(self._reader.heads)
        for lane in range(self._lanes):
            await run_sync(self._projector.wait_for, lane, heads[lane], limits.RETENTION_WAIT_SECONDS_MAX)

    def readable(self, places: Sequence[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        """Those of these (lane, position) whose content opens now (blocking)."""
        contents = self._sources.open(self._reader.events_at(places))
        return frozenset(place for place, content in contents.items() if content is not None)

    def follow_wall_clock(self) -> None:
        """Let a scenario clock jump once to now and run along with the wall."""
        assert isinstance(self.clock, KeptScenarioClock), "only a scenario ledger has a clock to move"
        self.clock.follow_wall()

    def _wire(self) -> None:
        """Make everything that reads the database when it is made."""
        # A ledger that was bound to a vault never gets a new one: that could not open anything.
        vault = SealedFileVault(self._vault_file, create=not (self._is_replica and is_bound(self._pool)))
        bind_vault(self._pool, vault)
        self._reader = PostgresEventReader(pool=self._pool)
        self._projections = PostgresProjections(pool=self._pool, clock=self.clock)
        identities = PostgresIdentityStore(self._lookups)
        self._pseudonyms = Pseudonyms(vault=vault, lanes=self._lanes)
        self._obligations = ObligationIds(vault)
        self._keys = Keys(vault=vault, identities=identities, ids=self._ids, clock=self.clock)
        self._opener = ContentOpener(keys=self._keys)
        self._people = People(identities=identities, pseudonyms=self._pseudonyms, ids=self._ids)
        self._directory = LinkedDirectory(identities=identities, pseudonyms=self._pseudonyms)
        self._facts = FactReader(reader=self._reader, opener=self._opener, links=self._directory)
        self._application, self._register = self._wire_register()
        self._recorder = self._wire_recorder()
        store = PostgresTreeStore(pool=self._pool)
        sealer = TreeSealer(store=store, vault=vault, clock=self.clock)
        self._sealer_lead = Leadership(self._conninfo, SEALER_LOCK, "sealer-lead")
        leads = self._sealer_lead.take if self._is_replica else (lambda: True)
        self._sealer = SealerThread(
            sealer=sealer, log=self._log, leads=leads, metrics=self._metrics, telemetry=self._telemetry
        )
        visible = VisibleEvents(events=self._reader, lines=PostgresKeptLines(pool=self._pool), clock=self.clock)
        self._sources = Sources(
            projections=self._projections,
            events=visible,
            opener=self._opener,
            directory=self._directory,
            register=self._register,
            clock=self.clock,
        )
        self._operations = OperationWriter(
            appender=self._writer,
            reader=self._reader,
            keys=self._keys,
            people=self._people,
            pseudonyms=self._pseudonyms,
            clock=self.clock,
        )
        self._about = AboutEvents(
            reader=self._reader, opener=self._opener, register=self._register, pseudonyms=self._pseudonyms
        )
        self.forgetting = Forgetting(self._wire_forgetting(vault, identities), is_restoring=self._is_restoring)
        verbs = self._wire_verbs(vault, store, sealer)
        self._measuring = self._wire_measuring(verbs.clocks, store)
        self.retention_commands = self.forgetting.retention(verbs.access_requests.deciders, verbs.overlaps)
        self.notifier_commands = NotifierClient(verbs.duties)
        self.letter_commands = verbs.letters
        self.status = InProcessStatus(
            reader=self._reader, positions=lambda: self._projector.positions, told_by=self.clock
        )
        self.client = InProcessClient(
            verbs=verbs,
            clock=self.clock,
            wait_for=self._projector.wait_for,
            ready=self._ready,
        )

    def _wire_forgetting(self, vault: SealedFileVault, identities: PostgresIdentityStore) -> Foundations:
        """What forgetting stands on."""
        return Foundations(
            pool=self._pool,
            reader=self._reader,
            identities=identities,
            vault=vault,
            register_folder=self._register_folder,
            keys=self._keys,
            pseudonyms=self._pseudonyms,
            ids=self._ids,
            obligations=self._obligations,
            sources=self._sources,
            facts=self._facts,
            writer=self._operations,
            about=self._about,
            wait_for=self._projector.wait_for,
        )

    def _wire_measuring(self, clocks: Clocks, store: PostgresTreeStore) -> MeasureThread:
        """The gauges of this process, and of the whole ledger while its projector leads here."""
        followers: dict[Consumer, Positions] = {"projector": lambda: self._projector.positions, "sealer": store.sizes}
        if self._publishers is not None:
            followers["publisher"] = PublishedLanes(self._pool).positions
        measure = Measure(
            reader=self._reader,
            followers=followers,
            clocks=CountClocks(clocks),
            keys=self._keys,
            people=self._people,
            clock=self.clock,
            metrics=self._metrics,
        )
        return MeasureThread(measure=measure, leads=lambda: self._projector.leads, log=self._log)

    def _wire_publishers(self, settings: KafkaSettings) -> PublisherThreads:
        """Whoever takes the events to Kafka; a ledger without it never loads its library."""
        from services.ledger.entrypoints.publish import PublisherThreads  # noqa: PLC0415 - see above

        return PublisherThreads(
            conninfo=self._conninfo,
            settings=settings,
            lanes=self._lanes,
            log=self._log,
            metrics=self._metrics,
            telemetry=self._telemetry,
        )

    def _wire_register(self) -> tuple[RegisterApplication, LaneRegister]:
        """The governance side: the library's application on the register lane."""
        application = RegisterApplication(environment=register_environment(self._conninfo))
        register = LaneRegister(
            recorder=application.recorder,
            mapper=application.mapper,
            norms=packaged_norms(),
            siblings=self._siblings,
        )
        try:
            register.catch_up()
        except BaseException:
            # Whoever starts us may try again with another process: this one must leave no connections behind.
            application.close()
            raise
        return application, register

    def _wire_recorder(self) -> Recorder:
        """The write path of acts, notices and exemptions."""
        preparer = Preparer(
            register=self._register,
            people=self._people,
            facts=self._facts,
            keys=self._keys,
            pseudonyms=self._pseudonyms,
            ids=self._ids,
            clock=self.clock,
        )
        return Recorder(
            preparer=preparer,
            appender=self._writer,
            reader=self._reader,
            people=self._people,
            keys=self._keys,
            pseudonyms=self._pseudonyms,
            obligations=self._obligations,
            telemetry=self._telemetry,
        )

    def _wire_verbs(self, vault: SealedFileVault, store: PostgresTreeStore, sealer: TreeSealer) -> Verbs:
        """Every verb on the same sources, the same record of reads and the same writer."""
        sources, cursors = self._sources, CursorSealer(vault)
        writer, about, forgetting = self._operations, self._about, self.forgetting
        events = DossierEvents(writer=writer, pseudonyms=self._pseudonyms)
        reads = ReadLog(dossier_events=events, ids=self._ids)
        inquiries = Inquiries(sources=sources, dossier_events=events)
        confirmer = self._wire_confirmer()
        breaches = Breaches(sources=sources, dossier_events=events, holds=forgetting.automatic_holds)
        impacts = Impacts(sources=sources, breaches=breaches, reads=reads, cursors=cursors)
        requests = AccessRequests(sources=sources, dossier_events=events, holds=forgetting.automatic_holds)
        request_clocks = RequestClocks(sources=sources, requests=requests, stream_lane=self._pseudonyms.stream_lane)
        replays = Replays(sources=sources, inquiries=inquiries, reads=reads, cursors=cursors)
        entry = RegisterEntry(application=self._application, source=self._register, clock=self.clock)
        return Verbs(
            record=self._recorder,
            assess=self._wire_assessor(),
            check=Checker(register=self._register, clock=self.clock),
            confirm=confirmer,
            correct=self._wire_corrector(about, writer),
            confidentiality=ConfidentialitySetter(about=about, writer=writer),
            overlaps=self._wire_overlaps(vault, confirmer),
            link=Linker(
                writer=writer,
                people=self._people,
                pseudonyms=self._pseudonyms,
                follow=forgetting.following_holds.follow,
            ),
            search_operations=SearchOperations(sources=sources, reads=reads, cursors=cursors),
            read_operation=ReadOperation(sources=sources, reads=reads),
            search_holdings=SearchHoldings(sources=sources, reads=reads, cursors=cursors),
            access_requests=requests,
            access_reports=AccessReports(
                sources=sources, requests=requests, reads=reads, stream_lane=self._pseudonyms.stream_lane
            ),
            read_request=ReadRequest(sources=sources, requests=requests, clocks=request_clocks, reads=reads),
            request_steps=RequestSteps(
                sources=sources, requests=requests, clocks=request_clocks, dossier_events=events
            ),
            clocks=Clocks(sources=sources, requests=requests, request_clocks=request_clocks, breaches=breaches),
            inquiries=inquiries,
            replays=replays,
            process_reports=ProcessReports(replays=replays),
            breaches=breaches,
            impacts=impacts,
            prove=ProveOperation(find=FindProvable(sources=sources), sealer=sealer, store=store, vault=vault),
            tree=ReadTree(sealer=sealer, store=store),
            holds=forgetting.holds,
            terms=forgetting.terms,
            schedule=forgetting.schedule,
            erasures=forgetting.erasures,
            declarations=forgetting.declarations,
            register=entry,
            list_register=ListRegister(source=self._register),
            covenants=wire_covenants(source=self._register, sources=sources, reads=reads, cursors=cursors),
            learning=wire_learning(source=self._register, register=entry, sources=sources),
            duties=wire_duties(
                sources=sources,
                ids=self._obligations,
                recorder=self._recorder,
                writer=writer,
                pseudonyms=self._pseudonyms,
                reads=reads,
                cursors=cursors,
            ),
            letters=self._wire_letters(breaches, impacts, reads),
        )

    def _wire_assessor(self) -> Assessor:
        """The dry run of the same judgement."""
        return Assessor(
            register=self._register,
            people=self._people,
            facts=self._facts,
            pseudonyms=self._pseudonyms,
            clock=self.clock,
        )

    def _wire_confirmer(self) -> Confirmer:
        """Intents become facts through the same road as all others."""
        return Confirmer(
            recorder=self._recorder,
            about=self._about,
            reader=self._reader,
            clock=self.clock,
            register=self._register,
            pseudonyms=self._pseudonyms,
        )

    def _wire_letters(self, breaches: Breaches, impacts: Impacts, reads: ReadLog) -> LetterTargets:
        """To whom letters go, by what is owed, leaked and erased."""
        return LetterTargets(
            sources=self._sources,
            duties=PersonDuties(sources=self._sources, ids=self._obligations),
            ids=self._obligations,
            breaches=breaches,
            impacts=impacts,
            erasures=self.forgetting.erasures,
            reads=reads,
        )

    def _wire_overlaps(self, vault: SealedFileVault, confirmer: Confirmer) -> Overlaps:
        """Overlaps are judged and recorded like every other processing."""
        return Overlaps(
            store=PostgresOverlaps(self._pool),
            recorder=self._recorder,
            confirmer=confirmer,
            register=self._register,
            vault=vault,
            pseudonyms=self._pseudonyms,
            ids=self._ids,
            clock=self.clock,
        )

    def _wire_corrector(self, about: AboutEvents, writer: OperationWriter) -> Corrector:
        """Corrections judge anew when the right person gets the act."""
        return Corrector(
            about=about,
            writer=writer,
            register=self._register,
            people=self._people,
            facts=self._facts,
            pseudonyms=self._pseudonyms,
        )

    @property
    def _seals(self) -> bool:
        """Whether this process keeps the trees: one is enough, and the first is started again when it ends."""
        return self._siblings is None or self._siblings.number == 0

    def listen(self) -> None:
        """Take the nudges of the siblings; call it when there is something to read at their ears."""
        assert self._siblings is not None, "nobody nudges a process that is alone"
        heard = self._siblings.hear()
        if COMMITTED in heard:
            self._wake()
        if APPLIED in heard:
            self._projector.look_again()

    def _wake(self) -> None:
        """Wake what follows the lanes in this process; a projector that does not lead has nothing to do."""
        self._sealer.wake()
        if self._siblings is None or self._projector.leads:
            self._projector.wake()

    def _on_committed(self, heads: Mapping[int, int]) -> None:
        """Wake who follows the lanes, wherever he is."""
        self._wake()
        if self._publishers is not None:
            self._publishers.wake(heads)
        for wake in self._followers:
            wake()
        if self._siblings is not None and not (self._projector.leads and self._seals):
            self._siblings.nudge(COMMITTED)

    def _on_applied(self) -> None:
        """Tell the siblings that wait for a position."""
        if self._siblings is not None:
            self._siblings.nudge(APPLIED)

    def _ready(self) -> JsonObject:
        """How far the lanes and their projections are; raises when database or register cannot be read."""
        if self._projector.failure is not None:
            raise ProjectionStopped from self._projector.failure
        if self._is_replica:
            # Without the whole register every call would be refused.
            self._register.look(self._lookups)
        heads, seen = self._reader.heads(), self._projector.positions
        lag = sum(max(0, head - seen.get(lane, 0)) for lane, head in heads.items())
        return {"status": "ready", "projectionLag": lag}
