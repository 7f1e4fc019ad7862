"""Who may record what, in whose name: decision tables of the door, before anybody looks at the person."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.law.act import CovenantReference, Exemption, Notice
from services.law.governance import Arrangement, Covenant, Entry, Mandate, Partner, Party
from services.law.register import Register
from services.ledger.contract.events import Envelope
from services.ledger.domain.authority import has_mandate, mandatary, may_record, may_speak
from tests.support.recording import BSNS, NOW, FixedRegister, act, person

HUIS = CovenantReference(id="huis", annex="groep")
TABLE = CovenantReference(id="zvh")
DESK = CovenantReference(id="loket", annex="groep")


def table(**changes: Any) -> Covenant:
    """A WGS partnership of college, police and welfare, with the school for one case."""
    given: dict[str, Any] = {
        "id": "zvh",
        "version": 1,
        "valid_from": date(2025, 1, 1),
        "legal_frame": "wgs-zvh",
        "partners": (
            Partner(party="college"),
            Partner(party="politie"),
            Partner(party="welzijn"),
            Partner(party="school", role="incidental"),
        ),
    }
    return Covenant(**(given | changes))


ENTRIES: tuple[Entry, ...] = (
    Party(id="college", kind="public-body", organ="college"),
    Party(id="politie", kind="police", organ="korpschef"),
    Party(id="welzijn", kind="private-controller"),
    Party(id="school", kind="private-controller"),
    Party(id="kantoor", kind="processor", processes_for="college"),
    Party(id="hulp", kind="processor", processes_for="welzijn"),
    Party(id="stichting", kind="private-controller", processes_for="college"),
    Covenant(
        id="huis",
        version=1,
        valid_from=date(2025, 1, 1),
        partners=(Partner(party="college"), Partner(party="politie"), Partner(party="welzijn")),
    ),
    table(),
    Covenant(
        id="loket",
        version=1,
        valid_from=date(2025, 1, 1),
        valid_until=NOW.date(),
        arrangement=Arrangement(contact_point="welzijn", informs="college"),
        partners=(Partner(party="college"), Partner(party="politie"), Partner(party="school", role="incidental")),
    ),
    Mandate(id="m1", from_="college", to="gemachtigde", acts=("notice", "exemption"), valid_until=NOW.date()),
    Mandate(id="m2", from_="politie", to="eenheid", valid_from=NOW.date()),
    Mandate(id="m3", from_="college", to="regisseur", acts=("collect",)),
)


def register(*entries: Entry) -> Register:
    """What is registered, with these entries beside it."""
    return FixedRegister((*ENTRIES, *entries)).current()


def notice(**changes: Any) -> Notice:
    """The police told a person on behalf of the college, under the covenant of both."""
    given: dict[str, Any] = {
        "subjects": (person(BSNS[0]),),
        "controller": "college",
        "given_by": "politie",
        "given_at": NOW,
        "form": "letter",
        "elements": "all",
        "addressee": "subject",
        "covenant": HUIS,
    }
    return Notice(**(given | changes))


def exemption(**changes: Any) -> Exemption:
    """The college decided not to tell a person."""
    given: dict[str, Any] = {
        "subject": person(BSNS[0]),
        "controller": "college",
        "norm": "UAVG 41(1)(d)",
        "interest": "investigation",
        "decided_by": "college",
        "decided_at": NOW,
        "covenant": HUIS,
    }
    return Exemption(**(given | changes))


@pytest.mark.parametrize(
    ("party", "changes", "expected"),
    [
        ("politie", {}, True),
        ("politie", {"given_by": "welzijn"}, False),
        ("politie", {"given_by": "college"}, False),
        ("politie", {"controller": "welzijn"}, True),
        ("politie", {"covenant": None}, False),
        ("politie", {"covenant": CovenantReference(id="unknown")}, False),
        ("politie", {"controller": "school"}, False),
        ("college", {"given_by": "college"}, True),
        ("college", {"given_by": "college", "covenant": None}, True),
        ("college", {}, True),
        ("college", {"given_by": "kantoor", "covenant": None}, True),
        ("kantoor", {"given_by": "kantoor"}, True),
        ("kantoor", {"given_by": "kantoor", "covenant": None}, True),
        ("kantoor", {"given_by": "college"}, True),
        ("kantoor", {}, True),
        ("kantoor", {"controller": "welzijn"}, False),
        ("kantoor", {"given_by": "kantoor", "controller": "welzijn"}, False),
        ("hulp", {"given_by": "hulp"}, False),
        ("hulp", {"given_by": "welzijn"}, True),
        ("stichting", {"given_by": "stichting"}, False),
        ("gemachtigde", {"given_by": "gemachtigde"}, True),
        ("gemachtigde", {"given_by": "college"}, True),
        ("gemachtigde", {}, True),
        ("gemachtigde", {"covenant": None}, True),
        ("gemachtigde", {"given_at": NOW + timedelta(days=1)}, False),
        ("gemachtigde", {"controller": "welzijn"}, False),
        ("gemachtigde", {"given_by": "college", "given_at": NOW + timedelta(days=1)}, False),
        ("eenheid", {}, True),
        ("eenheid", {"given_at": NOW - timedelta(days=1)}, False),
        ("eenheid", {"given_by": "welzijn"}, False),
        ("regisseur", {"given_by": "college"}, False),
        ("regisseur", {}, False),
        ("school", {"given_by": "school"}, False),
        ("school", {"given_by": "school", "covenant": TABLE}, True),
    ],
)
def test_a_notice_is_given_in_ones_own_name(party: str, changes: dict[str, Any], *, expected: bool) -> None:
    """A partner of the covenant speaks for itself; only the controller, and who acts for it, says who else told."""
    assert may_record(party, notice(**changes), register()) is expected


@pytest.mark.parametrize(
    ("party", "changes", "expected"),
    [
        ("college", {}, True),
        ("college", {"covenant": None, "decided_by": "politie"}, True),
        ("kantoor", {}, True),
        ("hulp", {}, False),
        ("gemachtigde", {}, True),
        ("gemachtigde", {"decided_at": NOW + timedelta(days=1)}, False),
        ("regisseur", {}, False),
        ("politie", {}, False),
        ("politie", {"decided_by": "politie"}, False),
        ("politie", {"decided_by": "politie", "covenant": None}, False),
        ("politie", {"decided_by": "politie", "covenant": TABLE}, True),
        ("politie", {"covenant": TABLE}, False),
        ("politie", {"decided_by": "politie", "covenant": TABLE, "controller": "burgemeester"}, False),
        ("school", {"decided_by": "school", "covenant": TABLE}, False),
        ("school", {"decided_by": "school", "covenant": TABLE, "controller": "school"}, True),
        ("politie", {"decided_by": "politie", "covenant": CovenantReference(id="unknown")}, False),
        (
            "politie",
            {"decided_by": "politie", "covenant": TABLE, "decided_at": datetime(2025, 2, 28, tzinfo=NOW.tzinfo)},
            False,
        ),
        (
            "politie",
            {"decided_by": "politie", "covenant": TABLE, "decided_at": datetime(2025, 3, 1, tzinfo=NOW.tzinfo)},
            True,
        ),
    ],
)
def test_whose_duty_it_is_decides_not_to_tell(party: str, changes: dict[str, Any], *, expected: bool) -> None:
    """A partner switches off no other's duty, save a participant of a WGS partnership in its own name (BGS 1.3)."""
    assert may_record(party, exemption(**changes), register()) is expected


@pytest.mark.parametrize(
    ("party", "changes", "expected"),
    [
        ("college", {}, True),
        ("college", {"controller": "school"}, False),
        ("college", {"controller": "welzijn"}, False),
        ("college", {"covenant": None}, False),
        ("college", {"covenant": HUIS}, False),
        ("college", {"decided_by": "politie"}, False),
        ("college", {"decided_at": NOW + timedelta(days=1)}, False),
        ("gemachtigde", {}, False),
        ("kantoor", {"decided_by": "kantoor"}, False),
        ("welzijn", {"decided_by": "welzijn"}, False),
        ("school", {"decided_by": "school"}, False),
    ],
)
def test_who_tells_for_all_decides_not_to_tell(party: str, changes: dict[str, Any], *, expected: bool) -> None:
    """Whose duty it is by the arrangement (AVG 26) decides itself, for a full partner of that covenant on that day."""
    given = {"controller": "politie", "decided_by": "college", "covenant": DESK}
    assert may_record(party, exemption(**(given | changes)), register()) is expected


def test_the_contact_point_of_a_wgs_partnership_decides_for_its_participants() -> None:
    """Whom BGS 1.3 makes tell need not take part itself; for who attends one case it decides nothing."""
    known = register(table(arrangement=Arrangement(contact_point="loket", informs="gemachtigde"), version=2))
    given = {"decided_by": "loket", "covenant": TABLE}
    assert may_record("loket", exemption(**given), known)
    assert not may_record("loket", exemption(**given, controller="school"), known)


@pytest.mark.parametrize(
    ("acts", "changes", "expected"),
    [
        ((), {}, True),
        (("all",), {}, True),
        (("*",), {}, True),
        (("make-available",), {"operation": "make-available"}, True),
        (("share",), {"operation": "make-available"}, True),
        (("share",), {"operation": "record"}, False),
        (("collect", "alter"), {"operation": "record"}, True),
        (("use",), {"operation": "other", "description": "d"}, True),
        (("collect",), {"operation": "other", "description": "d", "operation_class": "collect"}, True),
        (("use",), {"operation": "other", "description": "d", "operation_class": "collect"}, False),
        (("notice",), {}, False),
        (("allow",), {}, False),
    ],
)
def test_a_mandate_names_a_verb_its_class_or_all(
    acts: tuple[str, ...], changes: dict[str, Any], *, expected: bool
) -> None:
    """Whoever has the mandate records what it is for; none named, ``all`` and ``*`` are for everything."""
    known = register(Mandate(id="m9", from_="college", to="school", acts=acts))
    assert may_record("school", act(controller="college", **changes), known) is expected


def test_a_mandate_holds_on_its_days_from_who_gave_it() -> None:
    """Neither a day before it began, nor a day after it ended, nor for another controller."""
    mandate = Mandate(id="m9", from_="college", to="school", valid_from=NOW.date(), valid_until=NOW.date())
    known = register(mandate)
    days = [NOW.date() + timedelta(days=number) for number in (-1, 0, 1)]
    assert [has_mandate("school", "college", ("collect",), known, day) for day in days] == [False, True, False]
    assert not has_mandate("school", "politie", ("collect",), known, NOW.date())
    assert not has_mandate("welzijn", "college", ("collect",), known, NOW.date())


@pytest.mark.parametrize(
    ("party", "body", "expected"),
    [
        ("college", act(controller="college"), None),
        ("kantoor", act(controller="college", processor="kantoor"), None),
        ("school", act(controller="college", processor="kantoor"), "school"),
        ("politie", notice(), None),
        ("gemachtigde", exemption(), None),
    ],
)
def test_who_acts_by_mandate(party: str, body: Any, expected: str | None) -> None:
    """Who records an act and is neither its controller nor its processor."""
    assert mandatary(party, body) == expected


def envelope(author: str, **fields: Any) -> Envelope:
    """What was recorded for the college."""
    return Envelope(
        operation_id=UUID(int=1),
        key="k",
        author=author,
        recorded_at=NOW,
        occurred_at=NOW,
        controller="college",
        **fields,
    )


@pytest.mark.parametrize(
    ("party", "envelope", "expected"),
    [
        ("politie", envelope("politie", given_by="politie"), True),
        ("college", envelope("politie", given_by="politie"), True),
        ("kantoor", envelope("college", operation="record", operation_class="alter", processor="kantoor"), True),
        ("gemachtigde", envelope("politie", given_by="politie"), True),
        ("gemachtigde", envelope("college", decided_by="college"), True),
        ("gemachtigde", envelope("college", operation="record", operation_class="alter"), False),
        ("regisseur", envelope("college", operation="collect", operation_class="collect"), True),
        ("regisseur", envelope("politie", given_by="politie"), False),
        ("welzijn", envelope("college", decided_by="college"), False),
    ],
)
def test_who_may_say_something_later(party: str, envelope: Envelope, *, expected: bool) -> None:
    """Its author, its controller, its processor, and whom a mandate lets record such a thing."""
    assert may_speak(party, envelope, register()) is expected


def test_of_what_has_no_controller_only_the_author_speaks() -> None:
    """No mandate of nobody lets anyone say something later."""
    of_nobody = msgspec.structs.replace(envelope("politie"), controller=None)
    assert may_speak("politie", of_nobody, register())
    assert not may_speak("gemachtigde", of_nobody, register())
