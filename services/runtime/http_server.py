"""One HTTP server in the event loop of its process: says when it listens, and drains before it ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import uvicorn

from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.http import Asgi, server_options


class AddressTaken(GrootboekError):
    """This process cannot listen at the address it was given."""

    code = "address-taken"
    remedy = "Stop what listens there, or choose another host or port."


class ServerEnded(GrootboekError):
    """The HTTP server ended before it could listen."""

    code = "server-ended"
    remedy = "See the lines of the log before this one; a certificate or key file may be unreadable."


class TlsFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The certificate of a server and its private key, as PEM files."""

    certificate: Path
    key: Path


class HttpServer:
    """Serves one application at one address. It leaves signals to its process, which ends parts in its own order."""

    def __init__(self, app: Asgi, *, host: str, port: int, tls: TlsFiles | None = None) -> None:
        """Serve `app`; port 0 takes a free one."""
        self._address = (host, port)
        options = server_options()
        if tls is not None:
            options |= {"ssl_certfile": str(tls.certificate), "ssl_keyfile": str(tls.key)}
        self._config = uvicorn.Config(app, lifespan="off", **options)
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = port

    async def start(self) -> None:
        """Return once connections are accepted; raise AddressTaken or ServerEnded."""
        assert self._task is None, "started twice"
        listening = _listen(self._address)
        self.port = listening.getsockname()[1]
        self._server = _Server(self._config)
        self._task = asyncio.get_running_loop().create_task(self._server.serve([listening]), name="http-server")
        started = asyncio.get_running_loop().create_task(self._server.listening.wait())
        await asyncio.wait({self._task, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self._task.done():
            listening.close()
            raise ServerEnded from self._task.exception()

    async def stop(self) -> None:
        """Take no new connection, answer what was asked, then end; within the bound of a shutdown."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task

    async def wait(self) -> None:
        """Wait until the server has ended."""
        if self._task is not None:
            await self._task


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone: raised again after the server they would end the process before the rest is closed."""
        yield


def _listen(address: tuple[str, int]) -> socket.socket:
    """Return a socket that listens; a server that ends the whole process when it cannot is no use to us."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        return socket.create_server(address, family=family, backlog=limits.LISTEN_BACKLOG)
    except OSError:
        raise AddressTaken from None
