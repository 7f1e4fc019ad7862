-- The lines that requests to erase in this range reach, with all that follows them: those that stood before the request
-- under the generations it names, less those that it spares. Of orphans any request that ever reached them counts.
-- OFFSET 0: as in settle.sql.
WITH named AS MATERIALIZED (
    SELECT
        erased.position AS requested, dossier."streamId" AS stream_id, dossier.scope, dossier.generation, request.spared
    FROM erasure AS erased
    JOIN stored_events AS event ON event.lane = erased.lane AND event.notification_id = erased.position
    CROSS JOIN LATERAL (
        SELECT
            told.envelope -> 'erasedDossiers' AS dossiers,
            ARRAY(SELECT json_array_elements_text(told.envelope -> 'spared')::bigint) AS spared
        FROM (SELECT convert_from(event.envelope, 'UTF8')::json AS envelope) AS told
    ) AS request
    CROSS JOIN LATERAL json_to_recordset(request.dossiers) AS dossier (
        lane smallint, "streamId" uuid, scope text, generation integer
    )
    WHERE erased.lane = %(lane)s
        AND erased.kind = %(erasure_requested)s
        AND (
            erased.position > %(after)s AND erased.position <= %(until)s
            OR cardinality(%(orphans)s::bigint[]) > 0
        )
        AND event.envelope IS NOT NULL
        AND dossier.lane = %(lane)s
),
reached AS MATERIALIZED (
    SELECT DISTINCT line.position
    FROM named
    JOIN dossier_line AS line
        ON line.lane = %(lane)s AND line.stream_id = named.stream_id AND line.position < named.requested
    JOIN stored_events AS event ON event.lane = %(lane)s AND event.notification_id = line.position
    CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS envelope (
        scope text, generation integer
    )
    WHERE event.envelope IS NOT NULL
        AND envelope.scope = named.scope
        AND envelope.generation = named.generation
        AND line.position <> ALL(named.spared)
        AND (
            named.requested > %(after)s AND named.requested <= %(until)s
            OR line.position = ANY(%(orphans)s::bigint[])
        )
),
whole AS (
    SELECT position FROM reached
    UNION
    SELECT later.position FROM reached
    CROSS JOIN LATERAL (
        SELECT own.position FROM later_line AS own
        WHERE own.lane = %(lane)s AND own.about_position = reached.position
        OFFSET 0
    ) AS later
)
SELECT line.position, line.record_ends::text, '-infinity'
FROM whole
CROSS JOIN LATERAL (
    SELECT own.position, own.record_ends, own.kept_until FROM dossier_line AS own
    WHERE own.lane = %(lane)s AND own.position = whole.position
    OFFSET 0
) AS line
WHERE line.kept_until > '-infinity'
