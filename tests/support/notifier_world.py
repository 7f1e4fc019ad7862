"""The verbs of notifier over a real database, with channels that watch: driven by hand, without a thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.notifier.application.attend import AttendPerson
from services.notifier.application.compose import Composer
from services.notifier.application.deliver import Deliver
from services.notifier.application.follow import FollowFeed
from services.notifier.application.forget import Forget
from services.notifier.application.ports import Channel, Store
from services.notifier.application.prepare_message import PrepareMessage
from services.notifier.application.progress import Progress
from services.notifier.application.record_sent import RecordSent
from services.notifier.application.refresh import RefreshDuties
from services.notifier.application.route_book import RouteBook
from services.notifier.application.run_round import RunRound
from services.notifier.application.steps import Steps
from services.notifier.application.write_to_person import WriteToPerson
from services.notifier.contract.letters import PersonLetter, Written
from services.notifier.domain.messages import Message, Route
from services.notifier.domain.settings import ChannelSettings, SmtpSettings
from services.notifier.storage.letter_keys import FileLetterKeys
from services.notifier.storage.open_notifier import connect, open_notifier
from services.notifier.storage.store import PostgresStore
from services.notifier.templates.library import TextLibrary
from services.runtime.clock import FakeClock
from services.runtime.ids import SystemIds
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.support.notifier import NOW, FakeFeed, FakeLedger, WatchingChannel

TABLES = ("cursor", "read_back", "look", "duty", "outbox")
MAIL = ChannelSettings(smtp=SmtpSettings(host="mail.x.example", sender="grootboek@x.example"))


class World:
    """Everything a verb needs, and what came of it."""

    def __init__(self, conninfo: str, folder: Path, routes: Mapping[str, tuple[Route, ...]]) -> None:
        """Begin at NOW with a ledger in which nobody owes anything."""
        open_notifier(conninfo)
        self.conninfo = conninfo
        self.connection = connect(conninfo)
        self.clock = FakeClock(NOW)
        self.ledger = FakeLedger(self.clock)
        self.log, self.metrics = MemoryLog(), Metrics()
        self.channels = {name: WatchingChannel() for name in ("folder", "letter", "smtp", "webhook")}
        self.routes = routes
        self.keys = FileLetterKeys(folder / "keys", SystemIds())
        self.texts = TextLibrary()
        self.store: Store = PostgresStore(self.connection)
        self.restart()

    def restart(self) -> None:
        """Lose everything that is not in the database, as after a crash."""
        channels: dict[str, Channel] = dict(self.channels)
        book = RouteBook(self.routes)
        prepare = PrepareMessage(composer=Composer(texts=self.texts, ledger_url=None), keys=self.keys, routes=book)
        attend = AttendPerson(ledger=self.ledger, store=self.store, routes=book, log=self.log)
        cursor = self.store.cursor()
        self.forget = Forget(store=self.store, keys=self.keys, channels=channels, log=self.log)
        self.steps = Steps(
            clock=self.clock,
            follow=FollowFeed(feed=FakeFeed(self.ledger.events, cursor), store=self.store),
            refresh=RefreshDuties(ledger=self.ledger, store=self.store, attend=attend),
            rounds=RunRound(store=self.store, attend=attend),
            forget=self.forget,
            deliver=Deliver(
                store=self.store,
                ledger=self.ledger,
                prepare=prepare,
                channels=channels,
                routes=book,
                keys=self.keys,
                log=self.log,
                metrics=self.metrics,
            ),
            record=RecordSent(store=self.store, ledger=self.ledger, prepare=prepare, keys=self.keys, log=self.log),
            is_new=not cursor,
        )
        self.letters = WriteToPerson(
            ledger=self.ledger, keys=self.keys, channels=MAIL, clock=self.clock, log=self.log, metrics=self.metrics
        )

    def settle(self, **later: float) -> None:
        """Let time pass, then do everything that is due."""
        self.clock.advance(**later)
        for _ in range(1_000):
            if self.steps.advance() is not Progress.MORE:
                return
        raise AssertionError("notifier never comes to rest")

    def write(self, letter: PersonLetter) -> Written:
        """Order a letter."""
        return self.letters.write(letter, self.store)

    @property
    def sent(self) -> list[Message]:
        """What was sent by any channel."""
        return [message for channel in self.channels.values() for message in channel.sent]

    @property
    def recorded(self) -> list[tuple[str, str]]:
        """Kind and receiver of what the ledger knows to have been sent."""
        return [(message.kind, message.addressed_to) for message in self.ledger.recorded]

    def logged(self, name: str) -> list[dict[str, object]]:
        """The fields of the log events with this name."""
        return [fields for event, fields in self.log.written if event.name == name]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of notifier."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(f"SELECT * FROM notifier.{table} ORDER BY 1, 2").fetchall()

    def row(self, message_id: UUID) -> dict[str, Any]:
        """The row of a message."""
        (row,) = [row for row in self.rows("outbox") if row["id"] == message_id]
        return row

    def lose_working_state(self) -> None:
        """Empty every table, as if the schema had been dropped and made anew."""
        for table in TABLES:
            self.connection.execute(f"TRUNCATE notifier.{table}")
        self.restart()


@contextmanager
def world_over(conninfo: str, folder: Path, routes: Mapping[str, tuple[Route, ...]] | None = None) -> Iterator[World]:
    """A world over an empty database."""
    world = World(conninfo, folder, routes or {})
    try:
        yield world
    finally:
        world.connection.close()
