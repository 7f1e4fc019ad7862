"""The statutory clocks that run: requests (AVG 12, Wpg 25), breaches (AVG 33), exemptions to review (AVG 23).

What a party owes about single persons (to tell, to erase) stands in its inbox of obligations.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from anyio.to_thread import run_sync

from services.law.breach import report_before
from services.law.local_time import amsterdam_day, end_of_day
from services.ledger.application.access_requests import AccessRequests
from services.ledger.application.breaches import Breaches
from services.ledger.application.policy import Call, authorise
from services.ledger.application.request_clock import RequestClocks
from services.ledger.application.sources import Sources
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import Caller, Page
from services.ledger.contract.topics import ACCESS_REQUESTED, BREACH_REPORTED, EXEMPTION_RECORDED
from services.ledger.domain.stored import StoredEvent
from services.runtime.limits import CLOCK_AT_RISK_DAYS, CLOCK_PAST_DAYS, CLOCKED_LINES_MAX

Json = dict[str, Any]
Place = tuple[int, int]
"""(lane, position) of an event that started a clock."""


class Clocks:
    """``GET /v1/clocks``: a party sees its own, an auditor all."""

    def __init__(
        self, *, sources: Sources, requests: AccessRequests, request_clocks: RequestClocks, breaches: Breaches
    ) -> None:
        """Read from ``sources``; who reports a breach and who answers a request say ``breaches`` and ``requests``."""
        self._sources = sources
        self._requests = requests
        self._request_clocks = request_clocks
        self._breaches = breaches

    async def list(self, caller: Caller) -> Page:
        """Every clock that runs or ran out of late, the most urgent first. Names requests and breaches, no person."""
        authorise(caller, Call.LIST_CLOCKS)
        found = await run_sync(partial(self._find, caller))
        return Page(items=tuple(sorted(found, key=lambda clock: (clock["safe"] is None, clock["safe"] or ""))))

    def _find(self, caller: Caller) -> Sequence[Json]:
        everyone = "audit" in caller.scopes
        clocks = (clock for _, found in self.by_event(frozenset()) for clock in found)
        return [clock for clock in clocks if everyone or clock["party"] == caller.party]

    def by_event(self, left_out: Container[Place]) -> Iterator[tuple[StoredEvent, Sequence[Json]]]:
        """Everything that started a clock, but for these places, with the clocks of it that still run (blocking)."""
        now = self._sources.clock.now()
        rows = self._sources.projections.clocked_lines(CLOCKED_LINES_MAX)
        places = [place for row in rows if (place := (row.lane, row.position)) not in left_out]
        for event in self._sources.events.events_at(places):
            if event.envelope is not None:
                yield event, tuple(self._clocks_of(event, now))

    def _clocks_of(self, event: StoredEvent, now: datetime) -> Iterator[Json]:
        envelope = event.read_envelope()
        if event.topic == ACCESS_REQUESTED:
            yield from self._of_request(event, now)
        elif event.topic == BREACH_REPORTED:
            yield from self._of_breach(envelope, now)
        elif event.topic == EXEMPTION_RECORDED:
            yield from _of_exemption(envelope, now)

    def _of_request(self, event: StoredEvent, now: datetime) -> Iterator[Json]:
        """One clock per party that decides, until it answered or refused."""
        request = self._requests.read_event(event)
        if request is None:
            return
        seen: set[tuple[str, str]] = set()
        for controller in self._request_clocks.add_clocks(request, self._request_clocks.controllers(request)):
            place = (controller["decidedBy"], controller["regime"])
            clock = controller["clock"]
            if place in seen or clock["answeredAt"] is not None:
                continue
            seen.add(place)
            yield {
                "clock": "wpg-access" if controller["regime"] == "Wpg" else "rights-request",
                "about": {"accessRequestId": request.envelope.key},
                "party": controller["decidedBy"],
                "norm": "Wpg 25(1)" if controller["regime"] == "Wpg" else "AVG 12(3)",
                "startedAt": request.envelope.occurred_at.isoformat(),
                "state": clock["state"],
                "legalLatest": clock["legalLatest"],
                "safe": clock["safe"],
                "atRisk": _at_risk(clock["safe"], now),
            }

    def _of_breach(self, envelope: Envelope, now: datetime) -> Iterator[Json]:
        """The 72 hours, shown for some days after they ran out: whether the authority was told is not in the ledger."""
        deadline = report_before(envelope.aware_at or envelope.recorded_at)
        end = deadline.legal_latest
        assert isinstance(end, datetime), "a term in hours ends at an instant"
        if end + timedelta(days=CLOCK_PAST_DAYS) < now:
            return
        yield {
            "clock": "breach-to-authority",
            "about": {"breachId": envelope.key},
            "party": self._breaches.reporting_party(envelope),
            "norm": "AVG 33(1)",
            "startedAt": (envelope.aware_at or envelope.recorded_at).isoformat(),
            "state": "running" if now <= end else "passed",
            "legalLatest": end.isoformat(),
            "safe": end.isoformat(),
            "atRisk": True,
        }


def _of_exemption(envelope: Envelope, now: datetime) -> Iterator[Json]:
    """The review of a decision not to tell, from when it comes near until some days after it."""
    review = envelope.review_on
    today = amsterdam_day(now)
    if review is None or not today - timedelta(days=CLOCK_PAST_DAYS) <= review <= today + timedelta(days=31):
        return
    yield {
        "clock": "exemption-review",
        "about": {"exemptionId": envelope.key},
        "party": envelope.decided_by or envelope.author,
        "norm": "AVG 23, UAVG 41",
        "startedAt": envelope.occurred_at.isoformat(),
        "state": "running" if now < end_of_day(review) else "passed",
        "legalLatest": review.isoformat(),
        "safe": review.isoformat(),
        "atRisk": _at_risk(review.isoformat(), now),
    }


def _at_risk(safe: str | None, now: datetime) -> bool:
    """Whether little time is left, or none."""
    return safe is not None and safe[:10] <= (amsterdam_day(now) + timedelta(days=CLOCK_AT_RISK_DAYS)).isoformat()
