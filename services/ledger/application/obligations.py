"""A party's inbox: what it owes and what it demands, as of an instant (AVG 13, 14, 17, 19)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.bounds import parse_bounds
from services.ledger.application.cursors import Cursor, CursorSealer, page_limit, question_of
from services.ledger.application.lines import Line
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.obligation_view import Json, ObligationViews
from services.ledger.application.person_duties import Obligation, PersonDuties, PersonFile, covenants_told_by
from services.ledger.application.policy import Call, audits, authorise, is_limited, takes_part
from services.ledger.application.ports import Bounds
from services.ledger.application.reads import ReadLog
from services.ledger.application.reconcile import reconciled
from services.ledger.application.residue_duties import ResidueDuties, is_of_erasure
from services.ledger.application.sources import Place, Sources
from services.ledger.contract.forgetting import ObligationSearch
from services.ledger.contract.messages import Caller, Page
from services.ledger.contract.topics import PROCESSING_RECORDED
from services.runtime.limits import PAGE_ROUNDS_MAX

Found = tuple[PersonFile, list[Obligation]]


class _Page(msgspec.Struct, frozen=True):
    """The items of a page, the persons they are about, and the last person looked at when there may be more."""

    items: list[Json]
    persons: set[Place]
    last: Place | None


class SearchObligations:
    """``POST /v1/obligations/_search``."""

    def __init__(
        self,
        *,
        sources: Sources,
        duties: PersonDuties,
        residues: ResidueDuties,
        ids: ObligationIds,
        reads: ReadLog,
        cursors: CursorSealer,
    ) -> None:
        """Fold with ``duties`` and ``residues`` over ``sources``, named by ``ids``; pages hang on ``cursors``."""
        self._sources = sources
        self._duties = duties
        self._residues = residues
        self._ids = ids
        self._reads = reads
        self._cursors = cursors

    async def search(self, caller: Caller, search: ObligationSearch) -> Page:
        """One page of obligations; those about one person always stand on one page."""
        authorise(caller, Call.SEARCH_OBLIGATIONS)
        question = question_of(Call.SEARCH_OBLIGATIONS, msgspec.structs.replace(search, cursor=None, limit=None))
        cursor = self._cursors.open(search.cursor, caller, question)
        bounds = parse_bounds(search.as_of, None, self._sources.clock.now())
        if cursor is not None:
            bounds = Bounds(as_of=cursor.as_of, as_known_at=cursor.as_known_at)
        limit = page_limit(search.limit)
        after: Place | None = (cursor.lane, cursor.person) if cursor and cursor.person else None
        page = await run_sync(partial(self._page, caller, search, bounds, after, limit))
        read_id = await self._reads.record(
            caller, Call.SEARCH_OBLIGATIONS, page.persons, read_id=cursor.read_id if cursor else None
        )
        following = None
        if page.last is not None:
            lane, person = page.last
            place = Cursor(
                read_id=read_id, lane=lane, person=person, as_of=bounds.as_of, as_known_at=bounds.as_known_at
            )
            following = self._cursors.seal(place, caller, question)
        return Page(items=tuple(msgspec.to_builtins(page.items)), next=following)

    def _page(self, caller: Caller, search: ObligationSearch, bounds: Bounds, after: Place | None, limit: int) -> _Page:
        found, last = self._find(caller, search, bounds, after, limit)
        views = ObligationViews(self._sources, caller, found)
        return _Page(views.items(), {place for file, kept in found if kept for place in file.streams}, last)

    def _find(
        self, caller: Caller, search: ObligationSearch, bounds: Bounds, after: Place | None, limit: int
    ) -> tuple[list[Found], Place | None]:
        if search.subject is not None:
            streams = self._sources.streams_of(search.subject, bounds.as_known_at)
            files = self._read(search, streams, bounds)
            if search.kind != "reconcile":
                erasures = self._residues.places_of([line for file in files for line in file.lines])
                files += self._residues.read(erasures, bounds)
            return [(file, self._kept(caller, search, file)) for file in files], None
        party = None if "audit" in caller.scopes else caller.party
        covenants = () if party is None else covenants_told_by(self._sources.register.current(), party)
        found: list[Found] = []
        # A party that owes little about its persons gets full pages all the same, within a bound.
        for _ in range(PAGE_ROUNDS_MAX):
            persons = self._sources.projections.duty_persons_page(party, covenants, bounds, after, limit)
            listed = frozenset(persons)
            files = self._read(search, [person for person in persons if not is_of_erasure(person)], bounds)
            # Of linked streams the first that is found stands for the person, so that nobody is listed twice.
            files = [file for file in files if _stands_for(file, party, covenants) in listed]
            if search.kind != "reconcile":
                files += self._residues.read([place for place in persons if is_of_erasure(place)], bounds)
            found += [(file, self._kept(caller, search, file)) for file in files]
            after = persons[-1] if len(persons) == limit else None
            if after is None or sum(len(kept) for _, kept in found) >= limit:
                break
        return found, after

    def _read(self, search: ObligationSearch, persons: Sequence[Place], bounds: Bounds) -> list[PersonFile]:
        """The files of these persons: with what is owed, or, for whoever asks for that, with what is not booked."""
        files = self._duties.read(persons, bounds)
        if search.kind != "reconcile":
            return files
        register = self._sources.register.current()
        return [reconciled(file, register, self._ids, bounds.as_of) for file in files]

    def _kept(self, caller: Caller, search: ObligationSearch, file: PersonFile) -> list[Obligation]:
        """The obligations that the question is about and the caller may see."""
        return [one for one in file.obligations if answers(one, search) and self._shows(caller, file, one)]

    def _shows(self, caller: Caller, file: PersonFile, one: Obligation) -> bool:
        if takes_part(caller, one.party, one.controllers):
            return True
        causes = (line.envelope for line in file.lines if line.place == one.cause)
        limited = any(is_limited(envelope, self._sources.frame(envelope)) for envelope in causes)
        return audits(caller, limited=limited)


def answers(one: Obligation, search: ObligationSearch) -> bool:
    """Whether an obligation is what was asked for."""
    covenant = search.covenant
    return (
        search.kind in {None, one.kind}
        and search.state in {None, one.state}
        and (search.due_before is None or one.due < search.due_before)
        and (covenant is None or one.is_under(covenant.id, covenant.annex))
    )


def _stands_for(file: PersonFile, party: str | None, covenants: Sequence[str]) -> Place | None:
    """The first of a person's streams that the index finds."""
    return min((line.stream for line in file.lines if _is_found(line, party, covenants)), default=None)


def _is_found(line: Line, party: str | None, covenants: Sequence[str]) -> bool:
    """Whether the index that pages of persons come from holds this line, as the question asks."""
    envelope = line.envelope
    if line.topic != PROCESSING_RECORDED:
        return False
    named = {envelope.controller or envelope.author, envelope.processor, *envelope.recipients}
    return party is None or party in named or envelope.covenant in covenants
