"""A covenant on one day, compiled: sets instead of lists, so that a rule asks with one lookup."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.law.governance import Annex, AnnexNecessity, Covenant, Criteria

REGIME_GROUND_PER_PARTY: Final = 1
REGIME_PUBLISHED_CRITERIA: Final = 2
REGIME_NECESSITY_PER_ACT: Final = 3


class AnnexInForce:
    """One approach under a covenant on a day: its categories, exclusions, terms and reasoned necessity.

    ``supplies_necessity``: whether an act may lean on the annex instead of reasoning itself.
    """

    __slots__ = ("annex", "categories", "excluded_statuses", "supplies_necessity", "terms")

    def __init__(self, annex: Annex, covenant: Covenant, day: date) -> None:
        self.annex = annex
        self.categories = frozenset(annex.data_categories)
        self.excluded_statuses = frozenset((annex.criteria or Criteria()).excludes_status)
        self.terms = annex.retention
        self.supplies_necessity = _reasons_necessity(annex) and _may_stand_in(covenant, day)


class CovenantInForce:
    """A covenant version with its partners, territory and annexes as they are on one day."""

    __slots__ = ("annexes", "covenant", "municipalities", "partners")

    def __init__(self, covenant: Covenant, day: date) -> None:
        self.covenant = covenant
        self.municipalities = frozenset(covenant.territory) | frozenset(covenant.municipalities or ())
        self.partners = frozenset(p.party for p in covenant.partners if covenant.partner_on(p.party, day))
        self.annexes = {annex.id: AnnexInForce(annex, covenant, day) for annex in covenant.annexes}


def _reasons_necessity(annex: Annex) -> bool:
    reasoned = annex.necessity or AnnexNecessity()
    return bool((reasoned.proportionality or "").strip() and (reasoned.subsidiarity or "").strip())


def _may_stand_in(covenant: Covenant, day: date) -> bool:
    """Regime 3 wants a reason per act; regime 2 leans on criteria that were public on the day of the act."""
    if covenant.regime == REGIME_NECESSITY_PER_ACT:
        return False
    if covenant.regime == REGIME_PUBLISHED_CRITERIA:
        return covenant.published is not None and covenant.published <= day
    return True
