"""Lets the holds on a person follow a link: what keeps him under one identifier keeps him under all (AVG 17(3)(e), 18).

A hold stands on streams, and a link makes further streams his. So what is in force on some of them is placed on the
others too, under its own name, and ends with it. It is placed anew where it stands already: in that lane it meets
whoever ends it at the same moment, and one of the two looks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.freshness import wait_for_projections
from services.ledger.application.holds import Hold, draft_holds, hold_of
from services.ledger.application.operation_writer import Draft, OperationWriter, Written
from services.ledger.application.retention_ports import HoldScope, Proceedings
from services.ledger.application.sources import Place, Sources
from services.ledger.contract import topics
from services.ledger.contract.errors import NotFound
from services.ledger.domain.identity import LEDGER


class FollowingHolds:
    """What a link does to holds."""

    def __init__(self, *, sources: Sources, proceedings: Proceedings, writer: OperationWriter) -> None:
        """Find the streams of a person in ``sources``, his holds in ``proceedings``; write through ``writer``."""
        self._sources = sources
        self._proceedings = proceedings
        self._writer = writer

    async def follow(self, link: Written) -> None:
        """Place every hold on the person of a link on all of his streams; once, however often it is called."""
        first = link.events[0]
        person: Place = (first.lane, first.stream_id)
        for hold_id in await run_sync(self._holds_of, person):
            key = f"hold-followed:{hold_id}:{first.envelope.operation_id}"
            drafting = partial(self._draft, person, hold_id)
            # Meanwhile it may have ended, or stand everywhere.
            with suppress(NotFound):
                await self._writer.write(party=LEDGER, key=key, canonical=key.encode(), draft=drafting)

    def _holds_of(self, person: Place) -> list[UUID]:
        """The holds in force on any stream of a person."""
        wait_for_projections(self._sources.events, self._sources.projections)
        return sorted({at.hold_id for at in self._proceedings.of_persons(self._streams(person))})

    def _streams(self, person: Place) -> tuple[Place, ...]:
        return self._sources.directory.closure((person,))[person]

    def _draft(self, person: Place, hold_id: UUID, _: datetime) -> list[Draft]:
        """The hold on every stream of the person, as it was placed; NotFound when nothing is left to do."""
        heads = wait_for_projections(self._sources.events, self._sources.projections)
        standing = self._proceedings.standing(hold_id)
        hold = hold_of(self._sources.events.events_at([(at.lane, at.position) for at in standing]))
        held = set() if hold is None else {(event.lane, event.stream_id) for event, _ in hold.events}
        streams = held.union(self._streams(person))
        if hold is None or streams == held:
            raise NotFound
        lanes = sorted({at.lane for at in standing})
        released = tuple((lane, heads.get(lane, 0), topics.HOLD_RELEASED) for lane in lanes)
        first, *others = draft_again(hold, sorted(streams))
        return [msgspec.structs.replace(first, unless=released), *others]


def draft_again(hold: Hold, streams: Sequence[Place]) -> list[Draft]:
    """The same hold on these streams, since it was placed; its reason stands where it was placed first."""
    placed = hold.envelope
    scopes = [HoldScope(lane=lane, stream_id=stream_id, party=placed.hold_party) for lane, stream_id in streams]
    about = None if placed.about_operation is None else (placed.about_operation, placed.about_key or "")
    drafts = draft_holds(scopes, placed.author, b"", hold_id=hold.hold_id, kind=placed.hold_kind or "", about=about)
    since = {"occurred_at": placed.occurred_at}
    return [msgspec.structs.replace(draft, fields={**draft.fields, **since}) for draft in drafts]
