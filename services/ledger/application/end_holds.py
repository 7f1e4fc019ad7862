"""Destroys the keys of holds that were released: what only they kept is gone with them.

What another hold or a later day keeps as well is wrapped under that first. The order is that of the end of a day:
the erasure register, the vault, which may fail whole, then the rows; whatever is left says that this is still due.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from uuid import UUID

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.kept_keys import KeptKeys
from services.ledger.application.kept_reader import kept_hold
from services.ledger.application.ports import EventReader, Vault
from services.ledger.application.pseudonyms import hold_key_id
from services.ledger.application.retention_ports import ErasureEntry, ErasureRegister, KeptLine, KeptLines, KeyStore
from services.runtime import limits
from services.runtime.clock import Clock

Released = Callable[[Sequence[UUID]], Collection[UUID]]
"""Those of these holds that were released; blocking."""


class EndHolds:
    """The verb ``destroy_released``."""

    def __init__(
        self,
        *,
        lines: KeptLines,
        released: Released,
        kept: KeptKeys,
        store: KeyStore,
        vault: Vault,
        register: ErasureRegister,
        reader: EventReader,
        wait_for: Callable[[int, int], None],
        clock: Clock,
    ) -> None:
        """Ask ``released`` which holds are over, and ``lines`` what else keeps their lines."""
        self._lines = lines
        self._released = released
        self._kept = kept
        self._store = store
        self._vault = vault
        self._register = register
        self._reader = reader
        self._wait_for = wait_for
        self._clock = clock

    async def destroy_released(self) -> int:
        """Destroy what released holds leave behind; how many holds that were. May be repeated at any point."""
        return await run_sync(self._destroy_released)

    def _destroy_released(self) -> int:
        living = {*map(kept_hold, self._vault.key_ids("hold")), *self._store.living_holds()}
        released = sorted(self._released(sorted(living))) if living else []
        if not released:
            return 0
        lanes, heads = self._store.lanes(), self._reader.heads()
        for lane in lanes:
            # A release is one operation over its lanes: where one of them shows it, all of them hold it by now.
            self._wait_for(lane, heads[lane])
        for hold_id in released:
            for lane in lanes:
                self._hand_over(hold_id, lane)
            self._destroy(hold_id)
        return len(released)

    def _hand_over(self, hold_id: UUID, lane: int) -> None:
        """Wrap under what else keeps them the lines that live by this hold."""
        after = 0
        while positions := self._store.kept_by(lane, hold_key_id(hold_id), after, limits.KEEP_LINES_MAX):
            lines = self._lines.keepers_of([(lane, position) for position in positions])
            self._kept.keep([without(line, hold_id) for line in lines])
            after = positions[-1]

    def _destroy(self, hold_id: UUID) -> None:
        key_id, at = hold_key_id(hold_id), self._clock.now()
        self._register.append(ErasureEntry(id=key_id, kind="hold", at=at, key_id=key_id))
        self._vault.destroy(key_id)
        self._store.drop_kept_keys(key_id)
        # Last: as long as they live this is due.
        self._store.destroy_hold(hold_id, at)


def without(line: KeptLine, hold_id: UUID) -> KeptLine:
    """The line without one of its holds."""
    return msgspec.structs.replace(line, holds=tuple(each for each in line.holds if each != hold_id))
