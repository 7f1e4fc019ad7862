-- The first position of this range that leans on a register further than the one applied.
SELECT min(event.notification_id)
FROM stored_events AS event
WHERE event.lane = %(lane)s
    AND event.notification_id > %(after)s
    AND event.notification_id <= %(until)s
    AND event.topic = ANY(%(topics)s)
    AND event.envelope IS NOT NULL
    AND (convert_from(event.envelope, 'UTF8')::json ->> 'registerPosition')::bigint > %(register)s
