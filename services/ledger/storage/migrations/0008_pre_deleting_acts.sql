-- Few acts delete. Whoever counts what a party had looks them up first, and would else read all acts of a person.
CREATE INDEX holding_act_delete ON projection.holding_act (party, lane, stream_id) WHERE effect < 0;
