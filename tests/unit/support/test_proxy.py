"""The proxy of the chaos tests does what its modes say, on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.proxy import Direction, Mode, Proxy
from tests.support.waiting import wait_until

SECONDS_MAX = 10.0


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy before a server that says everything back."""
    with socket.create_server(("127.0.0.1", 0)) as server, Proxy(server.getsockname()[:2]) as proxy:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        yield proxy
        server.shutdown(socket.SHUT_RDWR)


def serve(server: socket.socket) -> None:
    """Echo on every connection until the server is closed."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=echo, args=(connection,), daemon=True).start()


def echo(connection: socket.socket) -> None:
    """Say everything back."""
    with connection:
        try:
            while data := connection.recv(65_536):
                connection.sendall(data)
        except OSError:
            return


def reach(proxy: Proxy) -> socket.socket:
    """Connect through the proxy."""
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=SECONDS_MAX)


def hear(connection: socket.socket, count: int) -> bytes:
    """So many bytes, or what came before the end."""
    heard = b""
    while len(heard) < count and (data := connection.recv(count - len(heard))):
        heard += data
    return heard


def test_it_passes_everything(proxy: Proxy) -> None:
    """What goes in comes out, in order, however large; a connection that is closed is forgotten."""
    said = bytes(range(256)) * 2_000
    with reach(proxy) as connection:
        threading.Thread(target=connection.sendall, args=(said,), daemon=True).start()
        assert hear(connection, len(said)) == said
    wait_until(lambda: proxy.connections == 0, SECONDS_MAX, "a closed connection stays")


def test_a_cut_resets_and_refuses(proxy: Proxy) -> None:
    """Old connections are reset, new ones refused; on the same port it passes again afterwards."""
    with reach(proxy) as connection:
        connection.sendall(b"before")
        assert hear(connection, 6) == b"before"
        proxy.set(Mode.CUT)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    with pytest.raises(ConnectionRefusedError):
        reach(proxy)
    proxy.set(Mode.PASS)
    with reach(proxy) as connection:
        connection.sendall(b"after")
        assert hear(connection, 5) == b"after"


def test_deaf_says_nothing_until_it_hears_again(proxy: Proxy) -> None:
    """Half-open: a connection is taken and nothing arrives; what was said arrives when the mode changes."""
    proxy.set(Mode.DEAF)
    with reach(proxy) as connection:
        connection.sendall(b"hello")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(SECONDS_MAX)
        proxy.set(Mode.PASS)
        assert hear(connection, 5) == b"hello"


def test_it_trickles(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte, with a pause after each."""
    monkeypatch.setattr("tests.support.proxy.TRICKLE_SECONDS", 0.1)
    proxy.set(Mode.TRICKLE)
    with reach(proxy) as connection:
        connection.sendall(b"abc")
        assert [connection.recv(10) for _ in range(3)] == [b"a", b"b", b"c"]


@pytest.mark.parametrize("direction", list(Direction))
def test_it_resets_in_the_middle_of_a_message(proxy: Proxy, direction: Direction) -> None:
    """After so many bytes in a direction every connection is reset, once."""
    with reach(proxy) as connection, reach(proxy) as bystander:
        bystander.sendall(b"here")
        assert hear(bystander, 4) == b"here"
        proxy.reset_after(3, direction)
        connection.sendall(b"abcdef")
        with pytest.raises(ConnectionResetError):
            hear(connection, 6)
        with pytest.raises(ConnectionResetError):
            hear(bystander, 1)
        assert proxy.resets == 1
    with reach(proxy) as connection:
        connection.sendall(b"abcdef")
        assert hear(connection, 6) == b"abcdef"


def test_a_server_that_is_away_resets_its_client(proxy: Proxy) -> None:
    """A connection to nobody is reset."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        proxy.upstream = probe.getsockname()
    with pytest.raises(ConnectionResetError), reach(proxy) as connection:
        connection.recv(1)
