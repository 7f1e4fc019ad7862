from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.law.act import Confidentiality
from services.law.governance import Covenant
from services.law.register import Known, Register
from services.ledger.application.lines import Later, Line
from services.ledger.application.withholding import covers, needs_human, withhold
from services.ledger.contract.events import Content, DestroyedRecords, Envelope
from services.ledger.contract.topics import (
    CONFIDENTIALITY_SET,
    ERASED,
    EXEMPTION_ENDED,
    EXEMPTION_RECORDED,
    PROCESSING_RECORDED,
)
from services.ledger.domain.stored import StoredEvent

NOW = datetime(2026, 10, 1, 7, tzinfo=UTC)
TODAY = date(2026, 10, 1)
PERSON = UUID(int=4 << 76)
KNOWN = Register(
    Known(Covenant(id=name, version=1, valid_from=date(2026, 1, 1), purpose=purpose), number, NOW)
    for number, (name, purpose) in enumerate({"huis": "jeugd", "zvh": "Aanpak huiselijk geweld"}.items(), start=1)
)
HUIS: dict[str, Any] = {"covenant": "huis", "annex": "jeugd"}


def stored(position: int, topic: str, envelope: Envelope) -> StoredEvent:
    """An event on the person's stream."""
    return StoredEvent(
        lane=0,
        position=position,
        stream_id=PERSON,
        version=position,
        topic=topic,
        operation_id=envelope.operation_id,
        envelope=b"",
        state=None,
        leaf_hash=b"",
    )


def line(position: int, topic: str = PROCESSING_RECORDED, later: tuple[Later, ...] = (), **fields: Any) -> Line:
    """A line of the college, recorded two weeks ago."""
    given: dict[str, Any] = {"controller": "college", "occurred_at": NOW - timedelta(days=14)} | fields
    envelope = Envelope(operation_id=UUID(int=position), key=str(position), author="college", recorded_at=NOW, **given)
    return Line(event=stored(position, topic, envelope), envelope=envelope, later=later)


def made_confidential(position: int, level: str, until: date | None = None) -> Later:
    """A later change of confidentiality."""
    envelope = Envelope(
        operation_id=UUID(int=position),
        key=str(position),
        author="college",
        recorded_at=NOW,
        occurred_at=NOW,
        confidentiality=level,
        confidential_until=until,
    )
    return Later(stored(position, CONFIDENTIALITY_SET, envelope), envelope)


def exemption(**fields: Any) -> Line:
    """An exemption at place 9."""
    return line(9, EXEMPTION_RECORDED, norm="UAVG 41(1)(d)", **fields)


def ground(text: str | None) -> Content:
    """A content that states a ground."""
    return Content(confidentiality=Confidentiality(level="confidential", ground=text))


def test_nothing_withheld_reads_as_nothing_said() -> None:
    """Without anything to hide the answer says that nothing may be told, as it does when something is hidden."""
    told = withhold([line(1)], {}, TODAY)
    assert [shown.place for shown in told.shown] == [(0, 1)]
    assert told.view() == {"mayBeTold": False}


@pytest.mark.parametrize(
    ("review_on", "hidden"),
    [(None, True), (TODAY, True), (TODAY + timedelta(days=1), True), (TODAY - timedelta(days=1), False)],
)
def test_exemption_lasts_until_its_review(review_on: date | None, hidden: bool) -> None:  # noqa: FBT001
    """It holds through its review date; without one it holds on. It hides the annex's lines and itself."""
    lines = [line(1, **HUIS), line(2), exemption(review_on=review_on, **HUIS)]
    told = withhold(lines, {}, TODAY)
    assert [shown.event.position for shown in told.shown] == ([2] if hidden else [1, 2, 9])
    assert told.view() == {"mayBeTold": False}


@pytest.mark.parametrize(("days_ago", "hidden"), [(3, False), (0, False), (-1, True)])
def test_an_exemption_ends_with_its_reason(days_ago: int, hidden: bool) -> None:  # noqa: FBT001
    """From the day on which its reason has gone it hides nothing, whatever its review date."""
    moment = NOW - timedelta(days=days_ago)
    ended = Envelope(operation_id=UUID(int=30), key="30", author="politie", recorded_at=NOW, occurred_at=moment)
    later = (Later(stored(30, EXEMPTION_ENDED, ended), ended),)
    decision = line(9, EXEMPTION_RECORDED, later, norm="UAVG 41(1)(d)", review_on=TODAY + timedelta(days=9), **HUIS)
    assert bool(withhold([line(1, **HUIS), decision], {}, TODAY).withheld) is hidden


@pytest.mark.parametrize(
    ("about", "covered"),
    [
        ({"covenant": "huis", "annex": "jeugd"}, True),
        ({"covenant": "huis", "annex": "zorg"}, False),
        ({"covenant": "dorp", "annex": "jeugd"}, False),
        ({}, False),
    ],
)
def test_what_an_exemption_covers(about: dict[str, Any], covered: bool) -> None:  # noqa: FBT001
    """With a covenant: lines of that annex, whoever their controller is."""
    assert covers(exemption(**HUIS).envelope, line(1, **about | {"controller": "politie"}).envelope) is covered


def test_exemption_without_covenant() -> None:
    """Without a covenant it covers its controller's lines and no other's; without annex all annexes."""
    assert covers(exemption().envelope, line(1, **HUIS).envelope)
    assert not covers(exemption().envelope, line(1, controller="politie").envelope)
    assert covers(exemption(covenant="huis").envelope, line(1, **HUIS).envelope)


def test_an_exemption_covers_that_something_was_erased() -> None:
    """Whoever erased it: that lines of its annex had stood there is not told either."""
    erased = (DestroyedRecords(controller="politie", count=1, covenant="huis", annex="jeugd"),)
    told = line(1, ERASED, controller="politie", destroyed=erased).envelope
    assert covers(exemption(**HUIS).envelope, told)
    assert not covers(exemption(covenant="zvh").envelope, told)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("UAVG 41(1)(i)",), {"mayBeTold": True, "count": 1, "ground": "UAVG 41(1)(i)"}),
        (("UAVG 41(1)(i)", "AVG 15(4)"), {"mayBeTold": True, "count": 2, "ground": "UAVG 41(1)(i); AVG 15(4)"}),
        (("UAVG 41(1)(i)", "UAVG 41(1)(d)"), {"mayBeTold": False}),
        ((None,), {"mayBeTold": False}),
    ],
)
def test_what_may_be_told_of_confidential_lines(texts: tuple[str | None, ...], told: dict[str, Any]) -> None:
    """That lines are withheld is told only when every one of them protects other people."""
    lines = [line(place, confidentiality="confidential") for place in range(1, len(texts) + 1)]
    contents = {(0, place): ground(text) for place, text in enumerate(texts, start=1)}
    assert withhold(lines, contents, TODAY).view() == told


def test_an_exemption_silences_the_rest() -> None:
    """While an exemption holds, even lines withheld to protect others are not told of."""
    lines = [line(1, confidentiality="confidential"), exemption(**HUIS)]
    assert withhold(lines, {(0, 1): ground("UAVG 41(1)(i)")}, TODAY).view() == {"mayBeTold": False}


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ((("confidential", None),), True),
        ((("confidential", TODAY),), True),
        ((("confidential", TODAY - timedelta(days=1)),), False),
        ((("confidential", None), ("lifted", None)), False),
        ((("lifted", None), ("confidential", None)), True),
    ],
)
def test_the_last_word_on_confidentiality_counts(changes: tuple[tuple[str, date | None], ...], hidden: bool) -> None:  # noqa: FBT001
    """Later events decide, the last of them alone, until the review date that it names."""
    later = tuple(made_confidential(20 + n, level, until) for n, (level, until) in enumerate(changes))
    told = withhold([line(1, later=later)], {}, TODAY)
    assert bool(told.withheld) is hidden


@pytest.mark.parametrize(
    ("role", "fields", "waits"),
    [
        ("parent", {"data_categories": ("domestic-violence",)}, True),
        ("guardian", {"purpose": "aanpak-huiselijk-geweld"}, True),
        ("parent", {"data_categories": ("Domestic violence",)}, True),
        ("parent", {"activity": "meldingen-kindermishandeling"}, True),
        ("parent", {"covenant": "tafel", "annex": "huiselijk-geweld"}, True),
        ("parent", {"covenant": "zvh"}, True),
        ("parent", {"covenant": "huis", "annex": "jeugd"}, False),
        ("parent", {"covenant": "unknown"}, False),
        ("parent", {"data_categories": ("name",)}, False),
        ("proxy", {"covenant": "zvh"}, False),
        ("subject", {"data_categories": ("domestic-violence",)}, False),
    ],
)
def test_who_waits_for_a_human(role: str, fields: dict[str, Any], waits: bool) -> None:  # noqa: FBT001
    """A parent or guardian in a domestic violence case, as its act or its covenant says; the person himself never."""
    assert needs_human(role, [line(1, **fields)], KNOWN) is waits
