-- Take out what sweeps in this range name. Whatever stands at a position goes with its line. Returns the lines that
-- were about one of these and stay, since they came when it had already been named. Every table is searched by an array
-- of the positions that were found: a join would be planned by what is known of the sizes, and that may be nothing yet.
-- In most ranges nothing was swept, and then the large tables are not opened.
WITH found AS MATERIALIZED (
    SELECT array_agg(line.position) AS positions
    FROM stored_events AS event
    CROSS JOIN LATERAL json_array_elements(convert_from(event.envelope, 'UTF8')::json -> 'swept') AS named (piece)
    CROSS JOIN LATERAL (
        SELECT own.position
        FROM dossier_line AS own
        WHERE own.lane = %(lane)s
            AND own.position BETWEEN (named.piece ->> 0)::bigint AND (named.piece ->> 1)::bigint
        OFFSET 0
    ) AS line
    WHERE event.lane = %(lane)s
        AND event.notification_id > %(after)s
        AND event.notification_id <= %(until)s
        AND event.topic = %(swept_topic)s
        AND event.envelope IS NOT NULL
),
gone AS (
    DELETE FROM dossier_line AS line
    WHERE (SELECT positions IS NOT NULL FROM found)
        AND line.lane = %(lane)s AND line.position = ANY((SELECT positions FROM found)::bigint[])
),
act AS (
    DELETE FROM holding_act AS act
    WHERE (SELECT positions IS NOT NULL FROM found)
        AND act.lane = %(lane)s AND act.position = ANY((SELECT positions FROM found)::bigint[])
),
read AS (
    DELETE FROM subject_read AS read
    WHERE (SELECT positions IS NOT NULL FROM found)
        AND read.lane = %(lane)s AND read.position = ANY((SELECT positions FROM found)::bigint[])
),
later AS (
    DELETE FROM later_line AS later
    WHERE later.lane = %(lane)s AND later.position = ANY((SELECT positions FROM found)::bigint[])
),
change AS (
    DELETE FROM term_change AS change
    WHERE change.lane = %(lane)s AND change.position = ANY((SELECT positions FROM found)::bigint[])
),
held AS (
    DELETE FROM hold AS held
    WHERE held.lane = %(lane)s AND held.position = ANY((SELECT positions FROM found)::bigint[])
),
pair AS (
    DELETE FROM hold_line AS pair
    WHERE pair.lane = %(lane)s AND pair.position = ANY((SELECT positions FROM found)::bigint[])
),
other_pair AS (
    DELETE FROM hold_line AS pair
    WHERE pair.lane = %(lane)s AND pair.hold_position = ANY((SELECT positions FROM found)::bigint[])
),
erased AS (
    DELETE FROM erasure AS erased
    WHERE erased.lane = %(lane)s AND erased.position = ANY((SELECT positions FROM found)::bigint[])
)
SELECT later.position
FROM later_line AS later
WHERE later.lane = %(lane)s AND later.about_position = ANY((SELECT positions FROM found)::bigint[])
EXCEPT
SELECT unnest(positions) FROM found
