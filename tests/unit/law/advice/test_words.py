"""Days, lists and parties in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.law.advice.words import listed, parties_named, party_named, written_day, written_instant
from services.law.governance import Party
from services.law.texts import Text
from tests.unit.law.builders import DAY, PARTIES, register


def test_a_day_is_written_in_both_languages() -> None:
    """Day, month and year, without a leading zero."""
    assert written_day(date(2026, 5, 3)) == Text("3 mei 2026", "3 May 2026")


def test_every_month_has_its_name() -> None:
    """Dutch months in small letters, English ones with a capital."""
    written = [written_day(date(2026, month, 1)) for month in range(1, 13)]
    nl = " ".join(day.nl.split()[1] for day in written)
    en = " ".join(day.en.split()[1] for day in written)
    assert nl == "januari februari maart april mei juni juli augustus september oktober november december"
    assert en == "January February March April May June July August September October November December"


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (datetime(2026, 5, 3, 9, 30, tzinfo=UTC), Text("3 mei 2026 om 11:30 uur", "3 May 2026 at 11:30")),
        (datetime(2026, 5, 3, 22, 0, tzinfo=UTC), Text("het einde van 3 mei 2026", "the end of 3 May 2026")),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), Text("het einde van 31 januari 2026", "the end of 31 January 2026")),
        (datetime(2026, 5, 3, 22, 0, 1, tzinfo=UTC), Text("4 mei 2026 om 00:00 uur", "4 May 2026 at 00:00")),
    ],
)
def test_an_instant_is_written_in_local_time(instant: datetime, written: Text) -> None:
    """24:00 is the end of the day before; anything else has its hour in Amsterdam."""
    assert written_instant(instant) == written


@pytest.mark.parametrize(
    ("words", "nl", "en"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a en b", "a and b"),
        (["a", "b", "c"], "a, b en c", "a, b and c"),
    ],
)
def test_a_list_ends_in_and(words: list[str], nl: str, en: str) -> None:
    """Commas, and the last one joined by a word."""
    assert listed(Text(word, word) for word in words) == Text(nl, en)


def test_a_party_is_called_by_its_name_or_else_its_id() -> None:
    """An unknown party, too, has only its id."""
    named = Party(id="desk", kind="public-body", name="Loket Zorg")
    view = register(parties=(*PARTIES, named)).on(DAY)
    assert [party_named(view, party) for party in ("desk", "mayor", "nobody")] == ["Loket Zorg", "mayor", "nobody"]
    assert parties_named(view, ("desk", "mayor")) == Text("Loket Zorg en mayor", "Loket Zorg and mayor")
