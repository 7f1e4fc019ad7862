"""The register on its real lane: many processes, restarts, and the order that acts are judged in."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import msgspec
import psycopg
import pytest

from services.law.governance import Entry, Mandate, Party, Purpose
from services.law.norm_set import NO_NORMS
from services.ledger.application.register_entry import RegisterApplication, RegisterEntry
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.recorder import register_environment
from services.ledger.storage.register import LaneRegister, RegisterBehind
from services.runtime.clock import FakeClock

OFFICER = Caller(party="college", scopes=frozenset({"governance"}))


class Replica:
    """One process with its own connections, source and verb."""

    def __init__(self, conninfo: str) -> None:
        self.clock = FakeClock()
        self.application = RegisterApplication(environment=register_environment(conninfo))
        self.source = LaneRegister(recorder=self.application.recorder, mapper=self.application.mapper, norms=NO_NORMS)
        self._verb = RegisterEntry(application=self.application, source=self.source, clock=self.clock)

    def register(self, entry: Entry) -> JsonObject:
        """Register as the officer."""
        return self._verb(OFFICER, entry)


@pytest.fixture
def replicas(database: str) -> Iterator[list[Replica]]:
    """Three processes on one ledger."""
    open_ledger(database, 1, "system")
    opened = [Replica(database) for _ in range(3)]
    yield opened
    for replica in opened:
        replica.application.close()


def test_replicas_that_register_the_same_agree(replicas: list[Replica]) -> None:
    """The same entries at the same time through three processes stand once, with one receipt each."""
    entries = [Purpose(id=f"doel-{number}", text="x") for number in range(8)] * 3
    with ThreadPoolExecutor(3) as pool:
        receipts = list(pool.map(lambda pair: replicas[pair[0] % 3].register(pair[1]), enumerate(entries)))
    for number in range(8):
        assert receipts[number] == receipts[number + 8] == receipts[number + 16]
    assert sorted(int(receipt["position"].rpartition("-")[2]) for receipt in receipts[:8]) == list(range(1, 9))


def test_another_process_sees_what_an_act_was_judged_at(replicas: list[Replica]) -> None:
    """A position is enough to make a source read on; one that does not exist is an error."""
    first, second, _ = replicas
    position = int(first.register(Party(id="politie", kind="police"))["position"].rpartition("-")[2])
    assert second.source.current().party_ids() == ()
    assert second.source.refresh(position).party_ids() == ("politie",)
    with pytest.raises(RegisterBehind):
        second.source.refresh(position + 1)


def test_a_restart_gives_the_same_receipt(replicas: list[Replica], database: str) -> None:
    """What is known comes out of the lane alone, with the instant of our clock to the microsecond."""
    replicas[0].clock.advance(microseconds=123_457)
    party = Party(id="politie", kind="police", valid_from=date(2026, 1, 1))
    first = replicas[0].register(party)
    assert first["recordedAt"] == "2026-01-01T00:00:00.123457Z"
    restarted = Replica(database)
    restarted.clock.advance(days=9)
    assert restarted.register(party) == first
    assert restarted.source.current().party_ids() == ("politie",)
    restarted.application.close()


def test_an_end_is_known_to_every_process_and_after_a_restart(replicas: list[Replica], database: str) -> None:
    """Processes that end the same mandate agree; whoever reads the lane anew finds its last day and its receipts."""
    mandate = Mandate(id="m", from_="college", to="politie", valid_from=date(2026, 1, 1))
    ended = msgspec.structs.replace(mandate, valid_until=date(2026, 1, 1))
    first = replicas[0].register(mandate)
    with ThreadPoolExecutor(3) as pool:
        receipts = list(pool.map(lambda replica: replica.register(ended), replicas))
    assert receipts[0] == receipts[1] == receipts[2]
    assert (receipts[0]["position"], receipts[0]["version"]) == ("register-2", 2)
    restarted = Replica(database)
    assert [restarted.register(mandate), restarted.register(ended)] == [first, receipts[0]]
    assert restarted.source.current().mandates(date(2026, 1, 2)) == ()
    assert restarted.source.current().known_until(1).mandates(date(2026, 1, 2)) == (mandate,)
    restarted.application.close()


def test_no_module_path_stands_in_the_lane(replicas: list[Replica], database: str) -> None:
    """Nothing that is stored ties the register to where our classes live."""
    replicas[0].register(Party(id="politie", kind="police"))
    replicas[0].register(Party(id="politie", kind="police", valid_from=date(2026, 1, 1)))
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT topic, state FROM stored_events WHERE lane = %s", (REGISTER_LANE,)).fetchall()
    assert [topic for topic, _ in rows] == ["register.party-registered.1", "register.party-amended.1"]
    for _, state in rows:
        assert b"services" not in state
        assert b"eventsourcing" not in state
