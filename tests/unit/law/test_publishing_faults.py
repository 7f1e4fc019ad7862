"""The publish filter on what decisions and readings tell in free words."""

from __future__ import annotations

from datetime import date

import pytest

from services.law.governance import Decision, Interpretation, Mandate
from services.law.publishing_faults import text_faults
from services.law.register import Register
from tests.unit.law.builders import change, register
from tests.unit.law.sentences import is_code, is_sentence

DAY = date(2026, 6, 1)
DECISION = Decision(id="d", kind="wpg-20", by="mayor", conditions=("no onward disclosure",), valid_from=DAY)
READING = Interpretation(id="i", covenant="house", regime=3, by="mayor", text="Per geval.", valid_from=DAY)


def codes(entry: object) -> list[tuple[str, str]]:
    """Pointer and code of each fault, which tells in whole sentences what is wrong and what helps."""
    faults = [*text_faults(entry, register())]
    for fault in faults:
        assert is_code(fault.code)
        assert is_sentence(fault.message)
        assert is_sentence(fault.remedy)
    return [(fault.pointer, fault.code) for fault in faults]


def test_texts_without_persons_pass() -> None:
    """A condition or a reason may be told; other kinds have no such text."""
    assert codes(DECISION) == []
    assert codes(READING) == []
    assert codes(Mandate(id="m", from_="mevrouw Jansen", to="mayor")) == []


def test_every_text_that_looks_like_somebodys_data_is_named_at_once() -> None:
    """One fault per place and sort, with a pointer, and nothing of what stands there."""
    wrong = change(DECISION, conditions=("Bel 06-12345678 of mevrouw Jansen.", "geen", "BSN 999990019"))
    assert codes(wrong) == [("/conditions/0", "personal-data")] * 2 + [("/conditions/2", "personal-data")]
    told = [fault.message for fault in text_faults(wrong, register())]
    assert [message.rpartition(": ")[2] for message in told] == ["name.", "phone.", "citizen-number."]
    assert "Jansen" not in str(told)
    assert codes(change(READING, text="Omdat mevrouw Jansen belde.")) == [("/text", "personal-data")]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Geldt tot en met 31 december 2026.", 0),
        ("Geldt vanaf 1-6-2026.", 0),
        ("Geboren 1-6-2026.", 1),
        ("Geldt vanaf 2-6-2026.", 1),
    ],
)
def test_the_days_of_the_entry_itself_may_be_named(text: str, count: int) -> None:
    """They stand beside the text already and say nothing of a person, unless the text says that they do."""
    last = date(2026, 12, 31)
    assert len(codes(change(DECISION, conditions=(text,), valid_until=last))) == count
    assert len(codes(change(READING, text=text, valid_until=last))) == count


def test_days_of_law_may_be_named() -> None:
    """The WGS began on a day that everybody knows; where no law is known no day is one of law."""
    reading = change(READING, text="Sinds 1 maart 2025 geldt de WGS.")
    assert codes(reading) == []
    assert [fault.code for fault in text_faults(reading, Register())] == ["personal-data"]
