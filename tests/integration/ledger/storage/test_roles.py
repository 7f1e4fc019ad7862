"""The roles of the services: their rights are enough, and exactly enough."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from services.cli.prepare_database import LEDGER_ROLE, NOTIFIER_ROLE, prepare_database
from services.ledger.contract.forgetting import HoldBody, RetentionBody
from services.ledger.contract.messages import CorrectionBody
from services.ledger.entrypoints.check import rebuild_projections
from services.ledger.storage.open_ledger import LedgerOpenedOtherwise, check_ledger, open_ledger
from services.notifier.storage.open_notifier import check_notifier
from services.runtime.postgres import MigrationMissing
from services.runtime.postgres_check import RoleTooStrong, SchemaBehind, refuse_strong_role
from tests.support.forgetting import ALICE, BOB, CAROL, caller, forgetful
from tests.support.prepared import PASSWORDS, Prepared, as_role, prepare
from tests.support.sql_rights import Right, rights_used, statements_of

# What the owner does: make, restore, and fill projections beside the live ones.
BY_THE_OWNER = ["shadow.py", "replace_database.py", "open_ledger.py", "roles.sql", "rights.py"]
TABLES = """
SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'projection', 'notifier')"""
GRANTED = """
SELECT
    relation.relnamespace::regnamespace || '.' || relation.relname, item.privilege_type, coalesce(item.column_name, '')
FROM (
    SELECT oid AS relation, (aclexplode(relacl)).*, NULL::text AS column_name FROM pg_class
    UNION ALL
    SELECT attrelid, (aclexplode(attacl)).*, attname FROM pg_attribute
) AS item
JOIN pg_class AS relation ON relation.oid = item.relation
WHERE item.grantee IN (0, %s::regrole)
    AND relation.relnamespace::regnamespace::text IN ('public', 'projection', 'notifier')"""


@pytest.fixture
def prepared(empty_database: str) -> Prepared:
    """A database that was made ready for a ledger of two lanes."""
    return prepare(empty_database)


def tables_of(conninfo: str, schemas: Sequence[str]) -> dict[str, str]:
    """Every table by the ways to write its name: with its schema, and without where that is on the search path."""
    with psycopg.connect(conninfo) as connection:
        names = [name for (name,) in connection.execute(TABLES)]
    bare = {name.partition(".")[2]: name for name in names if name.partition(".")[0] in schemas}
    return {name: name for name in names} | bare


def granted(conninfo: str, role: str) -> set[Right]:
    """What a role, or everybody, was granted on tables and columns."""
    with psycopg.connect(conninfo) as connection:
        return {(table, verb, column) for table, verb, column in connection.execute(GRANTED, (role,))}


def test_the_ledger_may_do_exactly_what_its_statements_do(prepared: Prepared) -> None:
    """Every granted right is used by a statement of the ledger, and every used one is granted."""
    folders = ["services/ledger/storage"]
    used = rights_used(statements_of(folders, BY_THE_OWNER), tables_of(prepared.owner, ("public", "projection")))
    assert granted(prepared.owner, LEDGER_ROLE) == used | {("public.schema_migration", "SELECT", "")}
    assert not any(table.startswith("notifier.") for table, _, _ in used)


def test_notifier_may_do_exactly_what_its_statements_do(prepared: Prepared) -> None:
    """The same for notifier, which has nothing outside its own schema but the numbers of the migrations."""
    folders = ["services/notifier/storage"]
    used = rights_used(statements_of(folders, ["roles.sql"]), tables_of(prepared.owner, ()))
    assert granted(prepared.owner, NOTIFIER_ROLE) == used | {("public.schema_migration", "SELECT", "")}


def test_the_ledger_works_with_its_role(prepared: Prepared, tmp_path: Path) -> None:
    """Acts, a hold, a term, a correction, an erasure and the end of a day: all of it with the rights of the role."""

    async def live() -> None:
        async with forgetful(prepared.owner, tmp_path, lanes=2, role=prepared.ledger) as world:
            kept = await world.record(ALICE, ends="P1D")
            await world.record(CAROL, shared_with=["politie"])
            held = await world.record(BOB, ends="P1D")
            hold = HoldBody(kind="court", reason="zaak 1", subject=BOB)
            await world.client.place_hold(caller("college"), "h-1", hold)
            later = RetentionBody(record_ends=date(2026, 12, 1), reason="langer", norm="Archiefwet 3")
            await world.client.set_retention(caller("college"), kept, "t-1", later)
            mistake = CorrectionBody(kind="annulled", reason="twice")
            await world.client.correct(caller("college"), held, "c-1", mistake)
            await world.day(date(2026, 9, 13))
            assert await world.sees(kept)
            await world.client.release_hold(caller("college"), "h-1")
            await world.erase("e-1", ALICE)
            await world.day(date(2026, 9, 14))
            assert (await world.erasure("e-1"))["state"] == "complete"
            assert world.differences() == []

    asyncio.run(live())


def test_a_rebuild_leaves_the_rights_as_they_were(prepared: Prepared, tmp_path: Path) -> None:
    """Projections that were built anew by the owner are the ledger's to fill and to read as before."""

    async def live() -> None:
        async with forgetful(prepared.owner, tmp_path, lanes=2, role=prepared.ledger) as world:
            await world.record(ALICE)
            before = granted(prepared.owner, LEDGER_ROLE)
            await asyncio.to_thread(rebuild_projections, prepared.owner)
            assert granted(prepared.owner, LEDGER_ROLE) == before
            assert await world.sees(await world.record(BOB))

    asyncio.run(live())


DENIED_TO_THE_LEDGER = [
    "UPDATE stored_events SET leaf_hash = ''",
    "UPDATE stored_events SET notification_id = 1",
    "DELETE FROM stored_events",
    "TRUNCATE stored_events",
    "DELETE FROM operation_claim",
    "UPDATE subject_identifier SET stream_id = gen_random_uuid()",
    "INSERT INTO lane_head (lane) VALUES (7)",
    "UPDATE ledger_setting SET name = 'x'",
    "DELETE FROM dossier_secret",
    "UPDATE tree_checkpoint SET root = ''",
    "INSERT INTO schema_migration SELECT * FROM schema_migration",
    "SELECT * FROM notifier.outbox",
    "CREATE TABLE mine (number integer)",
    "CREATE TEMPORARY TABLE mine (number integer)",
    "CREATE SCHEMA mine",
    "ALTER TABLE stored_events ADD COLUMN more text",
    "DROP SCHEMA projection CASCADE",
    "CREATE ROLE somebody",
    "ALTER ROLE grootboek_ledger SUPERUSER",
    "SET ROLE grootboek_notifier",
    "COPY stored_events TO PROGRAM 'cat'",
]
DENIED_TO_NOTIFIER = [
    "SELECT * FROM stored_events",
    "SELECT * FROM dossier_secret",
    "SELECT * FROM day_secret",
    "SELECT * FROM subject_identifier",
    "SELECT * FROM ledger_setting",
    "SELECT * FROM lane_head",
    "SELECT * FROM projection.dossier_line",
    "INSERT INTO stored_events SELECT * FROM stored_events",
    "UPDATE notifier.outbox SET id = gen_random_uuid()",
    "TRUNCATE notifier.outbox",
    "CREATE TABLE notifier.mine (number integer)",
    "CREATE TEMPORARY TABLE mine (number integer)",
    "SET ROLE grootboek_ledger",
]


def assert_denied(conninfo: str, statement: str) -> None:
    """The server refuses a statement for lack of rights, and for nothing else."""
    with psycopg.connect(conninfo) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_nobody_may_do_more(prepared: Prepared) -> None:
    """What a burglar with the password of a service would like to do is refused by the server."""
    for statement in DENIED_TO_THE_LEDGER:
        assert_denied(prepared.ledger, statement)
    for statement in DENIED_TO_NOTIFIER:
        assert_denied(prepared.notifier, statement)


def test_who_has_no_right_to_it_does_not_get_in(prepared: Prepared) -> None:
    """Any other role is turned away at the door of the database."""
    with psycopg.connect(prepared.owner, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS grootboek_test_stranger")
        connection.execute("CREATE ROLE grootboek_test_stranger LOGIN PASSWORD 'knock-knock'")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(as_role(prepared.owner, "grootboek_test_stranger", "knock-knock"))
    finally:
        with psycopg.connect(prepared.owner, autocommit=True) as connection:
            connection.execute("DROP ROLE grootboek_test_stranger")


def test_what_is_not_ready_is_waited_for(empty_database: str) -> None:
    """A database without ledger, and one that lacks a migration, is said to be behind; nothing is made by asking."""
    with pytest.raises(SchemaBehind) as behind:
        prepare_database(empty_database, lanes=2, clock_kind="system", phase="post")
    assert behind.value.retryable
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'projection'").fetchone() == (0,)
    prepared = prepare(empty_database)
    with psycopg.connect(prepared.owner) as connection:
        connection.execute("DELETE FROM schema_migration WHERE folder IN ('ledger', 'notifier') AND number = 1")
    with pytest.raises(SchemaBehind):
        check_ledger(prepared.ledger, 2, "scenario")
    with pytest.raises(SchemaBehind):
        check_notifier(prepared.notifier)


def test_a_newer_schema_is_worked_with(prepared: Prepared) -> None:
    """The next release may have added what it needs; what it took away afterwards this one may still need."""
    with psycopg.connect(prepared.owner) as connection:
        connection.execute(
            "INSERT INTO schema_migration (folder, number, phase, name, sha256)"
            " SELECT folder, 9999, 'pre', '9999_pre_next.sql', '' FROM unnest(ARRAY['ledger', 'notifier']) AS folder"
        )
    check_ledger(prepared.ledger, 2, "scenario")
    check_notifier(prepared.notifier)
    with psycopg.connect(prepared.owner) as connection:
        connection.execute("UPDATE schema_migration SET phase = 'post' WHERE number = 9999")
    with pytest.raises(MigrationMissing):
        check_ledger(prepared.ledger, 2, "scenario")


def test_other_settings_are_refused(prepared: Prepared) -> None:
    """A replica with another number of lanes or another clock than the ledger has does not start."""
    with pytest.raises(LedgerOpenedOtherwise):
        check_ledger(prepared.ledger, 4, "scenario")
    with pytest.raises(LedgerOpenedOtherwise):
        check_ledger(prepared.ledger, 2, "system")


def test_a_strong_role_is_refused(prepared: Prepared) -> None:
    """A service that was given the owner, who may do anything, does not start."""
    with pytest.raises(RoleTooStrong):
        check_ledger(prepared.owner, 2, "scenario")
    with pytest.raises(RoleTooStrong):
        check_notifier(prepared.owner)


def test_an_owner_who_is_no_superuser_is_refused_too(prepared: Prepared) -> None:
    """Whoever owns the tables can give himself every right on them."""
    with psycopg.connect(prepared.owner, autocommit=True) as connection:
        connection.execute("ALTER TABLE stream_head OWNER TO grootboek_ledger")
    with pytest.raises(RoleTooStrong):
        check_ledger(prepared.ledger, 2, "scenario")


@pytest.mark.parametrize(
    "strength",
    [
        "GRANT pg_read_all_data TO probe",
        "GRANT CREATE ON SCHEMA notifier TO probe",
        "ALTER SCHEMA projection OWNER TO probe",
        "ALTER TABLE notifier.cursor OWNER TO probe",
    ],
)
def test_strength_from_elsewhere_is_refused_too(prepared: Prepared, strength: str) -> None:
    """A role may not be a member of another one, whose rights it could take, nor own or make anything in any schema."""
    with psycopg.connect(prepared.owner) as connection:
        connection.execute("CREATE ROLE probe NOINHERIT")
        connection.execute("SET LOCAL SESSION AUTHORIZATION probe")
        refuse_strong_role(connection)
        connection.execute("RESET SESSION AUTHORIZATION")
        connection.execute(strength.encode())
        connection.execute("SET LOCAL SESSION AUTHORIZATION probe")
        with pytest.raises(RoleTooStrong):
            refuse_strong_role(connection)
        connection.rollback()


def test_it_may_be_prepared_again_and_beside_the_embedded_shape(empty_database: str) -> None:
    """A database of the embedded shape gets roles later; a second time changes nothing."""
    open_ledger(empty_database, 2, "scenario")
    prepared = prepare(empty_database)
    before = granted(prepared.owner, LEDGER_ROLE), granted(prepared.owner, NOTIFIER_ROLE)
    assert set(prepare_database(empty_database, lanes=2, clock_kind="scenario").values()) == {0}
    assert (granted(prepared.owner, LEDGER_ROLE), granted(prepared.owner, NOTIFIER_ROLE)) == before
    # Without a password given it stays what it was.
    with psycopg.connect(prepared.ledger) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (LEDGER_ROLE,)
    assert PASSWORDS.ledger is not None
    with psycopg.connect(prepared.owner) as connection:
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", (LEDGER_ROLE,)).fetchone()
    assert stored is not None
    assert stored[0].startswith("SCRAM-SHA-256$")
