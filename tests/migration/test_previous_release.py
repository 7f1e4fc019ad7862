"""A new release migrates under the release that is still at work: the code before it, whole, on the new schema."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

import psycopg
import pytest

from services.ledger.storage.open_ledger import make_ledger
from services.notifier.storage.open_notifier import make_notifier
from services.runtime.embedded_postgres import EmbeddedPostgres

PROJECT: Final = Path(__file__).parents[2]
# The last commit of the release before this one; move it when a release is made.
COMMIT: Final = (Path(__file__).parent / "previous_release").read_text(encoding="ascii").strip()
LACKING: Final = f"the history of this copy lacks the release before, {COMMIT[:12]}: clone it whole to run this test"
RUN_SECONDS_MAX: Final = 240


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the release before, unpacked."""
    packed = subprocess.run(["git", "archive", COMMIT], cwd=PROJECT, capture_output=True, check=False)
    if packed.returncode:
        pytest.skip(LACKING)
    folder = tmp_path_factory.mktemp("release")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def grootboek(code: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the code in a folder on the ledger in a home."""
    return subprocess.run(
        [sys.executable, "-m", "services.cli.main", *arguments],
        cwd=code,
        env=os.environ | {"GROOTBOEK_HOME": str(home), "PYTHONPATH": str(code), "ONESHOT": "1"},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
        check=False,
    )


def applied(conninfo: str) -> set[tuple[str, int]]:
    """The migrations that a database has had."""
    with psycopg.connect(conninfo) as connection:
        return set(connection.execute("SELECT folder, number FROM schema_migration").fetchall())


def test_the_release_before_works_on_the_new_schema(release: Path, tmp_path: Path) -> None:
    """It loads the acceptance case and answers it as ever on tables that the new code made; the new code verifies."""
    home = tmp_path / "home"
    server = EmbeddedPostgres(home / "postgres")
    conninfo = server.start()
    try:
        with psycopg.connect(conninfo) as connection:
            make_ledger(connection, 1, "scenario", phases=("pre",))
            make_notifier(connection, phases=("pre",))
        made = applied(conninfo)
    finally:
        server.stop()
    loaded = grootboek(release, home, "run")
    assert loaded.returncode == 0, loaded.stderr[-4000:]
    verified = grootboek(PROJECT, home, "verify")
    assert verified.returncode == 0, verified.stdout[-4000:] + verified.stderr[-4000:]
    folder = release / "services" / "ledger" / "storage" / "migrations"
    assert {number for name, number in made if name == "ledger"} > {int(file.name[:4]) for file in folder.glob("*.sql")}
