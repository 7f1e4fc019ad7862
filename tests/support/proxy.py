"""A TCP proxy with bad days: passes everything, or cuts, goes deaf, trickles, or resets in the middle of a message.

It listens on a loopback port and speaks to a TCP address or a Unix socket, which may be changed while it runs.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from enum import StrEnum
from typing import Final, Self

CHUNK_BYTES: Final = 65_536
TRICKLE_SECONDS: Final = 1.0
CONNECT_SECONDS_MAX: Final = 5.0
RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with zero seconds: the peer gets RST and loses what it has not read."""

Address = tuple[str, int] | str
"""A host and port, or the path of a Unix socket."""


class Mode(StrEnum):
    """What it does with connections, new and old."""

    PASS = "pass"
    CUT = "cut"
    """Every connection is reset, and new ones are refused."""
    DEAF = "deaf"
    """Connections are accepted, and nothing that is said arrives: half-open."""
    TRICKLE = "trickle"
    """One byte a second, each way."""


class Direction(StrEnum):
    """Who speaks."""

    UP = "up"
    """The client to the server."""
    DOWN = "down"
    """The server to the client."""


class Pair:
    """The two ends of one connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        """Join them; both come as they were made."""
        self.client = client
        self.server = server
        self.is_over = False

    def reset(self) -> None:
        """End it the hard way; whoever reads from it in another thread wakes up."""
        self.is_over = True
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            with contextlib.suppress(OSError):
                # Wakes a reader and says nothing to the other side, which gets the reset.
                end.shutdown(socket.SHUT_RD)
            end.close()

    def finish(self) -> None:
        """End it in good order, unless it was reset."""
        if self.is_over:
            return
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """A context: inside it clients of ``port`` reach ``upstream``, as well as the mode allows."""

    def __init__(self, upstream: Address) -> None:
        """Pass to ``upstream``; nothing listens before the context is entered."""
        self.upstream = upstream
        self.port = 0
        self.resets = 0
        self._mode = Mode.PASS
        self._left: dict[Direction, int] = {}
        self._lock = threading.Condition()
        self._pairs: set[Pair] = set()
        self._listener: socket.socket | None = None
        self._closed = False

    def __enter__(self) -> Self:
        with self._lock:
            self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
            self._unlisten()
            self._reset_all()
            self._lock.notify_all()

    @property
    def connections(self) -> int:
        """How many are open now."""
        with self._lock:
            return len(self._pairs)

    def set(self, mode: Mode) -> None:
        """From now on, for every connection."""
        with self._lock:
            self._mode = mode
            self._left.clear()
            if mode is Mode.CUT:
                self._unlisten()
                self._reset_all()
            elif self._listener is None:
                self._listen()
            self._lock.notify_all()

    def reset_after(self, count: int, direction: Direction) -> None:
        """Pass everything, but reset every connection once so many more bytes were said in this direction."""
        self.set(Mode.PASS)
        with self._lock:
            self._left[direction] = count

    def _listen(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self.port = int(listener.getsockname()[1])
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), name="proxy", daemon=True).start()

    def _unlisten(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._join, args=(client,), name="proxy-join", daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        """Reach the server for a client, and carry both ways."""
        try:
            pair = Pair(client, connect(self.upstream))
        except OSError:
            Pair(client, client).reset()
            return
        with self._lock:
            if self._closed or self._mode is Mode.CUT:
                pair.reset()
                return
            self._pairs.add(pair)
        down = threading.Thread(target=self._carry, args=(pair, Direction.DOWN), name="proxy-down", daemon=True)
        down.start()
        self._carry(pair, Direction.UP)

    def _carry(self, pair: Pair, direction: Direction) -> None:
        """Take what is said in one direction and hand it on, until one end is closed."""
        source, target = (pair.client, pair.server) if direction is Direction.UP else (pair.server, pair.client)
        try:
            while data := source.recv(CHUNK_BYTES):
                self._hand(data, target, direction)
            pair.finish()
        except OSError:
            pair.reset()
        finally:
            with self._lock:
                self._pairs.discard(pair)

    def _hand(self, data: bytes, target: socket.socket, direction: Direction) -> None:
        """Hand bytes on as the mode allows; it may change meanwhile."""
        while data:
            with self._lock:
                while self._mode is Mode.DEAF and not self._closed:
                    self._lock.wait()
                count = 1 if self._mode is Mode.TRICKLE else len(data)
                left = self._left.get(direction)
                if left is not None:
                    count = min(count, left)
                    self._left[direction] = left - count
            target.sendall(data[:count])
            data = data[count:]
            with self._lock:
                if self._left.get(direction) == 0:
                    self._left.clear()
                    self.resets += 1
                    self._reset_all()
                elif self._mode is Mode.TRICKLE:
                    self._lock.wait(TRICKLE_SECONDS)

    def _reset_all(self) -> None:
        for pair in self._pairs:
            pair.reset()
        self._pairs.clear()


def connect(upstream: Address) -> socket.socket:
    """Connect to a TCP address or a Unix socket."""
    if isinstance(upstream, tuple):
        server = socket.create_connection(upstream, timeout=CONNECT_SECONDS_MAX)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    else:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            server.settimeout(CONNECT_SECONDS_MAX)
            server.connect(upstream)
        except OSError:
            server.close()
            raise
    server.settimeout(None)
    return server
