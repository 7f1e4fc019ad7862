"""The governance register as the judgement sees it: who, under which covenant, on which day.

``Register`` is immutable and answers by valid-time; known-time is chosen by building it from
what was known (``Register.known_at``). The value types stand in ``governance``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeVar, cast

import msgspec

from services.law.covenants.resolving import UMBRELLAS_MAX, Resolved, resolve
from services.law.covenants.territory import Places
from services.law.day_view import DayView, Found
from services.law.governance import (
    Activity,
    Addendum,
    Annex,
    AnnexNecessity,
    Arrangement,
    Covenant,
    Criteria,
    Decision,
    Entry,
    Interpretation,
    Mandate,
    Municipality,
    Partner,
    Party,
    PartyKind,
    ProcessorContract,
    Purpose,
)
from services.law.in_force import CovenantInForce
from services.law.law_windows import windows_of
from services.law.norm_set import NO_NORMS, NormSet
from services.law.organs import with_organ_named
from services.law.versions import UNJUDGED, standing

__all__ = [
    "Activity",
    "Annex",
    "AnnexNecessity",
    "Arrangement",
    "Covenant",
    "Criteria",
    "DayView",
    "Decision",
    "Entry",
    "Known",
    "Mandate",
    "Partner",
    "Party",
    "PartyKind",
    "ProcessorContract",
    "Purpose",
    "Register",
]

DAYS_CACHED_MAX: Final = 512
"""Days of which a register keeps the compiled view; the cache starts afresh when it is full."""

_MadeT = TypeVar("_MadeT")
_EntryT = TypeVar(
    "_EntryT",
    Party,
    Covenant,
    Decision,
    Mandate,
    Activity,
    Purpose,
    Addendum,
    Municipality,
    Interpretation,
)


class Known(msgspec.Struct, frozen=True):
    """A register entry and when the ledger came to know it: position in the register lane and instant."""

    entry: Entry
    position: int
    recorded_at: datetime


class Register:
    """What is known at one register position; every lookup takes the day of the act (Europe/Amsterdam).

    Of several entries valid on the day the highest version wins, then the one known last; of one version what stands
    of it (``standing``).
    Built once per change and shared: what is in force on a day is compiled at first use, so
    that judging an act stays in microseconds. ``norms`` is the law itself, which is in force on a day as a covenant is;
    without any, every rule counts as in force and checked. ``history`` is what was registered; what is looked up
    calls an organ by the one name that the law has for it (``organs``).
    """

    __slots__ = ("_by_kind", "_compiled", "_history", "_joining", "_readings", "_shared", "_views", "norms", "position")

    def __init__(
        self,
        history: Iterable[Known] = (),
        norms: NormSet = NO_NORMS,
    ) -> None:
        self.norms = norms
        self._readings: dict[str, Interpretation] = {}
        self._history: tuple[Known, ...] = tuple(sorted(history, key=lambda k: k.position))
        self.position: int = self._history[-1].position if self._history else 0
        self._by_kind: dict[type[Entry], dict[str, list[Entry]]] = {}
        self._forget_compiled()
        judged = standing(known for known in self._history if not isinstance(known.entry, UNJUDGED))
        for known in judged:
            by_id = self._by_kind.setdefault(type(known.entry), {})
            by_id.setdefault(known.entry.id, []).append(_compared(known.entry))
        for by_id in self._by_kind.values():
            for entries in by_id.values():
                entries.reverse()
                entries.sort(key=lambda e: getattr(e, "version", 0), reverse=True)
        self._joining = _joining(judged)

    def beside(self, found: Sequence[Known]) -> Register:
        """The register with later entries that no judgement looks at (``UNJUDGED``): what is compiled stays."""
        assert all(isinstance(known.entry, UNJUDGED) for known in found), "a judgement may depend on it"
        later = copy(self)
        later._history = (*self._history, *found)  # noqa: SLF001 - its own class
        later.position = max((known.position for known in found), default=self.position)
        return later

    def known_at(self, instant: datetime) -> Register:
        """The register as the ledger knew it at ``instant`` (inclusive)."""
        return Register((k for k in self._history if k.recorded_at <= instant), self.norms)

    def known_until(self, position: int) -> Register:
        """The register as it stood at a register position (inclusive)."""
        return Register((k for k in self._history if k.position <= position), self.norms)

    def rereading(self, covenant_id: str, regime: Literal[1, 2, 3], since: date = date.max) -> Register:
        """The same register, with one covenant read under another regime on every day; nothing is built anew.

        Save on days that a text or a reading later than ``since`` settles.
        """
        reading = Interpretation(id="", covenant=covenant_id, regime=regime, by="", text="", valid_from=since)
        reread = copy(self)
        reread._readings = self._readings | {covenant_id: reading}  # noqa: SLF001 - its own class
        reread._forget_compiled()  # noqa: SLF001 - what is compiled holds the other reading
        return reread

    def _forget_compiled(self) -> None:
        self._views: dict[date, DayView] = {}
        self._compiled: dict[str, list[CovenantInForce]] = {}
        self._shared: dict[Hashable, Any] = {}

    @property
    def history(self) -> tuple[Known, ...]:
        """Everything known, in order of position."""
        return self._history

    def on(self, day: date) -> DayView:
        """What is in force on ``day``, compiled for fast lookups."""
        view = self._views.get(day)
        if view is None:
            if len(self._views) >= DAYS_CACHED_MAX:
                self._views = {}
            view = self._views[day] = DayView(self, day)
        return view

    def found(self, kind: type[_EntryT], day: date) -> Mapping[str, _EntryT | None]:
        """The entries of a kind by id as they are on ``day``, looked up at first use; one for all days of an era."""

        def find(entry_id: str) -> _EntryT | None:
            return self._valid(kind, entry_id, day)

        return self.shared_by((kind, self.era(kind, day)), lambda: Found(find))

    def era(self, kind: type[_EntryT], day: date) -> int:
        """The number of the span of days around ``day`` in which no entry of the kind begins or ends."""
        return bisect_right(self.shared_by((kind, "turns"), lambda: turns_of(self._by_kind.get(kind, {}))), day)

    def kept_of(self, covenant_id: str, compiled: CovenantInForce) -> CovenantInForce:
        """One covenant for all days on which nothing of it differs, so that many days fit in the processor's cache."""
        known = self._compiled.setdefault(covenant_id, [])
        for kept in known:
            if kept.made_of == compiled.made_of:
                return kept
        known.append(compiled)
        return compiled

    def shared_by(self, key: Hashable, maker: Callable[[], _MadeT]) -> _MadeT:
        """What ``maker`` makes, made once per ``key``; for what few keys tell apart."""
        made = self._shared.get(key)
        if made is None:
            made = self._shared[key] = maker()
        return cast(_MadeT, made)

    def laws_out_of_force(self, day: date) -> frozenset[str]:
        """The laws that are known not to hold on ``day``, by act number, or by the ELI of a regulation.

        One set for all days on which they are the same, so that who asks by it finds it by identity.
        """
        windows = self.shared_by("windows of laws", lambda: windows_of(self.norms))
        laws = frozenset(law for law, window in windows.items() if not window.holds_on(day))
        return self.shared_by(("laws out of force", laws), lambda: laws)

    def party(self, party_id: str, day: date) -> Party | None:
        """The party as valid on ``day``."""
        return self._valid(Party, party_id, day)

    def covenant(self, covenant_id: str, day: date) -> Covenant | None:
        """The covenant as it is on ``day``: with its umbrella, its addenda and its interpretation applied."""
        in_force = self.on(day).covenants[covenant_id]
        return None if in_force is None else in_force.covenant

    def resolved_covenant(self, covenant_id: str, day: date) -> Resolved | None:
        """The covenant as it is on ``day``, and where its fields come from."""
        return self._resolve(covenant_id, day, UMBRELLAS_MAX)

    def decision(self, decision_id: str, day: date) -> Decision | None:
        """The decision as valid on ``day``."""
        return self._valid(Decision, decision_id, day)

    def activity(self, activity_id: str, day: date) -> Activity | None:
        """The activity version in force on ``day``."""
        return self._valid(Activity, activity_id, day)

    def purpose(self, purpose_id: str, day: date) -> Purpose | None:
        """The purpose version in force on ``day``."""
        return self._valid(Purpose, purpose_id, day)

    def covenants(self, day: date) -> tuple[Covenant, ...]:
        """Every covenant in force on ``day``, as it is that day, in order of id."""
        view = self.on(day)
        found = (view.covenants[covenant_id] for covenant_id in self.covenant_ids())
        return tuple(in_force.covenant for in_force in found if in_force is not None)

    def covenant_ids(self) -> tuple[str, ...]:
        """Every covenant ever known, in order of id."""
        return tuple(sorted(self._by_kind.get(Covenant, {})))

    def versions_of(self, covenant_id: str) -> tuple[Covenant, ...]:
        """Every version of a covenant as it stands, in force or not, the highest in front."""
        return cast(tuple[Covenant, ...], tuple(self._by_kind.get(Covenant, {}).get(covenant_id, ())))

    def addenda_of(self, covenant_id: str, day: date) -> tuple[Addendum, ...]:
        """The addenda to a covenant in force on ``day``, in the order in which they came into force."""
        ids = self._joining.get((Addendum, covenant_id), ())
        found = (self._valid(Addendum, addendum_id, day) for addendum_id in ids)
        addenda = [a for a in found if a is not None and a.covenant == covenant_id]
        return tuple(sorted(addenda, key=lambda addendum: addendum.valid_from))

    def interpretation_of(self, covenant_id: str, day: date) -> Interpretation | None:
        """How a covenant is read on ``day``: of several readings the one that began last, then the one known last."""
        ids = self._joining.get((Interpretation, covenant_id), ())
        found = (self._readings.get(covenant_id), *(self._valid(Interpretation, one, day) for one in reversed(ids)))
        readings = (reading for reading in found if reading is not None and reading.covenant == covenant_id)
        return max(readings, key=lambda reading: reading.valid_from, default=None)

    def places(self, day: date) -> Places:
        """The municipalities as they are on ``day``."""
        by_id = self._by_kind.get(Municipality, {})
        return Places(cast(dict[str, list[Municipality]], by_id), day)

    def decisions(self, day: date) -> tuple[Decision, ...]:
        """Every decision in force on ``day``, in order of id."""
        return self._all(Decision, day)

    def mandates(self, day: date) -> tuple[Mandate, ...]:
        """Every mandate in force on ``day``, in order of id."""
        return self._all(Mandate, day)

    def activities(self, day: date) -> tuple[Activity, ...]:
        """Every processing activity in force on ``day``, in order of id."""
        return self._all(Activity, day)

    def parties(self, day: date) -> tuple[Party, ...]:
        """Every party valid on ``day``, in order of id."""
        return self._all(Party, day)

    def party_ids(self) -> tuple[str, ...]:
        """Every party ever known, in order of id."""
        return tuple(sorted(self._by_kind.get(Party, {})))

    def latest_party(self, party_id: str, day: date) -> Party | None:
        """The party as valid on ``day``, else as on the last day before it on which it was; None if on none."""
        ends = [entry.valid_until for entry in self._by_kind.get(Party, {}).get(party_id, ())]
        before = [last for last in ends if last is not None and last < day]
        found = self.party(party_id, day)
        return self.party(party_id, max(before)) if found is None and before else found

    def knows_party(self, party_id: str) -> bool:
        """Whether a party of that id was ever registered, valid or not."""
        return party_id in self._by_kind.get(Party, {})

    def knows_covenant(self, covenant_id: str) -> bool:
        """Whether a covenant of that id was ever registered, in force or not."""
        return covenant_id in self._by_kind.get(Covenant, {})

    def knows_decision(self, decision_id: str) -> bool:
        """Whether a decision of that id was ever registered, in force or not."""
        return decision_id in self._by_kind.get(Decision, {})

    def _resolve(self, covenant_id: str, day: date, umbrellas: int) -> Resolved | None:
        stated = self._valid(Covenant, covenant_id, day)
        if stated is None:
            return None
        above = stated.umbrella if isinstance(stated.umbrella, str) and umbrellas > 0 else None
        umbrella = None if above is None else self._resolve(above, day, umbrellas - 1)
        return resolve(stated, umbrella, self.addenda_of(covenant_id, day), self.interpretation_of(covenant_id, day))

    def _valid(self, kind: type[_EntryT], entry_id: str, day: date) -> _EntryT | None:
        for entry in self._by_kind.get(kind, {}).get(entry_id, ()):
            if _in_force(entry, day):
                return cast(_EntryT, entry)
        return None

    def _all(self, kind: type[_EntryT], day: date) -> tuple[_EntryT, ...]:
        found = (self._valid(kind, entry_id, day) for entry_id in sorted(self._by_kind.get(kind, {})))
        return tuple(entry for entry in found if entry is not None)


def turns_of(entries: Mapping[str, Iterable[Entry]]) -> list[date]:
    """The days on which one of these entries begins, or is no longer in force, ascending."""
    every = [entry for by_id in entries.values() for entry in by_id]
    begins = {entry.valid_from for entry in every if entry.valid_from is not None}
    ended = {entry.valid_until for entry in every if entry.valid_until is not None}
    return sorted(begins | {day + timedelta(days=1) for day in ended if day < date.max})


def _compared(entry: Entry) -> Entry:
    """The entry as the rules compare it: a party with its organ under the name of the tables."""
    return with_organ_named(entry) if isinstance(entry, Party) else entry


def _joining(judged: Iterable[Known]) -> dict[tuple[type[Entry], str], tuple[str, ...]]:
    """The ids of the addenda and interpretations per covenant, those known first in front."""
    found: dict[tuple[type[Entry], str], dict[str, None]] = {}
    for known in judged:
        if isinstance(known.entry, Addendum | Interpretation):
            ids = found.setdefault((type(known.entry), known.entry.covenant), {})
            ids.pop(known.entry.id, None)
            ids[known.entry.id] = None
    return {key: tuple(ids) for key, ids in found.items()}


def _in_force(entry: Entry, day: date) -> bool:
    begins: date | None = entry.valid_from
    ends: date | None = entry.valid_until
    return (begins is None or begins <= day) and (ends is None or day <= ends)
