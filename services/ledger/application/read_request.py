"""An access request as it stands: who must answer, and each one's clock as its steps have left it."""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio.to_thread import run_sync

from services.ledger.application.access_requests import AccessRequest, AccessRequests
from services.ledger.application.policy import Call, authorise
from services.ledger.application.reads import ReadLog
from services.ledger.application.request_clock import RequestClocks
from services.ledger.application.sources import Sources
from services.ledger.contract.messages import Caller

Json = dict[str, Any]


class ReadRequest:
    """``GET /v1/access-requests/{id}``."""

    def __init__(self, *, sources: Sources, requests: AccessRequests, clocks: RequestClocks, reads: ReadLog) -> None:
        """Find the request in ``requests``, its clocks in ``clocks``; the read is recorded in ``reads``."""
        self._sources = sources
        self._requests = requests
        self._clocks = clocks
        self._reads = reads

    async def read(self, caller: Caller, request_id: str) -> Json:
        """The request and the clock of every controller."""
        authorise(caller, Call.READ_ACCESS_REQUEST)
        request = await run_sync(partial(self._requests.find, caller, request_id))
        answer = await run_sync(partial(self._view, caller, request))
        await self._reads.record(caller, Call.READ_ACCESS_REQUEST, request.streams)
        return answer

    def _view(self, caller: Caller, request: AccessRequest) -> Json:
        """What the receipt said, and what has become of it since."""
        envelope, receipt = request.envelope, self._requests.receipt(caller, request)
        return receipt | {
            "controllers": self._clocks.add_clocks(request, receipt["controllers"]),
            "receivedAt": envelope.occurred_at.isoformat(),
            "receivedBy": envelope.received_by,
            "requestedBy": {"role": envelope.requester_role},
            "recordedAt": envelope.recorded_at.isoformat(),
            "subject": {"ref": self._sources.directory.ref(caller.party, request.subject)},
        }
