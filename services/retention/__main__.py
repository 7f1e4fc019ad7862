"""A retention process of the distributed shape: ``python -m services.retention``. One is enough; more do no harm."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from services.ledger.contract.clock import FollowingClock
from services.ledger.contract.remote import CLOCK_CALLERS, CLOCK_FOLLOWER, RETENTION, STATUS
from services.retention.entrypoints.environment import read_settings
from services.retention.main import RetentionProcess
from services.runtime.remote.client import remote
from services.runtime.remote.outgoing import OutgoingCalls
from services.runtime.remote.server import RemoteServer, Served
from services.runtime.service import Service, run_service
from services.runtime.service_tokens import ServiceGuard

NAME: Final = "retention"


async def serve(service: Service, stack: AsyncExitStack) -> None:
    """Run rounds through the ledger's commands, on the ledger's time, until told to stop."""
    settings = read_settings(os.environ)
    guard = ServiceGuard.open(NAME, settings.internal.service_keys, CLOCK_CALLERS)
    calls = OutgoingCalls(NAME, settings.internal, stack=stack, log=service.log)
    await service.listen(settings.internal, stack)
    transport = calls.to("ledger", settings.ledger_url)
    status = remote(STATUS, transport)
    following = FollowingClock(await service.wait_for("ledger", status.clock))
    retention = RetentionProcess(
        commands=remote(RETENTION, transport),
        clock=following.clock,
        log=service.log,
        metrics=service.metrics,
        telemetry=service.telemetry,
    )
    following.do_when_moved(retention.catch_up)
    await retention.start()
    stack.push_async_callback(retention.stop)

    async def ready() -> Mapping[str, Any]:
        if retention.failure is not None:
            raise retention.failure
        # Without the ledger it can do nothing, and whoever asks must hear so.
        return {"status": "ready", "now": (await status.clock()).now}

    ports = RemoteServer([Served(port=CLOCK_FOLLOWER, implementation=following)], guard=guard, log=service.log)
    await service.work(ports, ready)


if __name__ == "__main__":
    sys.exit(run_service(NAME, serve))
