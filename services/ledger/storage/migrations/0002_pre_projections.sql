-- Projections: envelope columns, ids and handles, never decrypted content. Each lives in its own schema so that
-- a rebuild fills a shadow and swaps names in one transaction.

CREATE SCHEMA projection;

-- How far each projection has applied each lane, stored in the transaction of its effect.
CREATE TABLE projection.cursor (
    projection text NOT NULL,
    lane smallint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (projection, lane)
);

-- dossier: one row per event that concerns a person or a party's own stream.
CREATE TABLE projection.dossier_line (
    lane smallint NOT NULL,
    stream_id uuid NOT NULL,
    position bigint NOT NULL,
    kind smallint NOT NULL,            -- services/ledger/domain/line_kind.py
    operation_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    author text NOT NULL,
    parties text[] NOT NULL,           -- controller, processor, recipients; of a notice its controller and giver
    recipients text[] NOT NULL,
    covenant text,
    trace_id uuid,
    case_index bytea,
    activity text,
    PRIMARY KEY (lane, stream_id, position)
);
CREATE INDEX dossier_line_parties ON projection.dossier_line USING gin (parties);
CREATE INDEX dossier_line_trace ON projection.dossier_line (lane, trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX dossier_line_case ON projection.dossier_line (lane, case_index) WHERE case_index IS NOT NULL;

-- holdings and impact: one row per event and party whose holding it begins, carries or ends.
CREATE TABLE projection.holding_act (
    lane smallint NOT NULL,
    stream_id uuid NOT NULL,
    party text NOT NULL,
    position bigint NOT NULL,
    effect smallint NOT NULL,          -- 1 carries, -1 the holder deletes
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    categories text[] NOT NULL,        -- empty on a delete: all
    ends date,                         -- last day of the term this act gives
    supplied_by text,                  -- the controller that shared; null for the holder's own act
    covenant text,
    annex text,
    list_index text,
    case_index bytea,
    PRIMARY KEY (lane, stream_id, party, position)
);
CREATE INDEX holding_act_party ON projection.holding_act (party, occurred_at);

-- reads: who asked and saw what of whom.
CREATE TABLE projection.subject_read (
    lane smallint NOT NULL,
    stream_id uuid NOT NULL,           -- the person read
    reader_lane smallint NOT NULL,
    position bigint NOT NULL,          -- of the read event in the reader's lane
    read_id uuid NOT NULL,
    reader text NOT NULL,
    purpose text NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (lane, stream_id, reader_lane, position)
);
