"""What a party had in a window, at once, against the definition of a holding asked moment by moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.ledger.domain.held_in_window import held_in_window
from services.ledger.domain.holdings import CarryingAct, Holding, HoldingRow, holdings

START = datetime(2026, 9, 1, 10, tzinfo=UTC)
PERSONS = (UUID(int=1, version=4), UUID(int=2, version=4))
HOLDER = "zorg"
Acts = dict[tuple[UUID, tuple[str, ...]], list[CarryingAct]]


def by_moment(rows: Sequence[HoldingRow], window: tuple[datetime, datetime], known_at: datetime) -> list[Holding]:
    """The same by the definition: the holdings at every moment of the window."""
    happened = {row.occurred_at for row in rows if window[0] <= row.occurred_at <= window[1]}
    return [
        holding
        for moment in sorted({*window, *happened})
        for holding in holdings(rows, moment, known_at)
        if holding.party == HOLDER and holding.status != "erased"
    ]


def acts_of(found: Sequence[Holding]) -> Acts:
    """The acts that carried each category of each person, as they were at the last of the moments."""
    acts: dict[tuple[UUID, tuple[str, ...]], dict[int, CarryingAct]] = {}
    for holding in found:
        known = acts.setdefault((holding.stream_id, holding.categories), {})
        known.update({act.position: act for act in holding.acts})
    return {key: sorted(each.values(), key=lambda act: act.position) for key, each in acts.items()}


@st.composite
def histories(draw: st.DrawFn) -> list[HoldingRow]:
    """A few acts of two parties on two persons, close together in time."""
    rows = []
    for number in range(draw(st.integers(1, 9))):
        hours = draw(st.integers(0, 96))
        own = draw(st.booleans())
        rows.append(
            HoldingRow(
                lane=0,
                stream_id=draw(st.sampled_from(PERSONS)),
                position=number + 1,
                operation_id=UUID(int=number + 1),
                party=draw(st.sampled_from((HOLDER, HOLDER, "school"))),
                effect=draw(st.sampled_from((1, 1, 1, -1))),
                occurred_at=START + timedelta(hours=hours),
                recorded_at=START + timedelta(hours=hours + draw(st.sampled_from((0, 0, 200)))),
                categories=draw(st.sampled_from((("name",), ("name", "school"), ("school",)))),
                ends=draw(st.sampled_from((None, date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 3)))),
                removed_at=draw(st.sampled_from((None, None, None, START + timedelta(hours=50)))),
                supplied_by=None if own else "politie",
                gdpr=draw(st.sampled_from((None, "6(1)(e)"))),
            )
        )
    return rows


@given(histories(), st.integers(0, 96), st.integers(0, 48))
def test_the_window_at_once_equals_the_window_moment_by_moment(
    rows: list[HoldingRow], begins: int, length: int
) -> None:
    """The same acts carry, with the same bases, whatever the order of acts, deletes, terms and corrections."""
    window = (START + timedelta(hours=begins), START + timedelta(hours=begins + length))
    known_at = START + timedelta(hours=120)
    expected = by_moment(rows, window, known_at)
    assert acts_of(held_in_window(rows, HOLDER, window, known_at, {})) == acts_of(expected)


def test_a_linked_stream_counts_for_the_one_that_stands_for_the_person() -> None:
    """What was recorded under either identifier is held of one person."""
    rows = [
        HoldingRow(
            lane=0,
            stream_id=person,
            position=number,
            operation_id=UUID(int=number),
            party=HOLDER,
            effect=1,
            occurred_at=START,
            recorded_at=START,
            categories=("name",),
        )
        for number, person in enumerate(PERSONS, 1)
    ]
    standing = {(0, PERSONS[1]): (0, PERSONS[0])}
    (found,) = held_in_window(rows, HOLDER, (START, START), START, standing)
    assert (found.stream_id, [act.position for act in found.acts]) == (PERSONS[0], [1, 2])
