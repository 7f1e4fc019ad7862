-- The first position after the cursor that is not there, up to the last one that should be.
SELECT min(expected.position)
FROM generate_series(%(after)s::bigint + 1, %(until)s::bigint) AS expected (position)
WHERE NOT EXISTS (
    SELECT FROM stored_events AS event WHERE event.lane = %(lane)s AND event.notification_id = expected.position
)
