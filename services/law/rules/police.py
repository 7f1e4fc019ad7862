"""The rule on police data that were removed: no ground carries them out any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from services.law.act import Subject
from services.law.context import PastAct
from services.law.findings import VIOLATION
from services.law.first_processing import NEW_TO_POLICE
from services.law.local_time import amsterdam_day
from services.law.operations import HOLDING_CLASSES
from services.law.periods import Period, add_period
from services.law.rules.recipients import is_another
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.rules.when import on_police_data
from services.law.texts import Text
from services.law.verdict import Block, Finding, Outcome

_DAILY_TASK: Final = "Wpg-8"
_REMOVED_AFTER: Final = Period(years=5)
_POLICE: Final = "police"


@rule(
    "police-data-removed",
    "share",
    block=Block.BASIS,
    severities=VIOLATION,
    norms=("wpg-14", "wpg-8-6"),
    requirements=("S49",),
    when=on_police_data,
    message=Text(
        "Van een of meer soorten van deze politiegegevens is alles meer dan vijf jaar geleden voor het eerst verwerkt: "
        "dat is verwijderd en staat alleen nog apart voor klachten en verantwoording (Wpg 14).",
        "Of one or more categories of these police data all was first processed over five years ago: that is removed "
        "and only stands apart for complaints and accountability (Wpg 14).",
    ),
    remedy=Text(
        "Verstrek die soorten niet. Is er een nieuwe melding van, leg die dan eerst vast.",
        "Do not disclose those categories. If there is a new report of them, record that first.",
    ),
)
def police_data_removed(scene: Scene) -> Finding | None:
    """Wpg 8(6), 14(2): in the last five years of storage nothing goes out under Wpg 16 to 20 any more."""
    if not scene.police_data or scene.controller is None or scene.controller.kind != _POLICE:
        return None
    if not any(is_supplied_outside(scene, index) for index in range(len(scene.recipients))):
        return None
    return scene.found_for("police-data-removed", lambda person: _is_removed(scene, person), Outcome.VIOLATION)


def is_supplied_outside(scene: Scene, index: int) -> bool:
    """Whether the recipient at ``index`` is outside the police: inside, data are made available under Wpg 15."""
    party = scene.recipients[index]
    return is_another(scene, index) and (party is None or party.kind != _POLICE)


def _is_removed(scene: Scene, person: Subject) -> bool:
    """Whether of one of these categories all that the police have is older; a newer report is another datum.

    A newer report of another category makes none newer. Whoever names no category tells of all of them together.
    """
    facts = scene.facts_of(person)
    booked = [past for past in facts.acts if _is_booked(scene, past)] if facts is not None else []
    day, named = scene.view.day, scene.act.data_categories
    if not named:
        return _is_over(day, booked)
    return any(_is_over(day, [past for past in booked if category in past.data_categories]) for category in named)


def _is_over(day: date, booked: Sequence[PastAct]) -> bool:
    """Whether five years have passed since these data were first processed; not when the police never had them."""
    first = _first_processed(booked)
    return first is not None and day > add_period(first, _REMOVED_AFTER)


def _first_processed(booked: Sequence[PastAct]) -> date | None:
    """The day of the newest report; where none was booked, the first day on which the data were used (Wpg 8(6))."""
    reports = [past.occurred_at for past in booked if past.operation_class in NEW_TO_POLICE]
    if reports:
        return amsterdam_day(max(reports))
    return amsterdam_day(min(past.occurred_at for past in booked)) if booked else None


def _is_booked(scene: Scene, past: PastAct) -> bool:
    """Whether who supplies now had data by the past act, for the daily task."""
    act = scene.act
    if past.controller != act.controller or past.data_regime != _DAILY_TASK or past.occurred_at > act.occurred_at:
        return False
    return past.operation_class in HOLDING_CLASSES
