-- The life and death of keys: fences, content keys that outlive their day, secrets of holds, the rotation of week keys.

-- How often something under a lane was fenced: a dossier before its erasure, a day at its end. A secret that was read
-- in another epoch is read again before anything is sealed or opened under it.
ALTER TABLE lane_head ADD COLUMN fence_epoch bigint NOT NULL DEFAULT 0;

-- From then on nothing is sealed for this day, in whatever process; its material goes when all that is kept was wrapped
-- anew. A day that ended before anything was sealed for it has a row without material, so that none is made later.
ALTER TABLE day_secret ADD COLUMN fenced_at timestamptz;

-- The key of one event, wrapped anew so that it outlives its day: by a later day, or by a hold. It leans on the secret
-- of the event's dossier as well, and dies with it.
CREATE TABLE event_key (
    lane smallint NOT NULL,
    position bigint NOT NULL,
    keeper text NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (lane, position, keeper)
);
CREATE INDEX event_key_keeper ON event_key (lane, keeper, position);

-- One secret per hold, wrapped by that hold's own key in the vault; a released one keeps its row, never its material.
CREATE TABLE hold_secret (
    lane smallint NOT NULL,
    hold_id uuid NOT NULL,
    wrap_key_id text NOT NULL,
    wrapped bytea,
    destroyed_at timestamptz,
    PRIMARY KEY (lane, hold_id)
);

-- Since which day nothing living hangs on a week's key any more: dumps made before may still need it, for so long as
-- they are kept.
CREATE TABLE unused_week_key (
    key_id text PRIMARY KEY,
    since date NOT NULL
);
