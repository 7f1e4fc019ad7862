"""The HTTP servers of the embedded shape: one that says when it listens, one that is handed its connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import uvicorn

from services.runtime.process import settle_collector


class NotifyingServer(uvicorn.Server):
    """A server that says when it listens, and leaves the signals to its process."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        """Call ``listening`` once connections are accepted."""
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then move what lives as long as the process out of the collector's way."""
        await super().startup(sockets)
        settle_collector()
        self._listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone: raised again after the server they would end the process before the ledger is closed."""
        yield

    def stop(self) -> None:
        """Answer what was asked, then end."""
        self.should_exit = True


class HandedServer(NotifyingServer):
    """A server without a socket of its own: others accept and hand over."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        """Call ``listening`` once connections can be handed over."""
        super().__init__(config, listening)
        self._taking: set[asyncio.Task[None]] = set()

    def take(self, connection: socket.socket) -> None:
        """Serve an accepted connection as if it were our own; within the event loop."""
        task = asyncio.get_running_loop().create_task(self._attach(connection))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _attach(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._make_protocol, connection)
        except OSError:
            # Whoever asked hung up before it was his turn.
            connection.close()

    def _make_protocol(self) -> asyncio.Protocol:
        """What the server makes for each connection to a socket of its own."""
        make: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
