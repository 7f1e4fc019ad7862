"""Events as records: what is written comes back, and nothing else is taken for an event."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID, uuid5

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.contract import topics
from services.ledger.contract.cloud_events import (
    PoisonRecord,
    PublishedEvent,
    Reason,
    Record,
    RecordTooLarge,
    decode,
    encode,
    position_of,
)
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.contract.schemas import TOPICS
from services.ledger.domain.identity import event_id_of, span_id_of
from services.ledger.domain.stored import StoredEvent
from services.runtime import limits
from tests.support.envelopes import make_envelope

STREAM = UUID("6b1f0a52-7d0c-4c1e-9a44-0b6c7b7f9d01")
TRACE = "0af7651916cd43dd8448eb211c80319c"
OIN_SOURCE = "urn:nld:oin:00000001001234567000:systeem:grootboek"


def stored(
    *,
    lane: int = 2,
    position: int = 7,
    topic: str = topics.PROCESSING_RECORDED,
    envelope: bytes | None = None,
    state: bytes | None = b"\x00sealed\xff",
    **fields: object,
) -> StoredEvent:
    """An event with an envelope, unless it says otherwise."""
    raw = envelope or msgspec.json.encode(make_envelope(controller="college", **fields))
    return StoredEvent(
        lane=lane,
        position=position,
        stream_id=STREAM,
        version=3,
        topic=topic,
        operation_id=None,
        envelope=None if state is None else raw,
        state=state,
        leaf_hash=bytes(32),
    )


def changed(record: Record, **headers: bytes | None) -> list[tuple[str, bytes]]:
    """The headers with some of them changed; None takes one away. ``_`` stands for a hyphen in `content-type` only."""
    own = {"content-type" if name == "content_type" else name: value for name, value in headers.items()}
    merged: dict[str, bytes | None] = {**dict(record.headers), **own}
    return [(name, value) for name, value in merged.items() if value is not None]


def test_the_headers_are_those_of_the_dutch_profile() -> None:
    """Binary mode: every attribute of the event is a header, and none of them says who it is about."""
    record = encode(stored(trace_id=TRACE, span_id="b7ad6b7169203331"), OIN_SOURCE)
    assert dict(record.headers) == {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_source": OIN_SOURCE.encode(),
        "ce_type": b"nl.grootboek.processing-recorded.1",
        "ce_dataschema": b"urn:nld:systeem:grootboek:schema:ledger.processing-recorded.1",
        "ce_id": b"2-7",
        "ce_subject": str(STREAM).encode(),
        "ce_sequence": b"7",
        "ce_time": b"2026-01-01T00:00:00Z",
        "traceparent": f"00-{TRACE}-b7ad6b7169203331-01".encode(),
    }
    assert record.key == str(STREAM).encode()


def test_a_record_holds_envelope_and_sealed_content_and_its_place() -> None:
    """The value is the stored bytes and the place, nothing of our own besides."""
    event = stored()
    assert event.envelope is not None
    value = msgspec.json.decode(encode(event).value)
    assert value == {
        "lane": 2,
        "position": 7,
        "streamId": str(STREAM),
        "version": 3,
        "topic": topics.PROCESSING_RECORDED,
        "envelope": msgspec.json.decode(event.envelope),
        "content": "AHNlYWxlZP8=",
    }


@given(
    topic=st.sampled_from(TOPICS),
    lane=st.integers(0, limits.LANES_MAX - 1),
    position=st.integers(1, limits.POSITION_MAX),
    state=st.binary(max_size=200) | st.none(),
    register=st.integers(0, 10**9),
)
def test_what_is_encoded_decodes_to_the_same(
    topic: str, lane: int, position: int, state: bytes | None, register: int
) -> None:
    """Whatever the event, a consumer gets its place, its bytes and how far the register was."""
    event = stored(topic=topic, lane=lane, position=position, state=state, register_position=register)
    record = encode(event)
    swept = event.envelope is None
    assert decode(lane, record.key, record.value, record.headers) == PublishedEvent(
        lane=lane,
        position=position,
        stream_id=STREAM,
        version=3,
        topic=topic,
        envelope=event.envelope,
        content=state,
        operation_id=None if swept else event.read_envelope().operation_id,
        register_position=0 if swept else register,
    )


def test_a_swept_event_has_no_time_and_no_trace() -> None:
    """What was swept before it was published leaves its place behind, and no more."""
    record = encode(stored(state=None))
    assert {"ce_time", "traceparent"}.isdisjoint(dict(record.headers))
    assert b'"envelope":null,"content":null' in record.value


def test_the_register_lane_tells_only_what_stands_where() -> None:
    """The library's own state of a register entry goes on no topic."""
    event = stored(lane=REGISTER_LANE, topic="register.party-registered.1", state=b"name of a person")
    record = encode(event)
    assert dict(record.headers)["ce_type"] == b"nl.grootboek.party-registered.1"
    assert b"bmFtZSBvZiBhIHBlcnNvbg" not in record.value
    found = decode(REGISTER_LANE, record.key, record.value, record.headers)
    assert (found.position, found.envelope, found.content) == (7, None, None)


def test_a_trace_without_a_span_gets_the_span_of_the_event() -> None:
    """The same one that the ledger gives the parts of an operation, at every repetition."""
    event = stored(trace_id=TRACE)
    event_id = event_id_of(event.read_envelope().operation_id, STREAM)
    assert dict(encode(event).headers)["traceparent"] == f"00-{TRACE}-{span_id_of(event_id)}-01".encode()
    assert event_id == uuid5(event.read_envelope().operation_id, str(STREAM))
    assert span_id_of(event_id) == hashlib.sha256(event_id.bytes).hexdigest()[:16]


def test_a_trace_of_zeros_is_none() -> None:
    """W3C Trace Context does not allow it, so it is not sent on; a span of zeros is replaced."""
    assert "traceparent" not in dict(encode(stored(trace_id="0" * 32)).headers)
    header = dict(encode(stored(trace_id=TRACE, span_id="0" * 16)).headers)["traceparent"]
    assert b"-0000000000000000-" not in header


def test_an_event_that_no_topic_takes_is_refused() -> None:
    """The bound is told with the position and never a value."""
    with pytest.raises(RecordTooLarge, match="2-7"):
        encode(stored(state=bytes(limits.RECORD_VALUE_BYTES_MAX)))


RECORD = encode(stored())
POISON = {
    "no-value": (2, RECORD.key, None, RECORD.headers, Reason.NULL_VALUE),
    "large": (2, RECORD.key, b" " * (limits.RECORD_VALUE_BYTES_MAX + 1), RECORD.headers, Reason.OVERSIZE),
    "no-headers": (2, RECORD.key, RECORD.value, [], Reason.MISSING_HEADER),
    "no-type": (2, RECORD.key, RECORD.value, changed(RECORD, ce_type=None), Reason.MISSING_HEADER),
    "empty-id": (2, RECORD.key, RECORD.value, changed(RECORD, ce_id=b""), Reason.MISSING_HEADER),
    "other-type": (
        2, RECORD.key, RECORD.value, changed(RECORD, ce_type=b"nl.other.recorded.1"), Reason.UNKNOWN_TYPE
    ),
    "type-not-text": (2, RECORD.key, RECORD.value, changed(RECORD, ce_type=b"\xff\xfe"), Reason.UNKNOWN_TYPE),
    "older-version": (
        2, RECORD.key, RECORD.value, changed(RECORD, ce_type=b"nl.grootboek.processing-recorded.0"), Reason.UNKNOWN_TYPE
    ),
    "newer-version": (
        2, RECORD.key, RECORD.value, changed(RECORD, ce_type=b"nl.grootboek.processing-recorded.2"),
        Reason.NEWER_VERSION,
    ),
    "version-of-many-digits": (
        2, RECORD.key, RECORD.value, changed(RECORD, ce_type=b"nl.grootboek.processing-recorded." + b"9" * 9_999),
        Reason.NEWER_VERSION,
    ),
    "deep": (2, RECORD.key, b"[" * 1_000 + b"]" * 1_000, RECORD.headers, Reason.TOO_DEEP),
    "deep-and-unclosed": (2, RECORD.key, b'{"a":' * 500_000, RECORD.headers, Reason.TOO_DEEP),
    "no-json": (2, RECORD.key, b"\x00\x01", RECORD.headers, Reason.BAD_JSON),
    "empty": (2, RECORD.key, b"", RECORD.headers, Reason.BAD_JSON),
    "other-json": (2, RECORD.key, b'{"lane":2}', RECORD.headers, Reason.BAD_JSON),
    "cut-off": (2, RECORD.key, RECORD.value[:-3], RECORD.headers, Reason.BAD_JSON),
    "position-zero": (
        2, RECORD.key, RECORD.value.replace(b'"position":7', b'"position":0'), RECORD.headers, Reason.BAD_JSON
    ),
    "content-not-base64": (
        2, RECORD.key, RECORD.value.replace(b"AHNlYWxlZP8=", b"?"), RECORD.headers, Reason.BAD_JSON
    ),
    "lane-not-the-partition": (1, RECORD.key, RECORD.value, RECORD.headers, Reason.WRONG_LANE),
    "no-key": (2, None, RECORD.value, RECORD.headers, Reason.WRONG_KEY),
    "key-of-another": (2, str(UUID(int=1)).encode(), RECORD.value, RECORD.headers, Reason.WRONG_KEY),
    "id-of-another": (2, RECORD.key, RECORD.value, changed(RECORD, ce_id=b"2-8"), Reason.WRONG_HEADER),
    "id-not-a-place": (2, RECORD.key, RECORD.value, changed(RECORD, ce_id=b"\xff"), Reason.WRONG_HEADER),
    "sequence-of-another": (2, RECORD.key, RECORD.value, changed(RECORD, ce_sequence=b"8"), Reason.WRONG_HEADER),
    "subject-of-another": (2, RECORD.key, RECORD.value, changed(RECORD, ce_subject=b"x"), Reason.WRONG_HEADER),
    "type-of-another": (
        2, RECORD.key, RECORD.value, changed(RECORD, ce_type=b"nl.grootboek.data-read.1"), Reason.WRONG_HEADER
    ),
    "not-json-it-says": (2, RECORD.key, RECORD.value, changed(RECORD, content_type=b"text/xml"), Reason.WRONG_HEADER),
    "spec-version": (2, RECORD.key, RECORD.value, changed(RECORD, ce_specversion=b"2.0"), Reason.WRONG_HEADER),
    "envelope-not-ours": (
        2, RECORD.key, RECORD.value.replace(b'"operationId"', b'"operation_id"'), RECORD.headers,
        Reason.INVALID_ENVELOPE,
    ),
    "envelope-not-utf-8": (
        2, RECORD.key, RECORD.value.replace(b'"college"', b'"\xff\xff"'), RECORD.headers, Reason.INVALID_ENVELOPE
    ),
    "content-without-envelope": (
        2, RECORD.key, encode(stored(state=None)).value.replace(b'"content":null', b'"content":"AA=="'),
        RECORD.headers, Reason.INVALID_ENVELOPE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", POISON)
def test_what_is_no_event_of_ours_is_told_by_its_reason(name: str) -> None:
    """Each reason of the closed list, and the error says nothing of the record."""
    lane, key, value, headers, reason = POISON[name]
    with pytest.raises(PoisonRecord) as caught:
        decode(lane, key, value, headers)
    assert caught.value.reason == reason
    assert str(STREAM) not in str(caught.value)


def test_every_reason_of_the_closed_list_is_shown() -> None:
    """A reason that no record can give would be a lie in the list."""
    assert {reason for *_, reason in POISON.values()} == set(Reason)


@given(value=st.binary(max_size=300), key=st.binary(max_size=40) | st.none(), cut=st.integers(0, 10))
def test_bytes_of_a_stranger_never_raise_anything_else(value: bytes, key: bytes | None, cut: int) -> None:
    """Whatever lies on the topic, the answer is an event or a reason."""
    for body in (value, RECORD.value[:cut] + value, RECORD.value[: 60 + cut] + value + RECORD.value[60:]):
        with pytest.raises(PoisonRecord):
            decode(2, key, body, RECORD.headers)


@pytest.mark.parametrize(
    ("headers", "position"),
    [
        ([("ce_sequence", b"12")], 12),
        ([], None),
        ([("ce_sequence", b"")], None),
        ([("ce_sequence", b"zeven")], None),
        ([("ce_sequence", b"\xff")], None),
        ([("ce_sequence", b"0")], None),
        ([("ce_sequence", b"-3")], None),
        ([("ce_sequence", b"9" * 30)], None),
        ([("ce_sequence", b"9" * 9_000)], None),
    ],
)
def test_the_position_of_a_poison_record_is_read_when_it_can_be(
    headers: Sequence[tuple[str, bytes]], position: int | None
) -> None:
    """A consumer may then go past it in order."""
    assert position_of(headers) == position
