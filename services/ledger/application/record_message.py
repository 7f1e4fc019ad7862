"""Records that a message was sent: what, to whom, by which channel; its text under the dossier of who owes the duty."""

from __future__ import annotations

import msgspec

from services.ledger.application.duties_of_person import DutiesOfPerson
from services.ledger.application.operation_writer import Draft, OperationWriter
from services.ledger.application.ports import RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.contract.commands import SentMessage
from services.ledger.contract.events import Content
from services.ledger.contract.topics import MESSAGE_SENT
from services.ledger.domain.identity import LEDGER
from services.ledger.domain.scope import name_scope


class RecordMessage:
    """The command ``record_message``."""

    def __init__(
        self, *, duties: DutiesOfPerson, writer: OperationWriter, register: RegisterSource, pseudonyms: Pseudonyms
    ) -> None:
        """Ask ``duties`` whose message it is; write through ``writer``."""
        self._duties = duties
        self._writer = writer
        self._register = register
        self._pseudonyms = pseudonyms

    async def record_message(self, message: SentMessage) -> None:
        """Store the message on the person's stream; the same one again is stored once."""
        await self._writer.write(
            party=LEDGER,
            key=f"message:{message.id}",
            canonical=msgspec.json.encode({"message": message.id}),
            draft=lambda _: (self._draft(message),),
        )

    def _draft(self, message: SentMessage) -> Draft:
        party = self._owing_party(message)
        return Draft(
            lane=message.lane,
            stream_id=message.stream_id,
            topic=MESSAGE_SENT,
            scope=self._pseudonyms.scope(name_scope(party)),
            fields={
                "controller": party,
                "message_kind": message.kind,
                "channel": message.channel,
                "template": message.template,
                "addressed_to": message.addressed_to,
                "obligation": message.obligation,
            },
            content=Content(address=message.address, title=message.title, text=message.text),
        )

    def _owing_party(self, message: SentMessage) -> str:
        """Who writes to the person, or owes what it is about; else the party it went to, else the ledger itself."""
        if message.controller is not None:
            return message.controller
        owing = None
        if message.obligation is not None:
            owing = self._duties.owing_party(message.lane, message.stream_id, message.obligation)
        if owing is not None:
            return owing
        return message.addressed_to if message.addressed_to in self._register.current().party_ids() else LEDGER
