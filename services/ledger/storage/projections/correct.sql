-- Take out of the holdings what corrections in this range annul, replace by the act as corrected, or say to be about
-- somebody else, from when that was known. A statement of its own, after the inserts: it must see acts of the same
-- batch. Every step finds its row by operation or position, so a correction costs the same on a long stream as on a
-- short one.
UPDATE holding_act AS act
SET removed_at = least(act.removed_at, corrected.known_at)
FROM (
    SELECT line.position, named.party, min(envelope."recordedAt") AS known_at
    FROM stored_events AS event
    CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS envelope (
        "recordedAt" timestamptz, "aboutOperation" uuid, correction text
    )
    JOIN stored_events AS original
        ON original.lane = %(lane)s
        AND original.operation_id = envelope."aboutOperation"
        AND original.originator_id = event.originator_id
    JOIN dossier_line AS line ON line.lane = %(lane)s AND line.position = original.notification_id
    CROSS JOIN LATERAL unnest(line.parties) AS named (party)
    WHERE event.lane = %(lane)s
        AND event.notification_id > %(after)s
        AND event.notification_id <= %(until)s
        AND event.topic = %(topic)s
        AND envelope.correction IN ('annulled', 'wrong-person', 'replaced')
    GROUP BY 1, 2
) AS corrected
WHERE act.party = corrected.party
    AND act.lane = %(lane)s
    AND act.position = corrected.position
