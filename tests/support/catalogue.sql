-- Everything that a test may change in a database besides rows, as one digest. Names, not numbers: the numbers differ
-- between copies, and a rebuild of the projections puts equal tables in the place of others.
WITH own AS (
    SELECT c.*, n.nspname || '.' || c.relname AS name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
),
said (what) AS (
    SELECT concat_ws(' ', 'relation', name, relkind, relpersistence, reloptions, relacl, relowner::regrole, relrowsecurity)
    FROM own
    UNION ALL
    SELECT concat_ws(
        ' ', 'column', name, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attstorage, attacl, attoptions,
        attgenerated, attidentity, attcompression, attstattarget, pg_get_expr(adbin, adrelid)
    )
    FROM own
    JOIN pg_attribute ON attrelid = own.oid AND attnum > 0
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    UNION ALL
    SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid, indisready)
    FROM pg_index JOIN own ON own.oid = indexrelid
    UNION ALL
    SELECT concat_ws(' ', 'constraint', name, conname, convalidated, pg_get_constraintdef(pg_constraint.oid))
    FROM pg_constraint JOIN own ON own.oid = conrelid
    UNION ALL
    SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(pg_trigger.oid), tgenabled)
    FROM pg_trigger JOIN own ON own.oid = tgrelid
    UNION ALL
    SELECT concat_ws(' ', 'rule', name, rulename) FROM pg_rewrite JOIN own ON own.oid = ev_class
    UNION ALL
    SELECT concat_ws(' ', 'policy', name, polname) FROM pg_policy JOIN own ON own.oid = polrelid
    UNION ALL
    SELECT concat_ws(' ', 'statistics', stxname) FROM pg_statistic_ext
    UNION ALL
    SELECT concat_ws(' ', 'schema', nspname, nspowner::regrole, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_t'
    UNION ALL
    SELECT concat_ws(' ', 'function', proname, pronamespace::regnamespace) FROM pg_proc WHERE oid >= 16384
    UNION ALL
    SELECT concat_ws(' ', 'type', typname, typnamespace::regnamespace) FROM pg_type
    WHERE oid >= 16384 AND typrelid = 0 AND typelem = 0
    UNION ALL
    SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension
    UNION ALL
    SELECT concat_ws(' ', 'default right', defaclrole::regrole, defaclobjtype, defaclacl) FROM pg_default_acl
    UNION ALL
    SELECT concat_ws(' ', 'publication', pubname) FROM pg_publication
    UNION ALL
    SELECT concat_ws(' ', 'large object', oid) FROM pg_largeobject_metadata
    UNION ALL
    SELECT concat_ws(' ', 'setting', setrole, setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL
    SELECT concat_ws(' ', 'database', datdba::regrole, datacl, datallowconn, datconnlimit)
    FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT concat_ws(' ', 'migration', folder, number, phase, name, encode(sha256, 'hex')) FROM schema_migration
)
SELECT md5(string_agg(what, E'\n' ORDER BY what COLLATE "C")) FROM said
