"""To whom a notice goes by age (S57): 11, 12, 15, 16 and 18, on the birthday and the day before."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.addressee import addressees_on, years_old
from services.ledger.storage.norms import packaged_norms

BORN = date(2010, 6, 2)


@pytest.mark.parametrize(
    ("day", "told", "as_a_child"),
    [
        (date(2021, 7, 1), ("representative",), True),
        (date(2022, 6, 1), ("representative",), True),
        (date(2022, 6, 2), ("subject", "representative"), True),
        (date(2025, 7, 1), ("subject", "representative"), True),
        (date(2026, 6, 1), ("subject", "representative"), True),
        (date(2026, 6, 2), ("subject",), True),
        (date(2028, 6, 1), ("subject",), True),
        (date(2028, 6, 2), ("subject",), False),
    ],
)
def test_age_says_who_is_told(day: date, told: tuple[str, ...], *, as_a_child: bool) -> None:
    """Under 12 the representative, to 15 both, from 16 the person alone; a child's words until 18."""
    found = addressees_on(BORN, day)
    assert (found.told, found.as_a_child) == (told, as_a_child)
    assert "avg-12-1" in found.norms


def test_an_unknown_age_is_an_adults() -> None:
    """Whoever's age nobody states is told itself."""
    found = addressees_on(None, date(2026, 6, 1))
    assert (found.told, found.as_a_child) == (("subject",), False)


@pytest.mark.parametrize("age", [11, 14, 17, 30])
def test_the_norms_named_are_norms(age: int) -> None:
    """Whatever is named as a reason stands among the norms, so that it can be looked up."""
    found = addressees_on(date(2026 - age, 1, 1), date(2026, 6, 1))
    assert set(found.norms) <= set(packaged_norms())


@pytest.mark.parametrize(
    "day", [date(2021, 7, 1), date(2025, 7, 1), date(2027, 7, 1), date(2029, 7, 1)], ids=["11", "15", "17", "19"]
)
def test_split_custody_is_told_of_where_a_representative_is(day: date) -> None:
    """Where a representative is told, the text says that both parents are, unless that is dangerous."""
    found = addressees_on(BORN, day)
    speaks_of_both = "beide ouders" in found.text.nl and "both parents" in found.text.en
    assert speaks_of_both is ("representative" in found.told)


@pytest.mark.parametrize(
    ("day", "years"),
    [(date(2026, 2, 28), 13), (date(2026, 3, 1), 14), (date(2028, 2, 28), 15), (date(2028, 2, 29), 16)],
)
def test_a_leap_day_child_grows_older_in_march(day: date, years: int) -> None:
    """Where there is no 29 February the birthday is 1 March, the later day: the child keeps its protection longer."""
    assert years_old(date(2012, 2, 29), day) == years


@given(st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.integers(0, 40_000))
def test_years_are_the_birthdays_that_passed(born: date, days: int) -> None:
    """Brute force: as many as the days in between that have the day and month of the birth, or 1 March."""
    day = date.fromordinal(born.toordinal() + days)
    birthdays = 0
    for year in range(born.year + 1, day.year + 1):
        try:
            birthday = born.replace(year=year)
        except ValueError:
            birthday = date(year, 3, 1)
        birthdays += birthday <= day
    assert years_old(born, day) == birthdays
