"""How a duty to inform stands at a moment: met, set aside, still owed, or lapsed unmet (AVG 12 to 14, UAVG 41).

Two moments are kept apart. ``InformDuty.due`` is when the law wanted the person told; it never moves. Whether the
person was told *late* is judged by the moment that counts: a decision not to tell that was taken in time carries it
to the end of its review day, or to the instant at which its reason had gone; a decision that came too late does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final, Literal

import msgspec

from services.law.context import PastExemption, SubjectFacts
from services.law.inform import InformDuty, missing_elements, open_exemptions
from services.law.local_time import end_of_day

DutyStateName = Literal["open", "done", "done-late", "residual", "exempt", "lapsed-unmet"]

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The moment that counts while a decision without a review date holds: it is not set yet."""


class DutyState(msgspec.Struct, frozen=True):
    """A duty as it stands at a moment.

    ``due``: the moment that counts for being late, never before ``InformDuty.due``. ``missing_elements``: what is
    still untold, in the order of the law. ``told_at``: when the last owed element was told, None while one is missing.
    ``exempt_until``: the last day of the exemption in force, None when none is or when it has no review date.
    """

    state: DutyStateName
    due: datetime
    missing_elements: tuple[str, ...] = ()
    told_at: datetime | None = None
    exempt_until: date | None = None


def duty_state(duty: InformDuty, facts: SubjectFacts, at: datetime, *, held: bool) -> DutyState:
    """How ``duty`` stands at ``at``, seeing only what had happened by then.

    ``held``: whether anybody still holds data that were obtained under this duty; what nobody holds any more can no
    longer be told in time, and lapses unmet.
    """
    due, missing = moment_that_counts(duty, facts, at), missing_elements(duty, facts, at)
    if not missing:
        told_at = _told_at(duty, facts)
        return DutyState("done" if told_at <= due else "done-late", due, told_at=told_at)
    exemptions = tuple(open_exemptions(duty, facts, at))
    if exemptions:
        return DutyState("exempt", due, missing, exempt_until=_last_day(exemptions))
    if not held:
        return DutyState("lapsed-unmet", due, missing)
    return DutyState("residual" if len(missing) < len(duty.elements) else "open", due, missing)


def moment_that_counts(duty: InformDuty, facts: SubjectFacts, at: datetime) -> datetime:
    """By when the person must be told, as carried on by the decisions taken in time that were known at ``at``."""
    moment = duty.due
    decided = (e for e in facts.exemptions if e.decided_at <= at)
    for exemption in sorted(decided, key=lambda e: e.decided_at):
        is_about = duty.is_set_aside_by(exemption.controller, exemption.covenant, exemption.annex)
        if is_about and exemption.decided_at <= moment:
            moment = max(moment, _end(exemption, at))
    return moment


def _end(exemption: PastExemption, at: datetime) -> datetime:
    """The first instant at which the decision no longer holds, as it was known at ``at``."""
    reviewed = NEVER if exemption.review_on is None else end_of_day(exemption.review_on)
    if exemption.ended_at is None or exemption.ended_at > at:
        return reviewed
    return min(reviewed, exemption.ended_at)


def _last_day(exemptions: Iterable[PastExemption]) -> date | None:
    days = [exemption.review_on for exemption in exemptions]
    return None if None in days else max(day for day in days if day is not None)


def _told_at(duty: InformDuty, facts: SubjectFacts) -> datetime:
    """When the last owed element was told for the first time; only asked when none is missing, so none is later."""
    first: dict[str, datetime] = {}
    for notice in sorted(facts.notices, key=lambda notice: notice.given_at):
        if duty.answers_to(notice.controller, notice.covenant, notice.annex):
            for element in duty.elements if "all" in notice.elements else notice.elements:
                first.setdefault(element, notice.given_at)
    return max(first[element] for element in duty.elements)
