from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.law.act import Recipient
from services.law.governance import Activity
from services.law.register import Known, Register
from services.ledger.application.holding_view import (
    SeenAct,
    keep_readable,
    standing_streams,
    view_bases,
    view_holding,
)
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.holdings import Basis, CarryingAct, Holding

BEGAN = datetime(2026, 9, 10, 9, tzinfo=UTC)
NOBODY = Register()
GROUND = Basis(gdpr="6(1)(e)", statute="Gemeentewet 172", covenant="huis", annex="jeugd", covenant_version=1)


def carrying(position: int, **fields: Any) -> CarryingAct:
    """An act that the mayor supplied, a day later per position, that ends a year after."""
    moment = BEGAN + timedelta(days=position)
    given: dict[str, Any] = {"supplied_by": "burgemeester", "supplied": GROUND, "own": None, "ends": date(2027, 9, 10)}
    return CarryingAct(lane=0, position=position, operation_id=UUID(int=position), occurred_at=moment, **given | fields)


def holding(*acts: CarryingAct) -> Holding:
    """What the youth work holds by these acts."""
    return Holding(
        party="jongerenwerk",
        lane=0,
        stream_id=UUID(int=9),
        categories=("name",),
        status="held",
        since=acts[0].occurred_at,
        until=max(act.ends for act in acts if act.ends),
        acts=acts,
    )


def seen(*acts: CarryingAct, content: Content | None = None) -> dict[tuple[int, int], SeenAct]:
    """The events behind the acts."""
    return {
        (act.lane, act.position): SeenAct(
            envelope=Envelope(
                operation_id=act.operation_id,
                key=f"key-{act.position}",
                author="burgemeester",
                recorded_at=act.occurred_at,
                occurred_at=act.occurred_at,
            ),
            content=content,
        )
        for act in acts
    }


def test_supplied_and_own() -> None:
    """The supplier's basis stands with its label and covenant; the holder's own is missing, and that is found."""
    acts = (carrying(1), carrying(2))
    item = view_holding(holding(*acts), "ref", seen(*acts), NOBODY)
    assert item["bases"] == [
        {
            "supplied": {
                "gdpr": "6(1)(e)",
                "statute": "jci1.3:c:BWBR0005416&artikel=172",
                "statuteLabel": "Gemeentewet 172",
                "covenant": {"id": "huis", "annex": "jeugd", "version": 1},
            },
            "own": None,
        }
    ]
    assert item["findings"] == ["holder-basis-missing"]
    assert item["operationIds"] == ["key-1", "key-2"]


def test_a_name_that_was_stored_as_given_is_shown_so() -> None:
    """The Wmo of before 2015 is not that of 2015, which has its name now."""
    act = carrying(1, supplied=Basis(gdpr="6(1)(e)", statute="Wmo 4"))
    (basis,) = view_bases("jongerenwerk", (act,), seen(act), NOBODY)
    assert basis["supplied"] == {"gdpr": "6(1)(e)", "statute": "Wmo 4", "statuteLabel": "Wmo 4", "covenant": None}


def test_own_basis_recorded() -> None:
    """A ground that the holder recorded itself is shown, and nothing is missing."""
    act = carrying(1, own=Basis(gdpr="6(1)(c)"))
    item = view_holding(holding(act), None, seen(act), NOBODY)
    assert item["bases"][0]["own"]["gdpr"] == "6(1)(c)"
    assert item["findings"] == []


@pytest.mark.parametrize(
    ("activity", "own"),
    [
        ({"legal_basis": "6(1)(f)"}, "6(1)(f)"),
        ({"legal_basis": {"gdpr": "6(1)(c)", "statute": "Jeugdwet 7.2.1"}}, "6(1)(c)"),
        ({"legal_basis": None}, None),
        ({"legal_basis": "6(1)(f)", "controller": "school"}, None),
    ],
)
def test_own_basis_of_the_recipients_activity(activity: dict[str, Any], own: str | None) -> None:
    """A share that names the recipient's activity brings that activity's ground, if it is the recipient's own."""
    entry = Activity(id="urn:talks", **{"controller": "jongerenwerk"} | activity)
    register = Register([Known(entry, 1, BEGAN)])
    content = Content(recipients=(Recipient(party="jongerenwerk", activity="urn:talks"), Recipient(party="politie")))
    act = carrying(1)
    (basis,) = view_bases("jongerenwerk", (act,), seen(act, content=content), register)
    assert (basis["own"] and basis["own"]["gdpr"]) == own


def test_a_person_stands_on_the_first_stream_that_is_listed() -> None:
    """Not on the first of all: a page that does not list that one would show him nowhere."""
    first, second, other = ((0, UUID(int=number)) for number in (1, 2, 3))
    closure = {first: (first, second), second: (second, first), other: (other,)}
    assert standing_streams(closure, {second}) == {first: second, second: second, other: other}
    assert standing_streams(closure, {first, second})[second] == first
    assert standing_streams(closure, ()) == {first: first, second: first, other: other}


def test_only_readable_acts_remain() -> None:
    """A holding is shown as far as readable acts carry it; one that no readable act carries is not there."""
    first, second = carrying(1, ends=date(2030, 1, 1)), carrying(2, ends=date(2027, 1, 1))
    whole = holding(first, second)
    assert keep_readable([whole], frozenset({(0, 1), (0, 2)})) == [whole]
    (part,) = keep_readable([whole], frozenset({(0, 2)}))
    assert (part.acts, part.since, part.until) == ((second,), second.occurred_at, date(2027, 1, 1))
    assert keep_readable([whole], frozenset()) == []


def test_an_unknown_end_stays_unknown() -> None:
    """When a readable act has no known end, neither has what it carries."""
    first, second = carrying(1), carrying(2, ends=None)
    (part,) = keep_readable([holding(first, second, carrying(3))], frozenset({(0, 1), (0, 2)}))
    assert part.until is None
