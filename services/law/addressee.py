"""To whom a notice about a person goes: the person, in a language that fits the age, and who represents it.

The law leaves the addressee open (UAVG 5(4) is about using rights, not about being told), save for the reference index
of the Jeugdwet (7.1.5.1): under 12 the representative, from 12 to 15 both. Read here as the careful practice for every
notice: a child is told itself in words it understands (AVG 12(1)), and under 16 whoever represents it is told too.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from services.law.texts import Text

Addressee = Literal["subject", "representative"]

TOLD_ITSELF_FROM_YEARS: Final = 12
"""Below it the notice goes to the representative (Jeugdwet 7.1.5.1, for the reference index)."""

SPEAKS_FOR_ITSELF_FROM_YEARS: Final = 16
"""From then on nobody is told in its place because of its age (UAVG 5(1), 5(4))."""

ADULT_FROM_YEARS: Final = 18
"""Below it the words are those for a child (AVG 12(1))."""


class Addressees(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told about a person of some age; ``norms`` say why, ``text`` says it to whoever must tell."""

    told: tuple[Addressee, ...]
    as_a_child: bool
    norms: tuple[str, ...]
    text: Text


def years_old(birth_date: date, day: date) -> int:
    """Whole years on ``day``; who was born on 29 February grows older on 1 March where there is none."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


def addressees_on(birth_date: date | None, day: date) -> Addressees:
    """To whom a notice of ``day`` goes; an age that nobody states is taken for an adult's."""
    years = ADULT_FROM_YEARS if birth_date is None else years_old(birth_date, day)
    if years < TOLD_ITSELF_FROM_YEARS:
        return _YOUNG_CHILD
    if years < SPEAKS_FOR_ITSELF_FROM_YEARS:
        return _CHILD
    return _YOUTH if years < ADULT_FROM_YEARS else _ADULT


_YOUNG_CHILD: Final = Addressees(
    told=("representative",),
    as_a_child=True,
    norms=("avg-12-1", "jw-7-1-5-1"),
    text=Text(
        "Jonger dan 12: informeer wie het gezag heeft, en zo mogelijk ook het kind, in zijn eigen woorden. "
        "Is het gezag gedeeld: informeer beide ouders, tenzij dat het kind of een ander in gevaar brengt.",
        "Under 12: tell whoever holds authority, and where possible the child too, in its own words. "
        "Where authority is shared tell both parents, unless that endangers the child or somebody else.",
    ),
)
_CHILD: Final = Addressees(
    told=("subject", "representative"),
    as_a_child=True,
    norms=("avg-12-1", "uavg-5-4", "jw-7-1-5-1"),
    text=Text(
        "12 tot en met 15: informeer de jongere zelf in begrijpelijke taal, en wie het gezag heeft. "
        "Is het gezag gedeeld: informeer beide ouders, tenzij dat het kind of een ander in gevaar brengt.",
        "12 to 15: tell the young person itself in plain language, and whoever holds authority. "
        "Where authority is shared tell both parents, unless that endangers the child or somebody else.",
    ),
)
_YOUTH: Final = Addressees(
    told=("subject",),
    as_a_child=True,
    norms=("avg-12-1", "uavg-5-4"),
    text=Text(
        "16 of 17: informeer de jongere zelf, in begrijpelijke taal; ouders alleen als de jongere dat wil.",
        "16 or 17: tell the young person itself, in plain language; parents only if the young person wants that.",
    ),
)
_ADULT: Final = Addressees(
    told=("subject",),
    as_a_child=False,
    norms=("avg-12-1",),
    text=Text("Informeer de persoon zelf.", "Tell the person."),
)
