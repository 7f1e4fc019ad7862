"""The parties that an act makes owe something, as they go on record in its envelopes.

Who must tell the person follows from what the act is and from the register of its day, so it is worked out once per
shape of act: this runs for every act. Who must erase follows from what is known of the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.law.act import Act
from services.law.local_time import amsterdam_day
from services.law.operations import operation_class
from services.law.owed import OneAct, erase_due, tell_due, tellers, told_at_once_by
from services.law.past import past_of
from services.law.register import DayView, Register
from services.ledger.application.facts import KnownPerson
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.domain.erase_duties import reached_parties
from services.ledger.domain.holdings import DELETES, HoldingRow
from services.runtime import limits

Place = tuple[int, UUID]
Shape = tuple[DayView, str, str, str | None, str, str, str | None, tuple[str, ...]]

TELLS: Final = "inform"
TELLS_AT_ONCE: Final = "inform-at-once"
"""Kinds of duty to tell as they go on record; the second where the act itself does not show that it is at once."""

NOT_STORED_YET: Final = 2**63 - 1
"""The position of an act that has none yet: after all others."""


class ActDuties:
    """Finds the duties of acts."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        """Take blind indexes from ``pseudonyms``."""
        self._pseudonyms = pseudonyms
        self._tellers: dict[Shape, tuple[str, ...]] = {}

    def to_tell(self, act: Act, view: DayView, register: Register) -> tuple[str, ...]:
        """``inform:<party>`` or ``inform-at-once:<party>`` for each that must tell the persons.

        ``view`` is the register on the day of the act.
        """
        covenant = act.covenant
        shape = (
            view,
            act.tense,
            act.operation,
            act.operation_class,
            act.data_regime,
            act.controller,
            None if covenant is None else covenant.id,
            tuple([recipient.party for recipient in act.recipients]),
        )
        known = self._tellers.get(shape)
        if known is None:
            if len(self._tellers) >= limits.DUTY_SHAPES_CACHED_MAX:
                # A plain table that starts afresh when it is full: it is asked for every act.
                self._tellers = {}
            known = self._tellers[shape] = self._find_tellers(act, register)
        return known

    @staticmethod
    def _find_tellers(act: Act, register: Register) -> tuple[str, ...]:
        if act.tense != "fact":
            return ()
        past = past_of(act)
        at_once = told_at_once_by(past, register)
        return tuple([f"{TELLS_AT_ONCE if party == at_once else TELLS}:{party}" for party in tellers(past, register)])

    def to_erase(self, act: Act, known: Sequence[KnownPerson | None], now: datetime) -> list[tuple[str, ...]]:
        """``erase:<party>`` for each that an erasing fact reaches, per person; none for any other act."""
        found = operation_class(act.operation, act.operation_class)
        if found != "delete" or act.tense != "fact":
            return [()] * len(known)
        return [() if person is None else self._reached(act, person, now) for person in known]

    def _reached(self, act: Act, person: KnownPerson, now: datetime) -> tuple[str, ...]:
        covenant, listed = act.covenant, act.list
        delete = HoldingRow(
            lane=person.place[0],
            stream_id=person.place[1],
            party=act.controller,
            position=NOT_STORED_YET,
            operation_id=UUID(int=0),
            effect=DELETES,
            occurred_at=act.occurred_at,
            recorded_at=now,
            categories=act.data_categories,
            covenant=None if covenant is None else covenant.id,
            annex=None if covenant is None else covenant.annex,
            list_kind=None if listed is None else listed.kind,
            list_index=None if listed is None else self._pseudonyms.list_index(listed.id),
            case_index=None if act.case_id is None else self._case_index(act.controller, act.case_id),
        )
        found = reached_parties(delete, person.rows, max(now, act.occurred_at))
        return tuple([f"erase:{party}" for party in found])

    def _case_index(self, controller: str, case_id: str) -> bytes:
        return bytes.fromhex(self._pseudonyms.case_index(controller, case_id))


def due_of(act: OneAct, kind: str, party: str, *, alone: bool) -> datetime:
    """By when ``party`` owes it because of this act; ``kind`` as on record.

    ``alone``: nobody else owes anything because of it.
    """
    if kind == TELLS_AT_ONCE:
        return act.occurred_at
    if kind == TELLS:
        return tell_due(act, party, alone=alone)
    return erase_due(amsterdam_day(act.occurred_at))
