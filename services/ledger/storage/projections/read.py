"""The projections as the verbs of the ledger ask them: blocking, over a pool, called from threads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from services.law.local_time import amsterdam_day
from services.ledger.application.ports import Bounds, DossierRow, HeldWindow, ReadRow
from services.ledger.domain.holdings import HoldingRow
from services.ledger.storage.projections import queries
from services.runtime.clock import Clock
from services.runtime.postgres import SyncPool

Stream = tuple[int, UUID]
FIRST_STREAM: Final = UUID(int=0)


class PostgresProjections:
    """Implements the port ``Projections`` on the schema ``projection``."""

    def __init__(self, *, pool: SyncPool, clock: Clock) -> None:
        """Ask over ``pool``; connections are borrowed per question. ``clock`` says which day it is in Amsterdam."""
        self._pool = pool
        self._clock = clock

    def positions(self) -> dict[int, int]:
        """How far each lane has been applied; one pass fills all projections, so there is one cursor."""
        return dict(self._fetch(queries.POSITIONS, {}))

    def dossier(self, streams: Iterable[Stream], bounds: Bounds) -> list[DossierRow]:
        """All lines of these streams within the bounds, in order of (lane, position)."""
        rows = self._fetch_by_lane(queries.DOSSIER, streams, values_of(bounds))
        return [dossier_row(row) for row in rows]

    def search_dossier(
        self,
        *,
        party: str | None,
        recipient: str | None,
        trace_id: UUID | None,
        case_indexes: Sequence[bytes],
        activity: str | None,
        streams: Sequence[Stream],
        occurred_from: datetime | None,
        occurred_until: datetime | None,
        reader: str | None,
        after: tuple[int, int] | None,
        limit: int,
        told: bool = False,
        covenant: str | None = None,
        annex: str | None = None,
        covenants: Sequence[str] = (),
    ) -> list[DossierRow]:
        """Lines that meet all conditions given, in order of (lane, position) after ``after``."""
        given = {
            "party": party,
            "reader": reader,
            "recipient": recipient,
            "trace_id": trace_id,
            "case_indexes": list(case_indexes) or None,
            "activity": activity,
            "streams": [stream for _, stream in streams] or None,
            "occurred_from": occurred_from,
            "occurred_until": occurred_until,
            "told": told or None,
            "covenant": covenant,
            "annex": annex,
            "covenants": list(covenants) or None,
        }
        values = {name: value for name, value in given.items() if value is not None}
        statement = search_statement(values)
        lanes = {lane for lane, _ in streams} or None

        def ask(lane: int, wanted: int) -> list[tuple[Any, ...]]:
            start = after[1] if after is not None and after[0] == lane else 0
            return self._fetch(statement, values | {"lane": lane, "after": start, "limit": wanted})

        return [dossier_row(row) for _, row in self._page(ask, after, limit, lanes)]

    def clocked_lines(self, limit: int) -> list[DossierRow]:
        """The newest requests, breaches and exemptions of every lane, at most ``limit`` of each lane."""
        lanes = self._lanes()
        return [
            dossier_row(row) for lane in lanes for row in self._fetch(queries.CLOCKED, {"lane": lane, "limit": limit})
        ]

    def holding_acts(self, streams: Iterable[Stream], bounds: Bounds) -> list[HoldingRow]:
        """All holding acts of these persons within the bounds, in order of (lane, position), with the ends known then.

        Who says an end later says it of the line; so lines of which it was said after the bound are looked up again.
        """
        wanted, values = list(streams), values_of(bounds)
        rows = [holding_row(row) for row in self._fetch_by_lane(queries.HOLDING_ACTS, wanted, values)]
        then = {(lane, place): ends for lane, place, ends in self._fetch_by_lane(queries.ENDS_THEN, wanted, values)}
        return [
            msgspec.structs.replace(row, ends=then[row.lane, row.position]) if (row.lane, row.position) in then else row
            for row in rows
        ]

    def holders_page(self, party: str, bounds: Bounds, after: Stream | None, limit: int) -> list[Stream]:
        """Persons of whom ``party`` ever began a holding within the bounds, in order of (lane, stream)."""
        return self._page_streams(queries.HOLDERS_PAGE, values_of(bounds) | {"party": party}, after, limit)

    def duty_persons_page(
        self, party: str | None, covenants: Sequence[str], bounds: Bounds, after: Stream | None, limit: int
    ) -> list[Stream]:
        """Persons about whom an act within the bounds names ``party`` or one of ``covenants``; about whom any does."""
        if party is None:
            return self._page_streams(queries.DUTY_PERSONS_ANY, values_of(bounds), after, limit)
        values = values_of(bounds) | {"party": party, "covenants": list(covenants)}
        return self._page_streams(queries.DUTY_PERSONS, values, after, limit)

    def impact_page(
        self,
        within: HeldWindow,
        after: Stream | None,
        limit: int,
        suppliers: Sequence[str] = (),
    ) -> list[Stream]:
        """Persons of whom a party held something at some moment in the window, owed or not, by (lane, stream).

        ``suppliers``: only what it got from these; none means all that it had.
        """
        values = window_values(within)
        statement = queries.IMPACT_PAGE_SUPPLIED if suppliers else queries.IMPACT_PAGE
        return self._page_streams(statement, values | {"suppliers": list(suppliers)}, after, limit)

    def impact_counts(
        self,
        within: HeldWindow,
        apart: Iterable[Stream] = (),
        suppliers: Sequence[str] = (),
    ) -> tuple[int, int]:
        """(persons, records) held by a party in the window, one person per stream, less the streams ``apart``.

        A record is an act that gave it something; ``suppliers`` as in ``impact_page``.
        """
        statement = queries.IMPACT_COUNTS_SUPPLIED if suppliers else queries.IMPACT_COUNTS
        values = window_values(within)
        values |= {"suppliers": list(suppliers)}
        left_out: defaultdict[int, list[UUID]] = defaultdict(list)
        for lane, stream in apart:
            left_out[lane].append(stream)
        counts = [self._fetch(statement, values | {"lane": lane, "apart": left_out[lane]})[0] for lane in self._lanes()]
        return sum(persons for persons, _ in counts), sum(records for _, records in counts)

    def impact_covenants(
        self,
        within: HeldWindow,
        persons: Iterable[Stream],
    ) -> frozenset[tuple[str | None, date]]:
        """(covenant or None, day of the act) of every act by which a party held something of these persons then."""
        values = window_values(within)
        return frozenset((row[0], row[1]) for row in self._fetch_by_lane(queries.IMPACT_COVENANTS, persons, values))

    def versions_of(self, operations: Sequence[UUID]) -> frozenset[UUID]:
        """These operations, and every correction that put another act in the place of one of theirs."""
        known, lanes = frozenset(operations), self._lanes()
        while True:
            values = {"operations": sorted(known)}
            found = [row for lane in lanes for row in self._fetch(queries.VERSIONS, values | {"lane": lane})]
            if known.issuperset(operation for (operation,) in found):
                return known
            known = known.union(operation for (operation,) in found)

    def named_acts(
        self, party: str, operations: Sequence[UUID], known_at: datetime, controllers: Sequence[str] = ()
    ) -> list[HoldingRow]:
        """What ``party`` itself did with persons' data by these operations, less what was known to be undone."""
        values = {"party": party, "operations": list(operations), "as_known_at": known_at}
        return self._holding_rows(queries.NAMED_ACTS, values | {"controllers": list(controllers)})

    def processed_acts(
        self,
        within: HeldWindow,
        controllers: Sequence[str] = (),
    ) -> list[HoldingRow]:
        """What a party processed in the window for other controllers, or had recorded for them and they kept."""
        values = window_values(within)
        return self._holding_rows(queries.PROCESSED_ACTS, values | {"controllers": list(controllers)})

    def processed_for(
        self,
        within: HeldWindow,
        controllers: Sequence[str] = (),
    ) -> frozenset[tuple[str, str | None, date]]:
        """(controller, covenant, day of the act) of each of the ``processed_acts``."""
        values = window_values(within)
        values |= {"controllers": list(controllers)}
        statement = queries.PROCESSED_FOR_CATEGORIES if within.categories else queries.PROCESSED_FOR
        found = (self._fetch(statement, values | {"lane": lane}) for lane in self._lanes())
        return frozenset((row[0], row[1], row[2]) for rows in found for row in rows)

    def linked_held(self, party: str, known_at: datetime) -> list[Stream]:
        """Persons with a link of whom ``party`` ever had anything, in order of (lane, stream)."""
        values = {"party": party, "as_known_at": known_at}
        return [
            (lane, row[0])
            for lane in self._lanes()
            for row in self._fetch(queries.LINKED_HELD, values | {"lane": lane})
        ]

    def reads_of(self, streams: Iterable[Stream], known_at: datetime) -> list[ReadRow]:
        """Who read these persons, in order of time; a read stands in the lane of its reader."""
        values = {"streams": [stream for _, stream in streams], "known_at": known_at}
        reads = [
            ReadRow(reader=reader, purpose=purpose, read_at=read_at, read_id=read_id)
            for lane in self._lanes()
            for reader, purpose, read_at, read_id in self._fetch(queries.READS, values | {"lane": lane})
        ]
        return sorted(reads, key=lambda read: read.read_at)

    def _lanes(self) -> list[int]:
        """The lanes that have been applied, ascending."""
        return sorted(self.positions())

    def _fetch(self, statement: LiteralString, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of one statement, of what is kept until today."""
        today = amsterdam_day(self._clock.now())
        with self._pool.connection() as connection:
            return connection.execute(statement, values | {"today": today}).fetchall()

    def _holding_rows(self, statement: LiteralString, values: dict[str, Any]) -> list[HoldingRow]:
        """The acts of every lane, in order of (lane, position)."""
        return [holding_row(row) for lane in self._lanes() for row in self._fetch(statement, values | {"lane": lane})]

    def _fetch_by_lane(
        self, statement: LiteralString, streams: Iterable[Stream], values: dict[str, Any]
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of these streams, one statement per lane, ascending."""
        wanted: defaultdict[int, list[UUID]] = defaultdict(list)
        for lane, stream in streams:
            wanted[lane].append(stream)
        for lane in sorted(wanted):
            yield from self._fetch(statement, values | {"lane": lane, "streams": wanted[lane]})

    def _page(
        self,
        ask: Callable[[int, int], list[tuple[Any, ...]]],
        after: tuple[int, Any] | None,
        limit: int,
        lanes: set[int] | None = None,
    ) -> list[tuple[int, tuple[Any, ...]]]:
        """At most ``limit`` (lane, row), running through the lanes from that of ``after`` on."""
        found: list[tuple[int, tuple[Any, ...]]] = []
        for lane in sorted(lanes) if lanes else self._lanes():
            if len(found) < limit and (after is None or lane >= after[0]):
                found += [(lane, row) for row in ask(lane, limit - len(found))]
        return found

    def _page_streams(
        self, statement: LiteralString, values: dict[str, Any], after: Stream | None, limit: int
    ) -> list[Stream]:
        """A page of persons in order of (lane, stream)."""

        def ask(lane: int, wanted: int) -> list[tuple[Any, ...]]:
            start = after[1] if after is not None and after[0] == lane else FIRST_STREAM
            return self._fetch(statement, values | {"lane": lane, "after": start, "limit": wanted})

        return [(lane, row[0]) for lane, row in self._page(ask, after, limit)]


def search_statement(values: dict[str, Any]) -> LiteralString:
    """The statement with a condition for each value given; its parts are constants."""
    conditions = [text for name, text in queries.SEARCH_CONDITIONS.items() if name in values]
    return queries.SEARCH_START + "".join(conditions) + queries.SEARCH_END


def values_of(bounds: Bounds) -> dict[str, Any]:
    """The two time axes as parameters."""
    return {"as_of": bounds.as_of, "as_known_at": bounds.as_known_at}


def window_values(within: HeldWindow) -> dict[str, Any]:
    """The window as parameters."""
    return {
        "party": within.party,
        "from": within.occurred_from,
        "until": within.occurred_until,
        "categories": list(within.categories),
        "as_known_at": within.known_at,
    }


def dossier_row(row: tuple[Any, ...]) -> DossierRow:
    """A line from its columns, in the order of the statement."""
    lane, stream_id, position, kind, operation_id, occurred_at, recorded_at, author, parties, recipients, covenant = row
    return DossierRow(
        lane=lane,
        stream_id=stream_id,
        position=position,
        kind=kind,
        operation_id=operation_id,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        author=author,
        parties=tuple(parties),
        recipients=tuple(recipients),
        covenant=covenant,
    )


def holding_row(row: tuple[Any, ...]) -> HoldingRow:
    """A holding act from its columns, in the order of the statement."""
    values = dict(zip(HOLDING_COLUMNS, row, strict=True))
    values["categories"] = tuple(values["categories"])
    return HoldingRow(**values)


HOLDING_COLUMNS: Final = (
    "lane",
    "stream_id",
    "party",
    "position",
    "operation_id",
    "effect",
    "occurred_at",
    "recorded_at",
    "categories",
    "removed_at",
    "ends",
    "supplied_by",
    "covenant",
    "annex",
    "covenant_version",
    "gdpr",
    "statute",
    "list_kind",
    "list_index",
    "case_index",
)
