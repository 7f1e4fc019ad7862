"""What is to be said about a duty, and when: a pure function of the duty, what was said before, and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from services.law.local_time import end_of_day
from services.notifier.domain.duties import Duty
from services.notifier.domain.kinds import PartyKind
from services.runtime import limits

Said = Mapping[str, datetime]
"""By kind of message: when it was last decided for this obligation."""

_SOON: Final = timedelta(days=limits.INFORM_DUE_SOON_DAYS)
_GRACE: Final = timedelta(hours=limits.INFORM_OVERDUE_GRACE_HOURS)
_REMINDER: Final = timedelta(days=limits.ERASE_REMINDER_DAYS)
_ESCALATION: Final = timedelta(days=limits.ERASE_ESCALATION_DAYS)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something to say: what kind, to which party, from when on, and on which occasion (part of the message's id)."""

    kind: PartyKind
    party: str
    at: datetime
    occasion: str


def next_step(duty: Duty, said: Said, now: datetime) -> Step | None:
    """What is to be said next about a duty, at ``step.at``; None when there is nothing to wait for but the ledger."""
    if not duty.is_open:
        return None
    return _inform_step(duty, said, now) if duty.kind == "inform" else _erase_step(duty, said)


def look_again_at(duty: Duty) -> datetime | None:
    """When the ledger will say something else about a resting duty: the first instant after its exemption's review."""
    if duty.is_open or duty.exempt_until is None:
        return None
    return end_of_day(duty.exempt_until).astimezone(UTC)


def _inform_step(duty: Duty, said: Said, now: datetime) -> Step | None:
    """The exemption that ended comes first, then the date that comes near, then the date that has passed."""
    if duty.reopened_at is not None and not _said_since(said, "inform-revived", duty.reopened_at):
        occasion = f"{duty.reopened_from} {_stamp(duty.reopened_at)}"
        return Step(kind="inform-revived", party=duty.party, at=duty.reopened_at, occasion=occasion)
    if duty.due is None:
        return None
    soon = duty.due - _SOON
    if now <= duty.due and not _said_since(said, "inform-due", soon):
        return Step(kind="inform-due", party=duty.party, at=soon, occasion=_stamp(duty.due))
    if _said_since(said, "inform-overdue", duty.due) or _said_since(said, "inform-revived", duty.due):
        return None
    return Step(kind="inform-overdue", party=duty.party, at=duty.due + _GRACE, occasion=_stamp(duty.due))


def _erase_step(duty: Duty, said: Said) -> Step | None:
    """The demand at once; a reminder and the word to the controller count from when the recipient was told."""
    since = duty.first_seen_at if duty.reopened_at is None else duty.reopened_at
    occasion = "" if duty.reopened_at is None else _stamp(duty.reopened_at)
    told = _last(said, "erase-owed", duty.reopened_at)
    if told is None:
        return Step(kind="erase-owed", party=duty.party, at=since, occasion=occasion)
    reminded = _last(said, "erase-reminder", told)
    if reminded is None:
        return Step(kind="erase-reminder", party=duty.party, at=told + _REMINDER, occasion=occasion)
    if duty.controller in {None, duty.party} or _last(said, "erase-escalation", reminded) is not None:
        return None
    assert duty.controller is not None
    at = reminded + (_ESCALATION - _REMINDER)
    return Step(kind="erase-escalation", party=duty.controller, at=at, occasion=occasion)


def _said_since(said: Said, kind: PartyKind, since: datetime) -> bool:
    """Whether this was said at or after an instant."""
    return _last(said, kind, since) is not None


def _last(said: Said, kind: PartyKind, since: datetime | None) -> datetime | None:
    """When this was last said, if not before ``since``."""
    at = said.get(kind)
    return None if at is None or (since is not None and at < since) else at


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
