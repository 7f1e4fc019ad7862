"""Say what time alone has made due: a date that comes near or has passed, an exemption that ended, a silence."""

from __future__ import annotations

from datetime import datetime

from services.notifier.application.attend import AttendPerson
from services.notifier.application.ports import Store
from services.runtime import limits


class RunRound:
    """Takes bounded pieces of the persons whose next step has come."""

    def __init__(self, *, store: Store, attend: AttendPerson) -> None:
        """Take where the rows stand and who looks at a person."""
        self._store = store
        self._attend = attend

    def run_round(self, now: datetime) -> int:
        """Decide about some persons; how many. The ledger is asked first, so that nothing untrue is said."""
        persons = self._store.persons_with_steps(now, limits.NOTIFIER_PERSONS_PER_PIECE_MAX)
        for person in persons:
            self._attend.attend(person, now)
        return len(persons)
