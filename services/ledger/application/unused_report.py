"""``GET /v1/processing-activities/unused-categories``: which data a party could do without (S40, AVG 5(1)(c))."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from services.law.local_time import amsterdam_day, end_of_day
from services.law.log_use import log_use
from services.law.texts import Text
from services.law.wgs_terms import is_under_wgs
from services.ledger.application.policy import Call, authorise
from services.ledger.application.ports import DossierRow
from services.ledger.application.read_operation import read_lines
from services.ledger.application.sources import Sources
from services.ledger.contract.events import Envelope
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.contract.topics import PROCESSING_RECORDED
from services.ledger.domain.unused_categories import unused_categories
from services.runtime.limits import UNUSED_LINES_MAX, UNUSED_LINES_READ_AT_ONCE

DAYS_BY_DEFAULT: Final = 365
SUGGESTION: Final = Text(
    "Deze soort gegevens kwam binnen en diende nergens voor. Haal haar uit de bijlage, of laat haar voortaan weg.",
    "This category came in and served nothing. Take it out of the annex, or leave it out from now on.",
)


class ReportUnusedCategories:
    """Counts over the party's own lines; no person can be told from it, so it is no read of anybody."""

    def __init__(self, *, sources: Sources) -> None:
        """Count over ``sources``."""
        self._sources = sources

    def __call__(self, caller: Caller, since: date | None, until: date | None) -> JsonObject:
        """The caller's own, by default of the year until today; ``complete`` is false when there were too many lines.

        Acts count with the categories that they were recorded with; one that was taken back does not count.
        Blocking. Raises NotAllowed without the scope.
        """
        authorise(caller, Call.REPORT_UNUSED)
        last = until or amsterdam_day(self._sources.clock.now())
        first = since or last - timedelta(days=DAYS_BY_DEFAULT)
        acts, complete = self._acts(caller.party, first, last)
        found: list[dict[str, Any]] = msgspec.to_builtins(unused_categories(acts, caller.party))
        return {
            "from": first.isoformat(),
            "until": last.isoformat(),
            "complete": complete,
            "items": [item | {"suggestion": msgspec.to_builtins(SUGGESTION)} for item in found],
        }

    def _acts(self, party: str, first: date, last: date) -> tuple[list[Envelope], bool]:
        """The acts in which the party takes part, whose log may be used for this; and whether those are all."""
        acts: list[Envelope] = []
        after: tuple[int, int] | None = None
        for _ in range(UNUSED_LINES_MAX // UNUSED_LINES_READ_AT_ONCE):
            rows = self._rows(party, first, last, after)
            acts += filter(self._may_count, self._read(rows))
            if len(rows) < UNUSED_LINES_READ_AT_ONCE:
                return acts, True
            after = rows[-1].lane, rows[-1].position
        return acts, False

    def _rows(self, party: str, first: date, last: date, after: tuple[int, int] | None) -> list[DossierRow]:
        """A section of the lines of the party in these days, in order of (lane, position)."""
        return self._sources.projections.search_dossier(
            party=party,
            recipient=None,
            trace_id=None,
            case_indexes=(),
            activity=None,
            streams=(),
            occurred_from=end_of_day(first - timedelta(days=1)),
            occurred_until=end_of_day(last) - timedelta(microseconds=1),
            reader=None,
            after=after,
            limit=UNUSED_LINES_READ_AT_ONCE,
        )

    def _read(self, rows: list[DossierRow]) -> Iterator[Envelope]:
        """What was done there: no notices and intents, nothing that was annulled or about another person."""
        places = {(row.lane, row.position) for row in rows}
        for line in read_lines(self._sources, list(dict.fromkeys(row.operation_id for row in rows))):
            if line.place in places and line.topic == PROCESSING_RECORDED and line.voided is None:
                yield line.envelope

    def _may_count(self, envelope: Envelope) -> bool:
        view = self._sources.view_at(envelope.occurred_at)
        covenant = None if envelope.covenant is None else view.covenants[envelope.covenant]
        wgs = covenant is not None and is_under_wgs(covenant.covenant)
        return log_use(envelope.data_regime, wgs=wgs) is None
