"""Recompute the duties of persons about whom something has happened."""

from __future__ import annotations

from datetime import datetime

from services.notifier.application.attend import AttendPerson
from services.notifier.application.ports import Ledger, Store
from services.notifier.application.progress import Progress
from services.runtime import limits


class RefreshDuties:
    """Takes bounded pieces of the persons to be looked at."""

    def __init__(self, *, ledger: Ledger, store: Store, attend: AttendPerson) -> None:
        """Take where the persons stand and who looks at them."""
        self._ledger = ledger
        self._store = store
        self._attend = attend

    def step(self, now: datetime) -> Progress:
        """Look at some persons of whom the answers of the ledger have seen what happened; the others wait.

        An answer that has not seen it would be taken for the truth, and nobody would look again.
        """
        persons = self._store.persons_to_look_at(now, limits.NOTIFIER_PERSONS_PER_PIECE_MAX)
        seen = [person for person in persons if self._ledger.has_seen(person.lane, person.position)]
        for person in seen:
            self._attend.attend(person, now)
        if seen:
            return Progress.MORE
        return Progress.BEHIND if persons else Progress.DONE
