"""A ledger client that records what reached it and answers something plausible: shows what the door lets through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.law.act import Act, Exemption, Notice
from services.law.governance import Entry
from services.ledger.contract.errors import IntentRefused
from services.ledger.contract.forgetting import (
    ErasureBody,
    ExemptionEnding,
    HoldBody,
    NoticeSearch,
    ObligationConfirmation,
    ObligationSearch,
    RequestStepBody,
    RetentionBody,
)
from services.ledger.contract.messages import (
    AccessRequestBody,
    Assessment,
    BreachBody,
    Caller,
    ConfidentialityBody,
    CorrectionBody,
    HoldingSearch,
    InquiryBody,
    JsonObject,
    LinkBody,
    OperationSearch,
    Page,
    Receipt,
    RefusedSubject,
    RegisterReference,
    SubjectReceipt,
    Submission,
    VerdictAnswer,
)
from services.runtime.clock import Clock, FakeClock
from services.runtime.errors import FieldError, GrootboekError
from tests.support.recording_covenants import RecordingCovenants
from tests.support.recording_learning import RecordingLearning
from tests.support.recording_overlaps import RecordingOverlaps

AT = datetime(2026, 5, 3, 9, tzinfo=UTC)


def receipt_for(key: str) -> Receipt:
    """Return a receipt for a key."""
    subject = SubjectReceipt(
        ref="r" * 43,
        event_id=UUID(int=1),
        position="0-1",
        span_id="a" * 16,
        leaf_hash="b" * 64,
        outcome="compliant",
    )
    return Receipt(
        id=key,
        position="0-1",
        recorded_at=AT,
        tense="fact",
        register=RegisterReference(),
        verdict=VerdictAnswer(outcome="compliant"),
        subjects=(subject,),
    )


class RecordingLedger(RecordingCovenants, RecordingLearning, RecordingOverlaps):
    """Every call stands in `asked` as (name, caller, arguments); errors are raised (`failing`) or returned per key."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.asked: list[tuple[str, Caller | None, tuple[Any, ...]]] = []
        self.failing: BaseException | None = None
        self.clock: Clock = FakeClock(AT)
        self.failing_keys: dict[str, GrootboekError] = {}

    @property
    def names(self) -> list[str]:
        """Return the names of the calls, in order."""
        return [name for name, _, _ in self.asked]

    @property
    def submissions(self) -> list[Submission]:
        """Return everything that was to be recorded, in order."""
        return [each for name, _, arguments in self.asked if name == "record" for each in arguments[0]]

    def note(self, name: str, caller: Caller | None, *arguments: Any) -> None:
        """Remember one call, or fail as the test wants."""
        if self.failing is not None:
            raise self.failing
        self.asked.append((name, caller, arguments))

    async def record(self, caller: Caller, submissions: Sequence[Submission]) -> list[Receipt | GrootboekError]:
        """Acknowledge everything, save the keys that are to fail."""
        self.note("record", caller, tuple(submissions))
        return [self.failing_keys.get(each.key) or receipt_for(each.key) for each in submissions]

    async def assess(self, caller: Caller, act: Act) -> Assessment:
        """Find everything in order."""
        self.note("assess", caller, act)
        verdict = VerdictAnswer(outcome="compliant")
        return Assessment(verdict=verdict, register=RegisterReference(), subjects=(), recipients=())

    async def check(self, bodies: Sequence[Act | Notice | Exemption]) -> list[tuple[FieldError, ...]]:
        """Find nothing wrong; what only this is asked about is not going to be recorded, so it is not remembered."""
        return [()] * len(bodies)

    async def confirm(self, caller: Caller, intent_key: str, submission: Submission | None, key: str) -> Receipt:
        """Confirm anything."""
        self.note("confirm", caller, intent_key, submission, key)
        return receipt_for(key)

    async def correct(self, caller: Caller, operation_key: str, key: str, body: CorrectionBody) -> JsonObject:
        """Correct anything."""
        self.note("correct", caller, operation_key, key, body)
        return {"items": []}

    async def set_confidentiality(
        self, caller: Caller, operation_key: str, key: str, body: ConfidentialityBody
    ) -> JsonObject:
        """Keep anything confidential."""
        self.note("set_confidentiality", caller, operation_key, key, body)
        return {"items": []}

    async def search_operations(self, caller: Caller, search: OperationSearch) -> Page:
        """Find nothing."""
        self.note("search_operations", caller, search)
        return Page(items=())

    async def read_operation(self, caller: Caller, operation_key: str) -> JsonObject:
        """Read anything."""
        self.note("read_operation", caller, operation_key)
        return {"id": operation_key}

    async def prove(self, caller: Caller, operation_key: str) -> JsonObject:
        """Prove anything."""
        self.note("prove", caller, operation_key)
        return {"proofs": []}

    async def checkpoint(self, lane: int) -> str:
        """Sign nothing."""
        self.note("checkpoint", None, lane)
        return "grootboek\n0\n"

    async def tile(self, lane: int, path: str) -> bytes:
        """Return a tile of zeros."""
        self.note("tile", None, lane, path)
        return bytes(32)

    async def search_holdings(self, caller: Caller, search: HoldingSearch) -> Page:
        """Find nothing."""
        self.note("search_holdings", caller, search)
        return Page(items=())

    async def open_access_request(self, caller: Caller, key: str, body: AccessRequestBody) -> JsonObject:
        """Open a request."""
        self.note("open_access_request", caller, key, body)
        return {"id": key, "controllers": []}

    async def read_access_request(self, caller: Caller, request_id: str) -> JsonObject:
        """Read a request."""
        self.note("read_access_request", caller, request_id)
        return {"id": request_id, "controllers": []}

    async def report_access(self, caller: Caller, request_id: str) -> JsonObject:
        """Report nothing."""
        self.note("report_access", caller, request_id)
        return {"lines": []}

    async def step_access_request(self, caller: Caller, request_id: str, key: str, body: RequestStepBody) -> JsonObject:
        """Take any step."""
        self.note("step_access_request", caller, request_id, key, body)
        return {"state": "running"}

    async def list_clocks(self, caller: Caller) -> Page:
        """List no clock."""
        self.note("list_clocks", caller)
        return Page(items=())

    async def open_inquiry(self, caller: Caller, key: str, body: InquiryBody) -> JsonObject:
        """Open an inquiry."""
        self.note("open_inquiry", caller, key, body)
        return {"id": key}

    async def replay(
        self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None, cursor: str | None
    ) -> JsonObject:
        """Replay nothing."""
        self.note("replay", caller, inquiry_id, as_of, as_known_at, cursor)
        return {"events": []}

    async def report_process(
        self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None
    ) -> JsonObject:
        """Report nothing."""
        self.note("report_process", caller, inquiry_id, as_of, as_known_at)
        return {"nl": "# Procesverslag\n", "en": "# Process report\n", "complete": True}

    async def report_breach(self, caller: Caller, key: str, body: BreachBody) -> JsonObject:
        """Report a breach."""
        self.note("report_breach", caller, key, body)
        return {"id": key}

    async def read_breach(self, caller: Caller, breach_id: str) -> JsonObject:
        """Read a breach."""
        self.note("read_breach", caller, breach_id)
        return {"id": breach_id}

    async def impact(self, caller: Caller, breach_id: str, cursor: str | None, limit: int | None) -> JsonObject:
        """Hit nobody."""
        self.note("impact", caller, breach_id, cursor, limit)
        return {"persons": 0, "records": 0, "items": []}

    async def set_retention(self, caller: Caller, operation_key: str, key: str, body: RetentionBody) -> JsonObject:
        """Set any term."""
        self.note("set_retention", caller, operation_key, key, body)
        return {"items": []}

    async def place_hold(self, caller: Caller, key: str, body: HoldBody) -> JsonObject:
        """Hold nothing."""
        self.note("place_hold", caller, key, body)
        return {"id": key, "covered": 0, "tooLate": 0}

    async def release_hold(self, caller: Caller, hold_key: str) -> JsonObject:
        """Release anything."""
        self.note("release_hold", caller, hold_key)
        return {"id": hold_key}

    async def read_schedule(
        self,
        caller: Caller,
        party: str | None,
        starts: date | None,
        until: date | None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page:
        """Let nothing end."""
        self.note("read_schedule", caller, party, starts, until, cursor, limit)
        return Page(items=())

    async def declare_day(self, caller: Caller, day: date) -> Page:
        """Declare nothing."""
        self.note("declare_day", caller, day)
        return Page(items=())

    async def request_erasure(self, caller: Caller, key: str, body: ErasureBody) -> JsonObject:
        """Erase nothing."""
        self.note("request_erasure", caller, key, body)
        return {"id": key}

    async def read_erasure(self, caller: Caller, erasure_key: str) -> JsonObject:
        """Be complete."""
        self.note("read_erasure", caller, erasure_key)
        return {"id": erasure_key, "state": "complete", "owed": 0, "confirmed": 0, "backupsUntil": None}

    async def declare_erasure(self, caller: Caller, erasure_key: str) -> JsonObject:
        """Declare a destruction of nothing."""
        self.note("declare_erasure", caller, erasure_key)
        return {
            "kind": "erasure",
            "id": erasure_key,
            "destroyedAt": AT,
            "manner": "the keys were destroyed",
            "backupsUntil": None,
            "records": 0,
            "destroyed": [],
        }

    async def register(self, caller: Caller, entry: Entry) -> JsonObject:
        """Register anything."""
        self.note("register", caller, entry)
        return {"id": entry.id}

    async def list_register(
        self, caller: Caller, kind: str, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """List nothing."""
        self.note("list_register", caller, kind, valid_at, cursor, limit)
        return Page(items=())

    async def link_subjects(self, caller: Caller, key: str, body: LinkBody) -> JsonObject:
        """Link anybody."""
        self.note("link_subjects", caller, key, body)
        return {"id": key}

    async def unlink_subjects(self, caller: Caller, key: str, body: LinkBody) -> JsonObject:
        """Unlink anybody."""
        self.note("unlink_subjects", caller, key, body)
        return {"id": key}

    async def search_obligations(self, caller: Caller, search: ObligationSearch) -> Page:
        """Owe nothing."""
        self.note("search_obligations", caller, search)
        return Page(items=())

    async def confirm_obligation(
        self, caller: Caller, obligation_id: str, key: str | None, body: ObligationConfirmation
    ) -> JsonObject:
        """Take any answer."""
        self.note("confirm_obligation", caller, obligation_id, key, body)
        return {"id": obligation_id}

    async def search_notices(self, caller: Caller, search: NoticeSearch) -> Page:
        """Find nothing."""
        self.note("search_notices", caller, search)
        return Page(items=())

    async def end_exemption(self, caller: Caller, exemption_key: str, key: str, body: ExemptionEnding) -> JsonObject:
        """End anything."""
        self.note("end_exemption", caller, exemption_key, key, body)
        return {"id": key}

    async def wait_for(self, positions: Sequence[str]) -> None:
        """Be there already."""
        self.note("wait_for", None, tuple(positions))

    async def set_clock(self, now: datetime) -> datetime:
        """Set the clock."""
        self.note("set_clock", None, now)
        return now

    async def now(self) -> datetime:
        """Tell what its clock shows."""
        return self.clock.now()

    async def ready(self) -> JsonObject:
        """Be ready."""
        self.note("ready", None)
        return {"status": "ok"}


def refusal() -> IntentRefused:
    """Return the refusal of an intent."""
    return IntentRefused(VerdictAnswer(outcome="violation"), (RefusedSubject(ref="r" * 43, outcome="violation"),))
