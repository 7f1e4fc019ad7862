-- Keep what the deciding events of this range say: holds, days that were ended, steps of erasures. Only of lines that
-- stand, so that the tables say the same whether an envelope was swept before or after.
WITH decided AS MATERIALIZED (
    SELECT line.position, line.kind, line.stream_id, envelope.*
    FROM dossier_line AS line
    JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = line.position
    CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS envelope (
        author text, "holdId" uuid, "holdKind" text, "holdParty" text, covenant text, annex text, "caseIndex" text,
        day date, "erasureId" uuid, answer text, duties text[]
    )
    WHERE line.lane = %(lane)s
        AND line.position > %(after)s
        AND line.position <= %(until)s
        AND line.kind = ANY(%(deciding)s)
        AND event.envelope IS NOT NULL
),
held AS (
    INSERT INTO hold (lane, position, hold_id, stream_id, kind, party, covenant, annex, case_index)
    SELECT
        %(lane)s, position, "holdId",
        -- A stream with a derived id is no person's: the hold is about what else it names.
        CASE WHEN get_byte(uuid_send(stream_id), 6) >> 4 <> 5 THEN stream_id END,
        coalesce("holdKind", ''), "holdParty", covenant, annex, decode("caseIndex", 'hex')
    FROM decided
    WHERE kind = %(hold_placed)s AND "holdId" IS NOT NULL
),
ended AS (
    INSERT INTO ended_day AS known (lane, day, position)
    SELECT %(lane)s, day, min(position) FROM decided WHERE kind = %(day_ended)s AND day IS NOT NULL GROUP BY day
    ON CONFLICT (lane, day) DO UPDATE SET position = least(known.position, excluded.position)
)
INSERT INTO erasure (lane, kind, position, erasure_id, party, answer, owed)
SELECT
    %(lane)s, kind, position, "erasureId", author, answer,
    ARRAY(SELECT substr(duty, 7) FROM unnest(duties) AS duty WHERE starts_with(duty, 'erase:') ORDER BY 1)
FROM decided
WHERE kind = ANY(%(erasing)s) AND "erasureId" IS NOT NULL
