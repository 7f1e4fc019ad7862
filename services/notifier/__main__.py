"""A notifier process of the distributed shape: ``python -m services.notifier``. Of several one decides and sends."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import psycopg
from anyio.to_thread import run_sync

from services.ledger.client.feed.kafka_feed import KafkaFeed
from services.ledger.contract.clock import FollowingClock
from services.ledger.contract.remote import CLOCK_CALLERS, CLOCK_FOLLOWER, LETTERS, NOTIFIER, STATUS
from services.ledger.contract.status import LedgerStatus
from services.notifier.contract.remote import CALLERS, DESK
from services.notifier.entrypoints.environment import ProcessSettings, read_process_settings
from services.notifier.entrypoints.follow import ReadCursor
from services.notifier.entrypoints.history import StatusHistory
from services.notifier.entrypoints.seen import LedgerSeen
from services.notifier.main import NotifierProcess
from services.runtime.clock import Clock
from services.runtime.postgres import DatabaseAway
from services.runtime.remote.client import remote
from services.runtime.remote.outgoing import OutgoingCalls
from services.runtime.remote.server import RemoteServer, Served
from services.runtime.remote.transport import HttpTransport
from services.runtime.service import Service, run_service
from services.runtime.service_tokens import ServiceGuard

NAME: Final = "notifier"


async def serve(service: Service, stack: AsyncExitStack) -> None:
    """Follow the ledger's events, on the ledger's time, and take orders for letters, until told to stop."""
    settings = read_process_settings(os.environ)
    guard = ServiceGuard.open(NAME, settings.internal.service_keys, {**CALLERS, **CLOCK_CALLERS})
    calls = OutgoingCalls(NAME, settings.internal, stack=stack, log=service.log)
    await service.listen(settings.internal, stack)
    transport = calls.to("ledger", settings.ledger_url)
    status = remote(STATUS, transport)
    following = FollowingClock(await service.wait_for("ledger", status.clock))

    async def open_notifier() -> NotifierProcess:
        return await opened_notifier(settings, service, transport, following.clock)

    notifier = await service.wait_for("postgres", open_notifier)
    following.do_when_moved(notifier.catch_up)
    await notifier.start()
    stack.push_async_callback(notifier.stop)
    ports = [Served(port=DESK, implementation=notifier.desk), Served(port=CLOCK_FOLLOWER, implementation=following)]

    async def ready() -> Mapping[str, Any]:
        return await state_of(notifier, status)

    await service.work(RemoteServer(ports, guard=guard, log=service.log), ready)


async def opened_notifier(
    settings: ProcessSettings, service: Service, transport: HttpTransport, clock: Clock
) -> NotifierProcess:
    """A notifier over a database that is ready for it; DatabaseAway or SchemaBehind while it is not."""
    loop = asyncio.get_running_loop()
    status = remote(STATUS, transport)
    history = StatusHistory(status, loop)

    def make_feed(read_cursor: ReadCursor) -> KafkaFeed:
        return KafkaFeed(
            settings.kafka,
            group=NAME,
            read_cursor=read_cursor,
            history=history,
            log=service.log,
            metrics=service.metrics,
        )

    def opened() -> NotifierProcess:
        return NotifierProcess(
            conninfo=settings.conninfo,
            commands=remote(NOTIFIER, transport),
            letters=remote(LETTERS, transport),
            make_shared_feed=make_feed,
            has_seen=LedgerSeen(status, loop),
            folder=settings.folder,
            settings_folder=settings.settings_folder,
            clock=clock,
            log=service.log,
            metrics=service.metrics,
            status=status,
            telemetry=service.telemetry,
            is_replica=True,
        )

    try:
        # What opens the database blocks, and meanwhile the process must be able to say that it lives.
        return await run_sync(opened)
    except psycopg.OperationalError as error:
        raise DatabaseAway from error


async def state_of(notifier: NotifierProcess, status: LedgerStatus) -> Mapping[str, Any]:
    """How it is; raises what stopped it, or that ledger or database, without which it can do nothing, do not answer."""
    if notifier.failure is not None:
        raise notifier.failure
    await notifier.check_database()
    return {"status": "ready", "now": (await status.clock()).now}


if __name__ == "__main__":
    sys.exit(run_service(NAME, serve))
