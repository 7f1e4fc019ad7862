-- Tie the lines of this range that are about another line of their stream to that one. It is looked up by its operation
-- (OFFSET 0), for a stream may be long.
INSERT INTO later_line (lane, position, about_position, sealed_until)
SELECT %(lane)s, line.position, min(spoken.position), line.record_ends
FROM dossier_line AS line
JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = line.position
CROSS JOIN LATERAL (
    SELECT first.originator_id, first.notification_id FROM stored_events AS first
    WHERE first.lane = %(lane)s
        AND first.operation_id = (convert_from(event.envelope, 'UTF8')::json ->> 'aboutOperation')::uuid
    OFFSET 0
) AS original
JOIN dossier_line AS spoken
    ON spoken.lane = %(lane)s
    AND spoken.position = original.notification_id
    AND spoken.kind <> ALL(%(following)s)
WHERE line.lane = %(lane)s
    AND line.position > %(after)s
    AND line.position <= %(until)s
    AND line.kind = ANY(%(following)s)
    AND event.envelope IS NOT NULL
    AND original.originator_id = line.stream_id
    AND original.notification_id < line.position
GROUP BY line.position, line.record_ends
