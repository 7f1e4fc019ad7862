"""A ledger process of the distributed shape: ``python -m services.ledger``. Many of them may run, on many hosts."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

import psycopg
from anyio import fail_after
from anyio.to_thread import run_sync

from services.ledger.contract.clock import ClockFollower
from services.ledger.contract.errors import say_as_ours
from services.ledger.contract.remote import (
    CALLERS,
    CLOCK_FOLLOWER,
    LEDGER,
    LETTERS,
    NOTIFIER,
    RETENTION,
    STATUS,
)
from services.ledger.contract.status import LedgerStatus
from services.ledger.entrypoints.environment import LedgerSettings, read_settings
from services.ledger.main import LedgerProcess
from services.runtime import limits
from services.runtime.internal_http import Ready
from services.runtime.kafka_topics import KafkaAway, ensure_topics
from services.runtime.log_events import DEPENDENCY_AWAITED
from services.runtime.postgres import DatabaseAway
from services.runtime.remote.client import remote
from services.runtime.remote.outgoing import OutgoingCalls
from services.runtime.remote.server import RemoteServer, Served
from services.runtime.service import Service, run_service
from services.runtime.service_tokens import ServiceGuard

NAME: Final = "ledger"


async def serve(service: Service, stack: AsyncExitStack) -> None:
    """Open the ledger when its database is there, publish what it records, and answer until told to stop."""
    settings = read_settings(os.environ)
    guard = ServiceGuard.open(NAME, settings.internal.service_keys, CALLERS)
    calls = OutgoingCalls(NAME, settings.internal, stack=stack, log=service.log)
    await service.listen(settings.internal, stack)

    async def open_ledger() -> LedgerProcess:
        return await started_ledger(settings, service)

    ledger = await service.wait_for("postgres", open_ledger)
    stack.push_async_callback(ledger.stop)
    let_others_follow(settings, ledger, calls)
    await service.work(RemoteServer(ports_of(ledger), guard=guard, log=service.log), readiness(ledger))


async def started_ledger(settings: LedgerSettings, service: Service) -> LedgerProcess:
    """A ledger that runs; DatabaseAway or SchemaBehind while it cannot."""
    try:
        # What opens the database blocks, and meanwhile the process must be able to say that it lives.
        ledger = await run_sync(lambda: new_ledger(settings, service))
        await check_topics(settings, service)
        await ledger.start()
    except psycopg.OperationalError as error:
        raise DatabaseAway from error
    return ledger


def new_ledger(settings: LedgerSettings, service: Service) -> LedgerProcess:
    """The ledger as this process is told to open it."""
    return LedgerProcess(
        conninfo=settings.conninfo,
        vault_file=settings.vault_file,
        register_folder=settings.register_folder,
        clock_kind=settings.clock_kind,
        lanes=settings.lanes,
        publish=settings.kafka,
        metrics=service.metrics,
        log=service.log,
        telemetry=service.telemetry,
        is_replica=True,
    )


async def check_topics(settings: LedgerSettings, service: Service) -> None:
    """Refuse wrong topics. A broker that is away is no reason not to record: who publishes waits for it."""
    try:
        with fail_after(limits.TOPICS_CHECK_SECONDS_MAX):
            await run_sync(ensure_topics, settings.kafka, settings.lanes, abandon_on_cancel=True)
    except (KafkaAway, TimeoutError):
        service.log.write(DEPENDENCY_AWAITED, service=NAME, dependency="kafka", seconds=0.0, code=KafkaAway.code)


def let_others_follow(settings: LedgerSettings, ledger: LedgerProcess, calls: OutgoingCalls) -> None:
    """On a scenario clock: call the services that act on time before and after it moves, one after the other."""
    for service, url in settings.followers.items():
        follower = remote(CLOCK_FOLLOWER, calls.to(service, url))
        ledger.client.follow_clock(partial(catch_up, follower, ledger.status))


async def catch_up(follower: ClockFollower, status: LedgerStatus) -> None:
    """Let a service stand where the ledger stands, and do all that is due by then."""
    await follower.catch_up(await status.clock())


def ports_of(ledger: LedgerProcess) -> list[Served]:
    """Everything that others may ask."""
    ports = ledger.ports()
    return [
        Served(port=port, implementation=implementation, translate=say_as_ours)
        for port, implementation in (
            (LEDGER, ports.ledger),
            (RETENTION, ports.retention),
            (NOTIFIER, ports.notifier),
            (LETTERS, ports.letters),
            (STATUS, ports.status),
        )
    ]


def readiness(ledger: LedgerProcess) -> Ready:
    """Ready is who can append and read; that publishing stopped keeps nobody from it, and is told beside."""

    async def ready() -> Mapping[str, Any]:
        state = await ledger.client.ready()
        return {**state, "publishing": "running" if ledger.is_publishing else "stopped"}

    return ready


if __name__ == "__main__":
    sys.exit(run_service(NAME, serve))
