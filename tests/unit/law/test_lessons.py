"""What the learning practice shows."""

from __future__ import annotations

from datetime import date

import pytest

from services.law.learning import Checklist, ChecklistItem, LearnedIn, NearMiss, Opinion, Question
from services.law.lessons import Counted, are_in_conflict, learn, near_misses
from tests.unit.law.builders import change

DAY = date(2026, 6, 1)
QUESTION = Question(
    id="q",
    version=2,
    asked_by="mayor",
    asked_from="citizen",
    text="?",
    state="answered",
    answer="Ja.",
    answered_by="mayor",
)
LIST = Checklist(
    id="c", version=4, name="Sluiten", items=(ChecklistItem(id="a", text="a"),), valid_from=date(2025, 1, 1)
)
MISS = NearMiss(id="n", by="mayor", what="a", noticed="b", valid_from=DAY)
ADVICE = Opinion(id="o", question="q", by="mayor", position="yes", text="Ja.", valid_from=DAY)


def test_a_question_that_taught_something_makes_the_next_checklist() -> None:
    """Version n+1 has the item, which names the question; the question names that version."""
    lesson = learn(QUESTION, LIST, ChecklistItem(id="b", text="b"), DAY)
    assert lesson.checklist == change(
        LIST, version=5, items=(*LIST.items, ChecklistItem(id="b", text="b", learned_from="q")), valid_from=DAY
    )
    learned_in = LearnedIn(checklist="c", version=5)
    assert lesson.question == change(QUESTION, version=3, state="learned", learned_in=learned_in, valid_from=DAY)


@pytest.mark.parametrize(
    ("positions", "conflict"),
    [
        ((), False),
        (("yes",), False),
        (("yes", "yes"), False),
        (("yes", "depends"), False),
        (("yes", "no"), True),
        (("no", "depends", "yes"), True),
    ],
)
def test_yes_and_no_are_a_conflict(positions: tuple[str, ...], *, conflict: bool) -> None:
    """Two opposite opinions conflict; one that leaves it open contradicts nobody."""
    assert are_in_conflict([change(ADVICE, position=position) for position in positions]) is conflict


def test_the_report_counts_and_names_nobody() -> None:
    """Counts by code, block and month over the days asked, both ends included; lessons once; who told it nowhere."""
    told = [
        change(MISS, finding_codes=("purpose-missing", "ground-missing"), lesson="Lees na."),
        change(
            MISS, finding_codes=("purpose-missing", "was-a-code-once"), lesson="Lees na.", valid_from=date(2026, 6, 30)
        ),
        change(MISS, valid_from=date(2026, 7, 1), lesson="Vraag het."),
        change(MISS, valid_from=date(2026, 5, 31)),
        change(MISS, valid_from=date(2026, 7, 2)),
    ]
    report = near_misses(told, DAY, date(2026, 7, 1))
    assert report.count == 3
    assert report.by_code == (
        Counted("purpose-missing", 2),
        Counted("ground-missing", 1),
        Counted("was-a-code-once", 1),
    )
    assert report.by_block == (Counted("purpose", 2), Counted("basis", 1))
    assert report.by_month == (Counted("2026-06", 2), Counted("2026-07", 1))
    assert report.lessons == ("Lees na.", "Vraag het.")
