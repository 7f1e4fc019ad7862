-- One snapshot of what lies after the cursor of a lane: how many events, the first and last position, the lane's head.
SELECT
    count(*), coalesce(min(position), 0), coalesce(max(position), 0),
    (SELECT last_position FROM lane_head WHERE lane = %(lane)s)
FROM (
    SELECT notification_id AS position
    FROM stored_events
    WHERE lane = %(lane)s AND notification_id > %(after)s
    ORDER BY notification_id
    LIMIT %(limit)s
) AS pending
