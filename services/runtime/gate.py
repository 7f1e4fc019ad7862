"""The door of a process from its first moment to its last: it lives all the while, and tells truly if it is ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.runtime.errors import GrootboekError
from services.runtime.http import Asgi, Receive, Scope, Send, problem_answer, send_answer
from services.runtime.internal_http import NotReady, Ready


class WaitsFor(NotReady):
    """This process waits for something that it needs, and takes no calls before."""

    def __init__(self, dependency: str) -> None:
        """Name what it waits for: one of a closed list of words of ours."""
        super().__init__()
        # The code goes into the answer to whether we are ready; what it waits for is what one wants to know there.
        vars(self)["code"] = f"waits-for-{dependency}"


class Ending(NotReady):
    """This process was told to end; it answers what it was asked before."""

    code = "ending"


class Gate:
    """Stands between the server and the ports: shut until these are there, and shut again at the end."""

    def __init__(self) -> None:
        """Begin shut."""
        self._why_shut: NotReady | None = WaitsFor("start")
        self._ports: Asgi | None = None
        self._ready: Ready | None = None

    def shut(self, why: NotReady) -> None:
        """Take no more calls, for this reason."""
        self._why_shut = why

    def open(self, ports: Asgi, ready: Ready) -> None:
        """Hand calls to ``ports`` from now on; ``ready`` says how the process is."""
        self._ports, self._ready, self._why_shut = ports, ready, None

    async def ready(self) -> Mapping[str, Any]:
        """Say how the process is; raises what keeps it from its work."""
        if self._why_shut is not None or self._ready is None:
            raise self._why_shut or WaitsFor("start")
        return await self._ready()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a call; while shut answer 503, which says that nothing of it was done."""
        if self._ports is None or isinstance(self._why_shut, WaitsFor):
            error: GrootboekError = self._why_shut or WaitsFor("start")
            await send_answer(send, problem_answer(error))
        else:
            await self._ports(scope, receive, send)
