"""What a port between processes is: a name, a protocol of async methods, and how each of them may be treated."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar, get_type_hints

import msgspec

from services.runtime import limits
from services.runtime.remote.shapes import Change, shape_of

P = TypeVar("P")
PREFIX: Final = "/internal/v1/"

encode: Final = msgspec.json.Encoder().encode


class Port(msgspec.Struct, Generic[P], frozen=True, kw_only=True):
    """A protocol under the name it is served by.

    `repeatable`: verbs that may be sent again when nobody knows whether the first time arrived, since a second time
    changes nothing. `patient`: verbs that may take minutes.
    """

    name: str
    # Not `type[P]`: that would not take a protocol, which is what it is for.
    protocol: type[Any]
    repeatable: frozenset[str] = frozenset()
    patient: frozenset[str] = frozenset()


class Verb(msgspec.Struct, frozen=True, kw_only=True):
    """One method of a port, with all that is needed to send and to serve it."""

    port: str
    name: str
    path: str
    arguments: type[msgspec.Struct]
    lower_arguments: Change | None
    lift_arguments: Change | None
    decode_arguments: Callable[[bytes], Any]
    lower_answer: Change | None
    lift_answer: Change | None
    decode_answer: Callable[[bytes], Any]
    repeatable: bool
    seconds: float

    def write_call(self, *arguments: Any, **named: Any) -> bytes:
        """Return the body of a call."""
        given = self.arguments(*arguments, **named)
        return encode(given if self.lower_arguments is None else self.lower_arguments(given))

    def read_call(self, body: bytes) -> Any:
        """Return the arguments of a call; raises what msgspec raises for anything else."""
        given = self.decode_arguments(body)
        return given if self.lift_arguments is None else self.lift_arguments(given)

    async def perform(self, implementation: object, given: Any) -> bytes:
        """Do what is asked and return the body of the answer."""
        method: Callable[..., Awaitable[Any]] = getattr(implementation, self.name)
        answer = await method(*msgspec.structs.astuple(given))
        return encode(answer if self.lower_answer is None else self.lower_answer(answer))

    def read_answer(self, body: bytes) -> Any:
        """Return the answer in a body."""
        answer = self.decode_answer(body)
        return answer if self.lift_answer is None else self.lift_answer(answer)


@lru_cache(maxsize=limits.REMOTE_PORTS_MAX)
def verbs_of(port: Port[Any]) -> Mapping[str, Verb]:
    """Return the verbs of a port by name: the public async methods of its protocol."""
    methods = {
        name: method
        for name, method in inspect.getmembers(port.protocol, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert methods, "a port without verbs"
    assert methods.keys() >= port.repeatable | port.patient, "a verb that the port does not have"
    return {name: _verb(port, name, method) for name, method in methods.items()}


def _verb(port: Port[Any], name: str, method: Callable[..., Any]) -> Verb:
    """Compile one method."""
    hints = get_type_hints(method, include_extras=True)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        assert parameter.kind is parameter.POSITIONAL_OR_KEYWORD, "a parameter that has no one name"
        field = (parameter.name, hints[parameter.name])
        fields.append(field if parameter.default is parameter.empty else (*field, parameter.default))
    arguments = msgspec.defstruct(f"{name}_arguments", fields, frozen=True, forbid_unknown_fields=True)
    asked, answered = shape_of(arguments), shape_of(hints["return"])
    return Verb(
        port=port.name,
        name=name,
        path=f"{PREFIX}{port.name}/{name}",
        arguments=arguments,
        lower_arguments=asked.lower,
        lift_arguments=asked.lift,
        decode_arguments=msgspec.json.Decoder(asked.wire).decode,
        lower_answer=answered.lower,
        lift_answer=answered.lift,
        decode_answer=msgspec.json.Decoder(answered.wire).decode,
        repeatable=name in port.repeatable,
        seconds=limits.REMOTE_PATIENT_SECONDS_MAX if name in port.patient else limits.REMOTE_CALL_SECONDS_MAX,
    )
