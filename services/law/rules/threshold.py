"""Rules on preventive acts: whoever acts before anything happened first says why that was warranted (vermoeden)."""

from __future__ import annotations

from typing import Final

from services.law.act import Threshold
from services.law.operations import OperationClass
from services.law.rules.registry import rule
from services.law.rules.scene import Scene, said
from services.law.rules.under import preventive
from services.law.texts import Text
from services.law.verdict import Block, Finding

_SIGNALLING: Final = "signalling"
_LOOKING: Final = frozenset({"collect", "consult"})
_JUDGED: Final[tuple[OperationClass, ...]] = ("collect", "consult", "use", "share", "alter")


@rule(
    "threshold-missing",
    *_JUDGED,
    block=Block.NECESSITY,
    norms=("avg-5-1-c", "avg-5-2", "wpg-3", "bgs-2-20", "wbp-11"),
    requirements=("S36",),
    under=preventive,
    message=Text(
        "Dit is een preventieve aanpak, maar nergens staat waarom het vermoeden sterk genoeg was.",
        "This is a preventive approach, but nowhere stands why the suspicion was strong enough.",
    ),
    remedy=Text(
        "Leg de drempel vast: welke feiten, uit welke bron, welk orgaan besloot en wanneer.",
        "Fill in justification.threshold: which facts, from which source, which organ decided and when.",
    ),
)
def threshold_missing(scene: Scene) -> Finding | None:
    """AVG 5(1)(c), 5(2): in a preventive approach facts, source and deciding organ are on record before the act.

    Signals must be gathered before anybody can weigh them, so looking in the phase of signalling needs none.
    """
    if not preventive(scene.covenant, scene.annex):
        return None
    if scene.act.phase == _SIGNALLING and scene.operation_class in _LOOKING:
        return None
    threshold = threshold_of(scene)
    if threshold is not None and all(map(said, (threshold.facts, threshold.source, threshold.decided_by))):
        return None
    return scene.found("threshold-missing")


@rule(
    "threshold-late",
    *_JUDGED,
    block=Block.NECESSITY,
    norms=("avg-5-1-c", "avg-5-2", "wpg-3", "bgs-2-20", "wbp-11"),
    requirements=("S36",),
    under=preventive,
    message=Text("Over de drempel is pas na de handeling besloten.", "The threshold was decided only after the act."),
    remedy=Text(
        "Besluit eerst en handel dan. Is het al gebeurd: toets nu of de feiten van toen genoeg waren, en wis anders.",
        "Decide first, then act. If it has happened: test now whether the facts of then were enough, and else erase.",
    ),
)
def threshold_late(scene: Scene) -> Finding | None:
    """AVG 5(2): a reason that was found afterwards cannot have warranted the act; the same day is in time."""
    threshold = threshold_of(scene)
    if threshold is None or threshold.decided_on <= scene.view.day or not preventive(scene.covenant, scene.annex):
        return None
    return scene.found("threshold-late")


def threshold_of(scene: Scene) -> Threshold | None:
    """The threshold that the act states."""
    justification = scene.act.justification
    return None if justification is None else justification.threshold
