"""Opening a ledger on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage.open_ledger import LanesInvalid, LedgerOpenedOtherwise, open_ledger


def read_lanes(conninfo: str) -> list[tuple[int, int]]:
    """Return lane and last position of every counter row."""
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT lane, last_position FROM lane_head ORDER BY lane").fetchall()


def test_opens_with_a_row_per_lane(database: str) -> None:
    """The first opening makes a counter row per subject lane and one for the register."""
    open_ledger(database, 4, "scenario")
    assert read_lanes(database) == [(0, 0), (1, 0), (2, 0), (3, 0), (REGISTER_LANE, 0)]


def test_opens_again_without_change(database: str) -> None:
    """A second opening with the same settings changes nothing."""
    open_ledger(database, 2, "system")
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE lane_head SET last_position = 7 WHERE lane = 1")
        before = connection.execute("SELECT name, value FROM ledger_setting ORDER BY name").fetchall()
    open_ledger(database, 2, "system")
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT name, value FROM ledger_setting ORDER BY name").fetchall() == before
    assert read_lanes(database) == [(0, 0), (1, 7), (REGISTER_LANE, 0)]
    assert {("clock", "system"), ("lanes", "2")} < set(before)


def test_refuses_other_settings(database: str) -> None:
    """Another number of lanes or another clock is refused, and nothing is changed."""
    open_ledger(database, 2, "system")
    with pytest.raises(LedgerOpenedOtherwise):
        open_ledger(database, 4, "system")
    with pytest.raises(LedgerOpenedOtherwise):
        open_ledger(database, 2, "scenario")
    assert read_lanes(database) == [(0, 0), (1, 0), (REGISTER_LANE, 0)]


@pytest.mark.parametrize("lanes", [0, -1, 3, 2_048])
def test_refuses_impossible_lanes(lanes: int) -> None:
    """A number that is no power of two or beyond the bound is refused before the database is touched."""
    with pytest.raises(LanesInvalid):
        open_ledger("host=/nonexistent", lanes, "system")


def test_many_open_at_once(database: str) -> None:
    """Processes that start together all find the same ledger."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: open_ledger(database, 4, "system"), range(4)))
    assert len(read_lanes(database)) == 5
