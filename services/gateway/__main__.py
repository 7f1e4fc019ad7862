"""A gateway process of the distributed shape: ``python -m services.gateway``. Any number of them may run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from services.gateway.environment import GatewaySettings, read_settings
from services.gateway.main import build_gateway
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.remote import LEDGER
from services.notifier.contract.remote import DESK
from services.runtime.errors import GrootboekError
from services.runtime.http import answer_not_found
from services.runtime.http_server import HttpServer
from services.runtime.internal_http import NotReady
from services.runtime.remote.client import remote
from services.runtime.remote.outgoing import OutgoingCalls
from services.runtime.service import Service, run_service

NAME: Final = "gateway"


async def serve(service: Service, stack: AsyncExitStack) -> None:
    """Open the door when the ledger answers; answer until told to stop, and then what was asked by then."""
    settings = read_settings(os.environ)
    await service.listen(settings.internal, stack)
    calls = OutgoingCalls(NAME, settings.internal, stack=stack, log=service.log)
    ledger = remote(LEDGER, calls.to("ledger", settings.ledger_url))
    desk = remote(DESK, calls.to("notifier", settings.notifier_url))

    async def answers() -> Mapping[str, Any]:
        return await state_of(ledger)

    await service.wait_for("ledger", answers)
    app = build_gateway(
        ledger=ledger,
        desk=desk,
        issuer_folder=settings.issuer_folder,
        metrics=service.metrics,
        log=service.log,
        telemetry=service.telemetry,
    )
    door = new_door(app, settings)
    await door.start()
    service.metrics.set("grootboek_door_open", 1)
    stack.push_async_callback(door.stop)
    await service.work(answer_not_found, answers, drain=door.stop)


async def state_of(ledger: LedgerClient) -> Mapping[str, Any]:
    """How the ledger is; raises what keeps it from its work, all of which may pass, so that we wait for it."""
    try:
        return await ledger.ready()
    except GrootboekError as error:
        if error.retryable:
            # It says more of the reason than we could.
            raise
        raise NotReady from error


def new_door(app: Any, settings: GatewaySettings) -> HttpServer:
    """The server for everybody else."""
    return HttpServer(app, host=settings.host, port=settings.port, tls=settings.internal.tls)


if __name__ == "__main__":
    sys.exit(run_service(NAME, serve))
