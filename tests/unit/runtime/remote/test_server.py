"""The server of ports: who may not call learns nothing, and what is no call is turned away before anything is done."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import msgspec
import pytest

from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.errors import Unavailable
from services.runtime.log import MemoryLog
from services.runtime.remote.client import Reply
from services.runtime.remote.ports import Port, verbs_of
from tests.support.remote import CALLEE, ask_app, server_app, tokens_of

SECRET = "999990019"


class Counting(Protocol):
    """A port that counts."""

    async def count(self, text: str, times: int = 1) -> int:
        """Count the letters."""
        ...

    async def weigh(self, tree: Any) -> int:
        """Weigh anything."""
        ...


class Counter:
    """Counts, and remembers that it was asked."""

    def __init__(self) -> None:
        """Nothing was asked."""
        self.asked = 0
        self.failing: Exception | None = None

    async def count(self, text: str, times: int = 1) -> int:
        """Count the letters, or fail."""
        self.asked += 1
        if self.failing is not None:
            raise self.failing
        return len(text) * times

    async def weigh(self, tree: Any) -> int:
        """Weigh the whole."""
        self.asked += 1
        return len(repr(tree))


COUNTING: Port[Counting] = Port(name="counting", protocol=Counting)
PATH = "/internal/v1/counting/count"


class Bench:
    """A server of one port, and what became of a call."""

    def __init__(self) -> None:
        """Serve a counter."""
        self.counter = Counter()
        self.log = MemoryLog()
        self.app = server_app((COUNTING, self.counter), log=self.log)

    def ask(self, body: bytes, path: str = PATH, *, service: str = "gateway", **how: Any) -> Reply:
        """Make one request, with a good token unless the test gives headers."""
        headers = how.pop("headers", {"authorization": f"Bearer {tokens_of(service).token(CALLEE)}"})
        return asyncio.run(ask_app(self.app, path, body, headers, **how))


@pytest.fixture
def bench() -> Bench:
    """Return a bench of its own."""
    return Bench()


def code_of(reply: Reply) -> tuple[int, str]:
    """Return the status and code of a problem answer."""
    return reply.status, msgspec.json.decode(reply.body)["code"]


def test_a_call_is_answered(bench: Bench) -> None:
    """Arguments by name in, the answer out; what has a default may be left out."""
    assert bench.ask(b'{"text":"abc"}') == Reply(200, b"3")
    assert bench.ask(b'{"times":2,"text":"abc"}') == Reply(200, b"6")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"abc"',
        b'{"text":"abc"',
        b'{"text":"abc"}{}',
        b'{"text":12}',
        b'{"text":"abc","times":"2"}',
        b'{"text":"abc","times":1.5}',
        b'{"text":null}',
        b'{"times":2}',
        b'{"text":"abc","more":1}',
        b'{"text":"\\ud800"}',
        b'{"text":"\xff"}',
    ],
)
def test_other_arguments_are_turned_away(bench: Bench, body: bytes) -> None:
    """What are not exactly the arguments of the verb is a 400 that repeats nothing, and nothing is done."""
    reply = bench.ask(body.replace(b"abc", SECRET.encode()))
    assert code_of(reply) == (400, "call-unreadable")
    assert SECRET.encode() not in reply.body
    assert SECRET not in repr(bench.log.written)
    assert bench.counter.asked == 0
    assert not reply.raised


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_json_of_any_depth_is_turned_away(bench: Bench, opening: bytes) -> None:
    """A body that is deeper than any decoder goes is a 400, not a crash."""
    reply = bench.ask(b'{"tree":' + opening * 200_000, "/internal/v1/counting/weigh")
    assert code_of(reply) == (400, "call-unreadable")
    assert bench.counter.asked == 0


def test_a_body_that_is_too_large_is_turned_away(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the bound nothing is read any further."""
    monkeypatch.setattr(limits, "REMOTE_BODY_BYTES_MAX", 100)
    assert bench.ask(b'{"text":"abc"}').status == 200
    assert code_of(bench.ask(b'{"text":"' + b"a" * 100 + b'"}')) == (413, "body-too-large")


def test_who_is_not_known_learns_nothing(bench: Bench) -> None:
    """Without a token the arguments are not looked at, and the caller is not told what stands here."""
    assert code_of(bench.ask(b"nonsense", headers={})) == (401, "service-unknown")
    assert bench.counter.asked == 0
    assert [event.name for event, _ in bench.log.written] == ["call.refused", "request.answered"]


def test_a_service_that_may_not_call_is_refused(bench: Bench) -> None:
    """A service whose key is not among those of the callers is not known here, whoever signed."""
    assert code_of(bench.ask(b'{"text":"abc"}', service="notifier")) == (401, "service-unknown")
    assert bench.counter.asked == 0


@pytest.mark.parametrize("path", ["/internal/v1/counting", "/internal/v1/counting/add", "/internal/v1/other/count"])
def test_what_is_not_served_is_not_found(bench: Bench, path: str) -> None:
    """A port or verb that is not here is a 404 of the server, which no caller takes for a NotFound of a verb."""
    reply = bench.ask(b"{}", path)
    assert code_of(reply) == (404, "verb-unknown")
    assert not reply.raised


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_verb_is_posted(bench: Bench, method: str) -> None:
    """No other method calls anything."""
    assert code_of(bench.ask(b'{"text":"abc"}', method=method)) == (405, "method-not-allowed")
    assert bench.counter.asked == 0


def test_an_error_of_the_verb_is_marked_as_such(bench: Bench) -> None:
    """What the verb raises is told apart from what the server refuses, for whoever might try again."""
    bench.counter.failing = Unavailable()
    reply = bench.ask(b'{"text":"abc"}')
    assert code_of(reply) == (503, "unavailable")
    assert reply.raised


def test_a_fault_tells_nothing_but_a_trace_id(bench: Bench) -> None:
    """An unknown error is a 500 without its message, logged by class and place."""
    bench.counter.failing = KeyError(SECRET)
    reply = bench.ask(b'{"text":"abc"}')
    assert code_of(reply) == (500, "internal-error")
    assert not reply.raised
    assert SECRET.encode() not in reply.body
    assert SECRET not in repr(bench.log.written)
    assert ("request.failed", "KeyError") in [(event.name, fields.get("error")) for event, fields in bench.log.written]


def test_an_answer_that_cannot_be_written_is_a_fault(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An implementation that answers what no wire takes fails, and the connection lives on."""

    async def strange(*_: object) -> object:
        return object()

    monkeypatch.setattr(bench.counter, "count", strange)
    assert code_of(bench.ask(b'{"text":"abc"}')) == (500, "internal-error")


def test_a_token_out_of_its_time_is_refused(bench: Bench) -> None:
    """The server looks at the clock of the wall."""
    clock = FakeClock()
    clock.advance(hours=-1)
    headers = {"authorization": f"Bearer {tokens_of(clock=clock).token(CALLEE)}"}
    assert code_of(bench.ask(b'{"text":"abc"}', headers=headers)) == (401, "service-unknown")


def test_a_port_names_verbs_that_it_has() -> None:
    """A misspelled verb among the repeatable ones is noticed when the port is looked at first."""
    with pytest.raises(AssertionError):
        verbs_of(Port(name="counting", protocol=Counting, repeatable=frozenset({"cuont"})))
