-- Projections: envelope columns, ids and handles, never decrypted content. They live in a schema of their own, so that
-- a rebuild fills a shadow schema and swaps the names in one transaction. Why one cursor, and why one table serves
-- holdings and impact: docs/decisions/0005-one-pass-projections.md.

CREATE SCHEMA projection;

-- How far each lane has been applied; written in the transaction of the rows it stands for.
CREATE TABLE projection.cursor (
    lane smallint PRIMARY KEY,
    position bigint NOT NULL
);

-- dossier: one row per event with a known topic, on whatever stream it stands; what an act says stands here once.
CREATE TABLE projection.dossier_line (
    lane smallint NOT NULL,
    kind smallint NOT NULL,            -- services/ledger/domain/line_kind.py
    recipient_count smallint NOT NULL, -- recipients stand last among the parties
    covenant_version integer,
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    trace_id uuid,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    ends date,                         -- last day of the term this act gives; ends at 24:00 Europe/Amsterdam
    author text NOT NULL,
    parties text[] NOT NULL,           -- controller (else author), processor; notice: giver; refusal: asker; recipients
    covenant text,
    annex text,
    activity text,
    gdpr text,
    statute text,
    list_kind text,
    list_index bytea,
    case_index bytea,
    PRIMARY KEY (lane, position)
);
CREATE INDEX dossier_line_stream ON projection.dossier_line (lane, stream_id);
CREATE INDEX dossier_line_parties ON projection.dossier_line USING gin (parties);
CREATE INDEX dossier_line_trace ON projection.dossier_line (lane, trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX dossier_line_case ON projection.dossier_line (lane, case_index) WHERE case_index IS NOT NULL;
CREATE INDEX dossier_line_activity ON projection.dossier_line (lane, activity) WHERE activity IS NOT NULL;

-- The few persons that were ever linked (kind 8): whoever counts persons looks at these one by one.
CREATE INDEX dossier_line_linked ON projection.dossier_line (lane, stream_id) WHERE kind = 8;

-- holdings and impact: one row per event and party whose holding it begins, carries or ends.
CREATE TABLE projection.holding_act (
    lane smallint NOT NULL,
    effect smallint NOT NULL,          -- 1 the holder's own act carries, 2 received by a share, -1 the holder deletes
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    removed_at timestamptz,            -- known since then to be annulled, or about another person
    party text NOT NULL,
    categories text[] NOT NULL         -- empty on a delete: all
);
-- No key: a position is applied once because the key of dossier_line says so. Without the position the entries of a
-- person fold into one; the other index only grows at its end, and a dossier finds its holdings through its lines.
CREATE INDEX holding_act_person ON projection.holding_act (party, lane, stream_id);
CREATE INDEX holding_act_position ON projection.holding_act (lane, position);

-- reads: who asked and saw what of whom. The lane is the reader's: a stream id alone does not tell its lane.
CREATE TABLE projection.subject_read (
    lane smallint NOT NULL,
    position bigint NOT NULL,          -- of the read event in the reader's lane
    stream_id uuid NOT NULL,           -- the person read
    read_id uuid NOT NULL,
    reader text NOT NULL,
    purpose text NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (lane, stream_id, position)
);
