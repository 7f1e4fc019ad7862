"""An error on its way from the process where it was raised to the one that asked.

It arrives as an instance of its own class where that is known, else of the nearest class above it that is, saying the
same in every word: the problem answer that a caller of the gateway gets does not depend on where the ledger runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_type_hints

import msgspec

from services.runtime import limits
from services.runtime.errors import FieldError, GrootboekError, Kind, title_of

STATED: Final = ("code", "kind", "remedy", "retryable")


class Raised(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What an error says, which classes it belongs to (nearest first), and what else its class carries."""

    family: tuple[str, ...]
    code: str
    kind: Kind
    title: str
    message: str
    remedy: str
    retryable: bool = False
    errors: tuple[FieldError, ...] | None = None
    more: dict[str, msgspec.Raw] = {}


def describe(error: GrootboekError) -> Raised:
    """Say all of an error."""
    fields = {name: value for name, value in vars(error).items() if not name.startswith("__")}
    for stated in ("message", "title", "errors", "family", *STATED):
        fields.pop(stated, None)
    return Raised(
        # One that came from elsewhere goes on as what it was there.
        family=vars(error).get("family") or tuple(_family(type(error))),
        code=error.code,
        kind=error.kind,
        title=title_of(error),
        message=error.message,
        remedy=error.remedy,
        retryable=error.retryable,
        errors=getattr(error, "errors", None),
        more={name: msgspec.Raw(msgspec.json.encode(value)) for name, value in fields.items()},
    )


def rebuild(raised: Raised) -> GrootboekError:
    """Make the error again; its own `__init__` is passed over, since what it would work out has arrived."""
    kind = _known.nearest(raised.family)
    error = kind.__new__(kind, raised.message)
    fields: dict[str, Any] = {"message": raised.message}
    if raised.errors is not None:
        fields["errors"] = raised.errors
    if raised.family[:1] != (name_of(kind),):
        fields["family"] = raised.family
    hints = _known.types_of(kind)
    for name, value in raised.more.items():
        fields[name] = _read(value, hints.get(name, Any))
    for name in STATED:
        if getattr(kind, name) != getattr(raised, name):
            fields[name] = getattr(raised, name)
    if title_of(error) != raised.title:
        fields["title"] = raised.title
    vars(error).update(fields)
    return error


def name_of(kind: type[GrootboekError]) -> str:
    """Return what a class is called between processes: codes are for callers, and two classes may share one."""
    return f"{kind.code}/{kind.__name__}"


def _family(kind: type[GrootboekError]) -> Iterator[str]:
    """Name a class and those above it, as far as they are ours."""
    for above in kind.__mro__:
        if issubclass(above, GrootboekError):
            yield name_of(above)


def _read(value: msgspec.Raw, kind: Any) -> Any:
    """Return a value as its class has it; as it came where a newer or an older class has another sort of it."""
    try:
        return msgspec.json.decode(value, type=kind)
    except msgspec.ValidationError:
        return msgspec.json.decode(value)


class _Known:
    """The error classes of this process by name. A family is looked up once: who catches a class has imported it."""

    def __init__(self) -> None:
        self._nearest: dict[tuple[str, ...], type[GrootboekError]] = {}
        # As many as there are classes.
        self._types: dict[type[GrootboekError], dict[str, Any]] = {}

    def nearest(self, family: tuple[str, ...]) -> type[GrootboekError]:
        """Return the first class of a family that is known here."""
        found = self._nearest.get(family)
        if found is None:
            by_name = {name_of(kind): kind for kind in _all_below(GrootboekError)}
            found = next((by_name[name] for name in family if name in by_name), GrootboekError)
            if len(self._nearest) >= limits.REMOTE_FAMILIES_CACHED_MAX:
                self._nearest.clear()
            self._nearest[family] = found
        return found

    def types_of(self, kind: type[GrootboekError]) -> dict[str, Any]:
        """Return the types of what a class takes besides its message, which are those of its attributes."""
        found = self._types.get(kind)
        if found is None:
            is_plain = kind.__init__ is GrootboekError.__init__
            found = self._types[kind] = {} if is_plain else get_type_hints(kind.__init__)
        return found


def _all_below(kind: type[GrootboekError]) -> Iterator[type[GrootboekError]]:
    """Yield a class and everything below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from _all_below(below)


_known: Final = _Known()
