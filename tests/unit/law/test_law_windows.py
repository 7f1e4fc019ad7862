"""From when until when a law holds, out of the norms that cite it."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from services.law.law_windows import Window, windows_of
from services.law.norm_set import Norm, NormSet
from services.law.texts import Text
from services.law.verdict import Block
from services.ledger.storage.norms import packaged_norms

ACT = "jci1.3:c:BWBR0000001&artikel="
EARLY, LATE = date(2001, 1, 1), date(2010, 1, 1)


def norms(*given: dict[str, Any]) -> NormSet:
    """Norms of one act, each with what is said of its days."""
    return MappingProxyType(
        {
            str(number): Norm(
                id=str(number),
                citation=f"{ACT}{number}",
                binds="anyone",
                block=Block.CARE,
                rule=Text("a", "b"),
                verified=False,
                checked="unverified",
                **days,
            )
            for number, days in enumerate(given)
        }
    )


@pytest.mark.parametrize(
    ("given", "begins", "ends"),
    [
        ([{"valid_from": LATE}, {"valid_from": EARLY}], EARLY, None),
        ([{"valid_from": LATE}, {"valid_from": EARLY, "valid_from_checked": False}], None, None),
        ([{"valid_from": EARLY}, {"valid_from": LATE, "valid_from_checked": False}], EARLY, None),
        ([{"valid_from": EARLY}, {"valid_from": EARLY, "valid_from_checked": False}], EARLY, None),
        ([{"valid_from": LATE}, {}], date.min, None),
        ([{"valid_until": EARLY}, {"valid_until": LATE}], date.min, LATE),
        ([{"valid_until": EARLY}, {}], date.min, None),
    ],
)
def test_a_law_holds_from_its_first_norm_to_the_end_of_its_last(
    given: list[dict[str, Any]], begins: date | None, ends: date | None
) -> None:
    """A first day that nobody checked is not known, and one norm without an end leaves the law without one."""
    assert windows_of(norms(*given)) == {"BWBR0000001": Window(begins, ends)}


def test_a_norm_of_no_law_gives_none() -> None:
    """A citation without a number of an act says nothing of a law."""
    other = Norm(
        id="x",
        citation="a book",
        binds="b",
        block=Block.CARE,
        rule=Text("a", "b"),
        verified=False,
        checked="unverified",
    )
    assert windows_of(MappingProxyType({"x": other})) == {}


@pytest.mark.parametrize(
    ("law", "begins", "ends"),
    [
        ("BWBR0011468", date(2001, 9, 1), date(2018, 5, 24)),
        ("eli/reg/2016/679", date(2018, 5, 25), None),
        ("BWBR0040940", date(2018, 5, 25), None),
        ("BWBR0049962", date(2025, 3, 1), None),
        ("BWBR0050665", date(2025, 3, 1), None),
        ("BWBR0034925", date(2015, 1, 1), None),
        ("BWBR0035362", date(2015, 1, 1), None),
        ("BWBR0022463", date(2008, 1, 1), None),
        ("BWBR0005416", None, None),
        ("BWBR0002628", None, None),
    ],
)
def test_the_laws_of_the_pack_have_their_days(law: str, begins: date | None, ends: date | None) -> None:
    """S72: Wbp to 24 May 2018, AVG and UAVG since, WGS from 1 March 2025; an unchecked first day is not known."""
    assert windows_of(packaged_norms())[law] == Window(begins, ends)
