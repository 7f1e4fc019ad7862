"""The four processes together: a database made ready, all started, watched until they are ready, stopped in order."""

from __future__ import annotations

import http.client
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from services.cli.distributed.child import Child, ProcessRefused
from services.cli.distributed.layout import HOST, SERVICES, Layout
from services.cli.prepare_database import prepare_database
from services.gateway.auth.issuer import TokenIssuer
from services.runtime import limits
from services.runtime.errors import GrootboekError, Kind
from services.runtime.internal_http import READY
from services.runtime.log import Log

# Nobody is asked for anything by one that was stopped before him.
STOP_ORDER: Final = ("gateway", "notifier", "retention", "ledger")


class ProcessNotReady(GrootboekError):
    """One of the processes does not get ready."""

    code = "process_not_ready"
    kind = Kind.UNAVAILABLE
    remedy = "See in the lines before this one what it waits for."


class Distributed:
    """A context: inside it the ledger is served at ``base_url`` by four processes; leaving it stops all of them."""

    def __init__(self, layout: Layout, log: Log, *, outputs: Path | None = None) -> None:
        """Nothing is made or started before the context is entered.

        What a process says goes to a file of its name in the folder ``outputs``, by default where our own lines go.
        """
        self.layout = layout
        self._stack = ExitStack()
        self.children = {service: self._child(service, log, outputs) for service in SERVICES}

    def _child(self, service: str, log: Log, outputs: Path | None) -> Child:
        output = None if outputs is None else outputs / f"{service}.log"
        return Child(service, self.layout.environment(service, os.environ), Path.cwd(), log, output=output)

    @property
    def base_url(self) -> str:
        """Where the public API answers."""
        return self.layout.base_url

    def __enter__(self) -> Self:
        layout = self.layout
        layout.make()
        TokenIssuer.open(layout.issuer)
        prepare_database(layout.owner, lanes=layout.lanes, clock_kind=layout.clock, passwords=layout.passwords())
        try:
            for service in reversed(STOP_ORDER):
                self.children[service].start()
                self._stack.callback(self.children[service].stop)
            self.wait_until_ready()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def wait_until_ready(self) -> None:
        """Wait until every process says that it is ready; raises ProcessRefused or ProcessNotReady."""
        deadline = time.monotonic() + limits.PROCESSES_START_SECONDS_MAX
        for service in SERVICES:
            while not is_ready(self.layout.internal[service]):
                self.raise_refused()
                if time.monotonic() > deadline:
                    raise ProcessNotReady(f"The process {service} does not get ready.")
                time.sleep(limits.PROCESS_POLL_SECONDS)

    def raise_refused(self) -> None:
        """Raise ProcessRefused when one of them will not start again before something is repaired."""
        for service, child in self.children.items():
            if child.refused.is_set():
                raise ProcessRefused(f"The process {service} does not start.")


def is_ready(port: int) -> bool:
    """Whether the process behind a port answers that it is ready."""
    asking = http.client.HTTPConnection(HOST, port, timeout=limits.PROCESS_ANSWER_SECONDS_MAX)
    try:
        asking.request("GET", READY)
        return asking.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()
