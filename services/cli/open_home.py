"""Reach the database of the current ledger, whether it is being served or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from services.cli.home import Home
from services.runtime.embedded_postgres import EmbeddedPostgres


@contextmanager
def open_database(home: Home) -> Iterator[str]:
    """The conninfo of the ledger's PostgreSQL; it is started for the while when nobody serves it."""
    conninfo = _served(home)
    if conninfo is not None:
        yield conninfo
        return
    server = EmbeddedPostgres(home.postgres)
    try:
        yield server.start()
    finally:
        server.stop()


def is_served(home: Home) -> bool:
    """Whether the ledger's PostgreSQL answers: somebody serves it."""
    return _served(home) is not None


def _served(home: Home) -> str | None:
    if not home.conninfo_file.exists():
        return None
    conninfo = home.conninfo_file.read_text(encoding="utf-8")
    try:
        psycopg.connect(conninfo, connect_timeout=2).close()
    except psycopg.OperationalError:
        return None
    return conninfo
