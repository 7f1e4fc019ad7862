"""Which norms need a fresh look."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Any, get_args

import pytest

from services.law.norm_set import Norm
from services.law.stale_norms import Reason, reasons_of, stale_norms
from services.law.texts import Text
from services.law.verdict import Block

TODAY = date(2026, 11, 26)


def norm(**changes: Any) -> Norm:
    """A norm whose text of a year ago was read."""
    given: dict[str, Any] = {
        "id": "a",
        "citation": "a",
        "binds": "b",
        "block": Block.CARE,
        "rule": Text("c", "d"),
        "verified": True,
        "checked": "official-text-mirror",
        "checked_on": date(2026, 11, 23),
        "state_of_text": date(2025, 11, 26),
    }
    return Norm(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, []),
        ({"verified": False, "checked": "unverified", "checked_on": None, "state_of_text": None}, ["unverified"]),
        ({"checked": "old-text"}, ["old-text"]),
        ({"check_before": "release"}, ["check-before"]),
        ({"check_before": "2026-11-26"}, ["check-before"]),
        ({"check_before": "2026-11-27"}, []),
        ({"state_of_text": date(2023, 11, 26)}, ["text-aged"]),
        ({"state_of_text": date(2023, 11, 27)}, []),
        ({"state_of_text": None}, []),
        ({"state_of_text": None, "checked_on": date(2020, 2, 29)}, ["text-aged"]),
        ({"state_of_text": date(2001, 9, 1), "valid_until": date(2018, 5, 24)}, []),
        ({"state_of_text": date(2001, 9, 1), "valid_until": date(2026, 11, 26)}, ["text-aged"]),
        ({"checked": "old-text", "check_before": "release"}, ["old-text", "check-before"]),
    ],
)
def test_every_reason_is_named(changes: dict[str, Any], reasons: list[str]) -> None:
    """Unread, read in an old text, due by its own date, or read long ago; the law of the past does not age."""
    assert [*reasons_of(norm(**changes), TODAY)] == reasons


def test_there_are_no_other_reasons() -> None:
    """Whoever reads the list knows all words that can stand in it."""
    every = norm(checked="old-text", check_before="release", state_of_text=date(2001, 9, 1))
    unread = norm(verified=False, checked="unverified")
    assert {*reasons_of(every, TODAY), *reasons_of(unread, TODAY)} == set(get_args(Reason))


def test_only_those_with_a_reason_are_listed() -> None:
    """A norm that was read lately and has no date of its own is left out."""
    fresh, due = norm(), norm(id="b", check_before="release")
    found = stale_norms(MappingProxyType({"a": fresh, "b": due}), TODAY)
    assert [(stale.norm.id, stale.reasons) for stale in found] == [("b", ("check-before",))]
