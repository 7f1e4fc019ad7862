-- Overlap without names: who was asked, and until all have handed in what they did, blinded. Both go when it is over;
-- what stays is who asked whom and when, and sizes.
CREATE TABLE overlap (
    lane smallint NOT NULL,
    overlap_id uuid NOT NULL,
    key text NOT NULL,
    controller text NOT NULL,
    author text NOT NULL,
    parties text[] NOT NULL,
    handed_in text[] NOT NULL DEFAULT '{}',
    opened_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    state text NOT NULL,
    wrapped_secret bytea,
    count json,
    is_settled boolean NOT NULL DEFAULT false,
    PRIMARY KEY (lane, overlap_id)
);
CREATE INDEX overlap_author ON overlap (author, opened_at);
CREATE INDEX overlap_unsettled ON overlap (opened_at) WHERE NOT is_settled;

CREATE TABLE overlap_person (
    lane smallint NOT NULL,
    overlap_id uuid NOT NULL,
    party text NOT NULL,
    person bytea NOT NULL,
    PRIMARY KEY (lane, overlap_id, party, person)
);
