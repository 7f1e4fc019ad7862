"""Strict decoding of a body: exactly the contract's shape, no name twice, and the canonical bytes a key is bound to."""

from __future__ import annotations

import re
from typing import Any, Final, Generic, TypeVar

import msgspec

from services.gateway.formats.faults import ITEMS_MAX, Faults, Members, fault, find_faults, parse_exactly
from services.gateway.formats.instants import has_odd_moment, settle
from services.gateway.formats.remnant import Remnant, salvage
from services.law.act import Act
from services.runtime.errors import FieldError, Rejected

Body = TypeVar("Body", bound=msgspec.Struct)
QUOTE: Final = b'"'
ESCAPE: Final = b"\\"
ID: Final = "id"
# `"id":"…"` holds four quotes that the canonical bytes, which leave the key out, do not.
QUOTES_OF_ID: Final = 4
LENGTH_OF_ID: Final = len('"id":"",')
# A moment before 1900 or after 2999, as it would stand in a body; the walker decides whether it is one.
EXTREME: Final = re.compile(rb'"(?:0\d|1[0-8]|[3-9]\d)\d\d-\d\d-\d\d')


class Decoded(msgspec.Struct, Generic[Body], frozen=True, gc=False):
    """A body, its id if it has one, and its canonical bytes: sorted JSON of what was sent, less the id."""

    body: Body
    id: str | None
    canonical: bytes


class Broken(msgspec.Struct, Generic[Body], frozen=True):
    """A body that has not the shape: everything wrong with it, its id, and what can still be made of it.

    `is_object`: it is one, so that it could have had an id.
    """

    faults: tuple[FieldError, ...]
    is_object: bool = False
    id: str | None = None
    remnant: Remnant[Body] | None = None


class BodyDecoder(Generic[Body]):
    """Decodes bodies of one shape; everything wrong with one is told in one Rejected."""

    def __init__(self, shape: type[Body]) -> None:
        """Compile what is needed to decode `shape`."""
        self.shape = shape
        self._parse = msgspec.json.Decoder().decode
        self._encode = msgspec.json.Encoder(order="sorted").encode
        self._typed = msgspec.json.Decoder(shape).decode
        names = dict(zip(shape.__struct_encode_fields__, shape.__struct_fields__, strict=True))
        # Acts come in thousands: looking at their few moments is cheaper than searching their bytes.
        self._is_act = shape is Act
        self._searches = not self._is_act
        self._bounds = tuple((names[name], bound) for name, bound in ITEMS_MAX.get(shape, {}).items())

    def decode(self, raw: bytes) -> Decoded[Body]:
        """Return the body of `raw`, or raise Rejected with every fault in it."""
        try:
            tree = self._parse(raw)
            if type(tree) is not dict:
                raise self._rejection(raw)
            key = tree.pop(ID, None)
            canonical = self._encode(tree)
            if ESCAPE in raw or self._lost_something(raw, canonical, key) or (self._searches and EXTREME.search(raw)):
                self._check_exactly(raw)
            if type(key) is str:
                tree[ID] = key
            body = msgspec.convert(tree, self.shape)
        except (msgspec.MsgspecError, UnicodeError, RecursionError, TypeError):
            body, canonical, key = self._decode_slowly(raw)
        if not isinstance(body, Act):
            body = settle(body)
        elif has_odd_moment(body):
            self._check_exactly(raw)
            body = settle(body)
        for name, bound in self._bounds:
            value = getattr(body, name)
            if isinstance(value, tuple) and len(value) > bound:
                raise self._rejection(raw)
        return Decoded(body, key if type(key) is str else None, canonical)

    def salvage(self, raw: bytes, faults: tuple[FieldError, ...]) -> Broken[Body]:
        """Return what can be made of a body that was rejected for these faults, for who has more to say of it."""
        tree = parse_exactly(raw, Faults())
        if not isinstance(tree, Members):
            return Broken(faults)
        key = tree.get(ID)
        return Broken(faults, True, key if isinstance(key, str) else None, salvage(tree, self.shape))

    def _lost_something(self, raw: bytes, canonical: bytes, key: Any) -> bool:
        """Tell whether a name in `raw`, which holds no escapes, may have been dropped as a repetition."""
        named = type(key) is str
        # An act has no numbers, which alone can grow when written anew: what is as long as before lost nothing.
        if self._is_act and named and len(raw) == len(canonical) + len(key.encode()) + LENGTH_OF_ID:
            return False
        # Every string has two quotes, so equal counts prove it too where white space made the body longer.
        return raw.count(QUOTE) != canonical.count(QUOTE) + (QUOTES_OF_ID if named else 0)

    def _decode_slowly(self, raw: bytes) -> tuple[Body, bytes, Any]:
        """Decode what the fast road cannot (raw members inside a body), or tell everything that is wrong."""
        self._check_exactly(raw)
        try:
            body = self._typed(raw)
            tree = self._parse(raw)
            key = tree.pop(ID, None)
            return body, self._encode(tree), key
        except (msgspec.MsgspecError, UnicodeError, RecursionError, TypeError):
            raise self._rejection(raw) from None

    def _check_exactly(self, raw: bytes) -> None:
        """Look for repeated names and forbidden characters the slow way, and at everything else while there."""
        faults = find_faults(raw, self.shape)
        if faults:
            raise Rejected(faults)

    def _rejection(self, raw: bytes) -> Rejected:
        """Return the rejection with everything that is wrong; at least that the shape is."""
        return Rejected(find_faults(raw, self.shape) or (fault("", "shape-invalid"),))
