"""The clock of an access request moves by its steps, and stands in the list of clocks until it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from services.cli.case.model import AMSTERDAM, read_case
from services.ledger.application.request_steps import StepInvalid, StepOutOfOrder
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.forgetting import RequestStepBody
from services.ledger.contract.messages import Caller
from tests.support.case_ledger import CaseLedger, case_ledger

RAW = read_case(Path("tests/cases/vechtpartijen.yaml"))
REQUEST = RAW.key(21)
Step = Literal["extend", "suspend", "resume", "answer", "refuse"]


@pytest.fixture
def ledger(database: str) -> Iterator[CaseLedger]:
    """The case, played."""
    with case_ledger(database, RAW) as played:
        played.play()
        yield played


def who(party: str, *scopes: str, purpose: Any = "access-request") -> Caller:
    """A token of a party."""
    return Caller(party=party, scopes=frozenset(scopes or ("subject:access",)), purpose=purpose)


def take(ledger: CaseLedger, step: Step, at: str, party: str = "college-middelstad", key: str | None = None) -> Any:
    """One step at a local time, recorded at once."""
    moment = datetime.fromisoformat(at).replace(tzinfo=AMSTERDAM)
    ledger.clock.set(max(moment, ledger.clock.now()))
    body = RequestStepBody(step=step, at=moment, reason="many records")
    return ledger.run(ledger.request_steps.take(who(party), REQUEST, key or f"{step}:{at}", body))


def clock_of(ledger: CaseLedger, party: str) -> Any:
    """The clock of a party as the request shows it."""
    request = ledger.run(ledger.read_request.read(who("politie"), REQUEST))
    return next(each["clock"] for each in request["controllers"] if each["party"] == party)


def test_an_extension_adds_two_months_to_the_clock_of_who_took_it(ledger: CaseLedger) -> None:
    """The others keep their month."""
    assert take(ledger, "extend", "2026-10-20T10:00")["safe"] == "2027-01-04"
    assert clock_of(ledger, "college-middelstad")["extended"] is True
    assert clock_of(ledger, "burgemeester-middelstad")["safe"] == "2026-11-02"


def test_a_suspension_stops_the_clock_and_the_days_left_run_on_after_it(ledger: CaseLedger) -> None:
    """While it is suspended there is no end."""
    suspended = take(ledger, "suspend", "2026-10-06T10:00")
    assert (suspended["state"], suspended["safe"]) == ("suspended", None)
    assert take(ledger, "resume", "2026-10-16T10:00")["safe"] == "2026-11-11"


def test_an_answered_request_leaves_the_list_of_clocks(ledger: CaseLedger) -> None:
    """A party sees its own clocks only, the most urgent first."""
    before = ledger.run(ledger.clocks.list(who("college-middelstad")))
    assert {clock["clock"] for clock in before.items} >= {"rights-request", "exemption-review", "breach-to-authority"}
    assert {clock["party"] for clock in before.items} == {"college-middelstad"}
    take(ledger, "answer", "2026-10-20T10:00")
    after = ledger.run(ledger.clocks.list(who("college-middelstad")))
    assert "rights-request" not in {clock["clock"] for clock in after.items}
    assert clock_of(ledger, "college-middelstad")["state"] == "answered"


def test_an_auditor_sees_the_clocks_of_all(ledger: CaseLedger) -> None:
    """Among them that of the police, under its own act."""
    seen = ledger.run(ledger.clocks.list(who("auditor", "audit"))).items
    assert {"clock": "wpg-access", "party": "politie", "safe": "2026-11-12"}.items() <= next(
        clock for clock in seen if clock["party"] == "politie" and clock["clock"] == "wpg-access"
    ).items()


def test_a_repeated_step_is_the_same_step(ledger: CaseLedger) -> None:
    """The same key and body change nothing; another step that cannot follow is refused."""
    first = take(ledger, "extend", "2026-10-20T10:00", key="once")
    assert take(ledger, "extend", "2026-10-20T10:00", key="once") == first
    with pytest.raises(StepOutOfOrder):
        take(ledger, "extend", "2026-10-21T10:00", key="twice")


def test_a_step_before_the_request_is_rejected(ledger: CaseLedger) -> None:
    """Nobody answers what was not yet asked."""
    with pytest.raises(StepInvalid):
        take(ledger, "answer", "2026-09-30T10:00")


def test_who_does_not_decide_takes_no_step(ledger: CaseLedger) -> None:
    """A party that reads the request as an auditor has no clock of its own."""
    body = RequestStepBody(step="answer", at=ledger.clock.now(), reason="none")
    with pytest.raises(NotAllowed):
        ledger.run(ledger.request_steps.take(who("auditor", "audit", "subject:access"), REQUEST, "k", body))
