"""What retention and notifier may do in the ledger: commands of the contract, each safe to repeat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

import msgspec

from services.ledger.contract.messages import Caller, SubjectIdentifier


class ErasureWork(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure that is not complete: its id and the state it is in."""

    erasure_id: UUID
    state: str


class DutyAt(msgspec.Struct, frozen=True, kw_only=True):
    """One duty as it stands now, for who must be reminded of it; holds no identifier.

    ``kind`` inform or erase; ``party`` owes it; ``controller`` demands it; ``obligation`` is its public id;
    ``may_tell_person``: no open exemption of any controller forbids an outward message to the person.
    """

    kind: str
    obligation: str
    party: str
    lane: int
    stream_id: UUID
    state: str
    due: datetime | None
    exempt_until: date | None = None
    missing_elements: tuple[str, ...] = ()
    covenant: str | None = None
    annex: str | None = None
    data_categories: tuple[str, ...] = ()
    may_tell_person: bool = True
    controller: str | None = None


class SentMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that left: what was sent to whom by which channel; its text goes under the dossier's key.

    ``controller``: whose dossier of the person it belongs to, when it is not the one of who owes the obligation.
    """

    id: UUID
    kind: str
    channel: str
    template: str
    addressed_to: str
    lane: int
    stream_id: UUID
    obligation: str | None
    address: str
    title: str
    text: str
    controller: str | None = None


class LetterTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where a letter to a person belongs: on whose stream, because of what, written by whom.

    ``cause`` is one person's share of what the letter is about; ``controller`` writes it; ``kept_until`` is the last
    day of the record that it tells of, None when that is not known to end.
    """

    lane: int
    stream_id: UUID
    cause: UUID
    controller: str
    obligation: str | None = None
    kept_until: date | None = None


class RetentionCommands(Protocol):
    """The commands of the service ``retention``."""

    async def settle(self) -> None:
        """Wait until all that is recorded by now is seen by what the other commands look at."""
        ...

    async def due_days(self) -> list[date]:
        """The days that have passed in Amsterdam and were not ended, ascending."""
        ...

    async def end_day(self, day: date) -> None:
        """Keep what outlives the day, record its end in every lane, destroy its key. Raises when the vault fails."""
        ...

    async def keep_ahead(self) -> int:
        """Wrap anew what ends today and is kept longer, so that it stays readable over midnight; how many."""
        ...

    async def sweep(self) -> int:
        """Sweep one bounded batch of what ended or was erased; how many events."""
        ...

    async def open_erasures(self) -> list[ErasureWork]:
        """The erasures that are not complete and can go on: one that waits is left out until somebody answers."""
        ...

    async def advance_erasure(self, erasure_id: UUID) -> str:
        """Take the next steps of an erasure as far as they go now; its state."""
        ...

    async def release_ended_holds(self) -> int:
        """Release the holds that ended by themselves: their request was answered or their proceeding is over."""
        ...

    async def settle_overlaps(self) -> int:
        """End overlaps past their time and destroy the keys of those that are over; how many there were."""
        ...

    async def rotate_week(self) -> int:
        """Wrap living dossier secrets under the key of this week and destroy week keys past the backup term."""
        ...


class NotifierCommands(Protocol):
    """The commands of the service ``notifier``."""

    async def duties_of(self, lane: int, stream_id: UUID) -> Sequence[DutyAt]:
        """The duties about one person as they stand now."""
        ...

    async def may_tell_person(self, lane: int, stream_id: UUID) -> bool:
        """Whether no open exemption of any controller forbids an outward message to the person, with duties or not."""
        ...

    async def record_message(self, message: SentMessage) -> None:
        """Record that a message was sent, once per id."""
        ...


class LetterCommands(Protocol):
    """To whom a letter goes, for whoever may write it; the person's place in the ledger is told to notifier only."""

    async def notice_target(self, caller: Caller, obligation_id: str) -> LetterTarget:
        """Whom the caller's party must tell by this obligation; NotFound when it owes no such thing."""
        ...

    async def breach_target(self, caller: Caller, breach_id: str, subject: SubjectIdentifier) -> LetterTarget:
        """The person, if the breach is the caller's (or his to report) and exposed that person; NotFound otherwise."""
        ...

    async def erasure_target(self, caller: Caller, erasure_id: str, subject: SubjectIdentifier) -> LetterTarget:
        """The person, if the caller's party asked for this erasure of him; NotFound otherwise."""
        ...
