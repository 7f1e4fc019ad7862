"""One operation under two readings of its covenant: what comes, what goes, and for whom it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
import pytest

from services.law.act import Necessity, Subject
from services.law.governance import (
    Annex,
    AnnexNecessity,
    Covenant,
    Criteria,
    Entry,
    Interpretation,
    Partner,
    Party,
)
from services.law.register import Known, Register
from services.law.verdict import Outcome
from services.ledger.application.lines import Line
from services.ledger.application.reread import Part, Readings, Reread, reread
from services.ledger.contract.events import Content
from services.ledger.contract.topics import PROCESSING_RECORDED
from services.ledger.domain.stored import StoredEvent
from tests.support.envelopes import make_envelope

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
EARLY = date(2026, 1, 1)
REASONS = Necessity(proportionality="alleen de naam", subsidiarity="een gesprek hielp niet")


def register(regime: Literal[1, 2, 3], *later: Entry) -> Register:
    """A covenant whose annex reasons necessity and excludes bystanders, known before the act; then what came later."""
    annex = Annex(
        id="groepen",
        criteria=Criteria(excludes_status=("bystander",)),
        necessity=AnnexNecessity(proportionality="alleen namen", subsidiarity="eerst een gesprek"),
        data_categories=("name",),
        retention={"plan": "P1Y"},
    )
    covenant = Covenant(
        id="huis",
        version=1,
        valid_from=EARLY,
        published=EARLY,
        regime=regime,
        purpose="orde",
        partners=(Partner(party="mayor"),),
        annexes=(annex,),
    )
    mayor = Party(id="mayor", kind="public-body", organ="burgemeester")
    return Register(Known(entry, place, AT) for place, entry in enumerate((mayor, covenant, *later), start=1))


def part(index: int = 0, *, counts: bool = True, status: str = "listed", necessity: Necessity | None = None) -> Part:
    """One person's share of an act under that covenant, judged when two entries were known."""
    fields: dict[str, Any] = {"index": index, "operation_id": UUID(int=1), "key": "act", "register_position": 2}
    envelope = make_envelope(
        **fields,
        controller="mayor",
        occurred_at=AT,
        operation="record",
        operation_class="alter",
        tense="fact",
        data_categories=("name",),
        covenant="huis",
        annex="groepen",
        phase="plan",
        gdpr="6(1)(e)",
        statute="jci1.3:c:BWBR0005416&artikel=172",
    )
    event = StoredEvent(
        lane=0,
        position=index + 1,
        stream_id=UUID(int=index + 1, version=4),
        version=1,
        topic=PROCESSING_RECORDED,
        operation_id=UUID(int=1),
        envelope=b"",
        state=b"",
        leaf_hash=bytes(32),
    )
    subject = Subject(id_type="V", id=str(index), status=status)  # type: ignore[arg-type]
    return Part(Line(event=event, envelope=envelope), Content(subject=subject, necessity=necessity), counts)


def reading(regime: Literal[1, 2, 3]) -> Interpretation:
    """The covenant read under a regime from later on."""
    return Interpretation(id="i", covenant="huis", regime=regime, by="mayor", text="t", valid_from=date(2026, 4, 1))


@pytest.mark.parametrize(
    ("before", "after", "adds", "drops"),
    [(2, 3, ("necessity-missing",), ()), (3, 2, (), ("necessity-missing",))],
)
def test_a_stricter_reading_adds_what_a_milder_one_drops(
    before: Literal[2, 3], after: Literal[2, 3], adds: tuple[str, ...], drops: tuple[str, ...]
) -> None:
    """What the annex reasoned stands in for the act under published criteria only."""
    found = reread([part()], Readings(reading(after), register(before)))
    outcomes = (Outcome.COMPLIANT, Outcome.GAP) if adds else (Outcome.GAP, Outcome.COMPLIANT)
    assert found == Reread(before=outcomes[0], after=outcomes[1], adds=adds, drops=drops)


def test_an_act_with_reasons_of_its_own_is_judged_the_same() -> None:
    """It owed nothing to the annex, so no reading of the covenant touches it."""
    assert reread([part(necessity=REASONS)], Readings(reading(3), register(2))) is None


def test_the_same_reading_changes_nothing() -> None:
    """Named anew, a regime stays what it was."""
    assert reread([part()], Readings(reading(2), register(2))) is None


def test_what_became_known_later_does_not_count_as_the_reading_then() -> None:
    """An interpretation that was registered after the act, for days before it, is not how it was judged."""
    known_later = Interpretation(id="i", covenant="huis", regime=3, by="mayor", text="t", valid_from=date(2026, 2, 1))
    found = reread([part()], Readings(known_later, register(2, known_later)))
    assert found is not None
    assert (found.before, found.adds) == (Outcome.COMPLIANT, ("necessity-missing",))


def second_version(valid_from: date, regime: Literal[1, 2, 3] | None) -> Covenant:
    """A younger text of the same covenant, which may say itself how it is read."""
    known = register(2).covenant("huis", EARLY)
    assert known is not None
    return msgspec.structs.replace(known, version=2, valid_from=valid_from, regime=regime)


@pytest.mark.parametrize(
    ("later", "is_hit"),
    [
        (second_version(date(2026, 2, 2), 2), False),
        (second_version(date(2026, 2, 1), 2), True),
        (second_version(date(2026, 3, 2), 2), True),
        (second_version(date(2026, 2, 2), None), True),
        (Interpretation(id="j", covenant="huis", regime=1, by="mayor", text="t", valid_from=date(2026, 2, 2)), False),
        (Interpretation(id="j", covenant="huis", regime=1, by="mayor", text="t", valid_from=date(2026, 1, 31)), True),
    ],
)
def test_a_reading_does_not_hit_what_a_younger_text_or_reading_settled(later: Entry, *, is_hit: bool) -> None:
    """Acts of before the reading are hit by it; those that something later than it governs are not."""
    reading_of_february = Interpretation(
        id="i", covenant="huis", regime=3, by="mayor", text="t", valid_from=date(2026, 2, 1)
    )
    known = register(2, later)
    given = part()
    envelope = msgspec.structs.replace(given.line.envelope, register_position=3)
    hit = msgspec.structs.replace(given, line=msgspec.structs.replace(given.line, envelope=envelope))
    assert (reread([hit], Readings(reading_of_february, known)) is not None) is is_hit


def test_only_the_persons_that_count_are_looked_at() -> None:
    """A violation about somebody whose data are gone is not told; the order of the parts does not matter."""
    parts = [part(1), part(0, counts=False, status="bystander")]
    found = reread(parts, Readings(reading(3), register(2)))
    assert found is not None
    assert (found.before, found.after) == (Outcome.COMPLIANT, Outcome.GAP)
    both = reread([part(1), part(0, status="bystander")], Readings(reading(3), register(2)))
    assert both is not None
    assert (both.before, both.after) == (Outcome.VIOLATION, Outcome.VIOLATION)
    assert reread(list(reversed(parts)), Readings(reading(3), register(2))) == found


def test_the_registers_of_one_moment_are_made_once() -> None:
    """Acts that were judged at the same position share both readings; those of another position do not."""
    readings = Readings(reading(3), register(2, reading(3)))
    assert readings.at(2) is readings.at(2)
    then, anew = readings.at(2)
    assert (then.position, anew.position) == (2, 2)
    assert readings.at(3)[0].position == 3
