"""What can still be made of a body with faults, so that the checks behind its shape need not wait until it is whole.

What has its shape is kept, what has not is left out. Where a body cannot do without it something stands in for it, and
what is then found wrong at such a place is no fault of the sender.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import inspect

from services.gateway.formats.faults import ITEMS_MAX, Faults, Members, alternative, type_of, walk
from services.gateway.formats.instants import settle

Body = TypeVar("Body", bound=msgspec.Struct)
GONE: Final = object()
NO_DAY: Final = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))
"""Stands in for a moment: before all others, and on no day in Amsterdam, so nothing is looked up for it."""
NO_TEXT: Final = "\x00"
"""Begins what stands in for a text: no text that was sent can hold it."""


class Remnant(msgspec.Struct, Generic[Body], frozen=True):
    """A body as far as it could be made; ``unread`` are the places at which it does not say what was sent."""

    body: Body
    unread: frozenset[str] = frozenset()


def salvage(value: Members, shape: type[Body]) -> Remnant[Body] | None:
    """Return what can be made of an object for a shape; None when that is nothing."""
    unread: set[str] = set()
    try:
        body = msgspec.convert(keep(value, type_of(shape), "", unread), shape)
    except (msgspec.ValidationError, TypeError):
        # Of a shape with members that are kept as they came nothing is made.
        return None
    return Remnant(settle(body), frozenset(unread))


def keep(value: Any, wanted: inspect.Type, pointer: str, unread: set[str]) -> Any:
    """Return what of a value has the type that is wanted; GONE when nothing has."""
    if isinstance(wanted, inspect.UnionType):
        option = alternative(value, wanted)
        return None if option is None else keep(value, option, pointer, unread)
    if isinstance(wanted, inspect.StructType) and isinstance(value, Members):
        return keep_fields(value, wanted, pointer, unread)
    if isinstance(wanted, inspect.VarTupleType) and isinstance(value, list):
        return [keep_item(item, wanted.item_type, f"{pointer}/{place}", unread) for place, item in enumerate(value)]
    faults = Faults()
    walk(value, wanted, pointer, faults)
    return GONE if faults.found else value


def keep_fields(value: Members, wanted: inspect.StructType, pointer: str, unread: set[str]) -> dict[str, Any]:
    """Return the fields of an object that can be read; those it must have always stand there."""
    items_max = ITEMS_MAX.get(wanted.cls, {})
    kept: dict[str, Any] = {}
    for field in wanted.fields:
        name, place, part = field.encode_name, f"{pointer}/{field.encode_name}", GONE
        if name not in value and not field.required:
            continue
        if name in value and name not in value.repeated and not is_too_long(value[name], items_max.get(name)):
            part = keep(value[name], field.type, place, unread)
        if part is not GONE:
            kept[name] = part
            continue
        unread.add(place)
        if field.required:
            kept[name] = stand_in(field.type, place)
    return kept


def keep_item(value: Any, wanted: inspect.Type, pointer: str, unread: set[str]) -> Any:
    """Return an item of a list, or what stands in for it: the others keep their places."""
    part = keep(value, wanted, pointer, unread)
    if part is not GONE:
        return part
    unread.add(pointer)
    return stand_in(wanted, pointer)


def is_too_long(value: Any, items_max: int | None) -> bool:
    """Tell whether a value is a list of more items than it may have."""
    return items_max is not None and isinstance(value, list) and len(value) > items_max


def stand_in(wanted: inspect.Type, place: str) -> Any:
    """Return something of a type that cannot be taken for anything that was sent, nor for what stands in elsewhere."""
    if isinstance(wanted, inspect.UnionType):
        return stand_in(next(each for each in wanted.types if not isinstance(each, inspect.NoneType)), place)
    if isinstance(wanted, inspect.StructType):
        required = {field.encode_name: field.type for field in wanted.fields if field.required}
        return {name: stand_in(inner, f"{place}/{name}") for name, inner in required.items()}
    if isinstance(wanted, inspect.VarTupleType):
        return []
    if isinstance(wanted, inspect.LiteralType):
        return wanted.values[0]
    if isinstance(wanted, inspect.DateTimeType):
        return NO_DAY
    return date.min if isinstance(wanted, inspect.DateType) else f"{NO_TEXT}{place}"
