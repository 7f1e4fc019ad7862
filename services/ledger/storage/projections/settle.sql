-- What is kept otherwise than it stands: the lines of this range that a hold is about or that are about another one,
-- lines whose hold was placed or released here, lines whose end was moved, and the orphans. Each with all that follows
-- it. What was erased stays so. OFFSET 0 keeps a look-up of a single row what it is: joined freely, the planner would
-- read whole lanes as long as it has no statistics of them.
WITH touched AS MATERIALIZED (
    SELECT DISTINCT coalesce(
        (
            SELECT later.about_position FROM later_line AS later
            WHERE later.lane = %(lane)s AND later.position = found.position
        ),
        found.position
    ) AS position
    FROM (
        SELECT pair.position FROM hold_line AS pair
        WHERE pair.lane = %(lane)s AND pair.position > %(after)s AND pair.position <= %(until)s
        UNION ALL
        SELECT pair.position
        FROM hold AS held
        JOIN hold_line AS pair ON pair.lane = %(lane)s AND pair.hold_position = held.position
        WHERE held.lane = %(lane)s AND held.position > %(after)s AND held.position <= %(until)s
        UNION ALL
        SELECT pair.position
        FROM hold AS held
        JOIN hold_line AS pair ON pair.lane = %(lane)s AND pair.hold_position = held.position
        WHERE held.lane = %(lane)s AND held.released_position > %(after)s AND held.released_position <= %(until)s
        UNION ALL
        SELECT own.position FROM later_line AS own
        WHERE own.lane = %(lane)s AND own.position > %(after)s AND own.position <= %(until)s
        UNION ALL
        SELECT orphan FROM unnest(%(orphans)s::bigint[]) AS orphan
    ) AS found
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
    CROSS JOIN LATERAL (
        SELECT own.position, own.record_ends, own.kept_until FROM dossier_line AS own
        WHERE own.lane = %(lane)s AND own.position = touched.position
        OFFSET 0
    ) AS line
    LEFT JOIN LATERAL (
        SELECT known.position FROM ended_day AS known
        WHERE known.lane = %(lane)s AND known.day = line.record_ends
        OFFSET 0
    ) AS ended ON true
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
CROSS JOIN LATERAL (
    SELECT own.position FROM later_line AS own
    WHERE own.lane = %(lane)s AND own.about_position = settled.position
    OFFSET 0
) AS later
CROSS JOIN LATERAL (
    SELECT own.position, own.record_ends, own.kept_until FROM dossier_line AS own
    WHERE own.lane = %(lane)s AND own.position = later.position
    OFFSET 0
) AS line
WHERE (line.record_ends, line.kept_until) IS DISTINCT FROM (settled.record_ends, settled.kept_until)
