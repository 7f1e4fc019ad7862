"""What a type looks like on the wire between our own processes.

msgspec writes most of our types as they are. It cannot read back two things that ports do carry: a choice between
shapes that say nothing of which one they are (an act, a notice or an exemption), and an error that is returned instead
of an answer. Such a value travels as `["Act", {…}]`, within a twin of the struct that holds it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, reduce
from operator import attrgetter, or_
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.remote.raised import Raised, describe, rebuild

Change = Callable[[Any], Any]
ERROR_TAG: Final = "error"
SEQUENCES: Final = frozenset({list, tuple, Sequence, Iterable})
SETS: Final = frozenset({set, frozenset, AbstractSet})
MAPPINGS: Final = frozenset({dict, Mapping})
# Types that are put together while running, which no checker of types can follow.
_LIST: Final[Any] = list
_TUPLE: Final[Any] = tuple
_DICT: Final[Any] = dict


class Shape(msgspec.Struct, frozen=True):
    """How a value travels: the type that is encoded, and how to get there and back (None: it goes as it is)."""

    wire: Any
    lower: Change | None = None
    lift: Change | None = None


@lru_cache(maxsize=limits.REMOTE_SHAPES_CACHED_MAX)
def shape_of(kind: Any) -> Shape:
    """Return how values of a type travel."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        inner = shape_of(arguments[0])
        return Shape(kind) if inner.lower is None else inner
    if origin in (Union, types.UnionType):
        return _choice(kind, arguments)
    if origin in SEQUENCES or origin in SETS:
        return _items(kind, origin, arguments)
    if origin in MAPPINGS:
        return _values(kind, arguments)
    if isinstance(kind, type) and issubclass(kind, GrootboekError):
        return Shape(Raised, describe, rebuild)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _fields(kind)
    return Shape(kind)


def _choice(kind: Any, members: tuple[Any, ...]) -> Shape:
    """Return the shape of a union: as it is where msgspec can tell the members apart, tagged where it cannot."""
    named = tuple(member for member in members if member is not types.NoneType)
    shapes = tuple(shape_of(member) for member in named)
    if all(shape.lower is None for shape in shapes) and _can_tell_apart(named):
        return Shape(kind)
    inner = shapes[0] if len(named) == 1 else _tagged(named, shapes)
    if len(named) == len(members):
        return inner
    assert inner.lower is not None
    assert inner.lift is not None
    return Shape(inner.wire | None, _unless_none(inner.lower), _unless_none(inner.lift))


def _can_tell_apart(members: tuple[Any, ...]) -> bool:
    """Tell whether msgspec can decode a choice between these members."""
    try:
        msgspec.json.Decoder(reduce(or_, members))
    except TypeError:
        return False
    return True


def _tagged(members: tuple[type, ...], shapes: tuple[Shape, ...]) -> Shape:
    """Return a choice between structs or errors in which each says which one it is."""
    wrappers: dict[type, tuple[Any, Change | None]] = {}
    lifts: dict[type, Change | None] = {}
    for member, shape in zip(members, shapes, strict=True):
        is_error = issubclass(member, GrootboekError)
        tag = ERROR_TAG if is_error else member.__name__
        wrapper = msgspec.defstruct(f"Tagged{member.__name__}", [("value", shape.wire)], tag=tag, array_like=True)
        wrappers[member] = (wrapper, shape.lower)
        lifts[wrapper] = shape.lift

    def lower(value: Any) -> Any:
        found = wrappers.get(type(value)) or next(pair for kind, pair in wrappers.items() if isinstance(value, kind))
        wrapper, change = found
        return wrapper(value if change is None else change(value))

    def lift(wrapped: Any) -> Any:
        change = lifts[type(wrapped)]
        return wrapped.value if change is None else change(wrapped.value)

    return Shape(reduce(or_, lifts), lower, lift)


def _items(kind: Any, origin: Any, arguments: tuple[Any, ...]) -> Shape:
    """Return the shape of many values of one type, or of a tuple with a type for each place."""
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        return _places(kind, arguments)
    inner = shape_of(arguments[0])
    lower, lift = inner.lower, inner.lift
    if lower is None or lift is None:
        return Shape(kind)
    built: Callable[[Iterable[Any]], Any] = origin if origin in {list, tuple, set, frozenset} else list
    return Shape(_LIST[inner.wire], lambda many: list(map(lower, many)), lambda many: built(map(lift, many)))


def _places(kind: Any, arguments: tuple[Any, ...]) -> Shape:
    """Return the shape of a tuple with a type for each place."""
    shapes = tuple(shape_of(argument) for argument in arguments)
    if all(shape.lower is None for shape in shapes):
        return Shape(kind)
    return Shape(
        _TUPLE[tuple(shape.wire for shape in shapes)],
        _each([shape.lower for shape in shapes]),
        _each([shape.lift for shape in shapes]),
    )


def _values(kind: Any, arguments: tuple[Any, ...]) -> Shape:
    """Return the shape of a mapping; its keys go as they are."""
    key, inner = arguments[0], shape_of(arguments[1])
    lower, lift = inner.lower, inner.lift
    if lower is None or lift is None:
        return Shape(kind)
    return Shape(
        _DICT[key, inner.wire],
        lambda held: {name: lower(value) for name, value in held.items()},
        lambda held: {name: lift(value) for name, value in held.items()},
    )


def _fields(kind: type[msgspec.Struct]) -> Shape:
    """Return the shape of a struct: itself, or a twin of it where one of its fields cannot go as it is."""
    hints = get_type_hints(kind, include_extras=True)
    names = kind.__struct_fields__
    shapes = tuple(shape_of(hints[name]) for name in names)
    if all(shape.lower is None for shape in shapes):
        return Shape(kind)
    twin = msgspec.defstruct(
        f"{kind.__name__}OnTheWire",
        [(name, shape.wire) for name, shape in zip(names, shapes, strict=True)],
        forbid_unknown_fields=True,
    )
    fields = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
    lowered, lifted = _each([shape.lower for shape in shapes]), _each([shape.lift for shape in shapes])
    return Shape(
        twin,
        lambda value: twin(*lowered(fields(value))),
        lambda value: kind(**dict(zip(names, lifted(fields(value)), strict=True))),
    )


def _each(changes: Sequence[Change | None]) -> Change:
    """Return the change of a row of values, each by its own."""
    return lambda row: tuple(
        value if change is None else change(value) for value, change in zip(row, changes, strict=True)
    )


def _unless_none(change: Change) -> Change:
    """Return a change that leaves None alone."""
    return lambda value: None if value is None else change(value)
