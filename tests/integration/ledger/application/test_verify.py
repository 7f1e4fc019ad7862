"""Verification finds and names whatever somebody with the database in his hands changes.

Each test changes one thing inside a transaction that is rolled back, and verifies inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import Connection

from services.ledger.application import verify_lane
from services.ledger.application.verify import Verification, VerifyLedger
from services.ledger.domain.checkpoint import SIGNING_KEY, Checkpoint, open_checkpoint, origin_of, sign_checkpoint
from services.ledger.domain.leaf import leaf_hash
from services.ledger.domain.merkle import CompactRange, prove_inclusion, verify_inclusion
from services.ledger.domain.tiles import TileBuilder, TileReader
from services.ledger.storage.audit import PostgresAuditSnapshot, open_snapshot
from services.ledger.storage.vault_memory import MemoryVault
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.postgres import fresh_database
from tests.support.sealed_ledger import SealedLedger, prepare_sweep, prepare_whole


@pytest.fixture(scope="module")
def ledger(module_database: str) -> Iterator[SealedLedger]:
    """A filled and sealed ledger; 333 events in lane 0, 30 in lane 1, 6 in the register."""
    opened = SealedLedger(module_database)
    opened.fill()
    opened.sealer().seal_all()
    yield opened
    opened.close()


@contextmanager
def tampering(ledger: SealedLedger) -> Iterator[Connection[Any]]:
    """A connection whose changes nobody else sees and nobody keeps."""
    with psycopg.connect(ledger.conninfo) as connection:
        yield connection
        connection.rollback()


def verify(ledger: SealedLedger, connection: Connection[Any], **arguments: Any) -> Verification:
    """Verify as seen by this connection."""
    snapshot = PostgresAuditSnapshot(connection)
    public_key = arguments.pop("public_key", ledger.vault.public_key(SIGNING_KEY))
    return VerifyLedger(open_snapshot=lambda: nullcontext(snapshot), public_key=public_key, **arguments)()


def named(verification: Verification) -> set[tuple[str, str]]:
    """(place, code) of every finding."""
    return {(finding.place, finding.code) for finding in verification.findings}


def test_a_sound_ledger_passes(ledger: SealedLedger) -> None:
    """Nothing is found, and every event of every lane was looked at."""
    verb = VerifyLedger(
        open_snapshot=lambda: open_snapshot(ledger.pool), public_key=ledger.vault.public_key(SIGNING_KEY)
    )
    verification = verb()
    assert verification.findings == ()
    assert verification.passed
    assert verification.events == {"0": 333, "1": 30, "register": 6}


def test_events_behind_the_tree_are_no_fault(ledger: SealedLedger) -> None:
    """The tree follows the events: what was appended a moment ago is not in it yet."""
    with tampering(ledger) as connection:
        last = connection.execute("SELECT max(notification_id) FROM stored_events WHERE lane = 1").fetchone()
        assert last is not None
        operation = prepare_whole([1], 9_015)
        event = operation.events[0]
        version = connection.execute(
            "UPDATE stream_head SET version = version + 1 WHERE lane = 1 AND stream_id = %s RETURNING version",
            (event.stream_id,),
        ).fetchone()
        assert version is None, "the stream is new in this lane"
        leaf = leaf_hash((1, last[0] + 1), event.stream_id, event.topic, event.envelope, event.state)
        connection.execute("UPDATE lane_head SET last_position = last_position + 1 WHERE lane = 1")
        connection.execute("INSERT INTO stream_head VALUES (1, %s, 1)", (event.stream_id,))
        connection.execute("INSERT INTO operation_claim VALUES (1, %s, '')", (operation.operation_id,))
        connection.execute(
            "INSERT INTO stored_events VALUES (1, %s, 1, %s, %s, %s, %s, %s, %s)",
            (event.stream_id, last[0] + 1, operation.operation_id, event.topic, event.envelope, event.state, leaf),
        )
        assert named(verify(ledger, connection)) == set()


COLUMNS: dict[str, tuple[LiteralString, str]] = {
    "envelope": ("envelope = set_byte(envelope, 5, get_byte(envelope, 5) # 1)", "leaf-wrong"),
    "state": ("state = set_byte(state, 5, get_byte(state, 5) # 1)", "leaf-wrong"),
    "leaf_hash": ("leaf_hash = set_byte(leaf_hash, 5, get_byte(leaf_hash, 5) # 1)", "leaf-wrong"),
    "topic": ("topic = topic || 'x'", "leaf-wrong"),
    "endless topic": ("topic = repeat('x', 70000)", "leaf-wrong"),
    "originator_id": ("originator_id = gen_random_uuid()", "leaf-wrong"),
    "originator_version": ("originator_version = originator_version + 1000", "version-wrong"),
    "operation_id": ("operation_id = gen_random_uuid()", "operation-wrong"),
    "no operation_id": ("operation_id = NULL", "operation-wrong"),
    "no envelope": ("envelope = NULL", "content-missing"),
    "no state": ("state = NULL", "content-missing"),
    "lane": ("lane = 1, notification_id = 31", "leaf-wrong"),
    "notification_id": ("notification_id = 334", "leaf-wrong"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_change_in_any_column_is_found_and_named(ledger: SealedLedger, name: str) -> None:
    """One event in the middle of a lane, one column: the finding stands at its position."""
    change, code = COLUMNS[name]
    with tampering(ledger) as connection:
        connection.execute("UPDATE stored_events SET " + change + " WHERE lane = 0 AND notification_id = 123")
        found = named(verify(ledger, connection))
    place = {"lane": "1-31", "notification_id": "0-334"}.get(name, "0-123")
    assert (place, code) in found
    if name in {"lane", "notification_id"}:
        assert ("0-123", "position-missing") in found


@pytest.mark.parametrize("column", ["state", "leaf_hash", "topic", "operation_id", "originator_id"])
def test_the_register_lane_is_verified_too(ledger: SealedLedger, column: str) -> None:
    """A covenant changed in place is as bad as a changed event."""
    change: dict[str, LiteralString] = {
        "state": "state = set_byte(state, 5, get_byte(state, 5) # 1)",
        "leaf_hash": "leaf_hash = set_byte(leaf_hash, 5, get_byte(leaf_hash, 5) # 1)",
        "topic": "topic = 'register.party-amended.1'",
        "operation_id": "operation_id = gen_random_uuid()",
        "originator_id": "originator_id = gen_random_uuid()",
    }
    with tampering(ledger) as connection:
        connection.execute("UPDATE stored_events SET " + change[column] + " WHERE lane = 9999 AND notification_id = 3")
        found = {place for place, _ in named(verify(ledger, connection))}
    assert "register-3" in found


@pytest.mark.parametrize("position", [1, 123, 256, 257, 333])
def test_a_removed_row_is_found_and_named(ledger: SealedLedger, position: int) -> None:
    """First, middle, on both sides of a tile's border, and last."""
    with tampering(ledger) as connection:
        connection.execute("DELETE FROM stored_events WHERE lane = 0 AND notification_id = %s", (position,))
        assert (f"0-{position}", "position-missing") in named(verify(ledger, connection))


def test_what_lies_behind_a_gap_is_still_compared(ledger: SealedLedger) -> None:
    """A removed row does not hide a consistently forged one behind it."""
    with tampering(ledger) as connection:
        connection.execute("DELETE FROM stored_events WHERE lane = 0 AND notification_id IN (100, 101)")
        forge(connection, 200)
        found = named(verify(ledger, connection))
    assert {("0-100", "position-missing"), ("0-200", "tile-wrong")} <= found
    assert not any(place == "0-199" for place, _ in found)


def forge(connection: Connection[Any], position: int, lane: int = 0) -> bytes:
    """Change the content of an event and make its leaf fit, as somebody who knows the code would; the new leaf."""
    row = connection.execute(
        "UPDATE stored_events SET state = 'forged' WHERE lane = %s AND notification_id = %s"
        " RETURNING originator_id, topic, envelope, state",
        (lane, position),
    ).fetchone()
    assert row is not None
    leaf = leaf_hash((lane, position), *row)
    connection.execute(
        "UPDATE stored_events SET leaf_hash = %s WHERE lane = %s AND notification_id = %s", (leaf, lane, position)
    )
    return leaf


def test_an_event_forged_with_its_leaf_is_found_by_the_tree(ledger: SealedLedger) -> None:
    """A fitting leaf does not help: the tile holds the old one, and the signed root too."""
    with tampering(ledger) as connection:
        forge(connection, 123)
        found = named(verify(ledger, connection))
    assert ("0-123", "tile-wrong") in found
    assert ("0-333", "root-wrong") in found
    assert not any(code == "leaf-wrong" for _, code in found)


def reseal(ledger: SealedLedger, connection: Connection[Any], vault: MemoryVault) -> None:
    """Rebuild the whole tree of lane 0 over what the rows now hold, and sign with the key of ``vault``."""
    rows = connection.execute("SELECT leaf_hash FROM stored_events WHERE lane = 0 ORDER BY notification_id").fetchall()
    builder = TileBuilder()
    connection.execute("DELETE FROM tree_tile WHERE lane = 0")
    for tile in builder.extend([leaf for (leaf,) in rows]):
        connection.execute("INSERT INTO tree_tile VALUES (0, %s, %s, %s)", (tile.level, tile.index, tile.hashes))
    checkpoint = Checkpoint(origin_of(ledger.store.ledger_id(), 0), builder.size, builder.root())
    note = sign_checkpoint(checkpoint, vault.public_key(SIGNING_KEY), lambda text: vault.sign(SIGNING_KEY, text))
    connection.execute("UPDATE tree_head SET size = %s WHERE lane = 0", (builder.size,))
    connection.execute("DELETE FROM tree_checkpoint WHERE lane = 0")
    connection.execute(
        "INSERT INTO tree_checkpoint VALUES (0, %s, %s, %s, now())", (builder.size, checkpoint.root, note)
    )


def test_a_whole_forged_tree_fails_by_its_signature(ledger: SealedLedger) -> None:
    """Who rewrites event, leaf, tiles and root still lacks the key."""
    with tampering(ledger) as connection:
        forge(connection, 123)
        reseal(ledger, connection, MemoryVault())
        assert named(verify(ledger, connection)) == {("lane 0", "checkpoint-invalid")}


def test_the_key_of_the_vault_decides_and_not_the_database(ledger: SealedLedger) -> None:
    """With another key not one checkpoint is accepted."""
    with tampering(ledger) as connection:
        found = named(verify(ledger, connection, public_key=MemoryVault().public_key(SIGNING_KEY)))
    assert found == {(f"lane {lane}", "checkpoint-invalid") for lane in ("0", "1", "register")}


def test_swapped_rows_are_both_named(ledger: SealedLedger) -> None:
    """Two events that change places are not what was recorded, either of them."""
    with tampering(ledger) as connection:
        for old, new in ((50, 9_999), (51, 50), (9_999, 51)):
            connection.execute(
                "UPDATE stored_events SET notification_id = %s WHERE lane = 0 AND notification_id = %s", (new, old)
            )
        found = named(verify(ledger, connection))
    assert {("0-50", "leaf-wrong"), ("0-51", "leaf-wrong")} <= found


def test_swapped_versions_are_named(ledger: SealedLedger) -> None:
    """The version stands outside the leaf, so the order of every stream is compared by itself."""
    with tampering(ledger) as connection:
        rows = connection.execute(
            "SELECT notification_id, originator_version FROM stored_events WHERE lane = 0 AND originator_id ="
            " (SELECT originator_id FROM stored_events WHERE lane = 0 AND notification_id = 1)"
            " ORDER BY notification_id LIMIT 2"
        ).fetchall()
        for (position, _), version in ((rows[0], 9_999), (rows[1], 1), (rows[0], 2)):
            connection.execute(
                "UPDATE stored_events SET originator_version = %s WHERE lane = 0 AND notification_id = %s",
                (version, position),
            )
        found = named(verify(ledger, connection))
    assert {(f"0-{position}", "version-wrong") for position, _ in rows} <= found


def roll_back(connection: Connection[Any], position: int) -> None:
    """Cut lane 1 off after ``position``, with its counter row, stream heads and claims made to fit."""
    connection.execute(
        "DELETE FROM operation_claim WHERE operation_id IN"
        " (SELECT operation_id FROM stored_events WHERE lane = 1 AND notification_id > %s)",
        (position,),
    )
    connection.execute(
        "DELETE FROM stored_events WHERE lane = 0 AND operation_id IN"
        " (SELECT operation_id FROM stored_events WHERE lane = 1 AND notification_id > %s)",
        (position,),
    )
    connection.execute("DELETE FROM stored_events WHERE lane = 1 AND notification_id > %s", (position,))
    connection.execute("UPDATE lane_head SET last_position = %s WHERE lane = 1", (position,))
    connection.execute("DELETE FROM stream_head WHERE lane = 1")
    connection.execute(
        "INSERT INTO stream_head SELECT 1, originator_id, max(originator_version)"
        " FROM stored_events WHERE lane = 1 GROUP BY originator_id"
    )


def test_a_rolled_back_lane_is_found_by_its_checkpoint(ledger: SealedLedger) -> None:
    """A tail cut off with everything that counts it is shorter than what was signed."""
    with tampering(ledger) as connection:
        roll_back(connection, 20)
        found = {finding for finding in named(verify(ledger, connection)) if finding[0] in {"1-21", "lane 1"}}
    assert found == {("1-21", "lane-rolled-back")}


def test_an_older_tree_put_back_with_the_old_tail_is_found(ledger: SealedLedger) -> None:
    """Turning the size of the tree back too does not help while a larger checkpoint exists."""
    with tampering(ledger) as connection:
        roll_back(connection, 20)
        connection.execute("UPDATE tree_head SET size = 20 WHERE lane = 1")
        found = named(verify(ledger, connection))
    assert {("1-21", "lane-rolled-back"), ("lane 1", "checkpoint-missing")} <= found


STATEMENTS: dict[str, tuple[LiteralString, tuple[str, str]]] = {
    "counter row turned back": ("UPDATE lane_head SET last_position = 300 WHERE lane = 0", ("0-301", "head-wrong")),
    "counter row put forward": (
        "UPDATE lane_head SET last_position = 335 WHERE lane = 0",
        ("0-334", "position-missing"),
    ),
    "counter row removed": ("DELETE FROM lane_head WHERE lane = 0", ("lane 0", "head-missing")),
    "claim removed": (
        (
            "DELETE FROM operation_claim WHERE operation_id ="
            " (SELECT operation_id FROM stored_events WHERE lane = 0 AND notification_id = 5)"
        ),
        ("0-5", "claim-missing"),
    ),
    "claim added": (
        "INSERT INTO operation_claim VALUES (1, '00000000-0000-4000-8000-000000000000', '')",
        ("lane 1", "claim-without-events"),
    ),
    "stream head removed": (
        (
            "DELETE FROM stream_head WHERE lane = 1 AND stream_id ="
            " (SELECT originator_id FROM stored_events WHERE lane = 1 AND notification_id = 30)"
        ),
        ("1-30", "stream-head-wrong"),
    ),
    "stream head added": (
        "INSERT INTO stream_head VALUES (1, gen_random_uuid(), 3)",
        ("lane 1", "stream-head-wrong"),
    ),
    "flipped leaf in a tile": (
        (
            "UPDATE tree_tile SET hashes = set_byte(hashes, 32 * 9, get_byte(hashes, 32 * 9) # 1)"
            " WHERE lane = 0 AND level = 0 AND index = 1"
        ),
        ("0-266", "tile-wrong"),
    ),
    "flipped root in a higher tile": (
        "UPDATE tree_tile SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE lane = 0 AND level = 1",
        ("0-1", "tile-wrong"),
    ),
    "tile cut short": (
        "UPDATE tree_tile SET hashes = substr(hashes, 1, 32 * 255) WHERE lane = 0 AND level = 0 AND index = 0",
        ("0-256", "tile-wrong"),
    ),
    "tile too long": (
        "UPDATE tree_tile SET hashes = hashes || substr(hashes, 1, 32) WHERE lane = 1 AND level = 0",
        ("1-30", "tile-wrong"),
    ),
    "tile removed": ("DELETE FROM tree_tile WHERE lane = 0 AND level = 0 AND index = 1", ("0-257", "tile-wrong")),
    "tile added": (
        "INSERT INTO tree_tile SELECT lane, level, 77, hashes FROM tree_tile WHERE lane = 0 AND level = 1",
        ("lane 0", "tile-wrong"),
    ),
    "checkpoint removed": ("DELETE FROM tree_checkpoint WHERE lane = 0", ("lane 0", "checkpoint-missing")),
    "root of a checkpoint": (
        "UPDATE tree_checkpoint SET root = sha256('x') WHERE lane = 0",
        ("lane 0", "checkpoint-invalid"),
    ),
    "size of a checkpoint": ("UPDATE tree_checkpoint SET size = 332 WHERE lane = 0", ("lane 0", "checkpoint-invalid")),
    "note of another lane": (
        "UPDATE tree_checkpoint SET note = (SELECT note FROM tree_checkpoint WHERE lane = 1 LIMIT 1) WHERE lane = 0",
        ("lane 0", "checkpoint-invalid"),
    ),
    "another ledger": (
        "UPDATE ledger_setting SET value = 'other' WHERE name = 'ledger_id'",
        ("lane register", "checkpoint-invalid"),
    ),
    "a lane nobody made": (
        (
            "INSERT INTO stored_events SELECT 77, originator_id, 1, 1, operation_id, topic, envelope, state, leaf_hash"
            " FROM stored_events WHERE lane = 0 AND notification_id = 9"
        ),
        ("77-1", "leaf-wrong"),
    ),
    "position below one": (
        "UPDATE stored_events SET notification_id = -4 WHERE lane = 0 AND notification_id = 9",
        ("0--4", "position-impossible"),
    ),
    "position far away": (
        "UPDATE stored_events SET notification_id = 1000000000000 WHERE lane = 0 AND notification_id = 9",
        ("0-9", "position-missing"),
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_other_change_is_found_and_named(ledger: SealedLedger, name: str) -> None:
    """Heads, claims, tiles, checkpoints and lanes: each has its finding at its place."""
    statement, expected = STATEMENTS[name]
    with tampering(ledger) as connection:
        assert connection.execute(statement).rowcount > 0
        assert expected in named(verify(ledger, connection))


def remove_last_of_operation(connection: Connection[Any]) -> str:
    """Take the last event of the operation with three events away as if it had never been; where it begins."""
    connection.execute("DELETE FROM stored_events WHERE lane = 0 AND notification_id = 333")
    connection.execute("UPDATE lane_head SET last_position = 332 WHERE lane = 0")
    return "0-331"


def test_half_an_operation_is_found(ledger: SealedLedger) -> None:
    """An operation is whole or not there; its first event is named."""
    with tampering(ledger) as connection:
        place = remove_last_of_operation(connection)
        assert (place, "operation-incomplete") in named(verify(ledger, connection))


def test_half_an_operation_over_two_lanes_is_found(ledger: SealedLedger) -> None:
    """The parts of an operation in several lanes are counted together."""
    with tampering(ledger) as connection:
        connection.execute("DELETE FROM stored_events WHERE lane = 1 AND notification_id = 30")
        assert ("0-330", "operation-incomplete") in named(verify(ledger, connection))


EMPTY: LiteralString = "UPDATE stored_events SET state = NULL, envelope = NULL WHERE lane = %s AND notification_id = %s"


@pytest.fixture(scope="module")
def swept(postgres_server: EmbeddedPostgres) -> Iterator[SealedLedger]:
    """A sealed ledger in which lane 0 says at 334 that 40 to 42 and 300 were swept, and lane 1 at 31 that its 7 was."""
    with fresh_database(postgres_server.conninfo) as conninfo:
        opened = SealedLedger(conninfo)
        opened.fill()
        opened.append([prepare_sweep(0, ((40, 42), (300, 300)), 1), prepare_sweep(1, ((7, 7),), 2)])
        opened.sealer().seal_all()
        yield opened
        opened.close()


def test_what_its_lane_says_was_swept_may_be_gone(swept: SealedLedger) -> None:
    """Named and gone passes, also by halves, and so does what is named and not gone yet."""
    with tampering(swept) as connection:
        assert named(verify(swept, connection)) == set()
        for lane, position in ((0, 40), (0, 42), (1, 7)):
            connection.execute(EMPTY, (lane, position))
        connection.execute("UPDATE stored_events SET state = NULL WHERE lane = 0 AND notification_id = 41")
        assert named(verify(swept, connection)) == set()


@pytest.mark.parametrize(("lane", "position"), [(0, 39), (0, 43), (0, 299), (0, 7), (1, 28), (0, 334)])
def test_what_its_lane_does_not_name_may_not_be_gone(swept: SealedLedger, lane: int, position: int) -> None:
    """A neighbour, the same position of another lane, and the announcement itself: each is a finding."""
    with tampering(swept) as connection:
        connection.execute(EMPTY, (lane, position))
        assert (f"{lane}-{position}", "content-missing") in named(verify(swept, connection))


def test_a_swept_event_keeps_its_leaf(swept: SealedLedger) -> None:
    """The tree and every proof still stand on it: a swept event proves as before, and a changed leaf is found."""
    tree = TileReader(334, partial(swept.store.tile, 0))
    with tampering(swept) as connection:
        connection.execute(EMPTY, (0, 40))
        (leaf,) = connection.execute(
            "SELECT leaf_hash FROM stored_events WHERE lane = 0 AND notification_id = 40"
        ).fetchone() or (b"",)
        note = swept.store.newest_checkpoint(0)
        assert note is not None
        origin = origin_of(swept.store.ledger_id(), 0)
        root = open_checkpoint(note, origin, swept.vault.public_key(SIGNING_KEY)).root
        assert verify_inclusion(bytes(leaf), 39, 334, prove_inclusion(tree.fetch, 39, 334), root)
        connection.execute("UPDATE stored_events SET leaf_hash = sha256('x') WHERE lane = 0 AND notification_id = 40")
        assert ("0-40", "tile-wrong") in named(verify(swept, connection))


def test_an_announcement_that_was_changed_or_cannot_be_is_found(swept: SealedLedger) -> None:
    """Who makes a sweep name more breaks its leaf; one that names what comes after it names nothing."""
    rename: LiteralString = (
        "UPDATE stored_events SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'), '[40,42]', %s), 'UTF8')"
        " WHERE lane = 0 AND notification_id = 334"
    )
    with tampering(swept) as connection:
        connection.execute(rename, ("[40,99]",))
        connection.execute(EMPTY, (0, 50))
        assert ("0-334", "leaf-wrong") in named(verify(swept, connection))
    with tampering(swept) as connection:
        connection.execute(rename, ("[40,334]",))
        connection.execute(EMPTY, (0, 50))
        found = named(verify(swept, connection))
    assert {("0-334", "sweep-wrong"), ("0-50", "content-missing")} <= found


def test_differences_of_projections_are_told(ledger: SealedLedger) -> None:
    """What the comparison of the projections says stands among the findings."""
    with tampering(ledger) as connection:
        verification = verify(ledger, connection, compare_projections=lambda: ["dossier_line: 0-7 is missing"])
    assert named(verification) == {("projections", "projection-wrong")}
    assert not verification.passed


def test_findings_are_bounded(ledger: SealedLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that is wrong throughout does not fill the memory; what is not listed is counted."""
    monkeypatch.setattr(verify_lane, "VERIFY_FINDINGS_MAX", 10)
    with tampering(ledger) as connection:
        connection.execute("UPDATE stored_events SET state = 'x' WHERE lane = 0")
        verification = verify(ledger, connection)
    assert len(verification.findings) == 10
    assert verification.finding_count == 333


def test_the_root_is_computed_twice(ledger: SealedLedger) -> None:
    """The tiles' road and the compact range's road to the root agree on the real lane."""
    with psycopg.connect(ledger.conninfo) as connection:
        leaves = [
            leaf
            for (leaf,) in connection.execute(
                "SELECT leaf_hash FROM stored_events WHERE lane = 0 ORDER BY notification_id"
            )
        ]
    builder, compact = TileBuilder(), CompactRange()
    builder.extend(leaves)
    compact.extend(leaves)
    assert builder.root() == compact.root()
