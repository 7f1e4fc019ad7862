"""Carries calls over HTTP/1.1: a bounded pool of connections, bounded waiting, retries only where they are safe."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from ssl import SSLContext
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from services.runtime import limits
from services.runtime.log import Log
from services.runtime.log_events import CALL_RETRIED, SERVICE_REFUSED
from services.runtime.remote.client import (
    BUSY,
    OK,
    RAISED_NAME,
    UNAUTHENTICATED,
    RemoteFault,
    Reply,
    ServiceRefused,
    ServiceUnreachable,
    error_of,
)
from services.runtime.remote.ports import Verb
from services.runtime.trace_context import TRACEPARENT, inject

# Refused before anything was done, by a server that is full or going away, or one that found our token too old.
REFUSED: Final = frozenset({BUSY, UNAUTHENTICATED})
PLAIN: Final = "http"
SECURE: Final = "https"
RAISED: Final = RAISED_NAME.decode("ascii")
# No encoding is asked for: both ends are in one network, and an answer may not grow beyond what was counted.
UNASKED: Final = ("Accept", "Accept-Encoding", "User-Agent")


class Unsent(Exception):
    """There was no connection to send the call over."""


class Dropped(Exception):
    """The connection ended before the whole answer was there; what was asked may have been done."""


class Connector(aiohttp.TCPConnector):
    """Opens and keeps connections."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the name that the library gives it
    ) -> Connection:
        """Return a connection over which nothing came since its last answer.

        The library would take what came for the answer to the next call, which is somebody else's.
        """
        while True:
            connection = await super().connect(req, traces, timeout)
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()


class Pool:
    """Connections that were opened within the same minute, and how many calls are under way over them."""

    def __init__(self, tls: SSLContext | None) -> None:
        """Begin without connections, in the event loop that runs now."""
        self.born = asyncio.get_running_loop().time()
        self.calls = 0
        self.session = aiohttp.ClientSession(
            connector=Connector(
                ssl=True if tls is None else tls,
                limit=limits.REMOTE_CONNECTIONS_MAX,
                keepalive_timeout=limits.REMOTE_IDLE_SECONDS_MAX,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=UNASKED,
            auto_decompress=False,
            trust_env=False,
            max_line_size=limits.REMOTE_HEAD_BYTES_MAX,
            max_field_size=limits.REMOTE_HEAD_BYTES_MAX,
            max_headers=limits.REMOTE_HEADERS_MAX,
        )


class HttpTransport:
    """Calls one service. It belongs to the event loop it is first used in."""

    def __init__(self, base_url: str, *, token: Callable[[], str], log: Log, tls: SSLContext | None = None) -> None:
        """Call `base_url`; `token` gives the token of this service for that one, `tls` says whom to believe (https)."""
        parts = urlsplit(base_url)
        assert parts.scheme in {PLAIN, SECURE}, "no http or https address"
        assert parts.hostname, "no host"
        assert (tls is not None) == (parts.scheme == SECURE), "https and only https says whom to believe"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._token = token
        self._tls = tls
        self._log = log
        self._pool: Pool | None = None
        self._closed = False

    async def post(self, verb: Verb, body: bytes) -> Reply:
        """Return the reply, if need be of another try: where nothing was done, or where twice is the same as once."""
        for attempt in range(1, limits.REMOTE_ATTEMPTS_MAX + 1):
            last = attempt == limits.REMOTE_ATTEMPTS_MAX
            try:
                reply = await self._send(verb, body)
                if last or reply.raised or reply.status not in REFUSED:
                    self._tell_refusal(verb, reply)
                    return reply
            except Unsent:
                if last:
                    raise ServiceUnreachable from None
            except Dropped:
                if last or not verb.repeatable:
                    raise ServiceUnreachable from None
            except TimeoutError:
                raise ServiceUnreachable from None
            self._log.write(CALL_RETRIED, route=verb.path, attempt=attempt)
            await asyncio.sleep(limits.REMOTE_RETRY_SECONDS * attempt)
        raise AssertionError("unreachable")

    def _tell_refusal(self, verb: Verb, reply: Reply) -> None:
        """Log what an operator must repair where the other service does not take our calls."""
        error = None if reply.status == OK else error_of(reply)
        if isinstance(error, ServiceRefused):
            self._log.write(SERVICE_REFUSED, route=verb.path, code=error.code, remedy=error.remedy)

    async def close(self) -> None:
        """Close every connection: now, or when the last call over its pool is answered."""
        self._closed = True
        await self._retire()

    async def _send(self, verb: Verb, body: bytes) -> Reply:
        """Send once."""
        pool = await self._young_pool()
        pool.calls += 1
        try:
            return await self._exchange(pool.session, verb, body)
        finally:
            pool.calls -= 1
            if self._closed:
                # A call that was to be tried again came after it, and opened another.
                self._pool = None
            if pool is not self._pool and not pool.calls:
                await pool.session.close()

    async def _young_pool(self) -> Pool:
        """Return the pool of now; after a minute another, so that new processes behind the address get their share."""
        if (
            self._pool is not None
            and asyncio.get_running_loop().time() - self._pool.born > limits.REMOTE_CONNECTION_SECONDS_MAX
        ):
            await self._retire()
        if self._pool is None:
            self._pool = Pool(self._tls)
        return self._pool

    async def _retire(self) -> None:
        """Let nobody use the pool of now any more; who uses it last closes it."""
        pool, self._pool = self._pool, None
        if pool is not None and not pool.calls:
            await pool.session.close()

    async def _exchange(self, session: aiohttp.ClientSession, verb: Verb, body: bytes) -> Reply:
        """Send a request and return its answer; raise Unsent, Dropped, TimeoutError or RemoteFault."""
        timeout = aiohttp.ClientTimeout(
            total=verb.seconds, connect=limits.REMOTE_WAIT_SECONDS_MAX, sock_connect=limits.REMOTE_CONNECT_SECONDS_MAX
        )
        sent = session.post(
            self._origin + verb.path,
            # The library would write bytes in one piece, and a file piece by piece, so that others get their turn.
            data=body if len(body) <= limits.REMOTE_PIECE_BYTES_MAX else io.BytesIO(body),
            headers=self._headers(),
            timeout=timeout,
            allow_redirects=False,
        )
        try:
            async with sent as response:
                return Reply(response.status, await read_bounded(response), RAISED in response.headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise Unsent from None
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
            raise Dropped from None
        except aiohttp.ClientError as error:
            # Its text may hold what was sent.
            raise RemoteFault(f"no HTTP: {type(error).__name__}") from None

    def _headers(self) -> dict[str, str]:
        """Return what goes with every call."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._token()}"}
        trace = inject()
        if trace is not None:
            headers[TRACEPARENT] = trace
        return headers


async def read_bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return the body; raise RemoteFault as soon as it is larger than it may be, which ends its connection."""
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > limits.REMOTE_ANSWER_BYTES_MAX:
            raise RemoteFault("answer too large")
        chunks.append(chunk)
    return b"".join(chunks)
