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
    """What a load run saw: wall time, latency of each request in order of answer, status counts, bodies if kept."""

    seconds: float
    latencies: tuple[float, ...]
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


def run_load(port: int, requests: Sequence[bytes], connections: int, *, keep_bodies: bool = False) -> Load:
    """Send all requests over so many connections, one at a time on each; returns when all are answered."""
    return uvloop.run(_run(port, requests, connections, keep_bodies))


async def _run(port: int, requests: Sequence[bytes], connections: int, keep_bodies: bool) -> Load:  # noqa: FBT001
    waiting = iter(requests)
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    bodies: list[bytes] = []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        for request in waiting:
            begun = time.perf_counter()
            writer.write(request)
            status, body = await asyncio.wait_for(_read_answer(reader), TIMEOUT_SECONDS)
            latencies.append(time.perf_counter() - begun)
            statuses[status] = statuses.get(status, 0) + 1
            if keep_bodies:
                bodies.append(body)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return Load(
        seconds=time.perf_counter() - begun, latencies=tuple(latencies), statuses=statuses, bodies=tuple(bodies)
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
