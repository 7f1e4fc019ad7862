-- What is kept otherwise than it stands: the lines of this range that a hold is about or that are about another one,
-- lines whose hold was placed or released here, lines whose end was moved, and the orphans. Each with all that follows
-- it. What was erased stays so.
WITH touched AS MATERIALIZED (
    SELECT DISTINCT coalesce(later.about_position, found.position) AS position
    FROM (
        SELECT pair.position FROM hold_line AS pair
        WHERE pair.lane = %(lane)s AND pair.position > %(after)s AND pair.position <= %(until)s
        UNION ALL
        SELECT pair.position
        FROM hold AS held
        JOIN hold_line AS pair ON pair.lane = %(lane)s AND pair.hold_position = held.position
        WHERE held.lane = %(lane)s
            AND (
                held.position > %(after)s AND held.position <= %(until)s
                OR held.released_position > %(after)s AND held.released_position <= %(until)s
            )
        UNION ALL
        SELECT own.position FROM later_line AS own
        WHERE own.lane = %(lane)s AND own.position > %(after)s AND own.position <= %(until)s
        UNION ALL
        SELECT orphan FROM unnest(%(orphans)s::bigint[]) AS orphan
    ) AS found
    LEFT JOIN later_line AS later ON later.lane = %(lane)s AND later.position = found.position
),
settled AS MATERIALIZED (
    SELECT
        line.position, line.record_ends, line.kept_until AS present,
        CASE
            WHEN line.kept_until = '-infinity' THEN '-infinity'::date
            WHEN {outlives} THEN 'infinity'::date
            ELSE line.record_ends
        END AS kept_until
    FROM touched
    JOIN dossier_line AS line ON line.lane = %(lane)s AND line.position = touched.position
    LEFT JOIN ended_day AS ended ON ended.lane = %(lane)s AND ended.day = line.record_ends
    CROSS JOIN LATERAL (
        SELECT CASE WHEN ended.position IS NOT NULL THEN greatest(
            ended.position,
            line.position,
            (
                SELECT max(change.set_position) FROM term_change AS change
                WHERE change.lane = %(lane)s AND change.position = line.position
            )
        ) ELSE %(never)s END AS position
    ) AS ending
)
SELECT position, record_ends::text, kept_until::text FROM settled WHERE kept_until <> present
UNION ALL
SELECT line.position, settled.record_ends::text, settled.kept_until::text
FROM settled
JOIN later_line AS later ON later.lane = %(lane)s AND later.about_position = settled.position
JOIN dossier_line AS line ON line.lane = %(lane)s AND line.position = later.position
WHERE (line.record_ends, line.kept_until) IS DISTINCT FROM (settled.record_ends, settled.kept_until)
