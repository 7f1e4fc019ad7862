"""Records that are no events, of every kind that a consumer must survive."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from services.ledger.client.feed.dead_letters import Letter
from services.ledger.contract.cloud_events import PublishedEvent, Reason
from services.runtime import limits
from tests.support.envelopes import make_envelope
from tests.support.published import letter_for

CANARY: Final = "Saskia van Uylenburgh"


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """An event that can be published."""

    lane: int
    position: int
    stream_id: UUID
    version: int = 1
    topic: str = "ledger.processing-recorded.1"
    envelope: bytes | None
    state: bytes | None = b"sealed"


def sound_event(lane: int, position: int, **envelope: Any) -> Sound:
    """An event of a person of its own."""
    stream = UUID(int=lane << 64 | position, version=4)
    body = msgspec.json.encode(make_envelope(controller="college", **envelope))
    return Sound(lane=lane, position=position, stream_id=stream, envelope=body)


def with_header(letter: Letter, name: str, value: bytes | None) -> Letter:
    """The same record with another header, or without it."""
    kept = [(each, old) for each, old in letter.headers if each != name]
    return msgspec.structs.replace(letter, headers=kept if value is None else [*kept, (name, value)])


def with_value(letter: Letter, value: bytes | None) -> Letter:
    """The same record with another body."""
    return msgspec.structs.replace(letter, value=value)


def with_field(letter: Letter, **fields: Any) -> Letter:
    """The same record with other fields in its body."""
    return with_value(letter, msgspec.json.encode(msgspec.json.decode(letter.value or b"") | fields))


Spoil = Callable[[Letter], Letter]
BAD_VALUES: Final[Mapping[Reason, Spoil]] = {
    Reason.NULL_VALUE: lambda letter: with_value(letter, None),
    Reason.BAD_JSON: lambda letter: with_value(letter, f'{{"lane":0,"naam":"{CANARY}'.encode()),
    Reason.TOO_DEEP: lambda letter: with_value(letter, b"[" * 100_000 + b"]" * 100_000),
    Reason.UNKNOWN_TYPE: lambda letter: with_header(letter, "ce_type", CANARY.encode()),
    Reason.NEWER_VERSION: lambda letter: with_field(
        with_header(letter, "ce_type", b"nl.grootboek.processing-recorded.2"), topic="ledger.processing-recorded.2"
    ),
    Reason.MISSING_HEADER: lambda letter: with_header(letter, "ce_id", None),
    Reason.WRONG_HEADER: lambda letter: with_header(letter, "ce_specversion", b"0.3"),
    Reason.WRONG_LANE: lambda letter: with_field(letter, lane=7),
    Reason.WRONG_KEY: lambda letter: msgspec.structs.replace(letter, key=str(UUID(int=1)).encode()),
    Reason.INVALID_ENVELOPE: lambda letter: with_field(letter, envelope={"author": CANARY}),
}
HUGE: Final = b'{"x":"' + b"x" * (limits.RECORD_VALUE_BYTES_MAX + 1) + b'"}'


def spoiled(event: Sound, reason: Reason) -> Letter:
    """The record of an event, spoiled so that it is set aside for this reason; its position can still be read."""
    if reason is Reason.OVERSIZE:
        return with_value(letter_for(event), HUGE)
    return BAD_VALUES[reason](letter_for(event))


def foreign(chance: random.Random) -> Letter:
    """A record of somebody who has nothing to do with us, and who claims no position."""
    value = chance.choice([None, b"", b"{}", b"null", b"\xff\xfe", CANARY.encode(), b"1" * 1_000])
    headers = chance.choice([[], [("ce_sequence", b"x")], [("ce_sequence", b"-4")], [("naam", CANARY.encode())]])
    return Letter(key=chance.choice([b"", b"\x00", CANARY.encode()]), value=value, headers=list(headers))


def places_of(events: list[PublishedEvent]) -> dict[int, list[int]]:
    """Positions by lane in the order in which they came."""
    found: dict[int, list[int]] = {}
    for event in events:
        found.setdefault(event.lane, []).append(event.position)
    return found
