-- The database role of notifier, with exactly the rights that its statements use: its own schema, and nothing of events,
-- keys or projections. Run by the owner of the tables, as often as one likes; it logs in once it was given a password.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grootboek_notifier') THEN
        CREATE ROLE grootboek_notifier LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Another database of this server was made ready at the same moment: the role is there.
    NULL;
END
$$;

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM grootboek_notifier', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO grootboek_notifier', current_database());
END
$$;

REVOKE ALL ON ALL TABLES IN SCHEMA public, notifier FROM grootboek_notifier;
REVOKE ALL ON SCHEMA public, notifier FROM grootboek_notifier;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public, notifier TO grootboek_notifier;

-- Which migrations were applied: numbers and digests.
GRANT SELECT ON schema_migration TO grootboek_notifier;

GRANT SELECT, INSERT, UPDATE (position) ON notifier.cursor TO grootboek_notifier;
GRANT SELECT, INSERT ON notifier.read_back TO grootboek_notifier;
GRANT SELECT, INSERT, UPDATE (position, attempts), DELETE ON notifier.look TO grootboek_notifier;
GRANT SELECT, INSERT, DELETE, UPDATE (
    kind, party, controller, state, due, exempt_until, covenant, annex, data_categories, missing_elements, first_seen_at,
    reopened_at, reopened_from, next_at
) ON notifier.duty TO grootboek_notifier;
GRANT SELECT, INSERT, DELETE, UPDATE (
    channel, route, template, facts, sealed, decided_at, state, attempts, next_at, reason, settled, sent_at, recorded_at,
    forget_at
) ON notifier.outbox TO grootboek_notifier;
