"""A later change of the terms: prolonged under a norm, shortened to today or later, never revived."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.errors import (
    LawError,
    ProlongationWithoutNormError,
    RecordBeforeHoldingError,
    TermChangeEmptyError,
    TermEndedError,
    TermEndPastError,
    TermMinimumError,
)
from services.law.precedence import Minimum
from services.law.term_change import Ends, TermChange, decide_change

TODAY = date(2026, 6, 1)
NORM = "Archiefwet 5"


def year(number: int) -> date:
    """Today in another year."""
    return TODAY.replace(year=number)


BOTH = Ends(year(2028), year(2033))
UNKNOWN = Ends(None, year(2031))


def change(
    current: Ends,
    holding: int | None = None,
    record: int | None = None,
    norm: str | None = None,
    *minimums: Minimum,
) -> TermChange:
    """The change asked for, with ends on today's day in those years."""
    return decide_change(
        current,
        holding=None if holding is None else year(holding),
        record=None if record is None else year(record),
        norm=norm,
        today=TODAY,
        minimums=minimums,
    )


@pytest.mark.parametrize(
    ("current", "holding", "record", "norm", "after", "flags"),
    [
        (BOTH, 2027, None, None, (2027, 2033), ""),
        (BOTH, 2026, 2026, None, (2026, 2026), ""),
        (BOTH, 2030, None, NORM, (2030, 2033), "prolongs"),
        (BOTH, 2036, None, NORM, (2036, 2036), "prolongs follows"),
        (BOTH, 2036, 2040, NORM, (2036, 2040), "prolongs"),
        (BOTH, None, 2040, NORM, (2028, 2040), "prolongs"),
        (BOTH, None, 2030, None, (2028, 2030), ""),
        (BOTH, None, 2027, None, (2028, 2027), "before"),
        (BOTH, 2030, 2027, NORM, (2030, 2027), "prolongs before"),
        (BOTH, 2028, 2033, None, (2028, 2033), ""),
        (UNKNOWN, 2030, None, None, (2030, 2031), ""),
        (UNKNOWN, 2035, None, NORM, (2035, 2035), "prolongs follows"),
        (UNKNOWN, None, 2028, None, (None, 2028), ""),
        (Ends(year(2025), year(2033)), None, 2030, None, (2025, 2030), ""),
        (Ends(year(2025), year(2033)), 2025, 2030, None, (2025, 2030), ""),
        (Ends(year(2030), year(2028)), 2029, None, None, (2029, 2028), "before"),
        (Ends(year(2030), year(2028)), 2030, None, None, (2030, 2028), "before"),
        (Ends(year(2030), year(2026)), None, 2031, NORM, (2030, 2031), "prolongs"),
    ],
)
def test_the_terms_after_a_change(
    current: Ends, holding: int | None, record: int | None, norm: str | None, after: tuple[int | None, int], flags: str
) -> None:
    """What was asked holds; the record follows a holding that outgrows it, and is cut short only on purpose."""
    found = change(current, holding, record, norm)
    held_until = None if after[0] is None else year(after[0])
    assert found.ends == Ends(held_until, year(after[1]))
    named = {"prolongs": found.prolongs, "follows": found.record_follows, "before": found.record_before_holding}
    assert [name for name, is_so in named.items() if is_so] == flags.split()


@pytest.mark.parametrize(
    ("current", "holding", "record", "norm", "error"),
    [
        (BOTH, None, None, NORM, TermChangeEmptyError),
        (Ends(year(2024), year(2025)), None, 2030, NORM, TermEndedError),
        (Ends(year(2025), year(2033)), 2030, None, NORM, TermEndedError),
        (Ends(year(2025), year(2033)), 2024, None, None, TermEndedError),
        (BOTH, 2025, None, None, TermEndPastError),
        (BOTH, 2025, None, NORM, TermEndPastError),
        (BOTH, None, 2025, None, TermEndPastError),
        (UNKNOWN, 2025, None, None, TermEndPastError),
        (BOTH, 2029, None, None, ProlongationWithoutNormError),
        (BOTH, None, 2034, None, ProlongationWithoutNormError),
        (UNKNOWN, 2035, None, None, ProlongationWithoutNormError),
        (BOTH, 2036, 2034, NORM, RecordBeforeHoldingError),
        (BOTH, 2036, 2033, NORM, RecordBeforeHoldingError),
        (Ends(year(2036), year(2028)), None, 2030, NORM, RecordBeforeHoldingError),
    ],
)
def test_what_a_change_may_not_do(
    current: Ends, holding: int | None, record: int | None, norm: str | None, error: type[LawError]
) -> None:
    """Nothing, revive, reach into the past, prolong without a norm, or leave the evidence behind the data."""
    with pytest.raises(error):
        change(current, holding, record, norm)


def test_a_minimum_is_cut_only_under_a_norm() -> None:
    """What a selection list wants kept until 2030 is not shortened in silence; of two minimums the longest counts."""
    lists = (Minimum("selectielijst 8.1", year(2027)), Minimum("selectielijst 2.3", year(2030)))
    with pytest.raises(TermMinimumError):
        change(Ends(year(2031), year(2036)), 2029, None, None, *lists)
    assert change(Ends(year(2031), year(2036)), 2030, None, None, *lists).ends.holding == year(2030)
    assert change(Ends(year(2031), year(2036)), 2029, None, NORM, *lists).ends.holding == year(2029)


YEARS = st.integers(2024, 2034)


@given(st.none() | YEARS, YEARS, st.none() | YEARS, st.none() | YEARS, st.sampled_from([None, NORM]))
def test_no_change_reaches_back_or_prolongs_in_silence(
    held: int | None, recorded: int, holding: int | None, record: int | None, norm: str | None
) -> None:
    """Whatever is asked: what changed lies ahead and had not ended, and what grew had a norm."""
    current = Ends(None if held is None else year(held), year(recorded))
    try:
        found = change(current, holding, record, norm)
    except LawError:
        return
    pairs = ((current.holding, found.ends.holding), (current.record, found.ends.record))
    for before, after in pairs:
        if after != before:
            assert after is not None
            assert after >= TODAY
            assert before is None or before >= TODAY
            assert norm is not None or before is None or after < before
    assert record is None or found.ends.record == year(record)
    if found.record_before_holding:
        assert found.ends.record <= current.record
