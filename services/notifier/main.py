"""Wires notifier: settings and adapters in, verbs and the thread out. The only place that knows them all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from services.ledger.contract.commands import LetterCommands, NotifierCommands
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.contract.status import LedgerStatus
from services.notifier.application.attend import AttendPerson
from services.notifier.application.compose import Composer
from services.notifier.application.deliver import Deliver
from services.notifier.application.follow import FollowFeed
from services.notifier.application.followed import Followed
from services.notifier.application.forget import Forget
from services.notifier.application.measure import MeasureNotifier
from services.notifier.application.ports import Channel, EventFeed
from services.notifier.application.prepare_message import PrepareMessage
from services.notifier.application.record_sent import RecordSent
from services.notifier.application.refresh import RefreshDuties
from services.notifier.application.route_book import RouteBook
from services.notifier.application.run_round import RunRound
from services.notifier.application.steps import FollowedElsewhere, Following, Steps
from services.notifier.application.trace import NotifierTrace
from services.notifier.application.write_to_person import WriteToPerson
from services.notifier.channels.folder import FolderChannel
from services.notifier.channels.letter import LetterChannel
from services.notifier.channels.mailboxes import Mailboxes
from services.notifier.channels.smtp import SmtpChannel
from services.notifier.channels.webhook import WebhookChannel
from services.notifier.contract.desk import LetterDesk
from services.notifier.contract.letters import PersonLetter, Written
from services.notifier.domain.settings import ChannelSettings
from services.notifier.entrypoints.bridge import LedgerBridge
from services.notifier.entrypoints.desk import Desk
from services.notifier.entrypoints.follow import FollowThread, MakeSharedFeed
from services.notifier.entrypoints.lanes import StatusLanes
from services.notifier.entrypoints.notify import NotifierThread
from services.notifier.entrypoints.settings import read_settings
from services.notifier.storage.letter_keys import FileLetterKeys
from services.notifier.storage.open_notifier import (
    check_notifier,
    connect,
    hold_outbox,
    open_notifier,
    own_outbox,
)
from services.notifier.storage.store import PostgresStore
from services.notifier.templates.library import TextLibrary
from services.runtime import limits
from services.runtime.clock import Clock
from services.runtime.ids import SystemIds
from services.runtime.leader_notice import LeaderNotice
from services.runtime.log import Log
from services.runtime.metrics import Metrics
from services.runtime.postgres import DatabaseAway, is_away
from services.runtime.telemetry import OFF, Telemetry
from services.runtime.traced import traced

MakeFeed = Callable[[Mapping[int, int]], EventFeed]


class NotifierProcess:
    """A notifier that can be started and stopped in the event loop of the ledger whose commands it uses.

    ``folder`` holds everything of it: ``settings/`` (channels.yaml, routes.yaml), ``mailboxes/`` (messages and letters,
    one folder for each party) and ``keys/`` (of letters that wait; leave it out of backups). The settings may stand
    elsewhere, in ``settings_folder``.
    """

    def __init__(
        self,
        *,
        conninfo: str,
        commands: NotifierCommands,
        letters: LetterCommands,
        make_feed: MakeFeed | None = None,
        make_shared_feed: MakeSharedFeed | None = None,
        has_seen: Callable[[int, int], bool],
        folder: Path,
        clock: Clock,
        log: Log,
        metrics: Metrics,
        status: LedgerStatus | None = None,
        telemetry: Telemetry = OFF,
        settings_folder: Path | None = None,
        is_replica: bool = False,
    ) -> None:
        """Open the database and read the settings; raises when they are unsafe.

        ``letters`` says to whom a letter goes; ``make_feed`` gives the events after a cursor; where several processes
        share the lanes of a feed, ``make_shared_feed`` gives that instead, and there must be a ``status``. ``has_seen``
        tells whether the ledger's answers have seen a position of a lane; ``status`` how far the ledger is. A replica
        is one of several processes, which make nothing of the database themselves.
        """
        self._settings = read_settings(settings_folder or folder / "settings")
        (check_notifier if is_replica else open_notifier)(conninfo)
        self._conninfo, self._has_seen = conninfo, has_seen
        self._commands = traced(NotifierCommands, commands, telemetry)
        self._trace = NotifierTrace(telemetry)
        self._measure = MeasureNotifier(clock=clock, metrics=metrics)
        self._status = status
        self._lanes: StatusLanes | None = None
        self._make_feed = make_feed
        self._followed = Followed()
        self._follower: FollowThread | None = None
        if make_shared_feed is not None:
            self._follower = FollowThread(
                conninfo=conninfo,
                make_feed=make_shared_feed,
                on_followed=self.wake,
                trace=self._trace,
                log=log,
                metrics=metrics,
            )
        self._clock, self._log, self._metrics = clock, log, metrics
        self._keys = FileLetterKeys(folder / "keys", SystemIds(clock))
        self._texts = TextLibrary()
        self._channels = build_channels(self._settings.channels, folder / "mailboxes", clock, self._texts)
        self._desk = Desk(letters, self.write_to_person)
        notice = LeaderNotice("notifier", log=log, metrics=metrics, on_lost=self._measure.forget)
        self._thread = NotifierThread(conninfo=conninfo, make_work=self._make_work, log=log, notice=notice)

    @property
    def desk(self) -> LetterDesk:
        """Where letters to persons are ordered, once it was opened."""
        return self._desk

    async def open_desk(self) -> None:
        """Take orders for letters from now on; the commands are called in the loop in which this is called.

        Every process that serves the ledger may do so: orders go into the outbox, and the one that leads sends them.
        """
        # A thread that writes an order waits for commands, which take threads of their own: so it takes none of those.
        self._orders = CapacityLimiter(limits.LETTER_ORDERS_AT_ONCE_MAX)
        self._bridge = LedgerBridge(self._commands, asyncio.get_running_loop(), self._has_seen)
        self._letters = WriteToPerson(
            ledger=self._bridge,
            keys=self._keys,
            channels=self._settings.channels,
            clock=self._clock,
            log=self._log,
            metrics=self._metrics,
            trace=self._trace,
        )
        if self._status is not None:
            self._lanes = StatusLanes(self._status, asyncio.get_running_loop())

    async def start(self) -> None:
        """Open the desk and let the thread run."""
        await self.open_desk()
        await run_sync(self._drop_orphans)
        if self._follower is not None:
            await run_sync(self._begin_reading_back, await self._heads())
            self._follower.start()
        self._thread.start()

    async def stop(self) -> None:
        """Finish the piece at hand and end; before the ledger stops, whose commands it uses."""
        if self._follower is not None:
            await run_sync(self._follower.stop)
        await run_sync(self._thread.stop)

    def wake(self) -> None:
        """Say that events were appended; from any thread, at no cost."""
        self._thread.wake()

    async def catch_up(self) -> None:
        """Do everything that is due by the clock, sending included, before this returns; NotifierBehind otherwise."""
        if self._follower is not None:
            self._followed.wait_for(await self._heads())
        await run_sync(self._thread.catch_up)

    async def write_to_person(self, letter: PersonLetter) -> Written:
        """Send a letter to a person, once per cause, unless an exemption is open: then it is ``held``."""
        written = await run_sync(self._write, letter, limiter=self._orders)
        self._thread.wake()
        return written

    @property
    def failure(self) -> BaseException | None:
        """What stopped notifier for good, for the answer to whether the ledger is ready."""
        followed = None if self._follower is None else self._follower.failure
        return self._thread.failure or followed

    async def check_database(self) -> None:
        """Raise DatabaseAway when no letter could be ordered now, for want of the database."""
        await run_sync(self._connect_once)

    def _connect_once(self) -> None:
        with self._connected():
            pass

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection for a moment; DatabaseAway, which callers may try again, whenever the database cannot now."""
        try:
            with connect(self._conninfo) as connection:
                yield connection
        except psycopg.Error as error:
            if is_away(error):
                raise DatabaseAway from error
            raise

    async def _heads(self) -> dict[int, int]:
        """How far the lanes are that are followed: those of persons."""
        assert self._status is not None, "a shared feed needs to be told how far the ledger is"
        return {lane: at for lane, at in (await self._status.heads()).items() if lane != REGISTER_LANE}

    def _begin_reading_back(self, heads: Mapping[int, int]) -> None:
        with connect(self._conninfo) as connection:
            PostgresStore(connection).begin_reading_back(heads)

    def _write(self, letter: PersonLetter) -> Written:
        with self._connected() as connection:
            hold_outbox(connection)
            return self._letters.write(letter, PostgresStore(connection))

    def _drop_orphans(self) -> None:
        """Not while another process is between the key of a letter and its row; the next start will do it then."""
        with connect(self._conninfo) as connection:
            if not own_outbox(connection):
                return
            store = PostgresStore(connection)
            Forget(store=store, keys=self._keys, channels=self._channels, log=self._log).drop_orphans()

    def _make_work(self, connection: psycopg.Connection[Any]) -> Steps:
        """All verbs over one connection, in the thread."""
        store = PostgresStore(connection)
        routes = RouteBook(self._settings.routes)
        composer = Composer(texts=self._texts, ledger_url=self._settings.channels.ledger_url)
        prepare = PrepareMessage(composer=composer, keys=self._keys, routes=routes)
        attend = AttendPerson(ledger=self._bridge, store=store, routes=routes, log=self._log, trace=self._trace)
        cursor = store.cursor()
        follow: Following = FollowedElsewhere()
        if self._make_feed is not None:
            follow = FollowFeed(feed=self._make_feed(cursor), store=store, trace=self._trace)
        return Steps(
            clock=self._clock,
            follow=follow,
            is_followed=lambda: self._followed.is_enough(store),
            refresh=RefreshDuties(ledger=self._bridge, store=store, attend=attend),
            rounds=RunRound(store=store, attend=attend),
            forget=Forget(store=store, keys=self._keys, channels=self._channels, log=self._log),
            deliver=Deliver(
                store=store,
                ledger=self._bridge,
                prepare=prepare,
                channels=self._channels,
                routes=routes,
                keys=self._keys,
                log=self._log,
                metrics=self._metrics,
                trace=self._trace,
            ),
            record=RecordSent(store=store, ledger=self._bridge, prepare=prepare, keys=self._keys, log=self._log),
            is_new=not cursor,
            measure=lambda: self._measure.step(store, self._lanes),
        )


def build_channels(settings: ChannelSettings, mailboxes: Path, clock: Clock, texts: TextLibrary) -> dict[str, Channel]:
    """The channels that the settings allow; folder and letter are always there."""
    boxes = Mailboxes(mailboxes)
    channels: dict[str, Channel] = {"folder": FolderChannel(boxes), "letter": LetterChannel(boxes)}
    if settings.smtp is not None:
        channels["smtp"] = SmtpChannel(settings.smtp, texts.to_html)
    if settings.webhook.hosts:
        channels["webhook"] = WebhookChannel(settings, clock)
    return channels
