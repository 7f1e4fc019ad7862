"""What outlives its day, told by a test instead of by projections; the order of the lane decides here too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import msgspec

from services.ledger.application.ports import EventReader
from services.ledger.application.retention_ports import KeptLine, Place
from services.ledger.contract import topics
from services.ledger.domain.stored import StoredEvent


class ToldHold(msgspec.Struct):
    """A hold on some lines, placed when its lanes were so far."""

    places: frozenset[Place]
    heads: dict[int, int]
    released: bool = False


class ToldLines:
    """The questions of ``KeptLines`` that the life of keys asks, over events in tables."""

    def __init__(self, reader: EventReader, lanes: int) -> None:
        """Look at the events in ``reader``; nothing is held or prolonged yet."""
        self._reader = reader
        self._lanes = lanes
        self._ends: dict[Place, list[date]] = {}
        self._holds: dict[UUID, ToldHold] = {}

    def set_end(self, place: Place, ends: date) -> None:
        """Let a line end on another day from now on."""
        self._ends.setdefault(place, []).append(ends)

    def hold(self, hold_id: UUID, *places: Place) -> None:
        """Hold these lines from now on."""
        self._holds[hold_id] = ToldHold(frozenset(places), self._reader.heads())

    def release(self, hold_id: UUID) -> None:
        """Hold them no longer."""
        self._holds[hold_id].released = True

    def released(self, hold_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Those of these holds that were released."""
        return frozenset(each for each in hold_ids if each in self._holds and self._holds[each].released)

    def days_to_end(self, before: date) -> list[date]:
        """The days before ``before`` on which some line ends and that were not ended yet, ascending."""
        lanes = range(self._lanes)
        days = {(lane, self._end_of(event)) for lane in lanes for event in self._lines(lane)}
        return sorted({day for lane, day in days if day < before and day not in self._ended(lane)})

    def kept_beyond(self, lane: int, day: date, after: int, limit: int) -> list[KeptLine]:
        """Lines of the lane whose key lives under ``day`` and that are kept longer, in order of position."""
        found = [self._kept(event, day) for event in self._lines(lane) if day in self._days_of(event)]
        return [line for line in found if line is not None and line.position > after][:limit]

    def keepers_of(self, places: Sequence[Place]) -> list[KeptLine]:
        """By what each of these lines is kept now: its last day, and every hold that keeps it."""
        found = [self._kept(event, date.min) for event in self._reader.events_at(places)]
        return [line for line in found if line is not None]

    def _kept(self, event: StoredEvent, beyond: date) -> KeptLine | None:
        ends = self._end_of(event)
        until = ends if ends > beyond and ends not in self._ended(event.lane) else None
        holds = tuple(sorted(self._holding(event)))
        return KeptLine(event.lane, event.position, until, holds) if until is not None or holds else None

    def _holding(self, event: StoredEvent) -> Iterator[UUID]:
        """The holds that came before the line ended, in the order of its lane."""
        ended = self._ended(event.lane).get(self._end_of(event))
        for hold_id, hold in self._holds.items():
            in_time = ended is None or hold.heads[event.lane] < ended
            if not hold.released and in_time and (event.lane, event.position) in hold.places:
                yield hold_id

    def _lines(self, lane: int) -> list[StoredEvent]:
        events = self._reader.events_after(lane, 0, 100_000)
        return [event for event in events if event.envelope and event.read_envelope().record_ends is not None]

    def _ended(self, lane: int) -> dict[date, int]:
        """The days that ended in the lane, and where."""
        events = self._reader.events_after(lane, 0, 100_000)
        found = [(event, event.read_envelope().day) for event in events if event.topic == topics.RETENTION_DAY_ENDED]
        return {day: event.position for event, day in found if day is not None}

    def _days_of(self, event: StoredEvent) -> list[date]:
        """The days under which the key of the line lives: its own, and every later one that it was given."""
        ends = event.read_envelope().record_ends
        assert ends is not None
        return [ends, *self._ends.get((event.lane, event.position), ())]

    def _end_of(self, event: StoredEvent) -> date:
        return self._days_of(event)[-1]
