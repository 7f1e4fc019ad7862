"""Exactly the changed fields, of two versions or of two covenants."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.covenants.difference import Change, diff
from tests.unit.law.covenants.fixtures import Body, body, read, with_annex


def changes(first: Body, second: Body) -> list[tuple[str, str, Any, Any]]:
    """Pointer, kind, first and second of each change."""
    return [(c.pointer, c.kind, c.first, c.second) for c in diff(read(first), read(second))]


PARTNERS = body()["partners"]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, []),
        ({"version": 2}, []),
        ({"purpose": "zorg"}, [("/purpose", "changed", "aanpak-jeugdgroepen", "zorg")]),
        ({"purpose": None}, [("/purpose", "removed", "aanpak-jeugdgroepen", None)]),
        ({"summary": "plain"}, [("/summary", "added", None, "plain")]),
        ({"coercive": True}, [("/coercive", "changed", False, True)]),
        ({"validUntil": "2026-12-31"}, [("/validUntil", "changed", "2027-12-31", "2026-12-31")]),
        ({"territory": ["N", "Middelstad"]}, [("/territory/N", "added", None, "N")]),
        (
            {"territory": ["a/b~c"]},
            [("/territory/Middelstad", "removed", "Middelstad", None), ("/territory/a~1b~0c", "added", None, "a/b~c")],
        ),
        ({"municipalities": []}, []),
        ({"municipalities": ["M"]}, [("/municipalities/M", "added", None, "M")]),
        ({"partners": [*reversed(PARTNERS)]}, []),
        (
            {"partners": [*PARTNERS[1:], {"party": "om"}]},
            [
                (
                    "/partners/college",
                    "removed",
                    {"from": None, "until": None, "role": "partner", "ground": None},
                    None,
                ),
                ("/partners/om", "added", None, {"from": None, "until": None, "role": "partner", "ground": None}),
            ],
        ),
        (
            {"partners": [*PARTNERS[:3], {"party": "youth", "until": "2026-01-01", "role": "incidental"}]},
            [
                ("/partners/youth/role", "changed", "partner", "incidental"),
                ("/partners/youth/until", "added", None, "2026-01-01"),
            ],
        ),
        (
            {"arrangement": None},
            [(f"/arrangement/{d}", "removed", "college", None) for d in ("contactPoint", "informs", "reportsBreach")],
        ),
        ({"annexes": []}, "/annexes/jeugdgroepen"),
    ],
)
def test_each_field(second: Body, expected: Any) -> None:
    """Lists without their order, partners by party, empty and absent alike; id and version are what is compared."""
    found = changes(body(), body() | second)
    if isinstance(expected, str):
        assert [(pointer, kind) for pointer, kind, _, _ in found] == [(expected, "removed")]
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"retention": {"signalling": "P3M", "plan": "P1Y"}}, [("retention/plan", "changed", "P2Y", "P1Y")]),
        ({"retention": {"signalling": "P3M"}}, [("retention/plan", "removed", "P2Y", None)]),
        (
            {"retention": {"signalling": "P3M", "plan": "P2Y", "a/b": "P1D"}},
            [("retention/a~1b", "added", None, "P1D")],
        ),
        ({"retention": {"signalling": "p3m", "plan": "P24M"}}, []),
        ({"retention": {"signalling": "P90D", "plan": "P2Y"}}, [("retention/signalling", "changed", "P3M", "P90D")]),
        ({"retention": {"signalering": "drie maanden", "Plan van aanpak": "2 jaar"}}, []),
        (
            {"retention": {"signalering": "P6M", "signaal": "P3M", "plan": "P2Y"}},
            [
                ("retention/signaal", "added", None, "P3M"),
                ("retention/signalering", "added", None, "P6M"),
                ("retention/signalling", "removed", "P3M", None),
            ],
        ),
        ({"retention": {"Signalering": "P6M", "plan": "P2Y"}}, [("retention/signalling", "changed", "P3M", "P6M")]),
        ({"dataCategories": ["report", "name"]}, []),
        ({"dataCategories": ["report"]}, [("dataCategories/name", "removed", "name", None)]),
        ({"necessity": {"proportionality": "x"}}, [("necessity/proportionality", "added", None, "x")]),
        (
            {
                "criteria": {
                    "include": "two reports",
                    "exclude": "x",
                    "ends": "half a year",
                    "excludesStatus": ["bystander"],
                }
            },
            [
                ("criteria/exclude", "changed", "bystanders", "x"),
                ("criteria/excludesStatus/bystander", "added", None, "bystander"),
            ],
        ),
    ],
)
def test_within_an_annex(second: Body, expected: list[tuple[Any, ...]]) -> None:
    """Down to each phase, category and criterion of the annex of that id."""
    found = [
        (pointer.removeprefix("/annexes/jeugdgroepen/"), *rest)
        for pointer, *rest in changes(body(), with_annex("b", **second))
    ]
    assert found == expected


def test_the_same_term_of_the_record_is_no_change() -> None:
    """However it is spelt; another one is told as both sides have it, and so is one that came or went."""
    first = body(recordRetention="P12M")
    assert changes(first, body(recordRetention="1 jaar")) == changes(first, body(recordRetention="P1Y")) == []
    assert changes(first, body(recordRetention="P24M")) == [("/recordRetention", "changed", "P12M", "P24M")]
    assert changes(first, body()) == [("/recordRetention", "removed", "P12M", None)]


def test_one_party_twice_is_kept_apart() -> None:
    """A partner that left and came back: the windows are compared in order of their begin."""
    windows = [{"party": "youth", "until": "2025-12-31"}, {"party": "youth", "from": "2026-06-01"}]
    before = body(partners=windows)
    assert changes(before, body(partners=[*reversed(windows)])) == []
    moved = [windows[0], {"party": "youth", "from": "2026-07-01"}]
    assert changes(before, body(partners=moved)) == [("/partners/youth#2/from", "changed", "2026-06-01", "2026-07-01")]


def test_a_party_may_be_called_like_a_field() -> None:
    """An id is never taken for the name of a list."""
    first = body(partners=[{"party": "annexes"}], territory=[])
    second = body(partners=[{"party": "annexes", "ground": "Wmo 5.2.6"}], territory=[])
    assert changes(first, second) == [("/partners/annexes/ground", "added", None, "Wmo 5.2.6")]


@given(
    st.sampled_from(["a", "b"]),
    st.permutations(["purpose", "regime", "published", "recordRetention"]),
    st.integers(0, 4),
)
def test_what_was_changed_is_what_is_told(covenant_id: str, fields: list[str], count: int) -> None:
    """For any set of changed fields exactly those are told, and the other way round the same with sides swapped."""
    new = {"purpose": "zorg", "regime": 3, "published": "2025-02-02", "recordRetention": "P5Y"}
    changed = body(covenant_id) | {field: new[field] for field in fields[:count]}
    there = diff(read(body()), read(changed))
    back = diff(read(changed), read(body()))
    assert [change.pointer for change in there] == sorted(f"/{field}" for field in fields[:count])
    swapped = {"added": "removed", "removed": "added", "changed": "changed"}
    assert back == tuple(Change(c.pointer, swapped[c.kind], c.second, c.first) for c in there)  # type: ignore[arg-type]
