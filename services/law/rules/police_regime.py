"""The rule on police data that are shared as if they were none: a regime that is left out is that of the AVG.

Then nothing of the Wpg is asked: no ground per recipient, no condition of a decision, no end of storage. Sender and
name only hint at what the data are, so what is asked is a gap.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from services.law.regimes import OWN_REGIME_KINDS
from services.law.rules.by import police
from services.law.rules.recipients import is_another
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.rules.when import on_sensitive_data
from services.law.sensitive_categories import CATEGORIES_CACHED_MAX, folded_id, kinds_of
from services.law.texts import Text
from services.law.verdict import Block, Finding

_AVG: Final = "AVG"
_OF_THE_POLICE: Final = "maybe-criminal"
"""The kind of what is police data by its name: a report or a record of the police, of a suspect or of a witness."""
STAFF: Final = frozenset(
    {
        *("staff", "staff-data", "personnel", "personnel-data", "personnel-file", "employee", "employee-data"),
        *("employment", "employment-data", "hr", "hr-data", "human-resources", "salary", "payroll"),
        *("personeel", "personeelsgegevens", "personeelsdossier", "medewerker", "medewerkers", "medewerkergegevens"),
        *("werknemer", "werknemersgegevens", "dienstverband", "salaris", "salarisgegevens"),
    }
)
"""Categories that are of staff by their name, folded: an employer is under the AVG, the police too."""
_WHOSE: Final = frozenset(
    {
        *("name", "names", "contact", "contact-details", "address", "birth-date", "date-of-birth", "bsn"),
        *("naam", "namen", "contactgegevens", "adres", "geboortedatum"),
    }
)
"""Categories that only say whose data the others are."""


@rule(
    "police-regime-unstated",
    "share",
    block=Block.BASIS,
    norms=("wpg-1", "wpg-7-1", "wpg-7-2"),
    requirements=("S49",),
    when=on_sensitive_data,
    or_by=police,
    message=Text(
        "Dit zijn, naar wie ze verstrekt of naar hun naam, politiegegevens; het regime dat erbij staat is de AVG.",
        "By who discloses them or by their name these are police data; the regime that they are under is the AVG.",
    ),
    remedy=Text(
        "Zeg onder welk regime van de Wpg de gegevens zijn verzameld of verstrekt. Zijn het geen politiegegevens, "
        "noem dan een andere soort gegevens, zoals personeelsgegevens.",
        "Say under which regime of the Wpg the data were collected or supplied (dataRegime). If they are no police "
        "data, name another category, such as staff-data.",
    ),
)
def police_regime_unstated(scene: Scene) -> Finding | None:
    """Wpg 1, 7: what the police have, and what others had from them, stays under the Wpg when it goes to others."""
    act = scene.act
    if act.data_regime != _AVG or not _look_like_police_data(scene) or not _leave_police_and_justice(scene):
        return None
    return scene.found("police-regime-unstated")


def _look_like_police_data(scene: Scene) -> bool:
    """Whether the data are of the police by their name, or told by the police about others than staff."""
    if _OF_THE_POLICE in kinds_of(scene.act.data_categories):
        return True
    return police(scene.controller) and not _are_of_staff(scene.act.data_categories)


@lru_cache(maxsize=CATEGORIES_CACHED_MAX)
def _are_of_staff(categories: tuple[str, ...]) -> bool:
    """Whether the categories are of staff, and no other goes along but whose they are."""
    told = {folded_id(category) for category in categories} - _WHOSE
    return bool(told) and told <= STAFF


def _leave_police_and_justice(scene: Scene) -> bool:
    """Whether somebody else receives who is neither police nor prosecution; who is not known may be neither."""
    return any(
        is_another(scene, index) and (party is None or party.kind not in OWN_REGIME_KINDS)
        for index, party in enumerate(scene.recipients)
    )
