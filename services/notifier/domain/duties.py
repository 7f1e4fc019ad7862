"""A duty as notifier remembers it: what the ledger said last, and since when notifier has known it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import msgspec

from services.ledger.contract.commands import DutyAt

OPEN_STATES: Final[dict[str, frozenset[str]]] = {
    "inform": frozenset({"open", "residual"}),
    "erase": frozenset({"owed"}),
}
"""By kind of duty; other kinds and states are shown in the inbox and never pushed."""


def is_open(kind: str, state: str) -> bool:
    """Whether a duty of this kind in this state still asks something of somebody."""
    return state in OPEN_STATES.get(kind, frozenset())


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One row of working state; holds no identifier.

    ``reopened_at`` is when it last came back from rest (an exemption ended, a norm to keep ran out), ``reopened_from``
    what it rested on, such as the review date of the exemption.
    """

    lane: int
    stream_id: UUID
    obligation: str
    kind: str
    party: str
    controller: str | None
    state: str
    due: datetime | None
    exempt_until: date | None
    covenant: str | None
    annex: str | None
    data_categories: tuple[str, ...]
    missing_elements: tuple[str, ...]
    first_seen_at: datetime
    reopened_at: datetime | None = None
    reopened_from: str | None = None
    next_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody must still do something."""
        return is_open(self.kind, self.state)


def remember(known: Duty | None, told: DutyAt, now: datetime) -> Duty:
    """The row for what the ledger says now, given the row that was kept."""
    duty = Duty(
        lane=told.lane,
        stream_id=told.stream_id,
        obligation=told.obligation,
        kind=told.kind,
        party=told.party,
        controller=told.controller,
        state=told.state,
        # A day before is a day of 24 hours, whatever zone the instant was told in: one with summer time does not
        # survive the road from another process.
        due=None if told.due is None else told.due.astimezone(UTC),
        exempt_until=told.exempt_until,
        covenant=told.covenant,
        annex=told.annex,
        data_categories=told.data_categories,
        missing_elements=told.missing_elements,
        first_seen_at=now if known is None else known.first_seen_at,
        reopened_at=None if known is None else known.reopened_at,
        reopened_from=None if known is None else known.reopened_from,
    )
    if known is None or known.is_open or not duty.is_open:
        return duty
    return msgspec.structs.replace(duty, reopened_at=now, reopened_from=_rest_of(known))


def _rest_of(duty: Duty) -> str:
    """What a resting duty rested on."""
    return duty.state if duty.exempt_until is None else f"{duty.state} until {duty.exempt_until.isoformat()}"
