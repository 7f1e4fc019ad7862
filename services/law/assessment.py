"""The answer per recipient of an act about to happen: allowed, forbidden, or must share unless.

The third answer exists because the law sometimes obliges to share (Wpg 16 and 20(3), WGS 1.5,
Jeugdwet 7.3.11(4)): then only serious reasons can hold it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Literal

import msgspec

from services.law.act import Act
from services.law.context import Context
from services.law.judgement import judge
from services.law.operations import operation_class
from services.law.rules.care import lacks_processor_contract
from services.law.rules.disclosure import duties_to_supply, grounds_open_to, is_refused_police_data
from services.law.rules.police import is_supplied_outside
from services.law.rules.scene import Scene
from services.law.rules.sensitive import is_volunteer
from services.law.rules.wgs_supply import is_barred_by_supplier
from services.law.verdict import Outcome

Answer = Literal["allowed", "forbidden", "must-share-unless"]

_WITHOUT_GROUND: Final = "recipient-without-ground"
_UNKNOWN: Final = "register-unknown"


class RecipientAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """One recipient's answer; ``would_allow`` are the finding codes to mend or the norms that could carry it.

    ``owed_under``: the norms that oblige to share, when the answer is must-share-unless.
    """

    party: str
    answer: Answer
    would_allow: tuple[str, ...] = ()
    owed_under: tuple[str, ...] = ()


_CONCERNS: Final[dict[str, Callable[[Scene, int], bool]]] = {
    "criminal-data-to-volunteer": is_volunteer,
    "police-data-removed": is_supplied_outside,
    "processor-contract-missing": lacks_processor_contract,
    "supplier-condition-broken": is_barred_by_supplier,
    _WITHOUT_GROUND: is_refused_police_data,
}
"""Findings that stand against some recipients only, and whom they concern; any other stands against all."""


def assess_recipients(act: Act, context: Context) -> tuple[RecipientAnswer, ...]:
    """The answer for each recipient of a share, in the order of the act; none for other classes."""
    if operation_class(act.operation, act.operation_class) != "share":
        return ()
    findings = judge(act, context).findings
    violated = tuple(found.code for found in findings if found.severity is Outcome.VIOLATION)
    scene = Scene(act, context)
    return tuple(_answer(scene, index, violated) for index in range(len(act.recipients)))


def _answer(scene: Scene, index: int, violated: tuple[str, ...]) -> RecipientAnswer:
    party = scene.act.recipients[index].party
    against = tuple(code for code in violated if code not in _CONCERNS or _CONCERNS[code](scene, index))
    if against:
        return RecipientAnswer(party, "forbidden", tuple(_mends(scene, index, against)))
    owed = duties_to_supply(scene, index)
    return RecipientAnswer(party, "must-share-unless" if owed else "allowed", (), owed)


def _mends(scene: Scene, index: int, against: tuple[str, ...]) -> Iterator[str]:
    """What would allow it: the findings to mend; for a ground that is lacking, the norms that could give the sender it.

    Whoever nobody registered must be known first: it may well be one to whom these data must go.
    """
    yield from (code for code in against if code != _WITHOUT_GROUND)
    if _WITHOUT_GROUND in against:
        if scene.recipients[index] is None:
            yield _UNKNOWN
        yield from grounds_open_to(scene.controller)
