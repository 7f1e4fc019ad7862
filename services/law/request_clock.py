"""The clock of one access request at one party, folded from what happened to it (AVG 12(3)-(4), Wpg 25, Awb 4:15).

A suspension stops the term until the answer came; the days that were left then run on. An open one has no end.
Only what happened within the term counts: an extension told too late, or a question asked too late, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from services.law.clocks import Deadline, Move, carried_by_regulation, carried_by_termijnenwet
from services.law.local_time import amsterdam_day, end_of_day
from services.law.periods import Period, add_months, add_period

ClockState = Literal["running", "suspended", "answered", "late"]

_ONE_MONTH: Final = Period(months=1)
_THREE_MONTHS: Final = Period(months=3)
_EXTENSION_MONTHS: Final = 2
_SIX_WEEKS: Final = Period(weeks=6)
_TEN_WEEKS: Final = Period(weeks=10)
_TWELVE_WEEKS: Final = Period(weeks=12)
_NO_DAYS: Final = timedelta()

Ends = tuple[date, date]
"""Two raw ends before any weekend: by the letter of the law, and without what is disputed."""
Pause = tuple[date, date]
"""The day of the question and the day of the answer to it."""


class ClockStep(msgspec.Struct, frozen=True):
    """What happened to a request: ``step`` extend, suspend, resume, answer or refuse; other words change nothing.

    ``several_units``: the extension is that of Wpg 25 for data kept by several units of the police.
    """

    step: str
    at: datetime
    several_units: bool = False


class RequestClock(msgspec.Struct, frozen=True):
    """The clock as its steps left it; both ends are None while it is suspended, or when the term is not verified.

    ``is_late``: the answer, or the refusal (which knows no extension, AVG 12(4)), came after its term or is not
    there yet. Answered after the term, the state is ``answered`` and ``is_late`` is true.
    """

    state: ClockState
    legal_latest: date | None
    safe: date | None
    answered_at: datetime | None = None
    extended: bool = False
    is_late: bool = False
    moved_by: tuple[Move, ...] = ()


class _Course:
    """The course of one request while its steps are read in order of time."""

    def __init__(self, received: date, regime: str) -> None:
        self.received = received
        self.regime = regime
        self.pauses: list[Pause] = []
        self.asked: date | None = None
        self.extension: ClockStep | None = None
        self.end: ClockStep | None = None

    def take(self, step: ClockStep) -> None:
        """What one step changes."""
        day = amsterdam_day(step.at)
        if step.step in {"answer", "refuse"} and self.end is None:
            self.resume(day)
            self.end = step
        elif step.step == "resume":
            self.resume(day)
        elif step.step == "suspend" and self.asked is None and self.is_within(day):
            self.asked = day
        elif step.step == "extend" and (self.asked is not None or self.is_within(day)):
            self.extension = self.extension or step

    def resume(self, day: date) -> None:
        """End the pause that is open, if any."""
        if self.asked is not None:
            self.pauses.append((self.asked, day))
            self.asked = None

    def is_within(self, day: date) -> bool:
        """Whether the term still runs on ``day``; where no term is verified it always does."""
        deadline = self.deadline()
        return self.end is None and (deadline is None or day <= deadline.legal_latest)

    def deadline(self, *, may_extend: bool = True) -> Deadline | None:
        """When the term ends as things stand; None when the act that sets it is not verified."""
        extension = self.extension if may_extend else None
        if self.regime == "AVG":
            latest, safe = (after(end, self.pauses) for end in avg_ends(self.received, extended=extension is not None))
            return carried_by_regulation(latest, safe)
        if self.regime == "Wpg":
            return carried_by_termijnenwet(after(wpg_end(self.received, extension), self.pauses))
        return None


def access_request_clock(received: datetime, regime: str, steps: Sequence[ClockStep], at: datetime) -> RequestClock:
    """The clock at ``at`` of a request received at ``received``, seeing only the steps up to then.

    ``regime``: AVG, Wpg, or one whose term is not verified here (Wjsg): that one runs without an end.
    """
    course = _Course(amsterdam_day(received), regime)
    for step in sorted((step for step in steps if step.at <= at), key=lambda step: step.at):
        course.take(step)
    if course.end is not None:
        limit = course.deadline(may_extend=course.end.step == "answer" or regime != "AVG")
        return _clock("answered", course, course.end.at, is_late=_is_past(limit, course.end.at))
    if course.asked is not None:
        return RequestClock("suspended", None, None, extended=course.extension is not None)
    is_late = _is_past(course.deadline(), at)
    return _clock("late" if is_late else "running", course, is_late=is_late)


def avg_ends(received: date, *, extended: bool) -> Ends:
    """One month, or three (AVG 12(3)); safe also reckons the extension from the clamped first month."""
    first = add_period(received, _ONE_MONTH)
    if not extended:
        return first, first
    last = add_period(received, _THREE_MONTHS)
    return last, min(last, add_months(first, _EXTENSION_MONTHS))


def wpg_end(received: date, extension: ClockStep | None) -> date:
    """Six weeks, and four more, or six when several units have to look (Wpg 25)."""
    if extension is None:
        return add_period(received, _SIX_WEEKS)
    return add_period(received, _TWELVE_WEEKS if extension.several_units else _TEN_WEEKS)


def after(end: date, pauses: Iterable[Pause]) -> date:
    """A raw end after the pauses in order: the days left at the question are counted again from the answer."""
    for asked, answered in pauses:
        end = answered + max(end - asked, _NO_DAYS)
    return end


def _is_past(deadline: Deadline | None, at: datetime) -> bool:
    return deadline is not None and end_of_day(deadline.legal_latest) < at


def _clock(
    state: ClockState, course: _Course, answered_at: datetime | None = None, *, is_late: bool = False
) -> RequestClock:
    deadline = course.deadline()
    latest, safe = (None, None) if deadline is None else (deadline.legal_latest, deadline.safe)
    moves = () if deadline is None else deadline.moved_by
    return RequestClock(state, latest, safe, answered_at, course.extension is not None, is_late, moves)
