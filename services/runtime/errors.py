"""The one family of errors: every class says its message in its docstring and its remedy beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import ClassVar

import msgspec

from services.runtime import limits


class Kind(StrEnum):
    """What an error means to a caller; the entrypoints map it to a status, the domain never names one."""

    REJECTED = "rejected"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    NOT_ACCEPTABLE = "not-acceptable"
    CONFLICT = "conflict"
    TOO_LARGE = "too-large"
    UNSUPPORTED_MEDIA = "unsupported-media"
    TOO_MANY = "too-many"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class FieldError(msgspec.Struct, frozen=True):
    """One fault in a request: where it stands (RFC 6901 pointer), its stable code, what and how to repair.

    It never carries the value itself: a value may identify a person.
    """

    pointer: str
    code: str
    message: str
    remedy: str


def faults_from(texts: Mapping[str, tuple[str, str]]) -> Callable[[str, str], FieldError]:
    """Return what makes the fault of a pointer and a code, out of a table of messages and remedies by code."""

    def fault(pointer: str, code: str) -> FieldError:
        return FieldError(pointer, code, *texts[code])

    return fault


class GrootboekError(Exception):
    """Something went wrong in the ledger."""

    code: ClassVar[str] = "internal_error"
    remedy: ClassVar[str] = "Report the trace id of the answer to the operator of this ledger."
    kind: ClassVar[Kind] = Kind.INTERNAL
    retryable: ClassVar[bool] = False
    # How long to wait before asking again, where asking again may help.
    retry_after_seconds: int = limits.RETRY_AFTER_SECONDS
    # What sort of thing went wrong; empty for the first line of the docstring, which is the rule.
    title: ClassVar[str] = ""

    def __init__(self, message: str | None = None) -> None:
        """Take the first line of the class docstring as the message unless a more exact one is given.

        A given message must not hold values of fields: it is shown to callers and written to logs.
        """
        self.message = message or first_line(type(self).__doc__)
        super().__init__(self.message)


class Rejected(GrootboekError):
    """The request is malformed; every fault found is listed."""

    code = "rejected"
    remedy = "Repair every listed fault and send the request again."
    kind = Kind.REJECTED

    def __init__(self, errors: tuple[FieldError, ...], message: str | None = None) -> None:
        """Carry all faults at once (API design rules: never one at a time)."""
        super().__init__(message)
        self.errors = errors


class AddressUnknown(GrootboekError):
    """There is nothing at this address."""

    code = "not-found"
    remedy = "Check the path against /openapi.json; a trailing slash makes it another one."
    kind = Kind.NOT_FOUND


class Unavailable(GrootboekError):
    """The ledger cannot answer at this moment."""

    code = "unavailable"
    remedy = "Try again with the same key; nothing is stored twice."
    kind = Kind.UNAVAILABLE
    retryable = True


def title_of(error: GrootboekError) -> str:
    """Return what sort of thing went wrong, in a sentence; the same for every error of a class."""
    return error.title or first_line(type(error).__doc__)


def first_line(docstring: str | None) -> str:
    """Return the first line of a docstring without its indentation, or an empty string."""
    return (docstring or "").strip().partition("\n")[0].strip()
