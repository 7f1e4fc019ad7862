"""A register in memory with the verb that fills it: for tests of what is asked of a register."""

from __future__ import annotations

from datetime import UTC, datetime

from eventsourcing.popo import POPOApplicationRecorder

from services.law.governance import Acknowledgement, Entry
from services.law.norm_set import NO_NORMS
from services.ledger.application.register_entry import RegisterApplication, RegisterEntry
from services.ledger.contract.messages import Caller
from services.ledger.storage.register import LaneRegister
from services.runtime.clock import FakeClock


class RegisterDesk:
    """Takes entries at the clock's time; ``source`` is what verbs read."""

    def __init__(self, now: datetime = datetime(2026, 9, 7, 12, tzinfo=UTC)) -> None:
        """Begin with an empty register."""
        self.clock = FakeClock(now)
        application = RegisterApplication(recorder=POPOApplicationRecorder())
        self.source = LaneRegister(recorder=application.recorder, mapper=application.mapper, norms=NO_NORMS)
        self._register = RegisterEntry(application=application, source=self.source, clock=self.clock)

    def register(self, *entries: Entry) -> None:
        """Make entries known, in order; each by whoever may."""
        for entry in entries:
            party = entry.party if isinstance(entry, Acknowledgement) else "registrar"
            self._register(Caller(party=party, scopes=frozenset({"governance"})), entry)
