"""``grootboek migrate`` as a job runs it: settings from the environment, passwords from files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.ledger.storage.open_ledger import check_ledger
from services.notifier.storage.open_notifier import check_notifier
from tests.support.prepared import as_role

PROJECT = Path(__file__).parents[3]


def secret(folder: Path, name: str, text: str) -> str:
    """A private file with a password."""
    path = folder / name
    path.write_text(f"{text}\n", encoding="ascii")
    path.chmod(0o600)
    return str(path)


def migrate(owner: str, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a database, with settings changed."""
    parts = conninfo_to_dict(owner)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GROOTBOEK_")}
    environment = {
        **kept,
        "PYTHONPATH": str(PROJECT),
        "GROOTBOEK_POSTGRES": make_conninfo(**{name: str(parts[name]) for name in parts if name != "password"}),
        "GROOTBOEK_POSTGRES_PASSWORD_FILE": secret(folder, "owner", str(parts["password"])),
        "GROOTBOEK_LANES": "2",
        "GROOTBOEK_LEDGER_PASSWORD_FILE": secret(folder, "ledger", "of-the-ledger"),
        "GROOTBOEK_NOTIFIER_PASSWORD_FILE": secret(folder, "notifier", "of-notifier"),
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "services.cli.main", "migrate", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_makes_a_database_ready_and_may_be_repeated(empty_database: str, tmp_path: Path) -> None:
    """First phase pre, then post, then all again: the services find what they need and may do no more."""
    first = migrate(empty_database, tmp_path)
    assert first.returncode == 0, first.stderr
    assert '"postgres.migrated"' in first.stderr
    for arguments in (("--phase", "post"), ("--phase", "pre")):
        again = migrate(empty_database, tmp_path, *arguments)
        assert again.returncode == 0, again.stderr
        assert again.stdout.startswith("0 migrations applied")
    check_ledger(as_role(empty_database, "grootboek_ledger", "of-the-ledger"), 2, "system")
    check_notifier(as_role(empty_database, "grootboek_notifier", "of-notifier"))


def test_post_waits_for_pre(empty_database: str, tmp_path: Path) -> None:
    """On a database that lacks what this release needs nothing is taken away."""
    refused = migrate(empty_database, tmp_path, "--phase", "post")
    assert refused.returncode == 1
    assert "grootboek migrate --phase pre" in refused.stderr
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_wrong_settings_are_told_all_at_once(empty_database: str, tmp_path: Path) -> None:
    """Nothing is connected to, and no value is repeated."""
    refused = migrate(empty_database, tmp_path, GROOTBOEK_LANES="many", GROOTBOEK_CLOCK="sundial")
    assert refused.returncode == os.EX_CONFIG
    assert "GROOTBOEK_LANES: " in refused.stderr
    assert "GROOTBOEK_CLOCK: " in refused.stderr
    assert "sundial" not in refused.stderr
    assert "many" not in refused.stderr
