"""The answer per recipient of an act about to happen: allowed, forbidden, or must share unless.

The third answer exists because the law sometimes obliges to share (Wpg 16 and 20(3), WGS 1.5,
Jeugdwet 7.3.11(4)): then only serious reasons can hold it back.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from services.law.act import Act
from services.law.context import Context
from services.law.judgement import judge
from services.law.operations import operation_class
from services.law.rules.disclosure import has_police_ground, is_duty_to_supply
from services.law.rules.scene import Scene
from services.law.verdict import Outcome

Answer = Literal["allowed", "forbidden", "must-share-unless"]

_PER_RECIPIENT: Final = "recipient-without-ground"
_GROUNDS_FOR_POLICE_DATA: Final = ("wpg-18-1", "wpg-19", "wpg-20-1")
_YOUTH_CARE_BODY: Final = "gecertificeerde-instelling"
_SUPERVISION_ORDER: Final = ("BWBR0034925", "7.3.11")


class RecipientAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """One recipient's answer; ``would_allow`` are the finding codes to mend or the norms that could carry it."""

    party: str
    answer: Answer
    would_allow: tuple[str, ...] = ()


def assess_recipients(act: Act, context: Context) -> tuple[RecipientAnswer, ...]:
    """The answer for each recipient of a share, in the order of the act; none for other classes."""
    if operation_class(act.operation, act.operation_class) != "share":
        return ()
    verdict = judge(act, context)
    blocking = tuple(
        found.code for found in verdict.findings if found.severity is Outcome.VIOLATION and found.code != _PER_RECIPIENT
    )
    scene = Scene(act, context)
    return tuple(_answer(scene, index, blocking) for index in range(len(act.recipients)))


def _answer(scene: Scene, index: int, blocking: tuple[str, ...]) -> RecipientAnswer:
    party = scene.act.recipients[index].party
    if blocking:
        return RecipientAnswer(party, "forbidden", blocking)
    if scene.police_data and scene.recipients[index] is not None and not has_police_ground(scene, index):
        return RecipientAnswer(party, "forbidden", _GROUNDS_FOR_POLICE_DATA)
    return RecipientAnswer(party, "must-share-unless" if _is_owed(scene, index) else "allowed")


def _is_owed(scene: Scene, index: int) -> bool:
    """Whether a norm obliges the sender to share with this recipient."""
    party = scene.recipients[index]
    covenant = scene.covenant
    if scene.police_data or (covenant is not None and covenant.covenant.legal_frame == "wgs-zvh"):
        return is_duty_to_supply(scene, index)
    provision = scene.statute
    return (
        provision is not None
        and (provision.number, provision.article) == _SUPERVISION_ORDER
        and party is not None
        and party.organ == _YOUTH_CARE_BODY
    )
