-- The append of one lane: claims, versions, positions, leaves and the rows the events lean on, in one statement.
-- The counter row of the lane is locked before (lock_statement), so nobody else gives out its positions or versions.
-- An operation counts when its claim was free: claimed here, or granted by a claim made just before in another lane.
WITH event AS (
    SELECT *
    FROM unnest(
        %(operations)b::uuid[], %(streams)b::uuid[], %(topics)b::text[], %(envelopes)b::bytea[], %(states)b::bytea[],
        %(contents)b::bytea[]
    ) WITH ORDINALITY AS given (operation_id, stream_id, topic, envelope, state, contents, ord)
),
claimed AS (
    INSERT INTO operation_claim (lane, operation_id, body_hash)
    SELECT %(lane)s::smallint, operation_id, body_hash
    FROM unnest(%(claims)b::uuid[], %(body_hashes)b::bytea[]) AS given (operation_id, body_hash)
    ORDER BY operation_id
    ON CONFLICT DO NOTHING
    RETURNING operation_id
),
granted AS MATERIALIZED (
    SELECT operation_id FROM claimed
    UNION ALL
    SELECT operation_id FROM unnest(%(granted)b::uuid[]) AS given (operation_id)
),
accepted AS MATERIALIZED (
    SELECT
        event.*,
        row_number() OVER (ORDER BY ord) AS place,
        row_number() OVER (PARTITION BY stream_id ORDER BY ord) AS turn,
        count(*) OVER (PARTITION BY stream_id) AS turns
    FROM event JOIN granted USING (operation_id)
),
counter AS (
    UPDATE lane_head SET last_position = last_position + (SELECT count(*) FROM accepted)
    WHERE lane = %(lane)s::smallint
    RETURNING last_position - (SELECT count(*) FROM accepted) AS base
),
head AS (
    INSERT INTO stream_head AS known (lane, stream_id, version)
    SELECT %(lane)s::smallint, stream_id, count(*) FROM accepted GROUP BY stream_id
    ON CONFLICT (lane, stream_id) DO UPDATE SET version = known.version + excluded.version
    RETURNING stream_id, version
),
identifier AS (
    INSERT INTO subject_identifier (lane, lookup, key_version, stream_id)
    SELECT %(lane)s::smallint, lookup, key_version, stream_id
    FROM unnest(
        %(identifier_operations)b::uuid[], %(lookups)b::bytea[], %(key_versions)b::smallint[],
        %(identifier_streams)b::uuid[]
    ) AS given (operation_id, lookup, key_version, stream_id)
    JOIN granted USING (operation_id)
    ON CONFLICT DO NOTHING
),
secret AS (
    INSERT INTO dossier_secret (lane, stream_id, scope, generation, wrap_key_id, wrapped)
    SELECT %(lane)s::smallint, stream_id, scope, generation, wrap_key_id, wrapped
    FROM unnest(
        %(secret_operations)b::uuid[], %(secret_streams)b::uuid[], %(scopes)b::bytea[], %(generations)b::smallint[],
        %(wrap_key_ids)b::text[], %(wrapped)b::bytea[]
    ) AS given (operation_id, stream_id, scope, generation, wrap_key_id, wrapped)
    JOIN granted USING (operation_id)
    ON CONFLICT DO NOTHING
),
placed AS (
    SELECT
        accepted.*,
        (SELECT base FROM counter) + place AS position,
        head.version - turns + turn AS version
    FROM accepted JOIN head USING (stream_id)
)
INSERT INTO stored_events (
    lane, originator_id, originator_version, notification_id, operation_id, topic, envelope, state, leaf_hash
)
SELECT
    %(lane)s::smallint, stream_id, version, position, operation_id, topic, envelope, state,
    sha256(
        '\x00'::bytea || int4send(%(lane)s::smallint::integer) || int8send(position) || uuid_send(stream_id)
        || int2send(octet_length(topic)::smallint) || convert_to(topic, 'UTF8') || contents
    )
FROM placed
ORDER BY ord
RETURNING operation_id, notification_id, originator_version, leaf_hash
