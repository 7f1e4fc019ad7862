"""Calls from a thread into the event loop of its process."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from services.runtime.errors import Unavailable
from services.runtime.remote.client import RemoteFault

T = TypeVar("T")


def call_in_loop(loop: asyncio.AbstractEventLoop, call: Coroutine[Any, Any, T], seconds: float) -> T:
    """Run a call in ``loop`` and wait; Unavailable when it does not end in time, or the loop is being closed.

    What another process failed at passes too, once that one is repaired. From any thread but that of the loop, which
    would wait for itself.
    """
    try:
        future = asyncio.run_coroutine_threadsafe(call, loop)
    except RuntimeError:
        # The loop has been closed under us.
        call.close()
        raise Unavailable from None
    try:
        return future.result(seconds)
    except RemoteFault as error:
        raise Unavailable from error
    except (TimeoutError, CancelledError):
        future.cancel()
        raise Unavailable from None
