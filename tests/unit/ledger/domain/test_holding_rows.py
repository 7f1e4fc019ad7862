"""The holding acts of an event as its envelope has them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.ledger.domain.holding_rows import holding_rows, rows_of_act
from services.ledger.domain.holdings import HoldingRow

AT = datetime(2026, 9, 10, 12, tzinfo=UTC)
PERSON = (0, UUID(int=1, version=4))
OTHER = (0, UUID(int=2, version=4))


def envelope(operation: int = 1, **fields: Any) -> Envelope:
    """An act of the mayor on the name."""
    given: dict[str, Any] = {
        "operation_class": "collect",
        "controller": "mayor",
        "data_categories": ("name",),
        "holding_ends": date(2026, 12, 10),
        "case_index": "ab" * 16,
    }
    return Envelope(
        operation_id=UUID(int=operation), key="k", author="guard", recorded_at=AT, occurred_at=AT, **(given | fields)
    )


def brief(rows: list[HoldingRow]) -> list[tuple[str, int, str | None]]:
    """Party, effect and supplier."""
    return [(row.party, row.effect, row.supplied_by) for row in rows]


@pytest.mark.parametrize(
    ("fields", "rows"),
    [
        ({}, [("mayor", 1, None)]),
        ({"controller": None}, [("guard", 1, None)]),
        ({"operation_class": "alter"}, [("mayor", 1, None)]),
        ({"operation_class": "consult"}, []),
        ({"operation_class": "restrict"}, []),
        ({"data_categories": ()}, []),
        ({"operation_class": "delete", "data_categories": ()}, [("mayor", -1, None)]),
        ({"operation_class": "share", "recipients": ("a", "b", "a")}, [("a", 1, "mayor"), ("b", 1, "mayor")]),
        ({"operation_class": "share"}, []),
    ],
)
def test_each_class_has_its_effect(fields: dict[str, Any], rows: list[tuple[str, int, str | None]]) -> None:
    """Who collects, uses or alters begins to hold, as does each recipient of a share; who deletes ends it."""
    assert brief(rows_of_act(PERSON, 7, envelope(**fields))) == rows


def test_a_row_says_what_the_act_says() -> None:
    """Place, term, scope and indexes."""
    (row,) = rows_of_act(PERSON, 7, envelope(covenant="huis", annex="jeugd", list_kind="bruto", list_index="cd"))
    assert (row.lane, row.stream_id, row.position, row.ends) == (*PERSON, 7, date(2026, 12, 10))
    assert (row.covenant, row.annex, row.list_kind, row.list_index) == ("huis", "jeugd", "bruto", "cd")
    assert row.case_index == bytes.fromhex("ab" * 16)
    assert rows_of_act(PERSON, 7, envelope(case_index=None))[0].case_index is None


def test_on_a_stream_that_is_no_persons_nobody_is_held() -> None:
    """A party's own stream has a derived id."""
    assert rows_of_act((0, UUID(int=1, version=5)), 7, envelope()) == []


def test_what_was_taken_back_is_left_out() -> None:
    """On the stream where it was taken back, and of that operation only; an intent begins nothing."""
    taken_back = envelope(3, about_operation=UUID(int=1), correction="annulled")
    corrected = envelope(4, about_operation=UUID(int=2), correction="correction")
    events = [
        (PERSON, 1, topics.PROCESSING_RECORDED, envelope(1)),
        (PERSON, 2, topics.PROCESSING_RECORDED, envelope(2)),
        (OTHER, 3, topics.PROCESSING_RECORDED, envelope(1)),
        (PERSON, 4, topics.PROCESSING_INTENDED, envelope(5)),
        (PERSON, 5, topics.PROCESSING_CORRECTED, taken_back),
        (PERSON, 6, topics.PROCESSING_CORRECTED, corrected),
    ]
    assert [row.position for row in holding_rows(events)] == [2, 3]
