"""Arrays in PostgreSQL's binary format, built with one join each.

The driver's own dumper looks every element up; at thousands of events a second that costs more than the insert.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, cast

from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

HEADER: Final = struct.Struct("!iiIii")
EMPTY: Final = struct.Struct("!iiI")
LENGTH: Final[Callable[[int], bytes]] = struct.Struct("!i").pack
SHORT: Final[Callable[[int], bytes]] = struct.Struct("!h").pack
LONG: Final[Callable[[int], bytes]] = struct.Struct("!q").pack

BYTEA_OID: Final = 17
BIGINT_OID: Final = 20
SMALLINT_OID: Final = 21
TEXT_OID: Final = 25
UUID_OID: Final = 2950


class BinaryArray(bytes):
    """An encoded array; each subclass is one element type, so that the driver knows its oid."""


class UuidArray(BinaryArray):
    """An encoded `uuid[]`."""


class ByteaArray(BinaryArray):
    """An encoded `bytea[]`."""


class TextArray(BinaryArray):
    """An encoded `text[]`."""


class SmallintArray(BinaryArray):
    """An encoded `smallint[]`."""


class BigintArray(BinaryArray):
    """An encoded `bigint[]`."""


ARRAY_OIDS: Final[dict[type[BinaryArray], int]] = {
    UuidArray: 2951,
    ByteaArray: 1001,
    TextArray: 1009,
    SmallintArray: 1005,
    BigintArray: 1016,
}


def uuids(items: Sequence[bytes]) -> UuidArray:
    """Encode 16-byte ids."""
    return UuidArray(encode(UUID_OID, len(items), fixed(LENGTH(16), items)))


def byteas(items: Sequence[bytes]) -> ByteaArray:
    """Encode byte strings; those of one length, such as hashes, with one join."""
    lengths = set(map(len, items))
    elements = fixed(LENGTH(*lengths), items) if len(lengths) == 1 else varying(items)
    return ByteaArray(encode(BYTEA_OID, len(items), elements))


def texts(items: Sequence[str]) -> TextArray:
    """Encode texts; repeated ones, such as topics, are encoded once."""
    known = {text: text.encode() for text in set(items)}
    return TextArray(encode(TEXT_OID, len(items), varying([known[text] for text in items])))


def smallints(items: Sequence[int]) -> SmallintArray:
    """Encode 16-bit integers."""
    return SmallintArray(encode(SMALLINT_OID, len(items), fixed(LENGTH(2), [SHORT(item) for item in items])))


def bigints(items: Sequence[int]) -> BigintArray:
    """Encode 64-bit integers."""
    return BigintArray(encode(BIGINT_OID, len(items), fixed(LENGTH(8), [LONG(item) for item in items])))


def fixed(prefix: bytes, items: Sequence[bytes]) -> bytes:
    """Lay elements of equal length behind one another, each after its length."""
    return prefix + prefix.join(items)


def varying(items: Iterable[bytes]) -> bytes:
    """Lay elements of different lengths behind one another, each after its length."""
    return b"".join([part for item in items for part in (LENGTH(len(item)), item)])


def encode(element_oid: int, count: int, elements: bytes) -> bytes:
    """Put the header of a one-dimensional array without nulls before its elements."""
    if count == 0:
        return EMPTY.pack(0, 0, element_oid)
    return HEADER.pack(1, 0, element_oid, count, 1) + elements


class BytesOfUuid(Loader):
    """Loads a uuid as its 16 bytes: the append only compares them."""

    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        """Return a copy of the bytes."""
        return bytes(data)


def register_binary_arrays(context: AdaptContext) -> None:
    """Teach a connection the arrays of this module."""
    for array, dumper in DUMPERS.items():
        context.adapters.register_dumper(array, dumper)


def load_uuids_as_bytes(context: AdaptContext) -> None:
    """Let a connection load uuids in binary results as their 16 bytes."""
    context.adapters.register_loader("uuid", BytesOfUuid)


def dumper_of(array_oid: int) -> type[Dumper]:
    """Return a dumper that hands an encoded array over as it is."""

    class EncodedDumper(Dumper):
        """The value is in wire format already."""

        format = Format.BINARY
        oid = array_oid

        def dump(self, obj: Any) -> Buffer:
            """Return the bytes themselves."""
            return cast("bytes", obj)

    return EncodedDumper


DUMPERS: Final = {array: dumper_of(array_oid) for array, array_oid in ARRAY_OIDS.items()}
