"""The rule on police data that were removed: no ground carries them out any more."""

from __future__ import annotations

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
        "Deze politiegegevens zijn meer dan vijf jaar geleden voor het eerst verwerkt: zij zijn verwijderd en staan "
        "alleen nog apart voor klachten en verantwoording (Wpg 14).",
        "These police data were first processed over five years ago: they are removed and only stand apart for "
        "complaints and accountability (Wpg 14).",
    ),
    remedy=Text(
        "Verstrek ze niet. Is er een nieuwe melding, leg die dan eerst vast.",
        "Do not disclose them. If there is a new report, record that first.",
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
    """Whether all that the police have of these categories is older; a newer report is another datum."""
    first = _first_processed(scene, person)
    return first is not None and scene.view.day > add_period(first, _REMOVED_AFTER)


def _first_processed(scene: Scene, person: Subject) -> date | None:
    """The day of the newest report; where none was booked, the first day on which the data were used (Wpg 8(6))."""
    facts = scene.facts_of(person)
    booked = [past for past in facts.acts if _is_same(scene, past)] if facts is not None else []
    reports = [past.occurred_at for past in booked if past.operation_class in NEW_TO_POLICE]
    if reports:
        return amsterdam_day(max(reports))
    return amsterdam_day(min(past.occurred_at for past in booked)) if booked else None


def _is_same(scene: Scene, past: PastAct) -> bool:
    act = scene.act
    if past.controller != act.controller or past.data_regime != _DAILY_TASK or past.occurred_at > act.occurred_at:
        return False
    if past.operation_class not in HOLDING_CLASSES:
        return False
    return not act.data_categories or not set(act.data_categories).isdisjoint(past.data_categories)
