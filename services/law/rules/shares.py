"""Rules on a share that leaves out whom it told, or which kinds of data: without both nobody can account for it."""

from __future__ import annotations

from typing import Final

from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.rules.triage import triage_of
from services.law.rules.when import leaving_out_whom_or_what
from services.law.texts import Text
from services.law.verdict import Block, Finding

_NOT_SHARE: Final = "not-share"
_ACCOUNTING: Final = ("avg-5-2", "avg-14-1-2", "avg-15-1", "avg-30", "wpg-32", "wbp-15", "wbp-35")
"""What the register holds, what the person is told and may ask, and what is written down of supplying police data."""


@rule(
    "recipient-missing",
    "share",
    block=Block.CARE,
    norms=_ACCOUNTING,
    requirements=("S2",),
    when=leaving_out_whom_or_what,
    message=Text(
        "Niet is vastgelegd aan wie deze gegevens gaan.",
        "It is not recorded to whom these data go.",
    ),
    remedy=Text(
        "Noem elke ontvanger. Is besloten niet te delen, leg dat dan vast als uitkomst van de triage.",
        "Name each recipient (recipients). If it was decided not to share, record that as what the triage came to.",
    ),
)
def recipient_missing(scene: Scene) -> Finding | None:
    """AVG 5(2), 14(1)(e), 30(1)(d): a share says who received the data."""
    return None if scene.act.recipients or _was_kept_back(scene) else scene.found("recipient-missing")


@rule(
    "categories-missing",
    "share",
    block=Block.CARE,
    norms=_ACCOUNTING,
    requirements=("S2",),
    when=leaving_out_whom_or_what,
    message=Text(
        "Niet is vastgelegd om welke soorten gegevens het gaat.",
        "It is not recorded which kinds of data these are.",
    ),
    remedy=Text(
        "Noem de soorten gegevens die worden gedeeld.",
        "Name the categories of data that are shared (dataCategories).",
    ),
)
def categories_missing(scene: Scene) -> Finding | None:
    """AVG 5(2), 14(1)(d), 30(1)(c): a share of somebody's data says which kinds went.

    Of nobody in person there are none to name: pseudonyms that are counted (S39) are no category.
    """
    if scene.act.data_categories or not scene.act.subjects or _was_kept_back(scene):
        return None
    return scene.found("categories-missing")


def _was_kept_back(scene: Scene) -> bool:
    """Whether the triage came to not sharing and nobody is named: then nothing went to anybody."""
    triage = triage_of(scene)
    return triage is not None and triage.outcome == _NOT_SHARE and not scene.act.recipients
