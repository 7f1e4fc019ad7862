"""The two terms of an act: until when parties may hold the data, and the ledger its record.

Storage limitation is the default (AVG 5(1)(e)): of all terms that the rules give, the one
that ends first holds, and the others are named as having lost; but a file that the law wants kept
is kept (``file_terms``). Terms end at 24:00 in Amsterdam and never roll. Where the law counts from the
first processing (``first_processing``), ``since`` is that day, None when it is the day of the act. A hold is
not a term; it is placed by a later event (``precedence``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final, Literal

import msgspec

from services.law.act import Act, Retention
from services.law.errors import LawError
from services.law.file_terms import file_rule, file_term
from services.law.first_processing import WPG_DAILY
from services.law.local_time import amsterdam_day
from services.law.operations import HOLDING_CLASSES, operation_class
from services.law.periods import Period, add_period, parse_period
from services.law.precedence import Term, TermRule, in_order
from services.law.register import DayView
from services.law.wgs_terms import partnership_term

RecordRule = Literal["act", "covenant", "evidence", "holding-end", "no-holding", "profile-default"]

RECORD_PERIOD_DEFAULT: Final = Period(years=5)
_WPG_8_PERIOD: Final = "P5Y"
_ANCHOR_DEFAULT: Final = "occurredAt"
_DAYS_CACHED_MAX: Final = 16_384
_TERMS_CACHED_MAX: Final = 1_024


class HoldingTerm(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Until when the data may be held: ``ends`` None means that no rule says (``retention-unknown``)."""

    ends: date | None
    rule: TermRule | None
    lost: tuple[Term, ...] = ()


class RecordTerm(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """The last day on which the ledger keeps its own record of the act, and by which rule."""

    ends: date
    rule: RecordRule


Terms = tuple[HoldingTerm | None, RecordTerm]
"""Until when the data may be held, and the record kept."""


def begins_holding(act: Act) -> bool:
    """Whether the act makes anyone hold data: a fact that collects, uses, alters, or shares with someone."""
    found = operation_class(act.operation, act.operation_class)
    return act.tense == "fact" and (found in HOLDING_CLASSES or (found == "share" and bool(act.recipients)))


def _holding_term(act: Act, view: DayView, since: date | None) -> HoldingTerm | None:
    if not begins_holding(act):
        return None
    found = [*holding_terms(act, view, since)]
    if not found:
        return HoldingTerm(None, None)
    if len(found) > 1:
        found = in_order(found)
    return HoldingTerm(found[0].ends, found[0].rule, tuple(found[1:]))


def holding_terms(act: Act, view: DayView, since: date | None = None) -> Iterator[Term]:
    """Every term that a rule gives for the act; none when nothing is known or the anchor lies ahead.

    ``view`` is the register on the day of the act.
    """
    for rule, period, start in _stated_terms(act, view, since):
        ends = _end(period, start)
        if ends is not None and period is not None:
            yield Term(rule, period, ends)
    shared = partnership_term(act, view, since)
    if shared is not None:
        yield shared
    kept = file_rule(act, view)
    if kept is not None:
        yield file_term(kept, view.day)


def _stated_terms(act: Act, view: DayView, since: date | None) -> Iterator[tuple[TermRule, str | None, date | None]]:
    """What each rule says: its period, and the day on which that starts."""
    if act.retention is not None:
        yield "act", act.retention.period, _anchored(act.retention, act)
    named = view.covenants[act.covenant.id] if act.covenant is not None else None
    if named is not None and act.covenant is not None:
        yield "covenant-phase", named.terms_under(act.covenant.annex).get(act.phase or ""), view.day
    activity = view.activities[act.activity] if act.activity is not None else None
    if activity is not None:
        yield "activity", activity.retention, view.day
    if act.data_regime == WPG_DAILY:
        yield "wpg-8", _WPG_8_PERIOD, since or view.day


def terms_on(act: Act, view: DayView, recorded_on: date, since: date | None = None) -> Terms:
    """Both terms of an act that is recorded on ``recorded_on``; ``view`` is the register on the day of the act.

    The record is never kept shorter than the holding it is evidence of: by ``recordRetention`` of the act, else of the
    covenant; else for five years after the holding ends, or after recording where none begins or its end is unknown.

    Where the act states no term of its own both follow from few of its fields, and are reckoned once for all like it.
    """
    if since is not None or act.retention is not None or act.record_retention is not None:
        return _reckon(act, view, recorded_on, since)
    covenant = act.covenant
    like = (
        None if covenant is None else covenant.id,
        None if covenant is None else covenant.annex,
        act.phase,
        act.activity,
        act.data_regime,
        act.operation,
        act.operation_class,
        act.tense,
        not act.recipients,
        act.decision_id,
        file_rule(act, view),
        recorded_on,
    )
    reckoned = view.made_by(_terms_of_day)
    found = reckoned.get(like)
    if found is None:
        if len(reckoned) >= _TERMS_CACHED_MAX:
            reckoned.clear()
        found = reckoned[like] = _reckon(act, view, recorded_on, None)
    return found


def _terms_of_day(_view: DayView) -> dict[tuple[object, ...], Terms]:
    """Both terms of an act by what they follow from, as far as they were reckoned for acts of that day."""
    return {}


def _reckon(act: Act, view: DayView, recorded_on: date, since: date | None) -> Terms:
    holding = _holding_term(act, view, since)
    return holding, _record_term(act, view, recorded_on, holding)


def _record_term(act: Act, view: DayView, recorded_on: date, holding: HoldingTerm | None) -> RecordTerm:
    stated = _stated_record_term(act, view)
    if stated is not None:
        held_until = holding.ends if holding is not None else None
        return stated if held_until is None or held_until <= stated.ends else RecordTerm(held_until, stated.rule)
    if holding is None:
        return RecordTerm(_record_end_default(recorded_on), "no-holding")
    if holding.ends is None:
        return RecordTerm(_record_end_default(recorded_on), "profile-default")
    return RecordTerm(_record_end_default(holding.ends), "holding-end")


@lru_cache(maxsize=_DAYS_CACHED_MAX)
def _record_end_default(start: date) -> date:
    return add_period(start, RECORD_PERIOD_DEFAULT)


def _stated_record_term(act: Act, view: DayView) -> RecordTerm | None:
    if act.record_retention is not None:
        ends = _end(act.record_retention.period, _anchored(act.record_retention, act))
        if ends is not None:
            return RecordTerm(ends, "act")
    named = view.covenants[act.covenant.id] if act.covenant is not None else None
    ends = _end(named.covenant.record_retention, view.day) if named is not None else None
    return None if ends is None else RecordTerm(ends, "covenant")


def _anchored(retention: Retention, act: Act) -> date | None:
    """The day on which the term starts; None when the anchor is an event that lies outside the act."""
    if retention.anchor == _ANCHOR_DEFAULT:
        return amsterdam_day(act.occurred_at)
    if retention.anchor == "endedAt" and act.ended_at is not None:
        return amsterdam_day(act.ended_at)
    return None


@lru_cache(maxsize=_DAYS_CACHED_MAX)
def _end(period: str | None, start: date | None) -> date | None:
    """The last day of the term; None when there is no term, no start, or the text is no calendar period."""
    if period is None or start is None:
        return None
    try:
        return add_period(start, parse_period(period))
    except LawError:
        return None
