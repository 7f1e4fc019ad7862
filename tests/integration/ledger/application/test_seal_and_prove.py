"""Sealing and proving on PostgreSQL: any batches, restarts, rival sealers; proofs that a stranger can verify."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from services.ledger.application import seal_tree
from services.ledger.application.prove import ProveOperation, ReadTree
from services.ledger.application.seal_tree import NotSealedYet
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.domain.checkpoint import SIGNING_KEY, open_checkpoint, origin_of
from services.ledger.domain.leaf import leaf_hash
from services.ledger.domain.merkle import (
    EMPTY_ROOT,
    CompactRange,
    prove_consistency,
    verify_consistency,
    verify_inclusion,
)
from services.ledger.domain.tiles import TileReader, format_tile_path
from services.ledger.entrypoints.seal import SealerThread
from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.tree import LeafMissing
from services.runtime.log import MemoryLog
from services.runtime.log_events import SEALING_STOPPED
from tests.support.sealed_ledger import SealedLedger, prepare_whole

READER = Caller(party="college", scopes=frozenset({"processing:read"}))


@pytest.fixture
def ledger(database: str) -> Iterator[SealedLedger]:
    """An empty ledger of two lanes."""
    opened = SealedLedger(database)
    yield opened
    opened.close()


def signed(ledger: SealedLedger, lane: int) -> tuple[int, bytes]:
    """Size and root of the newest checkpoint, its signature verified."""
    note = ledger.store.newest_checkpoint(lane)
    assert note is not None
    origin = origin_of(ledger.store.ledger_id(), lane)
    checkpoint = open_checkpoint(note, origin, ledger.vault.public_key(SIGNING_KEY))
    return checkpoint.size, checkpoint.root


def expected_root(ledger: SealedLedger, lane: int) -> bytes:
    """The root over the leaves computed here from what the events hold."""
    compact = CompactRange()
    for event in PostgresEventReader(pool=ledger.pool).events_after(lane, 0, 10_000):
        place = (event.lane, event.position)
        compact.append(leaf_hash(place, event.stream_id, event.topic, event.envelope, event.state))
    return compact.root()


def test_every_lane_is_sealed_in_any_batches(ledger: SealedLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small batches with a restart between them give the root of the recomputed leaves, in the register lane too."""
    monkeypatch.setattr(seal_tree, "TREE_BATCH_LEAVES_MAX", 97)
    ledger.fill()
    while ledger.sealer().seal_all():
        pass
    for lane, head in ledger.store.heads().items():
        assert signed(ledger, lane) == (head, expected_root(ledger, lane))
    assert ledger.store.heads() == {0: 333, 1: 30, REGISTER_LANE: 6}


def test_rival_sealers_agree(ledger: SealedLedger) -> None:
    """Several sealers at once, while events come in, leave one tree."""
    ledger.append([prepare_whole([0], number) for number in range(50)])
    sealers = [ledger.sealer() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for number in range(50, 80):
            ledger.append([prepare_whole([0], number)])
            list(pool.map(lambda sealer: sealer.seal(0), sealers))
    assert signed(ledger, 0) == (80, expected_root(ledger, 0))


def test_an_idle_sealer_writes_nothing(ledger: SealedLedger) -> None:
    """Without new events there is no new checkpoint."""
    ledger.append([prepare_whole([0], 1)])
    sealer = ledger.sealer()
    assert sealer.seal(0) == sealer.seal(0) == ledger.sealer().seal(0) == 1
    with psycopg.connect(ledger.conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM tree_checkpoint").fetchone() == (1,)


def test_checkpoints_are_thinned_to_one_an_hour(ledger: SealedLedger) -> None:
    """The newest of each hour stays, so that a quiet lane does not drown in its own signatures."""
    sealer = ledger.sealer()
    for number in range(6):
        ledger.append([prepare_whole([0], number)])
        sealer.seal(0)
        ledger.clock.advance(minutes=25)
    with psycopg.connect(ledger.conninfo) as connection:
        rows = connection.execute("SELECT size, signed_at FROM tree_checkpoint ORDER BY size").fetchall()
    assert [size for size, _ in rows] == [3, 5, 6]
    assert rows[-1][1] - rows[0][1] == timedelta(minutes=75)


def test_a_gap_stops_the_sealer(ledger: SealedLedger) -> None:
    """A tree never grows past a missing position, and the thread says that it stopped."""
    ledger.append([prepare_whole([0], number) for number in range(5)])
    with psycopg.connect(ledger.conninfo) as connection:
        connection.execute("DELETE FROM stored_events WHERE notification_id = 3")
    with pytest.raises(LeafMissing):
        ledger.sealer().seal(0)
    log = MemoryLog()
    thread = SealerThread(sealer=ledger.sealer(), log=log)
    thread.start()
    assert thread._thread is not None
    thread._thread.join(10)
    assert isinstance(thread.failure, LeafMissing)
    assert [event for event, _ in log.written] == [SEALING_STOPPED]
    thread.stop()


def test_the_thread_seals_and_stops(ledger: SealedLedger) -> None:
    """A started thread seals what is there; stopping it ends it."""
    ledger.fill()
    thread = SealerThread(sealer=ledger.sealer(), log=MemoryLog())
    thread.start()
    ledger.sealer().seal_until(0, 333)
    thread.stop()
    assert thread._thread is not None
    assert not thread._thread.is_alive()
    assert thread.failure is None


def prover(ledger: SealedLedger, *numbers: int) -> ProveOperation:
    """A prover that finds the operations of these numbers."""
    wanted = [prepare_whole([0], number).operation_id for number in numbers]
    reader = PostgresEventReader(pool=ledger.pool)
    return ProveOperation(
        find=lambda caller, key: reader.events_of_operation(wanted) if caller == READER and key == "key" else [],
        sealer=ledger.sealer(),
        store=ledger.store,
        vault=ledger.vault,
    )


def test_a_stranger_verifies_a_proof(ledger: SealedLedger) -> None:
    """With the answer alone, the signature, the inclusion and the binding to the position hold, for both lanes."""
    ledger.fill()
    items = prover(ledger, 310)(READER, "key")["items"]
    assert [item["position"].partition("-")[0] for item in items] == ["0", "1"]
    for item in items:
        name, key_id, encoded = item["verifierKey"].split("+", 2)
        checkpoint = open_checkpoint(item["checkpoint"], name, base64.b64decode(encoded)[1:])
        assert re.fullmatch(r"[0-9a-f]{8}", key_id)
        proof = [bytes.fromhex(node) for node in item["proof"]]
        leaf, index = bytes.fromhex(item["leafHash"]), item["leafIndex"]
        assert checkpoint.size == item["treeSize"]
        assert item["position"].endswith(f"-{index + 1}")
        assert verify_inclusion(leaf, index, checkpoint.size, proof, checkpoint.root)
        assert not verify_inclusion(leaf, index + 1, checkpoint.size, proof, checkpoint.root)


def test_a_proof_names_no_person_and_no_stream(ledger: SealedLedger) -> None:
    """A stream id never leaves the ledger: the answer holds hashes."""
    ledger.append([prepare_whole([0], 1)])
    answer = repr(prover(ledger, 1)(READER, "key"))
    for event in PostgresEventReader(pool=ledger.pool).events_after(0, 0, 10):
        assert str(event.stream_id) not in answer
        assert event.stream_id.hex not in answer


def test_what_may_not_be_read_is_not_proven(ledger: SealedLedger) -> None:
    """Unknown and forbidden give the same answer."""
    ledger.append([prepare_whole([0], 1)])
    for caller, key in ((READER, "other"), (Caller(party="stranger"), "key")):
        with pytest.raises(NotFound):
            prover(ledger, 1)(caller, key)


def test_what_is_not_there_is_not_sealed(ledger: SealedLedger) -> None:
    """Waiting for a position beyond the lane ends with an error instead of a loop."""
    ledger.append([prepare_whole([0], 1)])
    with pytest.raises(NotSealedYet):
        ledger.sealer().seal_until(0, 2)


def test_tiles_and_checkpoints_prove_that_nothing_was_rewritten(ledger: SealedLedger) -> None:
    """Who kept an old checkpoint makes the consistency proof himself, from tiles served by path."""
    tree = ReadTree(sealer=ledger.sealer(), store=ledger.store)
    ledger.append([prepare_whole([0], number) for number in range(300)])
    kept = tree.checkpoint(0)
    ledger.append([prepare_whole([0], number) for number in range(300, 700)])
    ledger.sealer().seal(0)
    public_key, origin = ledger.vault.public_key(SIGNING_KEY), origin_of(ledger.store.ledger_id(), 0)
    old, new = (open_checkpoint(note, origin, public_key) for note in (kept, tree.checkpoint(0)))
    assert (old.size, new.size) == (300, 700)

    def read_by_path(level: int, index: int) -> bytes:
        width = min(256, (new.size >> 8 * level) - 256 * index)
        return tree.tile(0, format_tile_path(level, index, width))

    proof = prove_consistency(TileReader(new.size, read_by_path).fetch, old.size, new.size)
    assert verify_consistency(old.size, old.root, new.size, new.root, proof)
    assert tree.tile(0, "0/001.p/44") == read_by_path(0, 1)[: 44 * 32]


def test_an_empty_lane_has_a_checkpoint(ledger: SealedLedger) -> None:
    """Before the first event the checkpoint says zero leaves."""
    note = ReadTree(sealer=ledger.sealer(), store=ledger.store).checkpoint(1)
    checkpoint = open_checkpoint(note, origin_of(ledger.store.ledger_id(), 1), ledger.vault.public_key(SIGNING_KEY))
    assert (checkpoint.size, checkpoint.root) == (0, EMPTY_ROOT)


def test_what_is_no_lane_or_tile_is_not_found(ledger: SealedLedger) -> None:
    """Whatever number or path is asked, the answer is not-found and never a failure."""
    ledger.append([prepare_whole([0], 1)])
    tree = ReadTree(sealer=ledger.sealer(), store=ledger.store)
    assert tree.checkpoint(0)
    for lane in (2, -1, 10**9):
        with pytest.raises(NotFound):
            tree.checkpoint(lane)
        with pytest.raises(NotFound):
            tree.tile(lane, "0/000.p/1")
    for path in (
        "0/000",
        "0/000.p/2",
        "1/000.p/1",
        "0/x999/x999/x999/x999/x999/999",
        "63/000",
        "nonsense",
        str(uuid4()),
    ):
        with pytest.raises(NotFound):
            tree.tile(0, path)
    assert len(tree.tile(0, "0/000.p/1")) == 32
