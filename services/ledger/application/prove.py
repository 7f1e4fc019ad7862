"""Prove that the events of an operation stand in the ledger, and hand out the tree itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from services.ledger.application.ports import Vault
from services.ledger.application.seal_tree import NotSealedYet, TreeSealer
from services.ledger.application.tree_ports import TreeStore
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.contract.positions import REGISTER_LANE, format_position
from services.ledger.domain.checkpoint import SIGNING_KEY, format_verifier_key, open_checkpoint, origin_of
from services.ledger.domain.merkle import HASH_BYTES, prove_inclusion
from services.ledger.domain.stored import StoredEvent
from services.ledger.domain.tiles import TileReader, parse_tile_path

FindEvents = Callable[[Caller, str], Sequence[StoredEvent]]
"""The events of an operation (by its key) that the caller may read; empty when there are none for him."""


class ProveOperation:
    """The verb of ``GET …/{id}/proof``: inclusion proofs against the newest signed checkpoint of each lane."""

    def __init__(self, *, find: FindEvents, sealer: TreeSealer, store: TreeStore, vault: Vault) -> None:
        """``find`` decides who may ask: what it leaves out is not proven."""
        self._find = find
        self._sealer = sealer
        self._store = store
        self._public_key = vault.public_key(SIGNING_KEY)
        self._ledger_id = store.ledger_id()

    def __call__(self, caller: Caller, operation_key: str) -> JsonObject:
        """``{"items": [{"position", "leafHash", "leafIndex", "treeSize", "proof", "checkpoint", …}]}``.

        Seals up to the events first when the sealer has not come that far. Hashes are hex; ``envelopeHash`` and
        ``contentHash`` are null once swept. Blocking. Raises NotFound when there is nothing the caller may read.
        """
        events = self._find(caller, operation_key)
        if not events:
            raise NotFound
        lanes = sorted({event.lane for event in events})
        trees = {lane: self._open(lane, max(e.position for e in events if e.lane == lane)) for lane in lanes}
        return {"items": [self._prove(event, *trees[event.lane]) for event in events]}

    def _open(self, lane: int, position: int) -> tuple[str, TileReader]:
        """The newest checkpoint that holds ``position``, and its tree."""
        self._sealer.seal_until(lane, position)
        note = self._store.newest_checkpoint(lane)
        if note is None:
            raise NotSealedYet
        checkpoint = open_checkpoint(note, origin_of(self._ledger_id, lane), self._public_key)
        return note, TileReader(checkpoint.size, partial(self._store.tile, lane))

    def _prove(self, event: StoredEvent, note: str, tree: TileReader) -> dict[str, Any]:
        index = event.position - 1
        return {
            "position": format_position(event.lane, event.position),
            "type": event.topic,
            "leafHash": event.leaf_hash.hex(),
            "leafIndex": index,
            "treeSize": tree.size,
            "proof": [node.hex() for node in prove_inclusion(tree.fetch, index, tree.size)],
            "checkpoint": note,
            "verifierKey": format_verifier_key(origin_of(self._ledger_id, event.lane), self._public_key),
            "envelopeHash": _hash_of(event.envelope),
            "contentHash": _hash_of(event.state),
        }


class ReadTree:
    """The verbs of ``GET /v1/lanes/{lane}/checkpoint`` and ``…/tile/…``: hashes only, open to everyone."""

    def __init__(self, *, sealer: TreeSealer, store: TreeStore) -> None:
        """Serve what ``sealer`` has put into ``store``."""
        self._sealer = sealer
        self._store = store

    def checkpoint(self, lane: int) -> str:
        """The newest signed checkpoint of a lane; NotFound for a lane that is none (blocking)."""
        if not is_lane(lane):
            raise NotFound
        note = self._store.newest_checkpoint(lane)
        if note is not None:
            return note
        if lane not in self._store.heads():
            raise NotFound
        self._sealer.seal(lane)
        return self._store.newest_checkpoint(lane) or self._sealer.sign_empty(lane)

    def tile(self, lane: int, path: str) -> bytes:
        """The hashes of the tile at a C2SP path such as ``0/x001/234`` or ``1/000.p/17``; NotFound otherwise.

        A partial tile that has grown since is still served at its old width.
        """
        try:
            wanted = parse_tile_path(path)
        except ValueError:
            raise NotFound from None
        if not is_lane(lane):
            raise NotFound
        hashes = self._store.tile(lane, wanted.level, wanted.index) or b""
        length = wanted.width * HASH_BYTES
        if len(hashes) < length:
            raise NotFound
        return hashes[:length]


def is_lane(lane: int) -> bool:
    """Whether a number can be that of a lane at all; what lies outside never reaches the database."""
    return 0 <= lane <= REGISTER_LANE


def _hash_of(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()
