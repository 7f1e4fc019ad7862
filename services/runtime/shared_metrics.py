"""Metrics of several workers as one: each leaves a snapshot in a private folder, and whoever is asked adds them up."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from services.runtime.metrics import Metrics, MetricsSnapshot


class SharedMetrics(Metrics):
    """The metrics of one worker; ``exposition`` adds what the others last left (at most a second old).

    A worker that was restarted goes on from its predecessor's counts, so that no counter runs back.
    """

    def __init__(self, folder: Path, number: int) -> None:
        """Share ``folder`` with the other workers; ``number`` is our own."""
        super().__init__()
        self._folder = folder
        self._own = folder / f"worker-{number}"
        self._sharing = threading.Lock()
        for snapshot in read_snapshots([self._own]):
            self.merge(msgspec.structs.replace(snapshot, gauges=[]))

    def share(self) -> None:
        """Leave a snapshot, whole or not at all (blocking)."""
        beside = self._own.with_suffix(".new")
        with self._sharing:
            beside.write_bytes(msgspec.msgpack.encode(self.snapshot()))
            beside.replace(self._own)

    def exposition(self) -> str:
        """Write the sum of all workers in Prometheus' text format."""
        total = Metrics()
        total.merge(self.snapshot())
        others = sorted(path for path in self._folder.glob("worker-*") if path != self._own and not path.suffix)
        for snapshot in read_snapshots(others):
            total.merge(snapshot)
        return total.exposition()


def read_snapshots(paths: list[Path]) -> Iterator[MetricsSnapshot]:
    """The snapshots that are there; one of another version of the software is left out."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError, msgspec.ValidationError):
            yield msgspec.msgpack.decode(path.read_bytes(), type=MetricsSnapshot)
