"""A server that misbehaves as a test wants: each request is answered by the next step of its script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

Step = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Scripted:
    """What was asked: the heads of the requests, and over how many connections."""

    def __init__(self, steps: Sequence[Step]) -> None:
        """Take these steps, one for each request; the last one again and again."""
        self._steps = list(steps)
        self.heads: list[bytes] = []
        self.connections = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until either side ends it."""
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                await reader.readexactly(int(length.partition(b":")[2]))
                self.heads.append(head)
                step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
                await step(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def scripted(*steps: Step) -> AsyncIterator[Scripted]:
    """Serve a script at a port of its own."""
    script = Scripted(steps)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()


def say(body: bytes, status: int = 200, *headers: bytes) -> Step:
    """Answer as HTTP has it."""

    async def step(writer: asyncio.StreamWriter) -> None:
        head = [b"HTTP/1.1 %d X" % status, b"content-length: %d" % len(body), *headers]
        writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        await writer.drain()

    return step


def write(raw: bytes) -> Step:
    """Write bytes as they are."""

    async def step(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return step


def then(*steps: Step) -> Step:
    """Take several steps for one request."""

    async def step(writer: asyncio.StreamWriter) -> None:
        for each in steps:
            await each(writer)

    return step


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """End the connection."""
    writer.close()
    await writer.wait_closed()
    raise ConnectionError


async def be_silent(writer: asyncio.StreamWriter) -> None:
    """Answer nothing, and wait until the other side gives up."""
    await writer.wait_closed()


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something is so, while the event loop goes on."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens within the library
            await asyncio.sleep(0)
