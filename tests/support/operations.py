"""Prepared operations for tests of the append path: random bytes where content would be."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from services.ledger.domain.stored import Identifier, PreparedEvent, PreparedOperation, WrappedDossierSecret

RECORDED_AT = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)
TOPIC = "ledger.processing-recorded.1"


def prepare_event(lane: int = 0, stream_id: UUID | None = None, topic: str = TOPIC, size: int = 20) -> PreparedEvent:
    """An event with a random envelope and state of `size` bytes each."""
    return PreparedEvent(
        lane=lane, stream_id=stream_id or uuid4(), topic=topic, envelope=os.urandom(size), state=os.urandom(size)
    )


def prepare(*events: PreparedEvent, claim_lane: int | None = None, **fields: Any) -> PreparedOperation:
    """An operation of these events, or of one event in lane 0; its claim lies in the lane of the first."""
    own = events or (prepare_event(),)
    values: dict[str, Any] = {"operation_id": uuid4(), "body_hash": os.urandom(32), "recorded_at": RECORDED_AT}
    values["claim_lane"] = own[0].lane if claim_lane is None else claim_lane
    return PreparedOperation(events=own, **(values | fields))


def prepare_many(count: int, lane: int = 0, streams: Iterable[UUID] = ()) -> list[PreparedOperation]:
    """Single-event operations, over the streams in turn or each on its own."""
    known = list(streams) or [uuid4() for _ in range(count)]
    return [prepare(prepare_event(lane, known[index % len(known)])) for index in range(count)]


def identify(stream_id: UUID, lookup: bytes = b"lookup", lane: int = 0) -> Identifier:
    """An identifier row of a person."""
    return Identifier(lane=lane, lookup=lookup, key_version=1, stream_id=stream_id)


def wrap(stream_id: UUID, wrapped: bytes = b"wrapped", lane: int = 0) -> WrappedDossierSecret:
    """A dossier secret row of a person."""
    return WrappedDossierSecret(
        lane=lane, stream_id=stream_id, scope=b"scope", generation=1, wrap_key_id="week:2026-W18", wrapped=wrapped
    )
