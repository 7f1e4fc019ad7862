"""Values of any type of our contracts, drawn from its annotations: what a struct may hold is what gets tried."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from hypothesis import strategies as st

from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy, NotFound
from services.runtime.errors import FieldError, GrootboekError, Rejected
from tests.support.recording_ledger import refusal

ITEMS_MAX = 3
TEXT_MAX = 12
WHOLE = st.integers(-(2**63), 2**63 - 1)
ZONES = st.sampled_from((UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))))
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2999, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the zones are drawn
FAULT = FieldError(pointer="/subjects/0", code="bsn-invalid", message="This is no number.", remedy="Look again.")
ERRORS: st.SearchStrategy[GrootboekError] = st.one_of(
    st.builds(IdempotencyConflict),
    st.builds(LedgerBusy),
    st.builds(NotFound, st.just("Not that one.")),
    st.builds(Rejected, st.just((FAULT, FAULT))),
    st.builds(refusal),
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=TEXT_MAX),
    int: WHOLE,
    bool: st.booleans(),
    bytes: st.binary(max_size=TEXT_MAX),
    UUID: st.uuids(),
    date: st.dates(date(1900, 1, 1), date(2999, 12, 31)),
    datetime: MOMENTS,
    types.NoneType: st.none(),
    msgspec.UnsetType: st.just(msgspec.UNSET),
    GrootboekError: ERRORS,
}
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | PLAIN[str],
    lambda inner: st.lists(inner, max_size=ITEMS_MAX) | st.dictionaries(PLAIN[str], inner, max_size=ITEMS_MAX),
    max_leaves=6,
)


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return the values of a type, as its annotation bounds them."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return bounded(arguments[0], arguments[1:])
    if kind is Any:
        return JSON
    if kind is msgspec.Raw:
        return JSON.map(lambda value: msgspec.Raw(msgspec.json.encode(value)))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([values_of(argument) for argument in arguments])
    if origin in (dict, Mapping):
        return st.dictionaries(values_of(arguments[0]), values_of(arguments[1]), max_size=ITEMS_MAX)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return st.tuples(*(values_of(argument) for argument in arguments))
    if origin is not None:
        return many_of(origin, arguments[0])
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    assert issubclass(kind, msgspec.Struct), f"no values of {kind}"
    return st.deferred(lambda: structs_of(kind))


def many_of(origin: Any, inner: Any) -> st.SearchStrategy[Any]:
    """Return rows or sets of values; who takes any sequence gets a list, which is how one arrives."""
    some = st.lists(values_of(inner), max_size=ITEMS_MAX)
    return some.map(list if origin in (list, Sequence) else origin)


def structs_of(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Return structs in which every field may be left out that may be."""
    hints = get_type_hints(kind, include_extras=True)
    fields = msgspec.structs.fields(kind)
    required = {field.name: values_of(hints[field.name]) for field in fields if field.required}
    optional = {field.name: values_of(hints[field.name]) for field in fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda given: kind(**given))


def bounded(kind: Any, metas: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Return the values within the bounds of an annotation."""
    bounds = {
        name: value
        for meta in metas
        for name in ("min_length", "max_length", "ge", "le", "tz")
        if (value := getattr(meta, name)) is not None
    }
    if kind is str:
        least, most = bounds.get("min_length", 0), bounds.get("max_length", TEXT_MAX)
        return st.text(min_size=least, max_size=max(least, min(most, TEXT_MAX)))
    if kind is int:
        return st.integers(bounds.get("ge", -(2**63)), bounds.get("le", 2**63 - 1))
    assert set(bounds) <= {"tz"}, f"bounds that nobody draws: {bounds}"
    return values_of(kind)
