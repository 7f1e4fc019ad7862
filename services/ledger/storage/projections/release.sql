-- A hold ends in a lane at the first event there after it that releases it.
UPDATE hold AS held
SET released_position = least(held.released_position, first.position)
FROM (
    SELECT placed.position AS hold_position, min(line.position) AS position
    FROM dossier_line AS line
    JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = line.position
    JOIN hold AS placed
        ON placed.lane = %(lane)s
        AND placed.hold_id = (convert_from(event.envelope, 'UTF8')::json ->> 'holdId')::uuid
        AND placed.position < line.position
    WHERE line.lane = %(lane)s
        AND line.position > %(after)s
        AND line.position <= %(until)s
        AND line.kind = %(hold_released)s
        AND event.envelope IS NOT NULL
    GROUP BY placed.position
) AS first
WHERE held.lane = %(lane)s AND held.position = first.hold_position
