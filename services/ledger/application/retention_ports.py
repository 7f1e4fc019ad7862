"""What forgetting needs from the outside: keys that end, lines that are kept, rows that are swept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from services.ledger.domain.stored import (
    DossierGeneration,
    KeptKey,
    WrappedDaySecret,
    WrappedDossierSecret,
    WrappedHoldSecret,
)

Place = tuple[int, int]
"""(lane, position)."""


class KeptLine(msgspec.Struct, frozen=True):
    """A line that outlives a day: until another day (None: only as long as holds keep it), and by which holds."""

    lane: int
    position: int
    until: date | None
    holds: tuple[UUID, ...]


class KeyStore(Protocol):
    """Blocking: secrets with their life and death. Every method is idempotent and commits before it returns.

    What is read of them to seal and to open stands in ``IdentityStore``. What destroys here raises the fence epoch
    of the lane as well, unless a fence in an append did so before: nobody goes on with what he remembers.
    """

    def lanes(self) -> list[int]:
        """The lanes in which records stand, ascending; not that of the register."""
        ...

    def dossiers_of(self, lane: int, stream_id: UUID) -> list[tuple[bytes, int, str]]:
        """(scope, generation, state) of every dossier of a person."""
        ...

    def destroy_dossiers(self, places: Sequence[DossierGeneration], at: datetime) -> None:
        """Null the material of these generations; state ``destroyed``. Already destroyed ones stay as they are."""
        ...

    def living_days(self, before: date) -> list[date]:
        """The days before ``before`` that still have a secret in some lane, ascending."""
        ...

    def ending_secrets(self, day: date) -> list[WrappedDaySecret]:
        """The secrets of a day in all lanes, fenced or not, as long as they were not destroyed."""
        ...

    def destroy_day(self, day: date, at: datetime) -> None:
        """Null the secrets of a day in every lane."""
        ...

    def keep_keys(self, keys: Sequence[KeptKey]) -> None:
        """Store these wraps where they are absent."""
        ...

    def kept_by(self, lane: int, keeper: str, after: int, limit: int) -> list[int]:
        """Positions in the lane that have a wrap by this keeper, in order."""
        ...

    def drop_kept_keys(self, keeper: str) -> None:
        """Remove the wraps that lived by this keeper."""
        ...

    def create_hold_secrets(self, rows: Sequence[WrappedHoldSecret]) -> None:
        """Insert where absent; another writer's row wins, and a destroyed one stays destroyed."""
        ...

    def living_holds(self) -> list[UUID]:
        """The holds that still have a secret in some lane, in order."""
        ...

    def destroy_hold(self, hold_id: UUID, at: datetime) -> None:
        """Null the secrets of a hold in every lane; a lane without one gets none any more."""
        ...

    def dossiers_not_under(
        self, lane: int, key_id: str, after: WrappedDossierSecret | None, limit: int
    ) -> list[WrappedDossierSecret]:
        """Living secrets of the lane that are wrapped under another key, in order, after the one given."""
        ...

    def rewrap_dossiers(self, pairs: Sequence[tuple[WrappedDossierSecret, WrappedDossierSecret]]) -> int:
        """Replace each wrap by the other one where it still stands exactly so; how many were replaced."""
        ...

    def raise_epochs(self) -> None:
        """Raise the fence epoch of every lane: what was prepared before and is not stored yet is prepared again."""
        ...

    def unused_week_keys(self, key_ids: Sequence[str], today: date) -> dict[str, date]:
        """Of these keys those under which nothing is wrapped any more, each with the day on which that was first seen.

        Notes ``today`` for one that is seen so for the first time, and takes the note back of one that is used again.
        """
        ...


class HoldScope(msgspec.Struct, frozen=True, kw_only=True):
    """What a hold is about in one lane: lines that meet everything named. ``case_index`` in hex, as in the envelope."""

    lane: int
    stream_id: UUID | None = None
    party: str | None = None
    case_index: str | None = None
    covenant: str | None = None
    annex: str | None = None


class HoldAt(msgspec.Struct, frozen=True, kw_only=True):
    """Where a hold was placed; one on several streams or lanes stands at several places."""

    hold_id: UUID
    lane: int
    position: int


class Proceedings(Protocol):
    """Blocking questions to the projections about holds and what they are about."""

    def count_lines(self, scope: HoldScope) -> tuple[int, int]:
        """How many lines a hold would keep that is placed now, and for how many it would come too late.

        Too late: ended, and not swept yet. What was erased is neither.
        """
        ...

    def in_force(self, kinds: Sequence[str], after: Place | None, limit: int) -> list[HoldAt]:
        """Holds of these kinds that nobody released, in order of (lane, position) after ``after``."""
        ...

    def released(self, hold_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Those of these holds that were placed and then released, in some lane at least."""
        ...

    def of_persons(self, streams: Sequence[tuple[int, UUID]]) -> list[HoldAt]:
        """The holds in force that were placed on these (lane, stream), in order of (lane, position)."""
        ...

    def standing(self, hold_id: UUID) -> list[HoldAt]:
        """Where a hold is in force, in order of (lane, position)."""
        ...

    def keeping(self, places: Sequence[Place]) -> list[str]:
        """The kinds of the holds that keep any of these lines, in order."""
        ...


class OpenErasure(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure that is not complete: where its events and the answers to it stand, and who owes one."""

    erasure_id: UUID
    requested: tuple[Place, ...]
    erased: tuple[Place, ...]
    owed: frozenset[str]
    answers: frozenset[Place]


class EndingRule(msgspec.Struct, frozen=True, kw_only=True):
    """Of how many lines a rule gives the end, and which rules lost to it there, the strongest first.

    ``rule`` is None for lines from before rules went on record.
    """

    rule: str | None
    lost: tuple[str, ...]
    lines: int


class EndingLines(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines of one controller's work, and under which covenant annex, have their term end on a day.

    ``what``: ``holding``, until when the data may be held, or ``record``, until when the ledger keeps the line.
    ``rules``: of a holding, by which rules it ends, most lines first; together they are ``lines``. Of a record none.
    """

    day: date
    what: str
    controller: str
    covenant: str | None
    annex: str | None
    lines: int
    rules: tuple[EndingRule, ...] = ()

    @property
    def place(self) -> EndingPlace:
        """Where it stands in the order of a schedule."""
        return (self.day, self.what, self.controller, self.covenant or "", self.annex or "")


EndingPlace = tuple[date, str, str, str, str]
"""Day, what ends, controller, covenant, annex."""
SweepReason = Literal["ended", "erased"]


class RecordOwner(msgspec.Struct, frozen=True):
    """Whose work a record is, and its last day."""

    controller: str
    covenant: str | None
    annex: str | None
    activity: str | None
    day: date | None


class SweepableLines(msgspec.Struct, frozen=True):
    """Lines of one owner that may be swept; each goes with its leader, the line that it is about or it itself."""

    owner: RecordOwner
    positions: Sequence[int]
    leaders: Sequence[int]


class KeptLines(Protocol):
    """Blocking questions to the projections about what outlives its day."""

    def days_to_end(self, before: date) -> list[date]:
        """The days before ``before`` on which some line ends and that were not ended yet, ascending."""
        ...

    def kept_beyond(self, lane: int, day: date, after: int, limit: int) -> list[KeptLine]:
        """Lines of the lane whose key lives under ``day`` and that are kept longer, in order of position."""
        ...

    def keepers_of(self, places: Sequence[Place]) -> list[KeptLine]:
        """By what each of these lines is kept now: its last day, and every hold that keeps it; ended ones left out."""
        ...

    def hidden(self, places: Sequence[Place], today: date) -> frozenset[Place]:
        """Those of these lines that no answer may show any more: ended, erased, or named as swept."""
        ...

    def sweepable(self, lane: int, reason: SweepReason, today: date, limit: int) -> list[SweepableLines]:
        """Lines of the lane whose envelope and content may go: of a day that was ended, or erased.

        At most ``limit``, and besides whatever is about one of these: that goes in one piece with it.
        """
        ...

    def schedule(
        self, party: str, days: tuple[date, date], today: date, after: EndingPlace | None, limit: int
    ) -> list[EndingLines]:
        """What ends on these days of all that names ``party``, in order of place after ``after``.

        Of records only what no hold keeps: that has no day.
        """
        ...

    def open_erasures(self) -> list[OpenErasure]:
        """The erasures that were requested and are not complete, in order of their id."""
        ...


class Sweeper(Protocol):
    """Blocking: removes what was announced as swept."""

    def sweep(self, lane: int, ranges: Sequence[tuple[int, int]]) -> int:
        """Null envelope and content of these positions and drop their kept keys; how many still had any."""
        ...

    def make_room(self, lane: int, limit: int) -> None:
        """Prepare what ``finish`` does next: it goes three times as fast when no older transaction runs by now."""
        ...

    def finish(self, lane: int, limit: int) -> int:
        """Sweep what the next events of the lane name that the projections have applied; how many they name.

        At least one event when there is any, and no more than name ``limit`` positions. 0: nothing is left.
        """
        ...


class ErasureRegister(Protocol):
    """The list of what was destroyed, kept outside the backup set: replayed before a restored ledger opens."""

    def append(self, entry: ErasureEntry) -> int:
        """Write an entry durably, once per id; its sequence number."""
        ...

    def entries(self, after: int = 0) -> list[ErasureEntry]:
        """Every entry after a sequence number, in order."""
        ...

    def find(self, entry_id: str) -> ErasureEntry | None:
        """The entry with this id as it was written; None when there is none."""
        ...

    def chain(self, sequence: int) -> str | None:
        """The hash (hex) of the register up to and with this number; of 0 that of an empty one, None beyond its end."""
        ...


class RegisterMark(Protocol):
    """How much of the erasure register a database has applied, kept with that database."""

    def read(self) -> tuple[int, str] | None:
        """(sequence, chain) of the last entry applied; None when nothing was ever destroyed."""
        ...

    def raise_to(self, sequence: int, chain: str) -> None:
        """Remember a later one; an earlier one changes nothing."""
        ...


class ErasureEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One destruction. Holds no identifier: streams are pseudonyms, positions are bound by their leaf hash.

    ``kind``: ``dossiers`` (generations with a fingerprint of their material), ``day``, ``hold`` or ``week`` (the vault
    key ``key_id``), or ``positions`` (single events that ended before their day, with leaf hashes in hex). ``party``
    and ``key`` name the operation that announced it: a database that does not hold that operation is older than the
    destruction. A week's key is announced by none. ``controller``: whose dossiers they were.
    """

    id: str
    kind: str
    at: datetime
    sequence: int = 0
    party: str = ""
    key: str = ""
    controller: str = ""
    day: date | None = None
    key_id: str | None = None
    dossiers: tuple[tuple[int, UUID, str, int, str], ...] = ()
    positions: tuple[tuple[int, int, str], ...] = ()
