"""Who must erase what of one person, because of which act, and what came of it (AVG 17, 19).

Pure, and derived as holdings are: an obligation stands as long as its cause stands. There is one per cause and holder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from services.law.local_time import amsterdam_day, end_of_day
from services.law.owed import erase_due
from services.ledger.domain.holdings import (
    DELETES,
    HoldingRow,
    Person,
    counts,
    find_reached,
    has_ended,
    latest_end,
    names,
    order_of,
)

Place = tuple[int, int]
"""(lane, position)."""

Outcome = Literal["erased", "kept", "impossible"]
EraseState = Literal["owed", "confirmed", "kept", "impossible"]


class EraseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a holder answered to the obligation that ``cause`` brought it: kept under ``norm`` until a day, say."""

    cause: Place
    party: str
    at: datetime
    outcome: Outcome
    until: date | None = None
    norm: str | None = None


class EraseDuty(msgspec.Struct, frozen=True, kw_only=True):
    """One obligation to erase. ``party`` owes it, ``controller`` demands it.

    ``cause`` is the delete that reached the holder, or the act whose term ended last; ``stream`` is the person's stream
    on which it stands. ``since``: the moment of the delete, or of the end. ``scopes``: the (covenant, annex) that the
    cause and what it reaches name. ``answer``: the one that decides on the state, if one does.
    """

    party: str
    controller: str
    data_categories: tuple[str, ...]
    cause: Place
    stream: Person
    reason: Literal["deleted", "ended"]
    since: datetime
    due: datetime
    state: EraseState
    scopes: frozenset[tuple[str, str | None]] = frozenset()
    answer: EraseAnswer | None = None


class _Reached(msgspec.Struct):
    """What one cause reaches at one holder: the acts that carry it, and each category with whether it is gone."""

    cause: HoldingRow
    party: str
    since: datetime
    day: date
    acts: list[HoldingRow] = []
    erased: dict[str, bool] = {}


def erase_duties(
    rows: Iterable[HoldingRow], answers: Iterable[EraseAnswer], as_of: datetime, as_known_at: datetime
) -> list[EraseDuty]:
    """The obligations to erase about one person on ``as_of``, with what was known at ``as_known_at`` (both inclusive).

    ``answers`` are in order of recording. In order of the moment of the cause, then by place and party.
    """
    acts = sorted((row for row in rows if counts(row, as_of, as_known_at)), key=order_of)
    given: defaultdict[tuple[Place, str], list[EraseAnswer]] = defaultdict(list)
    for answer in sorted((a for a in answers if a.at <= as_of), key=lambda a: a.at):
        given[answer.cause, answer.party].append(answer)
    reached = [*_reached_by_deletes(acts), *_reached_by_ends(acts, as_of)]
    duties = [_duty(one, given[_place_of(one.cause), one.party], as_of) for one in reached]
    return sorted(duties, key=lambda duty: (duty.since, duty.cause, duty.party))


def reached_parties(delete: HoldingRow, rows: Iterable[HoldingRow], as_of: datetime) -> tuple[str, ...]:
    """Who owes erasure because of ``delete``, which need not be stored yet, with all of ``rows`` known; sorted."""
    known_at = max(delete.recorded_at, as_of)
    found = erase_duties([*rows, delete], (), as_of, known_at)
    return tuple(sorted(duty.party for duty in found if duty.cause == _place_of(delete)))


def _place_of(row: HoldingRow) -> Place:
    return row.lane, row.position


def _reached_by_deletes(acts: Sequence[HoldingRow]) -> list[_Reached]:
    """What every delete makes others owe: all they had from it then, unless they carry it on by a later act."""
    shares = [act for act in acts if act.effect != DELETES and act.supplied_by is not None]
    found: list[_Reached] = []
    for delete in acts if shares else ():
        if delete.effect != DELETES:
            continue
        moment = delete.occurred_at
        reached = find_reached(delete, shares)
        pairs = {(act.party, name) for act in shares for name in act.categories if (id(act), name) in reached}
        by_party: dict[str, _Reached] = {}
        for party, name in sorted(pairs):
            own = [act for act in acts if act.party == party and names(act, name)]
            live = [act for act in _live(own, moment) if (id(act), name) in reached]
            if party == delete.party or not live or _is_carried_on(own, moment):
                continue
            one = by_party.setdefault(party, _Reached(delete, party, moment, amsterdam_day(moment)))
            one.acts += live
            one.erased[name] = _first_delete(own, moment) is not None
        found += by_party.values()
    return found


def _live(own: Sequence[HoldingRow], moment: datetime) -> list[HoldingRow]:
    """The acts that carried the category just before its holder could answer to what happened at ``moment``."""
    deleted = [act.occurred_at for act in own if act.effect == DELETES and act.occurred_at < moment]
    return [
        act
        for act in own
        if act.effect != DELETES and act.occurred_at <= moment and (not deleted or act.occurred_at > deleted[-1])
    ]


def _first_delete(own: Sequence[HoldingRow], since: datetime) -> datetime | None:
    return next((act.occurred_at for act in own if act.effect == DELETES and act.occurred_at >= since), None)


def _is_carried_on(own: Sequence[HoldingRow], moment: datetime) -> bool:
    """Whether the holder got the category again after ``moment`` and before it erased it."""
    gone_at = _first_delete(own, moment)
    return any(
        act.effect != DELETES and act.occurred_at > moment and (gone_at is None or act.occurred_at < gone_at)
        for act in own
    )


def _reached_by_ends(acts: Sequence[HoldingRow], as_of: datetime) -> list[_Reached]:
    """What every holder owes because the last term under which it held has ended before it erased."""
    found: dict[tuple[Place, str], _Reached] = {}
    for party, name in sorted({(act.party, name) for act in acts if act.effect != DELETES for name in act.categories}):
        own = [act for act in acts if act.party == party and names(act, name)]
        for gone_at, carrying in _episodes(own):
            last = latest_end(carrying)
            if last is None or not all(has_ended(act, as_of) for act in carrying):
                continue
            ended_at = end_of_day(last)
            if gone_at is None or gone_at >= ended_at:
                cause = max((act for act in carrying if act.ends == last), key=order_of)
                one = found.setdefault((_place_of(cause), party), _Reached(cause, party, ended_at, last))
                one.acts += carrying
                one.erased[name] = gone_at is not None
    return list(found.values())


def _episodes(own: Sequence[HoldingRow]) -> list[tuple[datetime | None, list[HoldingRow]]]:
    """The acts that carried a category together, with the moment at which its holder erased what they gave."""
    episodes: dict[datetime | None, list[HoldingRow]] = {}
    for act in own:
        if act.effect != DELETES:
            episodes.setdefault(_first_delete(own, act.occurred_at), []).append(act)
    return list(episodes.items())


def _duty(reached: _Reached, answers: Sequence[EraseAnswer], as_of: datetime) -> EraseDuty:
    cause = reached.cause
    is_delete = cause.effect == DELETES
    state, due, answer = _state(reached, answers, as_of)
    return EraseDuty(
        party=reached.party,
        controller=cause.party if is_delete else cause.supplied_by or cause.party,
        data_categories=tuple(sorted(reached.erased)),
        cause=_place_of(cause),
        stream=(cause.lane, cause.stream_id),
        reason="deleted" if is_delete else "ended",
        since=reached.since,
        due=due,
        state=state,
        scopes=frozenset((act.covenant, act.annex) for act in (cause, *reached.acts) if act.covenant is not None),
        answer=answer,
    )


def _state(
    reached: _Reached, answers: Sequence[EraseAnswer], as_of: datetime
) -> tuple[EraseState, datetime, EraseAnswer | None]:
    """How it stands, by when it is due, and the answer that says so.

    Erasing settles it, by acts that together name every category or by word. What is kept until a day is owed again
    after that day.
    """
    due = erase_due(reached.day)
    erased = next((answer for answer in answers if answer.outcome == "erased"), None)
    if erased is not None or all(reached.erased.values()):
        return "confirmed", due, erased
    if not answers:
        return "owed", due, None
    answer = answers[-1]
    if answer.outcome == "impossible":
        return "impossible", due, answer
    if answer.until is None or as_of < end_of_day(answer.until):
        return "kept", due, answer
    return "owed", erase_due(answer.until), None
