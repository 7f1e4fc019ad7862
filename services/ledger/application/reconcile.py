"""Two-sided booking: a share that its recipient did not book asks for an explanation of both (S11).

It is booked by an act of the recipient on the same person that begins a holding, under the trace of the share (W3C), or
with the sharing party as its source. Nobody confirms it by hand: booking it is the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from services.law.local_time import amsterdam_day
from services.law.operations import HOLDING_CLASSES
from services.law.register import Register
from services.ledger.application.lines import Line
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.person_duties import Obligation, PersonFile
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import PROCESSING_RECORDED
from services.runtime.limits import RECONCILE_AFTER_DAYS

WITHOUT_BOOKS: Final = frozenset({"processor", "citizen"})
"""Kinds of party that book nothing of their own in a ledger."""


def reconciled(file: PersonFile, register: Register, ids: ObligationIds, as_of: datetime) -> PersonFile:
    """The file with what is to be reconciled about the person, in order of due and party, and nothing else owed."""
    found = sorted(_to_reconcile(file, register, ids, as_of), key=lambda one: (one.due, one.party, one.id))
    return msgspec.structs.replace(file, obligations=tuple(found))


def _to_reconcile(file: PersonFile, register: Register, ids: ObligationIds, as_of: datetime) -> Iterator[Obligation]:
    """Per share and recipient: done once it is booked, open once it was not for so many days."""
    acts = [line for line in file.lines if line.topic == PROCESSING_RECORDED and line.voided is None]
    for share in acts:
        for recipient in who_book(share.envelope, register):
            booked = any(_books(line.envelope, share.envelope, recipient) for line in acts)
            one = _obligation(share, recipient, ids, state="done" if booked else "open")
            if booked or one.due <= as_of:
                yield one


def who_book(share: Envelope, register: Register) -> Iterator[str]:
    """Whoever received it and holds it for itself: neither the sender, nor a processor, nor a citizen."""
    if share.operation_class != "share":
        return
    day = amsterdam_day(share.occurred_at)
    for recipient in dict.fromkeys(share.recipients):
        party = register.party(recipient, day)
        if recipient != share.controller and (party is None or party.kind not in WITHOUT_BOOKS):
            yield recipient


def _books(act: Envelope, share: Envelope, recipient: str) -> bool:
    if act.controller != recipient or act.operation_class not in HOLDING_CLASSES:
        return False
    if act.trace_id is not None and act.trace_id == share.trace_id:
        return True
    from_sender = act.source_party == share.controller and act.occurred_at >= share.occurred_at
    return from_sender and not set(act.data_categories).isdisjoint(share.data_categories)


def _obligation(share: Line, recipient: str, ids: ObligationIds, *, state: str) -> Obligation:
    envelope, (lane, stream_id) = share.envelope, share.stream
    covenant = envelope.covenant
    return Obligation(
        id=ids.of_booking(lane, stream_id, share.place[1], recipient),
        kind="reconcile",
        party=recipient,
        controllers=(envelope.controller or envelope.author,),
        data_categories=envelope.data_categories,
        due=envelope.occurred_at + timedelta(days=RECONCILE_AFTER_DAYS),
        state=state,
        scopes=frozenset() if covenant is None else frozenset({(covenant, envelope.annex)}),
        since=envelope.occurred_at,
        reason="shared",
        cause=share.place,
    )
