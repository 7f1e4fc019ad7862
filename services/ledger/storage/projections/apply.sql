-- Apply a contiguous range of one lane to all projections: every envelope is parsed once, by one set-based statement.
-- Positions are already checked; topics without a kind were seen and leave nothing. A stream with a derived id
-- (UUID version 5) is a party's own, so no person is held there. Each row ends as its envelope says; what later events,
-- holds and erasures make of that comes after. Returns how many corrections, lines about other lines and deciding lines
-- the range holds, the furthest register position it leans on, and whether a hold may be about any of it.
WITH known AS (
    SELECT * FROM unnest(%(topics)s::text[], %(kinds)s::smallint[]) AS t (topic, kind)
),
batch AS MATERIALIZED (
    SELECT event.notification_id AS position, event.originator_id AS stream_id, known.kind, envelope.*
    FROM stored_events AS event
    JOIN known USING (topic)
    CROSS JOIN LATERAL json_to_record(convert_from(event.envelope, 'UTF8')::json) AS envelope (
        "operationId" uuid, "recordedAt" timestamptz, "occurredAt" timestamptz, author text,
        "operationClass" text, controller text, processor text, recipients text[], "dataCategories" text[],
        activity text, gdpr text, statute text, covenant text, annex text, "covenantVersion" integer,
        "listKind" text, "listIndex" text, "caseIndex" text, "traceId" text, "holdingEnds" date,
        "givenBy" text, "decidedBy" text, "receivedBy" text, "breachParty" text,
        "readId" uuid, "readPurpose" text, "readStreams" uuid[], "registerPosition" bigint,
        "recordEnds" date, "aboutOperation" uuid
    )
    WHERE event.lane = %(lane)s
        AND event.notification_id > %(after)s
        AND event.notification_id <= %(until)s
        AND event.envelope IS NOT NULL
),
dossier AS (
    INSERT INTO dossier_line (
        lane, kind, recipient_count, covenant_version, record_ends, position, stream_id, operation_id, trace_id,
        occurred_at, recorded_at, kept_until, ends, author, parties, covenant, annex, activity, gdpr, statute,
        list_kind, list_index, case_index
    )
    SELECT
        %(lane)s, kind, coalesce(cardinality(recipients), 0), "covenantVersion", coalesce("recordEnds", 'infinity'),
        position, stream_id, "operationId",
        -- 32 hexadecimal digits; a regular expression would cost as much as an index.
        CASE WHEN length("traceId") = 32 AND ltrim("traceId", '0123456789ABCDEFabcdef') = '' THEN "traceId"::uuid END,
        "occurredAt", "recordedAt", coalesce("recordEnds", 'infinity'), "holdingEnds", author,
        array_remove(
            ARRAY[
                coalesce(controller, author), processor, "givenBy", "decidedBy", "receivedBy", "breachParty",
                -- A refusal is its asker's, who may have asked for another controller (3: refused).
                CASE WHEN kind = 3 THEN author END
            ],
            NULL
        ) || coalesce(recipients, '{}'),
        covenant, annex, activity, gdpr, statute, "listKind", decode("listIndex", 'hex'), decode("caseIndex", 'hex')
    FROM batch
),
holding AS (
    INSERT INTO holding_act (
        lane, effect, kept_until, position, stream_id, occurred_at, recorded_at, party, categories
    )
    SELECT
        %(lane)s, CASE "operationClass" WHEN 'delete' THEN -1 WHEN 'share' THEN 2 ELSE 1 END,
        coalesce("recordEnds", 'infinity'), position, stream_id, "occurredAt", "recordedAt", holder.party,
        coalesce("dataCategories", '{}')
    FROM batch
    CROSS JOIN LATERAL unnest(
        CASE WHEN "operationClass" = 'share' THEN recipients ELSE ARRAY[controller] END
    ) WITH ORDINALITY AS holder (party, place)
    WHERE kind = %(recorded)s
        AND "operationClass" IN ('collect', 'use', 'alter', 'share', 'delete')
        AND ("operationClass" = 'delete' OR cardinality("dataCategories") > 0)
        AND get_byte(uuid_send(stream_id), 6) >> 4 <> 5
        AND ("operationClass" <> 'share' OR array_position(recipients, holder.party) = holder.place)
),
seen AS (
    INSERT INTO subject_read (lane, kept_until, position, stream_id, read_id, reader, purpose, read_at)
    SELECT
        %(lane)s, coalesce("recordEnds", 'infinity'), position, person.stream_id, "readId", author,
        coalesce("readPurpose", ''), "occurredAt"
    FROM batch
    CROSS JOIN LATERAL unnest("readStreams") WITH ORDINALITY AS person (stream_id, place)
    WHERE kind = %(read)s AND array_position("readStreams", person.stream_id) = person.place
)
SELECT
    count(*) FILTER (WHERE kind = %(corrected)s), coalesce(max("registerPosition"), 0),
    count(*) FILTER (WHERE kind = ANY(%(following)s) AND "aboutOperation" IS NOT NULL),
    count(*) FILTER (WHERE kind = ANY(%(deciding)s)),
    EXISTS (SELECT FROM hold WHERE lane = %(lane)s AND released_position IS NULL)
FROM batch
