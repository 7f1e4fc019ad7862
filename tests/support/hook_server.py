"""A real HTTP server for tests of webhooks: it answers as it is told, slowly or endlessly too."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HookServer:
    """Keeps what was posted."""

    def __init__(self) -> None:
        """Answer 204 to everything."""
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.headers: list[tuple[str, str]] = []
        self.behaviour = "answer"
        self.released = threading.Event()
        self.port = 0


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    hooks: HookServer

    def do_POST(self) -> None:
        """Keep the request, then answer as told."""
        hooks = self.hooks
        body = self.rfile.read(int(self.headers["content-length"]))
        hooks.posts.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        if hooks.behaviour == "silent":
            hooks.released.wait(60)
            return
        self.send_response(hooks.statuses.pop(0) if hooks.statuses else 204)
        for name, value in hooks.headers:
            self.send_header(name, value)
        if hooks.behaviour == "endless":
            self.send_header("content-length", str(1 << 40))
        self.end_headers()
        if hooks.behaviour == "endless":
            self._write_for_ever()

    def do_GET(self) -> None:
        """Nobody should ask this: a redirect was followed."""
        self.hooks.posts.append((self.path, {}, b""))
        self.send_response(200)
        self.end_headers()

    def _write_for_ever(self) -> None:
        try:
            while not self.hooks.released.is_set():
                self.wfile.write(bytes(65_536))
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - same
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    """Threads of its own, and no words about clients that hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may hang up."""


@contextmanager
def hook_server(tls: ssl.SSLContext | None = None) -> Iterator[HookServer]:
    """Run a server on this machine, over TLS if a context is given."""
    hooks = HookServer()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hooks": hooks}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    hooks.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hooks
    finally:
        hooks.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
