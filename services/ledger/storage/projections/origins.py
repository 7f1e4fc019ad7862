"""Whose traces the events belong to that another process appended: as the partners said in their acts."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from opentelemetry.trace import SpanContext

from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.contract.trace_marks import read_trace_mark
from services.ledger.storage.projections.projector import Range
from services.runtime import limits
from services.runtime.trace_context import context_of

READ_MARKED: Final = """
SELECT event.envelope
FROM dossier_line AS line
JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = line.position
WHERE line.lane = %(lane)s AND line.position > %(after)s AND line.position <= %(until)s
    AND line.trace_id IS NOT NULL AND event.envelope IS NOT NULL
LIMIT %(limit)s
"""


def read_origins(connection: psycopg.Connection[Any], piece: Range) -> list[SpanContext]:
    """The spans that partners named for events of a piece that was just applied, as many as a span may link to."""
    if piece.lane == REGISTER_LANE or not len(piece):
        return []
    values = piece.values | {"limit": limits.TRACE_LINKS_MAX}
    with connection.transaction():
        rows = connection.execute(READ_MARKED, values).fetchall()
    marks = [read_trace_mark(envelope) for (envelope,) in rows]
    found = [context_of(mark.trace_id, mark.span_id) for mark in marks if mark.trace_id and mark.span_id]
    return [context for context in found if context is not None]
