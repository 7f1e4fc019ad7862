-- How far each lane has been published to Kafka, and how often a publisher took the lead: only the newest one moves it.
CREATE TABLE publication (
    lane smallint PRIMARY KEY,
    epoch bigint NOT NULL,
    position bigint NOT NULL
) WITH (fillfactor = 10);
