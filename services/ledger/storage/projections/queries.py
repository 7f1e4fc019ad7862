"""The questions to the projections. Each statement binds one lane; pages run through the lanes in ascending order."""

from __future__ import annotations

from typing import Final, LiteralString

POSITIONS: Final = "SELECT lane, position FROM projection.cursor"

LINE_COLUMNS: Final = """
SELECT
    line.lane, line.stream_id, line.position, line.kind, line.operation_id, line.occurred_at, line.recorded_at,
    line.author, line.parties, line.parties[cardinality(line.parties) - line.recipient_count + 1:] AS recipients,
    line.covenant
FROM projection.dossier_line AS line
"""
DOSSIER: Final[LiteralString] = (
    LINE_COLUMNS
    + """
WHERE line.lane = %(lane)s AND line.stream_id = ANY(%(streams)s)
    AND line.occurred_at <= %(as_of)s AND line.recorded_at <= %(as_known_at)s
ORDER BY line.position
"""
)
SEARCH_START: Final[LiteralString] = LINE_COLUMNS + "WHERE line.lane = %(lane)s AND line.position > %(after)s"
SEARCH_END: Final = " ORDER BY line.position LIMIT %(limit)s"
SEARCH_CONDITIONS: Final[dict[str, LiteralString]] = {
    "party": " AND line.parties @> ARRAY[%(party)s::text]",
    "reader": " AND line.parties @> ARRAY[%(reader)s::text]",
    "recipient": (
        " AND line.parties @> ARRAY[%(recipient)s::text]"
        " AND %(recipient)s = ANY(line.parties[cardinality(line.parties) - line.recipient_count + 1:])"
    ),
    "trace_id": " AND line.trace_id = %(trace_id)s",
    "case_indexes": " AND line.case_index = ANY(%(case_indexes)s)",
    "activity": " AND line.activity = %(activity)s",
    "streams": " AND line.stream_id = ANY(%(streams)s)",
    "occurred_from": " AND line.occurred_at >= %(occurred_from)s",
    "occurred_until": " AND line.occurred_at <= %(occurred_until)s",
}

HOLDING_ACTS: Final = """
SELECT
    act.lane, act.stream_id, act.party, act.position, line.operation_id,
    CASE WHEN act.effect < 0 THEN -1 ELSE 1 END AS effect,
    act.occurred_at, act.recorded_at, act.categories, act.removed_at, line.ends,
    CASE act.effect WHEN 2 THEN line.parties[1] END AS supplied_by,
    line.covenant, line.annex, line.covenant_version, line.gdpr, line.statute, line.list_kind,
    encode(line.list_index, 'hex') AS list_index, line.case_index
FROM projection.dossier_line AS line
JOIN projection.holding_act AS act ON act.lane = %(lane)s AND act.position = line.position
WHERE line.lane = %(lane)s AND line.stream_id = ANY(%(streams)s)
    AND act.occurred_at <= %(as_of)s AND act.recorded_at <= %(as_known_at)s
    AND (act.removed_at IS NULL OR act.removed_at > %(as_known_at)s)
ORDER BY act.position, act.party
"""

HOLDERS_PAGE: Final = """
SELECT DISTINCT stream_id
FROM projection.holding_act
WHERE party = %(party)s AND lane = %(lane)s AND stream_id > %(after)s AND effect > 0
    AND occurred_at <= %(as_of)s AND recorded_at <= %(as_known_at)s
    AND (removed_at IS NULL OR removed_at > %(as_known_at)s)
ORDER BY stream_id
LIMIT %(limit)s
"""

# Held at some moment of the window: an act up to its end that the holder had not yet deleted when the window began, or
# when the act began if that was later. The category must survive: a delete may name others. What is owed is still held.
KNOWN_ACT: Final = """
    act.party = %(party)s AND act.lane = %(lane)s AND act.effect > 0
    AND act.occurred_at <= %(until)s AND act.recorded_at <= %(as_known_at)s
    AND (act.removed_at IS NULL OR act.removed_at > %(as_known_at)s)
    AND (cardinality(%(categories)s::text[]) = 0 OR act.categories && %(categories)s::text[])
"""
ENDING_DELETE: Final = """
    SELECT FROM projection.holding_act AS gone
    WHERE gone.party = %(party)s AND gone.lane = %(lane)s AND gone.effect < 0
        AND gone.stream_id = act.stream_id
        AND gone.occurred_at BETWEEN act.occurred_at AND greatest(act.occurred_at, %(from)s)
        AND gone.recorded_at <= %(as_known_at)s
        AND (gone.removed_at IS NULL OR gone.removed_at > %(as_known_at)s)
"""
SURVIVING_CATEGORY: Final[LiteralString] = (
    """
    SELECT FROM unnest(act.categories) AS named (category)
    WHERE (cardinality(%(categories)s::text[]) = 0 OR category = ANY(%(categories)s::text[]))
        AND NOT EXISTS ("""
    + ENDING_DELETE
    + "AND (cardinality(gone.categories) = 0 OR category = ANY(gone.categories)))"
)
IMPACT_PAGE: Final[LiteralString] = (
    # Every part is a constant (mypy holds LiteralString).
    "SELECT DISTINCT act.stream_id FROM projection.holding_act AS act WHERE "  # noqa: S608
    + KNOWN_ACT
    + "AND act.stream_id > %(after)s AND EXISTS ("
    + SURVIVING_CATEGORY
    + ") ORDER BY act.stream_id LIMIT %(limit)s"
)
# The many acts without any delete pass by one anti-join; only the few others are looked at by category.
COUNTED_ACT: Final[LiteralString] = KNOWN_ACT + " AND act.stream_id <> ALL(%(apart)s::uuid[]) "
IMPACT_COUNTS: Final[LiteralString] = (
    "WITH held AS (SELECT act.stream_id FROM projection.holding_act AS act WHERE "  # noqa: S608
    + COUNTED_ACT
    + "AND NOT EXISTS ("
    + ENDING_DELETE
    + ") UNION ALL SELECT act.stream_id FROM projection.holding_act AS act WHERE "
    + COUNTED_ACT
    + "AND EXISTS ("
    + ENDING_DELETE
    + ") AND EXISTS ("
    + SURVIVING_CATEGORY
    + ")) SELECT count(DISTINCT stream_id), count(*) FROM held"
)

LINKED_HELD: Final = """
SELECT DISTINCT line.stream_id
FROM projection.dossier_line AS line
WHERE line.lane = %(lane)s AND line.kind = 8 AND line.recorded_at <= %(as_known_at)s
    AND EXISTS (
        SELECT FROM projection.holding_act AS act
        WHERE act.party = %(party)s AND act.lane = %(lane)s AND act.stream_id = line.stream_id
    )
ORDER BY line.stream_id
"""

READS: Final = """
SELECT reader, purpose, read_at, read_id
FROM projection.subject_read
WHERE lane = ANY(ARRAY(SELECT lane FROM projection.cursor)) AND stream_id = ANY(%(streams)s) AND read_at <= %(known_at)s
ORDER BY read_at, lane, position
"""
