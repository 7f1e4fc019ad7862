"""Declarations of destruction (Archiefbesluit 8): what was destroyed, how many, by which rule, when, by whom, and how.

One per erasure and one per ended day. They name controllers, covenants and numbers, and no person: they outlive what
they are about, and anybody may be shown them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

import msgspec
from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.ledger.application.erasure_state import Erasure
from services.ledger.application.erasures import Erasures
from services.ledger.application.policy import Call, authorise
from services.ledger.application.ports import EventReader
from services.ledger.contract.events import DestroyedRecords, Envelope
from services.ledger.contract.messages import Caller, JsonObject, Page
from services.ledger.contract.topics import RETENTION_DAY_ENDED
from services.ledger.domain.identity import LEDGER, operation_id_of
from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind

MANNER: Final = (
    "The keys under which the records were kept are destroyed, so that no copy of them can be read; then what stood "
    "under the keys is taken out of the ledger. Positions and hashes stay, so that nothing else can be missing unseen."
)


class NothingDestroyedYet(GrootboekError):
    """Nothing of this has been destroyed yet, so there is nothing to declare."""

    code = "declaration-premature"
    kind = Kind.CONFLICT
    remedy = "Ask again when the state of the erasure is content-destroyed, waiting or complete."


class SweptRecords(msgspec.Struct, frozen=True):
    """Records that ended on a day and were swept: whose, how many, and when the last of them was."""

    records: DestroyedRecords
    swept_at: datetime


class Sweeps(Protocol):
    """A blocking question to the ledger's own events."""

    def swept_of(self, day: date) -> list[SweptRecords]:
        """What ended on a day and was swept, by controller, covenant annex and activity."""
        ...


class Declarations:
    """``GET /v1/erasures/{id}/declaration`` and ``GET /v1/retention/declarations``."""

    def __init__(self, *, erasures: Erasures, sweeps: Sweeps, reader: EventReader) -> None:
        """Find erasures with ``erasures``, the end of days with ``reader``, what was swept with ``sweeps``."""
        self._erasures = erasures
        self._sweeps = sweeps
        self._reader = reader

    async def of_erasure(self, caller: Caller, erasure_key: str) -> JsonObject:
        """The declaration of one erasure; for its party, its controller and audit."""
        authorise(caller, Call.READ_ERASURE)
        erasure = await run_sync(self._erasures.find, caller, erasure_key)
        if not erasure.destroyed:
            raise NothingDestroyedYet
        return declare_erasure(erasure)

    async def of_day(self, caller: Caller, day: date) -> Page:
        """The declaration of a day, of the caller's own records or with ``audit`` of all; empty before it ended."""
        authorise(caller, Call.LIST_DECLARATIONS)
        return await run_sync(partial(self._of_day, caller, day))

    def _of_day(self, caller: Caller, day: date) -> Page:
        ended = self._reader.events_of_operation((operation_id_of(LEDGER, f"day-ended:{day.isoformat()}"),))
        announced = [e.read_envelope() for e in ended if e.topic == RETENTION_DAY_ENDED and e.envelope is not None]
        if not announced:
            return Page(items=())
        found = [
            one
            for one in self._sweeps.swept_of(day)
            if "audit" in caller.scopes or one.records.controller == caller.party
        ]
        return Page(items=(declare_day(day, announced[0], found),))


def declare_erasure(erasure: Erasure) -> dict[str, Any]:
    """What an erasure destroyed, by whose decision."""
    contents = (*erasure.contents, erasure.completed_content)
    said = next((content for content in contents if content is not None), None)
    return {
        "kind": "erasure",
        "id": erasure.request.key,
        "controller": erasure.request.controller,
        "decidedBy": erasure.request.author,
        "ground": None if said is None else said.ground,
        "decision": None if said is None else said.decision,
        "secondPerson": said is not None and said.second_person is not None,
        "decidedAt": erasure.request.recorded_at,
        "destroyedAt": max(envelope.recorded_at for envelope in erasure.destroyed),
        "manner": MANNER,
        "backupsUntil": erasure.backups_until,
        "fingerprints": sorted(print_ for envelope in erasure.destroyed for print_ in envelope.fingerprints),
        "recipients": {"owed": erasure.owing, "answered": erasure.answered},
        **view_records(records for envelope in erasure.destroyed for records in envelope.destroyed),
    }


def declare_day(day: date, announced: Envelope, swept: list[SweptRecords]) -> dict[str, Any]:
    """What ended on a day: by the terms that the law, covenants and controllers gave, without a decision of anybody."""
    destroyed_at = announced.recorded_at
    return {
        "kind": "day",
        "day": day,
        "ground": "AVG 5(1)(e)",
        "destroyedAt": destroyed_at,
        "sweptAt": max((one.swept_at for one in swept), default=None),
        "manner": MANNER,
        "backupsUntil": amsterdam_day(destroyed_at) + timedelta(days=limits.BACKUP_DAYS_MAX),
        **view_records(one.records for one in swept),
    }


def view_records(found: Iterable[DestroyedRecords]) -> dict[str, Any]:
    """The records by whose work they were of, and how many in all."""
    counted: dict[tuple[str, str, str, str], int] = {}
    for each in found:
        place = (each.controller, each.covenant or "", each.annex or "", each.activity or "")
        counted[place] = counted.get(place, 0) + each.count
    return {
        "records": sum(counted.values()),
        "destroyed": [
            {
                "controller": controller,
                "covenant": {"id": covenant, "annex": annex or None} if covenant else None,
                "activity": activity or None,
                "records": count,
            }
            for (controller, covenant, annex, activity), count in sorted(counted.items())
        ],
    }
