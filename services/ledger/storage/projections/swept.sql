-- Take out what sweeps in this range name. Whatever stands at a position goes with its line. Returns the lines that
-- were about one of these and stay, since they came when it had already been named.
WITH named AS MATERIALIZED (
    SELECT (piece ->> 0)::bigint AS low, (piece ->> 1)::bigint AS high
    FROM stored_events AS event
    CROSS JOIN LATERAL json_array_elements(convert_from(event.envelope, 'UTF8')::json -> 'swept') AS piece
    WHERE event.lane = %(lane)s
        AND event.notification_id > %(after)s
        AND event.notification_id <= %(until)s
        AND event.topic = %(swept_topic)s
        AND event.envelope IS NOT NULL
),
gone AS (
    DELETE FROM dossier_line AS line USING named
    WHERE line.lane = %(lane)s AND line.position BETWEEN named.low AND named.high
    RETURNING line.position
),
act AS (
    DELETE FROM holding_act AS act USING named
    WHERE act.lane = %(lane)s AND act.position BETWEEN named.low AND named.high
),
read AS (
    DELETE FROM subject_read AS read USING named
    WHERE read.lane = %(lane)s AND read.position BETWEEN named.low AND named.high
),
later AS (
    DELETE FROM later_line AS later USING gone WHERE later.lane = %(lane)s AND later.position = gone.position
),
change AS (
    DELETE FROM term_change AS change USING gone WHERE change.lane = %(lane)s AND change.position = gone.position
),
held AS (
    DELETE FROM hold AS held USING gone
    WHERE held.lane = %(lane)s AND held.position = gone.position
    RETURNING held.position
),
pair AS (
    DELETE FROM hold_line AS pair USING gone WHERE pair.lane = %(lane)s AND pair.position = gone.position
),
other_pair AS (
    DELETE FROM hold_line AS pair USING held WHERE pair.lane = %(lane)s AND pair.hold_position = held.position
),
erased AS (
    DELETE FROM erasure AS erased USING gone WHERE erased.lane = %(lane)s AND erased.position = gone.position
)
SELECT later.position
FROM later_line AS later
JOIN gone ON gone.position = later.about_position
WHERE later.lane = %(lane)s AND NOT EXISTS (SELECT FROM gone AS own WHERE own.position = later.position)
