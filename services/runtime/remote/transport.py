"""Carries calls over HTTP/1.1: a bounded pool of connections, bounded waiting, retries only where they are safe."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from ssl import SSLContext
from typing import Final
from urllib.parse import urlsplit

from services.runtime import limits
from services.runtime.log import Log
from services.runtime.log_events import CALL_RETRIED
from services.runtime.remote.client import BUSY, UNAUTHENTICATED, Reply, ServiceUnreachable
from services.runtime.remote.connection import Connection, Dropped
from services.runtime.remote.ports import Verb
from services.runtime.trace_context import TRACEPARENT, inject

# Refused before anything was done, by a server that is full or going away, or one that found our token too old.
REFUSED: Final = frozenset({BUSY, UNAUTHENTICATED})
PLAIN: Final = "http"
SECURE: Final = "https"
PORTS: Final = {PLAIN: 80, SECURE: 443}


class Unsent(Exception):
    """There was no connection to send the call over."""


class HttpTransport:
    """Calls one service. It belongs to the event loop it is first used in."""

    def __init__(
        self, base_url: str, *, token: Callable[[], str], tls: SSLContext | None = None, log: Log | None = None
    ) -> None:
        """Call `base_url`; `token` gives the token of this service for that one, `tls` says whom to believe (https)."""
        parts = urlsplit(base_url)
        assert parts.scheme in PORTS, "no http or https address"
        assert parts.hostname, "no host"
        assert (tls is not None) == (parts.scheme == SECURE), "https and only https says whom to believe"
        self._host, self._port = parts.hostname, parts.port or PORTS[parts.scheme]
        self._authority = parts.netloc
        self._token = token
        self._tls = tls
        self._log = log
        # The one used last stands last: those that are not needed grow old and are closed.
        self._idle: deque[tuple[Connection, float]] = deque()
        self._born: dict[Connection, float] = {}
        self._free = asyncio.Semaphore(limits.REMOTE_CONNECTIONS_MAX)
        self._closed = False

    async def post(self, verb: Verb, body: bytes) -> Reply:
        """Return the reply, if need be of another try: where nothing was done, or where twice is the same as once."""
        for attempt in range(1, limits.REMOTE_ATTEMPTS_MAX + 1):
            last = attempt == limits.REMOTE_ATTEMPTS_MAX
            try:
                reply = await self._send(verb, body)
                if last or reply.raised or reply.status not in REFUSED:
                    return reply
            except Unsent:
                if last:
                    raise ServiceUnreachable from None
            except Dropped:
                if last or not verb.repeatable:
                    raise ServiceUnreachable from None
            except TimeoutError:
                raise ServiceUnreachable from None
            if self._log is not None:
                self._log.write(CALL_RETRIED, route=verb.path, attempt=attempt)
            await asyncio.sleep(limits.REMOTE_RETRY_SECONDS * attempt)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Close every connection that is not in use; the others close when their call is answered."""
        self._closed = True
        while self._idle:
            self._forget(self._idle.pop()[0])

    async def _send(self, verb: Verb, body: bytes) -> Reply:
        """Send once, over a connection that nobody else uses meanwhile."""
        try:
            async with asyncio.timeout(limits.REMOTE_WAIT_SECONDS_MAX):
                await self._free.acquire()
        except TimeoutError:
            raise Unsent from None
        try:
            connection = self._take_idle() or await self._connect()
            try:
                return await connection.exchange(self._head(verb, len(body)) + body, verb.seconds)
            finally:
                self._put_back(connection)
        finally:
            self._free.release()

    def _head(self, verb: Verb, length: int) -> bytes:
        """Return the head of a request."""
        trace = inject()
        return (
            f"POST {verb.path} HTTP/1.1\r\nhost: {self._authority}\r\ncontent-type: application/json\r\n"
            f"content-length: {length}\r\nauthorization: Bearer {self._token()}\r\n"
            f"{'' if trace is None else f'{TRACEPARENT}: {trace}' + chr(13) + chr(10)}\r\n"
        ).encode("ascii")

    async def _connect(self) -> Connection:
        """Open a connection; raise Unsent when that fails or takes too long."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(limits.REMOTE_CONNECT_SECONDS_MAX):
                _, connection = await loop.create_connection(Connection, self._host, self._port, ssl=self._tls)
        except OSError:
            raise Unsent from None
        self._born[connection] = loop.time()
        return connection

    def _take_idle(self) -> Connection | None:
        """Return the connection used last if it still is one, and close those that nobody has used for long."""
        now = asyncio.get_running_loop().time()
        while self._idle and now - self._idle[0][1] > limits.REMOTE_IDLE_SECONDS_MAX:
            self._forget(self._idle.popleft()[0])
        while self._idle:
            connection, _ = self._idle.pop()
            if connection.usable:
                return connection
            self._forget(connection)
        return None

    def _put_back(self, connection: Connection) -> None:
        """Keep a connection for the next call, unless it is of no use or so old that its place may have moved."""
        now = asyncio.get_running_loop().time()
        old = now - self._born[connection] > limits.REMOTE_CONNECTION_SECONDS_MAX
        if self._closed or old or not connection.usable:
            self._forget(connection)
        else:
            self._idle.append((connection, now))

    def _forget(self, connection: Connection) -> None:
        """Close a connection."""
        connection.close()
        self._born.pop(connection, None)
