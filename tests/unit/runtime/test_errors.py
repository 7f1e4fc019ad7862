"""The family of errors."""

from __future__ import annotations

import importlib
import pkgutil
import re

import services
from services.runtime.errors import AddressUnknown, FieldError, GrootboekError, Kind, Rejected, Unavailable


def all_errors(parent: type[GrootboekError] = GrootboekError) -> list[type[GrootboekError]]:
    """Return every class of the family that any module defines."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: list[type[GrootboekError]] = []
    waiting = [parent]
    while waiting:
        children = waiting.pop().__subclasses__()
        found += children
        waiting += children
    return found


def test_message_is_the_docstring() -> None:
    """Without anything more exact the class docstring is the message."""
    assert str(AddressUnknown()) == "There is nothing at this address."


def test_given_message_wins() -> None:
    """A more exact message replaces the docstring."""
    assert AddressUnknown("No such lane.").message == "No such lane."


def test_rejected_carries_all_faults() -> None:
    """A rejection tells every fault at once."""
    faults = tuple(FieldError(pointer=f"/{n}", code="missing", message="m", remedy="r") for n in range(3))
    assert Rejected(faults).errors == faults
    assert Rejected(faults).kind is Kind.REJECTED


def test_only_what_may_succeed_later_is_retryable() -> None:
    """The base is not retryable; unavailability is."""
    assert not GrootboekError.retryable
    assert Unavailable.retryable


def test_every_error_documents_itself() -> None:
    """Every error of the project has a sentence of its own, a remedy and a well-formed code."""
    for error in all_errors():
        assert error.__doc__, error
        assert error.__doc__.strip().partition("\n")[0].endswith("."), error
        assert error.remedy.endswith("."), error
        assert re.fullmatch(r"[a-z0-9]+([_-][a-z0-9]+)*", error.code), error
        assert isinstance(error.kind, Kind), error
