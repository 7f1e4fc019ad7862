-- Spreads a ledger over the nodes of a Citus cluster, lane by lane. Run it once, as the owner, on the coordinator, after
-- `grootboek migrate` and before the first event:  psql -v ON_ERROR_STOP=1 -v shards=64 -f distribute.sql
--
-- Why by lane. A lane is the unit of write order, of the Merkle tree and of the Kafka partition: everything that one
-- append, one answer about a person or one step of the projector touches has one lane, and every statement binds it as a
-- parameter (tests/architecture/test_lanes_in_sql.py reads them all). So each of them is routed whole to one node, runs
-- there as on one PostgreSQL, and needs no plan over nodes. By person would be finer, but the gapless position of a lane
-- is one row, and a row lives on one node.
--
-- Why colocated. The append writes counter row, claims, heads, secrets and events in one statement; that works on a
-- distributed table only when all of it lies in shards of one node, which colocation with lane_head guarantees.
--
-- Why so many shards. A lane is hashed to a shard; with about four shards for each lane few lanes share one. A lane that
-- outgrows its neighbours moves by `SELECT isolate_tenant_to_new_shard('lane_head', <lane>, 'CASCADE')`. The number of
-- lanes of a ledger never changes (docs/scale.md says how to choose it); the number of nodes may.
--
-- An operation over several lanes commits in two phases: set max_prepared_transactions above the connections of all
-- ledger processes together on every node, or it is refused.
BEGIN;

-- Small, read by everybody, written once or about once a week.
SELECT create_reference_table('ledger_setting');
SELECT create_reference_table('unused_week_key');

-- The counter rows first: all others lie beside them.
SELECT create_distributed_table('lane_head', 'lane', shard_count := :shards, colocate_with := 'none');
SELECT create_distributed_table('stream_head', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('stored_events', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('operation_claim', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('confirmed_intent', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('subject_identifier', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('day_secret', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('dossier_secret', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('hold_secret', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('event_key', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('tree_head', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('tree_tile', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('tree_checkpoint', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('sweep_cursor', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('publication', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('overlap', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('overlap_person', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.cursor', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.dossier_line', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.later_line', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.holding_act', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.subject_read', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.term_change', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.ended_day', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.hold', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.hold_line', 'lane', colocate_with := 'lane_head');
SELECT create_distributed_table('projection.erasure', 'lane', colocate_with := 'lane_head');

COMMIT;
