"""What the parent and a worker say to each other over their channel: a socket that keeps messages apart.

The parent begins with `WorkerSettings` and the descriptors that are shared, and hands over accepted connections after
that (`CONNECTION`, one descriptor each). The worker answers once with a `Report`. Either end closed means: stop.
"""

from __future__ import annotations

from typing import Final

import msgspec

from services.ledger.storage.open_ledger import ClockKind

CONNECTION: Final = b"connection"


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a worker needs to know; sent over the channel, because ``conninfo`` holds a password.

    With it go the descriptors: the shared memory, the worker's own ears, and the mouths to ``workers - 1`` siblings.
    """

    number: int
    workers: int
    conninfo: str
    vault_file: str
    home: str
    issuer: str
    metrics: str
    clock_kind: ClockKind
    lanes: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How the start went: no ``fault`` when the worker serves."""

    fault: str | None = None
