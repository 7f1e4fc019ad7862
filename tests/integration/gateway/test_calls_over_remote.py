"""The door before a ledger in another process: byte for byte the answers that it gives before one in its own."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from services.gateway.app import create_app
from services.gateway.calls import Call
from services.gateway.catalogue import CALLS
from services.law.errors import BsnInvalidError
from services.ledger.contract.errors import (
    IdempotencyConflict,
    LedgerBusy,
    NotFound,
    NotStored,
    ProjectionBehind,
    say_as_ours,
)
from services.ledger.contract.remote import LEDGER
from services.notifier.contract.remote import DESK
from services.runtime.errors import FieldError, Rejected
from services.runtime.ids import SeededIds
from tests.integration.gateway.test_calls import ask
from tests.support.door import ACT, BSN, Door
from tests.support.recording_desk import RecordingDesk
from tests.support.recording_ledger import RecordingLedger, refusal
from tests.support.remote import over_remote

FAULT = FieldError(pointer="/subjects/0/id", code="bsn-invalid", message="This is no number.", remedy="Look again.")
ERRORS = (
    IdempotencyConflict(),
    NotFound(),
    LedgerBusy(),
    NotStored(),
    ProjectionBehind(),
    NotFound("More exactly put."),
    refusal(),
    Rejected((FAULT, FAULT)),
    BsnInvalidError(),
    ZeroDivisionError(BSN),
    RecursionError(),
)
PDF = "application/pdf"


class RemoteDoor(Door):
    """A door whose ledger and desk are reached over the road between processes."""

    def __init__(self) -> None:
        """Build as Door does, on the same seeds, so that every answer can be compared."""
        super().__init__()
        self.app = create_app(
            ledger=over_remote(LEDGER, self.ledger, say_as_ours),
            desk=over_remote(DESK, RecordingDesk(self.ledger), say_as_ours),
            tokens=self.issuer.verifier(),
            clock=self.clock,
            ids=SeededIds(2),
            log=self.log,
            metrics=self.metrics,
        )


@pytest.fixture
def doors() -> tuple[Door, Door]:
    """Return a door of each sort, which trust the same tokens."""
    return Door(), RemoteDoor()


def told(response: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return all that a caller sees."""
    return response.status_code, response.headers.multi_items(), response.content


def seen(ledger: RecordingLedger) -> list[Any]:
    """Return what reached the ledger; a row of values is one, whatever holds it."""
    return [
        (name, caller, [list(each) if isinstance(each, tuple) else each for each in arguments])
        for name, caller, arguments in ledger.asked
    ]


# Metrics count the requests of their own process.
@pytest.mark.parametrize("call", [call for call in CALLS if call.path != "/metrics"], ids=lambda call: call.name)
def test_every_call_is_answered_alike(doors: tuple[Door, Door], call: Call) -> None:
    """The same request gives the same status, headers and bytes, and the ledger is asked the same."""
    here, there = (ask(door, call) for door in doors)
    assert told(here) == told(there)
    assert here.status_code == call.status
    assert seen(doors[0].ledger) == seen(doors[1].ledger)


@pytest.mark.parametrize("call", [call for call in CALLS if PDF in call.also_answers], ids=lambda call: call.name)
def test_a_document_is_the_same_document(doors: tuple[Door, Door], call: Call) -> None:
    """A declaration is set from what came over the road as from what stood here."""
    here, there = (ask(door, call, headers={"Accept": PDF}) for door in doors)
    assert here.headers["content-type"] == PDF
    assert told(here) == told(there)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{type(error).__name__}-{error}"[:40])
@pytest.mark.parametrize("name", ["recordProcessingOperations", "readProcessingOperation", "orderNotice"])
def test_every_error_is_told_alike(doors: tuple[Door, Door], name: str, error: BaseException) -> None:
    """What the ledger raises gives the same problem, Retry-After and trace id included; nothing of a value is told."""
    (call,) = (call for call in CALLS if call.name == name)
    for door in doors:
        door.ledger.failing = error
    here, there = (ask(door, call) for door in doors)
    assert told(here) == told(there)
    assert here.status_code >= 400
    assert BSN not in there.text + repr(doors[1].log.written)


def test_every_line_of_a_batch_is_answered_alike(doors: tuple[Door, Door]) -> None:
    """Receipts, refusals and conflicts stand in their places, among lines that the door itself turned away."""
    failing = {"b": IdempotencyConflict(), "c": refusal(), "d": Rejected((FAULT,)), "e": LedgerBusy(), "f": NotStored()}
    body = b"\n".join([*(json.dumps({**ACT, "id": key}).encode() for key in "abcdefg"), b"{}", b"no json"])
    for door in doors:
        door.ledger.failing_keys = failing
    here, there = (door.post_lines(body) for door in doors)
    assert told(here) == told(there)
    assert [json.loads(line).get("status") for line in there.text.splitlines()] == [
        *(None, 409, 403, 400, 503, 500, None),
        *(400, 400),
    ]


def test_a_wanted_position_is_waited_for_alike(doors: tuple[Door, Door]) -> None:
    """Grootboek-Min-Position goes to the ledger first, and what it cannot show in time is told alike."""
    headers = {"Grootboek-Min-Position": "0-12, register-3", "Grootboek-Purpose": "operations"}
    for error in (None, ProjectionBehind()):
        for door in doors:
            door.ledger.failing = error
        here, there = (door.ask("GET", "/v1/processing-operations/act-1", headers=headers) for door in doors)
        assert told(here) == told(there)
    assert seen(doors[0].ledger) == seen(doors[1].ledger)
