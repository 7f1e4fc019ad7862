"""What the learning practice shows: conflicts of opinion, the next checklist, the report of near misses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec

from services.law.catalogue import CATALOGUE
from services.law.learning import Checklist, ChecklistItem, LearnedIn, NearMiss, Opinion, Question


class Lesson(msgspec.Struct, frozen=True):
    """A question that was learned from, and the version of the checklist that holds what was learned."""

    question: Question
    checklist: Checklist


class Counted(msgspec.Struct, frozen=True, rename="camel"):
    """How often something occurs."""

    name: str
    count: int


class NearMisses(msgspec.Struct, frozen=True, rename="camel"):
    """The report: counts only, most frequent first; ``lessons`` are those that were written down, each once."""

    count: int
    by_code: tuple[Counted, ...]
    by_block: tuple[Counted, ...]
    by_month: tuple[Counted, ...]
    lessons: tuple[str, ...]


def learn(question: Question, checklist: Checklist, item: ChecklistItem, on: date) -> Lesson:
    """The next version of both: the question is learned from, and the checklist has the item that it brought."""
    learned = msgspec.structs.replace(item, learned_from=question.id)
    following = msgspec.structs.replace(
        checklist, version=checklist.version + 1, items=(*checklist.items, learned), valid_from=on
    )
    closed = msgspec.structs.replace(
        question,
        version=question.version + 1,
        state="learned",
        learned_in=LearnedIn(checklist=checklist.id, version=following.version),
        valid_from=on,
    )
    return Lesson(closed, following)


def are_in_conflict(opinions: Iterable[Opinion]) -> bool:
    """Whether one says yes and another no; ``depends`` contradicts nobody."""
    return {"yes", "no"} <= {opinion.position for opinion in opinions}


def near_misses(misses: Iterable[NearMiss], since: date, until: date) -> NearMisses:
    """The report over the days from ``since`` to ``until``, both included; who told it stays out."""
    within = [miss for miss in misses if since <= miss.valid_from <= until]
    codes = [code for miss in within for code in miss.finding_codes]
    return NearMisses(
        count=len(within),
        by_code=_counted(codes),
        by_block=_counted(CATALOGUE[code].block.value for code in codes if code in CATALOGUE),
        by_month=tuple(sorted(_counted(f"{miss.valid_from:%Y-%m}" for miss in within), key=lambda one: one.name)),
        lessons=tuple(sorted({miss.lesson for miss in within if miss.lesson})),
    )


def _counted(names: Iterable[str]) -> tuple[Counted, ...]:
    counts = sorted(Counter(names).items(), key=lambda one: (-one[1], one[0]))
    return tuple(Counted(name, count) for name, count in counts)
