"""When what ended by itself is started again: at once, and ever more rarely while it dies as soon as it was started."""

from __future__ import annotations

from services.runtime import limits


class RestartPauses:
    """The pauses before one thing that is kept alive, each of them asked once."""

    def __init__(self, *, shortest_seconds: float, longest_seconds: float, steady_seconds: float) -> None:
        """Begin with the shortest pause; what lived longer than ``steady_seconds`` has started well."""
        self._shortest = self._next = shortest_seconds
        self._longest = longest_seconds
        self._steady = steady_seconds

    @classmethod
    def of_processes(cls) -> RestartPauses:
        """The pauses before a worker or a service of ours."""
        return cls(
            shortest_seconds=limits.PROCESS_RESTART_SECONDS_MIN,
            longest_seconds=limits.PROCESS_RESTART_SECONDS_MAX,
            steady_seconds=limits.PROCESS_STEADY_SECONDS,
        )

    def seconds_after(self, lived_seconds: float) -> float:
        """How long to wait, after something that lived so long."""
        pause = self._shortest if lived_seconds > self._steady else self._next
        self._next = min(2 * pause, self._longest)
        return pause
