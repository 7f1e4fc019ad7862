"""Events as records on a topic: CloudEvents in the Kafka binding's binary mode, after the Dutch profile (NL GOV 1.1).

A record carries the clear, pseudonymous envelope and the sealed content as they are stored, never a word more, and its
position, so that whoever reads a partition sees a hole. Of the register lane it carries only what stands where.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Final, Protocol
from uuid import UUID, uuid5

import msgspec

from services.ledger.contract.events import Envelope
from services.ledger.contract.positions import REGISTER_LANE, format_position, parse_position
from services.ledger.contract.schemas import TOPICS, schema_uri
from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.json_depth import is_too_deep

Headers = Sequence[tuple[str, bytes]]

TYPE_PREFIX: Final = "nl.grootboek."
SOURCE_DEFAULT: Final = "urn:nld:systeem:grootboek"
"""``ce_source`` of a ledger whose organisation has no OIN; with one it is ``urn:nld:oin:<oin>:systeem:<name>``."""
CONTENT_TYPE: Final = b"application/json"
SPEC_VERSION: Final = b"1.0"
REQUIRED: Final = (
    "content-type",
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_subject",
    "ce_dataschema",
    "ce_sequence",
)
"""The headers of every record; ``ce_time`` and ``traceparent`` stand there when the event still has an envelope."""
NO_TRACE: Final = "0" * 32
NO_SPAN: Final = "0" * 16


class Reason(StrEnum):
    """Why a record cannot be taken for one of a ledger's events: a closed list."""

    NULL_VALUE = "null-value"
    OVERSIZE = "oversize"
    MISSING_HEADER = "missing-header"
    UNKNOWN_TYPE = "unknown-type"
    NEWER_VERSION = "newer-version"
    TOO_DEEP = "too-deep"
    BAD_JSON = "bad-json"
    WRONG_LANE = "wrong-lane"
    WRONG_KEY = "wrong-key"
    WRONG_HEADER = "wrong-header"
    INVALID_ENVELOPE = "invalid-envelope"


class PoisonRecord(GrootboekError):
    """A record on a topic of the ledger is not one that this version can read."""

    code = "poison-record"
    kind = Kind.REJECTED
    remedy = "See its reason among the dead letters: `grootboek dead-letters list`."

    def __init__(self, reason: Reason) -> None:
        """Name the reason; nothing of the record itself is told."""
        super().__init__(f"A record cannot be read: {reason}.")
        self.reason = reason


class RecordTooLarge(GrootboekError):
    """An event is larger than a record on a topic may be."""

    code = "record-too-large"
    kind = Kind.INTERNAL
    remedy = "Report this: no body that the ledger accepts gives such an event. The position in the log names it."

    def __init__(self, lane: int, position: int) -> None:
        """Name the event and nothing of it."""
        super().__init__(f"The event at {format_position(lane, position)} is too large for a record.")
        self.lane = lane
        self.position = position


class Publishable(Protocol):
    """An event as it lies in a lane."""

    @property
    def lane(self) -> int:
        """Its lane."""
        ...

    @property
    def position(self) -> int:
        """Its position in the lane."""
        ...

    @property
    def stream_id(self) -> UUID:
        """The pseudonym of the person, or the stream of a controller."""
        ...

    @property
    def version(self) -> int:
        """Its place in the stream."""
        ...

    @property
    def topic(self) -> str:
        """What kind of event it is, with its version."""
        ...

    @property
    def envelope(self) -> bytes | None:
        """The envelope as stored; None when swept, and for the register lane."""
        ...

    @property
    def state(self) -> bytes | None:
        """The sealed content; None when swept."""
        ...


class Record(msgspec.Struct, frozen=True):
    """What goes on a topic."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class PublishedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as a consumer gets it; ``envelope`` and ``content`` are None when swept and for the register lane.

    ``register_position``: how far the register was when the event was judged; 0 without an envelope.
    """

    lane: int
    position: int
    stream_id: UUID
    version: int
    topic: str
    envelope: bytes | None = None
    content: bytes | None = None
    operation_id: UUID | None = None
    register_position: int = 0
    traceparent: str | None = None


class _Clear(msgspec.Struct, frozen=True, rename="camel"):
    """What the headers need of an envelope."""

    operation_id: UUID
    recorded_at: str
    trace_id: str | None = None
    span_id: str | None = None


class _Value(msgspec.Struct, frozen=True, rename="camel"):
    """The body of a record."""

    lane: Annotated[int, msgspec.Meta(ge=0)]
    position: Annotated[int, msgspec.Meta(ge=1)]
    stream_id: UUID
    version: Annotated[int, msgspec.Meta(ge=0)]
    topic: str
    envelope: msgspec.Raw
    content: bytes | None


_read_clear: Final = msgspec.json.Decoder(_Clear).decode
_read_envelope: Final = msgspec.json.Decoder(Envelope).decode
_read_value: Final = msgspec.json.Decoder(_Value).decode
_NULL: Final = b"null"


def event_type(topic: str) -> str:
    """The type of an event for the world outside: reverse DNS in words of the domain."""
    return TYPE_PREFIX + topic.partition(".")[2]


TYPES: Final[Mapping[str, str]] = {event_type(topic): topic for topic in TOPICS}
"""Topic by type, of every event on a person's or controller's stream."""
VERSIONS: Final[Mapping[str, int]] = {
    name: max(int(each.rpartition(".")[2]) for each in TYPES if each.rpartition(".")[0] == name)
    for name in {each.rpartition(".")[0] for each in TYPES}
}
"""The newest version that we know of each type."""


def encode(event: Publishable, source: str = SOURCE_DEFAULT) -> Record:
    """The record of an event; RecordTooLarge when no topic takes it."""
    stream = str(event.stream_id)
    key = stream.encode()
    envelope, state = event.envelope, event.state
    headers = [
        *_fixed_headers(event.topic, source),
        ("ce_id", format_position(event.lane, event.position).encode()),
        ("ce_subject", key),
        ("ce_sequence", b"%d" % event.position),
    ]
    if event.lane == REGISTER_LANE:
        envelope = state = None
    elif envelope is not None:
        headers += _clear_headers(envelope, event.stream_id)
    value = b'{"lane":%d,"position":%d,"streamId":"%b","version":%d,"topic":"%b","envelope":%b,"content":%b}' % (
        event.lane,
        event.position,
        key,
        event.version,
        event.topic.encode(),
        _NULL if envelope is None else envelope,
        _NULL if state is None else b'"%b"' % b2a_base64(state, newline=False),
    )
    if len(value) > limits.RECORD_VALUE_BYTES_MAX:
        raise RecordTooLarge(event.lane, event.position)
    return Record(key, value, headers)


@lru_cache(maxsize=limits.EVENT_TYPES_CACHED_MAX)
def _fixed_headers(topic: str, source: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that all events of a topic share."""
    return (
        ("content-type", CONTENT_TYPE),
        ("ce_specversion", SPEC_VERSION),
        ("ce_source", source.encode()),
        ("ce_type", event_type(topic).encode()),
        ("ce_dataschema", schema_uri(topic).encode()),
    )


def _clear_headers(envelope: bytes, stream_id: UUID) -> list[tuple[str, bytes]]:
    """The time at which the event was recorded, and the trace that it continues."""
    clear = _read_clear(envelope)
    headers = [("ce_time", clear.recorded_at.encode())]
    if clear.trace_id is not None and clear.trace_id != NO_TRACE:
        span = clear.span_id.lower() if clear.span_id is not None else NO_SPAN
        if span == NO_SPAN:
            # The span that every part of an operation of several subjects has (contract): the same at each repetition.
            span = hashlib.sha256(uuid5(clear.operation_id, str(stream_id)).bytes).hexdigest()[:16]
        headers.append(("traceparent", f"00-{clear.trace_id}-{span}-01".encode()))
    return headers


def decode(lane: int, key: bytes | None, value: bytes | None, headers: Headers) -> PublishedEvent:
    """The event of a record; PoisonRecord when it is none.

    ``lane`` is what the partition stands for: its number on the events topic, REGISTER_LANE on the register topic.
    """
    if value is None:
        raise PoisonRecord(Reason.NULL_VALUE)
    if len(value) > limits.RECORD_VALUE_BYTES_MAX:
        raise PoisonRecord(Reason.OVERSIZE)
    found = dict(headers)
    if not all(found.get(name) for name in REQUIRED):
        raise PoisonRecord(Reason.MISSING_HEADER)
    if lane != REGISTER_LANE:
        _check_type(found["ce_type"])
    body = _read_body(value)
    if body.lane != lane:
        raise PoisonRecord(Reason.WRONG_LANE)
    if key != str(body.stream_id).encode():
        raise PoisonRecord(Reason.WRONG_KEY)
    _check_headers(found, body)
    return _event_of(body, found)


def position_of(headers: Headers) -> int | None:
    """The position that a record says it has, even one that cannot be read; None when it says nothing readable."""
    try:
        position = int(dict(headers)["ce_sequence"])
    except (KeyError, TypeError, ValueError):
        return None
    return position if 1 <= position <= limits.POSITION_MAX else None


def _check_type(found: bytes) -> None:
    """Refuse a type that we do not know, and a version that is newer than ours."""
    given = found.decode("ascii", "replace")
    if given in TYPES:
        return
    name, _, version = given.rpartition(".")
    is_newer = name in VERSIONS and version.isascii() and version.isdigit() and int(version[:9]) > VERSIONS[name]
    raise PoisonRecord(Reason.NEWER_VERSION if is_newer else Reason.UNKNOWN_TYPE)


def _read_body(value: bytes) -> _Value:
    """The body, if it is JSON of our shape."""
    if is_too_deep(value):
        raise PoisonRecord(Reason.TOO_DEEP)
    try:
        return _read_value(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise PoisonRecord(Reason.BAD_JSON) from None


def _check_headers(found: Mapping[str, Any], body: _Value) -> None:
    """Refuse headers that say something else than the body."""
    given = (
        found["content-type"],
        found["ce_specversion"],
        found["ce_type"],
        found["ce_subject"],
        found["ce_sequence"],
    )
    own = (
        CONTENT_TYPE,
        SPEC_VERSION,
        event_type(body.topic).encode(),
        str(body.stream_id).encode(),
        b"%d" % body.position,
    )
    try:
        place = parse_position(found["ce_id"].decode())
    except ValueError:
        place = None
    if given != own or place != (body.lane, body.position):
        raise PoisonRecord(Reason.WRONG_HEADER)


def _event_of(body: _Value, found: Mapping[str, Any]) -> PublishedEvent:
    """The event, with what consumers need of its envelope."""
    given = bytes(body.envelope)
    raw = None if given == _NULL else given
    if (raw is None) != (body.content is None) or (raw is not None and body.lane == REGISTER_LANE):
        raise PoisonRecord(Reason.INVALID_ENVELOPE)
    operation_id, register_position = None, 0
    if raw is not None:
        try:
            envelope = _read_envelope(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise PoisonRecord(Reason.INVALID_ENVELOPE) from None
        operation_id, register_position = envelope.operation_id, envelope.register_position
    traceparent = found.get("traceparent")
    return PublishedEvent(
        lane=body.lane,
        position=body.position,
        stream_id=body.stream_id,
        version=body.version,
        topic=body.topic,
        envelope=raw,
        content=body.content,
        operation_id=operation_id,
        register_position=register_position,
        traceparent=traceparent.decode("latin-1") if traceparent else None,
    )
