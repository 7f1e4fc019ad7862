-- The database role of the ledger's own process, with exactly the rights that its statements use. Run by the owner of
-- the tables, as often as one likes. It logs in once somebody gave it a password; it makes nothing, owns nothing and
-- empties nothing. Only this role reads events and keys (tests/integration/ledger/storage/test_roles.py).

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grootboek_ledger') THEN
        CREATE ROLE grootboek_ledger LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Another database of this server was made ready at the same moment: the role is there.
    NULL;
END
$$;

-- By default everybody may connect and make temporary tables.
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM grootboek_ledger', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO grootboek_ledger', current_database());
END
$$;

-- What an earlier release was granted and this one does not need goes first.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM grootboek_ledger;
REVOKE ALL ON ALL TABLES IN SCHEMA projection FROM grootboek_ledger;
REVOKE ALL ON SCHEMA public, projection FROM grootboek_ledger;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public, projection TO grootboek_ledger;

GRANT SELECT ON schema_migration TO grootboek_ledger;

-- The clock of a scenario, the fingerprint of the vault and how much of the erasure register was applied are kept here.
GRANT SELECT, INSERT, UPDATE (value) ON ledger_setting TO grootboek_ledger;

-- Events are added, and emptied when they were swept. Position, stream, topic and leaf never change, and no row goes.
GRANT SELECT, INSERT, UPDATE (envelope, state) ON stored_events TO grootboek_ledger;
GRANT SELECT, UPDATE (last_position, fence_epoch) ON lane_head TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (version) ON stream_head TO grootboek_ledger;
GRANT SELECT, INSERT ON operation_claim TO grootboek_ledger;
GRANT SELECT, INSERT ON confirmed_intent TO grootboek_ledger;
GRANT SELECT, INSERT ON subject_identifier TO grootboek_ledger;

GRANT SELECT, INSERT, UPDATE (wrapped, destroyed_at, fenced_at) ON day_secret TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (wrap_key_id, wrapped, state, destroyed_at) ON dossier_secret TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (wrapped, destroyed_at) ON hold_secret TO grootboek_ledger;
GRANT SELECT, INSERT, DELETE ON event_key TO grootboek_ledger;
GRANT SELECT, INSERT, DELETE ON unused_week_key TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (version) ON sweep_cursor TO grootboek_ledger;

GRANT SELECT, INSERT, UPDATE (size) ON tree_head TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (hashes) ON tree_tile TO grootboek_ledger;
GRANT SELECT, INSERT, DELETE ON tree_checkpoint TO grootboek_ledger;

GRANT SELECT, INSERT, UPDATE (epoch, position) ON publication TO grootboek_ledger;

-- What was handed in to be counted goes when it was; who asked whom, and sizes, stay.
GRANT SELECT, INSERT, UPDATE (state, count, wrapped_secret, handed_in, is_settled) ON overlap TO grootboek_ledger;
GRANT SELECT, INSERT, DELETE ON overlap_person TO grootboek_ledger;

GRANT SELECT, INSERT, UPDATE (position) ON projection.cursor TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (record_ends, kept_until, ends), DELETE ON projection.dossier_line TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (kept_until, removed_at), DELETE ON projection.holding_act TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (kept_until), DELETE ON projection.subject_read TO grootboek_ledger;
GRANT SELECT, INSERT, DELETE ON projection.later_line TO grootboek_ledger;
GRANT SELECT, INSERT, DELETE ON projection.term_change TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (position) ON projection.ended_day TO grootboek_ledger;
GRANT SELECT, INSERT, UPDATE (released_position), DELETE ON projection.hold TO grootboek_ledger;
GRANT SELECT, INSERT, DELETE ON projection.hold_line TO grootboek_ledger;
GRANT SELECT, INSERT, DELETE ON projection.erasure TO grootboek_ledger;
