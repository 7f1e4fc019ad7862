"""Whether a person was not told all that was owed about what is erased: that duty lapses unmet (AVG 13, 14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.law.inform import InformDuty, inform_duties, missing_elements, open_exemption
from services.ledger.application.erasure_choice import Choice
from services.ledger.application.facts import FactReader
from services.ledger.application.ports import RegisterSource
from services.ledger.application.sources import Place


class UnmetDuties:
    """Folds the duties to inform about one person; blocking."""

    def __init__(self, *, facts: FactReader, register: RegisterSource) -> None:
        """Read what is known of the person with ``facts``."""
        self._facts = facts
        self._register = register

    def exist(self, streams: Sequence[Place], choices: Iterable[Choice], controller: str, now: datetime) -> bool:
        """Whether something is still untold, and no exemption says that it may be, of what ``choices`` hold."""
        scopes = {(e.covenant, e.annex) for choice in choices for _, e in choice.events}
        facts = self._facts.read(streams[:1])[streams[0]]
        return any(
            bool(missing_elements(duty, facts, now)) and open_exemption(duty, facts, now) is None
            for duty in inform_duties(facts, self._register.current(), now)
            if is_about(duty, controller, scopes)
        )


def is_about(duty: InformDuty, controller: str, scopes: set[tuple[str | None, str | None]]) -> bool:
    """Whether the duty is to tell of this controller's work within these covenant annexes, or outside any."""
    return (duty.covenant, duty.annex) in scopes and controller in {duty.party, *duty.controllers}
