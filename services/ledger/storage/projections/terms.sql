-- Move the ends that terms set in this range move, one after the other. What had ended by then, and was not held, is
-- moved no more. Of a line that ended, the moment is where its day was ended, or where its present end was set if that
-- came later. A line finds its ends by its place among the positions, as in settle.py; -infinity there is no end.
WITH RECURSIVE change AS MATERIALIZED (
    SELECT
        later.about_position AS original, later.position AS set_position,
        row_number() OVER (PARTITION BY later.about_position ORDER BY later.position) AS number,
        envelope."newRecordEnds" AS record_ends, envelope."newHoldingEnds" AS ends
    FROM later_line AS later
    JOIN dossier_line AS line ON line.lane = %(lane)s AND line.position = later.position
    JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = later.position
    CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS envelope (
        "newRecordEnds" date, "newHoldingEnds" date
    )
    WHERE later.lane = %(lane)s
        AND later.position > %(after)s
        AND later.position <= %(until)s
        AND line.kind = %(retention_set)s
        AND event.envelope IS NOT NULL
),
state AS (
    SELECT
        line.position AS original, 0::bigint AS number, line.record_ends, line.ends, NULL::date AS former_ends,
        coalesce(
            (
                SELECT max(before.set_position) FROM term_change AS before
                WHERE before.lane = %(lane)s AND before.position = line.position
            ),
            line.position
        ) AS set_position
    FROM dossier_line AS line
    WHERE line.lane = %(lane)s AND line.position IN (SELECT original FROM change)
    UNION ALL
    SELECT
        state.original, change.number,
        CASE WHEN life.lives THEN coalesce(change.record_ends, state.record_ends) ELSE state.record_ends END,
        CASE WHEN life.lives THEN coalesce(change.ends, state.ends) ELSE state.ends END,
        CASE WHEN life.lives AND change.record_ends IS NOT NULL THEN state.record_ends END,
        CASE WHEN life.lives AND change.record_ends IS NOT NULL THEN change.set_position ELSE state.set_position END
    FROM state
    JOIN change ON change.original = state.original AND change.number = state.number + 1
    LEFT JOIN ended_day AS ended
        ON ended.lane = %(lane)s AND ended.day = state.record_ends AND ended.position < change.set_position
    CROSS JOIN LATERAL (SELECT greatest(ended.position, state.set_position) AS position) AS ending
    CROSS JOIN LATERAL (SELECT ended.position IS NULL OR {outlives} AS lives) AS life
),
noted AS (
    INSERT INTO term_change (lane, position, former_ends, set_position)
    SELECT %(lane)s, original, former_ends, set_position FROM state WHERE former_ends IS NOT NULL
),
last AS MATERIALIZED (
    SELECT
        array_agg(one.original ORDER BY one.original) AS positions,
        array_agg(one.record_ends ORDER BY one.original) AS record_ends,
        array_agg(coalesce(one.ends, '-infinity') ORDER BY one.original) AS ends
    FROM (SELECT DISTINCT ON (original) * FROM state ORDER BY original, number DESC) AS one
)
UPDATE dossier_line AS line
SET
    record_ends = last.record_ends[width_bucket(line.position, last.positions)],
    ends = nullif(last.ends[width_bucket(line.position, last.positions)], '-infinity')
FROM last
WHERE EXISTS (SELECT FROM change)
    AND line.lane = %(lane)s
    AND line.position = ANY(ARRAY(SELECT original FROM change))
