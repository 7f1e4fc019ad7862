"""The projector's own connections: their ``search_path`` says which schema they fill."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from services.runtime import limits

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
    return psycopg.connect(
        conninfo,
        autocommit=True,
        application_name=f"grootboek-{name}",
        connect_timeout=limits.POSTGRES_CONNECT_SECONDS_MAX,
        options=f"{given} {settings}".strip(),
    )


def take_lock(connection: psycopg.Connection[Any], lock: int) -> bool:
    """Take a session's advisory lock without waiting; whether it was free."""
    row = connection.execute(TAKE_LOCK, (lock,)).fetchone()
    return bool(row and row[0])
