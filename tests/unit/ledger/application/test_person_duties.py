"""For which covenants a party may have to tell, and who still has what a duty is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.law.governance import Arrangement, Covenant, Party
from services.law.inform import InformDuty
from services.law.register import Known, Register
from services.ledger.application.person_duties import covenants_told_by, is_held
from services.ledger.domain.holdings import DELETES, HoldingRow, holdings

AT = datetime(2026, 9, 10, 12, tzinfo=UTC)
LATER = AT + timedelta(days=9)


def covenant(name: str = "house", version: int = 1, **fields: Any) -> Covenant:
    """A version of a covenant, valid since 2025."""
    return Covenant(id=name, version=version, **({"valid_from": date(2025, 6, 1)} | fields))


def register(*entries: Covenant | Party) -> Register:
    """A register of these entries, in the order in which they became known."""
    return Register(Known(entry, position, AT) for position, entry in enumerate(entries, start=1))


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ((covenant(arrangement=Arrangement(informs="desk")),), ("house",)),
        ((covenant(arrangement=Arrangement(informs="college")),), ()),
        ((covenant(),), ()),
        # Under the WGS the contact point tells, whatever the covenant says; elsewhere it only answers requests.
        ((covenant(legal_frame="wgs-zvh", arrangement=Arrangement(contact_point="desk")),), ("house",)),
        (
            (covenant(legal_frame="wgs-zvh", arrangement=Arrangement(contact_point="desk", informs="college")),),
            ("house",),
        ),
        ((covenant(arrangement=Arrangement(contact_point="desk", informs="college")),), ()),
        # From an umbrella, and from one above that.
        ((covenant("roof", arrangement=Arrangement(informs="desk")), covenant(umbrella="roof")), ("house", "roof")),
        (
            (
                covenant(umbrella="roof"),
                covenant("roof", umbrella="sky"),
                covenant("sky", umbrella=True, arrangement=Arrangement(informs="desk")),
            ),
            ("house", "roof", "sky"),
        ),
        (
            (
                covenant("roof", arrangement=Arrangement(contact_point="desk")),
                covenant(umbrella="roof", legal_frame="wgs-zvh"),
                covenant("other", umbrella="roof"),
            ),
            ("house",),
        ),
        # By whichever version: a duty of last year is not gone with a newer text.
        (
            (
                covenant(arrangement=Arrangement(informs="desk")),
                covenant(version=2, valid_from=date(2026, 6, 1), arrangement=Arrangement(informs="college")),
            ),
            ("house",),
        ),
        # Umbrellas in a circle end.
        (
            (
                covenant("roof", umbrella="house"),
                covenant(umbrella="roof", arrangement=Arrangement(informs="desk")),
            ),
            ("house", "roof"),
        ),
    ],
)
def test_the_covenants_of_who_tells(entries: tuple[Covenant, ...], found: tuple[str, ...]) -> None:
    """By what a version says itself, what it takes from an umbrella, and what the WGS makes of it."""
    assert covenants_told_by(register(*entries), "desk") == found


def row(number: int, party: str, *, effect: int = 1, **fields: Any) -> HoldingRow:
    """What an act gave a party of the person's name, or took from it."""
    usual: dict[str, Any] = {
        "lane": 0,
        "stream_id": UUID(int=7),
        "position": number,
        "operation_id": UUID(int=number),
        "occurred_at": AT + timedelta(hours=number),
        "recorded_at": AT + timedelta(hours=number),
        "categories": ("name",),
    }
    return HoldingRow(party=party, effect=effect, **(usual | fields))


def held(party: str, rows: tuple[HoldingRow, ...], known: Register, **fields: Any) -> bool:
    """Whether somebody still has what the duty of the party is about."""
    duty = InformDuty(party=party, controllers=(party,), obtained_at=AT, due=AT, moment="one-month", **fields)
    acts = {(each.lane, each.position, each.party): each for each in rows}
    return is_held(duty, holdings(rows, LATER, LATER), acts, known)


OWN = row(1, "college")
GIVEN = row(2, "police", supplied_by="college")


@pytest.mark.parametrize(
    ("rows", "is_there"),
    [
        ((OWN,), True),
        ((OWN, row(3, "college", effect=DELETES)), False),
        ((GIVEN,), True),
        ((GIVEN, row(3, "police", effect=DELETES)), False),
        ((row(2, "police", supplied_by="mayor"),), False),
        ((row(2, "police"),), False),
        ((row(2, "police", supplied_by="college", covenant="house"),), False),
    ],
)
def test_who_gave_it_must_tell_while_others_have_it(*, rows: tuple[HoldingRow, ...], is_there: bool) -> None:
    """Outside a covenant: its own data, and what it gave to others; not what those have from elsewhere."""
    assert held("college", rows, register()) is is_there


@pytest.mark.parametrize(
    ("informs", "party", "is_there"), [("desk", "desk", True), ("college", "desk", False), (None, "mayor", True)]
)
def test_under_a_covenant_whatever_it_is_about_counts(*, informs: str | None, party: str, is_there: bool) -> None:
    """For who tells for all, whoever has it; where nobody does, each tells of its own."""
    known = register(covenant(arrangement=Arrangement(informs=informs)))
    rows = (row(1, "police", supplied_by="mayor", covenant="house", annex="groups"),)
    assert held(party, rows, known, covenant="house", annex="groups") is is_there
    assert held(party, rows, known, covenant="house", annex="other") is False


def test_what_another_has_of_itself_keeps_no_duty_alive() -> None:
    """Under a covenant where each tells of its own, what one erased is gone though another has its own."""
    known = register(covenant())
    rows = (row(1, "mayor", covenant="house"), row(2, "college", covenant="house"), row(3, "mayor", effect=DELETES))
    assert [held(party, rows, known, covenant="house") for party in ("mayor", "college")] == [False, True]
