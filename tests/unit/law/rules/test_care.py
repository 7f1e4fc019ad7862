"""Decision tables of the rules on care."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.law.act import CovenantReference, LegalBasis, Recipient, Retention, Source
from services.law.assessment import assess_recipients
from services.law.context import Context, PastAct, PastExemption, PastNotice, SubjectFacts
from services.law.governance import Decision, Entry, Party, ProcessorContract
from tests.unit.law.builders import (
    NOW,
    REASONS,
    act,
    activity,
    annex,
    covenant,
    findings,
    register,
    subject,
    to,
    verdict,
)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"source": Source(kind="party", party="school")}, True),
        ({"source": Source(kind="party", party="youth")}, False),
        ({"source": Source(kind="party", party="mayor")}, False),
        ({"source": Source(kind="party")}, False),
        ({"source": Source(kind="party", party="school"), "covenant": None}, False),
        ({"source": Source(kind="party", party="school"), "operation": "erase"}, False),
        ({}, False),
    ],
)
def test_a_source_outside_the_covenant_is_told_apart(*, changes: dict[str, Any], found: bool) -> None:
    """Data from a party that is no partner are a gap under a covenant."""
    assert ("source-not-party" in findings(act(**({"operation": "collect", "recipients": ()} | changes)))) is found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (None, False),
        (Source(kind="citizen-report"), False),
        (Source(kind="open-source"), True),
        (Source(kind="open-source", url="https://example.org/film"), True),
        (Source(kind="open-source", url="https://example.org/film", captured_at=NOW), False),
    ],
)
def test_an_open_source_is_named(*, source: Source | None, found: bool) -> None:
    """An open source needs its address and the moment of capture."""
    assert ("source-missing" in findings(act(operation="collect", recipients=(), source=source))) is found


def _processor(**changes: Any) -> Party:
    return Party(id="worker", kind="processor", **changes)


SIGNED = ProcessorContract(reference="c", from_=date(2026, 1, 1), until=date(2026, 12, 31))


@pytest.mark.parametrize(
    ("processor", "severity"),
    [
        (_processor(contract=SIGNED), None),
        (_processor(contract=SIGNED, processes_for="mayor"), None),
        (_processor(contract=ProcessorContract(reference="c")), None),
        (_processor(), "gap"),
        (_processor(contract=SIGNED, processes_for="college"), "gap"),
        (_processor(contract=None), "violation"),
        (_processor(contract=ProcessorContract(until=date(2026, 5, 31))), "violation"),
        (_processor(contract=ProcessorContract(from_=date(2026, 6, 2))), "violation"),
        (None, "gap"),
    ],
)
def test_a_processor_acts_under_a_contract(processor: Party | None, severity: str | None) -> None:
    """Absence that is stated, or a contract not in force, is a violation; what was left out is a gap."""
    entries = [processor] if processor is not None else []
    assert findings(act(processor="worker"), *entries).get("processor-contract-missing") == severity


@pytest.mark.parametrize(
    ("controller", "recipients", "severity"),
    [
        ("college", to("guard"), "violation"),
        ("college", to("host"), None),
        ("mayor", to("host"), None),
        ("mayor", to("guard"), None),
        ("college", to("nobody", "guard"), "violation"),
    ],
)
def test_a_share_with_the_own_processor_needs_the_contract_too(
    controller: str, recipients: tuple[Recipient, ...], severity: str | None
) -> None:
    """Only a processor of this controller is judged by its contract; others are recipients like any."""
    found = findings(act(controller=controller, recipients=recipients))
    assert found.get("processor-contract-missing") == severity


@pytest.mark.parametrize(
    ("processor", "severity"),
    [
        (_processor(contract=None), "violation"),
        (_processor(contract=ProcessorContract(until=date(2026, 5, 31))), "violation"),
        (_processor(), "gap"),
        (_processor(contract=SIGNED), None),
        (_processor(contract=None, processes_for="college"), None),
    ],
)
@pytest.mark.parametrize("place", ["processor", "recipient"])
def test_a_processor_that_says_not_for_whom_is_asked_for_its_contract(
    processor: Party, severity: str | None, place: str
) -> None:
    """Acting or receiving alike; one of another controller is a recipient like any, and none of this one's."""
    if place == "processor" and processor.processes_for is not None:
        severity = "gap"
    given = act(processor="worker") if place == "processor" else act(recipients=to("worker"))
    assert findings(given, processor).get("processor-contract-missing") == severity
    if place == "recipient":
        (answer,) = assess_recipients(given, Context(register(processor), None, NOW))
        assert answer.answer == ("forbidden" if severity == "violation" else "allowed")


def test_the_worst_of_two_processors_counts() -> None:
    """A processor without contract beside one whose contract is unknown: a violation."""
    given = act(processor="worker", controller="college", recipients=to("guard"))
    assert findings(given, _processor())["processor-contract-missing"] == "violation"


@pytest.mark.parametrize(
    ("changes", "hours", "found"),
    [
        ({}, 72, False),
        ({}, 72.001, True),
        ({"tense": "intent"}, 100, False),
        ({"operation": "erase"}, 100, True),
    ],
)
def test_late_means_more_than_72_hours(*, changes: dict[str, Any], hours: float, found: bool) -> None:
    """A fact recorded after exactly 72 hours is in time; an intent is never late."""
    assert ("late-entry" in findings(act(**changes), now=NOW + timedelta(hours=hours))) is found


RESULT = Decision(id="result", kind="selection-result", by="mayor")


@pytest.mark.parametrize(
    ("controller", "changes", "found"),
    [
        ("mayor", {}, True),
        ("mayor", {"decision_id": "result"}, False),
        ("mayor", {"decision_id": "opinion"}, True),
        ("youth", {}, False),
        ("police", {}, False),
        ("nobody", {}, False),
        ("mayor", {"operation": "record"}, False),
    ],
)
def test_public_bodies_destroy_by_selection_list(*, controller: str, changes: dict[str, Any], found: bool) -> None:
    """A delete by a public body names the selection result that lets the data go."""
    given = act(**({"controller": controller, "operation": "erase", "recipients": ()} | changes))
    assert ("archive-result-missing" in findings(given, RESULT, Decision(id="opinion", kind="x", by="mayor"))) is found


def _collected(days_ago: int, **changes: Any) -> PastAct:
    given: dict[str, Any] = {
        "operation_class": "collect",
        "controller": "mayor",
        "covenant": "house",
        "annex": "groups",
    }
    return PastAct(occurred_at=NOW - timedelta(days=days_ago), **(given | changes))


def _shared_with(party: str, days_ago: int = 50, **changes: Any) -> PastAct:
    return _collected(days_ago, **({"operation_class": "share", "recipients": (party,)} | changes))


TOLD = PastNotice(given_at=NOW, controller="college", covenant="house", annex="groups", elements=("all",))
EXEMPT = PastExemption(decided_at=NOW, controller="college", norm="UAVG 41", covenant="house", annex="groups")


@pytest.mark.parametrize(
    ("changes", "facts", "found"),
    [
        ({}, SubjectFacts(acts=(_collected(60),)), True),
        ({}, SubjectFacts(acts=(_collected(5),)), False),
        ({}, SubjectFacts(acts=(_collected(60),), notices=(TOLD,)), False),
        ({}, SubjectFacts(acts=(_collected(60),), exemptions=(EXEMPT,)), False),
        ({}, SubjectFacts(acts=(_collected(60, covenant=None, annex=None),)), False),
        ({"covenant": None}, SubjectFacts(acts=(_collected(60, covenant=None, annex=None),)), True),
        ({"covenant": None}, SubjectFacts(acts=(_collected(60),)), True),
        ({"covenant": None}, SubjectFacts(acts=(_collected(60, controller="youth"),)), False),
        ({"controller": "youth"}, SubjectFacts(acts=(_collected(60),)), False),
        ({"controller": "youth"}, SubjectFacts(acts=(_collected(60), _shared_with("youth"))), True),
        ({"controller": "police"}, SubjectFacts(acts=(_collected(60), _shared_with("police"))), True),
        ({"controller": "police"}, SubjectFacts(acts=(_collected(60), _shared_with("police", annex=None))), False),
        ({"controller": "police"}, SubjectFacts(acts=(_collected(60), _shared_with("police", covenant=None))), False),
        ({"controller": "police"}, SubjectFacts(acts=(_collected(60), _shared_with("police", days_ago=-1))), False),
        ({"controller": "police"}, SubjectFacts(acts=(_collected(60), _shared_with("youth"))), False),
        ({"controller": "police", "covenant": None}, SubjectFacts(acts=(_shared_with("police"),)), False),
        ({"controller": "college"}, SubjectFacts(acts=(_collected(60),)), True),
        ({"controller": "college", "covenant": None}, SubjectFacts(acts=(_collected(60),)), True),
        ({"operation": "record"}, SubjectFacts(acts=(_collected(60),)), False),
        ({}, None, False),
    ],
)
def test_the_person_is_told_before_the_data_go(
    *, changes: dict[str, Any], facts: SubjectFacts | None, found: bool
) -> None:
    """A delete is a gap with an overdue duty of the deleter, told for it, or of the table where it got the data.

    A stranger hears nothing.
    """
    given = act(**({"operation": "erase", "recipients": ()} | changes))
    assert ("inform-overdue" in findings(given, facts=(facts,))) is found


def test_only_the_untold_are_named() -> None:
    """Of two persons erased in one act, only the one who was never told is found."""
    given = act(operation="erase", recipients=(), subjects=(subject(id="1"), subject(id="2")))
    told = SubjectFacts(acts=(_collected(60),), notices=(TOLD,))
    found = verdict(given, facts=(told, SubjectFacts(acts=(_collected(60),))))
    assert ["inform-overdue" in found.codes_of(index) for index in (0, 1)] == [False, True]


WPG_8: dict[str, Any] = {"data_regime": "Wpg-8", "controller": "police", "legal_basis": LegalBasis(statute="Wpg 8")}


@pytest.mark.parametrize(
    ("changes", "entries", "found"),
    [
        ({}, [], False),
        ({"phase": None}, [], True),
        ({"phase": "weighing"}, [], True),
        ({"phase": "weighing", "retention": Retention(period="P1Y")}, [], False),
        ({"covenant": CovenantReference(id="house")}, [], False),
        ({"covenant": CovenantReference(id="house"), "phase": "weighing"}, [], True),
        ({}, [covenant(annexes=(annex(retention={"signalering": "P3M"}),))], False),
        ({"phase": None, "retention": Retention(period="PT72H")}, [], True),
        ({"phase": None, "retention": Retention(period="soon")}, [], True),
        ({"phase": None, "retention": Retention(period="P1Y", anchor="case-closed")}, [], True),
        ({}, [covenant(annexes=(annex(retention={"signalling": "later"}),))], True),
        ({"covenant": None, "necessity": REASONS}, [], True),
        ({"covenant": None, "activity": "youth-work"}, [activity()], False),
        ({"covenant": None, **WPG_8}, [], False),
        ({"covenant": None, "operation": "consult"}, [], False),
        ({"covenant": None, "operation": "erase"}, [], False),
        ({"covenant": None, "recipients": ()}, [], False),
    ],
)
def test_a_holding_has_an_end(*, changes: dict[str, Any], entries: list[Entry], found: bool) -> None:
    """Whatever makes someone hold data needs a term; consults, deletes and shares with nobody do not."""
    assert ("retention-unknown" in findings(act(**changes), *entries)) is found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, False),
        ({"controller": "nobody"}, True),
        ({"recipients": to("youth", "nobody")}, True),
        ({"covenant": CovenantReference(id="unknown")}, True),
        ({"covenant": CovenantReference(id="house", annex="unknown")}, True),
        ({"covenant": CovenantReference(id="house")}, False),
        ({"occurred_at": NOW.replace(year=2024)}, True),
        ({"activity": "unknown"}, True),
        ({"activity": "youth-work"}, False),
        ({"decision_id": "unknown"}, True),
        ({"processor": "unknown"}, True),
        ({"processor": "host"}, False),
        ({"recipients": (Recipient(party="youth", activity="unknown"),)}, True),
        ({"recipients": (Recipient(party="youth", activity="youth-work"),)}, False),
    ],
)
def test_what_the_act_names_is_in_the_register(*, changes: dict[str, Any], found: bool) -> None:
    """A reference that leads nowhere on the day of the act is a gap, never an error."""
    assert ("register-unknown" in findings(act(**changes), activity())) is found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, False),
        ({"controller": "school"}, True),
        ({"controller": "school", "covenant": None}, False),
        ({"controller": "school", "operation": "erase"}, False),
    ],
)
def test_the_controller_has_joined_the_covenant(*, changes: dict[str, Any], found: bool) -> None:
    """Naming a covenant that one has not joined is a gap; a delete is free to."""
    assert ("controller-not-partner" in findings(act(**changes))) is found
