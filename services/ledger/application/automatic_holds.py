"""Holds that follow from what was recorded: an access request keeps what was asked for, a breach what it hit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Final
from uuid import UUID

from services.ledger.application.breach_reporters import Accountable
from services.ledger.application.holds import draft_holds
from services.ledger.application.operation_writer import Draft, OperationWriter
from services.ledger.application.retention_ports import HoldScope
from services.ledger.contract.events import Envelope
from services.ledger.domain.identity import LEDGER, operation_id_of
from services.ledger.domain.stored import StoredEvent
from services.runtime import limits

Place = tuple[int, UUID]
"""(lane, stream)."""

_DERIVED_ID_VERSION: Final = 5


class AutomaticHolds:
    """Places the holds that nobody asks for; ``EndedHolds`` ends them."""

    def __init__(self, *, writer: OperationWriter) -> None:
        """Write through ``writer`` what is an operation of its own."""
        self._writer = writer

    def draft_for_request(self, author: str, key: str, streams: Sequence[Place]) -> list[Draft]:
        """What goes with an access request into one operation: all lines of the person are held."""
        hold_id = operation_id_of(author, key)
        scopes = [HoldScope(lane=lane, stream_id=stream_id) for lane, stream_id in streams]
        return draft_holds(scopes, author, b"", hold_id=hold_id, kind="request", about=(hold_id, key))

    async def hold_breach(self, breach: Envelope, events: Iterable[StoredEvent], accountable: Accountable) -> list[str]:
        """Hold the lines that the party of a breach has of the persons in these events; the ids of the holds.

        Once, however often asked: whoever was held the first time stays so. At a processor the hold is placed for
        who reports the breach, who may end it too.
        """
        author = accountable.reporting_party if accountable.controllers else LEDGER
        persons = sorted({(e.lane, e.stream_id) for e in events if e.stream_id.version != _DERIVED_ID_VERSION})
        holds: list[str] = []
        for number, some in enumerate(batched(persons, limits.SUBJECTS_MAX)):
            key = f"breach-hold:{breach.operation_id}:{number}"
            drafting = partial(self._draft_for_breach, breach, author, key, some)
            await self._writer.write(party=LEDGER, key=key, canonical=key.encode(), draft=drafting)
            holds.append(str(operation_id_of(LEDGER, key)))
        return holds

    def _draft_for_breach(
        self, breach: Envelope, author: str, key: str, streams: Sequence[Place], _: datetime
    ) -> list[Draft]:
        party = breach.breach_party or breach.author
        scopes = [HoldScope(lane=lane, stream_id=stream_id, party=party) for lane, stream_id in streams]
        hold_id = operation_id_of(LEDGER, key)
        about = (breach.operation_id, breach.key)
        return draft_holds(scopes, author, b"", hold_id=hold_id, kind="breach", about=about)


def batched(places: Sequence[Place], size: int) -> Iterator[tuple[Place, ...]]:
    """The places in pieces of at most ``size``."""
    rest = iter(places)
    while piece := tuple(islice(rest, size)):
        yield piece
