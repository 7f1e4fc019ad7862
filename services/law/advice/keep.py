"""Until when the data may be held after the act, by which rule, and which rules lost to it (AVG 5(1)(e)).

The ruling and its words are those of ``services.law.keeping``; where the persons of an act differ, since the law counts
from the first processing of each, the one whose data must go first stands in front.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

from services.law.act import Act
from services.law.advice.shapes import KeepingAdvice, KeepingStage, KeepingTerm, KeptUntil
from services.law.advice.words import written_day
from services.law.context import SubjectFacts
from services.law.keeping import Keeping, keeping_of, text_of
from services.law.precedence import Claim
from services.law.register import Register
from services.law.texts import Text

_UNKNOWN: Final = Text(
    "Geen regel zegt tot wanneer dit bewaard mag worden. Noem een termijn, of het convenant met de fase.",
    "No rule says until when this may be kept. Name a term, or the covenant with the phase.",
)


def keep(
    act: Act, register: Register, known: Sequence[SubjectFacts | None] | None, names: Sequence[str]
) -> KeepingAdvice | None:
    """How long who gets the data by this act may hold them; None when nobody begins to hold anything."""
    fact = msgspec.structs.replace(act, tense="fact")
    kept: dict[Keeping, list[str]] = {}
    for index, facts in enumerate(known or [None] * max(1, len(names))):
        found = keeping_of(fact, register, facts)
        if found is None:
            return None
        kept.setdefault(found, []).extend(names[index : index + 1])
    first, *others = sorted(kept, key=_by_end)
    return KeepingAdvice(
        **_fields(first, kept[first]), others=tuple(KeptUntil(**_fields(other, kept[other])) for other in others)
    )


def _by_end(keeping: Keeping) -> date:
    return keeping.until or date.max


def _fields(keeping: Keeping, names: Sequence[str]) -> dict[str, Any]:
    holds, until = keeping.holds, keeping.until
    return {
        "until": until,
        "rule": None if holds is None else holds.rule,
        "says": None if holds is None else holds.says,
        "text": _UNKNOWN if holds is None or until is None else _kept_by(holds, until),
        "lost": tuple(_term(claim) for claim in keeping.lost),
        "stages": tuple(KeepingStage(since=s.since, until=s.until, text=s.text) for s in keeping.stages),
        "subjects": tuple(names),
    }


def _kept_by(claim: Claim, until: date) -> Text:
    day, said = written_day(until), text_of(claim)
    return Text(f"Te bewaren tot en met {day.nl}. {said.nl}", f"To be kept until {day.en}. {said.en}")


def _term(claim: Claim) -> KeepingTerm:
    return KeepingTerm(until=claim.ends, rule=claim.rule, says=claim.says, text=text_of(claim))
