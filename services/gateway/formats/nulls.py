"""What is sent empty in an entry of the register: where the shape knows no null, it says what leaving out says.

A file of covenants that lists every field is read so too. Where null is a value it stays (``contract`` of a party:
there is none), and so does a field that is required, for whoever decodes the body to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from services.gateway.formats.faults import Faults, alternative, parse_exactly, type_of, walk_anything

NULL: Final = b"null"


def without_nulls(raw: bytes, shape: type[msgspec.Struct]) -> bytes:
    """Return the body without the nulls that say nothing; as it came when there are none, or when it is not sound."""
    if NULL not in raw or not _is_sound(raw):
        return raw
    try:
        tree = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return raw
    return msgspec.json.encode(_kept(tree, type_of(shape)))


def _is_sound(raw: bytes) -> bool:
    """Tell whether this is JSON in which no name stands twice; what is not is refused as it came."""
    faults = Faults()
    walk_anything(parse_exactly(raw, faults), inspect.AnyType(), "", faults)
    return not faults.found


def _kept(value: Any, wanted: inspect.Type) -> Any:
    if isinstance(wanted, inspect.UnionType):
        option = alternative(value, wanted)
        return value if option is None else _kept(value, option)
    if isinstance(wanted, inspect.StructType) and isinstance(value, dict):
        return _kept_fields(value, {field.encode_name: field for field in wanted.fields})
    if isinstance(wanted, inspect.DictType) and isinstance(value, dict):
        return {name: item for name, item in value.items() if item is not None or _takes_null(wanted.value_type)}
    if isinstance(wanted, inspect.VarTupleType) and isinstance(value, list):
        return [_kept(item, wanted.item_type) for item in value]
    return value


def _kept_fields(value: Mapping[str, Any], fields: Mapping[str, inspect.Field]) -> dict[str, Any]:
    kept = {}
    for name, item in value.items():
        field = fields.get(name)
        if item is None and field is not None and not field.required and not _takes_null(field.type):
            continue
        kept[name] = item if field is None else _kept(item, field.type)
    return kept


def _takes_null(wanted: inspect.Type) -> bool:
    return isinstance(wanted, inspect.UnionType) and wanted.includes_none
