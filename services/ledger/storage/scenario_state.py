"""Where the clock of a scenario ledger stands, kept with the ledger so that it never runs back over a restart."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, LiteralString

import psycopg

from services.runtime.clock import ClockMovesForward, ScenarioClock, SystemClock, in_utc
from services.runtime.postgres import connection_arguments

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
SELECT: Final[LiteralString] = "SELECT name, value FROM ledger_setting WHERE name = ANY(%s)"
UPSERT: Final[LiteralString] = (
    "INSERT INTO ledger_setting (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
NOW: Final = "scenario_now"
FOLLOWING: Final = "scenario_following"
AHEAD: Final = "scenario_ahead_seconds"


class KeptScenarioClock(ScenarioClock):
    """A scenario clock that writes down every move before it tells it."""

    def __init__(self, conninfo: str) -> None:
        """Stand where the ledger last stood; run along with the wall again when it did so."""
        self._conninfo = conninfo
        self._moving = threading.Lock()
        with psycopg.connect(conninfo, **connection_arguments("clock")) as connection:
            kept: dict[str, str] = dict(connection.execute(SELECT, ([NOW, FOLLOWING, AHEAD],)).fetchall())
        super().__init__(datetime.fromisoformat(kept[NOW]) if NOW in kept else BEGINNING)
        if FOLLOWING in kept:
            super().follow(SystemClock(), ahead=timedelta(seconds=float(kept.get(AHEAD, "0"))))

    def set(self, instant: datetime) -> datetime:
        """Keep it and move forward; ClockMovesForward when it is earlier."""
        wanted = in_utc(instant)
        with self._moving:
            if wanted < self.now():
                raise ClockMovesForward
            # The wall goes on meanwhile: kept is a little more than what we will be ahead, never less.
            ahead = str((wanted - SystemClock().now()).total_seconds()) if self.following else "0"
            self._keep({NOW: wanted.isoformat(), AHEAD: ahead})
            return super().set(wanted)

    def follow_wall(self) -> None:
        """Jump once to now and run along with the wall from then on, over restarts too."""
        with self._moving:
            self._keep({NOW: self.now().isoformat(), FOLLOWING: "system", AHEAD: "0"})
            super().follow(SystemClock())

    def _keep(self, settings: Mapping[str, str]) -> None:
        with psycopg.connect(self._conninfo, **connection_arguments("clock")) as connection:
            connection.cursor().executemany(UPSERT, list(settings.items()))
