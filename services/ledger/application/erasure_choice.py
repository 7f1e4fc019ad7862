"""Which dossiers an erasure destroys: those of one controller about one person, all of them or one case or covenant.

What belongs together under one key goes together: a dossier is one controller's by its name, so nothing of another
controller's is ever among it. Blocking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import msgspec

from services.ledger.application.ports import EventReader
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.retention_ports import KeyStore
from services.ledger.contract.events import DestroyedRecords, Envelope
from services.ledger.contract.forgetting import ErasureScope
from services.ledger.domain.scope import name_scope
from services.ledger.domain.stored import DossierGeneration, StoredEvent

Place = tuple[int, UUID]
"""(lane, stream)."""
Seen = tuple[StoredEvent, Envelope]
IsWanted = Callable[[Envelope], bool]
"""Whether the dossier in which an event stands is one that the erasure is about."""


class Choice(msgspec.Struct, frozen=True):
    """What is destroyed of one stream: the generations, and the events under them.

    ``spared``: the positions of those of which the content goes and the envelope stands (``erasure_spares``).
    """

    place: Place
    dossiers: tuple[DossierGeneration, ...]
    events: tuple[Seen, ...]
    spared: tuple[int, ...] = ()

    @property
    def records(self) -> tuple[Seen, ...]:
        """The events of which nothing is left."""
        return tuple(pair for pair in self.events if pair[0].position not in self.spared)

    @property
    def positions(self) -> list[tuple[int, int]]:
        """(lane, position) of every event."""
        return [(event.lane, event.position) for event, _ in self.events]


class DossierChooser:
    """Finds the living dossiers of a person that an erasure is about."""

    def __init__(self, *, reader: EventReader, store: KeyStore, pseudonyms: Pseudonyms) -> None:
        """Read events from ``reader``, the state of dossiers from ``store``."""
        self._reader = reader
        self._store = store
        self._pseudonyms = pseudonyms

    def choose(self, streams: Sequence[Place], controller: str, scope: ErasureScope | None) -> list[Choice]:
        """What would be destroyed of these streams; nothing of a stream without such a dossier."""
        wanted = self._wanted(controller, scope)
        found = [self._choose(place, wanted) for place in streams]
        return [choice for choice in found if choice.dossiers]

    def version(self, place: Place) -> int:
        """How many events a stream has, swept ones too."""
        events = self._reader.events_of_stream(*place)
        return events[-1].version if events else 0

    def seen(self, place: Place) -> list[Seen]:
        """The events of a stream whose envelope was not swept."""
        events = self._reader.events_of_stream(*place)
        return [(event, event.read_envelope()) for event in events if event.envelope is not None]

    def _choose(self, place: Place, wanted: IsWanted) -> Choice:
        seen = self.seen(place)
        meant = {dossier_of(event, envelope) for event, envelope in seen if wanted(envelope)}
        living = {
            (*place, scope, generation)
            for scope, generation, state in self._store.dossiers_of(*place)
            if state == "active"
        }
        dossiers = tuple(sorted(dossier for dossier in meant if dossier in living))
        return Choice(place, dossiers, events_under(seen, dossiers))

    def _wanted(self, controller: str, scope: ErasureScope | None) -> IsWanted:
        """What tells the dossiers of a scope: its name; a covenant without an annex means all of its annexes."""
        covenant = None if scope is None else scope.covenant
        case_id = None if scope is None else scope.case_id
        if covenant is None and case_id is None:
            return lambda envelope: envelope.controller == controller
        if case_id is not None or (covenant is not None and covenant.annex is not None):
            named = (None, None) if covenant is None else (covenant.id, covenant.annex)
            exact = self._pseudonyms.scope(name_scope(controller, case_id, *named)).hex()
            return lambda envelope: envelope.scope == exact
        return lambda envelope: (
            covenant is not None
            and envelope.covenant == covenant.id
            and envelope.scope
            == self._pseudonyms.scope(name_scope(controller, None, covenant.id, envelope.annex)).hex()
        )


def dossier_of(event: StoredEvent, envelope: Envelope) -> DossierGeneration | None:
    """The dossier that an event is sealed under; None for one that was never sealed."""
    if envelope.scope is None or envelope.generation is None:
        return None
    return (event.lane, event.stream_id, bytes.fromhex(envelope.scope), envelope.generation)


def events_under(seen: Iterable[Seen], dossiers: Iterable[DossierGeneration]) -> tuple[Seen, ...]:
    """The events that are sealed under these generations."""
    wanted = frozenset(dossiers)
    return tuple((event, envelope) for event, envelope in seen if dossier_of(event, envelope) in wanted)


def count_destroyed(events: Iterable[Seen], controller: str) -> tuple[DestroyedRecords, ...]:
    """How many records there are of each covenant annex and activity, for the declaration of destruction."""
    counted = Counter((e.covenant or "", e.annex or "", e.activity or "") for _, e in events)
    return tuple(
        DestroyedRecords(
            controller=controller,
            count=count,
            covenant=covenant or None,
            annex=annex or None,
            activity=activity or None,
        )
        for (covenant, annex, activity), count in sorted(counted.items())
    )
