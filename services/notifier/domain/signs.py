"""What an event of the ledger tells notifier: whose duties may have changed, what was sent, what was erased."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import msgspec

from services.law.local_time import end_of_day
from services.ledger.contract import topics

AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment of what is to be looked at now: before every instant a clock shows."""

_DUTY_TOPICS: Final = frozenset(
    {
        topics.NOTICE_RECORDED,
        topics.EXEMPTION_RECORDED,
        topics.EXEMPTION_ENDED,
        topics.OBLIGATION_ANSWERED,
        topics.PROCESSING_CORRECTED,
        topics.RETENTION_SET,
        topics.HOLD_PLACED,
        topics.HOLD_RELEASED,
        topics.SUBJECTS_LINKED,
        topics.SUBJECTS_UNLINKED,
        topics.ERASED,
    }
)
_TERM_TOPICS: Final = frozenset({topics.PROCESSING_RECORDED, topics.PROCESSING_CORRECTED, topics.RETENTION_SET})


class Signs(msgspec.Struct, frozen=True, rename="camel"):
    """The few fields of an envelope that matter here; the rest is not decoded."""

    key: str
    recorded_at: datetime
    duties: tuple[str, ...] = ()
    holding_ends: date | None = None
    new_holding_ends: date | None = None
    answer_until: date | None = None
    controller: str | None = None
    obligation: str | None = None
    message_kind: str | None = None
    channel: str | None = None
    template: str | None = None
    addressed_to: str | None = None

    def message_id(self) -> UUID | None:
        """The id of the message that was sent, which the ledger keeps in the key; None for a key of others."""
        prefix, _, rest = self.key.partition(":")
        try:
            return UUID(rest) if prefix == "message" else None
        except ValueError:
            return None


_DECODER: Final = msgspec.json.Decoder(Signs)


def read_signs(envelope: bytes) -> Signs:
    """The signs in the stored bytes of an envelope."""
    return _DECODER.decode(envelope)


def moments_to_look(topic: str, signs: Signs) -> tuple[datetime, ...]:
    """When the duties of the person of this event must be looked at: at once, and when a term named in it ends.

    A term of holding, or of what a holder keeps under a norm: after that it is owed again.
    """
    moments: list[datetime] = []
    if signs.duties or topic in _DUTY_TOPICS:
        moments.append(AT_ONCE)
    days: set[date | None] = set()
    if topic in _TERM_TOPICS:
        days = {signs.holding_ends, signs.new_holding_ends}
    elif topic == topics.OBLIGATION_ANSWERED:
        days = {signs.answer_until}
    moments += [_after(day) for day in sorted(day for day in days if day is not None)]
    return tuple(moments)


def _after(day: date) -> datetime:
    """The first instant after a day in Amsterdam, in UTC."""
    return end_of_day(day).astimezone(UTC)
