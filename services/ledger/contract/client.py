"""The client port: how other services speak to the ledger (in-process when embedded, over HTTP when distributed)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from services.law.act import Act, Exemption, Notice
from services.law.register import Entry
from services.ledger.contract.covenants import CovenantClient
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
from services.ledger.contract.learning import LearningClient
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
    Submission,
)
from services.ledger.contract.overlaps import OverlapAnswer, OverlapBody, OverlapPersons
from services.runtime.errors import FieldError, GrootboekError


class LedgerClient(CovenantClient, LearningClient, Protocol):
    """Every call of the contract that needs the ledger. Errors are raised, save where they are returned.

    Reads record themselves before they answer: the caller's purpose is required,
    and a read that cannot be recorded is not answered.
    """

    async def record(self, caller: Caller, submissions: Sequence[Submission]) -> list[Receipt | GrootboekError]:
        """Judge, encrypt and append operations, notices and exemptions; one answer per submission, in order."""
        ...

    async def assess(self, caller: Caller, act: Act) -> Assessment:
        """The dry run of the same judgement; stores nothing."""
        ...

    async def check(self, bodies: Sequence[Act | Notice | Exemption]) -> list[tuple[FieldError, ...]]:
        """What recording would reject of each body, in order, by the clock and the register; stores nothing."""
        ...

    async def confirm(self, caller: Caller, intent_key: str, submission: Submission | None, key: str) -> Receipt:
        """Turn an allowed intent into its fact; ``submission`` overrides the time it occurred."""
        ...

    async def correct(self, caller: Caller, operation_key: str, key: str, body: CorrectionBody) -> JsonObject:
        """Append corrections to the events of an operation; the answer is ``{"items": [...]}``."""
        ...

    async def set_confidentiality(
        self, caller: Caller, operation_key: str, key: str, body: ConfidentialityBody
    ) -> JsonObject:
        """Append a confidentiality change to the events of an operation."""
        ...

    async def search_operations(self, caller: Caller, search: OperationSearch) -> Page:
        """Operations the caller may read."""
        ...

    async def read_operation(self, caller: Caller, operation_key: str) -> JsonObject:
        """One operation with its subjects, as far as the caller may read it; NotFound otherwise."""
        ...

    async def prove(self, caller: Caller, operation_key: str) -> JsonObject:
        """Inclusion proofs of the operation's events against the newest signed checkpoint."""
        ...

    async def checkpoint(self, lane: int) -> str:
        """The newest signed checkpoint of a lane (C2SP signed note)."""
        ...

    async def tile(self, lane: int, path: str) -> bytes:
        """One tile of a lane's tree (C2SP tlog-tiles); NotFound when it is not there."""
        ...

    async def search_holdings(self, caller: Caller, search: HoldingSearch) -> Page:
        """Who holds what about whom, until when."""
        ...

    async def open_access_request(self, caller: Caller, key: str, body: AccessRequestBody) -> JsonObject:
        """Open an access request; the clocks of every controller start."""
        ...

    async def read_access_request(self, caller: Caller, request_id: str) -> JsonObject:
        """The request and its clocks."""
        ...

    async def report_access(self, caller: Caller, request_id: str) -> JsonObject:
        """The answer to the citizen."""
        ...

    async def step_access_request(self, caller: Caller, request_id: str, key: str, body: RequestStepBody) -> JsonObject:
        """Extend, suspend, resume, answer or refuse a request; the clock as it now stands."""
        ...

    async def list_clocks(self, caller: Caller) -> Page:
        """The statutory clocks that run."""
        ...

    async def open_inquiry(self, caller: Caller, key: str, body: InquiryBody) -> JsonObject:
        """Open an inquiry into a person or a case."""
        ...

    async def replay(
        self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None, cursor: str | None
    ) -> JsonObject:
        """What happened, as it was on and as it was known at."""
        ...

    async def report_process(
        self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None
    ) -> JsonObject:
        """The whole replay as a report in words."""
        ...

    async def report_breach(self, caller: Caller, key: str, body: BreachBody) -> JsonObject:
        """Record a breach; the 72 hours run."""
        ...

    async def read_breach(self, caller: Caller, breach_id: str) -> JsonObject:
        """The breach as recorded, with its clock."""
        ...

    async def impact(self, caller: Caller, breach_id: str, cursor: str | None, limit: int | None) -> JsonObject:
        """Who is hit, with what, supplied by whom, on which basis."""
        ...

    async def set_retention(self, caller: Caller, operation_key: str, key: str, body: RetentionBody) -> JsonObject:
        """Give the holding, the record or both another end; the answer is ``{"items": [...]}``."""
        ...

    async def place_hold(self, caller: Caller, key: str, body: HoldBody) -> JsonObject:
        """Hold a person's, a case's or a covenant's records; what came in time, and what too late."""
        ...

    async def release_hold(self, caller: Caller, hold_key: str) -> JsonObject:
        """End a hold; a second time changes nothing."""
        ...

    async def read_schedule(
        self,
        caller: Caller,
        party: str | None,
        starts: date | None,
        until: date | None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page:
        """How much ends on which day, and whose it is."""
        ...

    async def declare_day(self, caller: Caller, day: date) -> Page:
        """The declaration of what was destroyed because it ended on a day; empty before that."""
        ...

    async def request_erasure(self, caller: Caller, key: str, body: ErasureBody) -> JsonObject:
        """Have dossiers of persons erased in the ledger, by a decision."""
        ...

    async def read_erasure(self, caller: Caller, erasure_key: str) -> JsonObject:
        """How far an erasure is."""
        ...

    async def declare_erasure(self, caller: Caller, erasure_key: str) -> JsonObject:
        """The declaration of what an erasure destroyed."""
        ...

    async def register(self, caller: Caller, entry: Entry) -> JsonObject:
        """Add a version of an entry of the register, such as a party, a covenant or a decision."""
        ...

    async def list_register(
        self, caller: Caller, kind: str, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """Register entries of a kind (``parties`` …): every version known, or those valid at an instant or on a day."""
        ...

    async def open_overlap(self, caller: Caller, key: str, body: OverlapBody) -> OverlapAnswer:
        """Ask parties how many persons they have in common, without names."""
        ...

    async def read_overlap(self, caller: Caller, overlap_id: str) -> OverlapAnswer:
        """How an overlap stands, for who asked and who was asked; NotFound for others."""
        ...

    async def hand_in_overlap(self, caller: Caller, overlap_id: str, key: str, body: OverlapPersons) -> OverlapAnswer:
        """Hand in pseudonyms; the last party's answer has the sizes."""
        ...

    async def withdraw_overlap(self, caller: Caller, overlap_id: str) -> OverlapAnswer:
        """End an overlap without a count."""
        ...

    async def link_subjects(self, caller: Caller, key: str, body: LinkBody) -> JsonObject:
        """Record that two identifiers are one person."""
        ...

    async def unlink_subjects(self, caller: Caller, key: str, body: LinkBody) -> JsonObject:
        """Record that two identifiers are not one person."""
        ...

    async def search_obligations(self, caller: Caller, search: ObligationSearch) -> Page:
        """What the caller owes and demands, as of an instant."""
        ...

    async def confirm_obligation(
        self, caller: Caller, obligation_id: str, key: str | None, body: ObligationConfirmation
    ) -> JsonObject:
        """Answer an obligation to erase; the obligation as it now stands. Without a key its content is the key."""
        ...

    async def search_notices(self, caller: Caller, search: NoticeSearch) -> Page:
        """Who was told what, and whom it was decided not to tell."""
        ...

    async def end_exemption(self, caller: Caller, exemption_key: str, key: str, body: ExemptionEnding) -> JsonObject:
        """Report that the reason not to tell a person has gone."""
        ...

    async def wait_for(self, positions: Sequence[str]) -> None:
        """Wait at most 2 s until the projections have seen the positions; ProjectionBehind otherwise."""
        ...

    async def set_clock(self, now: datetime) -> datetime:
        """Move the scenario clock forward; refused on a ledger that runs on the real clock."""
        ...

    async def now(self) -> datetime:
        """What the ledger's clock shows: the wall's, or that of its scenario."""
        ...

    async def ready(self) -> JsonObject:
        """Whether the ledger can append and read, and how far its projections are behind."""
        ...
