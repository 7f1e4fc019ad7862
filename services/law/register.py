"""The governance register as the judgement sees it: who, under which covenant, on which day.

Value types are the bodies of the governance calls of the contract. ``Register`` is immutable
and answers by valid-time; known-time is chosen by building it from what was known
(``Register.known_at``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

import msgspec


class _Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Common wire rules of the governance bodies."""


class ProcessorContract(_Shape, frozen=True, kw_only=True):
    """The art. 28(3) AVG contract of a processor."""

    reference: str | None = None
    from_: date | None = msgspec.field(default=None, name="from")
    until: date | None = None


PartyKind = Literal["public-body", "police", "judicial", "private-controller", "processor", "volunteer-body", "citizen"]


class Party(_Shape, frozen=True, kw_only=True):
    """A controller (an organ, never "the municipality"), a processor, or a citizen reporter.

    ``contract`` absent (UNSET) means unknown; ``null`` states that there is none.
    """

    id: str
    kind: PartyKind
    name: str | None = None
    oin: str | None = None
    organ: str | None = None
    bsn_entitled_under: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    municipality: str | None = None
    processes_for: str | None = None
    contract: ProcessorContract | None | msgspec.UnsetType = msgspec.UNSET
    valid_from: date | None = None
    valid_until: date | None = None


class Criteria(_Shape, frozen=True, kw_only=True):
    """Who belongs on the list and who does not."""

    include: str | None = None
    exclude: str | None = None
    ends: str | None = None
    excludes_status: tuple[str, ...] = ()


class AnnexNecessity(_Shape, frozen=True, kw_only=True):
    """The necessity that the annex has reasoned beforehand (regime 2)."""

    proportionality: str | None = None
    subsidiarity: str | None = None


class Annex(_Shape, frozen=True, kw_only=True):
    """One approach (aanpak) under a covenant; ``retention`` maps a phase to a term."""

    id: str
    consultation: str | None = None
    work_process: str | None = None
    criteria: Criteria | None = None
    necessity: AnnexNecessity | None = None
    data_categories: tuple[str, ...] = ()
    retention: dict[str, str] = {}


class Partner(_Shape, frozen=True, kw_only=True):
    """A partner of a covenant, from and until a day; both inclusive."""

    party: str
    from_: date | None = msgspec.field(default=None, name="from")
    until: date | None = None
    role: Literal["partner", "incidental"] = "partner"


class Arrangement(_Shape, frozen=True, kw_only=True):
    """The art. 26 AVG arrangement: who answers, who informs, who reports a breach."""

    contact_point: str | None = None
    informs: str | None = None
    reports_breach: str | None = None


class Covenant(_Shape, frozen=True, kw_only=True):
    """One version of a covenant. Regime: 1 ground per party, 2 published criteria, 3 reasoned necessity per act."""

    id: str
    version: int
    valid_from: date
    valid_until: date | None = None
    umbrella: bool | str | None = None
    regime: Literal[1, 2, 3] | None = None
    purpose: str | None = None
    territory: tuple[str, ...] = ()
    municipalities: tuple[str, ...] | None = None
    partners: tuple[Partner, ...] = ()
    arrangement: Arrangement | None = None
    record_retention: str | None = None
    coercive: bool = False
    published: date | None = None
    legal_frame: Literal["avg-covenant", "wgs-zvh"] = "avg-covenant"
    annexes: tuple[Annex, ...] = ()

    def annex(self, annex_id: str | None) -> Annex | None:
        """The annex of that id, or None."""
        return next((a for a in self.annexes if a.id == annex_id), None)

    def partner_on(self, party: str, day: date) -> bool:
        """Whether ``party`` is a partner on ``day`` (both ends inclusive)."""
        return any(
            p.party == party and (p.from_ is None or p.from_ <= day) and (p.until is None or day <= p.until)
            for p in self.partners
        )


class Decision(_Shape, frozen=True, kw_only=True):
    """A decision such as Wpg 19 or 20, with whom it covers and its conditions."""

    id: str
    kind: str
    by: str
    agreed_with: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    data_categories: tuple[str, ...] | None = None
    purpose: str | None = None
    partnership: str | None = None
    conditions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


class Mandate(_Shape, frozen=True, kw_only=True):
    """Power to act in the name of another party; ``acts`` empty means all acts."""

    id: str
    from_: str = msgspec.field(name="from")
    to: str
    acts: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


class Activity(_Shape, frozen=True, kw_only=True):
    """A processing activity of the art. 30 AVG register, one version."""

    id: str
    version: int = 1
    controller: str
    purpose: str | None = None
    name: str | None = None
    subject_categories: tuple[str, ...] = ()
    data_categories: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    retention: str | None = None
    legal_basis: str | dict[str, str | None] | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class Purpose(_Shape, frozen=True, kw_only=True):
    """A purpose (doelbinding), one version of its text."""

    id: str
    version: int = 1
    text: str
    valid_from: date | None = None
    valid_until: date | None = None


Entry = Party | Covenant | Decision | Mandate | Activity | Purpose


class Known(msgspec.Struct, frozen=True):
    """A register entry and when the ledger came to know it: position in the register lane and instant."""

    entry: Entry
    position: int
    recorded_at: datetime


class Register:
    """What is known at one register position; every lookup takes the day of the act (Europe/Amsterdam).

    Of several entries valid on the day the highest version wins, then the one known last.
    Built once per change and shared: lookups are dictionary reads, so judging stays in microseconds.
    """

    __slots__ = ("_by_kind", "_history", "position")

    def __init__(self, history: Iterable[Known] = ()) -> None:
        self._history: tuple[Known, ...] = tuple(sorted(history, key=lambda k: k.position))
        self.position: int = self._history[-1].position if self._history else 0
        self._by_kind: dict[type[Entry], dict[str, list[Entry]]] = {}
        for known in self._history:
            by_id = self._by_kind.setdefault(type(known.entry), {})
            by_id.setdefault(known.entry.id, []).append(known.entry)
        for by_id in self._by_kind.values():
            for entries in by_id.values():
                entries.reverse()
                entries.sort(key=lambda e: getattr(e, "version", 0), reverse=True)

    def with_known(self, known: Known) -> Register:
        """The register one entry later."""
        return Register((*self._history, known))

    def known_at(self, instant: datetime) -> Register:
        """The register as the ledger knew it at ``instant`` (inclusive)."""
        return Register(k for k in self._history if k.recorded_at <= instant)

    def known_until(self, position: int) -> Register:
        """The register as it stood at a register position (inclusive)."""
        return Register(k for k in self._history if k.position <= position)

    @property
    def history(self) -> tuple[Known, ...]:
        """Everything known, in order of position."""
        return self._history

    def party(self, party_id: str, day: date) -> Party | None:
        """The party as valid on ``day``."""
        return self._valid(Party, party_id, day)  # type: ignore[return-value]

    def covenant(self, covenant_id: str, day: date) -> Covenant | None:
        """The covenant version in force on ``day``."""
        return self._valid(Covenant, covenant_id, day)  # type: ignore[return-value]

    def decision(self, decision_id: str, day: date) -> Decision | None:
        """The decision as valid on ``day``."""
        return self._valid(Decision, decision_id, day)  # type: ignore[return-value]

    def activity(self, activity_id: str, day: date) -> Activity | None:
        """The activity version in force on ``day``."""
        return self._valid(Activity, activity_id, day)  # type: ignore[return-value]

    def purpose(self, purpose_id: str, day: date) -> Purpose | None:
        """The purpose version in force on ``day``."""
        return self._valid(Purpose, purpose_id, day)  # type: ignore[return-value]

    def covenants(self, day: date) -> tuple[Covenant, ...]:
        """Every covenant in force on ``day``, in order of id."""
        return self._all(Covenant, day)  # type: ignore[return-value]

    def mandates(self, day: date) -> tuple[Mandate, ...]:
        """Every mandate in force on ``day``, in order of id."""
        return self._all(Mandate, day)  # type: ignore[return-value]

    def parties(self, day: date) -> tuple[Party, ...]:
        """Every party valid on ``day``, in order of id."""
        return self._all(Party, day)  # type: ignore[return-value]

    def party_ids(self) -> tuple[str, ...]:
        """Every party ever known, in order of id."""
        return tuple(sorted(self._by_kind.get(Party, {})))

    def _valid(self, kind: type[Entry], entry_id: str, day: date) -> Entry | None:
        for entry in self._by_kind.get(kind, {}).get(entry_id, ()):
            if _in_force(entry, day):
                return entry
        return None

    def _all(self, kind: type[Entry], day: date) -> tuple[Entry, ...]:
        found = (self._valid(kind, entry_id, day) for entry_id in sorted(self._by_kind.get(kind, {})))
        return tuple(entry for entry in found if entry is not None)


def _in_force(entry: Entry, day: date) -> bool:
    begins: date | None = entry.valid_from
    ends: date | None = entry.valid_until
    return (begins is None or begins <= day) and (ends is None or day <= ends)
