"""Findings and answers in words: what is the matter, what to do, and on which norms that rests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.law.advice.norms import show_norms
from services.law.advice.shapes import Explanation, Mend, RecipientAdvice
from services.law.assessment import RecipientAnswer
from services.law.catalogue import CATALOGUE
from services.law.norm_set import NormSet
from services.law.register import DayView
from services.law.texts import Text
from services.law.verdict import Finding, Outcome, Verdict

_ALLOWED: Final = Text(
    "Dit mag. Niets in de wet of het convenant houdt het tegen.",
    "You may. Nothing in the law or the covenant stands in the way.",
)
_ALLOWED_WITH_GAPS: Final = Text(
    "Dit mag, als klopt wat nog ontbreekt. Vul dat aan; dat het nog niet is vastgelegd, verbiedt het delen niet.",
    "You may, if what is still missing holds. Add it; that it is not on record yet does not forbid sharing.",
)
_FORBIDDEN: Final = Text(
    "Dit mag zo niet. Hieronder staat wat het wel mogelijk maakt.",
    "Not like this. Below stands what would make it possible.",
)
_MUST_SHARE: Final = Text(
    "Dit moet u delen. U mag het alleen tegenhouden om zwaarwegende redenen; leg die dan vast.",
    "You must share this. Only serious reasons can hold it back; record them if you have them.",
)
_NORM_REMEDY: Final = Text(
    "Ga na of deze grond hier geldt. Zo ja: leg haar vast bij de handeling en deel dan.",
    "See whether this ground applies here. If it does, record it with the act, and share.",
)
_NORM_UNREAD: Final = Text("Een grond volgens {norm}.", "A ground under {norm}.")


def explain_findings(verdict: Verdict, names: Sequence[str], view: DayView, norms: NormSet) -> tuple[Explanation, ...]:
    """Every finding of the verdict, in its order, about the persons called ``names``."""
    return tuple(_explain(found, names, view, norms) for found in verdict.findings)


def _explain(found: Finding, names: Sequence[str], view: DayView, norms: NormSet) -> Explanation:
    known = CATALOGUE[found.code]
    return Explanation(
        code=found.code,
        block=known.block,
        severity=found.severity,
        subjects=tuple(names[index] for index in found.subjects),
        message=known.message,
        remedy=known.remedy,
        norms=show_norms(known.norms, view, norms),
    )


def explain_answer(answer: RecipientAnswer, outcome: Outcome, view: DayView, norms: NormSet) -> RecipientAdvice:
    """The answer for one recipient of an act judged ``outcome``, why, and what would make it allowed."""
    return RecipientAdvice(
        party=answer.party,
        answer=answer.answer,
        would_allow=answer.would_allow,
        why=_why(answer, outcome),
        mend=tuple(_mend(wanted, view, norms) for wanted in answer.would_allow),
        owed_under=show_norms(answer.owed_under, view, norms),
    )


def _why(answer: RecipientAnswer, outcome: Outcome) -> Text:
    if answer.answer == "forbidden":
        return _FORBIDDEN
    if answer.answer == "must-share-unless":
        return _MUST_SHARE
    return _ALLOWED if outcome is Outcome.COMPLIANT else _ALLOWED_WITH_GAPS


def _mend(wanted: str, view: DayView, norms: NormSet) -> Mend:
    known = CATALOGUE.get(wanted)
    if known is not None:
        shown = show_norms(known.norms, view, norms)
        return Mend(id=wanted, kind="finding", message=known.message, remedy=known.remedy, norms=shown)
    return Mend(
        id=wanted,
        kind="norm",
        message=_said_by(wanted, norms),
        remedy=_NORM_REMEDY,
        norms=show_norms((wanted,), view, norms),
    )


def _said_by(norm_id: str, norms: NormSet) -> Text:
    norm = norms.get(norm_id)
    if norm is not None:
        return norm.rule
    return Text(_NORM_UNREAD.nl.format(norm=norm_id), _NORM_UNREAD.en.format(norm=norm_id))
