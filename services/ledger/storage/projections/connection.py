"""The projector's own connections: their ``search_path`` says which schema they fill."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from services.runtime.postgres import BoundedConnection, connection_arguments

LIVE: Final = "projection"
SHADOW: Final = "projection_shadow"
RETIRED: Final = "projection_retired"

LEADER_LOCK: Final = 0x7072_6F6A_6563
"""Advisory lock: one runner fills the live projections, whoever else is ready to take over."""

REBUILD_LOCK: Final = 0x7072_6F6A_7362
"""Advisory lock: one rebuild at a time."""

TAKE_LOCK: Final = "SELECT pg_try_advisory_lock(%s)"


def connect(conninfo: str, schema: str = LIVE, name: str = "projector") -> psycopg.Connection[Any]:
    """A connection that fills ``schema``, each transaction its own.

    It may lose its last commits in a crash and makes them again: the cursor goes with the rows.
    """
    given = str(conninfo_to_dict(conninfo).get("options") or "")
    settings = (
        f"-c search_path={schema},public -c timezone=UTC -c synchronous_commit=off -c jit=off -c work_mem=64MB"
        " -c max_parallel_workers_per_gather=0"
    )
    arguments = connection_arguments(name) | {"options": f"{given} {settings}".strip()}
    # A rebuild takes as long as it takes; who follows the log must not wait for a server that has fallen silent.
    kind: type[psycopg.Connection[Any]] = BoundedConnection if schema == LIVE else psycopg.Connection
    return kind.connect(conninfo, autocommit=True, **arguments)


def take_lock(connection: psycopg.Connection[Any], lock: int) -> bool:
    """Take a session's advisory lock without waiting; whether it was free."""
    row = connection.execute(TAKE_LOCK, (lock,)).fetchone()
    return bool(row and row[0])
