"""The cluster of an embedded PostgreSQL: made whole or not at all, with a random password and data checksums."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path

from services.runtime import limits
from services.runtime.postgres_place import Place
from services.runtime.postgres_process import run_once

ROLE = "grootboek"
DATABASE = "grootboek"
PORT = 5432
# Short, since a socket's path is bounded, and on every machine; mkdtemp makes what is put in it private.
TEMPORARY = "/tmp"  # noqa: S108


def create_cluster(place: Place, data_directory: Path) -> None:
    """Run initdb with a random password and data checksums, and make our database.

    A cluster is built beside its place and moved there whole: an interrupted start leaves nothing half.
    """
    unfinished = place.cluster.with_name("cluster.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password = data_directory / "password"
    write_private(password, secrets.token_urlsafe(32))
    handed_over = Path(tempfile.mkdtemp(prefix="grootboek-", dir=TEMPORARY))
    try:
        copy = handed_over / "password"
        write_private(copy, password.read_text(encoding="ascii"))
        for path in (unfinished, handed_over, copy):
            give_to(place, path)
        run_once(place, "initdb", initdb_options(unfinished, copy))
    finally:
        shutil.rmtree(handed_over, ignore_errors=True)
    # Single-user mode asks no password and needs no socket.
    run_once(
        place,
        "postgres",
        ["--single", "-D", str(unfinished), "-c", "log_min_messages=error", "postgres"],
        entered=f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n".encode("ascii"),
    )
    unfinished.rename(place.cluster)


def initdb_options(cluster: Path, password: Path) -> list[str]:
    """Return the options of initdb: a locale of its own (equal on every machine), checksums, scram everywhere."""
    return [
        f"--pgdata={cluster}",
        f"--username={ROLE}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--data-checksums",
        "--no-instructions",
    ]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first moment on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


def give_to(place: Place, path: Path) -> None:
    """Hand a file or folder that we made to the user the server runs as."""
    if place.user is not None:
        os.chown(path, place.user.uid, place.user.gid)


def make_socket_directory(place: Place, data_directory: Path) -> Path:
    """Make a private folder with a short name for the socket and remember it for whoever cleans up after a crash."""
    directory = Path(tempfile.mkdtemp(prefix="grootboek-", dir=TEMPORARY))
    assert len(os.fsencode(directory / f".s.PGSQL.{PORT}.lock")) <= limits.SOCKET_PATH_BYTES_MAX
    give_to(place, directory)
    (data_directory / "socket-directory").write_text(str(directory), encoding="utf-8")
    return directory
