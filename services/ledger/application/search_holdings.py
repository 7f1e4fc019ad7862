"""Who holds what about whom, until when, on which basis (S75)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.bounds import parse_bounds
from services.ledger.application.cursors import Cursor, CursorSealer, page_limit, question_of
from services.ledger.application.holding_view import (
    Json,
    SeenAct,
    begun_streams,
    keep_readable,
    places_of,
    standing_streams,
    streams_of,
    view_holding,
)
from services.ledger.application.lines import Line
from services.ledger.application.policy import Call, authorise
from services.ledger.application.ports import Bounds
from services.ledger.application.reads import ReadLog
from services.ledger.application.sources import Place, Sources, identify
from services.ledger.application.visibility import Visibility
from services.ledger.contract.messages import Caller, HoldingSearch, Page
from services.ledger.domain.holdings import Holding, group_categories, holdings
from services.runtime.errors import FieldError, Rejected
from services.runtime.limits import PAGE_ROUNDS_MAX


class HoldingsOfNobody(Rejected):
    """Holdings are asked of a party, about a person, or both."""

    code = "party-or-subject-missing"
    remedy = "Name a party or a subject."

    def __init__(self) -> None:
        """Point at both."""
        message = "Name a party or a subject."
        super().__init__(
            tuple(
                FieldError(pointer=pointer, code=self.code, message=message, remedy=self.remedy)
                for pointer in ("/party", "/subject")
            )
        )


class _Found(msgspec.Struct, frozen=True):
    """A page of items, the persons they are about, and the last person looked at when there may be more."""

    items: list[Json]
    persons: set[Place]
    last: Place | None


class SearchHoldings:
    """``POST /v1/holdings/_search``."""

    def __init__(self, *, sources: Sources, reads: ReadLog, cursors: CursorSealer) -> None:
        """Read from ``sources``, recorded in ``reads``; pages hang on ``cursors``."""
        self._sources = sources
        self._reads = reads
        self._cursors = cursors

    async def search(self, caller: Caller, search: HoldingSearch) -> Page:
        """One page of holdings; a person's holdings always stand on one page."""
        authorise(caller, Call.SEARCH_HOLDINGS)
        if caller.subject is not None:
            search = msgspec.structs.replace(search, subject=caller.subject)
        if search.party is None and search.subject is None:
            raise HoldingsOfNobody
        question = question_of(Call.SEARCH_HOLDINGS, msgspec.structs.replace(search, cursor=None, limit=None))
        cursor = self._cursors.open(search.cursor, caller, question)
        bounds = parse_bounds(search.as_of, search.as_known_at, self._sources.clock.now())
        if cursor is not None:
            bounds = Bounds(as_of=cursor.as_of, as_known_at=cursor.as_known_at)
        limit = page_limit(search.limit)
        found = await run_sync(partial(self._find, caller, search, bounds, cursor, limit))
        read_id = await self._reads.record(
            caller, Call.SEARCH_HOLDINGS, found.persons, read_id=cursor.read_id if cursor else None
        )
        following = None
        if found.last is not None:
            lane, person = found.last
            following = self._cursors.seal(
                Cursor(read_id=read_id, lane=lane, person=person, as_of=bounds.as_of, as_known_at=bounds.as_known_at),
                caller,
                question,
            )
        return Page(items=tuple(msgspec.to_builtins(found.items)), next=following)

    def _find(self, caller: Caller, search: HoldingSearch, bounds: Bounds, cursor: Cursor | None, limit: int) -> _Found:
        if search.subject is not None:
            streams = self._sources.streams_of(search.subject, bounds.as_known_at)
            held = self._visible(caller, search, streams, bounds)
            return _Found(self._items(caller, held), streams_of(held), None)
        assert search.party is not None
        after: tuple[int, UUID] | None = (cursor.lane, cursor.person) if cursor and cursor.person else None
        kept: list[Holding] = []
        # A reader who may see few of a party's persons gets full pages all the same, within a bound.
        for _ in range(PAGE_ROUNDS_MAX):
            persons = self._sources.projections.holders_page(search.party, bounds, after, limit)
            kept += self._visible(caller, search, persons, bounds)
            after = persons[-1] if len(persons) == limit else None
            if after is None or len(streams_of(kept)) >= limit:
                break
        return _Found(self._items(caller, kept), streams_of(kept), after)

    def _visible(
        self, caller: Caller, search: HoldingSearch, persons: Sequence[Place], bounds: Bounds
    ) -> list[Holding]:
        """The holdings of these persons that the question is about, as far as the caller may read what carries them."""
        closure = self._sources.directory.closure(persons, bounds.as_known_at)
        everyone = sorted({place for group in closure.values() for place in group})
        rows = self._sources.projections.holding_acts(everyone, bounds)
        standing = standing_streams(closure, begun_streams(rows, search.party))
        wanted = frozenset(search.data_categories)
        found = [
            holding
            for holding in holdings(rows, bounds.as_of, bounds.as_known_at, standing)
            if (search.party is None or holding.party == search.party)
            and (not wanted or not wanted.isdisjoint(holding.categories))
        ]
        listed = frozenset(persons)
        visibility = Visibility(self._sources, caller)
        events = self._sources.events.events_at(places_of(found))
        readable = frozenset(
            (event.lane, event.position)
            for event in events
            if event.envelope is not None and visibility.shows(Line(event=event, envelope=event.read_envelope()))
        )
        kept = keep_readable(found, readable)
        # Of linked streams only the one that stands for the person is listed, so that nobody is listed twice.
        return [holding for holding in kept if search.subject is not None or _stands(holding, listed)]

    def _items(self, caller: Caller, found: Sequence[Holding]) -> list[Json]:
        # What was swept since the page was found falls out of it.
        events = [event for event in self._sources.events.events_at(places_of(found)) if event.envelope is not None]
        found = keep_readable(found, frozenset((event.lane, event.position) for event in events))
        contents = self._sources.open(events)
        seen = {
            (event.lane, event.position): SeenAct(
                envelope=event.read_envelope(), content=contents[event.lane, event.position]
            )
            for event in events
        }
        refs: dict[Place, str | None] = {}
        for holding in found:
            for act in holding.acts:
                person = identify(seen[act.lane, act.position].content)
                if person is not None and not refs.get((holding.lane, holding.stream_id)):
                    refs[holding.lane, holding.stream_id] = self._sources.directory.ref(caller.party, person)
        register = self._sources.register.current()
        return [
            view_holding(holding, refs.get((holding.lane, holding.stream_id)), seen, register)
            for holding in group_categories(found)
        ]


def _stands(holding: Holding, listed: frozenset[Place]) -> bool:
    return (holding.lane, holding.stream_id) in listed
