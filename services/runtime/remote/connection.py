"""One connection to another of our processes: HTTP/1.1, one call at a time.

A call costs a twentieth of what a general client makes of it: no redirects, cookies, proxies or encodings to think of,
and both ends are ours.
"""

from __future__ import annotations

import asyncio
from typing import cast

import httptools

from services.runtime import limits
from services.runtime.remote.client import RAISED_NAME, RemoteFault, Reply


class Dropped(Exception):
    """The connection ended before the whole answer was there; what was asked may have been done."""


class Connection(asyncio.Protocol):
    """Sends a request and gathers its answer."""

    def __init__(self) -> None:
        """Begin without a transport; the event loop brings one."""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Reply] | None = None
        self._begin()

    def _begin(self) -> None:
        """Get ready for another answer."""
        self._parser = httptools.HttpResponseParser(self)
        self._chunks: list[bytes] = []
        self._body_bytes = 0
        self._head_bytes = 0
        self._raised = False

    @property
    def usable(self) -> bool:
        """Whether another call may be sent over it, as far as we know."""
        return self._transport is not None and not self._transport.is_closing() and self._answer is None

    async def exchange(self, request: bytes, seconds: float) -> Reply:
        """Send a request and return its answer; raise Dropped, TimeoutError or RemoteFault. Only the first call may."""
        assert self._transport is not None
        assert self._answer is None
        self._answer = asyncio.get_running_loop().create_future()
        self._begin()
        try:
            async with asyncio.timeout(seconds):
                self._transport.write(request)
                return await self._answer
        finally:
            # An answer that comes after all must never be taken for that of the next call.
            if not self._answer.done() or self._answer.cancelled() or self._answer.exception() is not None:
                self.close()
            self._answer = None

    def close(self) -> None:
        """End it at once."""
        if self._transport is not None:
            self._transport.abort()

    # --- what the event loop calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Read a piece of an answer; anything that nobody asked for ends the connection."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error.__context__ if isinstance(error.__context__, RemoteFault) else RemoteFault("no HTTP"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why it ended changes nothing
        """Tell whoever waits."""
        self._fail(Dropped())

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    # --- what the parser calls ---

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count the head, and note whether the verb raised."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > limits.REMOTE_HEAD_BYTES_MAX:
            raise RemoteFault("head too large")
        if name.lower() == RAISED_NAME:
            self._raised = True

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._body_bytes += len(body)
        if self._body_bytes > limits.REMOTE_ANSWER_BYTES_MAX:
            raise RemoteFault("answer too large")
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        """Give the answer to whoever waits; a second one to the same call ends the connection."""
        if self._transport is None or self._answer is None or self._answer.done():
            self.close()
            return
        if not self._parser.should_keep_alive():
            self._transport.close()
        self._answer.set_result(Reply(self._parser.get_status_code(), b"".join(self._chunks), self._raised))
