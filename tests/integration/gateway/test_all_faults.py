"""Every fault of a body in one answer: of its key, of its shape, and of what only the ledger knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from services.gateway.app import create_app
from services.law.act import Judged
from services.ledger.application.check_bodies import Checker
from services.ledger.contract.errors import LedgerBusy, say_as_ours
from services.ledger.contract.remote import LEDGER
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.errors import FieldError
from services.runtime.ids import SeededIds
from tests.support.door import OPERATIONS, Door, codes
from tests.support.recording import NOW, FixedRegister
from tests.support.recording_ledger import RecordingLedger
from tests.support.remote import over_remote

WRONG_BSN = "999990018"
WRONG: dict[str, Any] = {
    "id": "x",
    "operation": "sniff",
    "occurredAt": "yesterday",
    "subjects": [{"idType": "BSN", "id": "123456789"}],
    "extra": 1,
}
SOUND: dict[str, Any] = {
    "id": "a-1",
    "operation": "collect",
    "occurredAt": NOW.isoformat(),
    "controller": "politie",
    "subjects": [{"idType": "BSN", "id": "999990019"}],
}
NOTICE: dict[str, Any] = {
    "subjects": [],
    "controller": "nobody",
    "givenBy": "politie",
    "givenAt": "2999-01-01T00:00:00Z",
    "form": "pigeon",
    "elements": "all",
    "addressee": "subject",
}


class CheckingLedger(RecordingLedger):
    """Records nothing, and checks as the ledger does."""

    def __init__(self) -> None:
        """Know the parties of the recording bench, at its moment."""
        super().__init__()
        self.checker = Checker(register=FixedRegister(), clock=FakeClock(NOW))
        self.checked = 0

    async def check(self, bodies: Sequence[Judged]) -> list[tuple[FieldError, ...]]:
        """Check, unless it is to fail."""
        if self.failing is not None:
            raise self.failing
        self.checked += 1
        return await self.checker.check(bodies)


@pytest.fixture(params=["here", "there"])
def door(request: pytest.FixtureRequest) -> Door:
    """Return a door before such a ledger, in this process or over the road."""
    door = Door()
    door.ledger = CheckingLedger()
    ledger = door.ledger if request.param == "here" else over_remote(LEDGER, door.ledger, say_as_ours)
    door.app = create_app(
        ledger=ledger, tokens=door.issuer.verifier(), clock=door.clock, ids=SeededIds(2), log=door.log
    )
    return door


def told(door: Door, path: str, body: Any, **headers: str) -> set[tuple[str, str]]:
    """Return the faults that a body is turned away for; nothing was recorded, and no value told back."""
    response = door.ask("POST", path, json=body, headers=headers)
    assert response.status_code == 400, response.text
    assert door.ledger.asked == []
    found = codes(response)
    assert len(found) == len(set(found))
    assert all(fault["message"] and fault["remedy"] for fault in response.json()["errors"])
    for value in ("sniff", "yesterday", "123456789", WRONG_BSN, "nobody"):
        assert value not in response.text + repr(door.log.written)
    return set(found)


ALL_OF_WRONG = {
    ("/operation", "operation-unknown"),
    ("/occurredAt", "instant-invalid"),
    ("/controller", "field-missing"),
    ("/subjects/0/id", "bsn-invalid"),
    ("/extra", "field-unknown"),
}


@pytest.mark.parametrize("path", [OPERATIONS, f"{OPERATIONS}/_assess", f"{OPERATIONS}/i-1/confirm"])
def test_faults_of_shape_hide_none_of_sense(door: Door, path: str) -> None:
    """An unknown field, a wrong type and a missing member stand beside a verb and a number that are none."""
    assert told(door, path, WRONG) == ALL_OF_WRONG


def test_a_missing_key_hides_nothing(door: Door) -> None:
    """Nor is it hidden: of an empty object, of a body with faults of sense alone, and of one with all sorts."""
    missing = {(f"/{name}", "field-missing") for name in ("operation", "occurredAt", "controller")}
    assert told(door, OPERATIONS, {}) == {("/id", "id-required")} | missing
    nameless = {name: value for name, value in SOUND.items() if name != "id"}
    wrong = nameless | {"operation": "sniff", "subjects": [{"idType": "BSN", "id": WRONG_BSN}]}
    assert told(door, OPERATIONS, wrong) == {
        ("/id", "id-required"),
        ("/operation", "operation-unknown"),
        ("/subjects/0/id", "bsn-invalid"),
    }
    both = {name: value for name, value in WRONG.items() if name != "id"}
    assert told(door, OPERATIONS, both) == {("/id", "id-required")} | ALL_OF_WRONG


@pytest.mark.parametrize(
    ("key", "body_id", "fault"),
    [
        ("a b", None, ("", "key-malformed")),
        ("b", "x", ("/id", "idempotency-key-contradicts-id")),
        ("b", 5, ("/id", "type-string")),
    ],
)
def test_a_wrong_key_hides_nothing(door: Door, key: str, body_id: Any, fault: tuple[str, str]) -> None:
    """A header that is no key, or that differs from the id, is told beside all faults of the body."""
    body = WRONG | {"id": body_id}
    assert told(door, OPERATIONS, body, **{"Idempotency-Key": key}) == {fault} | ALL_OF_WRONG


def test_what_was_not_read_is_not_judged(door: Door) -> None:
    """No fault is told of what stands in for something: no day, no person, no end before its beginning."""
    body = SOUND | {
        "occurredAt": "soon",
        "endedAt": "2026-01-01T00:00:00Z",
        "controller": 1,
        "subjects": [1, {"id": "a"}, {"id": "a"}, {"idType": "bsn", "id": "1"}, SOUND["subjects"][0]],
        "retention": {"period": 1},
        "traceId": "z",
    }
    assert told(door, OPERATIONS, body) == {
        ("/occurredAt", "instant-invalid"),
        ("/controller", "type-string"),
        ("/subjects/0", "type-object"),
        ("/subjects/1/idType", "field-missing"),
        ("/subjects/2/idType", "field-missing"),
        ("/subjects/3/idType", "id-type-spelling"),
        ("/retention/period", "type-string"),
        ("/traceId", "trace-id-invalid"),
    }
    unknown = SOUND | {"occurredAt": "soon", "controller": "nobody"}
    assert told(door, OPERATIONS, unknown) == {
        ("/occurredAt", "instant-invalid"),
        ("/controller", "controller-unknown"),
    }


def test_lines_are_told_alike(door: Door) -> None:
    """Each line has all its faults; all wrong lines are looked at together, and the good one is recorded."""
    lines = [WRONG, SOUND, {}, {name: value for name, value in WRONG.items() if name != "id"}]
    response = door.post_lines(b"\n".join(json.dumps(line).encode() for line in lines) + b"\nno json\n")
    answers = [json.loads(line) for line in response.text.splitlines()]
    found = [{(fault["pointer"], fault["code"]) for fault in answer.get("errors", ())} for answer in answers]
    assert found[0] == ALL_OF_WRONG
    assert answers[1]["id"] == "a-1"
    assert found[2] == {("/id", "id-required")} | {
        (f"/{name}", "field-missing") for name in ("operation", "occurredAt", "controller")
    }
    assert found[3] == {("/id", "id-required")} | ALL_OF_WRONG
    assert found[4] == {("", "json-invalid")}
    assert [each.key for each in door.ledger.submissions] == ["a-1"]
    assert isinstance(door.ledger, CheckingLedger)
    assert door.ledger.checked == 1


def test_notices_and_exemptions_are_told_alike(door: Door) -> None:
    """Their own moment, party and person, beside what has no shape."""
    assert told(door, "/v1/notices", NOTICE, **{"Idempotency-Key": "a b"}) == {
        ("", "key-malformed"),
        ("/form", "value-not-in-list"),
        ("/givenAt", "ahead-of-clock"),
        ("/subjects", "items-too-few"),
        ("/controller", "controller-unknown"),
    }
    assert told(door, "/v1/exemptions", {"subject": {"idType": " BSN", "id": "1"}, "decidedAt": 1}) == {
        ("/subject/idType", "id-type-spelling"),
        ("/decidedAt", "instant-invalid"),
        *((f"/{name}", "field-missing") for name in ("controller", "norm", "interest", "decidedBy")),
    }


def test_a_confirmation_is_checked_as_the_fact_it_becomes(door: Door) -> None:
    """An act that lies ahead may be intended, and has not happened."""
    ahead = SOUND | {"id": "i-1", "tense": "intent", "occurredAt": "2026-09-20T00:00:00Z", "extra": 1}
    expected = {("/extra", "field-unknown"), ("/occurredAt", "ahead-of-clock")}
    assert told(door, f"{OPERATIONS}/i-1/confirm", ahead) == expected


def test_a_ledger_that_is_away_leaves_what_the_door_knows(door: Door) -> None:
    """A body that is wrong is not to be sent again as it is, whether or not anybody could look at the rest."""
    door.ledger.failing = LedgerBusy()
    assert told(door, OPERATIONS, WRONG) == ALL_OF_WRONG - {
        ("/operation", "operation-unknown"),
        ("/subjects/0/id", "bsn-invalid"),
    }


def test_the_answer_stays_bounded(door: Door) -> None:
    """However many faults of however many kinds."""
    persons = [{"idType": "BSN", "id": WRONG_BSN, "x": 1}] * limits.SUBJECTS_MAX
    found = told_many(door, SOUND | {"subjects": persons})
    assert len(found) == limits.FIELD_ERRORS_MAX


def told_many(door: Door, body: Any) -> list[tuple[str, str]]:
    """Return the faults of a body, in order."""
    return codes(door.ask("POST", OPERATIONS, json=body))


def test_other_calls_tell_key_and_shape_together(door: Door) -> None:
    """A malformed key and a missing field of a hold stand in one answer."""
    found = told(door, "/v1/retention/holds", {"reason": "why"}, **{"Idempotency-Key": "a b"})
    assert found == {("", "key-malformed"), ("/kind", "field-missing")}
