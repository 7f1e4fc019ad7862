"""A lean HTTP/1.1 load client: requests are bytes made before the clock starts, so it costs the server little."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import msgspec
import uvloop

TIMEOUT_SECONDS: Final = 120.0


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a load run saw: wall time and status counts; latency, instant and body (if kept) in order of answer."""

    seconds: float
    latencies: tuple[float, ...]
    answered: tuple[float, ...]
    statuses: dict[int, int]
    bodies: tuple[bytes, ...] = ()

    def percentile(self, share: float) -> float:
        """The latency below which ``share`` of the requests stayed, in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def post_request(path: str, token: str, body: bytes, content_type: str = "application/json") -> bytes:
    """The bytes of one POST on a kept-alive connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run_load(
    port: int, requests: Sequence[bytes], connections: int, *, keep_bodies: bool = False, every_seconds: float = 0.0
) -> Load:
    """Send all requests over so many connections, one at a time on each; returns when all are answered.

    ``every_seconds``: one is due each so many seconds, and goes then, or as soon as a connection is free.
    """
    return uvloop.run(_run(port, requests, connections, keep_bodies, every_seconds))


async def _run(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    keep_bodies: bool,  # noqa: FBT001
    every_seconds: float,
) -> Load:
    waiting = enumerate(requests)
    latencies: list[float] = []
    answered: list[float] = []
    statuses: dict[int, int] = {}
    bodies: list[bytes] = []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        for number, request in waiting:
            if every_seconds:
                await asyncio.sleep(first + number * every_seconds - time.perf_counter())
            begun = time.perf_counter()
            writer.write(request)
            status, body = await asyncio.wait_for(_read_answer(reader), TIMEOUT_SECONDS)
            answered.append(time.perf_counter())
            latencies.append(answered[-1] - begun)
            statuses[status] = statuses.get(status, 0) + 1
            if keep_bodies:
                bodies.append(body)
        writer.close()

    first = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return Load(
        seconds=time.perf_counter() - first,
        latencies=tuple(latencies),
        answered=tuple(answered),
        statuses=statuses,
        bodies=tuple(bodies),
    )


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return status, await _read_chunks(reader)
    start = lower.find(b"content-length:")
    length = int(lower[start + 15 : lower.find(b"\r\n", start)]) if start >= 0 else 0
    return status, await reader.readexactly(length)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)
