"""What recipients still owe when a dossier is erased: found before, sealed meanwhile, answered one by one (AVG 19).

An erasure ends the record of who got what. What each recipient holds of it is therefore kept with the erasure itself,
under a key of its own that goes when the last of them has answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from services.law.act import Subject
from services.law.local_time import amsterdam_day
from services.law.owed import erase_due
from services.ledger.application.erasure_choice import Choice
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.contract.events import Content, Envelope, Residue
from services.ledger.domain.erase_duties import erase_duties
from services.ledger.domain.holding_rows import holding_rows
from services.ledger.domain.holdings import DELETES, HoldingRow
from services.ledger.domain.stored import StoredEvent

Place = tuple[int, int]
"""(lane, position)."""


class ResidueObligation(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient's obligation because of an erasure, with its last answer."""

    id: str
    party: str
    controller: str
    subject: Subject
    data_categories: tuple[str, ...]
    event: StoredEvent
    request: Envelope
    answer: Envelope | None

    @property
    def since(self) -> datetime:
        """Since when it is owed."""
        return self.request.recorded_at

    @property
    def due(self) -> datetime:
        """By when it must be answered."""
        return erase_due(amsterdam_day(self.since))

    @property
    def state(self) -> str:
        """``owed``, or what was answered: ``confirmed``, ``kept`` or ``impossible``."""
        if self.answer is None:
            return "owed"
        return "confirmed" if self.answer.answer == "erased" else self.answer.answer or "owed"


def find_residue(
    choices: Sequence[Choice],
    person: Iterable[tuple[StoredEvent, Envelope]],
    controller: str,
    subject: Subject,
    contents: Mapping[Place, Content | None],
    now: datetime,
) -> tuple[Residue, ...]:
    """What every recipient of the chosen dossiers of one person still holds of them; ``person``: all events known.

    The controller's other dossiers are left out: what was shared from those is not erased.
    """
    erased = {place for choice in choices for place in choice.positions}
    rows = [
        row
        for row in holding_rows(((e.lane, e.stream_id), e.position, e.topic, envelope) for e, envelope in person)
        if row.supplied_by != controller or (row.lane, row.position) in erased
    ]
    lane, stream_id = choices[0].place
    # A share may lie some minutes ahead of the clock, and is erased with the rest.
    moment = max([now, *(row.occurred_at for row in rows)])
    delete = delete_everything(lane, stream_id, controller, moment)
    duties = [duty for duty in erase_duties([*rows, delete], (), moment, moment) if duty.cause == (lane, 0)]
    named = subjects_shared(choices, contents)
    return tuple(
        Residue(party=duty.party, subject=named.get(duty.party, subject), data_categories=duty.data_categories)
        for duty in duties
        if duty.state == "owed"
    )


def delete_everything(lane: int, stream_id: UUID, controller: str, now: datetime) -> HoldingRow:
    """The controller's delete of all that it has, which an erasure comes to for those who got it."""
    return HoldingRow(
        lane=lane,
        stream_id=stream_id,
        party=controller,
        position=0,
        operation_id=UUID(int=0),
        effect=DELETES,
        occurred_at=now,
        recorded_at=now,
        categories=(),
    )


def subjects_shared(choices: Iterable[Choice], contents: Mapping[Place, Content | None]) -> dict[str, Subject]:
    """By recipient: the person as the recipient was told of him, by the last share that opens."""
    named: dict[str, Subject] = {}
    for choice in choices:
        for event, envelope in choice.events:
            content = contents.get((event.lane, event.position))
            if content is not None and content.subject is not None:
                bare = Subject(id_type=content.subject.id_type, id=content.subject.id)
                named.update(dict.fromkeys(envelope.recipients, bare))
    return named


def residue_obligations(
    event: StoredEvent, content: Content | None, answers: Iterable[Envelope], ids: ObligationIds
) -> list[ResidueObligation]:
    """The obligations that one request to erase brought, each with its last answer; none once its seal is gone.

    ``answers``: what was answered on the stream of the erasure, in order.
    """
    if content is None or event.envelope is None:
        return []
    request = event.read_envelope()
    given = {answer.obligation: answer for answer in answers}
    found = []
    for owed in content.residue:
        obligation = ids.of_erasing(event.lane, event.stream_id, event.position, owed.party)
        found.append(
            ResidueObligation(
                id=obligation,
                party=owed.party,
                controller=request.controller or request.author,
                subject=owed.subject,
                data_categories=owed.data_categories,
                event=event,
                request=request,
                answer=given.get(obligation),
            )
        )
    return found
