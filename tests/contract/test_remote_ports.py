"""Every verb of every port between processes: what is sent arrives, and what is answered comes back."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ledger.contract.errors import IntentRefused
from services.ledger.contract.messages import Page
from services.ledger.contract.remote import CLOCK_FOLLOWER, LEDGER, LETTERS, NOTIFIER, RETENTION, STATUS
from services.notifier.contract.remote import DESK
from services.runtime.errors import GrootboekError
from services.runtime.remote.ports import Port, verbs_of
from services.runtime.remote.raised import describe
from tests.support.generated import values_of
from tests.support.recording_ledger import refusal
from tests.support.remote import over_remote

PORTS: tuple[Port[Any], ...] = (LEDGER, RETENTION, NOTIFIER, LETTERS, STATUS, CLOCK_FOLLOWER, DESK)
VERBS = [(port, name) for port in PORTS for name in verbs_of(port)]
NAMES = [f"{port.name}-{name}" for port, name in VERBS]
CALLS = int(os.environ.get("CALLS", "15"))


def encode(value: Any) -> bytes:
    """Return how a value is written for a partner; an error as all it says."""
    return msgspec.json.encode(comparable(value))


class Echo:
    """Implements any port: keeps what it was asked, and answers or raises what the test wants."""

    def __init__(self, answer: object = None, error: Exception | None = None) -> None:
        """Answer everything alike."""
        self.answer = answer
        self.error = error
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def method(*arguments: Any) -> Any:
            self.asked.append((name, arguments))
            if self.error is not None:
                raise self.error
            return self.answer

        return method


def spell(arguments: tuple[Any, ...]) -> bytes:
    """Return how arguments are spelled, zones and all; sets have no order."""
    return msgspec.json.encode(arguments, order="deterministic")


def parameters_of(port: Port[Any], name: str) -> dict[str, Any]:
    """Return the types of the arguments of a verb, by name."""
    hints = get_type_hints(getattr(port.protocol, name), include_extras=True)
    hints.pop("return")
    return hints


def answer_of(port: Port[Any], name: str) -> Any:
    """Return the type of the answer of a verb."""
    return get_type_hints(getattr(port.protocol, name), include_extras=True)["return"]


def comparable(value: Any) -> Any:
    """Return a value in which errors can be compared: by all they say."""
    if isinstance(value, GrootboekError):
        return f"{type(value).__module__}.{type(value).__qualname__}", describe(value)
    return [comparable(each) for each in value] if isinstance(value, list) else value


def call(port: Port[Any], name: str, echo: Echo, *arguments: Any, **named: Any) -> Any:
    """Make one call over the road between processes."""
    return asyncio.run(getattr(over_remote(port, echo), name)(*arguments, **named))


def calls_of(port: Port[Any], name: str) -> st.SearchStrategy[tuple[tuple[Any, ...], Any]]:
    """Return arguments of a verb with an answer."""
    arguments = st.tuples(*map(values_of, parameters_of(port, name).values()))
    return st.tuples(arguments, values_of(answer_of(port, name)))


@pytest.mark.parametrize(("port", "name"), VERBS, ids=NAMES)
def test_what_is_sent_arrives_and_what_is_answered_comes_back(port: Port[Any], name: str) -> None:
    """Arguments and answers of any value are equal on both sides, and give the same bytes when they are written."""

    @settings(max_examples=CALLS)
    @given(calls_of(port, name))
    def goes_and_comes(example: tuple[tuple[Any, ...], Any]) -> None:
        arguments, answer = example
        echo = Echo(answer)
        back = call(port, name, echo, *arguments)
        assert echo.asked == [(name, arguments)]
        assert spell(echo.asked[0][1]) == spell(arguments)
        assert comparable(back) == comparable(answer)
        assert encode(back) == encode(answer)

    goes_and_comes()


@pytest.mark.parametrize(("port", "name"), VERBS, ids=NAMES)
def test_arguments_may_be_given_by_name_or_left_out(port: Port[Any], name: str) -> None:
    """A verb takes its arguments by name, and those with a default may be left out, as in the protocol itself."""
    signature = inspect.signature(getattr(port.protocol, name))
    needed = [each for each, found in signature.parameters.items() if found.default is found.empty][1:]

    @settings(max_examples=3)
    @given(calls_of(port, name))
    def arrives(example: tuple[tuple[Any, ...], Any]) -> None:
        given_here = dict(zip(parameters_of(port, name), example[0], strict=True))
        echo = Echo(example[1])
        call(port, name, echo, **{each: given_here[each] for each in needed})
        bound = signature.bind(None, **{each: given_here[each] for each in needed})
        bound.apply_defaults()
        assert echo.asked == [(name, bound.args[1:])]

    arrives()


def test_answers_of_any_shape_give_the_same_bytes() -> None:
    """An answer that holds instants, days, ids, sets and structs is written for a partner as if it had stayed here."""
    answer = {
        "at": datetime(2026, 5, 3, 9, 0, 0, 120, UTC),
        "day": date(2026, 5, 3),
        "id": UUID(int=7),
        "many": (1, 2.5, 1e16, -0.0, 2**63 + 1),
        "set": frozenset({"a"}),
        "page": Page(items=(refusal().verdict,)),
        "": "\u20ac\u0000\U0001f600",
    }
    back = call(LEDGER, "ready", Echo(answer))
    assert encode(back) == encode(answer)


@pytest.mark.parametrize(("port", "name"), VERBS, ids=NAMES)
def test_what_a_verb_raises_is_raised_here(port: Port[Any], name: str) -> None:
    """An error of any verb arrives as itself."""

    @settings(max_examples=3)
    @given(calls_of(port, name))
    def raises(example: tuple[tuple[Any, ...], Any]) -> None:
        error = refusal()
        with pytest.raises(IntentRefused) as raised:
            call(port, name, Echo(error=error), *example[0])
        assert comparable(raised.value) == comparable(error)

    raises()
