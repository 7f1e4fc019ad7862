-- The ledger's own tables. Every key contains the lane, every hot statement binds it, so that the same
-- schema can be distributed by lane later (design 1.7).

-- What may never differ between two starts of one ledger: number of lanes, clock, creation time.
CREATE TABLE ledger_setting (
    name text PRIMARY KEY,
    value text NOT NULL
);

-- One counter row per lane, locked first by every append: order without gaps.
CREATE TABLE lane_head (
    lane smallint PRIMARY KEY,
    last_position bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

CREATE TABLE stream_head (
    lane smallint NOT NULL,
    stream_id uuid NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (lane, stream_id)
) WITH (fillfactor = 80);

-- The table of the eventsourcing library, widened: notification_id is the position in the lane.
CREATE TABLE stored_events (
    lane smallint NOT NULL,
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    notification_id bigint NOT NULL,
    operation_id uuid,
    topic text NOT NULL,
    envelope bytea,
    state bytea,
    leaf_hash bytea NOT NULL,
    PRIMARY KEY (lane, originator_id, originator_version)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.5);
ALTER TABLE stored_events ALTER COLUMN state SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX stored_events_position ON stored_events (lane, notification_id);
-- To find an operation. That it is stored once is what its claim is for; a unique index over stream and topic as well
-- would be twice as wide.
CREATE INDEX stored_events_operation ON stored_events (lane, operation_id) WHERE operation_id IS NOT NULL;

-- Idempotency: (party, key) as derived operation id, with a keyed hash of the canonical body.
CREATE TABLE operation_claim (
    lane smallint NOT NULL,
    operation_id uuid NOT NULL,
    body_hash bytea NOT NULL,
    PRIMARY KEY (lane, operation_id)
);

-- The only way from an identifier to a stream: HMAC under a vault key, with the version of that key.
CREATE TABLE subject_identifier (
    lane smallint NOT NULL,
    lookup bytea NOT NULL,
    key_version smallint NOT NULL,
    stream_id uuid NOT NULL,
    PRIMARY KEY (lane, lookup)
);

-- One secret per day on which records end, wrapped by that day's own key in the vault.
CREATE TABLE day_secret (
    lane smallint NOT NULL,
    day date NOT NULL,
    wrap_key_id text NOT NULL,
    wrapped bytea,
    destroyed_at timestamptz,
    PRIMARY KEY (lane, day)
);

-- One secret per person, scope and generation; a destroyed one keeps its row, never its material.
CREATE TABLE dossier_secret (
    lane smallint NOT NULL,
    stream_id uuid NOT NULL,
    scope bytea NOT NULL,
    generation smallint NOT NULL,
    wrap_key_id text NOT NULL,
    wrapped bytea,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'fenced', 'destroyed')),
    destroyed_at timestamptz,
    PRIMARY KEY (lane, stream_id, scope, generation),
    CHECK ((state = 'destroyed') = (wrapped IS NULL))
);
