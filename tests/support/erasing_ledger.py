"""A forked ledger on a scenario clock that destroys what it is told to, when it is told to, and nothing else.

Retention has no task of its own here. Its commands are given over HTTP, one at a time: the same work then makes the
same calls to the kernel, and a test knows which of them it broke.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

import uvicorn
from anyio.to_thread import current_default_thread_limiter, run_sync
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from services.gateway.main import build_gateway
from services.ledger.contract.commands import RetentionCommands
from services.ledger.main import LedgerProcess
from services.runtime.http import server_options
from services.runtime.log import StructuredLog
from services.runtime.metrics import Metrics
from services.workers.serving import NotifyingServer
from tests.support.forked_ledger import main, tell_threads

MODULE: Final = "tests.support.erasing_ledger"
"""What a ``Zygote`` of such ledgers runs."""
COMMANDS: Final = "/commands-of-retention"


class CommandDesk:
    """An ASGI endpoint that carries out the command its query names, such as ``end-day=2026-03-01``."""

    def __init__(self, commands: RetentionCommands) -> None:
        """Give them to ``commands``."""
        self._commands = commands

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the command gave, or with 503 and the name of what stopped it."""
        verb, _, argument = scope["query_string"].decode().partition("=")
        try:
            answer = JSONResponse(await self._carry_out(verb, argument))
        except Exception as error:  # noqa: BLE001 - as a round of retention does, which tries again
            answer = JSONResponse(type(error).__name__, 503)
        await answer(scope, receive, send)

    async def _carry_out(self, verb: str, argument: str) -> object:
        if verb == "advance-erasure":
            return await self._commands.advance_erasure(UUID(argument))
        if verb == "rotate-week":
            return await self._commands.rotate_week()
        assert verb == "end-day"
        await self._commands.end_day(date.fromisoformat(argument))
        return "ended"


async def serve(conninfo: str, folder: Path, port: int, lanes: int, kafka: tuple[str, str] | None) -> None:
    """Open the ledger and the door, with a retention that follows the clock."""
    assert kafka is None, "what is erased here is not published"
    await use_one_thread_of_a_kind()
    log, metrics = StructuredLog(), Metrics()
    ledger = LedgerProcess(
        conninfo=conninfo,
        vault_file=folder / "vault" / "vault",
        clock_kind="scenario",
        lanes=lanes,
        metrics=metrics,
        log=log,
    )
    await ledger.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, partial(tell_threads, folder))
    app = build_gateway(ledger=ledger.client, issuer_folder=folder / "issuer", metrics=metrics, log=log)
    app.add(COMMANDS, CommandDesk(ledger.retention_commands), "commands")
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        server = NotifyingServer(uvicorn.Config(app, lifespan="off", **server_options()), lambda: None)
        await server.serve(sockets=[listener])


async def use_one_thread_of_a_kind() -> None:
    """Let the n-th call of a piece of work always be made by the same thread, which is there before the work."""
    current_default_thread_limiter().total_tokens = 1
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1, thread_name_prefix="asyncio"))
    await run_sync(os.getpid)
    await asyncio.to_thread(os.getpid)


if __name__ == "__main__":
    main(serve)
