"""Which categories of data are special (AVG 9) or criminal (AVG 10): a table of ids, English, Dutch and DPV alike.

Only what cannot be read otherwise stands here. A nuisance report is not criminal by itself (UAVG 1); a police report is
or is not, as it tells of a suspect or of a witness: it has a kind of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal[
    "health",
    "ethnicity",
    "political",
    "belief",
    "union",
    "genetic",
    "biometric",
    "sexual",
    "criminal",
    "maybe-criminal",
]

CATEGORIES_CACHED_MAX: Final = 4096
"""Combinations of categories of which the kinds are remembered."""

_IDS_BY_KIND: Final[dict[Kind, tuple[str, ...]]] = {
    "health": (
        "health medical medical-data medical-health mental-health physical-health health-record health-history",
        "individual-health-history family-health-history disability prescription drug-test-result diagnosis addiction",
        "health-data gezondheid gezondheidsgegevens medisch medische-gegevens psychische-gezondheid handicap",
        "verslaving",
    ),
    "ethnicity": ("ethnicity ethnic-origin race afkomst etniciteit ras",),
    "political": ("political political-opinion political-affiliation politieke-voorkeur",),
    "belief": ("religion religious-belief philosophical-belief belief religie geloof levensovertuiging",),
    "union": ("trade-union-membership union-membership vakbond",),
    "genetic": ("genetic genetic-data dna dna-code blood-type genetisch",),
    "biometric": ("biometric biometric-data fingerprint retina facial-print vingerafdruk biometrisch",),
    "sexual": ("sexual sexuality sexual-history sexual-preference sexual-orientation fetish proclivity seksualiteit",),
    "criminal": (
        "criminal criminal-data criminal-record criminal-records criminal-charge criminal-conviction conviction",
        "criminal-offence criminal-offense",
        "criminal-pardon criminal-suspicion justice-data judicial-data prosecution-data imprisonment",
        "court-ban strafblad veroordeling verdenking strafbaar-feit justitiele-gegevens strafvorderlijke-gegevens",
        "strafrechtelijke-gegevens",
    ),
    "maybe-criminal": (
        "police-report police-reports police-data proces-verbaal politiemelding politiemutatie mutatie mutaties",
        "politiegegevens",
    ),
}
KIND_BY_ID: Final[MappingProxyType[str, Kind]] = MappingProxyType(
    {category: kind for kind, lines in _IDS_BY_KIND.items() for line in lines for category in line.split()}
)
"""The kind of each category, by its folded id."""

SPECIAL_KINDS: Final[frozenset[Kind]] = frozenset(_IDS_BY_KIND) - {"criminal", "maybe-criminal"}
"""The kinds of AVG 9(1)."""

_WORD_BOUNDARY: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\s_]+")
_NO_KINDS: Final[frozenset[Kind]] = frozenset()


@lru_cache(maxsize=CATEGORIES_CACHED_MAX)
def kinds_of(categories: tuple[str, ...]) -> frozenset[Kind]:
    """The special and criminal kinds among the categories; empty when there are none."""
    return frozenset(KIND_BY_ID[folded] for folded in map(folded_id, categories) if folded in KIND_BY_ID)


def special_kinds_of(categories: tuple[str, ...]) -> frozenset[Kind]:
    """The kinds of AVG 9(1) among the categories."""
    kinds = kinds_of(categories)
    return kinds & SPECIAL_KINDS if kinds else _NO_KINDS


def folded_id(category: str) -> str:
    """One spelling for all: "pd:MentalHealth", "Mental health" and the IRI of DPV become "mental-health"."""
    local = re.split(r"[#/:]", category.strip())[-1]
    return _WORD_BOUNDARY.sub("-", local).lower()
