"""The PostgreSQL mechanics against a real server."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from services.runtime import postgres


def write(folder: Path, name: str, text: str) -> None:
    """Write one migration."""
    (folder / name).write_text(text, encoding="utf-8")


def test_migrations_apply_once_in_order(empty_database: str, tmp_path: Path) -> None:
    """Migrations run in the order of their numbers, and a second run finds nothing to do."""
    write(tmp_path, "0002_pre_fill.sql", "INSERT INTO thing VALUES (7);")
    write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number integer);")
    with psycopg.connect(empty_database) as connection:
        assert postgres.migrate(connection, tmp_path, name="test") == 2
        assert postgres.migrate(connection, tmp_path, name="test") == 0
        assert connection.execute("SELECT number FROM thing").fetchall() == [(7,)]


def test_post_migrations_wait(empty_database: str, tmp_path: Path) -> None:
    """The post phase is left for later when only pre is asked."""
    write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number integer);")
    write(tmp_path, "0002_post_drop.sql", "DROP TABLE thing;")
    with psycopg.connect(empty_database) as connection:
        assert postgres.migrate(connection, tmp_path, name="test", phases=("pre",)) == 1
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (0,)
        assert postgres.migrate(connection, tmp_path, name="test") == 1


def test_edited_migration_is_refused(empty_database: str, tmp_path: Path) -> None:
    """A file that changed after it was applied stops the start."""
    write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number integer);")
    with psycopg.connect(empty_database) as connection:
        postgres.migrate(connection, tmp_path, name="test")
        write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number bigint);")
        with pytest.raises(postgres.MigrationChanged):
            postgres.migrate(connection, tmp_path, name="test")


@pytest.mark.parametrize("names", [["0002_post_gone.sql"], ["0002_pre_more.sql", "0003_post_gone.sql"]])
def test_older_software_is_refused(empty_database: str, tmp_path: Path, names: list[str]) -> None:
    """A database in which a newer release has ended what an older one needs stops the start of that one."""
    write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number integer);")
    for name in names:
        write(tmp_path, name, "SELECT 1")
    with psycopg.connect(empty_database) as connection:
        postgres.migrate(connection, tmp_path, name="test")
        for name in names:
            (tmp_path / name).unlink()
        with pytest.raises(postgres.MigrationMissing):
            postgres.migrate(connection, tmp_path, name="test")


def test_the_release_before_goes_on_after_phase_pre(empty_database: str, tmp_path: Path) -> None:
    """What a newer release adds before it starts does not stop the release that is still at work."""
    write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number integer);")
    write(tmp_path, "0002_pre_more.sql", "ALTER TABLE thing ADD more integer;")
    write(tmp_path, "0003_post_gone.sql", "ALTER TABLE thing DROP number;")
    with psycopg.connect(empty_database) as connection:
        assert postgres.migrate(connection, tmp_path, name="test", phases=("pre",)) == 2
        for name in ("0002_pre_more.sql", "0003_post_gone.sql"):
            (tmp_path / name).unlink()
        assert postgres.migrate(connection, tmp_path, name="test") == 0


def test_a_hole_in_the_files_is_refused(empty_database: str, tmp_path: Path) -> None:
    """A file that is gone from the middle is no matter of releases."""
    write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number integer);")
    write(tmp_path, "0002_pre_more.sql", "ALTER TABLE thing ADD more integer;")
    with psycopg.connect(empty_database) as connection:
        postgres.migrate(connection, tmp_path, name="test")
        (tmp_path / "0001_pre_thing.sql").unlink()
        with pytest.raises(postgres.MigrationMissing):
            postgres.migrate(connection, tmp_path, name="test")


def test_failed_migration_leaves_nothing(empty_database: str, tmp_path: Path) -> None:
    """A migration that fails half-way leaves no table, no note and no lock."""
    write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number integer); SELECT 1/0;")
    with psycopg.connect(empty_database) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            postgres.migrate(connection, tmp_path, name="test")
        write(tmp_path, "0001_pre_thing.sql", "CREATE TABLE thing (number integer);")
        assert postgres.migrate(connection, tmp_path, name="test") == 1
    with psycopg.connect(empty_database) as other:
        assert postgres.migrate(other, tmp_path, name="test") == 0


@pytest.mark.parametrize("names", [["1_pre_short.sql"], ["0001_mid_phase.sql"], ["0001_pre_a.sql", "0001_pre_b.sql"]])
def test_badly_named_migration_is_refused(names: list[str], tmp_path: Path) -> None:
    """A name without number or phase, and a number used twice, are refused before anything runs."""
    for name in names:
        write(tmp_path, name, "SELECT 1")
    with pytest.raises(postgres.MigrationNamedWrong):
        postgres.read_migrations(tmp_path)


def test_durable_server_is_accepted(empty_database: str) -> None:
    """The server of the tests is as durable as the product demands."""
    with psycopg.connect(empty_database) as connection:
        postgres.assert_durable(connection)


def test_unsafe_commit_is_refused(empty_database: str) -> None:
    """A role or database that turns synchronous_commit off is found."""
    connection = psycopg.connect(empty_database, options="-c synchronous_commit=off")
    with connection, pytest.raises(postgres.UnsafeSettings):
        postgres.assert_durable(connection)


def test_sync_pool_gives_utc_connections(empty_database: str) -> None:
    """Connections of the pool carry their name and the zone UTC."""
    with postgres.sync_pool(empty_database, name="test", size_max=1) as pool, pool.connection() as connection:
        row = connection.execute("SELECT current_setting('timezone'), current_setting('application_name')").fetchone()
    assert row == ("UTC", "grootboek-test")
