"""What the governance register holds: the bodies of the governance calls of the contract."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from services.law.act import SecrecyRegime
from services.law.learning import Checklist, Closing, NearMiss, Opinion, Question


class _Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Common wire rules of the governance bodies."""


class ProcessorContract(_Shape, frozen=True, kw_only=True):
    """The art. 28(3) AVG contract of a processor."""

    reference: str | None = None
    from_: date | None = msgspec.field(default=None, name="from")
    until: date | None = None


_EVERYTHING: Final = frozenset({"all", "*"})
"""What a mandate may say instead of naming no act."""

PartyKind = Literal["public-body", "police", "judicial", "private-controller", "processor", "volunteer-body", "citizen"]


class Party(_Shape, frozen=True, kw_only=True):
    """A controller (an organ, never "the municipality"), a processor, or a citizen reporter.

    ``contract`` absent (UNSET) means unknown; ``null`` states that there is none. ``licence``: of a security firm
    (Wpbr 2). ``secrecy``: the professional secrecy that its data are under as a rule.
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
    licence: str | None = None
    secrecy: SecrecyRegime | None = None
    contract: ProcessorContract | msgspec.UnsetType | None = msgspec.UNSET
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
    """One approach (aanpak) under a covenant; ``retention`` maps a phase to a term.

    ``preventive``: acts on somebody need a recorded threshold (vermoeden). ``agreements``: who does what.
    """

    id: str
    name: str | None = None
    agreements: str | None = None
    preventive: bool = False
    consultation: str | None = None
    work_process: str | None = None
    criteria: Criteria | None = None
    necessity: AnnexNecessity | None = None
    data_categories: tuple[str, ...] = ()
    retention: dict[str, str] = {}


class Partner(_Shape, frozen=True, kw_only=True):
    """A partner of a covenant, from and until a day; both inclusive. ``ground``: the statute it takes part under."""

    party: str
    from_: date | None = msgspec.field(default=None, name="from")
    until: date | None = None
    role: Literal["partner", "incidental"] = "partner"
    ground: str | None = None


class Arrangement(_Shape, frozen=True, kw_only=True):
    """The art. 26 AVG arrangement: who answers, who informs, who reports a breach."""

    contact_point: str | None = None
    informs: str | None = None
    reports_breach: str | None = None


class Covenant(_Shape, frozen=True, kw_only=True):
    """One version of a covenant. Regime: 1 ground per party, 2 published criteria, 3 reasoned necessity per act.

    ``umbrella`` true: it is one; an id: the umbrella it stands under, from which it takes what it leaves out.
    ``themes``: the approaches that an umbrella names; none else may be an annex under it. ``summary``: the covenant in
    plain language, shown at the moment of use.
    """

    id: str
    version: int
    valid_from: date
    valid_until: date | None = None
    umbrella: bool | str | None = None
    themes: tuple[str, ...] = ()
    summary: str | None = None
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
    """A decision such as Wpg 19 or 20, whom it covers and on which conditions.

    ``operation_id``: the act it is about. ``follows``: the ids of the opinions that it follows.
    """

    id: str
    kind: str
    by: str
    agreed_with: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    data_categories: tuple[str, ...] | None = None
    purpose: str | None = None
    partnership: str | None = None
    conditions: tuple[str, ...] = ()
    operation_id: str | None = None
    follows: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


class Mandate(_Shape, frozen=True, kw_only=True):
    """Power to act in the name of another party.

    ``acts`` name verbs, classes of verbs, ``notice`` or ``exemption``; empty, ``all`` and ``*`` mean everything.
    """

    id: str
    from_: str = msgspec.field(name="from")
    to: str
    acts: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None

    def covers(self, *names: str) -> bool:
        """Whether it is for what goes by one of these names: of an act its verb and its class."""
        return not self.acts or not _EVERYTHING.union(names).isdisjoint(self.acts)


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


class Addendum(_Shape, frozen=True, kw_only=True):
    """What joins a covenant from a day on without a new version: annexes (by id, new or replaced) and partners."""

    id: str
    version: int = 1
    covenant: str
    annexes: tuple[Annex, ...] = ()
    partners: tuple[Partner, ...] = ()
    published: date | None = None
    valid_from: date
    valid_until: date | None = None


class Municipality(_Shape, frozen=True, kw_only=True):
    """A municipality while it exists; ``merged_into`` is the id of its successor from the day after ``valid_until``."""

    id: str
    name: str
    code: str | None = None
    merged_into: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None


class Interpretation(_Shape, frozen=True, kw_only=True):
    """How a covenant is read from a day on (the regime), by whom that was decided and why."""

    id: str
    version: int = 1
    covenant: str
    regime: Literal[1, 2, 3]
    by: str
    text: str
    valid_from: date
    valid_until: date | None = None


class Acknowledgement(_Shape, frozen=True, kw_only=True):
    """A member of staff (an opaque key) has read the card of one version of a covenant."""

    id: str
    covenant: str
    version: int
    party: str
    reader: str
    valid_from: date
    valid_until: date | None = None


Entry = (
    Party
    | Covenant
    | Decision
    | Mandate
    | Activity
    | Purpose
    | Addendum
    | Municipality
    | Interpretation
    | Acknowledgement
    | Question
    | Checklist
    | Closing
    | Opinion
    | NearMiss
)
