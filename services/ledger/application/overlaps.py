"""Counts how many persons parties have in common without a name leaving any of them (S39).

The parties work out pseudonyms under the secret of this one overlap; the ledger blinds them once more and keeps them
until all have handed in, under a key that no party is given. Only sizes come out. Then the vault key of both is
destroyed, so that nothing that was written down meanwhile, a backup of the database included, can be linked to anybody,
also not by a party that kept its secret. While it runs whoever has both the
database and the vault could try numbers one by one: it is a processing of personal data and recorded as such.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from services.law.act import Act
from services.law.local_time import amsterdam_day
from services.law.overlap import count_overlap
from services.ledger.application.confirm import Confirmer
from services.ledger.application.overlap_acts import (
    asking,
    faults_of_asking,
    faults_of_handing_in,
    handing_in,
    pseudonyms_of,
)
from services.ledger.application.overlap_errors import OverlapOver, OverlapsTooMany
from services.ledger.application.overlap_ports import Overlap, OverlapStore
from services.ledger.application.overlap_secrets import OverlapSecrets
from services.ledger.application.ports import RegisterSource, Vault
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.record import Recorder
from services.ledger.contract.errors import IntentConfirmed, NotAllowed, NotFound
from services.ledger.contract.messages import Caller, Submission
from services.ledger.contract.overlaps import OverlapAnswer, OverlapBody, OverlapPersons
from services.ledger.domain.identity import operation_id_of
from services.runtime import base64url, limits
from services.runtime.clock import Clock
from services.runtime.errors import GrootboekError, Rejected
from services.runtime.ids import Ids

A_DAY: Final = timedelta(days=1)
A_SECOND: Final = timedelta(seconds=1)


class Overlaps:
    """The verbs ``open``, ``read``, ``hand_in``, ``withdraw`` and ``settle`` of overlaps."""

    def __init__(
        self,
        *,
        store: OverlapStore,
        recorder: Recorder,
        confirmer: Confirmer,
        register: RegisterSource,
        vault: Vault,
        pseudonyms: Pseudonyms,
        ids: Ids,
        clock: Clock,
    ) -> None:
        """Keep overlaps in ``store``; every step is judged and recorded through ``recorder`` and ``confirmer``.

        The secrets live in ``vault``.
        """
        self._store = store
        self._recorder = recorder
        self._confirmer = confirmer
        self._register = register
        self._secrets = OverlapSecrets(vault=vault, ids=ids)
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def open(self, caller: Caller, key: str, body: OverlapBody) -> OverlapAnswer:
        """Ask the parties; raises Rejected, IntentRefused, or OverlapsTooMany for one too many in a day."""
        faults = faults_of_asking(body, self._register.current().on(amsterdam_day(self._clock.now())))
        if faults:
            raise Rejected(faults)
        overlap_id = operation_id_of(caller.party, key)
        await asyncio.to_thread(self._refuse_one_too_many, caller.party, overlap_id)
        await self._record(caller, key, asking(body, self._clock.now()), body)
        opened = await asyncio.to_thread(self._open, caller, key, overlap_id, body)
        return self._answer(opened, caller.party)

    async def read(self, caller: Caller, overlap_id: str) -> OverlapAnswer:
        """How an overlap stands, with its secret for a party that has yet to hand in; NotFound for others."""
        return self._answer(await asyncio.to_thread(self._find, caller, overlap_id), caller.party)

    async def hand_in(self, caller: Caller, overlap_id: str, key: str, body: OverlapPersons) -> OverlapAnswer:
        """Take a party's pseudonyms, once it may disclose them; the last one in has the count in the answer.

        The same body again gives how it stands, also when it is over; another one raises IdempotencyConflict.
        """
        overlap = await asyncio.to_thread(self._find, caller, overlap_id)
        faults = faults_of_handing_in(body, caller.party, self._register.current().on(amsterdam_day(self._clock.now())))
        if faults:
            raise Rejected(faults)
        if caller.party not in overlap.parties:
            raise NotFound
        is_new = caller.party not in overlap.handed_in
        if is_new and not self._is_running(overlap):
            raise OverlapOver
        act = handing_in(body, overlap, caller.party, self._clock.now())
        if is_new:
            await self._record(caller, key, act, body)
        # One key per party and overlap, whatever key the party sends: it hands in once, and another body conflicts.
        fact = msgspec.structs.replace(act, tense="fact", intent_id=key)
        await self._record(caller, f"{overlap.id}/handed-in", fact, body)
        if is_new:
            await asyncio.to_thread(self._keep, overlap, caller.party, body)
            await self._settle_now(overlap)
        return await self.read(caller, overlap_id)

    async def withdraw(self, caller: Caller, overlap_id: str) -> OverlapAnswer:
        """End an overlap without a count: whoever asked for it may, as long as it runs."""
        overlap = await asyncio.to_thread(self._find, caller, overlap_id)
        if caller.party != overlap.author:
            raise NotFound
        await asyncio.to_thread(self._store.end, overlap.lane, overlap.id, "withdrawn")
        await self._settle_now(overlap)
        return await self.read(caller, overlap_id)

    async def settle(self) -> int:
        """End what is past its time; destroy the key of what is over and record that it was counted. Repeatable.

        One that fails keeps no other waiting; what it raised is raised when the others are done.
        """
        unsettled = await asyncio.to_thread(self._store.unsettled, self._clock.now())
        failed: Exception | None = None
        for overlap in unsettled:
            try:
                await self._settle(overlap)
            except Exception as error:  # noqa: BLE001 - raised below, after the others had their turn
                failed = error
        if failed is not None:
            raise failed
        return len(unsettled)

    async def _settle_now(self, overlap: Overlap) -> None:
        """Settle one as soon as it is over; what fails here is done, and said, by the next round of retention."""
        found = await asyncio.to_thread(self._store.find, overlap.lane, overlap.id)
        if found is not None and found.state != "open":
            with contextlib.suppress(GrootboekError):
                await self._settle(found)

    async def _settle(self, overlap: Overlap) -> None:
        if overlap.state == "open":
            await asyncio.to_thread(self._store.end, overlap.lane, overlap.id, "expired")
        await asyncio.to_thread(self._secrets.destroy, overlap.id)
        # Looked up anew: the last party may have handed in since it was found open and late.
        ended = await asyncio.to_thread(self._store.find, overlap.lane, overlap.id)
        if ended is not None and ended.state == "counted":
            await self._record_count(ended)
        await asyncio.to_thread(self._store.settle, overlap.lane, overlap.id)

    async def _record_count(self, overlap: Overlap) -> None:
        """The asking becomes a fact, unless its author may no longer act, or confirmed it himself."""
        with contextlib.suppress(NotAllowed, IntentConfirmed):
            await self._confirmer.confirm(Caller(party=overlap.author), overlap.key, None, f"{overlap.key}/counted")

    async def _record(self, caller: Caller, key: str, act: Act, about: object) -> None:
        """Judge and keep one step; what is refused, malformed or not allowed is raised."""
        canonical = msgspec.json.encode((act.operation, act.tense, about), order="deterministic")
        (answer,) = await self._recorder.record(caller, (Submission(body=act, key=key, canonical=canonical),))
        if isinstance(answer, GrootboekError):
            raise answer

    def _refuse_one_too_many(self, party: str, overlap_id: UUID) -> None:
        if self._store.find(self._pseudonyms.stream_lane(overlap_id), overlap_id) is None:
            wait_seconds = self._wait_seconds(party, self._clock.now())
            if wait_seconds > 0:
                raise OverlapsTooMany(wait_seconds)

    def _wait_seconds(self, party: str, now: datetime) -> int:
        """The fewest seconds after which a party may ask for another one; 0 when it may do so now."""
        first = self._store.full_since(party, now - A_DAY, limits.OVERLAPS_PER_DAY_MAX)
        # One that is exactly a day old still counts.
        return 0 if first is None else (first + A_DAY - now) // A_SECOND + 1

    def _open(self, caller: Caller, key: str, overlap_id: UUID, body: OverlapBody) -> Overlap:
        """The overlap as it is kept: one that was asked before needs no secret, and may have no key any more."""
        lane, now = self._pseudonyms.stream_lane(overlap_id), self._clock.now()
        if (known := self._store.find(lane, overlap_id)) is not None:
            return known
        asked = Overlap(
            lane=lane,
            id=overlap_id,
            key=key,
            controller=body.controller,
            author=caller.party,
            parties=tuple(sorted(body.parties)),
            opened_at=now,
            closes_at=now + timedelta(hours=limits.OVERLAP_HOURS_MAX),
            wrapped_secret=self._secrets.make(overlap_id),
        )
        opened = self._store.open(asked, now - A_DAY, limits.OVERLAPS_PER_DAY_MAX)
        if opened is None:
            self._secrets.destroy(overlap_id)
            raise OverlapsTooMany(self._wait_seconds(caller.party, now))
        return opened

    def _find(self, caller: Caller, overlap_id: str) -> Overlap:
        try:
            wanted = UUID(overlap_id)
        except ValueError:
            raise NotFound from None
        overlap = self._store.find(self._pseudonyms.stream_lane(wanted), wanted)
        if overlap is None or caller.party not in {overlap.author, overlap.controller, *overlap.parties}:
            raise NotFound
        return overlap

    def _keep(self, overlap: Overlap, party: str, body: OverlapPersons) -> None:
        """Raises OverlapOver when it ended since it was found."""
        blinded = self._secrets.blind(overlap, pseudonyms_of(body))
        if blinded is None or not self._store.hand_in(overlap.lane, overlap.id, party, blinded, count_overlap):
            raise OverlapOver

    def _is_running(self, overlap: Overlap) -> bool:
        return overlap.state == "open" and self._clock.now() < overlap.closes_at

    def _answer(self, overlap: Overlap, party: str) -> OverlapAnswer:
        owes = party in overlap.parties and party not in overlap.handed_in and self._is_running(overlap)
        secret = self._secrets.given(overlap) if owes else None
        return OverlapAnswer(
            id=str(overlap.id),
            state=overlap.state,
            controller=overlap.controller,
            parties=overlap.parties,
            handed_in=overlap.handed_in,
            closes_at=overlap.closes_at,
            secret=None if secret is None else base64url.encode(secret),
            count=overlap.count,
        )
