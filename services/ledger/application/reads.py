"""Every read of personal data is itself a processing: recorded before the answer is given.

No record, no answer. A read stands on the reader's access stream; a read of an access stream
stands on the auditor's own, and there the chain ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.lines import Line
from services.ledger.application.policy import Call
from services.ledger.contract.messages import Caller
from services.ledger.contract.topics import DATA_READ
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, access_stream, uuid5
from services.runtime.ids import Ids
from services.runtime.limits import READ_PERSONS_PER_EVENT_MAX


def auditor_stream(party: str) -> UUID:
    """The stream of what an auditor read of other parties' access streams."""
    return uuid5(GROOTBOEK_NAMESPACE, f"auditor-stream:{party}")


def lines_read(lines: Iterable[Line]) -> set[tuple[int, UUID]]:
    """The streams that a delivery of these lines reads."""
    return {line.stream for line in lines}


def on_access(lines: Iterable[Line]) -> bool:
    """Whether any of the lines stands on an access stream, as a refusal about unknown persons does."""
    return any(line.event.stream_id == access_stream(line.envelope.author) for line in lines)


class ReadLog:
    """Records reads; returns only when the record is committed."""

    def __init__(self, *, dossier_events: DossierEvents, ids: Ids) -> None:
        """Append through ``dossier_events``; every read and every page has an id of its own."""
        self._dossier_events = dossier_events
        self._ids = ids

    async def record(
        self,
        caller: Caller,
        call: Call,
        persons: Iterable[tuple[int, UUID]],
        *,
        read_id: UUID | None = None,
        of_access_streams: bool = False,
    ) -> UUID:
        """Record that ``caller`` is about to be given these persons; returns the read id.

        A further page gives the ``read_id`` of the first and adds the persons it delivers. A read
        that finds nobody is recorded too: that somebody asked is part of what happened.
        """
        read = read_id or self._ids.uuid7()
        streams = sorted({stream for _, stream in persons})
        stream = auditor_stream(caller.party) if of_access_streams else access_stream(caller.party)
        for start in range(0, max(len(streams), 1), READ_PERSONS_PER_EVENT_MAX):
            key = str(self._ids.uuid7())
            await self._dossier_events.append_dossier_event(
                party=caller.party,
                key=key,
                canonical=key.encode(),
                topic=DATA_READ,
                stream_id=stream,
                envelope={
                    "read_id": read,
                    "read_purpose": caller.purpose,
                    "read_call": call.value,
                    "read_streams": tuple(streams[start : start + READ_PERSONS_PER_EVENT_MAX]),
                },
            )
        return read
