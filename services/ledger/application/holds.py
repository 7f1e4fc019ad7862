"""Holds: what must not be forgotten while a proceeding or a restriction runs (AVG 17(3)(e), 18).

A hold on a person stands on the person's own streams, one on a case or a covenant in every lane. The order of the lane
decides what it came in time for; what it came too late for is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.freshness import wait_for_projections
from services.ledger.application.operation_writer import NOTHING, Draft, OperationWriter, Written, WrittenEvent
from services.ledger.application.policy import Call, authorise
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.repeated import repeat
from services.ledger.application.retention_ports import HoldScope, Proceedings
from services.ledger.application.sources import Sources
from services.ledger.contract import topics
from services.ledger.contract.errors import NotFound
from services.ledger.contract.events import Content, Envelope
from services.ledger.contract.forgetting import HoldBody
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.domain.identity import GROOTBOEK_NAMESPACE, LEDGER, lane_stream, operation_id_of, uuid5
from services.ledger.domain.stored import StoredEvent
from services.runtime.errors import GrootboekError, Kind, Rejected, faults_from

HOLD_SCOPE: Final = "hold"
_DERIVED_ID_VERSION: Final = 5

MESSAGES: Final = {
    "hold-without-scope": ("A hold is about one thing.", "Name a subject, a caseId, or a covenant; exactly one."),
    "text-missing": ("The reason is empty.", "Say in a sentence which proceeding needs these records."),
    "covenant-unknown": ("No covenant is registered under this id.", "Name a covenant of GET /v1/covenants."),
}
fault: Final = faults_from(MESSAGES)


class HoldInUse(GrootboekError):
    """This hold is kept by what it was placed for: an access request that is not answered yet."""

    code = "hold-in-use"
    kind = Kind.CONFLICT
    remedy = "Answer or refuse the request; its hold ends by itself six weeks later."


class Hold(msgspec.Struct, frozen=True):
    """A hold as placed: one event per stream or lane."""

    events: tuple[tuple[StoredEvent, Envelope], ...]

    @property
    def envelope(self) -> Envelope:
        """What all its events say."""
        return self.events[0][1]

    @property
    def hold_id(self) -> UUID:
        """Its name in every lane: the operation that placed it."""
        return self.envelope.hold_id or self.envelope.operation_id


class Holds:
    """``POST /v1/retention/holds`` and ``DELETE /v1/retention/holds/{id}``."""

    def __init__(
        self, *, sources: Sources, proceedings: Proceedings, writer: OperationWriter, pseudonyms: Pseudonyms
    ) -> None:
        """Find persons in ``sources``, count with ``proceedings``, write through ``writer``."""
        self._sources = sources
        self._proceedings = proceedings
        self._writer = writer
        self._pseudonyms = pseudonyms

    async def place(self, caller: Caller, key: str, body: HoldBody) -> JsonObject:
        """Hold from now on; whether the ledger knows the person shows in nothing but the number of own lines."""
        authorise(caller, Call.PLACE_HOLD)
        self._check(body)
        known = await self._writer.find(party=caller.party, key=key)
        drafting = repeat(known) if known else partial(self._draft, caller, key, body)
        canonical = msgspec.json.encode(msgspec.structs.replace(body, id=None), order="deterministic")
        written = await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=drafting)
        return receipt_of(written.events)

    async def release(self, caller: Caller, hold_key: str) -> JsonObject:
        """End a hold that the caller's party placed, or any with ``audit``; a second time changes nothing."""
        authorise(caller, Call.RELEASE_HOLD)
        hold = await run_sync(partial(self._find, caller, hold_key))
        if hold.envelope.about_operation and hold.envelope.hold_kind == "request" and "audit" not in caller.scopes:
            raise HoldInUse
        written = await self.end(hold, caller.party)
        return view_hold(hold.envelope) | {"releasedAt": written.events[0].envelope.recorded_at}

    async def end(self, hold: Hold, author: str) -> Written:
        """Record the release wherever the hold stands; the same answer for whoever comes first."""
        key, drafting = release_key(hold.hold_id), partial(self._draft_release, hold, author)
        return await self._writer.write(party=LEDGER, key=key, canonical=key.encode(), draft=drafting)

    def load(self, operation_id: UUID) -> Hold | None:
        """The hold that an operation placed; None when it placed none or its record has ended (blocking)."""
        events = self._sources.events.events_of_operation((operation_id,))
        return hold_of(event for event in events if event.topic == topics.HOLD_PLACED)

    def _find(self, caller: Caller, hold_key: str) -> Hold:
        """The hold of that public id, if the caller may end it; NotFound otherwise."""
        for operation_id in self._sources.operation_ids(caller, hold_key):
            hold = self.load(operation_id)
            if hold is not None and may_end(caller, hold.envelope):
                return hold
        raise NotFound

    def _check(self, body: HoldBody) -> None:
        faults = []
        if sum(each is not None for each in (body.subject, body.case_id, body.covenant)) != 1:
            faults.append(fault("", "hold-without-scope"))
        if not body.reason.strip():
            faults.append(fault("/reason", "text-missing"))
        if body.covenant is not None and not self._sources.register.current().knows_covenant(body.covenant.id):
            faults.append(fault("/covenant/id", "covenant-unknown"))
        if faults:
            raise Rejected(tuple(faults))

    def _draft(self, caller: Caller, key: str, body: HoldBody, _: datetime) -> list[Draft]:
        """One event per stream or lane; anew when a link comes between, which makes more streams the person's."""
        heads = wait_for_projections(self._sources.events, self._sources.projections)
        hold_id = operation_id_of(caller.party, key)
        party = None if "audit" in caller.scopes else caller.party
        content = Content(reason=body.reason)
        if body.subject is not None:
            streams = self._sources.streams_of(body.subject)
            scopes = [HoldScope(lane=lane, stream_id=stream_id, party=party) for lane, stream_id in streams]
            if not scopes:
                return [self._draft_nothing(caller, hold_id, body)]
        else:
            scopes = self._scopes_of_lanes(caller, body, party)
        named = self._pseudonyms.scope((caller.party, HOLD_SCOPE))
        drafts = draft_holds(scopes, caller.party, named, hold_id=hold_id, kind=body.kind, content=content)
        counted = [self._count(scope, draft) for scope, draft in zip(scopes, drafts, strict=True)]
        return unless_stored(counted, topics.SUBJECTS_LINKED, heads)

    def _draft_release(self, hold: Hold, author: str, _: datetime) -> list[Draft]:
        """One event per stream or lane, where it followed a link too; anew when it is placed somewhere meanwhile."""
        heads = wait_for_projections(self._sources.events, self._sources.projections)
        standing = self._proceedings.standing(hold.hold_id)
        events = self._sources.events.events_at([(at.lane, at.position) for at in standing])
        followed = hold_of(events)
        everywhere = (*hold.events, *(() if followed is None else followed.events))
        first = {(event.lane, event.stream_id): (event, envelope) for event, envelope in reversed(everywhere)}
        drafts = [draft_release(event, envelope, author) for _, (event, envelope) in sorted(first.items())]
        return unless_stored(drafts, topics.HOLD_PLACED, heads)

    def _count(self, scope: HoldScope, draft: Draft) -> Draft:
        """The draft with how many lines it comes in time for, and for how many too late.

        Whatever ends in between makes the append draft anew, so the numbers are those of its place in the order.
        """
        held, late = self._proceedings.count_lines(scope)
        return msgspec.structs.replace(draft, fields={**draft.fields, "held_lines": held, "late_lines": late})

    def _draft_nothing(self, caller: Caller, hold_id: UUID, body: HoldBody) -> Draft:
        """What stands for a hold on an unknown person: it lives and ends as any other, and says nothing of anybody.

        It has no ``hold_id``, so it keeps nothing; without it, the end of a hold would tell who is known.
        """
        stream_id = uuid5(GROOTBOEK_NAMESPACE, f"hold-stream:{hold_id}")
        return Draft(
            lane=self._pseudonyms.stream_lane(stream_id),
            stream_id=stream_id,
            topic=topics.HOLD_PLACED,
            scope=b"",
            fields={"author": caller.party, "hold_kind": body.kind, "held_lines": 0, "late_lines": 0},
        )

    def _scopes_of_lanes(self, caller: Caller, body: HoldBody, party: str | None) -> list[HoldScope]:
        """The same case or covenant in every lane: its persons may live in any."""
        index = None if body.case_id is None else self._pseudonyms.case_index(caller.party, body.case_id)
        covenant, annex = (None, None) if body.covenant is None else (body.covenant.id, body.covenant.annex)
        return [
            HoldScope(lane=lane, party=party, case_index=index, covenant=covenant, annex=annex)
            for lane in range(self._pseudonyms.lanes)
        ]


def draft_holds(
    scopes: Iterable[HoldScope],
    author: str,
    named: bytes,
    *,
    hold_id: UUID,
    kind: str,
    content: Content = NOTHING,
    about: tuple[UUID, str] | None = None,
) -> list[Draft]:
    """One event per scope; ``named``: the dossier of the author's holds; ``about``: the operation that asks for it."""
    fields: dict[str, Any] = {"author": author, "hold_id": hold_id, "hold_kind": kind}
    if about is not None:
        fields["about_operation"], fields["about_key"] = about
    return [
        Draft(
            lane=scope.lane,
            stream_id=scope.stream_id or lane_stream(scope.lane),
            topic=topics.HOLD_PLACED,
            scope=named,
            fields={
                **fields,
                "hold_party": scope.party,
                "case_index": scope.case_index,
                "covenant": scope.covenant,
                "annex": scope.annex,
            },
            content=content,
        )
        for scope in scopes
    ]


def unless_stored(drafts: Iterable[Draft], topic: str, heads: Mapping[int, int]) -> list[Draft]:
    """The drafts, of which those about a person are stored only if nothing of this topic was since these heads."""
    return [
        draft
        if draft.stream_id.version == _DERIVED_ID_VERSION
        else msgspec.structs.replace(draft, unless=((draft.lane, heads.get(draft.lane, 0), topic),))
        for draft in drafts
    ]


def hold_of(events: Iterable[StoredEvent]) -> Hold | None:
    """The hold that these events placed; None when nothing of it is left."""
    found = tuple((event, event.read_envelope()) for event in events if event.envelope is not None)
    return Hold(found) if found else None


def may_end(caller: Caller, envelope: Envelope) -> bool:
    """Whether the caller may end the hold: the party that placed it, whose lines it keeps for a breach, or audit."""
    return caller.party in (envelope.author, envelope.hold_party) or "audit" in caller.scopes


def release_key(hold_id: UUID) -> str:
    """The key under which the ledger records the end of a hold, once."""
    return f"hold-released:{hold_id}"


def draft_release(event: StoredEvent, envelope: Envelope, author: str) -> Draft:
    """The end of a hold where it was placed."""
    return Draft(
        lane=event.lane,
        stream_id=event.stream_id,
        topic=topics.HOLD_RELEASED,
        scope=b"",
        fields={
            "author": author,
            "hold_id": envelope.hold_id,
            "hold_kind": envelope.hold_kind,
            "hold_party": envelope.hold_party,
            "about_operation": envelope.operation_id,
            "about_key": envelope.key,
        },
    )


def receipt_of(events: Sequence[WrittenEvent]) -> dict[str, Any]:
    """The answer to a hold that was placed: a function of what was stored."""
    envelopes = [event.envelope for event in events]
    return view_hold(envelopes[0]) | {
        "covered": sum(envelope.held_lines or 0 for envelope in envelopes),
        "tooLate": sum(envelope.late_lines or 0 for envelope in envelopes),
    }


def view_hold(envelope: Envelope) -> dict[str, Any]:
    """What a hold is, in words of the contract."""
    return {"id": envelope.key, "kind": envelope.hold_kind, "placedAt": envelope.recorded_at}
