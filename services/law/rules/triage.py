"""Rules on the steps of a triage: share, share less, or not; each with its reason, and then done so."""

from __future__ import annotations

from typing import Final

from services.law.act import Triage
from services.law.rules.registry import NOT_DELETE, rule
from services.law.rules.scene import Scene, said
from services.law.rules.when import justified
from services.law.texts import Text
from services.law.verdict import Block, Finding

_SHARE: Final = "share"
_NOT_SHARE: Final = "not-share"


@rule(
    "triage-unexplained",
    *NOT_DELETE,
    block=Block.CARE,
    norms=("avg-5-2", "wbp-15"),
    requirements=("S51",),
    when=justified,
    message=Text(
        "De triage kwam uit op minder of niet delen, zonder dat staat waarom.",
        "The triage came to sharing less or not at all, and nowhere stands why.",
    ),
    remedy=Text(
        "Schrijf de reden op bij deze stap van de triage: niet delen telt net zo zwaar als delen.",
        "Fill in the reason at justification.triage: not to share counts as much as to share.",
    ),
)
def triage_unexplained(scene: Scene) -> Finding | None:
    """AVG 5(2): why something was held back can be asked as well as why it was shared."""
    triage = triage_of(scene)
    if triage is None or triage.outcome == _SHARE or said(triage.reason):
        return None
    return scene.found("triage-unexplained")


@rule(
    "triage-contradicted",
    "share",
    block=Block.NECESSITY,
    norms=("avg-5-1-c", "avg-5-2", "wbp-11"),
    requirements=("S51",),
    when=justified,
    message=Text(
        "De triage zei niet delen, en toch is gedeeld.", "The triage said not to share, and yet it was shared."
    ),
    remedy=Text(
        "Deel niet, of leg eerst een nieuwe stap van de triage vast die op delen uitkomt.",
        "Do not share, or first record a new step of the triage that comes to sharing.",
    ),
)
def triage_contradicted(scene: Scene) -> Finding | None:
    """AVG 5(1)(c): whoever weighed and found it not needed does not share it."""
    triage = triage_of(scene)
    if triage is None or triage.outcome != _NOT_SHARE or not scene.goes_out:
        return None
    return scene.found("triage-contradicted")


def triage_of(scene: Scene) -> Triage | None:
    """The step of a triage that the act states."""
    justification = scene.act.justification
    return None if justification is None else justification.triage
