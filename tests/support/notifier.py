"""What tests of notifier lean on: duties and letters, a ledger that answers as it is told, channels that watch."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid5

import msgspec

from services.ledger.contract import topics
from services.ledger.contract.clock import ClockState
from services.ledger.contract.cloud_events import PublishedEvent
from services.ledger.contract.commands import DutyAt, LetterTarget, SentMessage
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.ledger.contract.positions import REGISTER_LANE
from services.notifier.application.ports import PartyFacts, Waiting
from services.notifier.contract.letters import BreachFacts, ErasedFacts, NoticeFacts, PersonLetter
from services.notifier.domain.duties import Duty, remember
from services.notifier.domain.messages import Delivery, Message
from services.notifier.entrypoints.follow import MakeSharedFeed
from services.notifier.main import NotifierProcess
from services.notifier.templates.library import TextLibrary
from services.runtime.clock import FakeClock
from services.runtime.errors import Unavailable
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
PERSON = UUID(int=7, version=4)
CAUSE = UUID(int=9, version=4)
CANARY_NAME = "Zwaantje Kanariegeel"
CANARY_STREET = "Geheimstraat 13"
CANARY_TEXT = "een kanarie in de kolenmijn"


def duty_at(**changes: Any) -> DutyAt:
    """A duty to inform, due in a month, as the ledger tells it."""
    fields: dict[str, Any] = {
        "kind": "inform",
        "obligation": "inform-1",
        "party": "college",
        "lane": 0,
        "stream_id": PERSON,
        "state": "open",
        "due": NOW + timedelta(days=30),
        "missing_elements": ("purpose", "source"),
        "data_categories": ("name", "nuisance-report"),
        "covenant": "veiligheidshuis",
        "annex": "jeugdgroepen",
    }
    return DutyAt(**(fields | changes))


def erase_at(**changes: Any) -> DutyAt:
    """A duty to erase, owed by the police to the mayor, as the ledger tells it."""
    fields = {"kind": "erase", "obligation": "erase-1", "party": "politie", "state": "owed", "due": None}
    return duty_at(**(fields | {"controller": "burgemeester", "missing_elements": ()} | changes))


def duty(**changes: Any) -> Duty:
    """The row of a duty to inform that has just been seen."""
    rows = {"first_seen_at", "reopened_at", "reopened_from"}
    told = duty_at(**{name: value for name, value in changes.items() if name not in rows})
    own = {name: value for name, value in changes.items() if name in rows}
    return msgspec.structs.replace(remember(None, told, NOW), **own)


def erase_duty(**changes: Any) -> Duty:
    """The row of a duty to erase that has just been seen."""
    rows = {"first_seen_at", "reopened_at", "reopened_from"}
    told = erase_at(**{name: value for name, value in changes.items() if name not in rows})
    own = {name: value for name, value in changes.items() if name in rows}
    return msgspec.structs.replace(remember(None, told, NOW), **own)


def notice_facts(**changes: Any) -> NoticeFacts:
    """The nine elements."""
    fields: dict[str, Any] = {
        "controller": "Het college van Middelstad.",
        "purpose": "Wij willen overlast verminderen.",
        "basis": "Dat staat in artikel 172 van de Gemeentewet.",
        "categories": ("uw naam", "meldingen van overlast"),
        "recipients": ("de politie",),
        "retention": "Twee jaar.",
        "rights": "Bel 14 012.",
        "source": "Van de politie.",
        "complaint": "Bel onze functionaris gegevensbescherming.",
    }
    return NoticeFacts(**(fields | changes))


def breach_facts(**changes: Any) -> BreachFacts:
    """What happened, in plain words."""
    fields: dict[str, Any] = {
        "controller": "het college",
        "happened": "Een laptop is gestolen.",
        "categories": ("uw naam",),
        "consequences": "Iemand kan zich voor u uitgeven.",
        "measures": "De laptop is op afstand gewist.",
        "advice": "Let op vreemde mails.",
        "contact": "Bel 14 012.",
    }
    return BreachFacts(**(fields | changes))


def erased_facts(**changes: Any) -> ErasedFacts:
    """What was forgotten."""
    fields: dict[str, Any] = {
        "controller": "Het college",
        "categories": ("uw naam",),
        "erased_on": date(2026, 5, 4),
        "recipients": ("de politie",),
        "backups_until": date(2026, 6, 3),
        "contact": "Bel 14 012.",
    }
    return ErasedFacts(**(fields | changes))


def person_letter(**changes: Any) -> PersonLetter:
    """A notice by letter to somebody whose name and street are canaries."""
    fields: dict[str, Any] = {
        "kind": "notice-to-person",
        "cause": CAUSE,
        "controller": "college",
        "lane": 0,
        "stream_id": PERSON,
        "channel": "letter",
        "address": (CANARY_NAME, CANARY_STREET, "1234 AB Middelstad"),
        "salutation": CANARY_NAME,
        "dutch": notice_facts(purpose=CANARY_TEXT),
    }
    return PersonLetter(**(fields | changes))


def party_facts(**changes: Any) -> PartyFacts:
    """What a message about a duty to inform is made of."""
    fields: dict[str, Any] = {
        "obligation": "inform-1",
        "party": "college",
        "controller": None,
        "covenant": "veiligheidshuis",
        "annex": "jeugdgroepen",
        "data_categories": ("name", "nuisance-report"),
        "missing_elements": ("purpose", "source"),
        "due": NOW + timedelta(days=3),
        "decided_on": NOW.date(),
    }
    return PartyFacts(**(fields | changes))


def waiting(**changes: Any) -> Waiting:
    """A row of the outbox."""
    fields: dict[str, Any] = {
        "id": UUID(int=1),
        "lane": 0,
        "stream_id": PERSON,
        "obligation": "inform-1",
        "kind": "inform-due",
        "party": "college",
        "to_person": False,
        "channel": "folder",
        "route": "folder",
        "template": "inform-due@1",
        "facts": party_facts(),
        "sealed": None,
        "at": NOW,
        "attempts": 0,
        "settled": (),
    }
    return Waiting(**(fields | changes))


def message(**changes: Any) -> Message:
    """A message to a party in both languages, ready to leave."""
    texts = TextLibrary()
    context = {
        "party": "college",
        "controller": None,
        "obligation": "inform-1",
        "covenant": None,
        "annex": None,
        "categories": ("name",),
        "elements": ("purpose",),
        "due": "4 mei 2026",
        "decided_on": "1 mei 2026",
        "first_said_on": None,
        "url": None,
    }
    fields: dict[str, Any] = {
        "id": uuid5(CAUSE, "message"),
        "kind": "inform-due",
        "template": "inform-due@1",
        "mailbox": "college",
        "obligation": "inform-1",
        "to_person": False,
        "at": NOW,
        "texts": texts.render("inform-due@1", {"nl": context, "en": context}),
    }
    return Message(**(fields | changes))


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a feed gives it."""

    lane: int
    position: int
    stream_id: UUID
    topic: str
    envelope: bytes | None


class FakeFeed:
    """A feed over a list that others may add to."""

    def __init__(self, events: Sequence[Event], cursor: Mapping[int, int]) -> None:
        """Continue after the cursor."""
        self._events = events
        self._cursor = dict(cursor)

    @property
    def committed(self) -> Mapping[int, int]:
        """The cursor after which the next poll begins."""
        return dict(self._cursor)

    def poll(self, limit: int) -> tuple[Sequence[Event], Mapping[int, int]]:
        """The next events."""
        found = [event for event in self._events if event.position > self._cursor.get(event.lane, 0)][:limit]
        return found, self._cursor | {event.lane: event.position for event in found}

    def commit(self, cursor: Mapping[int, int]) -> None:
        """Go on after this cursor."""
        self._cursor.update(cursor)


class FakeLedger:
    """A ledger with the duties that a test puts in it; speaks both the commands and their blocking form."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        """Nobody owes anything yet; events are recorded by this clock."""
        self._clock = clock or FakeClock(NOW)
        self.duties: dict[UUID, list[DutyAt]] = {}
        self.silenced: set[UUID] = set()
        self.recorded: list[SentMessage] = []
        self.events: list[Event] = []
        self.asked: list[UUID] = []
        self.waited: list[tuple[int, int]] = []
        self.seen = 1_000_000
        self.failing: Exception | None = None
        self.failing_streams: dict[UUID, Exception] = {}

    def owe(self, *duties: DutyAt) -> None:
        """From now on the person of each duty has exactly these."""
        for each in duties:
            self.duties[each.stream_id] = [one for one in duties if one.stream_id == each.stream_id]

    def append(self, topic: str = topics.PROCESSING_RECORDED, stream_id: UUID = PERSON, **envelope: Any) -> Event:
        """Add an event to lane 0."""
        now = self._clock.now()
        fields = {"key": "k", "recordedAt": now, "operationId": CAUSE, "author": "college", "occurredAt": now}
        position = len(self.events) + 1
        event = Event(
            lane=0,
            position=position,
            stream_id=stream_id,
            topic=topic,
            envelope=msgspec.json.encode(fields | envelope),
        )
        self.events.append(event)
        return event

    def duties_of(self, lane: int, stream_id: UUID) -> Sequence[DutyAt]:
        """What the person's parties owe."""
        self.asked.append(stream_id)
        self._fail(stream_id)
        return self.duties.get(stream_id, [])

    def may_tell_person(self, lane: int, stream_id: UUID) -> bool:
        """Whether the test lets the person be told."""
        self._fail(stream_id)
        return stream_id not in self.silenced

    def record_message(self, message: SentMessage) -> None:
        """Keep the message and tell it in the feed, once per id."""
        self._fail(message.stream_id)
        if message.id in {each.id for each in self.recorded}:
            return
        self.recorded.append(message)
        self.append(
            topics.MESSAGE_SENT,
            message.stream_id,
            key=f"message:{message.id}",
            obligation=message.obligation,
            messageKind=message.kind,
            channel=message.channel,
            template=message.template,
            addressedTo=message.addressed_to,
        )

    def has_seen(self, lane: int, position: int) -> bool:
        """Whether the projections are that far; remembers what was asked."""
        self.waited.append((lane, position))
        return position <= self.seen

    def _fail(self, stream_id: UUID) -> None:
        if self.failing is not None:
            raise self.failing
        if stream_id in self.failing_streams:
            raise self.failing_streams[stream_id]


class FakeCommands:
    """The asynchronous form of a FakeLedger."""

    def __init__(self, ledger: FakeLedger) -> None:
        """Answer as the ledger does."""
        self._ledger = ledger

    async def duties_of(self, lane: int, stream_id: UUID) -> Sequence[DutyAt]:
        """What the person's parties owe."""
        return self._ledger.duties_of(lane, stream_id)

    async def may_tell_person(self, lane: int, stream_id: UUID) -> bool:
        """Whether the person may be told."""
        return self._ledger.may_tell_person(lane, stream_id)

    async def record_message(self, message: SentMessage) -> None:
        """Keep the message."""
        self._ledger.record_message(message)

    async def notice_target(self, caller: Caller, obligation_id: str) -> LetterTarget:
        """The person of every obligation that was put in the ledger."""
        return self._target(caller, obligation_id, obligation_id)

    async def breach_target(self, caller: Caller, breach_id: str, subject: SubjectIdentifier) -> LetterTarget:
        """The person of every breach."""
        return self._target(caller, breach_id, None)

    async def erasure_target(self, caller: Caller, erasure_id: str, subject: SubjectIdentifier) -> LetterTarget:
        """The person of every erasure."""
        return self._target(caller, erasure_id, None)

    def _target(self, caller: Caller, cause: str, obligation: str | None) -> LetterTarget:
        """PERSON, unless the party is nobody's."""
        if caller.party == "outsider":
            raise NotFound
        return LetterTarget(
            lane=0, stream_id=PERSON, cause=uuid5(CAUSE, cause), controller=caller.party, obligation=obligation
        )


class FakeStatus:
    """How far a FakeLedger is."""

    def __init__(self, ledger: FakeLedger) -> None:
        """Answer of this ledger."""
        self._ledger = ledger

    async def heads(self) -> Mapping[int, int]:
        """The last position of the lanes that have one."""
        heads = {REGISTER_LANE: 40}
        for event in self._ledger.events:
            heads[event.lane] = event.position
        return heads

    async def applied(self) -> Mapping[int, int]:
        """All of it."""
        return await self.heads()

    async def events_after(self, lane: int, after: int, limit: int) -> list[PublishedEvent]:
        """None: only the age of the oldest is asked, for the metrics."""
        assert limit == 1, f"asked for the events after {lane}-{after}"
        return []

    async def clock(self) -> ClockState:
        """Nobody needs to ask."""
        raise AssertionError


class WatchingChannel:
    """A channel that keeps what was sent and answers as it is told."""

    def __init__(self) -> None:
        """Deliver everything."""
        self.sent: list[Message] = []
        self.forgotten: list[UUID] = []
        self.answers: list[Delivery | Exception] = []

    def send(self, message: Message) -> Delivery:
        """Keep the message; give the next answer of the list."""
        self.sent.append(message)
        answer = self.answers.pop(0) if self.answers else Delivery(outcome="delivered", accepted=message.addresses)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def forget(self, message_id: UUID) -> None:
        """Keep what was to be forgotten."""
        self.forgotten.append(message_id)


class LoopThread:
    """An event loop in a thread of its own, as the ledger has."""

    def __init__(self) -> None:
        """Start it."""
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Any) -> Any:
        """Run something in the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def close(self) -> None:
        """Stop the loop and wait for its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class RunningNotifier:
    """A whole notifier on a real database, beside a ledger that answers as the test says."""

    def __init__(
        self,
        conninfo: str,
        folder: Path,
        ledger: FakeLedger,
        clock: FakeClock,
        make_shared_feed: MakeSharedFeed | None = None,
    ) -> None:
        """Make it; ``with`` runs it. With a shared feed it is one of several over the same database."""
        self.ledger, self.clock, self.folder = ledger, clock, folder
        self.log, self.metrics = MemoryLog(), Metrics()
        self.process = NotifierProcess(
            conninfo=conninfo,
            commands=FakeCommands(ledger),
            letters=FakeCommands(ledger),
            make_feed=None if make_shared_feed else lambda cursor: FakeFeed(ledger.events, cursor),
            make_shared_feed=make_shared_feed,
            status=FakeStatus(ledger) if make_shared_feed else None,
            has_seen=ledger.has_seen,
            folder=folder,
            clock=clock,
            log=self.log,
            metrics=self.metrics,
        )

    def catch_up(self) -> None:
        """Do everything that is due now."""
        self._loop.run(self.process.catch_up())

    def write(self, letter: PersonLetter) -> Any:
        """Order a letter."""
        return self._loop.run(self.process.write_to_person(letter))

    def check_database(self) -> None:
        """Ask whether the database answers."""
        self._loop.run(self.process.check_database())

    def files(self) -> list[Path]:
        """Every file in the mailboxes."""
        return sorted(path for path in (self.folder / "mailboxes").rglob("*") if path.is_file())

    def logged(self, name: str) -> list[dict[str, object]]:
        """The fields of the log events with this name."""
        return [fields for event, fields in self.log.written if event.name == name]

    def __enter__(self) -> Self:
        self._loop = LoopThread()
        self._loop.run(self.process.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run(self.process.stop())
        self._loop.close()


@contextmanager
def running_notifier(
    conninfo: str, folder: Path, *, ledger: FakeLedger | None = None, clock: FakeClock | None = None
) -> Iterator[RunningNotifier]:
    """A notifier that runs, in a folder of its own."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with RunningNotifier(conninfo, folder, ledger or FakeLedger(), clock or FakeClock(NOW)) as notifier:
        yield notifier


def busy() -> Unavailable:
    """What a ledger says that cannot answer now."""
    return Unavailable()
