"""Processor time by part of the ledger, as the kernel counts it: what an event costs where, whoever else is at work."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import psycopg

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
PARENT: Final = 1
OWN: Final = (11, 12)
OWN_AND_ENDED_CHILDREN: Final = (11, 12, 13, 14)
"""Places in /proc/<pid>/stat, counted behind the name of the program, which may hold blanks."""


class ProcessorMeter:
    """Tells how many seconds of a core each part used since the last time it was asked."""

    def __init__(self, parts: Mapping[str, int], conninfo: str) -> None:
        """``parts``: the process id of each by name; PostgreSQL is the one behind ``conninfo``, all its processes."""
        self._parts = dict(parts)
        self._postmaster = postmaster_of(conninfo)
        self._last = self._read()

    def lap(self) -> dict[str, float]:
        """The seconds of each part since the last lap, or since this began."""
        now, last = self._read(), self._last
        self._last = now
        return {name: seconds - last[name] for name, seconds in now.items()}

    def _read(self) -> dict[str, float]:
        database = seconds_of(self._postmaster, OWN_AND_ENDED_CHILDREN)
        database += sum(seconds_of(pid, OWN) for pid in children_of(self._postmaster))
        return {**{name: seconds_of(pid, OWN) for name, pid in self._parts.items()}, "PostgreSQL": database}


def per_event(seconds: Mapping[str, float], events: int) -> str:
    """One line: the microseconds of a core that an event took in each part, and in all."""
    parts = ", ".join(f"{name} {spent / events * 1e6:.0f}" for name, spent in seconds.items())
    return f"{parts}: {sum(seconds.values()) / events * 1e6:.0f} µs of a core per event"


def per_second(seconds: Mapping[str, float], passed: float) -> str:
    """One line: the thousandths of a core that each part kept busy while so many seconds passed."""
    parts = ", ".join(f"{name} {spent / passed * 1e3:.0f}" for name, spent in seconds.items())
    return f"{parts} thousandths of a core"


def postmaster_of(conninfo: str) -> int:
    """The process whose children are all other processes of a PostgreSQL on this machine."""
    with psycopg.connect(conninfo) as connection:
        return int(status_of(connection.info.backend_pid)[PARENT])


def children_of(parent: int) -> Iterator[int]:
    """The living children of a process."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and status_of(int(folder.name))[PARENT : PARENT + 1] == [str(parent)]:
            yield int(folder.name)


def seconds_of(pid: int, places: tuple[int, ...]) -> float:
    """What a process used by now, in its own code and in the kernel; 0 when it has ended."""
    status = status_of(pid)
    return sum(int(status[place]) for place in places) / TICKS_PER_SECOND if status else 0.0


def status_of(pid: int) -> list[str]:
    """The figures of a process; none when it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
