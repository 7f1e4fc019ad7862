"""Where the clock of a scenario ledger stands, kept with the ledger so that it never runs back over a restart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, LiteralString

import psycopg

from services.runtime.clock import ScenarioClock, SystemClock

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
SELECT: Final[LiteralString] = "SELECT name, value FROM ledger_setting WHERE name = ANY(%s)"
UPSERT: Final[LiteralString] = (
    "INSERT INTO ledger_setting (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
NOW: Final = "scenario_now"
FOLLOWING: Final = "scenario_following"


class KeptScenarioClock(ScenarioClock):
    """A scenario clock that writes down every move before it tells it."""

    def __init__(self, conninfo: str) -> None:
        """Stand where the ledger last stood; run along with the wall again when it did so."""
        self._conninfo = conninfo
        with psycopg.connect(conninfo) as connection:
            kept: dict[str, str] = dict(connection.execute(SELECT, ([NOW, FOLLOWING],)).fetchall())
        super().__init__(datetime.fromisoformat(kept[NOW]) if NOW in kept else BEGINNING)
        if FOLLOWING in kept:
            super().follow(SystemClock())

    def set(self, instant: datetime) -> datetime:
        """Move forward and keep it; ClockMovesForward when it is earlier."""
        moved = super().set(instant)
        self._keep(NOW, moved.isoformat())
        return moved

    def follow_wall(self) -> None:
        """Jump once to now and run along with the wall from then on, over restarts too."""
        super().follow(SystemClock())
        self._keep(NOW, self.now().isoformat())
        self._keep(FOLLOWING, "system")

    def _keep(self, name: str, value: str) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(UPSERT, (name, value))
