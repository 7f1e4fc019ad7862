"""R14: many writers on few persons through two processes, with readers on their heels: no gap, no lost update."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.feed import NotificationLogFeed
from services.runtime.postgres import sync_pool
from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import Clients, retry_all, set_up
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Journal
from tests.support.chaos_oracle import judge
from tests.support.order import assert_order
from tests.support.served import served
from tests.support.waiting import wait_until

EVENTS: Final = number_of("CONCURRENT_EVENTS", 20_000)
WRITERS: Final = number_of("WRITERS", 16)
LANES: Final = 4
PERSONS: Final = 100
"""Few, so that the streams are hot."""
SECONDS_PER_EVENT_MAX: Final = 0.02
POLL_EVENTS: Final = (37, 5_000)
"""What the two readers take at once."""


class Tail:
    """A reader on the heels of the writers: every place it was given, in the order in which it was."""

    def __init__(self, conninfo: str, limit: int) -> None:
        """Read so many events at once, from the beginning on."""
        self.seen: dict[int, int] = {}
        self.count = 0
        self.failure: BaseException | None = None
        self._conninfo = conninfo
        self._limit = limit
        self._stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def stop(self) -> None:
        """Read no more."""
        self._stopping.set()
        self.thread.join()

    def _run(self) -> None:
        try:
            with sync_pool(self._conninfo, name="tail", size_max=1) as pool:
                feed = NotificationLogFeed(reader=PostgresEventReader(pool=pool), lanes=range(LANES))
                while not self._stopping.is_set():
                    events, cursor = feed.poll(self._limit)
                    for event in events:
                        assert event.position == self.seen.get(event.lane, 0) + 1
                        self.seen[event.lane] = event.position
                    self.count += len(events)
                    feed.commit(cursor)
                    if not events:
                        self._stopping.wait(0.01)
        except BaseException as error:  # noqa: BLE001 - told to the test, which fails by it
            self.failure = error


@contextmanager
def tailing(conninfo: str) -> Iterator[list[Tail]]:
    """Readers that run while the block does."""
    tails = [Tail(conninfo, limit) for limit in POLL_EVENTS]
    for tail in tails:
        tail.thread.start()
    try:
        yield tails
    finally:
        for tail in tails:
            tail.stop()


@pytest.mark.chaos
def test_many_writers_and_tailing_readers(tmp_path: Path) -> None:
    """Versions of every stream and positions of every lane have no gap; each reader saw all that was written, once."""
    seed = seed_of("R14 concurrency")
    journal = Journal(tmp_path / "journal.jsonl")
    with served(tmp_path, lanes=LANES) as ledger:
        set_up(ledger.base_url, ledger.token("registrar", "governance"))
        token, acts = ledger.token(CONTROLLER, "processing:write"), Acts(seed, persons=PERSONS)
        with tailing(ledger.conninfo) as tails:
            with Clients(ledger, token, journal, acts, threads=WRITERS, operations=50) as clients:
                wait_until(
                    lambda: clients.failures or min(tail.count for tail in tails) >= EVENTS or failures(tails),
                    60 + EVENTS * SECONDS_PER_EVENT_MAX,
                    "the readers do not get there",
                )
            retry_all(ledger.base_url, token, journal, ())
            heads = {lane: head for lane, head in assert_order(ledger.conninfo).items() if lane < LANES}
            wait_until(lambda: all(tail.seen == heads for tail in tails) or failures(tails), 60, "a reader lags")
        judgement = judge(journal.file, ledger.conninfo, ledger.home / "vault" / "vault")
    assert failures(tails) == []
    tell("R14 concurrency", judgement, writers=WRITERS, tailing_readers=len(tails), hot_persons=PERSONS)


def failures(tails: list[Tail]) -> list[BaseException]:
    """What stopped a reader."""
    return [tail.failure for tail in tails if tail.failure is not None]
