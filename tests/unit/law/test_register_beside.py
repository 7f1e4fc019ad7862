"""Entries that no judgement looks at: they lengthen the register and leave what is compiled for judging alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.law.governance import Acknowledgement, Entry, Party
from services.law.learning import Checklist, ChecklistItem, Closing, NearMiss, Opinion, Question
from services.law.register import Known, Register
from services.law.versions import UNJUDGED

DAY = date(2026, 5, 3)
AT = datetime(2026, 5, 3, 9, tzinfo=UTC)
READ: tuple[Entry, ...] = (
    Acknowledgement(id="a", covenant="c", version=1, party="politie", reader="m", valid_from=DAY),
    Question(id="q", asked_by="politie", text="t"),
    Checklist(id="l", name="n", items=(ChecklistItem(id="1", text="t"),)),
    Closing(id="k", checklist="l", checklist_version=1, by="politie", valid_from=DAY),
    Opinion(id="o", question="q", by="politie", position="yes", text="t", valid_from=DAY),
    NearMiss(id="n", by="politie", what="w", noticed="n", valid_from=DAY),
)


def test_what_is_compiled_stays_and_what_is_known_grows() -> None:
    """The view of a day is the very same one; history and position are those of the newest entry."""
    before = Register([Known(Party(id="politie", kind="police"), 1, AT)])
    view = before.on(DAY)
    after = before.beside([Known(entry, place, AT) for place, entry in enumerate(READ, start=2)])
    assert after.on(DAY) is view
    assert (before.position, after.position) == (1, 7)
    assert [known.entry for known in after.history[1:]] == list(READ)
    assert len(before.history) == 1
    assert after.known_until(3).position == 3
    assert after.beside([]).position == 7
    assert after.party("politie", DAY) == before.party("politie", DAY)


def test_what_a_judgement_looks_at_is_never_put_beside() -> None:
    """A party that nobody sees would be judged as unknown."""
    with pytest.raises(AssertionError):
        Register().beside([Known(Party(id="politie", kind="police"), 1, AT)])


def test_the_kinds_put_beside_are_exactly_these() -> None:
    """A new kind is judged by unless somebody decides otherwise."""
    assert {type(entry) for entry in READ} == set(UNJUDGED)
