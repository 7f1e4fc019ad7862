"""Ends the holds that follow from what was recorded when their proceeding is over.

A request holds until every party that decides has answered or refused, and six weeks more, in which the person may
object (Awb 6:7, UAVG 35(2)); at most six months, so that a request that nobody answers keeps nothing for ever. A breach
holds for two years: AVG 33(5) wants it documented so that the authority can verify it, and names no term; whoever needs
the records longer, up to the five years in which a fine may be imposed (Awb 5:45), places a hold of his own, with his
reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final
from uuid import UUID

from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.law.periods import Period, add_period
from services.ledger.application.holds import Hold, Holds
from services.ledger.application.retention_ports import HoldAt, Proceedings
from services.ledger.application.sources import Sources
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import REQUEST_STEPPED
from services.ledger.domain.identity import LEDGER
from services.runtime import limits

AUTOMATIC: Final = ("request", "breach")
ANSWERS: Final = frozenset({"answer", "refuse"})
OBJECTION_PERIOD: Final = Period(days=42)
REQUEST_PERIOD_MAX: Final = Period(months=6)
BREACH_PERIOD: Final = Period(years=2)

Place = tuple[int, UUID]
"""(lane, stream)."""


class EndedHolds:
    """The verb ``release_ended_holds``."""

    def __init__(
        self,
        *,
        sources: Sources,
        proceedings: Proceedings,
        holds: Holds,
        deciders: Callable[[UUID], frozenset[str]],
        request_place: Callable[[UUID], Place],
    ) -> None:
        """``deciders`` says who must answer a request (by its operation), ``request_place`` where its steps stand."""
        self._sources = sources
        self._proceedings = proceedings
        self._holds = holds
        self._deciders = deciders
        self._request_place = request_place
        self._looked_on: date | None = None

    async def release_ended(self) -> int:
        """End the holds whose proceeding is over; looks once a day, since they end with a day. How many ended."""
        today = amsterdam_day(self._sources.clock.now())
        if self._looked_on == today:
            return 0
        ended = await run_sync(partial(self._find_ended, today))
        for hold in ended:
            await self._holds.end(hold, LEDGER)
        self._looked_on = today
        return len(ended)

    def _find_ended(self, today: date) -> list[Hold]:
        """The automatic holds in force whose last day has passed."""
        ended: list[Hold] = []
        for hold_id, envelope in self._in_force():
            last = self._last_day(envelope)
            hold = self._holds.load(hold_id) if last is not None and last < today else None
            if hold is not None:
                ended.append(hold)
        return ended

    def _in_force(self) -> Iterator[tuple[UUID, Envelope]]:
        """Every automatic hold in force, once."""
        seen: set[UUID] = set()
        after: tuple[int, int] | None = None
        while page := self._proceedings.in_force(AUTOMATIC, after, limits.HOLDS_PAGE_MAX):
            yield from self._first_seen(page, seen)
            after = (page[-1].lane, page[-1].position)

    def _first_seen(self, page: Sequence[HoldAt], seen: set[UUID]) -> Iterator[tuple[UUID, Envelope]]:
        events = self._sources.events.events_at([(hold.lane, hold.position) for hold in page])
        for hold, event in zip(page, events, strict=True):
            if hold.hold_id not in seen and event.envelope is not None:
                seen.add(hold.hold_id)
                yield hold.hold_id, event.read_envelope()

    def _last_day(self, hold: Envelope) -> date | None:
        """The last day of a hold; None for one that somebody placed and somebody must end."""
        if hold.about_operation is None:
            return None
        # Where it followed a link it was recorded later.
        placed = amsterdam_day(hold.occurred_at)
        if hold.hold_kind == "breach":
            return add_period(placed, BREACH_PERIOD)
        latest = add_period(placed, REQUEST_PERIOD_MAX)
        answered = self._answered_on(hold.about_operation)
        return latest if answered is None else min(latest, add_period(answered, OBJECTION_PERIOD))

    def _answered_on(self, request: UUID) -> date | None:
        """The day on which the last party that decides on a request answered or refused; None while one has not."""
        events = self._sources.events.events_of_stream(*self._request_place(request))
        steps = [e.read_envelope() for e in events if e.topic == REQUEST_STEPPED and e.envelope is not None]
        answers = {step.author: step.occurred_at for step in steps if step.step in ANSWERS}
        if not answers or not self._deciders(request) <= answers.keys():
            return None
        return amsterdam_day(max(answers.values()))
