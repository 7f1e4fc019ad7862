"""Load a case through the public API: governance first, then the acts, the clock set before each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

import msgspec

from services.cli.case.bodies import Call, calls_of, governance_calls
from services.cli.case.door import Door, UnexpectedAnswer
from services.cli.case.journal import Answered, Journal
from services.cli.case.model import AMSTERDAM, Case, CaseAct
from services.runtime.limits import REMOTE_PATIENT_SECONDS_MAX

Progress = Callable[[str], None]
_GOVERNANCE: Final = "governance"


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to the calls of one act, in their order: (status, body)."""

    answers: Answered

    @property
    def refused(self) -> bool:
        """Whether an intent was refused."""
        return any(status == 403 for status, _ in self.answers)


def load_case(case: Case, door: Door, journal: Path, progress: Progress) -> dict[int, Posted]:
    """Post everything once; what the journal says was posted is asked again, which changes nothing.

    What the ledger no longer knows, since its record has ended, was answered as the journal says.
    """
    kept = Journal(journal)
    if kept.answers(_GOVERNANCE) is None:
        _register(case, door, progress)
        kept.write(_GOVERNANCE)
    posted = {}
    for place, act in enumerate(case.acts, start=1):
        posted[act.number] = _post_act(case, act, door, kept)
        progress(f"act {place}/{len(case.acts)} (number {act.number}, {act.kind.replace('_', ' ')})")
    return posted


def first_midnight(case: Case) -> datetime:
    """00:00 of the first day on which anything happens or is posted."""
    first = min(min(act.at, act.recorded) for act in case.acts).astimezone(AMSTERDAM)
    return datetime.combine(first.date(), time.min, tzinfo=AMSTERDAM)


def _register(case: Case, door: Door, progress: Progress) -> None:
    _set_clock(door, first_midnight(case))
    calls = governance_calls(case)
    for number, call in enumerate(calls, start=1):
        _post(door, call)
        progress(f"register {number}/{len(calls)} {call.path.rpartition('/')[2]}")


def _post_act(case: Case, act: CaseAct, door: Door, journal: Journal) -> Posted:
    entry = str(act.number)
    before = journal.answers(entry)
    if before is None:
        _set_clock(door, act.recorded)
    may_refuse = act.fields.get("tense") == "intent"
    answers = tuple(
        _post_again(door, call, (before or ())[place : place + 1], may_refuse=may_refuse)
        for place, call in enumerate(calls_of(case, act))
    )
    if before is None:
        journal.write(entry, answers)
    return Posted(answers=answers)


def _post_again(door: Door, call: Call, before: Answered, *, may_refuse: bool) -> tuple[int, dict[str, Any]]:
    """What is answered now, or what was answered ``before`` to a call of which nothing is known any more."""
    try:
        return _post(door, call, may_refuse=may_refuse)
    except UnexpectedAnswer as error:
        if not before or not error.is_forgotten:
            raise
        return before[0]


def _post(door: Door, call: Call, *, may_refuse: bool = False) -> tuple[int, dict[str, Any]]:
    allowed = (200, 201, 202, 403) if may_refuse else (200, 201)
    response = door.post(call.path, call.body, party=call.party, scope=call.scope, allowed=allowed)
    return response.status_code, response.json()


def _set_clock(door: Door, instant: datetime) -> None:
    """Move the clock; the ledger answers when everything is done that was due until then."""
    body = {"now": instant.isoformat()}
    door.post("/v1/clock", body, party="registrar", scope="governance", seconds_max=REMOTE_PATIENT_SECONDS_MAX)
