"""Checks a JSON value against the part of JSON Schema that the API description uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
# Every keyword that we know; another one in a schema would be a check that is silently not made.
KNOWN = {
    "$ref",
    "additionalProperties",
    "anyOf",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxLength",
    "minLength",
    "properties",
    "required",
    "title",
    "type",
}


def differences(description: dict[str, Any], schema: Any, value: Any, place: str = "") -> Iterator[str]:
    """Return where a value is not what its schema says."""
    while "$ref" in schema:
        target: Any = description
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "anyOf" in schema and not any(not list(differences(description, each, value)) for each in schema["anyOf"]):
        yield f"{place}: none of the alternatives"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: not one of {schema['enum']}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_kind(value, kind) for kind in kinds):
        yield f"{place}: no {kinds}"
        return
    yield from text_differences(schema, value, place)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from differences(description, schema["items"], item, f"{place}/{index}")
    if isinstance(value, dict):
        yield from object_differences(description, schema, value, place)


def is_kind(value: Any, kind: str) -> bool:
    """Tell whether a value is of a JSON type; a boolean is no number."""
    return isinstance(value, KINDS[kind]) and not (isinstance(value, bool) and kind in {"integer", "number"})


def text_differences(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    """Check the format and length of a string."""
    if not isinstance(value, str):
        return
    if len(value) > schema.get("maxLength", len(value)) or len(value) < schema.get("minLength", 0):
        yield f"{place}: length"
    form = schema.get("format")
    try:
        if form == "date-time" and datetime.fromisoformat(value).tzinfo is None:
            yield f"{place}: no zone"
        elif form == "date":
            date.fromisoformat(value)
    except ValueError:
        yield f"{place}: no {form}"
    if form == "uuid" and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        yield f"{place}: no uuid"


def object_differences(description: dict[str, Any], schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    """Check the members of an object."""
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place}/{name}: missing"
    known = schema.get("properties", {})
    for name, item in value.items():
        if name in known:
            yield from differences(description, known[name], item, f"{place}/{name}")
        elif schema.get("additionalProperties", True) is False:
            yield f"{place}/{name}: unknown"
