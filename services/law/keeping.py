"""Until when data of an act may be kept, which rule says so, and which ones lost: in words (S76).

The ruling is the one of ``retention`` and ``precedence``; this adds nothing to it but words and the stages in which
police data end, so that who reads a term can check it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from services.law.act import Act
from services.law.context import SubjectFacts
from services.law.first_processing import WPG_DAILY, bound_by_renewal, first_processed
from services.law.local_time import amsterdam_day
from services.law.police_stages import Stage, daily_stages
from services.law.precedence import Claim, Hold, rule_on
from services.law.register import Register
from services.law.retention import begins_holding, holding_terms
from services.law.texts import Text


class Keeping(msgspec.Struct, frozen=True, rename="camel"):
    """The claim that ``holds``, None when no rule says until when; the ``lost`` ones, the strongest first.

    ``until`` is the last day, None while a hold lasts and when no rule says. ``stages``: how the use of the data
    narrows before they are gone; none outside the daily police task.
    """

    until: date | None
    holds: Claim | None
    lost: tuple[Claim, ...] = ()
    stages: tuple[Stage, ...] = ()


_TEXT_BY_RULE: Final[dict[str, Text]] = {
    "act": Text("De handeling noemt zelf deze termijn: {says}.", "The act itself states this term: {says}."),
    "covenant-phase": Text(
        "De bijlage van het convenant geeft voor deze fase {says}.",
        "The annex of the covenant gives {says} for this phase.",
    ),
    "activity": Text(
        "Het register van verwerkingen geeft voor deze activiteit {says} (AVG 30).",
        "The record of processing gives {says} for this activity (AVG 30).",
    ),
    "wpg-8": Text(
        "Politiegegevens van de dagelijkse taak gaan uiterlijk vijf jaar na de eerste verwerking weg (Wpg 8 lid 6).",
        "Police data of the daily task go at the latest five years after the first processing (Wpg 8(6)).",
    ),
    "wgs-maximum": Text(
        "Een samenwerkingsverband bewaart uiterlijk tot vijf jaar na de eerste verwerking (WGS 1.8 lid 7).",
        "A partnership keeps data at the latest until five years after the first processing (WGS 1.8(7)).",
    ),
    "wgs-renewal": Text(
        "De gegevens zijn bij besluit opnieuw beschikbaar, voor hooguit twee jaar (WGS 1.8 lid 7, BGS 1.16).",
        "The data are available again by a decision, for at most two years (WGS 1.8(7), BGS 1.16).",
    ),
    "bgs-not-taken-up": Text(
        "De casus is niet in behandeling genomen: de gegevens gaan meteen weg (BGS 1.16 lid 1).",
        "The case was not taken up: the data go at once (BGS 1.16(1)).",
    ),
    "jw-7-3-8": Text(
        "Een jeugdhulpdossier moet {says} worden bewaard na de laatste wijziging (Jeugdwet 7.3.8 lid 3).",
        "A youth-care file must be kept for {says} after its last change (Jeugdwet 7.3.8(3)).",
    ),
    "wmo-5-3-4": Text(
        "Een Wmo-dossier moet {says} worden bewaard (Wmo 2015 5.3.4).",
        "A social-support file must be kept for {says} (Wmo 2015 5.3.4).",
    ),
    "statutory-minimum": Text(
        "Onder {says} moet dit zo lang worden bewaard.", "Under {says} this must be kept for that long."
    ),
    "legal-hold": Text("Er loopt een zaak: niets gaat weg.", "A case is running: nothing goes."),
    "request": Text(
        "Er loopt een verzoek van de persoon: niets gaat weg (AVG 15, 18).",
        "A request of the person is running: nothing goes (AVG 15, 18).",
    ),
    "complaint": Text("Er loopt een klacht: niets gaat weg.", "A complaint is running: nothing goes."),
    "breach": Text(
        "Een datalek wordt onderzocht: niets gaat weg (AVG 33 lid 5).",
        "A breach is being looked into: nothing goes (AVG 33(5)).",
    ),
    "court": Text(
        "De rechter heeft het nodig: niets gaat weg (AVG 17 lid 3).", "A court needs it: nothing goes (AVG 17(3))."
    ),
    "restriction": Text(
        "De verwerking is beperkt: niets gaat weg (AVG 18).", "The processing is restricted: nothing goes (AVG 18)."
    ),
}
_UNITS: Final[dict[str, tuple[str, str, str, str]]] = {
    "Y": ("jaar", "jaar", "year", "years"),
    "M": ("maand", "maanden", "month", "months"),
    "W": ("week", "weken", "week", "weeks"),
    "D": ("dag", "dagen", "day", "days"),
}


def keeping_of(
    act: Act, register: Register, facts: SubjectFacts | None = None, holds: Iterable[Hold] = ()
) -> Keeping | None:
    """Until when what the act makes anyone hold may be kept; None when it begins no holding.

    ``facts``: what is known of the person, for what the law counts from the first processing. ``holds``: what is
    placed on the record now.
    """
    if not begins_holding(act):
        return None
    view = register.on(amsterdam_day(act.occurred_at))
    since = first_processed(act, facts, view)
    ruling = rule_on(holding_terms(bound_by_renewal(act, facts, view), view, since), holds=holds)
    stages = daily_stages(since or view.day) if act.data_regime == WPG_DAILY else ()
    return Keeping(ruling.ends, ruling.holds, ruling.lost, stages)


def text_of(claim: Claim) -> Text:
    """What a claim says, in a sentence with its article."""
    text = _TEXT_BY_RULE[claim.rule]
    length = _length_of(claim.says)
    return Text(text.nl.format(says=length.nl), text.en.format(says=length.en))


def text_of_rule(rule: str) -> Text | None:
    """What a rule says whose period is not at hand; None for a name that is no rule."""
    text = _TEXT_BY_RULE.get(rule)
    return None if text is None else Text(text.nl.format(says="de termijn"), text.en.format(says="its term"))


def _length_of(says: str) -> Text:
    """A period of one unit in words; anything else as it stands."""
    number, unit = says[1:-1], _UNITS.get(says[-1:])
    if unit is None or not says.startswith("P") or not number.isdecimal():
        return Text(says, says)
    one = int(number) == 1
    return Text(f"{number} {unit[0 if one else 1]}", f"{number} {unit[2 if one else 3]}")
