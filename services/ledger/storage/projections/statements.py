"""The statements of this folder's ``.sql`` files and the values they share.

Tables are named without a schema: the connection's ``search_path`` says whether the live projection or
a shadow is meant.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

from services.ledger.contract import topics
from services.ledger.domain.line_kind import DECIDING_KINDS, FOLLOWING_KINDS, KIND_OF_TOPIC, LineKind

NEVER: Final = 2**63 - 1
"""A position after all others."""


def load_statement(name: str, **parts: bytes) -> bytes:
    """The text of ``<name>.sql`` in this folder, with each ``{part}`` put in."""
    text = files(__package__).joinpath(f"{name}.sql").read_bytes()
    for part, value in parts.items():
        text = text.replace(b"{%s}" % part.encode(), value)
    return text


APPLY: Final = load_statement("apply")
CORRECT: Final = load_statement("correct")
INSPECT: Final = load_statement("inspect")
LOCATE: Final = load_statement("locate")
AHEAD: Final = load_statement("ahead")

# --- what later events make of the end of a line, in the order in which they run (settle.py) ---
SWEPT: Final = load_statement("swept")
ORPHAN: Final = load_statement("orphan")
DECIDE: Final = load_statement("decide")
RELEASE: Final = load_statement("release")
FOLLOW: Final = load_statement("follow")
ALIKE: Final = b"""(held.party IS NULL OR line.parties @> ARRAY[held.party])
    AND (held.covenant IS NULL OR line.covenant = held.covenant) AND (held.annex IS NULL OR line.annex = held.annex)
    AND (held.case_index IS NULL OR line.case_index = held.case_index)"""
STOOD: Final = b"(held.released_position IS NULL OR held.released_position > line.position)"
MATCH_LINES: Final = load_statement(
    "match",
    sources=b"""WITH line AS MATERIALIZED (
    SELECT own.lane, own.position, own.stream_id, own.parties, own.covenant, own.annex, own.case_index
    FROM dossier_line AS own
    WHERE own.lane = %(lane)s AND own.position > %(after)s AND own.position <= %(until)s
),
standing AS MATERIALIZED (
    SELECT * FROM hold AS own
    WHERE own.lane = %(lane)s AND (own.released_position IS NULL OR own.released_position > %(after)s)
)""",
    holds=b"standing",
    lines=b"line",
    scope=STOOD,
    alike=ALIKE,
)
MATCH_HOLDS: Final = load_statement(
    "match",
    sources=b"""WITH placed AS MATERIALIZED (
    SELECT * FROM hold AS own WHERE own.lane = %(lane)s AND own.position > %(after)s AND own.position <= %(until)s
)""",
    holds=b"placed",
    lines=b"dossier_line",
    scope=b"line.position <= %(after)s",
    alike=ALIKE,
)
# Of a whole lane: it has more lines than are held.
MATCH_LANE: Final = load_statement(
    "match",
    sources=b"",
    holds=b"hold",
    lines=b"dossier_line",
    scope=b"line.position <= %(until)s AND " + STOOD,
    alike=ALIKE,
)
TERMS: Final = load_statement(
    "terms",
    outlives=load_statement("outlive", line=b"state.original", ended=b"ending.position", moment=b"change.set_position"),
)
SETTLE: Final = load_statement(
    "settle", outlives=load_statement("outlive", line=b"line.position", ended=b"ending.position", moment=b"%(now)s")
)
ERASE: Final = load_statement("erase")

APPLY_VALUES: Final[dict[str, Any]] = {
    "topics": list(KIND_OF_TOPIC),
    "kinds": [int(kind) for kind in KIND_OF_TOPIC.values()],
    "recorded": int(LineKind.RECORDED),
    "read": int(LineKind.READ),
    "corrected": int(LineKind.CORRECTED),
    "topic": topics.PROCESSING_CORRECTED,
    "following": sorted(FOLLOWING_KINDS),
    "deciding": sorted(DECIDING_KINDS),
}

SETTLE_VALUES: Final[dict[str, Any]] = {
    "following": sorted(FOLLOWING_KINDS),
    "deciding": sorted(DECIDING_KINDS),
    "erasing": [
        int(kind)
        for kind in (
            LineKind.ERASURE_REQUESTED,
            LineKind.ERASED,
            LineKind.ERASURE_COMPLETED,
            LineKind.OBLIGATION_ANSWERED,
        )
    ],
    "swept_topic": topics.RECORDS_SWEPT,
    "hold_placed": int(LineKind.HOLD_PLACED),
    "hold_released": int(LineKind.HOLD_RELEASED),
    "day_ended": int(LineKind.RETENTION_DAY_ENDED),
    "retention_set": int(LineKind.RETENTION_SET),
    "erasure_requested": int(LineKind.ERASURE_REQUESTED),
    "never": NEVER,
    "now": NEVER - 1,
}
