"""The client port inside one process: each call goes straight to its verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import partial

import msgspec
from anyio.to_thread import run_sync

from services.law.act import Act, Exemption, Notice
from services.law.governance import Entry
from services.ledger.application.access_report import AccessReports
from services.ledger.application.access_requests import AccessRequests
from services.ledger.application.assess import Assessor
from services.ledger.application.breaches import Breaches
from services.ledger.application.check_bodies import Checker
from services.ledger.application.clocks import Clocks
from services.ledger.application.confidentiality import ConfidentialitySetter
from services.ledger.application.confirm import Confirmer
from services.ledger.application.correct import Corrector
from services.ledger.application.declarations import Declarations
from services.ledger.application.erasures import Erasures
from services.ledger.application.holds import Holds
from services.ledger.application.impact import Impacts
from services.ledger.application.inquiries import Inquiries
from services.ledger.application.letter_targets import LetterTargets
from services.ledger.application.links import Linker
from services.ledger.application.list_register import ListRegister
from services.ledger.application.overlaps import Overlaps
from services.ledger.application.process_report import ProcessReports
from services.ledger.application.prove import ProveOperation, ReadTree
from services.ledger.application.read_operation import ReadOperation
from services.ledger.application.read_request import ReadRequest
from services.ledger.application.record import Recorder
from services.ledger.application.register_entry import RegisterEntry
from services.ledger.application.replay import Replays
from services.ledger.application.request_steps import RequestSteps
from services.ledger.application.retention_schedule import RetentionSchedule
from services.ledger.application.search_holdings import SearchHoldings
from services.ledger.application.search_operations import SearchOperations
from services.ledger.application.set_retention import RetentionSetter
from services.ledger.client.covenant_verbs import CovenantVerbs, InProcessCovenants
from services.ledger.client.duty_verbs import DutyVerbs
from services.ledger.client.learning_verbs import InProcessLearning, LearningVerbs
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
    Submission,
)
from services.ledger.contract.overlaps import OverlapAnswer, OverlapBody, OverlapPersons
from services.ledger.contract.positions import parse_position
from services.runtime.clock import Clock, ClockNotSettable, ScenarioClock
from services.runtime.errors import FieldError, GrootboekError


class Verbs(msgspec.Struct, frozen=True, kw_only=True):
    """All verbs of a ledger, wired."""

    record: Recorder
    assess: Assessor
    check: Checker
    confirm: Confirmer
    correct: Corrector
    confidentiality: ConfidentialitySetter
    link: Linker
    overlaps: Overlaps
    search_operations: SearchOperations
    read_operation: ReadOperation
    search_holdings: SearchHoldings
    access_requests: AccessRequests
    access_reports: AccessReports
    read_request: ReadRequest
    request_steps: RequestSteps
    clocks: Clocks
    inquiries: Inquiries
    replays: Replays
    process_reports: ProcessReports
    breaches: Breaches
    impacts: Impacts
    holds: Holds
    terms: RetentionSetter
    schedule: RetentionSchedule
    erasures: Erasures
    declarations: Declarations
    prove: ProveOperation
    tree: ReadTree
    register: RegisterEntry
    list_register: ListRegister
    covenants: CovenantVerbs
    learning: LearningVerbs
    duties: DutyVerbs
    letters: LetterTargets


class InProcessClient(InProcessCovenants, InProcessLearning):
    """Implements LedgerClient; blocking verbs run in threads."""

    def __init__(
        self,
        *,
        verbs: Verbs,
        clock: Clock,
        wait_for: Callable[[int, int], None],
        ready: Callable[[], JsonObject],
    ) -> None:
        """``wait_for(lane, position)`` blocks until projected; ``ready()`` tells how the ledger is."""
        InProcessCovenants.__init__(self, verbs.covenants)
        InProcessLearning.__init__(self, verbs.learning)
        self._verbs = verbs
        self._clock = clock
        self._wait_for = wait_for
        self._ready = ready
        self._followers: list[Callable[[], Awaitable[None]]] = []
        self._checks: list[Callable[[], None]] = []

    def follow_clock(self, follower: Callable[[], Awaitable[None]]) -> None:
        """Let ``follower`` do what is due before the scenario clock is moved, and again before that is answered."""
        self._followers.append(follower)

    def watch(self, check: Callable[[], None]) -> None:
        """Let ``check`` say whether all is well beside the ledger; it raises when not, and the ledger is not ready."""
        self._checks.append(check)

    async def record(self, caller: Caller, submissions: Sequence[Submission]) -> list[Receipt | GrootboekError]:
        """See LedgerClient."""
        return await self._verbs.record.record(caller, submissions)

    async def assess(self, caller: Caller, act: Act) -> Assessment:
        """See LedgerClient."""
        return await self._verbs.assess.assess(caller, act)

    async def check(self, bodies: Sequence[Act | Notice | Exemption]) -> list[tuple[FieldError, ...]]:
        """See LedgerClient."""
        return await self._verbs.check.check(bodies)

    async def confirm(self, caller: Caller, intent_key: str, submission: Submission | None, key: str) -> Receipt:
        """See LedgerClient."""
        return await self._verbs.confirm.confirm(caller, intent_key, submission, key)

    async def correct(self, caller: Caller, operation_key: str, key: str, body: CorrectionBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.correct.correct(caller, operation_key, key, body)

    async def set_confidentiality(
        self, caller: Caller, operation_key: str, key: str, body: ConfidentialityBody
    ) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.confidentiality.set_confidentiality(caller, operation_key, key, body)

    async def search_operations(self, caller: Caller, search: OperationSearch) -> Page:
        """See LedgerClient."""
        return await self._verbs.search_operations.search(caller, search)

    async def read_operation(self, caller: Caller, operation_key: str) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.read_operation.read(caller, operation_key)

    async def prove(self, caller: Caller, operation_key: str) -> JsonObject:
        """See LedgerClient."""
        return await run_sync(self._verbs.prove, caller, operation_key)

    async def checkpoint(self, lane: int) -> str:
        """See LedgerClient."""
        return await run_sync(self._verbs.tree.checkpoint, lane)

    async def tile(self, lane: int, path: str) -> bytes:
        """See LedgerClient."""
        return await run_sync(self._verbs.tree.tile, lane, path)

    async def search_holdings(self, caller: Caller, search: HoldingSearch) -> Page:
        """See LedgerClient."""
        return await self._verbs.search_holdings.search(caller, search)

    async def open_access_request(self, caller: Caller, key: str, body: AccessRequestBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.access_requests.open(caller, key, body)

    async def read_access_request(self, caller: Caller, request_id: str) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.read_request.read(caller, request_id)

    async def report_access(self, caller: Caller, request_id: str) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.access_reports.report(caller, request_id)

    async def step_access_request(self, caller: Caller, request_id: str, key: str, body: RequestStepBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.request_steps.take(caller, request_id, key, body)

    async def list_clocks(self, caller: Caller) -> Page:
        """See LedgerClient."""
        return await self._verbs.clocks.list(caller)

    async def open_inquiry(self, caller: Caller, key: str, body: InquiryBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.inquiries.open(caller, key, body)

    async def replay(
        self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None, cursor: str | None
    ) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.replays.replay(caller, inquiry_id, as_of, as_known_at, cursor)

    async def report_process(
        self, caller: Caller, inquiry_id: str, as_of: str | None, as_known_at: str | None
    ) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.process_reports.report(caller, inquiry_id, as_of, as_known_at)

    async def report_breach(self, caller: Caller, key: str, body: BreachBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.breaches.report(caller, key, body)

    async def read_breach(self, caller: Caller, breach_id: str) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.breaches.read(caller, breach_id)

    async def impact(self, caller: Caller, breach_id: str, cursor: str | None, limit: int | None) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.impacts.read(caller, breach_id, cursor, limit)

    async def set_retention(self, caller: Caller, operation_key: str, key: str, body: RetentionBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.terms.set_retention(caller, operation_key, key, body)

    async def place_hold(self, caller: Caller, key: str, body: HoldBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.holds.place(caller, key, body)

    async def release_hold(self, caller: Caller, hold_key: str) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.holds.release(caller, hold_key)

    async def read_schedule(
        self,
        caller: Caller,
        party: str | None,
        starts: date | None,
        until: date | None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page:
        """See LedgerClient."""
        return await self._verbs.schedule.read(
            caller, party=party, starts=starts, until=until, cursor=cursor, limit=limit
        )

    async def declare_day(self, caller: Caller, day: date) -> Page:
        """See LedgerClient."""
        return await self._verbs.declarations.of_day(caller, day)

    async def request_erasure(self, caller: Caller, key: str, body: ErasureBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.erasures.request(caller, key, body)

    async def read_erasure(self, caller: Caller, erasure_key: str) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.erasures.read(caller, erasure_key)

    async def declare_erasure(self, caller: Caller, erasure_key: str) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.declarations.of_erasure(caller, erasure_key)

    async def register(self, caller: Caller, entry: Entry) -> JsonObject:
        """See LedgerClient."""
        return await run_sync(self._verbs.register, caller, entry)

    async def list_register(
        self, caller: Caller, kind: str, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """See LedgerClient."""
        return await run_sync(self._verbs.list_register, caller, kind, valid_at, cursor, limit)

    async def open_overlap(self, caller: Caller, key: str, body: OverlapBody) -> OverlapAnswer:
        """See LedgerClient."""
        return await self._verbs.overlaps.open(caller, key, body)

    async def read_overlap(self, caller: Caller, overlap_id: str) -> OverlapAnswer:
        """See LedgerClient."""
        return await self._verbs.overlaps.read(caller, overlap_id)

    async def hand_in_overlap(self, caller: Caller, overlap_id: str, key: str, body: OverlapPersons) -> OverlapAnswer:
        """See LedgerClient."""
        return await self._verbs.overlaps.hand_in(caller, overlap_id, key, body)

    async def withdraw_overlap(self, caller: Caller, overlap_id: str) -> OverlapAnswer:
        """See LedgerClient."""
        return await self._verbs.overlaps.withdraw(caller, overlap_id)

    async def link_subjects(self, caller: Caller, key: str, body: LinkBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.link.link(caller, key, body)

    async def unlink_subjects(self, caller: Caller, key: str, body: LinkBody) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.link.unlink(caller, key, body)

    async def search_obligations(self, caller: Caller, search: ObligationSearch) -> Page:
        """See LedgerClient."""
        return await self._verbs.duties.search.search(caller, search)

    async def confirm_obligation(
        self, caller: Caller, obligation_id: str, key: str | None, body: ObligationConfirmation
    ) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.duties.confirm.confirm(caller, obligation_id, key, body)

    async def search_notices(self, caller: Caller, search: NoticeSearch) -> Page:
        """See LedgerClient."""
        return await self._verbs.duties.notices.search(caller, search)

    async def end_exemption(self, caller: Caller, exemption_key: str, key: str, body: ExemptionEnding) -> JsonObject:
        """See LedgerClient."""
        return await self._verbs.duties.end_exemption.end(caller, exemption_key, key, body)

    async def wait_for(self, positions: Sequence[str]) -> None:
        """See LedgerClient."""
        for position in positions:
            await run_sync(partial(self._wait_for, *parse_position(position)))

    async def set_clock(self, now: datetime) -> datetime:
        """See LedgerClient."""
        if not isinstance(self._clock, ScenarioClock):
            raise ClockNotSettable
        # What has happened is dealt with at the time at which it did, so that a scenario always runs the same.
        await self._let_follow()
        moved = await run_sync(self._clock.set, now)
        await self._let_follow()
        return moved

    async def _let_follow(self) -> None:
        """Let the companions do what is due at the time the clock shows, one after the other."""
        for follower in self._followers:
            await follower()

    async def now(self) -> datetime:
        """See LedgerClient."""
        return self._clock.now()

    async def ready(self) -> JsonObject:
        """See LedgerClient."""
        for check in self._checks:
            check()
        return await run_sync(self._ready)
