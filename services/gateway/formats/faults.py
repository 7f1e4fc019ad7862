"""Finds every fault in a body at once, each with its JSON pointer: the slow road, taken only when the fast one failed.

It walks the parsed JSON along the type information of msgspec, so it knows exactly the shapes that the fast road knows.
No message holds a value: it says what was expected, never what was found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final, NoReturn
from uuid import UUID

import msgspec
from msgspec import inspect

from services.law.act import Act, Exemption, Notice
from services.law.governance import Addendum, Covenant
from services.ledger.contract.covenants import CovenantQuestion
from services.ledger.contract.messages import BreachBody, HoldingSearch
from services.runtime import limits
from services.runtime.errors import FieldError
from services.runtime.json_depth import is_too_deep

# How many items a list may have, where the type itself does not say it.
ITEMS_MAX: Final[Mapping[type, Mapping[str, int]]] = {
    Act: {
        "subjects": limits.SUBJECTS_MAX,
        "recipients": limits.RECIPIENTS_MAX,
        "dataCategories": limits.DATA_CATEGORIES_MAX,
    },
    Notice: {"subjects": limits.SUBJECTS_MAX},
    Exemption: {"factors": limits.DATA_CATEGORIES_MAX},
    Covenant: {"partners": limits.COVENANT_PARTNERS_MAX, "annexes": limits.COVENANT_ANNEXES_MAX},
    Addendum: {"partners": limits.COVENANT_PARTNERS_MAX, "annexes": limits.COVENANT_ANNEXES_MAX},
    BreachBody: {"dataCategories": limits.DATA_CATEGORIES_MAX, "operationIds": limits.BREACH_OPERATIONS_MAX},
    HoldingSearch: {"dataCategories": limits.DATA_CATEGORIES_MAX},
    CovenantQuestion: {"recipients": limits.RECIPIENTS_MAX, "dataCategories": limits.DATA_CATEGORIES_MAX},
}
# A name a sender chose is told back only when it looks like a field's: it might be a number that identifies somebody.
TELLABLE_NAME: Final = re.compile(r"[A-Za-z][a-z]{0,19}([A-Z][a-z]{0,19}){0,3}([_-][a-z]{1,20}){0,3}\d?")
SURROGATE: Final = re.compile("[\ud800-\udfff]")

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "json-invalid": ("This is not JSON.", "Send one complete JSON value, in UTF-8, as RFC 8259 has it."),
    "json-not-utf-8": ("This is not UTF-8.", "Encode the body as UTF-8, without a byte order mark."),
    "json-too-deep": ("The JSON is nested deeper than any body of the contract.", "Send the shape of the contract."),
    "name-repeated": ("A name stands twice in this object.", "Leave one of them out."),
    "field-unknown": ("The contract has no such field here.", "Leave it out, or correct its name."),
    "field-missing": ("This field is required.", "Add it."),
    "type-object": ("An object is expected here.", "Send an object with the fields of the contract."),
    "type-array": ("An array is expected here.", "Send an array, also for one item."),
    "type-string": ("A string is expected here.", "Send a string."),
    "type-boolean": ("A boolean is expected here.", "Send true or false."),
    "type-number": ("A number is expected here.", "Send a number."),
    "type-integer": ("A whole number is expected here.", "Send a whole number."),
    "value-not-in-list": ("This is none of the values the contract lists.", "Send one of the listed values."),
    "text-too-short": ("This text is too short.", "Send text, or leave the field out."),
    "text-too-long": ("This text is too long.", "Shorten it."),
    "text-nul": ("This text holds a NUL character.", "Leave it out."),
    "text-surrogate": ("This text holds half of a surrogate pair.", "Send whole characters."),
    "instant-invalid": ("An instant is expected here.", "Write it as RFC 3339, such as 2026-05-03T09:00:00Z."),
    "instant-without-zone": ("This instant has no zone.", "Add Z or an offset, such as 2026-05-03T11:00:00+02:00."),
    "too-early": ("This moment lies before 1900.", "Check the year."),
    "too-late": ("This moment lies beyond any year the ledger counts with.", "Check the year."),
    "date-invalid": ("A date is expected here.", "Write it as 2026-05-03."),
    "items-too-many": ("There are more items than are taken at once.", "Send several requests."),
    "items-too-few": ("There are fewer items than are needed.", "Add what is missing."),
    "out-of-range": ("This number is outside what is allowed.", "Send a number within the limits."),
    "shape-invalid": ("The body does not have the shape of this call.", "Compare it with the API description."),
}


class Members(dict[str, Any]):
    """A JSON object that remembers the names that stood in it twice."""

    repeated: tuple[str, ...] = ()


class Faults:
    """Gathers faults up to a bound."""

    def __init__(self) -> None:
        """Begin with none."""
        self.found: list[FieldError] = []

    def add(self, pointer: str, code: str, remedy: str | None = None) -> None:
        """Add one fault, unless there are too many already."""
        if len(self.found) < limits.FIELD_ERRORS_MAX:
            self.found.append(fault(pointer, code, remedy))


def fault(pointer: str, code: str, remedy: str | None = None) -> FieldError:
    """Return a fault with the message of its code."""
    message, usual_remedy = MESSAGES[code]
    return FieldError(pointer=pointer, code=code, message=message, remedy=remedy or usual_remedy)


def find_faults(raw: bytes, shape: type) -> tuple[FieldError, ...]:
    """Return every fault of a body; none when it has the shape."""
    faults = Faults()
    parsed = parse_exactly(raw, faults)
    if not faults.found:
        walk(parsed, type_of(shape), "", faults)
    return tuple(faults.found)


def parse_exactly(raw: bytes, faults: Faults) -> Any:
    """Parse JSON without losing what stood in it twice; what cannot be parsed becomes a fault."""
    if is_too_deep(raw):
        faults.add("", "json-too-deep")
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        faults.add("", "json-not-utf-8")
        return None
    try:
        return json.loads(text, object_pairs_hook=_remember_repeated, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        faults.add("", "json-invalid")
        return None


def _remember_repeated(pairs: list[tuple[str, Any]]) -> Members:
    """Build an object that knows its repeated names."""
    members = Members(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        members.repeated = tuple(name for name in members if names.count(name) > 1)
    return members


def _refuse_constant(_: str) -> NoReturn:
    """Refuse NaN and the infinities, which Python reads and JSON does not have."""
    raise ValueError("not a JSON number")


@lru_cache(maxsize=256)
def type_of(shape: type) -> inspect.Type:
    """Return msgspec's description of a type, once."""
    return inspect.type_info(shape)


Walk = Callable[[Any, Any, str, Faults], None]


def walk(value: Any, wanted: inspect.Type, pointer: str, faults: Faults) -> None:
    """Compare a value with the type that is wanted, and everything in it."""
    step: Walk = WALKS.get(type(wanted), walk_anything)
    step(value, wanted, pointer, faults)


def walk_struct(value: Any, wanted: inspect.StructType, pointer: str, faults: Faults) -> None:
    """Check the fields of an object: unknown, repeated, missing, and each one's value."""
    if not isinstance(value, Members):
        faults.add(pointer, "type-object")
        return
    known = {field.encode_name: field for field in wanted.fields}
    for name in value.repeated:
        faults.add(below(pointer, name, known), "name-repeated")
    for name in value:
        if name not in known:
            likely = get_close_matches(name, known, n=1)
            faults.add(below(pointer, name, known), "field-unknown", f"Did you mean {likely[0]}?" if likely else None)
    items_max = ITEMS_MAX.get(wanted.cls, {})
    for name, field in known.items():
        place = f"{pointer}/{name}"
        if name not in value:
            if field.required:
                faults.add(place, "field-missing")
            continue
        item = value[name]
        if isinstance(item, list) and len(item) > items_max.get(name, len(item)):
            faults.add(place, "items-too-many")
            continue
        walk(item, field.type, place, faults)


def below(pointer: str, name: str, known: Mapping[str, object]) -> str:
    """Point at a member; at its object when the name is not one that can be told back."""
    return f"{pointer}/{name}" if name in known or TELLABLE_NAME.fullmatch(name) else pointer


def walk_union(value: Any, wanted: inspect.UnionType, pointer: str, faults: Faults) -> None:
    """Check against the alternative that has the JSON kind of the value."""
    option = alternative(value, wanted)
    if option is not None:
        walk(value, option, pointer, faults)


def alternative(value: Any, wanted: inspect.UnionType) -> inspect.Type | None:
    """Return the alternative that has the JSON kind of the value; None for a null where there may be one."""
    options = [option for option in wanted.types if not isinstance(option, inspect.NoneType)]
    if value is None and len(options) < len(wanted.types):
        return None
    fitting = [option for option in options if takes_kind(option, value)]
    return (fitting or options)[0]


def takes_kind(wanted: inspect.Type, value: Any) -> bool:
    """Tell whether a type is written as the JSON kind that this value has."""
    if isinstance(wanted, inspect.LiteralType):
        return any(type(each) is type(value) for each in wanted.values)
    return isinstance(value, KINDS.get(type(wanted), (object,))) and not (
        isinstance(value, bool) and isinstance(wanted, inspect.IntType | inspect.FloatType)
    )


def walk_text(value: Any, wanted: inspect.StrType, pointer: str, faults: Faults) -> None:
    """Check a string: its length, and characters that no text of ours can hold."""
    if not isinstance(value, str):
        faults.add(pointer, "type-string")
        return
    check_characters(value, pointer, faults)
    if len(value) < (wanted.min_length or 0):
        faults.add(pointer, "text-too-short")
    if wanted.max_length is not None and len(value) > wanted.max_length:
        faults.add(pointer, "text-too-long", f"Shorten it to {wanted.max_length} characters.")


def check_characters(value: str, pointer: str, faults: Faults) -> None:
    """Refuse NUL, which PostgreSQL cannot hold, and lone surrogates, which UTF-8 cannot."""
    if "\x00" in value:
        faults.add(pointer, "text-nul")
    if SURROGATE.search(value):
        faults.add(pointer, "text-surrogate")


def walk_literal(value: Any, wanted: inspect.LiteralType, pointer: str, faults: Faults) -> None:
    """Check that a value is one of those listed."""
    if not any(type(each) is type(value) and each == value for each in wanted.values):
        listed = ", ".join(str(each) for each in wanted.values)
        faults.add(pointer, "value-not-in-list", f"Send one of: {listed}.")


def walk_list(value: Any, wanted: inspect.VarTupleType, pointer: str, faults: Faults) -> None:
    """Check every item of an array."""
    if not isinstance(value, list):
        faults.add(pointer, "type-array")
        return
    for place, item in enumerate(value):
        walk(item, wanted.item_type, f"{pointer}/{place}", faults)


def walk_map(value: Any, wanted: inspect.DictType, pointer: str, faults: Faults) -> None:
    """Check every value of a map; its keys are the sender's own and are not told back."""
    if not isinstance(value, Members):
        faults.add(pointer, "type-object")
        return
    if value.repeated:
        faults.add(pointer, "name-repeated")
    for name, item in value.items():
        check_characters(name, pointer, faults)
        walk(item, wanted.value_type, below(pointer, name, {}), faults)


def walk_instant(value: Any, wanted: inspect.DateTimeType, pointer: str, faults: Faults) -> None:
    """Check an instant, and its zone where one is required."""
    if not isinstance(value, str):
        faults.add(pointer, "instant-invalid")
        return
    try:
        instant = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        faults.add(pointer, "instant-invalid")
        return
    if wanted.tz and instant.tzinfo is None:
        faults.add(pointer, "instant-without-zone")
    check_year(instant, pointer, faults)


def walk_date(value: Any, _: inspect.DateType, pointer: str, faults: Faults) -> None:
    """Check a date, and that its year is one that can be counted from."""
    try:
        day = msgspec.convert(value, date)
    except msgspec.ValidationError:
        faults.add(pointer, "date-invalid")
        return
    check_year(day, pointer, faults)


def check_year(moment: date, pointer: str, faults: Faults) -> None:
    """Refuse years from which no term can be computed: the calendar of the law ends before that of the machine."""
    if moment.year < limits.OCCURRED_YEAR_MIN:
        faults.add(pointer, "too-early")
    elif moment.year > limits.YEAR_MAX:
        faults.add(pointer, "too-late")


def walk_scalar(value: Any, wanted: inspect.Type, pointer: str, faults: Faults) -> None:
    """Check a scalar as msgspec itself would, and give the fault the code of its kind."""
    python_type, code = SCALARS[type(wanted)]
    try:
        msgspec.convert(value, python_type)
    except msgspec.ValidationError:
        faults.add(pointer, code)


def walk_null(value: Any, _: inspect.NoneType, pointer: str, faults: Faults) -> None:
    """Check that nothing stands here."""
    if value is not None:
        faults.add(pointer, "shape-invalid")


def walk_anything(value: Any, _: inspect.Type, pointer: str, faults: Faults) -> None:
    """Check what every JSON value must obey, where the contract leaves its shape open."""
    if isinstance(value, str):
        check_characters(value, pointer, faults)
    elif isinstance(value, Members):
        if value.repeated:
            faults.add(pointer, "name-repeated")
        for name, item in value.items():
            check_characters(name, pointer, faults)
            walk_anything(item, _, pointer, faults)
    elif isinstance(value, list):
        for item in value:
            walk_anything(item, _, pointer, faults)


WALKS: Final[Mapping[type, Walk]] = {
    inspect.StructType: walk_struct,
    inspect.UnionType: walk_union,
    inspect.StrType: walk_text,
    inspect.LiteralType: walk_literal,
    inspect.VarTupleType: walk_list,
    inspect.DictType: walk_map,
    inspect.DateTimeType: walk_instant,
    inspect.DateType: walk_date,
    inspect.UUIDType: walk_scalar,
    inspect.BoolType: walk_scalar,
    inspect.IntType: walk_scalar,
    inspect.FloatType: walk_scalar,
    inspect.NoneType: walk_null,
}
SCALARS: Final[Mapping[type, tuple[type, str]]] = {
    inspect.UUIDType: (UUID, "type-string"),
    inspect.BoolType: (bool, "type-boolean"),
    inspect.IntType: (int, "type-integer"),
    inspect.FloatType: (float, "type-number"),
}
KINDS: Final[Mapping[type, tuple[type, ...]]] = {
    inspect.StructType: (dict,),
    inspect.DictType: (dict,),
    inspect.VarTupleType: (list,),
    inspect.StrType: (str,),
    inspect.DateTimeType: (str,),
    inspect.DateType: (str,),
    inspect.UUIDType: (str,),
    inspect.BoolType: (bool,),
    inspect.IntType: (int,),
    inspect.FloatType: (int, float),
}
