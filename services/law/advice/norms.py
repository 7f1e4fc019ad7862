"""Norms as advice shows them: only those in force on the day of the act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.law.advice.shapes import NormShown
from services.law.norm_set import NormSet
from services.law.register import DayView
from services.law.statutes import statute_label

_NAME_BY_REGULATION: Final = {
    "eli/reg/2016/679 art. ": "AVG",
    "eli/reg/1971/1182 art. ": "Verordening 1182/71",
}


def show_norms(ids: Iterable[str], view: DayView, norms: NormSet) -> tuple[NormShown, ...]:
    """The norms of these ids that were in force on the day of ``view``, in the order given."""
    return tuple(_show(norm_id, norms) for norm_id in view.in_force(ids))


def _show(norm_id: str, norms: NormSet) -> NormShown:
    norm = norms.get(norm_id)
    if norm is None:
        return NormShown(id=norm_id, label=norm_id)
    return NormShown(
        id=norm_id,
        label=label_of(norm.citation),
        citation=norm.citation,
        rule=norm.rule,
        verified=norm.verified,
    )


def label_of(citation: str) -> str:
    """What a reader calls the norm: "AVG 14(3)(c)" and "Wpg 7(1)"; an unknown citation as it is."""
    for regulation, name in _NAME_BY_REGULATION.items():
        if citation.startswith(regulation):
            return f"{name} {citation.removeprefix(regulation)}"
    return statute_label(citation)
