"""Grow the tree of each lane behind its events and sign what it has become; never on the road of a request."""

from __future__ import annotations

import threading

from services.ledger.application.ports import Vault
from services.ledger.application.tree_ports import TreeStore
from services.ledger.domain.checkpoint import SIGNING_KEY, Checkpoint, origin_of, sign_checkpoint
from services.ledger.domain.tiles import TileBuilder
from services.runtime.clock import Clock
from services.runtime.errors import GrootboekError, Kind
from services.runtime.limits import TREE_BATCH_LEAVES_MAX


class NotSealedYet(GrootboekError):
    """The tree does not hold this event yet."""

    code = "not_sealed_yet"
    kind = Kind.UNAVAILABLE
    retryable = True
    remedy = "Ask again in a second."


class TreeSealer:
    """Follows the leaf hashes of every lane in bounded batches; safe between threads and beside other sealers.

    What it keeps in memory is at most 255 hashes per level and lane, and can be read back at any time, so that a
    restart or a lost race costs one read.
    """

    def __init__(self, *, store: TreeStore, vault: Vault, clock: Clock) -> None:
        """Sign with the vault key ``checkpoint``; ``clock`` dates the stored checkpoints."""
        self._store = store
        self._vault = vault
        self._clock = clock
        self._ledger_id = store.ledger_id()
        self._public_key = vault.public_key(SIGNING_KEY)
        self._lock = threading.Lock()
        self._edges: dict[int, TileBuilder] = {}

    def seal(self, lane: int) -> int:
        """Take at most one batch of leaves into the tree; returns the size of the tree (blocking)."""
        with self._lock:
            # Out of the cache while it changes: when anything fails it is read again.
            edge = self._edges.pop(lane, None) or self._store.open_tree(lane)
            if self._grow(lane, edge):
                self._edges[lane] = edge
                return edge.size
            return self._store.open_tree(lane).size

    def _grow(self, lane: int, edge: TileBuilder) -> bool:
        """Add a batch and commit it; False when another sealer was first."""
        old_size = edge.size
        leaves = self._store.leaves_after(lane, old_size, TREE_BATCH_LEAVES_MAX)
        if not leaves:
            return True
        tiles = edge.extend(leaves)
        checkpoint = Checkpoint(origin_of(self._ledger_id, lane), edge.size, edge.root())
        return self._store.store(lane, old_size, tiles, checkpoint, self._sign(checkpoint), self._clock.now())

    def seal_until(self, lane: int, position: int) -> None:
        """Seal until the tree holds ``position``; NotSealedYet when the lane does not reach it (blocking)."""
        size = self.seal(lane)
        while size < position:
            grown = self.seal(lane)
            if grown <= size:
                raise NotSealedYet
            size = grown

    def seal_all(self) -> bool:
        """One batch of every lane that has grown; whether any lane holds more than that (blocking)."""
        behind = False
        for lane, head in self._store.heads().items():
            edge = self._edges.get(lane)
            if edge is None or edge.size < head:
                behind |= self.seal(lane) < head
        return behind

    def sign_empty(self, lane: int) -> str:
        """The checkpoint of a lane in which nothing was recorded yet; it is not stored."""
        return self._sign(Checkpoint(origin_of(self._ledger_id, lane), 0, TileBuilder().root()))

    def _sign(self, checkpoint: Checkpoint) -> str:
        return sign_checkpoint(checkpoint, self._public_key, lambda text: self._vault.sign(SIGNING_KEY, text))

    def __repr__(self) -> str:
        sizes = {lane: edge.size for lane, edge in self._edges.items()}
        return f"TreeSealer({sizes})"
