"""The clock of an access request at each party that decides on it, as its steps have left it (AVG 12(3), Wpg 25)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from services.law.request_clock import ClockStep, RequestClock, access_request_clock
from services.ledger.application.access_requests import AccessRequest, AccessRequests, request_stream
from services.ledger.application.sources import Sources
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import REQUEST_STEPPED

Json = dict[str, Any]

EXTEND_SEVERAL_UNITS: Final = "extend-several-units"
"""The longer extension of Wpg 25, for data that several units of the police keep."""


class RequestClocks:
    """Folds the steps of a request into the clocks of its controllers; blocking."""

    def __init__(self, *, sources: Sources, requests: AccessRequests, stream_lane: Callable[[UUID], int]) -> None:
        """``stream_lane`` says on which lane the stream of a request lives."""
        self._sources = sources
        self._requests = requests
        self._stream_lane = stream_lane

    def controllers(self, request: AccessRequest) -> list[Json]:
        """Who must answer, as the receipt of the request says."""
        return self._requests.controllers_then(request)

    def steps_of(self, request: AccessRequest, parties: Collection[str]) -> list[Envelope]:
        """The steps that these parties took, in order of time."""
        stream = request_stream(request.envelope.operation_id)
        found = [
            event.read_envelope()
            for event in self._sources.events.events_of_stream(self._stream_lane(stream), stream)
            if event.topic == REQUEST_STEPPED and event.envelope is not None
        ]
        own = [envelope for envelope in found if envelope.author in parties]
        return sorted(own, key=lambda envelope: (envelope.occurred_at, envelope.recorded_at))

    def view(self, request: AccessRequest, decides: str) -> Json:
        """The clock of whoever decides, under the regime of the first controller it decides for."""
        own = [each for each in self.controllers(request) if each["decidedBy"] == decides]
        regime = own[0]["regime"] if own else "AVG"
        return {"party": decides, "regime": regime, **view_clock(self.clock(request, decides, regime))}

    def add_clocks(self, request: AccessRequest, controllers: Iterable[Json]) -> list[Json]:
        """These controllers of the request, each with its clock as it stands."""
        clocks: dict[tuple[str, str], Json] = {}
        answered = []
        for controller in controllers:
            place = (controller["decidedBy"], controller["regime"])
            if place not in clocks:
                clocks[place] = view_clock(self.clock(request, *place))
            answered.append(controller | {"clock": clocks[place]})
        return answered

    def clock(self, request: AccessRequest, decides: str, regime: str) -> RequestClock:
        """The clock of one party that decides."""
        steps = [clock_step(envelope) for envelope in self.steps_of(request, {decides})]
        return access_request_clock(request.envelope.occurred_at, regime, steps, self._sources.clock.now())


def clock_step(envelope: Envelope) -> ClockStep:
    """A recorded step as the law counts it."""
    several = envelope.step == EXTEND_SEVERAL_UNITS
    return ClockStep("extend" if several else envelope.step or "", envelope.occurred_at, several)


def view_clock(clock: RequestClock) -> Json:
    """A clock in words of the contract; days as dates, no end while it is suspended or not verified."""
    return {
        "state": clock.state,
        "legalLatest": _printed(clock.legal_latest),
        "safe": _printed(clock.safe),
        "extended": clock.extended,
        "late": clock.is_late,
        "answeredAt": None if clock.answered_at is None else clock.answered_at.isoformat(),
    }


def _printed(end: date | datetime | None) -> str | None:
    return None if end is None else end.isoformat()
