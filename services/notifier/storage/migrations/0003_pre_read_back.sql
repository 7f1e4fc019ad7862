-- How far the feed must be followed before anything is said: to where the ledger was when nothing had been followed yet.
-- What was said before this database was made, or lost, stands in the ledger's events up to there.
CREATE TABLE notifier.read_back (
    lane smallint PRIMARY KEY,
    position bigint NOT NULL
);
