"""Words in an annex that no act can meet: a phase that nobody knows, and a category of data that acts call otherwise.

A hint for whoever writes them. Phases are read by their synonyms when an act is judged (``phase_terms``); categories
are not, so that an act with "name" lies outside an annex that lists "naam".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from services.law.covenants.remarks import Remark
from services.law.covenants.synonyms import CATEGORIES, PHASES
from services.law.covenants.words import fold
from services.law.governance import Annex
from services.law.pointers import escape
from services.law.texts import Text

_PHASE: Final = Text(
    "Geen handeling kent deze fase, ook niet onder een ander woord; de termijn geldt dus nooit.",
    "No act knows this phase, nor by another word; so the term never holds.",
)


def lint_words(annexes: Iterable[Annex]) -> tuple[Remark, ...]:
    """What is spelt so that it finds no act; pointers as in a covenant or an addendum with these annexes."""
    return tuple(remark for index, annex in enumerate(annexes) for remark in _lint(f"/annexes/{index}", annex))


def _lint(under: str, annex: Annex) -> Iterator[Remark]:
    for phase in annex.retention:
        if fold(phase) not in PHASES:
            yield Remark(
                pointer=f"{under}/retention/{escape(phase)}",
                code="phase-unknown",
                message=_PHASE,
                norms=("avg-5-1-e",),
                requirements=("S35",),
            )
    for place, category in enumerate(annex.data_categories):
        known = CATEGORIES.get(fold(category), category)
        if known != category:
            yield Remark(
                pointer=f"{under}/dataCategories/{place}",
                code="category-otherwise-called",
                message=_called(known),
                norms=("avg-5-1-c",),
                requirements=("S15",),
            )


def _called(known: str) -> Text:
    return Text(
        f"Handelingen noemen dit meestal '{known}'; zo gespeld vallen die buiten de bijlage.",
        f"Acts mostly call this '{known}'; spelt so, those lie outside the annex.",
    )
