"""How many clocks of the law are near their end or past it, over the whole ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from services.cli.case.model import AMSTERDAM, read_case
from services.ledger.application.count_clocks import DUE_SOON, KINDS, OVERDUE, CountClocks, state_of
from services.ledger.contract.forgetting import RequestStepBody
from services.ledger.contract.messages import Caller
from tests.support.case_ledger import CaseLedger, case_ledger

RAW = read_case(Path("tests/cases/vechtpartijen.yaml"))
REQUEST = RAW.key(21)


@pytest.fixture
def ledger(database: str) -> Iterator[CaseLedger]:
    """The case, played."""
    with case_ledger(database, RAW) as played:
        played.play()
        yield played


def at(ledger: CaseLedger, local: str) -> datetime:
    """Move the clock to a local time."""
    moment = datetime.fromisoformat(local).replace(tzinfo=AMSTERDAM)
    ledger.clock.set(max(moment, ledger.clock.now()))
    return ledger.clock.now()


def listed(ledger: CaseLedger, now: datetime) -> dict[tuple[str, str], int]:
    """What the list of clocks, as an auditor sees it, comes to."""
    caller = Caller(party="auditor", scopes=frozenset({"audit", "subject:access"}), purpose="internal-control")
    counted = {(kind, state): 0 for kind in KINDS for state in (DUE_SOON, OVERDUE)}
    for clock in ledger.run(ledger.clocks.list(caller)).items:
        state = state_of(dict(clock), now)
        if state is not None:
            counted[clock["clock"], state] += 1
    return counted


def test_clocks_are_counted_as_the_list_has_them(ledger: CaseLedger) -> None:
    """By kind, near their end and past it, on every day of the case and after it; what is not at risk counts as 0."""
    counting = CountClocks(ledger.clocks)
    seen: set[tuple[str, str]] = set()
    for local in ("2026-10-05T10:00", "2026-11-01T10:00", "2026-11-02T10:00", "2026-11-12T10:00", "2026-12-01T10:00"):
        now = at(ledger, local)
        counted = counting.count(now)
        assert counted == listed(ledger, now)
        seen |= {place for place, count in counted.items() if count}
    assert {("rights-request", DUE_SOON), ("rights-request", OVERDUE), ("wpg-access", OVERDUE)} <= seen


def test_what_has_ended_is_not_folded_again(ledger: CaseLedger) -> None:
    """A request that everybody answered is looked at once more and never again; the count stays that of the list."""
    counting = CountClocks(ledger.clocks)
    now = at(ledger, "2026-10-20T10:00")
    counting.count(now)
    caller = Caller(party="auditor", scopes=frozenset({"subject:access", "audit"}), purpose="access-request")
    request = ledger.run(ledger.read_request.read(caller, REQUEST))
    for party in sorted({controller["decidedBy"] for controller in request["controllers"]}):
        body = RequestStepBody(step="answer", at=now, reason="done")
        caller = Caller(party=party, scopes=frozenset({"subject:access"}), purpose="access-request")
        ledger.run(ledger.request_steps.take(caller, REQUEST, f"answer:{party}", body))
    now = at(ledger, "2026-12-30T10:00")
    first, second = counting.count(now), counting.count(now)
    assert first == second == listed(ledger, now)
    assert first["rights-request", OVERDUE] == 0
    everything = {event.position for event, _ in ledger.clocks.by_event(frozenset())}
    looked_at = {event.position for event, _ in ledger.clocks.by_event(counting._ended)}
    assert looked_at < everything
