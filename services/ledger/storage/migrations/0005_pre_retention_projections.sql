-- Projections with an end: every row says until when it may be shown, so that a day ends in every answer at once.
-- Made anew beside the old ones and filled from them: an UPDATE of every row would leave each of them twice.

ALTER SCHEMA projection RENAME TO projection_before;
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
    record_ends date NOT NULL,         -- last day of the record, as later events about it move it; infinity: none
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    trace_id uuid,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    kept_until date NOT NULL,          -- record_ends; infinity while a hold keeps it; -infinity once it was erased
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
    case_index bytea
);

-- holdings and impact: one row per event and party whose holding it begins, carries or ends.
CREATE TABLE projection.holding_act (
    lane smallint NOT NULL,
    effect smallint NOT NULL,          -- 1 the holder's own act carries, 2 received by a share, -1 the holder deletes
    kept_until date NOT NULL,          -- as that of its line
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    removed_at timestamptz,            -- known since then to be annulled, or about another person
    party text NOT NULL,
    categories text[] NOT NULL         -- empty on a delete: all
);

-- reads: who asked and saw what of whom. The lane is the reader's: a stream id alone does not tell its lane.
CREATE TABLE projection.subject_read (
    lane smallint NOT NULL,
    kept_until date NOT NULL,          -- as that of its line
    position bigint NOT NULL,          -- of the read event in the reader's lane
    stream_id uuid NOT NULL,           -- the person read
    read_id uuid NOT NULL,
    reader text NOT NULL,
    purpose text NOT NULL,
    read_at timestamptz NOT NULL
);

-- What the order of a lane decides about the end of its lines stands in the tables below, a row per event.

-- Lines about another line of the same stream (corrections, terms): they end when that one ends.
CREATE TABLE projection.later_line (
    lane smallint NOT NULL,
    position bigint NOT NULL,
    about_position bigint NOT NULL,
    sealed_until date NOT NULL,        -- its own last day: its content was sealed for that one
    PRIMARY KEY (lane, position)
);
CREATE INDEX later_line_about ON projection.later_line (lane, about_position);
CREATE INDEX later_line_sealed ON projection.later_line (lane, sealed_until, position);

-- Each event that moved the end of a record while it lived, with the end that held before.
CREATE TABLE projection.term_change (
    lane smallint NOT NULL,
    position bigint NOT NULL,          -- of the line whose end was moved
    former_ends date NOT NULL,
    set_position bigint NOT NULL,      -- of the event that moved it
    PRIMARY KEY (lane, position, set_position)
);
CREATE INDEX term_change_former ON projection.term_change (lane, former_ends, position);

-- The days that were ended, and where in the lane.
CREATE TABLE projection.ended_day (
    lane smallint NOT NULL,
    day date NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (lane, day)
);

-- Holds: a line is held when it meets everything that is named here.
CREATE TABLE projection.hold (
    lane smallint NOT NULL,
    position bigint NOT NULL,
    released_position bigint,
    hold_id uuid NOT NULL,
    stream_id uuid,
    kind text NOT NULL,
    party text,
    covenant text,
    annex text,
    case_index bytea,
    PRIMARY KEY (lane, position)
);
CREATE INDEX hold_id ON projection.hold (lane, hold_id);
CREATE INDEX hold_released ON projection.hold (lane, released_position);

-- Which hold is about which line; not when the hold was released before the line came.
CREATE TABLE projection.hold_line (
    lane smallint NOT NULL,
    position bigint NOT NULL,
    hold_position bigint NOT NULL,
    PRIMARY KEY (lane, position, hold_position)
);
CREATE INDEX hold_line_hold ON projection.hold_line (lane, hold_position);

-- The events of erasures: what was asked, what was done, and which recipients owe and gave an answer.
CREATE TABLE projection.erasure (
    lane smallint NOT NULL,
    kind smallint NOT NULL,            -- of the line
    position bigint NOT NULL,
    erasure_id uuid NOT NULL,
    party text NOT NULL,               -- who asked, answered
    answer text,
    owed text[] NOT NULL,              -- of the request: the recipients that must answer
    PRIMARY KEY (lane, position)
);
CREATE INDEX erasure_id ON projection.erasure (lane, erasure_id);

-- Filled from what the older tables hold and the envelopes say.
INSERT INTO projection.cursor SELECT lane, position FROM projection_before.cursor;

INSERT INTO projection.dossier_line
SELECT
    line.lane, line.kind, line.recipient_count, line.covenant_version, term.ends, line.position, line.stream_id,
    line.operation_id, line.trace_id, line.occurred_at, line.recorded_at, term.ends, line.ends, line.author,
    line.parties, line.covenant, line.annex, line.activity, line.gdpr, line.statute, line.list_kind, line.list_index,
    line.case_index
FROM projection_before.dossier_line AS line
JOIN stored_events AS event ON event.lane = line.lane AND event.notification_id = line.position
CROSS JOIN LATERAL (
    SELECT coalesce((convert_from(event.envelope, 'UTF8')::json ->> 'recordEnds')::date, 'infinity') AS ends
) AS term;

ALTER TABLE projection.dossier_line ADD PRIMARY KEY (lane, position);
CREATE INDEX dossier_line_stream ON projection.dossier_line (lane, stream_id);
CREATE INDEX dossier_line_parties ON projection.dossier_line USING gin (parties);
CREATE INDEX dossier_line_trace ON projection.dossier_line (lane, trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX dossier_line_case ON projection.dossier_line (lane, case_index) WHERE case_index IS NOT NULL;
CREATE INDEX dossier_line_activity ON projection.dossier_line (lane, activity) WHERE activity IS NOT NULL;
-- The few persons that were ever linked (kind 8): whoever counts persons looks at these one by one.
CREATE INDEX dossier_line_linked ON projection.dossier_line (lane, stream_id) WHERE kind = 8;
-- Few values, many rows: equal entries fold into one. What ended is found here. By an expression, since on the bare
-- column it would tempt the planner in every question, all of which ask for what is kept until today: nearly everything.
CREATE INDEX dossier_line_kept ON projection.dossier_line (lane, (kept_until + 0));
-- What outlives its day, in order.
CREATE INDEX dossier_line_outlives ON projection.dossier_line (lane, record_ends, position)
    WHERE kept_until = 'infinity';
CREATE INDEX dossier_line_covenant ON projection.dossier_line (lane, covenant) WHERE covenant IS NOT NULL;

INSERT INTO projection.holding_act
SELECT
    act.lane, act.effect, line.kept_until, act.position, act.stream_id, act.occurred_at, act.recorded_at,
    act.removed_at, act.party, act.categories
FROM projection_before.holding_act AS act
JOIN projection.dossier_line AS line USING (lane, position);

-- No key: a position is applied once because the key of dossier_line says so. Without the position the entries of a
-- person fold into one; the other index only grows at its end, and a dossier finds its holdings through its lines.
CREATE INDEX holding_act_person ON projection.holding_act (party, lane, stream_id);
CREATE INDEX holding_act_position ON projection.holding_act (lane, position);

INSERT INTO projection.subject_read
SELECT
    read.lane, line.kept_until, read.position, read.stream_id, read.read_id, read.reader, read.purpose, read.read_at
FROM projection_before.subject_read AS read
JOIN projection.dossier_line AS line USING (lane, position);

ALTER TABLE projection.subject_read ADD PRIMARY KEY (lane, stream_id, position);
CREATE INDEX subject_read_position ON projection.subject_read (lane, position);

-- Until now only corrections (4) and changes of confidentiality (5) were about another line, on the end of that one.
INSERT INTO projection.later_line
SELECT line.lane, line.position, min(original.notification_id), line.record_ends
FROM projection.dossier_line AS line
JOIN stored_events AS event ON event.lane = line.lane AND event.notification_id = line.position
JOIN stored_events AS original
    ON original.lane = line.lane
    AND original.operation_id = (convert_from(event.envelope, 'UTF8')::json ->> 'aboutOperation')::uuid
    AND original.originator_id = line.stream_id
    AND original.notification_id < line.position
JOIN projection.dossier_line AS spoken
    ON spoken.lane = line.lane AND spoken.position = original.notification_id AND spoken.kind NOT IN (4, 5)
WHERE line.kind IN (4, 5)
GROUP BY line.lane, line.position;

DROP SCHEMA projection_before CASCADE;

-- How far the sweeper is: up to which version of the stream of its lane everything that was named is gone.
CREATE TABLE sweep_cursor (
    lane smallint PRIMARY KEY,
    version bigint NOT NULL
);
