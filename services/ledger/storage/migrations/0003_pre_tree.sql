-- The Merkle tree of each lane, built off the request path: tiles of 256 hashes and signed checkpoints.

-- The name of this ledger in its checkpoints; made once, never changed.
INSERT INTO ledger_setting (name, value) VALUES ('ledger_id', gen_random_uuid()::text) ON CONFLICT DO NOTHING;

-- How many leaves the tree of a lane has; moved by comparing and swapping, so that two sealers never write over
-- one another.
CREATE TABLE tree_head (
    lane smallint PRIMARY KEY,
    size bigint NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE tree_tile (
    lane smallint NOT NULL,
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (lane, level, index)
);
-- Hashes do not compress.
ALTER TABLE tree_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- The newest checkpoint of a lane and the last one of every hour before it.
CREATE TABLE tree_checkpoint (
    lane smallint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (lane, size)
);
