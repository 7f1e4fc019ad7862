-- The append of operations of one lane that nobody claimed before, which is nearly all of them. A claim that stands
-- raises a unique violation; then nothing of this happened and append_statement.sql looks at each claim by itself.
-- The counter row of the lane is locked before, so rows that were absent then are absent still: no insert but that of
-- the heads looks for conflicts. What can be counted before is counted by the caller, so that the wide rows of the
-- events pass once, without a window or a sort.
WITH claimed AS (
    INSERT INTO operation_claim (lane, operation_id, body_hash)
    SELECT %(lane)s::smallint, operation_id, body_hash
    FROM unnest(%(claims)b::uuid[], %(body_hashes)b::bytea[]) AS given (operation_id, body_hash)
    ORDER BY operation_id
    RETURNING operation_id
),
-- The claims come first: when one of them stands, little was done in vain.
counter AS (
    UPDATE lane_head SET last_position = last_position + cardinality(%(streams)b::uuid[])
    WHERE lane = %(lane)s::smallint AND (SELECT count(*) FROM claimed) = cardinality(%(claims)b::uuid[])
    RETURNING last_position - cardinality(%(streams)b::uuid[]) AS base
),
head AS (
    INSERT INTO stream_head AS known (lane, stream_id, version)
    SELECT %(lane)s::smallint, stream_id, turns
    FROM unnest(%(head_streams)b::uuid[], %(head_turns)b::bigint[]) AS given (stream_id, turns)
    ON CONFLICT (lane, stream_id) DO UPDATE SET version = known.version + excluded.version
    RETURNING stream_id, version
),
identifier AS (
    INSERT INTO subject_identifier (lane, lookup, key_version, stream_id)
    SELECT %(lane)s::smallint, lookup, key_version, stream_id
    FROM unnest(%(lookups)b::bytea[], %(key_versions)b::smallint[], %(identifier_streams)b::uuid[])
        AS given (lookup, key_version, stream_id)
),
secret AS (
    INSERT INTO dossier_secret (lane, stream_id, scope, generation, wrap_key_id, wrapped)
    SELECT %(lane)s::smallint, stream_id, scope, generation, wrap_key_id, wrapped
    FROM unnest(
        %(secret_streams)b::uuid[], %(scopes)b::bytea[], %(generations)b::smallint[], %(wrap_key_ids)b::text[],
        %(wrapped)b::bytea[]
    ) AS given (stream_id, scope, generation, wrap_key_id, wrapped)
)
INSERT INTO stored_events (
    lane, originator_id, originator_version, notification_id, operation_id, topic, envelope, state, leaf_hash
)
SELECT
    %(lane)s::smallint, stream_id, head.version - later, counter.base + ord, operation_id, topic, envelope, state,
    sha256(
        '\x00'::bytea || int4send(%(lane)s::smallint::integer) || int8send(counter.base + ord) || uuid_send(stream_id)
        || int2send(octet_length(topic)::smallint) || convert_to(topic, 'UTF8') || contents
    )
FROM unnest(
    %(operations)b::uuid[], %(streams)b::uuid[], %(later)b::bigint[], %(topics)b::text[], %(envelopes)b::bytea[],
    %(states)b::bytea[], %(contents)b::bytea[]
) WITH ORDINALITY AS event (operation_id, stream_id, later, topic, envelope, state, contents, ord)
CROSS JOIN counter
JOIN head USING (stream_id)
RETURNING notification_id, originator_version, leaf_hash
