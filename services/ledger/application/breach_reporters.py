"""Whose data a breach is about, and who reports it (AVG 26, 33(1), 33(2)): by its operations and the register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from services.law.breach import reporting_party
from services.law.governance import Covenant
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application.bounded_cache import BoundedCache
from services.ledger.application.freshness import Horizon
from services.ledger.application.ports import HeldWindow
from services.ledger.application.sources import Sources
from services.ledger.contract.events import Envelope
from services.ledger.domain.stored import StoredEvent
from services.runtime.limits import BREACH_PERSONS_LOOKED_AT_MAX, BREACH_REPORTERS_CACHED_MAX

PROCESSOR: Final = "processor"

Hit = tuple[str | None, str | None, date]
"""(controller for whom the party processed it, covenant, day of the act); no controller: the party has it itself."""


class Accountable(msgspec.Struct, frozen=True):
    """Who reports a breach, and the ``controllers`` for whom its party processed what leaked; none elsewhere."""

    reporting_party: str
    controllers: frozenset[str] = frozenset()


class BreachReporters:
    """Finds who is accountable for a breach; blocking.

    At a processor that takes all it ever did, and lists of clocks ask it of many breaches again and again. It depends
    on what was known when the breach was recorded, so what was found once nothing of that could still come is kept.
    """

    def __init__(self, sources: Sources) -> None:
        """Read from ``sources``."""
        self._sources = sources
        self._horizon = Horizon(sources.events, sources.projections, sources.clock)
        self._found: BoundedCache[tuple[UUID, datetime], Accountable] = BoundedCache(BREACH_REPORTERS_CACHED_MAX)

    def find(self, breach: Envelope) -> Accountable:
        """As it was known when the breach was recorded; what has ended or was erased since names nobody any more."""
        key = breach.operation_id, breach.recorded_at
        kept = self._found.get(key)
        if kept is not None:
            return kept
        is_final = self._horizon.has_passed(breach.recorded_at)
        found = self._look(breach)
        if is_final:
            self._found.put(key, found)
        return found

    def _look(self, breach: Envelope) -> Accountable:
        """By the register as it was known when the breach was recorded.

        A breach that a controller reports at its processor is about the data of that controller only.
        """
        register = self._sources.register.current().known_at(breach.recorded_at)
        party, day = party_of(breach), amsterdam_day(breach.occurred_at)
        by_controller = () if breach.author == party else (breach.author,)
        if not by_controller and not is_processor(party, register, day):
            return Accountable(reporting_party(party, covenants_of(self._hits(breach), register)))
        principal = principal_of(party, register, day)
        found = self._hits_at_processor(breach)
        hits = [(controller or principal or party, covenant, day) for controller, covenant, day in found]
        hits = [hit for hit in hits if not by_controller or hit[0] in by_controller]
        whose = {hit[0] for hit in hits} or {*by_controller} or {principal or party}
        reporter = reporting_party(party, covenants_of(hits, register), whose)
        return Accountable(reporter, frozenset(whose.difference((party,))))

    def events_of(self, operations: Sequence[UUID]) -> list[StoredEvent]:
        """The events of these operations of which anything is left."""
        return [e for e in self._sources.events.events_of_operation(operations) if e.envelope is not None]

    def _hits(self, breach: Envelope) -> list[Hit]:
        """The named operations, else the acts by which the party itself held something in the window."""
        if breach.operation_keys:
            operations = [UUID(operation) for operation in breach.operation_keys]
            acts = [event.read_envelope() for event in self.events_of(operations)]
            party = party_of(breach)
            return [(controller_of(act, party), act.covenant, amsterdam_day(act.occurred_at)) for act in acts]
        asked = window_of(breach)
        persons = self._sources.projections.impact_page(asked, None, BREACH_PERSONS_LOOKED_AT_MAX)
        return [(None, *held) for held in self._sources.projections.impact_covenants(asked, persons)]

    def _hits_at_processor(self, breach: Envelope) -> list[Hit]:
        """The same, and where none are named what the party processed for others."""
        hits = self._hits(breach)
        if not breach.operation_keys:
            hits += self._sources.projections.processed_for(window_of(breach))
        return hits


def party_of(breach: Envelope) -> str:
    """Where it happened."""
    return breach.breach_party or breach.author


def is_processor(party: str, register: Register, day: date) -> bool:
    """Whether the register knows the party as a processor on that day."""
    found = register.party(party, day)
    return found is not None and found.kind == PROCESSOR


def principal_of(party: str, register: Register, day: date) -> str | None:
    """For whom a processor works on that day, as far as the register says."""
    found = register.party(party, day)
    return None if found is None else found.processes_for


def controller_of(act: Envelope, party: str) -> str | None:
    """For which other controller the party did the act; None for an act of its own, and for what it received."""
    return act.controller if act.processor == party and act.controller != party else None


def covenants_of(hits: Iterable[Hit], register: Register) -> list[Covenant]:
    """The covenants that the acts fall under, each as it was on the day of the act."""
    named = {(covenant, day) for _, covenant, day in hits if covenant is not None}
    found = (register.covenant(covenant, day) for covenant, day in sorted(named))
    return [covenant for covenant in found if covenant is not None]


def window_of(breach: Envelope) -> HeldWindow:
    """What is asked of the projections about a breach, as it was known when it was recorded."""
    until = breach.occurred_until or breach.occurred_at
    return HeldWindow(party_of(breach), breach.occurred_at, until, breach.data_categories, breach.recorded_at)
