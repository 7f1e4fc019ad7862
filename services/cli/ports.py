"""Which port to listen on: the one that was asked for, or a free one with a clear line."""

from __future__ import annotations

import os
import socket
import sys
from typing import Final

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8000


def choose_port(*, free: bool = False) -> int:
    """``GROOTBOEK_PORT`` or 8000; another one when it is taken, or always when ``free``."""
    wanted = int(os.environ.get("GROOTBOEK_PORT") or DEFAULT_PORT)
    if free:
        return _free_port()
    if _is_free(wanted):
        return wanted
    port = _free_port()
    print(f"Port {wanted} is taken; serving on {port} instead.", file=sys.stderr, flush=True)
    return port


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
