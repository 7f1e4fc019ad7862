"""Wires what forgets: holds, terms, ended days, erasures, sweeps, and the register of what was destroyed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import msgspec

from services.ledger.application.about import AboutEvents
from services.ledger.application.access_requests import request_stream
from services.ledger.application.automatic_holds import AutomaticHolds
from services.ledger.application.declarations import Declarations
from services.ledger.application.early_ends import EarlyEnds
from services.ledger.application.end_day import EndDays
from services.ledger.application.end_holds import EndHolds
from services.ledger.application.ended_holds import EndedHolds
from services.ledger.application.erasure_choice import DossierChooser
from services.ledger.application.erasure_state import ErasureReader
from services.ledger.application.erasure_steps import ErasureSteps
from services.ledger.application.erasures import Erasures
from services.ledger.application.facts import FactReader
from services.ledger.application.following_holds import FollowingHolds
from services.ledger.application.holds import Holds
from services.ledger.application.kept_keys import KeptKeys
from services.ledger.application.keys import Keys
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.application.operation_writer import OperationWriter
from services.ledger.application.overlaps import Overlaps
from services.ledger.application.ports import EventReader, IdentityStore, Vault
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.register_check import check_register
from services.ledger.application.replay_register import ReplayRegister
from services.ledger.application.retention_schedule import RetentionSchedule
from services.ledger.application.rotate_week import RotateWeek
from services.ledger.application.set_retention import RetentionSetter
from services.ledger.application.sources import Sources
from services.ledger.application.sweep import Sweep
from services.ledger.application.unmet_duties import UnmetDuties
from services.ledger.client.commands import InProcessRetention
from services.ledger.storage.applied_register import MarkedRegister, PostgresMark
from services.ledger.storage.erasure_register_file import ErasureRegisterFile
from services.ledger.storage.key_store import PostgresKeyStore
from services.ledger.storage.projections.early_ends import PostgresSealedLonger
from services.ledger.storage.projections.kept_lines import PostgresKeptLines
from services.ledger.storage.projections.proceedings import PostgresProceedings
from services.ledger.storage.sweeper import PostgresSweeper
from services.ledger.storage.sweeps import PostgresSweeps
from services.runtime import limits
from services.runtime.ids import Ids
from services.runtime.postgres import SyncPool


class Foundations(msgspec.Struct, frozen=True, kw_only=True):
    """What forgetting stands on; ``wait_for(lane, position, seconds)`` blocks until the projections are that far.

    ``reader`` gives every stored event, those of ``sources`` only what may still be shown.
    """

    pool: SyncPool
    reader: EventReader
    identities: IdentityStore
    vault: Vault
    register_folder: Path
    keys: Keys
    pseudonyms: Pseudonyms
    ids: Ids
    obligations: ObligationIds
    sources: Sources
    facts: FactReader
    writer: OperationWriter
    about: AboutEvents
    wait_for: Callable[[int, int, float], None]


class Forgetting:
    """All verbs of forgetting over one set of adapters. Opening it refuses a database older than what was destroyed."""

    def __init__(self, on: Foundations, *, is_restoring: bool = False) -> None:
        """Wire them; with ``is_restoring`` the database may be older, since what is gone will be destroyed again."""
        self._on = on
        self.vault, self.sources = on.vault, on.sources
        self._events = on.reader
        self._clock = on.sources.clock
        self._wait_for = partial(wait_long, on.wait_for)
        self.register_file = ErasureRegisterFile(on.register_folder)
        self.mark = PostgresMark(on.pool)
        if not is_restoring:
            check_register(self.register_file, self.mark, self._events)
        self._register = MarkedRegister(self.register_file, self.mark)
        self._store = PostgresKeyStore(on.pool)
        self._lines = PostgresKeptLines(pool=on.pool)
        self._proceedings = PostgresProceedings(pool=on.pool)
        self._kept_keys = KeptKeys(keys=on.keys, store=self._store, reader=self._events, vault=on.vault, ids=on.ids)
        self.holds = Holds(
            sources=on.sources, proceedings=self._proceedings, writer=on.writer, pseudonyms=on.pseudonyms
        )
        self.automatic_holds = AutomaticHolds(writer=on.writer)
        self.following_holds = FollowingHolds(sources=on.sources, proceedings=self._proceedings, writer=on.writer)
        self.terms = RetentionSetter(
            about=on.about,
            reader=self._events,
            register=on.sources.register,
            kept_keys=self._kept_keys,
            writer=on.writer,
        )
        self.schedule = RetentionSchedule(lines=self._lines, clock=self._clock)
        self._erasure_reader = ErasureReader(reader=self._events, opener=on.sources.opener, ids=on.obligations)
        self.erasures = self._wire_erasures()
        self.declarations = Declarations(erasures=self.erasures, sweeps=PostgresSweeps(on.pool), reader=self._events)
        self._sweeps = self._wire_sweeps()
        self._steps = self._wire_steps()
        self._days = self._wire_days()

    def retention(self, deciders: Callable[[UUID], frozenset[str]], overlaps: Overlaps) -> InProcessRetention:
        """The commands of retention; ``deciders`` says who must answer an access request, by its operation."""
        on = self._on
        ended = EndedHolds(
            sources=on.sources,
            proceedings=self._proceedings,
            holds=self.holds,
            deciders=deciders,
            request_place=self._place_of_request,
        )
        keys = EndHolds(
            lines=self._lines,
            released=self._proceedings.released,
            kept=self._kept_keys,
            store=self._store,
            vault=on.vault,
            register=self._register,
            reader=self._events,
            wait_for=self._wait_for,
            clock=self._clock,
        )
        weeks = RotateWeek(store=self._store, vault=on.vault, register=self._register, clock=self._clock)
        return InProcessRetention(
            wait_until_seen=self._wait_until_seen,
            days=self._days,
            ended_holds=ended,
            hold_keys=keys,
            erasures=self._steps,
            sweeps=self._sweeps,
            weeks=weeks,
            overlaps=overlaps,
        )

    def replay(self) -> ReplayRegister:
        """What destroys again, after a restore, what had been destroyed before."""
        return ReplayRegister(
            register=self.register_file,
            mark=self.mark,
            erasures=self.erasures,
            steps=self._steps,
            days=self._days,
            holds=self.holds,
            store=self._store,
            identities=self._on.identities,
            vault=self._on.vault,
            reader=self._events,
            writer=self._on.writer,
        )

    def _wait_until_seen(self) -> None:
        """Wait until the projections have seen the heads of all lanes as they are now."""
        heads = self._events.heads()
        for lane in self._store.lanes():
            self._wait_for(lane, heads[lane])

    def _place_of_request(self, operation_id: UUID) -> tuple[int, UUID]:
        stream_id = request_stream(operation_id)
        return self._on.pseudonyms.stream_lane(stream_id), stream_id

    def _wire_erasures(self) -> Erasures:
        on = self._on
        return Erasures(
            sources=on.sources,
            chooser=DossierChooser(reader=on.sources.events, store=self._store, pseudonyms=on.pseudonyms),
            proceedings=self._proceedings,
            unmet=UnmetDuties(facts=on.facts, register=on.sources.register),
            reader=self._erasure_reader,
            writer=on.writer,
            pseudonyms=on.pseudonyms,
        )

    def _wire_sweeps(self) -> Sweep:
        on = self._on
        early = EarlyEnds(sealed_longer=PostgresSealedLonger(on.pool), register=self._register, clock=self._clock)
        return Sweep(
            lines=self._lines,
            sweeper=PostgresSweeper(pool=on.pool),
            early=early,
            writer=on.writer,
            wait_for=self._wait_for,
            lanes=self._store.lanes(),
            clock=self._clock,
        )

    def _wire_steps(self) -> ErasureSteps:
        on = self._on
        return ErasureSteps(
            reader=self._erasure_reader,
            lines=self._lines,
            store=self._store,
            identities=on.identities,
            vault=on.vault,
            register=self._register,
            writer=on.writer,
            pseudonyms=on.pseudonyms,
            sweep=self._sweeps.sweep,
            wait_for=self._wait_for,
            clock=self._clock,
        )

    def _wire_days(self) -> EndDays:
        on = self._on
        return EndDays(
            writer=on.writer,
            lines=self._lines,
            kept=self._kept_keys,
            store=self._store,
            vault=on.vault,
            register=self._register,
            wait_for=self._wait_for,
            clock=self._clock,
        )


def wait_long(wait_for: Callable[[int, int, float], None], lane: int, position: int) -> None:
    """Wait for the projections as long as retention may: nobody is kept from his answer by it."""
    wait_for(lane, position, limits.RETENTION_WAIT_SECONDS_MAX)
