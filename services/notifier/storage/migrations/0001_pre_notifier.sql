-- Working state of notifier. All of it can be made again from the ledger's events, but for letters that wait.
-- Nothing here holds an identifier, a name or a free text in clear.

CREATE SCHEMA notifier;

-- Up to where the ledger's events have been followed.
CREATE TABLE notifier.cursor (
    lane smallint PRIMARY KEY,
    position bigint NOT NULL
);

-- Whose duties must be looked at, from which moment on; what has just happened stands at the beginning of time.
CREATE TABLE notifier.look (
    lane smallint NOT NULL,
    stream_id uuid NOT NULL,
    at timestamptz NOT NULL,
    position bigint NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (lane, stream_id, at)
);
CREATE INDEX look_at ON notifier.look (at);

-- What the ledger last said about each duty, and when there is next something to say about it.
CREATE TABLE notifier.duty (
    lane smallint NOT NULL,
    stream_id uuid NOT NULL,
    obligation text NOT NULL,
    kind text NOT NULL,
    party text NOT NULL,
    controller text,
    state text NOT NULL,
    due timestamptz,
    exempt_until date,
    covenant text,
    annex text,
    data_categories text[] NOT NULL,
    missing_elements text[] NOT NULL,
    first_seen_at timestamptz NOT NULL,
    reopened_at timestamptz,
    reopened_from text,
    next_at timestamptz,
    PRIMARY KEY (lane, stream_id, obligation)
);
CREATE INDEX duty_next ON notifier.duty (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX duty_obligation ON notifier.duty (obligation);

-- Every message: what waits, what was sent, what failed. The id follows from the cause, so a cause has one message.
-- `facts` (to a party) names no person; `sealed` (to a person) opens only with a key outside this database.
CREATE TABLE notifier.outbox (
    id uuid PRIMARY KEY,
    lane smallint NOT NULL,
    stream_id uuid NOT NULL,
    obligation text,
    kind text NOT NULL,
    party text NOT NULL,
    to_person boolean NOT NULL,
    channel text NOT NULL,
    route text NOT NULL,
    template text NOT NULL,
    facts bytea,
    sealed bytea,
    decided_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed', 'held', 'forgotten', 'overtaken')),
    attempts smallint NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    reason text,
    settled text[] NOT NULL DEFAULT '{}',
    sent_at timestamptz,
    recorded_at timestamptz,
    forget_at timestamptz
);
CREATE INDEX outbox_to_do ON notifier.outbox (state, next_at)
    WHERE state = 'waiting' OR (state = 'sent' AND recorded_at IS NULL);
CREATE INDEX outbox_obligation ON notifier.outbox (obligation);
CREATE INDEX outbox_letters ON notifier.outbox (lane, stream_id) WHERE to_person;
CREATE INDEX outbox_forget ON notifier.outbox (forget_at) WHERE forget_at IS NOT NULL;
CREATE INDEX outbox_decided ON notifier.outbox (decided_at);
