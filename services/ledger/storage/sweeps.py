"""What was swept, as the sweeps themselves say: their events stand on the stream of their lane for ever."""

from __future__ import annotations

from datetime import date
from typing import Final, LiteralString

from services.ledger.application.declarations import SweptRecords
from services.ledger.contract import topics
from services.ledger.contract.events import DestroyedRecords
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.identity import lane_stream
from services.runtime.postgres import SyncPool

LANES: Final[LiteralString] = "SELECT lane FROM lane_head WHERE lane <> %s ORDER BY lane"
SWEPT_OF: Final[LiteralString] = """
SELECT gone.controller, gone.covenant, gone.annex, gone.activity, sum(gone.count), max(said."recordedAt")
FROM stored_events AS event
CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS said (
    "recordedAt" timestamptz, destroyed json
)
CROSS JOIN LATERAL json_to_recordset(said.destroyed) AS gone (
    controller text, covenant text, annex text, activity text, count bigint, day date
)
WHERE event.lane = %(lane)s::smallint AND event.originator_id = %(stream)s AND event.topic = %(topic)s
    AND event.envelope IS NOT NULL AND gone.day = %(day)s
GROUP BY gone.controller, gone.covenant, gone.annex, gone.activity
ORDER BY 1, 2, 3, 4"""


class PostgresSweeps:
    """The ``Sweeps`` port; blocking, over a pool."""

    def __init__(self, pool: SyncPool) -> None:
        """Ask over ``pool``."""
        self._pool = pool

    def swept_of(self, day: date) -> list[SweptRecords]:
        """What ended on a day and was swept, by controller, covenant annex and activity, lane after lane."""
        with self._pool.connection() as connection:
            lanes = [lane for (lane,) in connection.execute(LANES, (REGISTER_LANE,))]
            return [
                SweptRecords(
                    DestroyedRecords(
                        controller=controller, count=int(count), covenant=covenant, annex=annex, activity=activity
                    ),
                    swept_at,
                )
                for lane in lanes
                for controller, covenant, annex, activity, count, swept_at in connection.execute(
                    SWEPT_OF,
                    {"lane": lane, "stream": lane_stream(lane), "topic": topics.RECORDS_SWEPT, "day": day},
                )
            ]
