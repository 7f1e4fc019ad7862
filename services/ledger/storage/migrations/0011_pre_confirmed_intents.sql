-- Which operation an intent became: one, whoever confirms it and under whatever key. In the lane that the intent's id
-- decides on, so that whoever confirms it meets this row under the counter row of that lane.
CREATE TABLE confirmed_intent (
    lane smallint NOT NULL,
    intent_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    PRIMARY KEY (lane, intent_id)
);
