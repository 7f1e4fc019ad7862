"""Serves ports to our own processes: `POST /internal/v1/<port>/<verb>`, the arguments by name in one JSON object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import msgspec

from services.runtime import limits
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected
from services.runtime.http import (
    PARTY_KEY,
    PROBLEM,
    TEMPLATE_KEY,
    Answer,
    Heads,
    MethodNotAllowed,
    Receive,
    Scope,
    Send,
    problem_answer,
    problem_of,
    read_body,
    send_answer,
    status_of,
)
from services.runtime.log import Log
from services.runtime.log_events import CALL_REFUSED
from services.runtime.remote.client import RAISED_NAME
from services.runtime.remote.ports import Port, Verb, verbs_of
from services.runtime.remote.raised import describe

RAISED: Final = "raised"
RAISED_HEADER: Final = ((RAISED_NAME, b"1"),)


class CallUnreadable(Rejected):
    """The arguments of this call are not those of its verb."""

    code = "call-unreadable"
    remedy = "Run versions of our services that are one release apart at most."

    def __init__(self) -> None:
        """Say no more: what was sent may identify a person."""
        super().__init__((FieldError(pointer="", code=self.code, message="Not these arguments.", remedy=self.remedy),))


class VerbUnknown(GrootboekError):
    """This process serves no such port or verb."""

    code = "verb-unknown"
    kind = Kind.NOT_FOUND
    remedy = "Check the addresses of the services, and that their versions are one release apart at most."


class Guard(Protocol):
    """Says which service calls, and whether it may."""

    def admit(self, authorization: str | None, port: str) -> str:
        """Return the name of the service that calls; raise a GrootboekError when it may not call this port."""
        ...


Translate = Callable[[Exception], GrootboekError | None]
"""Says an error of another family as one of ours; None for one that is a fault."""


def translate_nothing(_: Exception) -> GrootboekError | None:
    """Take every other error for a fault."""
    return None


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A port and who implements it here."""

    port: Port[Any]
    implementation: object
    translate: Translate = translate_nothing


class RemoteServer:
    """The ports of this process, as an application for one path each verb."""

    def __init__(self, served: Sequence[Served], *, guard: Guard, log: Log) -> None:
        """Serve these to whom `guard` admits."""
        self._guard = guard
        self._log = log
        self._verbs = {
            verb.path: (verb, each.implementation, each.translate)
            for each in served
            for verb in verbs_of(each.port).values()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call; a fault of ours goes on to the outer door."""
        try:
            answer = await self._answer(scope, receive)
        except GrootboekError as error:
            self._log.write(CALL_REFUSED, route=scope.get(TEMPLATE_KEY), code=error.code)
            answer = problem_answer(error)
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """Look at who calls before at what he says, and perform the verb."""
        found = self._verbs.get(scope["path"])
        if found is None:
            raise VerbUnknown
        verb, implementation, translate = found
        scope[TEMPLATE_KEY] = verb.path
        if scope["method"] != "POST":
            raise MethodNotAllowed(("POST",))
        heads = Heads(scope)
        scope[PARTY_KEY] = self._guard.admit(_authorization(heads), verb.port)
        given = _read(verb, await read_body(heads, receive, limits.REMOTE_BODY_BYTES_MAX))
        try:
            return Answer(200, await verb.perform(implementation, given))
        except Exception as error:
            ours = error if isinstance(error, GrootboekError) else translate(error)
            if ours is None:
                raise
            return raised_answer(ours)


def raised_answer(error: GrootboekError) -> Answer:
    """Return the answer for an error that the verb raised: a problem that also says how to make it again."""
    body = msgspec.json.encode(problem_of(error, **{RAISED: describe(error)}))
    return Answer(status_of(error), body, PROBLEM, RAISED_HEADER)


def _read(verb: Verb, body: bytes) -> Any:
    """Return the arguments; raise CallUnreadable, which tells nothing of them, when they are others."""
    try:
        return verb.read_call(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, TypeError, ValueError):
        raise CallUnreadable from None


def _authorization(heads: Heads) -> str | None:
    """Return the header that says who calls; None when it is not there or there twice."""
    try:
        return heads.find(b"authorization")
    except ValueError:
        return None
