"""Load a case through the public API: governance first, then the acts, the clock set before each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import msgspec

from services.cli.case.bodies import Call, calls_of, governance_calls
from services.cli.case.door import Door
from services.cli.case.model import Case, CaseAct

Progress = Callable[[str], None]


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to the calls of one act, in their order: (status, body)."""

    answers: tuple[tuple[int, dict[str, Any]], ...]

    @property
    def refused(self) -> bool:
        """Whether an intent was refused."""
        return any(status == 403 for status, _ in self.answers)


def load_case(case: Case, door: Door, journal: Path, progress: Progress) -> dict[int, Posted]:
    """Post everything once; what the journal says was posted is asked again, which changes nothing.

    The journal lies beside the ledger's data, so the two live and die together.
    """
    done = _read_journal(journal)
    calls = governance_calls(case)
    if "governance" not in done:
        _set_clock(door, _first_midnight(case))
        for number, call in enumerate(calls, start=1):
            _post(door, call)
            progress(f"register {number}/{len(calls)} {call.path.rpartition('/')[2]}")
        _write_journal(journal, "governance")
    posted = {}
    for place, act in enumerate(case.acts, start=1):
        if str(act.number) not in done:
            _set_clock(door, act.recorded)
        posted[act.number] = _post_act(case, act, door)
        _write_journal(journal, str(act.number), done)
        progress(f"act {place}/{len(case.acts)} (number {act.number}, {act.kind.replace('_', ' ')})")
    return posted


def _post_act(case: Case, act: CaseAct, door: Door) -> Posted:
    responses = [_post(door, call, intent=act.fields.get("tense") == "intent") for call in calls_of(case, act)]
    return Posted(answers=tuple(responses))


def _post(door: Door, call: Call, *, intent: bool = False) -> tuple[int, dict[str, Any]]:
    allowed = (200, 201, 202, 403) if intent else (200, 201)
    response = door.post(call.path, call.body, party=call.party, scope=call.scope, allowed=allowed)
    return response.status_code, response.json()


def _set_clock(door: Door, instant: datetime) -> None:
    door.post("/v1/clock", {"now": instant.isoformat()}, party="registrar", scope="governance")


def _first_midnight(case: Case) -> datetime:
    first = min(act.at for act in case.acts)
    return datetime.combine(first.date(), time.min, tzinfo=first.tzinfo)


def _read_journal(journal: Path) -> set[str]:
    if not journal.exists():
        return set()
    return {json.loads(line)["posted"] for line in journal.read_text(encoding="utf-8").splitlines()}


def _write_journal(journal: Path, entry: str, done: set[str] | None = None) -> None:
    if done is not None and entry in done:
        return
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"posted": entry}) + "\n")
