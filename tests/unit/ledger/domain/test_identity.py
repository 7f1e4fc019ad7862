"""Derived ids: the fast road gives what the standard says."""

from __future__ import annotations

import hashlib
import uuid
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.identity import (
    access_stream,
    event_id_of,
    operation_id_of,
    party_namespace,
    party_stream,
    print_uuid,
    span_id_of,
    uuid4_of,
    uuid5,
)


@given(namespace=st.uuids(), name=st.text())
def test_uuid5_is_that_of_the_standard(namespace: UUID, name: str) -> None:
    """Equal in value, hash, text and on the wire to the library's own."""
    made, expected = uuid5(namespace, name), uuid.uuid5(namespace, name)
    assert (made, hash(made), str(made), made.version) == (expected, hash(expected), str(expected), 5)
    assert msgspec.json.encode(made) == msgspec.json.encode(expected)


@given(randomness=st.binary(min_size=16, max_size=16))
def test_uuid4_is_that_of_the_standard(randomness: bytes) -> None:
    """Out of the same random bytes it is equal in value, hash, text and on the wire to the library's own."""
    made, expected = uuid4_of(randomness), UUID(bytes=randomness, version=4)
    assert (made, hash(made), str(made), made.version) == (expected, hash(expected), str(expected), 4)
    assert msgspec.json.encode(made) == msgspec.json.encode(expected)
    assert print_uuid(made) == str(expected)


@given(operation=st.uuids(), stream=st.uuids())
def test_an_event_id_is_uuid5_of_its_stream(operation: UUID, stream: UUID) -> None:
    """As the contract says: uuid5 of the operation and the stream's id as text."""
    assert event_id_of(operation, stream) == uuid.uuid5(operation, str(stream))


@given(party=st.text(max_size=20), key=st.text(max_size=20))
def test_an_operation_belongs_to_party_and_key(party: str, key: str) -> None:
    """The same (party, key) is the same operation; the party's streams are others."""
    assert operation_id_of(party, key) == uuid.uuid5(party_namespace(party), key)
    assert len({operation_id_of(party, key), party_stream(party), access_stream(party)}) == 3


@given(event=st.uuids())
def test_a_span_is_half_of_a_hash(event: UUID) -> None:
    """The span of an event is the first 8 bytes of the SHA-256 of its id."""
    assert bytes.fromhex(span_id_of(event)) == hashlib.sha256(event.bytes).digest()[:8]
