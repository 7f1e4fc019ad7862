"""Calls over real connections: what happens when the other side is slow, full, gone, or talks nonsense."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import pytest
from aiohttp.client_proto import ResponseHandler

from services.runtime import limits
from services.runtime.log import MemoryLog
from services.runtime.remote.client import RemoteFault, ServiceRefused, ServiceUnreachable, remote
from services.runtime.remote.ports import Port
from services.runtime.remote.raised import describe
from services.runtime.remote.server import raised_answer
from services.runtime.remote.transport import HttpTransport
from tests.support.recording_ledger import refusal
from tests.support.scripted_server import Scripted, Step, be_silent, hang_up, say, scripted, then, until, write

T = TypeVar("T")
BUSY = say(b"{}", 503)


class Calling(Protocol):
    """A port with a verb of each sort."""

    async def tell(self) -> int:
        """Answer a number; may be asked again."""
        ...

    async def add(self) -> int:
        """Add one; is not asked again without being told."""
        ...


PORT: Port[Calling] = Port(name="calling", protocol=Calling, repeatable=frozenset({"tell"}))


def with_script(work: Callable[[Calling, Scripted, HttpTransport], Awaitable[T]], *steps: Step) -> T:
    """Do some work with a port whose server follows a script."""

    async def main() -> T:
        async with scripted(*steps) as script:
            transport = HttpTransport(f"http://127.0.0.1:{script.port}", token=lambda: "token", log=MemoryLog())
            try:
                return await work(remote(PORT, transport), script, transport)
            finally:
                await transport.close()

    return asyncio.run(main())


def idle(transport: HttpTransport) -> ResponseHandler:
    """Return the one connection that waits for a next call; the library itself does not show it."""
    assert transport._pool is not None
    assert transport._pool.session.connector is not None
    ((connection, _),) = next(iter(transport._pool.session.connector._conns.values()))
    return connection


@contextmanager
def impatient(seconds: float = 0.05) -> Iterator[None]:
    """Let verbs take no longer than this; they are compiled once, so the port gets another name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "REMOTE_CALL_SECONDS_MAX", seconds)
        yield


def test_calls_one_after_the_other_share_a_connection() -> None:
    """A connection is kept between calls, and each call gets the answer to itself."""

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        assert [await port.tell() for _ in range(3)] == [1, 2, 3]
        assert script.connections == 1
        assert script.heads[0].startswith(b"POST /internal/v1/calling/tell HTTP/1.1\r\n")
        assert b"\r\nauthorization: Bearer token\r\n" in script.heads[0]

    with_script(work, say(b"1"), say(b"2"), say(b"3"))


def test_calls_at_once_have_a_connection_each() -> None:
    """As many as wait, up to the bound; afterwards they are used again."""

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        assert await asyncio.gather(*(port.tell() for _ in range(20))) == [7] * 20
        assert 1 < script.connections <= 20
        opened = script.connections
        assert await asyncio.gather(*(port.tell() for _ in range(10))) == [7] * 10
        assert script.connections == opened

    with_script(work, say(b"7"))


def test_no_more_connections_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes above the bound waits for his turn."""
    monkeypatch.setattr(limits, "REMOTE_CONNECTIONS_MAX", 3)

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        assert await asyncio.gather(*(port.tell() for _ in range(50))) == [7] * 50
        assert script.connections <= 3

    with_script(work, say(b"7"))


def test_who_waits_too_long_for_a_connection_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that stays full is as good as a service that does not answer."""
    monkeypatch.setattr(limits, "REMOTE_CONNECTIONS_MAX", 1)
    monkeypatch.setattr(limits, "REMOTE_WAIT_SECONDS_MAX", 0.01)

    async def work(port: Calling, _: Scripted, __: HttpTransport) -> None:
        holding = asyncio.create_task(port.tell())
        await asyncio.sleep(0)
        with pytest.raises(ServiceUnreachable):
            await port.add()
        holding.cancel()
        await asyncio.wait([holding])

    with_script(work, be_silent)


def test_nobody_there_is_unreachable() -> None:
    """A refused connection is tried as often as the bound says, also for what may not be done twice."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        log = MemoryLog()
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"

        async def main() -> None:
            transport = HttpTransport(address, token=str, log=log)
            with pytest.raises(ServiceUnreachable):
                await remote(PORT, transport).add()
            await transport.close()

        asyncio.run(main())
    assert [fields["attempt"] for _, fields in log.written] == list(range(1, limits.REMOTE_ATTEMPTS_MAX))


@pytest.mark.parametrize(("verb", "requests"), [("tell", 2), ("add", 1)])
def test_a_connection_that_drops_is_tried_again_where_that_is_safe(verb: str, requests: int) -> None:
    """Nobody knows whether the call was done: what comes to the same is sent again, anything else is not."""

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        call = getattr(port, verb)()
        if requests == 1:
            with pytest.raises(ServiceUnreachable):
                await call
        else:
            assert await call == 5
        assert len(script.heads) == requests

    with_script(work, hang_up, say(b"5"))


def test_half_an_answer_is_none() -> None:
    """A connection that ends within an answer gives no part of it."""

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        with pytest.raises(ServiceUnreachable):
            await port.add()
        assert len(script.heads) == 1

    with_script(work, then(write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12"), hang_up))


def test_a_connection_that_was_closed_while_idle_is_not_used() -> None:
    """A server that ends a connection between calls costs nothing, also for what may not be sent twice."""

    async def work(port: Calling, script: Scripted, transport: HttpTransport) -> None:
        assert await port.add() == 1
        await until(lambda: not idle(transport).is_connected())
        assert await port.add() == 2
        assert script.connections == 2

    with_script(work, then(say(b"1"), hang_up), say(b"2"))


def test_an_answer_that_says_close_ends_the_connection() -> None:
    """A server that drains says so, and the next call goes over another connection."""

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        assert [await port.add(), await port.add()] == [1, 2]
        assert script.connections == 2

    with_script(work, say(b"1", 200, b"connection: close"), say(b"2"))


def test_a_full_server_is_asked_again() -> None:
    """503 of the server says that nothing was done, so any verb is sent again; in the end the caller is told."""

    async def again(port: Calling, script: Scripted, _: HttpTransport) -> None:
        assert await port.add() == 4
        assert len(script.heads) == 2

    async def never(port: Calling, script: Scripted, _: HttpTransport) -> None:
        with pytest.raises(ServiceUnreachable):
            await port.add()
        assert len(script.heads) == limits.REMOTE_ATTEMPTS_MAX

    with_script(again, BUSY, say(b"4"))
    with_script(never, BUSY)


def test_a_token_that_was_too_old_is_made_again() -> None:
    """401 of the server says that nothing was done: the call is sent once more with the token as it is by then."""

    async def again(port: Calling, script: Scripted, _: HttpTransport) -> None:
        assert await port.add() == 4
        assert len(script.heads) == 2

    async def never(port: Calling, _: Scripted, __: HttpTransport) -> None:
        with pytest.raises(RemoteFault):
            await port.add()

    with_script(again, say(b"{}", 401), say(b"4"))
    with_script(never, say(b"{}", 401))


@pytest.mark.parametrize(
    ("answer", "status", "code", "tries"),
    [
        (b'{"code":"service-unknown","detail":"secret"}', 401, "service-unknown", limits.REMOTE_ATTEMPTS_MAX),
        (b'{"code":"service-not-allowed"}', 403, "service-not-allowed", 1),
        (b'{"code":"secret"}', 401, "service-refused", limits.REMOTE_ATTEMPTS_MAX),
        (b"<html>secret", 403, "service-refused", 1),
    ],
)
def test_who_is_refused_by_another_service_reads_what_to_repair(
    answer: bytes, status: int, code: str, tries: int
) -> None:
    """A code of its own and a remedy in the log of the caller; of what was answered nothing but a code we know."""

    async def work(port: Calling, script: Scripted, transport: HttpTransport) -> None:
        with pytest.raises(ServiceRefused) as refused:
            await port.add()
        assert (refused.value.code, str(refused.value)) == (code, code)
        assert len(script.heads) == tries
        assert isinstance(transport._log, MemoryLog)
        event, fields = transport._log.written[-1]
        assert (event.name, fields["code"], fields["route"]) == ("service.refused", code, "/internal/v1/calling/add")
        assert fields["remedy"] == refused.value.remedy
        assert "secret" not in str(transport._log.written)
        assert "token" not in str(fields)
        assert [event.name for event, _ in transport._log.written].count("service.refused") == 1

    with_script(work, *[say(answer, status)] * tries)


def test_what_the_verb_forbids_is_no_refusal_of_the_service() -> None:
    """A 403 that the verb itself raised is for whoever asked, and no operator has anything to repair."""
    answer = raised_answer(refusal())

    async def work(port: Calling, _: Scripted, transport: HttpTransport) -> None:
        with pytest.raises(type(refusal())):
            await port.add()
        assert isinstance(transport._log, MemoryLog)
        assert transport._log.written == []

    with_script(work, say(answer.body, 403, b"Grootboek-Raised: 1"))


def test_an_error_of_the_verb_is_not_tried_again() -> None:
    """What the verb itself raised stands, whatever its status."""
    answer = raised_answer(refusal())

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        with pytest.raises(type(refusal())) as raised:
            await port.tell()
        assert describe(raised.value) == describe(refusal())
        assert len(script.heads) == 1

    with_script(work, say(answer.body, 503, b"Grootboek-Raised: 1"))


@pytest.mark.parametrize(
    "step",
    [
        write(b"hello\r\n\r\n"),
        write(b"HTTP/1.1 200 OK\r\ncontent-length: nonsense\r\n\r\n"),
        say(b"not json"),
        say(b'"text"'),
        say(b"[" * 100_000),
        say(b"", 200),
        say(b"<html>", 502),
        say(b'{"code":"verb-unknown"}', 404),
    ],
)
def test_nonsense_is_a_fault(step: Step) -> None:
    """Whatever is no answer of ours is a fault, never an answer and never an error of the caller's."""

    async def work(port: Calling, _: Scripted, __: HttpTransport) -> None:
        with pytest.raises(RemoteFault):
            await port.tell()

    with_script(work, step)


@pytest.mark.parametrize(
    ("limit", "step"),
    [
        ("REMOTE_ANSWER_BYTES_MAX", say(b'"' + b"a" * 2_000_000 + b'"')),
        ("REMOTE_HEAD_BYTES_MAX", say(b"1", 200, b"x-long: " + b"a" * 200)),
        ("REMOTE_HEADERS_MAX", say(b"1", 200, *[b"x-many: 1"] * 200)),
    ],
)
def test_an_answer_beyond_its_bounds_is_a_fault(monkeypatch: pytest.MonkeyPatch, limit: str, step: Step) -> None:
    """No answer fills the memory, and its connection is not used again."""
    monkeypatch.setattr(limits, limit, 100)

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        with pytest.raises(RemoteFault):
            await port.tell()
        assert await port.tell() == 3
        assert script.connections == 2

    with_script(work, step, say(b"3"))


def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    """A second answer to one call is never taken for the answer to the next one."""

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        assert await port.add() == 1
        assert await port.add() == 2
        assert script.connections == 2

    twice = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n"
    with_script(work, write(twice + b"1" + twice + b"9"), say(b"2"))


def test_a_call_that_takes_too_long_is_given_up() -> None:
    """The time of a verb is bounded; its connection is closed, so that a late answer reaches nobody."""

    class Slow(Calling, Protocol):
        """The same verbs, compiled anew."""

    slow: Port[Slow] = Port(name="slow", protocol=Slow, repeatable=frozenset({"tell"}))

    async def main() -> None:
        async with scripted(be_silent, say(b"2")) as script:
            transport = HttpTransport(f"http://127.0.0.1:{script.port}", token=str, log=MemoryLog())
            port = remote(slow, transport)
            with pytest.raises(ServiceUnreachable):
                await port.tell()
            assert len(script.heads) == 1
            assert await port.tell() == 2
            assert script.connections == 2
            await transport.close()

    with impatient():
        asyncio.run(main())


def test_a_call_that_is_cancelled_leaves_nothing_behind() -> None:
    """Whoever comes after a cancelled call gets his own answer."""

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        waiting = asyncio.create_task(port.tell())
        await until(lambda: bool(script.heads))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await port.add() == 2
        assert script.connections == 2

    with_script(work, be_silent, say(b"2"))


def test_an_idle_connection_is_not_used_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that was idle is closed by us, before the server does so under a call."""
    monkeypatch.setattr(limits, "REMOTE_IDLE_SECONDS_MAX", 1e-9)

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        assert [await port.add(), await port.add()] == [1, 1]
        assert script.connections == 2

    with_script(work, say(b"1"))


def test_old_connections_are_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that lives too long is closed: new processes behind the address get their share."""

    async def work(port: Calling, script: Scripted, transport: HttpTransport) -> None:
        assert [await port.add(), await port.add()] == [1, 1]
        old = transport._pool
        assert old is not None
        assert script.connections == 1
        with monkeypatch.context() as patch:
            patch.setattr(limits, "REMOTE_CONNECTION_SECONDS_MAX", -1.0)
            assert await port.add() == 1
        assert old.session.closed
        assert [await port.add(), await port.add()] == [1, 1]
        assert script.connections == 2

    with_script(work, say(b"1"))


@pytest.mark.parametrize("ending", ["renewed", "closed"])
def test_a_call_under_way_is_answered_whatever_ends(monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    """Connections that are renewed or closed serve the calls that they have, and end with the last of them."""
    may_answer = asyncio.Event()

    async def wait(_: asyncio.StreamWriter) -> None:
        await may_answer.wait()

    async def work(port: Calling, script: Scripted, transport: HttpTransport) -> None:
        waiting = asyncio.create_task(port.add())
        await until(lambda: bool(script.heads))
        old = transport._pool
        assert old is not None
        if ending == "closed":
            await transport.close()
        else:
            monkeypatch.setattr(limits, "REMOTE_CONNECTION_SECONDS_MAX", -1.0)
            assert await port.add() == 2
        assert not old.session.closed
        may_answer.set()
        assert await waiting == 1
        assert old.session.closed

    with_script(work, then(wait, say(b"1")), say(b"2"))


def test_a_call_that_is_tried_again_after_the_end_closes_what_it_opened() -> None:
    """Between two tries no call is under way, so a transport may be closed there; the library warns of what is left."""

    async def work(port: Calling, script: Scripted, transport: HttpTransport) -> None:
        waiting = asyncio.create_task(port.add())
        await until(lambda: bool(script.heads) and transport._pool is not None and not transport._pool.calls)
        await transport.close()
        assert await waiting == 4
        assert script.connections == 2
        assert transport._pool is None

    with_script(work, BUSY, say(b"4"))


def test_nothing_is_followed_kept_or_unpacked() -> None:
    """A redirect is no answer, a cookie is not sent back, and no encoding is asked for or undone."""
    packed = gzip.compress(b"7")

    async def work(port: Calling, script: Scripted, _: HttpTransport) -> None:
        for _each in range(2):
            with pytest.raises(RemoteFault):
                await port.add()
        assert await port.add() == 3
        assert len(script.heads) == 3
        assert not any(name in head.lower() for head in script.heads for name in (b"\r\ncookie:", b"\r\naccept"))

    with_script(
        work,
        say(b"1", 307, b"location: /elsewhere", b"set-cookie: a=b"),
        say(packed, 200, b"content-encoding: gzip"),
        say(b"3"),
    )


def test_no_proxy_of_the_environment_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own processes are called where they are, with whatever the machine is set up for the world outside."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async def work(port: Calling, _: Scripted, __: HttpTransport) -> None:
        assert await port.add() == 1

    with_script(work, say(b"1"))


def test_a_late_answer_that_nobody_asked_for_ends_the_connection() -> None:
    """What arrives between two calls is never taken for the answer to the next one."""
    answered = asyncio.Event()

    async def wait(_: asyncio.StreamWriter) -> None:
        await answered.wait()

    async def work(port: Calling, script: Scripted, transport: HttpTransport) -> None:
        assert await port.add() == 1
        answered.set()
        await until(lambda: idle(transport).should_close)
        assert await port.add() == 2
        assert script.connections == 2

    with_script(work, then(say(b"1"), wait, say(b"9")), say(b"2"))


@pytest.mark.parametrize("url", ["ftp://ledger", "ledger:8100", "http://", "https://ledger:8100"])
def test_an_address_is_http_or_https_with_whom_to_believe(url: str) -> None:
    """An address that cannot be called as it stands is noticed when the transport is made."""
    with pytest.raises(AssertionError):
        HttpTransport(url, token=str, log=MemoryLog())
