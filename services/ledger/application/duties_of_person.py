"""The duties about one person as they stand now, for who must be reminded of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from anyio.to_thread import run_sync

from services.law.inform import exemptions_in_force
from services.ledger.application.person_duties import Obligation, PersonDuties, PersonFile
from services.ledger.application.ports import Bounds
from services.ledger.application.residue_duties import ResidueDuties, is_of_erasure
from services.ledger.application.sources import Place, Sources
from services.ledger.contract.commands import DutyAt
from services.runtime import limits

AHEAD_MAX: Final = timedelta(seconds=limits.CLOCK_AHEAD_SECONDS_MAX)


class DutiesOfPerson:
    """The questions of the notifier; they name nobody, and record no read: nobody reads what they answer."""

    def __init__(self, *, sources: Sources, duties: PersonDuties, residues: ResidueDuties) -> None:
        """Fold with ``duties`` and ``residues`` over ``sources``."""
        self._sources = sources
        self._duties = duties
        self._residues = residues

    async def duties_of(self, lane: int, stream_id: UUID) -> Sequence[DutyAt]:
        """Every duty about the person, or about whom an erasure was, settled or not, in a fixed order."""
        return await run_sync(partial(self._duties_of, (lane, stream_id)))

    async def may_tell_person(self, lane: int, stream_id: UUID) -> bool:
        """Whether no open exemption of any controller forbids an outward message to the person."""
        return await run_sync(partial(self._may_tell, (lane, stream_id)))

    def owing_party(self, lane: int, stream_id: UUID, obligation: str) -> str | None:
        """Who owes an obligation about the person; None when it stands no more (blocking)."""
        files = self._files((lane, stream_id))
        return next((one.party for file in files for one in file.obligations if one.id == obligation), None)

    def _duties_of(self, place: Place) -> list[DutyAt]:
        return [
            view_duty(place, one, may_tell_person=free)
            for file in self._files(place)
            for free in (self._is_free(place, file),)
            for one in file.obligations
        ]

    def _may_tell(self, place: Place) -> bool:
        return all(self._is_free(place, file) for file in self._files(place))

    def _files(self, place: Place) -> list[PersonFile]:
        bounds = self._bounds((place,))
        return self._residues.read((place,), bounds) if is_of_erasure(place) else self._duties.read((place,), bounds)

    def _bounds(self, places: Sequence[Place]) -> Bounds:
        """Now, or the moment of a fact that lies a little ahead of the ledger's clock, so that it is not overlooked."""
        now = self._sources.clock.now()
        linked = {each for group in self._sources.directory.closure(places, now).values() for each in group}
        rows = self._sources.projections.dossier(linked, Bounds(as_of=now + AHEAD_MAX, as_known_at=now))
        return Bounds(as_of=max([now, *(row.occurred_at for row in rows)]), as_known_at=now)

    def _is_free(self, place: Place, file: PersonFile) -> bool:
        """Whether no decision not to tell forbids to write to the person, who has other streams than an erasure.

        One that a clock ahead of ours took forbids it already.
        """
        files = self._duties.read(file.streams, self._bounds(file.streams)) if is_of_erasure(place) else [file]
        now = self._sources.clock.now()
        taken = [exemption for each in files for exemption in each.facts.exemptions]
        return not any(True for at in (now, now + AHEAD_MAX) for _ in exemptions_in_force(taken, at))


def view_duty(place: Place, one: Obligation, *, may_tell_person: bool) -> DutyAt:
    """One obligation as the notifier takes it."""
    covenant, annex = next(iter(sorted(one.scopes, key=str)), (None, None))
    return DutyAt(
        kind=one.kind,
        obligation=one.id,
        party=one.party,
        lane=place[0],
        stream_id=place[1],
        state=one.state,
        due=one.due,
        exempt_until=one.exempt_until,
        missing_elements=one.missing_elements,
        covenant=covenant,
        annex=annex,
        data_categories=one.data_categories,
        may_tell_person=may_tell_person,
        controller=one.controller,
    )
