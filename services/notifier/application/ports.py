"""What the verbs of notifier need from the outside. All of it blocks: notifier has a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from services.ledger.contract.commands import DutyAt, SentMessage
from services.notifier.contract.letters import LetterState
from services.notifier.domain.duties import Duty, is_open
from services.notifier.domain.kinds import Language, MessageKind
from services.notifier.domain.messages import Delivery, Message
from services.notifier.domain.texts import Text

Person = tuple[int, UUID]
"""(lane, stream)."""


class FeedEvent(Protocol):
    """An event as a feed gives it; ``envelope`` is None after its sweep."""

    @property
    def lane(self) -> int:
        """Its lane."""
        ...

    @property
    def position(self) -> int:
        """Its place in the lane."""
        ...

    @property
    def stream_id(self) -> UUID:
        """The stream it stands on."""
        ...

    @property
    def topic(self) -> str:
        """What happened."""
        ...

    @property
    def envelope(self) -> bytes | None:
        """The stored bytes of its envelope."""
        ...


class EventFeed(Protocol):
    """Events of a set of lanes, in order, after a cursor that the consumer keeps with its effect."""

    @property
    def committed(self) -> Mapping[int, int]:
        """The cursor after which the next poll begins: where it must still stand when what was polled is stored."""
        ...

    def poll(self, limit: int) -> tuple[Sequence[FeedEvent], Mapping[int, int]]:
        """At most ``limit`` events after the committed cursor, and the cursor after them; raises at a gap."""
        ...

    def commit(self, cursor: Mapping[int, int]) -> None:
        """Continue after this cursor."""
        ...


class Ledger(Protocol):
    """The commands of the ledger, from a thread."""

    def duties_of(self, lane: int, stream_id: UUID) -> Sequence[DutyAt]:
        """The duties about one person as they stand now."""
        ...

    def may_tell_person(self, lane: int, stream_id: UUID) -> bool:
        """Whether no open exemption forbids an outward message to the person."""
        ...

    def record_message(self, message: SentMessage) -> None:
        """Record that a message was sent, once per id."""
        ...

    def has_seen(self, lane: int, position: int) -> bool:
        """Whether the answers of the ledger have seen this position."""
        ...


class Look(msgspec.Struct, frozen=True):
    """The duties of this person must be looked at, from ``at`` on, by answers that have seen ``position``."""

    lane: int
    stream_id: UUID
    at: datetime
    position: int


class Attention(msgspec.Struct, frozen=True):
    """A person to look at now, and how often that failed."""

    lane: int
    stream_id: UUID
    position: int
    attempts: int


class SeenMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the ledger says was sent: known again after a loss of working state, so never sent twice."""

    id: UUID
    lane: int
    stream_id: UUID
    obligation: str | None
    kind: str
    party: str
    channel: str
    template: str
    at: datetime


class Erasure(msgspec.Struct, frozen=True):
    """A person's dossiers were erased: of one controller, or of all (None).

    What was decided after ``until`` is about a later dossier, since an event may come again long after the first time.
    """

    lane: int
    stream_id: UUID
    controller: str | None
    until: datetime


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece of the feed comes to; stored in one transaction with its cursor, which stood at ``before``."""

    before: Mapping[int, int]
    cursor: Mapping[int, int]
    looks: tuple[Look, ...] = ()
    seen: tuple[SeenMessage, ...] = ()
    erasures: tuple[Erasure, ...] = ()


class PartyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a message to a party is made of; holds no person. Rendered when it is sent, with the row's template."""

    obligation: str
    party: str
    controller: str | None
    covenant: str | None
    annex: str | None
    data_categories: tuple[str, ...]
    missing_elements: tuple[str, ...]
    due: datetime | None
    decided_on: date
    first_said_on: date | None = None


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to a party, decided but not yet sent."""

    id: UUID
    lane: int
    stream_id: UUID
    obligation: str
    kind: MessageKind
    party: str
    channel: str
    route: str
    template: str
    facts: PartyFacts
    at: datetime


class NewLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to a person, sealed under a key of its own; nothing of it stands in clear."""

    id: UUID
    lane: int
    stream_id: UUID
    obligation: str | None
    kind: MessageKind
    controller: str
    channel: str
    template: str
    sealed: bytes
    at: datetime
    forget_at: datetime | None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox that has something to be done: to be sent, or to be recorded."""

    id: UUID
    lane: int
    stream_id: UUID
    obligation: str | None
    kind: MessageKind
    party: str
    to_person: bool
    channel: str
    route: str
    template: str
    facts: PartyFacts | None
    sealed: bytes | None
    at: datetime
    attempts: int
    settled: tuple[str, ...]
    duty_kind: str | None = None
    duty_state: str | None = None

    @property
    def is_overtaken(self) -> bool:
        """Whether the duty was met, or is no more, since this was decided: then it is not said any more."""
        return not self.to_person and not is_open(self.duty_kind or "", self.duty_state or "")


class OutboxSize(msgspec.Struct, frozen=True):
    """How many messages wait to leave, how many left and are not recorded, and since when the oldest waits."""

    waiting: int
    unrecorded: int
    oldest: datetime | None


class Store(Protocol):
    """Working state. Every method is one transaction."""

    def cursor(self) -> dict[int, int]:
        """Position per lane up to which the feed has been followed."""
        ...

    def apply(self, batch: Batch) -> None:
        """Store what a piece of the feed comes to, with its cursor; CursorMoved when that stands elsewhere by now."""
        ...

    def begin_reading_back(self, heads: Mapping[int, int]) -> None:
        """Remember how far must be followed before anything is said, unless something has been followed already."""
        ...

    def has_read_back(self) -> bool:
        """Whether everything was followed that had happened when nothing had been followed yet."""
        ...

    def persons_to_look_at(self, now: datetime, limit: int) -> list[Attention]:
        """Persons whose duties may have changed, the longest waiting first."""
        ...

    def persons_with_steps(self, now: datetime, limit: int) -> list[Attention]:
        """Persons about whom something is to be said now, or whose rest is over, and who need no look before that."""
        ...

    def duties_of(self, lane: int, stream_id: UUID) -> dict[str, Duty]:
        """The rows of a person by obligation."""
        ...

    def said_about(self, obligations: Sequence[str]) -> dict[str, dict[str, datetime]]:
        """By obligation and kind of message: when it was last decided."""
        ...

    def save_person(
        self, person: Person, duties: Sequence[Duty], messages: Sequence[NewMessage], now: datetime
    ) -> None:
        """Replace a person's rows, put messages in the outbox where they are new, and strike the looks up to now."""
        ...

    def postpone_person(self, person: Person, attempts: int, until: datetime, now: datetime) -> None:
        """Look at this person again later."""
        ...

    def add_letter(self, letter: NewLetter) -> bool:
        """Put a letter in the outbox; whether it was new, or had failed or been held, and was forgotten."""
        ...

    def state_of(self, message_id: UUID) -> LetterState | None:
        """The state of a message, if there is one with this id."""
        ...

    def to_send(self, now: datetime, limit: int) -> list[Waiting]:
        """Messages to be sent now, the longest waiting first."""
        ...

    def to_record(self, now: datetime, limit: int) -> list[Waiting]:
        """Messages that were sent and not yet recorded in the ledger."""
        ...

    def mark_sent(self, message_id: UUID, at: datetime, forget_at: datetime | None) -> None:
        """It has left; a copy that we keep of it is forgotten at ``forget_at``."""
        ...

    def mark_postponed(self, message_id: UUID, until: datetime, reason: str, settled: Sequence[str]) -> None:
        """It has not left, or not to all; one more attempt was made."""
        ...

    def mark_ended(self, message_id: UUID, state: LetterState, reason: str, at: datetime) -> None:
        """It will never leave: failed, held or overtaken. What was sealed is gone; files are to be forgotten."""
        ...

    def reroute(self, message_id: UUID, channel: str, route: str) -> None:
        """Send it another way, at once."""
        ...

    def mark_recorded(self, message_id: UUID, at: datetime) -> None:
        """The ledger has it. What was sealed is gone with this."""
        ...

    def postpone_recording(self, message_id: UUID, until: datetime) -> None:
        """Record it later."""
        ...

    def to_forget(self, now: datetime, limit: int) -> list[UUID]:
        """Letters of which no copy may be kept any more."""
        ...

    def mark_forgotten(self, message_id: UUID) -> None:
        """Nothing is left of it here; one that waited will not be sent."""
        ...

    def prune(self, before: datetime, limit: int) -> int:
        """Drop messages recorded before ``before`` about obligations that are no longer; how many."""
        ...

    def keys_in_use(self) -> set[UUID]:
        """Letters that are still sealed here."""
        ...

    def count_overdue(self, now: datetime) -> dict[str, int]:
        """How many open duties are past their moment, by kind; 0 for a kind without any."""
        ...

    def measure_outbox(self) -> OutboxSize:
        """How much waits in the outbox, and since when."""
        ...


class LetterKeys(Protocol):
    """A key of its own for every letter that waits, outside the database and its backups."""

    def make(self, letter_id: UUID) -> bytes:
        """The key of a letter, made durable; an existing one is given again."""
        ...

    def find(self, letter_id: UUID) -> bytes:
        """The key of a letter; LetterKeyGone when it was destroyed."""
        ...

    def destroy(self, letter_id: UUID) -> None:
        """Make the letter unreadable for ever; nothing happens when it is so."""
        ...

    def all(self) -> set[UUID]:
        """Every letter that has a key."""
        ...


class Texts(Protocol):
    """The versioned texts."""

    def render(self, template: str, contexts: Mapping[Language, Mapping[str, Any]]) -> tuple[Text, ...]:
        """The text in every language for which there are values, Dutch first; raises when a value is missing."""
        ...


class Channel(Protocol):
    """A way for messages to leave. Every adapter passes ``tests/contract/notifier``."""

    def send(self, message: Message) -> Delivery:
        """Send once, within bounded time; the same id again is the same message to whoever gets it."""
        ...

    def forget(self, message_id: UUID) -> None:
        """Remove what the channel itself keeps of a message; nothing happens when it keeps nothing."""
        ...
