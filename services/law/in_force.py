"""A covenant on one day, compiled: sets instead of lists, so that a rule asks with one lookup."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace

from services.law.covenants.phase_terms import inherited_phases, known_terms, shared_terms
from services.law.covenants.resolving import Resolved
from services.law.covenants.territory import Places, towns_of
from services.law.governance import Annex, AnnexNecessity, Covenant, Criteria, Partner

REGIME_GROUND_PER_PARTY: Final = 1
REGIME_PUBLISHED_CRITERIA: Final = 2
REGIME_NECESSITY_PER_ACT: Final = 3

WGS_IN_FORCE_FROM: Final = date(2025, 3, 1)
"""The day from which the WGS and its BGS hold (Stb. 2024, 198)."""

_NO_TERMS: Final[Mapping[str, str]] = {}


class AnnexInForce:
    """One approach under a covenant on a day: its categories, exclusions, terms and reasoned necessity.

    ``supplies_necessity``: whether an act may lean on the annex instead of reasoning itself. ``published``: when the
    text of the annex became public. ``terms``: by the phase as the annex spells it, and in the word of the contract.
    """

    __slots__ = ("annex", "categories", "excluded_statuses", "published", "supplies_necessity", "terms")

    def __init__(
        self, annex: Annex, regime: int | None, published: date | None, day: date, inherited: Collection[str] = ()
    ) -> None:
        self.annex = annex
        self.categories = frozenset(annex.data_categories)
        self.excluded_statuses = frozenset((annex.criteria or Criteria()).excludes_status)
        self.terms = known_terms(annex.retention, inherited)
        self.published = published
        self.supplies_necessity = _reasons_necessity(annex) and _may_stand_in(regime, published, day)

    @property
    def made_of(self) -> tuple[object, ...]:
        """What tells it from the same annex on another day."""
        return self.annex, self.published, self.supplies_necessity


class CovenantInForce:
    """A covenant version with its partners, territory and annexes as they are on one day.

    ``covenant`` is the covenant as it is that day: with what it takes from its umbrella, its addenda, and the regime
    under which it is read, and as an AVG covenant while there was no WGS; ``stated`` as it was registered; ``origins``
    say where the difference comes from.
    ``terms``: the term of a phase for an act that names no annex, where there is but one annex or all give the same.
    ``taking_part``: whoever is a partner that day, with the entry that says so. ``municipalities``: every name, of
    that day or before, of the municipalities in its territory, as ``Places.key`` has it.
    """

    __slots__ = (
        "annexes",
        "covenant",
        "incidental",
        "municipalities",
        "origins",
        "partners",
        "stated",
        "taking_part",
        "terms",
    )

    def __init__(self, resolved: Resolved, day: date, places: Places) -> None:
        self.covenant: Covenant = _in_law_of(day, resolved.covenant)
        self.stated: Covenant = resolved.stated
        self.origins = resolved.origins
        self.municipalities = places.every_name_of(towns_of(self.covenant))
        self.taking_part = partners_on(self.covenant, day)
        self.partners = frozenset(self.taking_part)
        self.incidental = frozenset(party for party, entry in self.taking_part.items() if entry.role == "incidental")
        self.annexes = {annex.id: self._compile(annex, resolved, day) for annex in self.covenant.annexes}
        self.terms = shared_terms(annex.terms for annex in self.annexes.values())

    def _compile(self, annex: Annex, resolved: Resolved, day: date) -> AnnexInForce:
        inherited = inherited_phases(annex.id, self.origins)
        return AnnexInForce(annex, self.covenant.regime, resolved.published.get(annex.id), day, inherited)

    def terms_under(self, annex_id: str | None) -> Mapping[str, str]:
        """The term by phase for an act that names this annex, or none; empty for an annex that is not there."""
        if annex_id is None:
            return self.terms
        annex = self.annexes.get(annex_id)
        return _NO_TERMS if annex is None else annex.terms

    @property
    def made_of(self) -> tuple[object, ...]:
        """What tells it from the same covenant on another day: two that are made of the same answer the same."""
        annexes = [annex.made_of for annex in self.annexes.values()]
        return self.covenant, self.stated, self.origins, self.municipalities, self.taking_part, annexes


def _in_law_of(day: date, covenant: Covenant) -> Covenant:
    """Before the WGS a table that now rests on it was an AVG covenant like any other."""
    return covenant if day >= WGS_IN_FORCE_FROM else replace(covenant, legal_frame="avg-covenant")


def partners_on(covenant: Covenant, day: date) -> dict[str, Partner]:
    """Whoever is a partner on the day; of several entries of one party a full one goes before an incidental one."""
    found: dict[str, Partner] = {}
    for partner in covenant.partners:
        holds = (partner.from_ is None or partner.from_ <= day) and (partner.until is None or day <= partner.until)
        if holds and (partner.party not in found or partner.role == "partner"):
            found[partner.party] = partner
    return found


def _reasons_necessity(annex: Annex) -> bool:
    reasoned = annex.necessity or AnnexNecessity()
    return bool((reasoned.proportionality or "").strip() and (reasoned.subsidiarity or "").strip())


def _may_stand_in(regime: int | None, published: date | None, day: date) -> bool:
    """Regime 3 wants a reason per act; regime 2 leans on criteria that were public on the day of the act."""
    if regime == REGIME_NECESSITY_PER_ACT:
        return False
    if regime == REGIME_PUBLISHED_CRITERIA:
        return published is not None and published <= day
    return True
