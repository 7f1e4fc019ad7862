"""How far the ledger's answers are, asked from a thread of notifier."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from services.ledger.contract.status import LedgerStatus
from services.notifier.entrypoints.seen import LedgerSeen
from services.runtime.errors import Unavailable
from services.runtime.remote.client import RemoteFault


class Status:
    """A ledger that says how far it is, and counts how often it was asked."""

    def __init__(self) -> None:
        """Nothing was applied."""
        self.positions: dict[int, int] = {}
        self.asked = 0
        self.error: Exception | None = None

    async def applied(self) -> Mapping[int, int]:
        """See LedgerStatus."""
        self.asked += 1
        if self.error is not None:
            raise self.error
        return dict(self.positions)


def ask(status: Status, *places: tuple[int, int]) -> list[bool]:
    """Ask about one place after the other, from a thread."""

    async def run() -> list[bool]:
        seen = LedgerSeen(cast(LedgerStatus, status), asyncio.get_running_loop())
        return await asyncio.to_thread(lambda: [seen(*place) for place in places])

    return asyncio.run(run())


def test_the_ledger_is_asked_only_about_what_was_not_seen_before() -> None:
    """What it had applied once stays applied."""
    status = Status()
    status.positions = {0: 5}
    assert ask(status, (0, 5), (0, 3), (0, 6), (1, 1)) == [True, True, False, False]
    assert status.asked == 3


@pytest.mark.parametrize("error", [Unavailable(), RemoteFault("status 500")])
def test_a_ledger_that_is_away_is_asked_again_later(error: Any) -> None:
    """Whatever it fails at passes: notifier waits and does not stop for good."""
    status = Status()
    status.error = error
    with pytest.raises(Unavailable):
        ask(status, (0, 1))
