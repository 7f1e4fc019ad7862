"""Whether criteria select: inclusion and exclusion, a target group, an end, and no words that let in anybody (S7).

Such words leave the criteria unbounded where no exclusion bounds them: one that says something, and not "geen".

A hint for whoever writes them, never a judgement: it reads words, not what they mean here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from services.law.covenants.approaches import telling
from services.law.covenants.remarks import Remark
from services.law.covenants.words import fold, said
from services.law.governance import Annex, Covenant, Criteria
from services.law.texts import Text

NORMS: Final = ("avg-5-1-c", "avg-5-2", "wgs-2-32")
SELECTIVE_AT_MOST: Final = 0.8
"""A net list that keeps more of the gross list than this shows that the criteria hardly select."""

_UNBOUNDED: Final = (
    r"in welke rol dan ook",
    r"in welke vorm dan ook",
    r"op enige wijze",
    r"op welke wijze dan ook",
    r"dreig\w* (?:\w+ )?(?:betrokken )?te (?:ge)?raken",
    r"dreig\w* (?:\w+ )?te worden",
    r"betrokken (?:zijn|is|was|waren|zouden|kunnen|zou) bij of",
    r"zou(?:den)? kunnen",
    r"mogelijk(?:erwijs)?",
    r"eventueel|eventuele",
    r"onder (?:andere|meer)",
    r"o\.a\.|o\.m\.",
    r"bijvoorbeeld|bijv\.",
    r"en dergelijke|e\.d\.|enzovoorts?|enz\.|etc(?:etera)?\b",
    r"of anderszins|of soortgelijk\w*",
    r"iedereen|eenieder|wie dan ook",
    r"in any role|in whatever role|in any way",
    r"(?:at risk of|threaten\w* to|likely to) (?:becom\w+|get\w*|be)",
    r"might|may (?:be|become)|could (?:be|become)",
    r"possibly|potentially|such as|for example|e\.g\.|and so on|or otherwise|or similar|anyone|everybody|everyone",
)
_UNBOUNDED_PATTERN: Final = re.compile("|".join(rf"(?<!\w)(?:{words})(?!\w)" for words in _UNBOUNDED), re.IGNORECASE)
_WORDS_FOR_NOBODY: Final = (
    "geen geen-uitsluiting geen-uitsluitingen nvt n-v-t niet-van-toepassing niemand nihil nader-te-bepalen"
    " nog-te-bepalen ntb n-t-b pm p-m none no nobody n-a na not-applicable to-be-determined tbd nil"
)
_NOBODY: Final = frozenset(("", *_WORDS_FOR_NOBODY.split()))
"""What stands for an exclusion and excludes nobody, folded."""


class Selectivity(msgspec.Struct, frozen=True, rename="camel"):
    """How many of the gross list the net list kept; ``ratio`` None when nobody was on the gross list."""

    bruto: int
    netto: int
    ratio: float | None
    selects: bool


def selectivity(bruto: int, netto: int) -> Selectivity:
    """How far the criteria select, from the sizes of the gross and the net list."""
    ratio = netto / bruto if bruto else None
    return Selectivity(bruto, netto, ratio, ratio is None or ratio <= SELECTIVE_AT_MOST)


def unbounded_words(text: str | None) -> tuple[str, ...]:
    """The words in ``text`` that let in anybody, as they stand there."""
    return tuple(match[0] for match in _UNBOUNDED_PATTERN.finditer(" ".join((text or "").split())))


def lint_criteria(covenant: Covenant) -> tuple[Remark, ...]:
    """What is wrong with the criteria of each annex."""
    return tuple(remark for index, annex in enumerate(covenant.annexes) for remark in _lint(index, annex, covenant))


def _lint(index: int, annex: Annex, covenant: Covenant) -> Iterator[Remark]:
    criteria = annex.criteria or Criteria()
    under = f"/annexes/{index}/criteria"
    for field, (code, message) in _PARTS.items():
        if not said(getattr(criteria, field)):
            yield _remark(f"{under}/{field}", code, message)
    if not said(criteria.include) and not _names_group(annex, covenant):
        yield _remark(f"{under}/include", "target-group-missing", _TARGET_GROUP)
    words = unbounded_words(criteria.include)
    if words and not _excludes(criteria):
        printed = ", ".join(f"'{word}'" for word in words)
        nl = f"De criteria zijn onbegrensd: {printed}. Wie hoort er niet bij?"
        yield _remark(
            f"{under}/include",
            "criteria-unbounded",
            Text(nl, f"The criteria are unbounded: {printed}. Who does not belong?"),
        )


def _excludes(criteria: Criteria) -> bool:
    """Whether the exclusion is a test that somebody can fail."""
    return fold(criteria.exclude or "") not in _NOBODY


def _names_group(annex: Annex, covenant: Covenant) -> bool:
    """Whether the annex says for whom it is by its name, id or work process."""
    return any(telling(text or "", (covenant.id,)) for text in (annex.id, annex.name, annex.work_process))


_PARTS: Final = {
    "include": (
        "criteria-include-missing",
        Text("Niet gezegd is wie bij de doelgroep hoort.", "It is not said who belongs to the target group."),
    ),
    "exclude": (
        "criteria-exclude-missing",
        Text("Niet gezegd is wie er niet bij hoort.", "It is not said who does not belong."),
    ),
    "ends": (
        "criteria-end-missing",
        Text("Niet gezegd is wanneer iemand er niet meer bij hoort.", "It is not said when one no longer belongs."),
    ),
}
_TARGET_GROUP: Final = Text("De doelgroep is nergens genoemd.", "The target group is named nowhere.")


def _remark(pointer: str, code: str, message: Text) -> Remark:
    return Remark(pointer=pointer, code=code, message=message, norms=NORMS, requirements=("S7",))
