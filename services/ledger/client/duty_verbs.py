"""The verbs about duties, which share their parts; and the commands that the notifier has of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from services.ledger.application.confirm_obligation import ConfirmObligation
from services.ledger.application.cursors import CursorSealer
from services.ledger.application.duties_of_person import DutiesOfPerson
from services.ledger.application.end_exemption import EndExemption
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.obligations import SearchObligations
from services.ledger.application.operation_writer import OperationWriter
from services.ledger.application.person_duties import PersonDuties
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.reads import ReadLog
from services.ledger.application.record import Recorder
from services.ledger.application.record_message import RecordMessage
from services.ledger.application.residue_duties import ResidueDuties
from services.ledger.application.search_notices import SearchNotices
from services.ledger.application.sources import Sources
from services.ledger.contract.commands import DutyAt, SentMessage


class DutyVerbs(msgspec.Struct, frozen=True, kw_only=True):
    """Who owes what, what came of it, who was told, and what was sent."""

    search: SearchObligations
    confirm: ConfirmObligation
    notices: SearchNotices
    end_exemption: EndExemption
    of_person: DutiesOfPerson
    record_message: RecordMessage


def wire_duties(
    *,
    sources: Sources,
    ids: ObligationIds,
    recorder: Recorder,
    writer: OperationWriter,
    pseudonyms: Pseudonyms,
    reads: ReadLog,
    cursors: CursorSealer,
) -> DutyVerbs:
    """The verbs on the same sources, the same record of reads and the same writer."""
    duties, residues = PersonDuties(sources=sources, ids=ids), ResidueDuties(sources=sources, ids=ids)
    of_person = DutiesOfPerson(sources=sources, duties=duties, residues=residues)
    return DutyVerbs(
        search=SearchObligations(
            sources=sources, duties=duties, residues=residues, ids=ids, reads=reads, cursors=cursors
        ),
        confirm=ConfirmObligation(
            sources=sources,
            duties=duties,
            residues=residues,
            ids=ids,
            recorder=recorder,
            writer=writer,
            pseudonyms=pseudonyms,
            reads=reads,
        ),
        notices=SearchNotices(sources=sources, reads=reads, cursors=cursors),
        end_exemption=EndExemption(sources=sources, writer=writer),
        of_person=of_person,
        record_message=RecordMessage(duties=of_person, writer=writer, register=sources.register, pseudonyms=pseudonyms),
    )


class NotifierClient:
    """Implements ``NotifierCommands`` within the process of the ledger."""

    def __init__(self, verbs: DutyVerbs) -> None:
        """Go straight to these verbs."""
        self._verbs = verbs

    async def duties_of(self, lane: int, stream_id: UUID) -> Sequence[DutyAt]:
        """See NotifierCommands."""
        return await self._verbs.of_person.duties_of(lane, stream_id)

    async def may_tell_person(self, lane: int, stream_id: UUID) -> bool:
        """See NotifierCommands."""
        return await self._verbs.of_person.may_tell_person(lane, stream_id)

    async def record_message(self, message: SentMessage) -> None:
        """See NotifierCommands."""
        await self._verbs.record_message.record_message(message)
