-- Take out of the holdings what corrections in this range annul or say to be about somebody else, from when that was
-- known. A statement of its own, after the inserts: it must see acts of the same batch.
UPDATE holding_act AS act
SET removed_at = least(act.removed_at, correction.known_at)
FROM dossier_line AS line, (
    SELECT event.originator_id AS stream_id, envelope."aboutOperation" AS operation_id, min(envelope."recordedAt") AS known_at
    FROM stored_events AS event
    CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS envelope (
        "recordedAt" timestamptz, "aboutOperation" uuid, correction text
    )
    WHERE event.lane = %(lane)s
        AND event.notification_id > %(after)s
        AND event.notification_id <= %(until)s
        AND event.topic = %(topic)s
        AND envelope.correction IN ('annulled', 'wrong-person')
    GROUP BY 1, 2
) AS correction
WHERE act.lane = %(lane)s
    AND act.stream_id = correction.stream_id
    AND line.lane = %(lane)s
    AND line.position = act.position
    AND line.operation_id = correction.operation_id
