"""Calls a port that another process serves, as if it stood here: same arguments, same answers, same errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeVar, cast

import msgspec

from services.runtime.errors import GrootboekError, Unavailable
from services.runtime.remote.ports import Port, Verb, verbs_of
from services.runtime.remote.raised import Raised, rebuild
from services.runtime.service_tokens import ServiceNotAllowed, ServiceUnknown

P = TypeVar("P")
OK: Final = 200
UNAUTHENTICATED: Final = 401
FORBIDDEN: Final = 403
BUSY: Final = 503
# A header of answers that the verb itself raised: whoever called may not try again as if the call had not arrived.
RAISED_NAME: Final = b"grootboek-raised"


class ServiceUnreachable(Unavailable):
    """A service that this call needs does not answer at this moment."""

    code = "service-unreachable"
    remedy = "Send the same request again, with the same key, after the time in Retry-After; nothing is stored twice."


class RemoteFault(Exception):
    """The other process failed or would not listen, by no fault of whoever asked.

    Like any fault within this process it is no GrootboekError, so that the outer door answers and logs it as one.
    """

    code = "remote-fault"


class ServiceRefused(RemoteFault):
    """The other process does not take our calls: it does not know our key, or this port is not for us.

    Its code is that of the other process where that says why; no other word of its answer is taken over.
    """

    code = "service-refused"
    remedy = "Check the address that this service was given: what answers there is none of our own services."

    def __init__(self, code: str) -> None:
        """Say why in the words of our own list; ``code`` is what the other process gave."""
        known = next((error for error in (ServiceUnknown, ServiceNotAllowed) if error.code == code), None)
        if known is not None:
            self.code, self.remedy = known.code, known.remedy
        super().__init__(self.code)


class Reply(msgspec.Struct, frozen=True):
    """What came back: the status and the body, and whether the verb itself raised what stands there."""

    status: int
    body: bytes
    raised: bool = False


class Transport(Protocol):
    """Brings a call to the other process."""

    async def post(self, verb: Verb, body: bytes) -> Reply:
        """Return the reply; raise ServiceUnreachable when there is none."""
        ...


class _Problem(msgspec.Struct, frozen=True):
    """The part of a problem answer that makes its error again; absent when not the verb but its server refused."""

    code: str = ""
    raised: Raised | None = None


_read_problem: Final = msgspec.json.Decoder(_Problem).decode


def remote(port: Port[P], transport: Transport) -> P:
    """Return the port as the other process implements it."""
    methods = {name: _calling(verb, transport) for name, verb in verbs_of(port).items()}
    return cast(P, type(f"Remote{port.protocol.__name__}", (), methods)())


def _calling(verb: Verb, transport: Transport) -> Callable[..., Awaitable[Any]]:
    """Return the method that makes one call."""

    async def call(_: object, *arguments: Any, **named: Any) -> Any:
        reply = await transport.post(verb, verb.write_call(*arguments, **named))
        if reply.status != OK:
            raise error_of(reply)
        try:
            return verb.read_answer(reply.body)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise RemoteFault("unreadable answer") from error

    return call


def error_of(reply: Reply) -> GrootboekError | RemoteFault:
    """Return the error in a reply: the verb's own, or that there was no answer of the verb."""
    try:
        problem = _read_problem(reply.body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        problem = _Problem()
    if problem.raised is not None:
        return rebuild(problem.raised)
    if reply.status in {UNAUTHENTICATED, FORBIDDEN}:
        return ServiceRefused(problem.code)
    return ServiceUnreachable() if reply.status == BUSY else RemoteFault(f"status {reply.status} {problem.code}")
