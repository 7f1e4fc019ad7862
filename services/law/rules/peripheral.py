"""The rule on who stands at the edge of a group: his data stay where they are, unless somebody says why not."""

from __future__ import annotations

from services.law.rules.registry import rule
from services.law.rules.scene import Scene, said
from services.law.texts import Text
from services.law.verdict import Block, Finding


@rule(
    "peripheral-shared",
    "share",
    block=Block.NECESSITY,
    norms=("avg-5-1-c", "wpg-3", "wbp-11"),
    requirements=("S37", "S38"),
    message=Text(
        "Gegevens van iemand aan de rand van de groep gaan naar anderen, zonder dat staat waarom.",
        "Data of somebody at the edge of the group go to others, and nowhere stands why.",
    ),
    remedy=Text(
        "Laat deze persoon weg, of schrijf op waarom zijn gegevens toch mee moeten.",
        "Leave this person out, or write in justification.override why his data must go along all the same.",
    ),
)
def peripheral_shared(scene: Scene) -> Finding | None:
    """AVG 5(1)(c): a peripheral person is not distributed by default; a reason of its own sets that aside."""
    for subject in scene.act.subjects:
        if subject.status == "peripheral":
            return _unless_explained(scene)
    return None


def _unless_explained(scene: Scene) -> Finding | None:
    justification = scene.act.justification
    if justification is not None and said(justification.override):
        return None
    if not scene.goes_out:
        return None
    return scene.found_for("peripheral-shared", lambda person: person.status == "peripheral")
