"""Where a rule can find anything at all, told by the covenant and annex of the act alone.

Asked once per day for each covenant and annex, so that under most of them such a rule costs an act nothing.
"""

from __future__ import annotations

from services.law.in_force import (
    REGIME_GROUND_PER_PARTY,
    REGIME_PUBLISHED_CRITERIA,
    AnnexInForce,
    CovenantInForce,
)
from services.law.wgs_terms import is_under_wgs


def some_covenant(covenant: CovenantInForce | None, _annex: AnnexInForce | None) -> bool:
    """A covenant in force is named."""
    return covenant is not None


def partnership(covenant: CovenantInForce | None, _annex: AnnexInForce | None) -> bool:
    """The covenant is the arrangement of a WGS partnership."""
    return covenant is not None and is_under_wgs(covenant.covenant)


def ground_per_party(covenant: CovenantInForce | None, _annex: AnnexInForce | None) -> bool:
    """The covenant asks of each party a ground of its own (regime 1)."""
    return covenant is not None and covenant.covenant.regime == REGIME_GROUND_PER_PARTY


def published_criteria(covenant: CovenantInForce | None, _annex: AnnexInForce | None) -> bool:
    """The covenant leans on criteria that were public beforehand (regime 2)."""
    return covenant is not None and covenant.covenant.regime == REGIME_PUBLISHED_CRITERIA


def coercive(covenant: CovenantInForce | None, _annex: AnnexInForce | None) -> bool:
    """The covenant calls itself coercive."""
    return covenant is not None and covenant.covenant.coercive


def with_incidental_partners(covenant: CovenantInForce | None, _annex: AnnexInForce | None) -> bool:
    """Somebody takes part for one case only."""
    return covenant is not None and bool(covenant.incidental)


def with_territory(covenant: CovenantInForce | None, _annex: AnnexInForce | None) -> bool:
    """The covenant says which municipalities it covers."""
    return covenant is not None and bool(covenant.municipalities)


def without_informer(covenant: CovenantInForce | None, _annex: AnnexInForce | None) -> bool:
    """The covenant has an arrangement that does not say who informs."""
    if covenant is None or covenant.covenant.arrangement is None:
        return False
    return not covenant.covenant.arrangement.informs


def with_categories(_covenant: CovenantInForce | None, annex: AnnexInForce | None) -> bool:
    """The annex lists the categories of data that were agreed on."""
    return annex is not None and bool(annex.categories)


def with_exclusions(_covenant: CovenantInForce | None, annex: AnnexInForce | None) -> bool:
    """The annex excludes persons with a status."""
    return annex is not None and bool(annex.excluded_statuses)


def preventive(_covenant: CovenantInForce | None, annex: AnnexInForce | None) -> bool:
    """The approach of the annex is preventive."""
    return annex is not None and annex.annex.preventive
