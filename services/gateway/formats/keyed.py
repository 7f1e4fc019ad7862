"""A body with its key; or, of a request that is not in order, everything that is wrong with both."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from services.gateway.formats.decoding import BodyDecoder, Broken, Decoded
from services.gateway.formats.keys import ID_POINTER, key_faults
from services.gateway.formats.remnant import Remnant
from services.runtime.errors import FieldError, Rejected

Body = TypeVar("Body", bound=msgspec.Struct)


class Unsound(msgspec.Struct, Generic[Body], frozen=True):
    """A request that is turned away: the faults of its key and its shape, and what of its body can still be read."""

    faults: tuple[FieldError, ...]
    remnant: Remnant[Body] | None


def read_keyed(
    decoder: BodyDecoder[Body], raw: bytes, header: str | None, *, required: bool = False, named: str | None = None
) -> Decoded[Body] | Unsound[Body]:
    """Return the body of `raw` with its key, out of `header` or of the body itself, as its id.

    `required`: it must have one. `named`: what the path names already, so that an id equal to it is no key.
    """
    try:
        taken = decoder.decode(raw)
    except Rejected as rejected:
        return _turn_away(decoder.salvage(raw, rejected.errors), header, named, required=required)
    body_id = None if taken.id == named else taken.id
    faults = key_faults(header, body_id, required=required)
    if faults:
        return Unsound(faults, Remnant(taken.body))
    key = body_id if header is None else header
    return taken if key == taken.id else msgspec.structs.replace(taken, id=key)


def _turn_away(broken: Broken[Body], header: str | None, named: str | None, *, required: bool) -> Unsound[Body]:
    """Return what is wrong with a body that has not the shape, and with its key."""
    # An id with another shape has its fault already; what is no object cannot have one.
    is_told = any(fault.pointer == ID_POINTER for fault in broken.faults)
    body_id = None if is_told or broken.id == named else broken.id
    of_key = key_faults(header, body_id, required=required and broken.is_object and not is_told)
    return Unsound((*of_key, *broken.faults), broken.remnant)
