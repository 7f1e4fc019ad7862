"""The bulk guard: more persons at once than anybody weighs one by one are looked at by somebody else first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.law.act import Act
from services.law.context import Context
from services.law.governance import Decision
from services.law.register import DayView
from services.law.rules.registry import rule
from services.law.rules.scene import Scene, said
from services.law.texts import Text
from services.law.verdict import Block, Finding

BULK_PERSONS_MAX: Final = 50
"""Persons in one share that may go out without a review: more is a list, not a case."""

BULK_REVIEW: Final = "bulk-review"
"""The kind of decision by which a controller reviews a bulk share, of one operation or of a flow to recipients."""

_NETTO: Final = "netto"


@rule(
    "bulk-unreviewed",
    "share",
    block=Block.NECESSITY,
    norms=("avg-5-1-c", "avg-5-2", "wpg-3", "wbp-11"),
    requirements=("S48",),
    message=Text(
        f"Meer dan {BULK_PERSONS_MAX} personen gaan in één keer naar anderen, "
        "zonder toets per persoon en zonder dat iemand het heeft beoordeeld.",
        f"More than {BULK_PERSONS_MAX} persons go to others at once, "
        "without a test per person and without anybody having reviewed it.",
    ),
    remedy=Text(
        "Deel alleen wie nodig is, met een reden per persoon. Of laat de verantwoordelijke het eerst beoordelen: een "
        "besluit over precies deze handeling, of over alles aan deze ontvangers (soort: bulk-review).",
        "Share only who is needed, with a reason per person. Or have the controller review it first: a decision of "
        "kind bulk-review, with operationId or with the recipients in covers.",
    ),
)
def bulk_unreviewed(scene: Scene) -> Finding | None:
    """AVG 5(1)(c), 5(2): who shares very many at once weighed each of them, or had it reviewed."""
    if len(scene.act.subjects) <= BULK_PERSONS_MAX or not scene.goes_out:
        return None
    if _is_weighed_per_person(scene.act) or is_reviewed(scene.act, scene.view):
        return None
    return scene.found("bulk-unreviewed")


def awaits_review(act: Act, context: Context) -> bool:
    """Whether the act still waits for its review: then it is not done."""
    if len(act.subjects) <= BULK_PERSONS_MAX:
        return False
    scene = Scene(act, context)
    return scene.operation_class in bulk_unreviewed.classes and bulk_unreviewed.check(scene) is not None


def is_reviewed(act: Act, view: DayView) -> bool:
    """Whether a decision of the controller, in force on the day, covers this operation or all its recipients."""
    return any(_covers(decision, act) for decision in _reviews(view.decisions_of_kind(BULK_REVIEW), act.controller))


def _is_weighed_per_person(act: Act) -> bool:
    """Who stands on a net list was tested against its criteria, one by one."""
    return act.list is not None and act.list.kind == _NETTO and said(act.criteria)


def _reviews(decisions: Iterable[Decision], controller: str) -> Iterable[Decision]:
    return (decision for decision in decisions if controller == decision.by or controller in decision.agreed_with)


def _covers(decision: Decision, act: Act) -> bool:
    if decision.data_categories is not None and not set(act.data_categories) <= set(decision.data_categories):
        return False
    if decision.operation_id is not None:
        return decision.operation_id in (act.id, act.intent_id)
    return bool(decision.covers) and all(recipient.party in decision.covers for recipient in act.recipients)
