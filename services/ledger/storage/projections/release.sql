-- A hold ends in a lane at the first event there after it that releases it. What releases is read first, each envelope
-- looked up by its position (OFFSET 0): joined freely, the planner may parse every envelope of the lane for every hold.
WITH released AS MATERIALIZED (
    SELECT line.position, (convert_from(event.envelope, 'UTF8')::json ->> 'holdId')::uuid AS hold_id
    FROM dossier_line AS line
    CROSS JOIN LATERAL (
        SELECT own.envelope FROM stored_events AS own
        WHERE own.lane = %(lane)s AND own.notification_id = line.position
        OFFSET 0
    ) AS event
    WHERE line.lane = %(lane)s
        AND line.position > %(after)s
        AND line.position <= %(until)s
        AND line.kind = %(hold_released)s
        AND event.envelope IS NOT NULL
)
UPDATE hold AS held
SET released_position = least(held.released_position, first.position)
FROM (
    SELECT placed.position AS hold_position, min(released.position) AS position
    FROM released
    JOIN hold AS placed
        ON placed.lane = %(lane)s AND placed.hold_id = released.hold_id AND placed.position < released.position
    GROUP BY placed.position
) AS first
WHERE held.lane = %(lane)s AND held.position = first.hold_position
