"""The verbs about covenants, wired, and the part of the client port that goes straight to them."""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync

from services.law.covenants.contradictions import contradictions, other_differences
from services.ledger.application.activity_export import ExportActivities
from services.ledger.application.covenant_cards import CovenantCards
from services.ledger.application.covenant_choice import ChooseCovenant
from services.ledger.application.covenant_comparison import CompareCovenants
from services.ledger.application.covenant_conflicts import ListConflicts
from services.ledger.application.covenant_reading import ReadCovenant
from services.ledger.application.cursors import CursorSealer
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.reads import ReadLog
from services.ledger.application.reread_cases import RereadCases
from services.ledger.application.sources import Sources
from services.ledger.contract.covenants import CovenantQuestion
from services.ledger.contract.messages import Caller, JsonObject, Page


class CovenantVerbs(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked about covenants."""

    choose: ChooseCovenant
    read: ReadCovenant
    cards: CovenantCards
    compare: CompareCovenants
    contradictions: ListConflicts
    differences: ListConflicts
    export: ExportActivities
    reread: RereadCases


def wire_covenants(*, source: RegisterFeed, sources: Sources, reads: ReadLog, cursors: CursorSealer) -> CovenantVerbs:
    """The verbs on one register; those that read persons on the same sources and record of reads as all others."""
    clock = sources.clock
    return CovenantVerbs(
        choose=ChooseCovenant(source=source, clock=clock),
        read=ReadCovenant(source=source, clock=clock),
        cards=CovenantCards(source=source, clock=clock),
        compare=CompareCovenants(source=source),
        contradictions=ListConflicts(source=source, find=contradictions),
        differences=ListConflicts(source=source, find=other_differences),
        export=ExportActivities(source=source, clock=clock),
        reread=RereadCases(sources=sources, reads=reads, cursors=cursors),
    )


class InProcessCovenants:
    """Implements ``CovenantClient`` within the process of the ledger; blocking verbs run in threads."""

    def __init__(self, covenants: CovenantVerbs) -> None:
        """Go straight to these verbs."""
        self._covenants = covenants

    async def choose_covenant(self, caller: Caller, question: CovenantQuestion) -> JsonObject:
        """See CovenantClient."""
        return await run_sync(self._covenants.choose, caller, question)

    async def read_covenant(self, caller: Caller, covenant_id: str, valid_at: str | None = None) -> JsonObject:
        """See CovenantClient."""
        return await run_sync(self._covenants.read, caller, covenant_id, valid_at)

    async def read_card(
        self, caller: Caller, covenant_id: str, reader: str | None = None, valid_at: str | None = None
    ) -> JsonObject:
        """See CovenantClient."""
        return await run_sync(self._covenants.cards, caller, covenant_id, reader, valid_at)

    async def compare_covenants(
        self, caller: Caller, covenant_id: str, first: int | None, second: int | None, other: str | None
    ) -> JsonObject:
        """See CovenantClient."""
        return await run_sync(self._covenants.compare, caller, covenant_id, first, second, other)

    async def list_contradictions(
        self, caller: Caller, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """See CovenantClient."""
        return await run_sync(self._covenants.contradictions, caller, valid_at, cursor, limit)

    async def list_differences(
        self, caller: Caller, valid_at: str | None, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """See CovenantClient."""
        return await run_sync(self._covenants.differences, caller, valid_at, cursor, limit)

    async def export_activities(self, caller: Caller, valid_at: str | None, party: str | None) -> Page:
        """See CovenantClient."""
        return await run_sync(self._covenants.export, caller, valid_at, party)

    async def list_reread_cases(
        self, caller: Caller, interpretation_id: str, cursor: str | None = None, limit: int | None = None
    ) -> Page:
        """See CovenantClient."""
        return await self._covenants.reread.report(caller, interpretation_id, cursor, limit)
