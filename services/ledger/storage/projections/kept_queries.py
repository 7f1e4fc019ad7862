"""The questions about ends: what ends when, what outlives its day, what may be swept. Each statement binds one lane."""

from __future__ import annotations

from typing import Final, LiteralString

# From one day to the next by the index: there are few days, and on each of them there may be a million lines. The index
# is on kept_until + 0, so that it serves who asks for what ended and misleads nobody else.
DAYS_TO_END: Final = """
WITH RECURSIVE ending (day) AS (
    (
        SELECT kept_until + 0 FROM projection.dossier_line
        WHERE lane = %(lane)s AND kept_until + 0 > '-infinity' AND kept_until + 0 < %(before)s
        ORDER BY kept_until + 0 LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT line.kept_until + 0 FROM projection.dossier_line AS line
        WHERE line.lane = %(lane)s AND line.kept_until + 0 > ending.day AND line.kept_until + 0 < %(before)s
        ORDER BY line.kept_until + 0 LIMIT 1
    )
    FROM ending WHERE ending.day IS NOT NULL
),
outlived (day) AS (
    (
        SELECT record_ends FROM projection.dossier_line
        WHERE lane = %(lane)s AND kept_until = 'infinity' AND record_ends < %(before)s
        ORDER BY record_ends LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT line.record_ends FROM projection.dossier_line AS line
        WHERE line.lane = %(lane)s AND line.kept_until = 'infinity' AND line.record_ends > outlived.day
            AND line.record_ends < %(before)s
        ORDER BY line.record_ends LIMIT 1
    )
    FROM outlived WHERE outlived.day IS NOT NULL
)
SELECT day FROM (SELECT day FROM ending UNION SELECT day FROM outlived) AS found
WHERE day IS NOT NULL
    AND NOT EXISTS (SELECT FROM projection.ended_day AS ended WHERE ended.lane = %(lane)s AND ended.day = found.day)
"""

# Which holds keep a line: whatever is about another line is kept with that one. A hold that is about it and came too
# late keeps nothing, and then nothing else does.
HOLDS_OF: Final[LiteralString] = """
    CASE WHEN line.kept_until = 'infinity' THEN ARRAY(
        SELECT DISTINCT held.hold_id
        FROM projection.hold_line AS pair
        CROSS JOIN LATERAL (
            SELECT own.hold_id, own.released_position FROM projection.hold AS own
            WHERE own.lane = %(lane)s AND own.position = pair.hold_position
            OFFSET 0
        ) AS held
        WHERE pair.lane = %(lane)s AND held.released_position IS NULL
            AND pair.position = coalesce(
                (
                    SELECT later.about_position FROM projection.later_line AS later
                    WHERE later.lane = %(lane)s AND later.position = line.position
                ),
                line.position
            )
        ORDER BY held.hold_id
    ) ELSE '{}' END
"""
# The key of a line lives under the day for which its content was sealed, and under each later one that it was given:
# under the day that is its end now, or was at some time. With it goes what is about it.
KEPT_BEYOND_START: Final[LiteralString] = """
WITH outlives AS (
    (
        SELECT position FROM projection.dossier_line
        WHERE lane = %(lane)s AND record_ends = %(day)s AND kept_until = 'infinity' AND position > %(after)s
        ORDER BY position LIMIT %(limit)s
    )
    UNION
    (
        SELECT line.position
        FROM projection.term_change AS change
        JOIN projection.dossier_line AS line ON line.lane = %(lane)s AND line.position = change.position
        WHERE change.lane = %(lane)s AND change.former_ends = %(day)s AND change.position > %(after)s
            AND line.kept_until > %(day)s
        ORDER BY line.position LIMIT %(limit)s
    )
    UNION
    (
        SELECT line.position
        FROM projection.term_change AS change
        JOIN projection.later_line AS later ON later.lane = %(lane)s AND later.about_position = change.position
        JOIN projection.dossier_line AS line ON line.lane = %(lane)s AND line.position = later.position
        WHERE change.lane = %(lane)s AND change.former_ends = %(day)s AND later.position > %(after)s
            AND later.sealed_until <= %(day)s AND line.kept_until > %(day)s
        ORDER BY line.position LIMIT %(limit)s
    )
    UNION
    (
        SELECT line.position
        FROM projection.later_line AS later
        JOIN projection.dossier_line AS line ON line.lane = %(lane)s AND line.position = later.position
        WHERE later.lane = %(lane)s AND later.sealed_until = %(day)s AND later.position > %(after)s
            AND line.kept_until > %(day)s
        ORDER BY line.position LIMIT %(limit)s
    )
)
SELECT
    line.position,
    CASE WHEN line.record_ends > %(day)s AND line.record_ends < 'infinity' THEN line.record_ends END,
"""
KEPT_BEYOND_END: Final[LiteralString] = """
FROM outlives JOIN projection.dossier_line AS line ON line.lane = %(lane)s AND line.position = outlives.position
ORDER BY line.position LIMIT %(limit)s
"""
KEPT_BEYOND: Final[LiteralString] = KEPT_BEYOND_START + HOLDS_OF + KEPT_BEYOND_END
KEEPERS_OF_START: Final[LiteralString] = """
SELECT
    line.position,
    CASE WHEN ended.day IS NULL AND line.record_ends < 'infinity' THEN line.record_ends END,
"""
KEEPERS_OF_END: Final[LiteralString] = """
FROM projection.dossier_line AS line
LEFT JOIN projection.ended_day AS ended ON ended.lane = %(lane)s AND ended.day = line.record_ends
WHERE line.lane = %(lane)s AND line.position = ANY(ARRAY(SELECT unnest(%(positions)s::bigint[])))
    AND (line.kept_until = 'infinity' OR line.kept_until > '-infinity' AND ended.day IS NULL)
ORDER BY line.position
"""
KEEPERS_OF: Final[LiteralString] = KEEPERS_OF_START + HOLDS_OF + KEEPERS_OF_END

# What was applied and has no line any more was swept; what was not applied yet is new.
HIDDEN: Final = """
SELECT place.position
FROM unnest(%(positions)s::bigint[]) AS place (position)
LEFT JOIN LATERAL (
    SELECT line.kept_until FROM projection.dossier_line AS line
    WHERE line.lane = %(lane)s AND line.position = place.position
    OFFSET 0
) AS line ON true
WHERE place.position <= (SELECT position FROM projection.cursor WHERE lane = %(lane)s)
    AND (line.kept_until IS NULL OR line.kept_until < %(today)s)
"""

# What decides on other lines goes after them, so that a rebuild from what is left decides the same: a request to erase
# (19) after all it erased; the end of a hold (16) after the hold; a hold (15) when none of its lines lives on that has
# ended or was moved since, for then it may once have kept it. What is about a line (later_line) goes with it. IS TRUE
# keeps the planner from joining what it had better look up in a hash of few rows; one row per owner with arrays of
# positions, and of the lines that these are about, since a batch has many lines and few owners.
SWEEPABLE_START: Final[LiteralString] = """
WITH swept AS MATERIALIZED (
    SELECT
        line.position, line.parties[1] AS controller, line.covenant, line.annex, line.activity,
        CASE WHEN line.record_ends < 'infinity' THEN line.record_ends END AS day
    FROM projection.dossier_line AS line
    WHERE line.lane = %(lane)s
"""
SWEEPABLE_END: Final[LiteralString] = """
        AND NOT EXISTS (
            SELECT FROM projection.later_line AS own WHERE own.lane = %(lane)s AND own.position = line.position
        ) IS TRUE
        AND CASE line.kind
            WHEN 15 THEN NOT EXISTS (
                SELECT FROM projection.hold_line AS pair
                JOIN projection.dossier_line AS kept ON kept.lane = %(lane)s AND kept.position = pair.position
                WHERE pair.lane = %(lane)s AND pair.hold_position = line.position AND kept.kept_until >= %(today)s
                    AND (
                        kept.record_ends < %(today)s
                        OR EXISTS (
                            SELECT FROM projection.term_change AS change
                            WHERE change.lane = %(lane)s AND change.position = kept.position
                        )
                    )
            )
            WHEN 16 THEN NOT EXISTS (
                SELECT FROM projection.hold AS held
                WHERE held.lane = %(lane)s AND held.released_position = line.position
            )
            WHEN 19 THEN NOT EXISTS (
                SELECT FROM projection.dossier_line AS other
                WHERE other.lane = %(lane)s AND other.kept_until + 0 = '-infinity' AND other.position <> line.position
            )
            ELSE true
        END
    ORDER BY line.kept_until + 0
    LIMIT %(limit)s
)
SELECT array_agg(position), NULL::bigint[], controller, covenant, annex, activity, day
FROM swept GROUP BY controller, covenant, annex, activity, day
UNION ALL
SELECT
    array_agg(line.position), array_agg(later.about_position), line.parties[1], line.covenant, line.annex,
    line.activity, CASE WHEN line.record_ends < 'infinity' THEN line.record_ends END
FROM projection.later_line AS later
JOIN projection.dossier_line AS line ON line.lane = %(lane)s AND line.position = later.position
WHERE later.lane = %(lane)s AND later.about_position = ANY(ARRAY(SELECT position FROM swept))
GROUP BY 3, 4, 5, 6, 7
"""
SWEEPABLE: Final[dict[str, LiteralString]] = {
    "erased": SWEEPABLE_START + "AND line.kept_until + 0 = '-infinity'" + SWEEPABLE_END,
    "ended": SWEEPABLE_START
    + """AND line.kept_until + 0 > '-infinity' AND line.kept_until + 0 < %(today)s
        AND EXISTS (
            SELECT FROM projection.ended_day AS ended WHERE ended.lane = %(lane)s AND ended.day = line.record_ends
        ) IS TRUE"""
    + SWEEPABLE_END,
}

OPEN_ERASURES: Final = """
SELECT erased.erasure_id, erased.position, erased.kind, erased.owed
FROM projection.erasure AS erased
WHERE erased.lane = %(lane)s
    AND NOT EXISTS (
        SELECT FROM projection.erasure AS done
        WHERE done.lane = %(lane)s AND done.erasure_id = erased.erasure_id AND done.kind = 21
    )
ORDER BY erased.position
"""
COMPLETE_ERASURES: Final = """
SELECT DISTINCT erasure_id FROM projection.erasure
WHERE lane = %(lane)s AND kind = 21 AND erasure_id = ANY(%(erasures)s)
"""

# In time is what still lives, and what has passed but was not ended yet: the order of the lane decides. Of holds
# themselves nobody asks.
COUNT_LINES: Final[LiteralString] = """
SELECT
    count(*) FILTER (WHERE line.kept_until = 'infinity' OR ended.day IS NULL),
    count(*) FILTER (WHERE line.kept_until < 'infinity' AND ended.day IS NOT NULL)
FROM projection.dossier_line AS line
LEFT JOIN projection.ended_day AS ended ON ended.lane = %(lane)s AND ended.day = line.record_ends
WHERE line.lane = %(lane)s AND line.kept_until > '-infinity' AND line.kind NOT IN (15, 16)
"""
COUNT_CONDITIONS: Final[dict[str, LiteralString]] = {
    "stream_id": " AND line.stream_id = %(stream_id)s",
    "case_index": " AND line.case_index = decode(%(case_index)s, 'hex')",
    "covenant": " AND line.covenant = %(covenant)s",
    "annex": " AND line.annex = %(annex)s",
    "party": " AND line.parties @> ARRAY[%(party)s::text]",
}
IN_FORCE: Final = """
SELECT hold_id, lane, position FROM projection.hold
WHERE lane = %(lane)s AND position > %(after)s AND released_position IS NULL AND kind = ANY(%(kinds)s)
ORDER BY position LIMIT %(limit)s
"""
# Of holds on persons themselves; what is about a case, a covenant or a party names no stream.
OF_PERSONS: Final = """
SELECT hold_id, lane, position FROM projection.hold
WHERE lane = %(lane)s AND stream_id = ANY(%(streams)s) AND released_position IS NULL
ORDER BY position
"""
STANDING: Final = """
SELECT hold_id, lane, position FROM projection.hold
WHERE lane = %(lane)s AND hold_id = %(hold_id)s AND released_position IS NULL
ORDER BY position
"""
RELEASED: Final = """
SELECT DISTINCT hold_id FROM projection.hold
WHERE lane = %(lane)s AND hold_id = ANY(%(hold_ids)s) AND released_position IS NOT NULL
"""
KEEPING: Final = """
SELECT DISTINCT held.kind
FROM projection.dossier_line AS line
CROSS JOIN LATERAL (
    SELECT own.hold_position FROM projection.hold_line AS own
    WHERE own.lane = %(lane)s AND own.position = coalesce(
        (
            SELECT later.about_position FROM projection.later_line AS later
            WHERE later.lane = %(lane)s AND later.position = line.position
        ),
        line.position
    )
    OFFSET 0
) AS pair
CROSS JOIN LATERAL (
    SELECT own.kind, own.released_position FROM projection.hold AS own
    WHERE own.lane = %(lane)s AND own.position = pair.hold_position
    OFFSET 0
) AS held
WHERE line.lane = %(lane)s AND line.position = ANY(ARRAY(SELECT unnest(%(positions)s::bigint[])))
    AND line.kept_until = 'infinity' AND held.released_position IS NULL
"""
