"""Closes the sockets that Kafka's library forgets: those whose connection had not come about when it gave up.

Python closes them later, at any moment, and pytest then blames whichever test it is running.
"""

from __future__ import annotations

import socket
from typing import Any, Final

from kafka.net.inet import KafkaNetSocket

_connect: Final = KafkaNetSocket.sock_connect


async def connect_or_close(self: KafkaNetSocket, net: Any, sock: socket.socket, *where: Any, **until: Any) -> Any:
    """Do what the library does, and close the socket unless that gives a connection."""
    try:
        return await _connect(self, net, sock, *where, **until)
    except BaseException:
        sock.close()
        raise


def close_forgotten_sockets() -> None:
    """Let every client of this process, ours and those of tests, connect in that way."""
    KafkaNetSocket.sock_connect = connect_or_close
