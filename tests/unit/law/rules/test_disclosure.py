"""Decision tables of the rule on recipients, and the answer per recipient."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import CovenantReference, Justification, LegalBasis, Secrecy, Source
from services.law.assessment import assess_recipients
from services.law.context import Context, PastAct, SubjectFacts
from services.law.governance import Entry, Partner, Party
from tests.unit.law.builders import DAY, NOW, act, annex, change, covenant, decision, findings, register, subject, to

POLICE: dict[str, Any] = {
    "controller": "police",
    "data_regime": "Wpg-20",
    "legal_basis": LegalBasis(statute="Wpg 20"),
    "decision_id": "umbrella",
}
ON_18: dict[str, Any] = {"decision_id": None, "legal_basis": LegalBasis(statute="Wpg 18")}
ON_42: dict[str, Any] = {"decision_id": None, "legal_basis": LegalBasis(statute="Bpg 4:2")}
ONWARD: dict[str, Any] = {"controller": "mayor", "legal_basis": LegalBasis(statute="Wpg 7(2)"), "decision_id": None}
OWN_REPORT: dict[str, Any] = {"controller": "college", "data_regime": "Wpg-8", "legal_basis": None, "decision_id": None}
WGS = covenant(
    legal_frame="wgs-zvh",
    partners=(
        *(Partner(party="police"), Partner(party="mayor"), Partner(party="school")),
        Partner(party="youth", role="incidental"),
    ),
)
NAMED = CovenantReference(id="house", annex="other")
FORCE = Party(id="other-force", kind="police")
COURT = Party(id="court", kind="judicial")
OFFICER = Party(id="officer", kind="public-body", organ="officier-van-justitie")
SAFE = Party(id="safe", kind="private-controller", organ="veilig-thuis")
LONG = covenant(valid_from=date(2010, 1, 1))
VOLUNTEERS = Party(id="residents", kind="volunteer-body")


@pytest.mark.parametrize(
    ("changes", "entries", "severity"),
    [
        ({"recipients": to("youth")}, [decision()], None),
        ({"recipients": to("school")}, [decision()], "violation"),
        ({"recipients": to("youth", "school")}, [decision()], "violation"),
        ({"recipients": to("school")}, [decision(kind="wpg-19", covers=("school",), partnership=None)], None),
        ({"recipients": to("youth")}, [decision(kind="legality-opinion")], "violation"),
        ({"recipients": to("youth")}, [decision(valid_until=date(2026, 5, 31))], "violation"),
        ({"recipients": to("youth")}, [decision(by="other-force")], "violation"),
        ({"recipients": to("youth"), "data_categories": ("name", "image")}, [decision()], "violation"),
        ({"recipients": to("youth"), "data_categories": ("name",)}, [decision(data_categories=None)], None),
        ({"recipients": to("youth"), "covenant": NAMED}, [decision()], "violation"),
        ({"recipients": to("youth"), "covenant": NAMED}, [decision(partnership="house")], None),
        ({"recipients": to("youth"), "covenant": None}, [decision()], None),
        ({"recipients": to("youth"), "decision_id": None}, [decision()], "violation"),
        ({"recipients": to("nobody")}, [decision()], "gap"),
        ({"recipients": to("nobody", "school")}, [decision()], "violation"),
        ({"recipients": to("nobody"), "tense": "intent"}, [decision()], "violation"),
        ({"recipients": to("nobody"), "tense": "intent", "data_regime": "Wpg-8"}, [decision()], "violation"),
        ({"recipients": to("nobody"), "tense": "intent"}, [decision(covers=("nobody",))], None),
        ({**ONWARD, "recipients": to("nobody"), "tense": "intent"}, [], None),
        ({"recipients": to("mayor", "prosecutor", "police"), "decision_id": None}, [], None),
        ({"recipients": to("college"), **ON_18}, [], None),
        ({"recipients": to("college"), **ON_18, "legal_basis": LegalBasis(statute="Bpg 4:2")}, [], None),
        ({"recipients": to("school"), **ON_18}, [], "violation"),
        ({"recipients": to("college"), **ON_18, "data_regime": "Wpg-9"}, [], None),
        ({"recipients": to("college"), **ON_42, "data_regime": "Wpg-9"}, [], "violation"),
        ({"recipients": to("college"), **ON_42, "data_regime": "Wpg-8"}, [], None),
        ({"recipients": to("college"), **ON_42, "data_regime": "Wpg-13"}, [], None),
        ({"recipients": to("college"), "decision_id": None, "legal_basis": LegalBasis(statute="Bpg 4:3")}, [], None),
        ({"recipients": to("college"), "decision_id": None}, [], "violation"),
        ({"recipients": to("college"), "decision_id": None, "legal_basis": None}, [], "violation"),
        ({"recipients": to("school"), "decision_id": None}, [WGS], None),
        (
            {"recipients": to("school"), "decision_id": None, "occurred_at": NOW.replace(year=2025, month=2)},
            [WGS],
            "violation",
        ),
        ({"recipients": to("care"), "decision_id": None}, [WGS], "violation"),
        ({"recipients": to("youth"), "decision_id": None}, [WGS], None),
        ({"recipients": to("youth"), "decision_id": None, "covenant": None}, [WGS], "violation"),
        (
            {"recipients": to("youth"), "decision_id": None, "occurred_at": NOW.replace(year=2025, month=2)},
            [WGS],
            "violation",
        ),
        ({"controller": "mayor", "recipients": to("youth"), "legal_basis": None, "decision_id": None}, [WGS], None),
        (
            {"controller": "youth", "recipients": to("school"), "legal_basis": None, "decision_id": None},
            [WGS],
            "violation",
        ),
        ({"controller": "other-force", "recipients": to("school"), "decision_id": None}, [WGS, FORCE], None),
        ({"controller": "mayor", "recipients": to("school"), "legal_basis": None, "decision_id": None}, [WGS], None),
        ({"controller": "college", "recipients": to("school"), "decision_id": None}, [WGS], "violation"),
        ({**ONWARD, "recipients": to("school")}, [], None),
        ({**ONWARD, "recipients": to("school"), "decision_id": "umbrella"}, [decision()], "violation"),
        ({**ONWARD, "recipients": to("school"), "decision_id": "umbrella"}, [decision(conditions=())], None),
        (
            {**ONWARD, "recipients": to("school"), "decision_id": "umbrella"},
            [decision(conditions=("Geen doorverstrekking.",))],
            "violation",
        ),
        ({**ONWARD, "recipients": to("youth"), "decision_id": "umbrella"}, [decision()], None),
        ({**ONWARD, "recipients": to("school"), "legal_basis": LegalBasis(statute="Wpg 20")}, [], "violation"),
        ({**ONWARD, "recipients": to("host"), "legal_basis": None}, [], None),
        ({**ONWARD, "recipients": to("prosecutor"), "legal_basis": None}, [], "violation"),
        ({**ONWARD, "recipients": to("police", "youth"), "decision_id": "umbrella"}, [decision()], None),
        ({**ONWARD, "recipients": to("other-force"), "legal_basis": None}, [FORCE], None),
        ({"controller": "prosecutor", "recipients": to("police"), "decision_id": None}, [], None),
        ({**OWN_REPORT, "recipients": to("prosecutor", "officer")}, [OFFICER], None),
        ({**OWN_REPORT, "recipients": to("police")}, [], None),
        ({**OWN_REPORT, "recipients": to("school")}, [], "violation"),
        ({**OWN_REPORT, "recipients": to("prosecutor"), "data_regime": "Wpg-20"}, [], "violation"),
        ({**POLICE, "recipients": to("school"), "legal_basis": LegalBasis(statute="Wpg 7")}, [decision()], "violation"),
        ({"recipients": to("school"), "operation": "consult"}, [decision()], None),
    ],
)
def test_police_data_need_a_ground_per_recipient(
    changes: dict[str, Any], entries: list[Entry], severity: str | None
) -> None:
    """Grounds combine as OR; who is known and has none makes a violation, and who is not known does in an intent."""
    assert findings(act(**(POLICE | changes)), *entries).get("recipient-without-ground") == severity


@pytest.mark.parametrize(
    ("changes", "entries", "outside"),
    [
        ({}, [], False),
        ({"recipients": to("school")}, [], True),
        ({"recipients": to("school"), "covenant": None}, [], False),
        ({"recipients": to("mayor", "host")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(gdpr="6(1)(d)")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Wmo 5.2.6")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(gdpr="6(1)(d)", statute="Wmo 5.2.6")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(gdpr="6(1)(c)", statute="Jeugdwet 7.3.11")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(statute="Jeugdwet 7.3.11(4)")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(statute="Jeugdwet 7.3.11(3)")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(statute="Jeugdwet 7.3.11(1)")}, [], True),
        ({"recipients": to("school"), "legal_basis": LegalBasis(statute="Jeugdwet 7.3.11(2)")}, [], True),
        ({"recipients": to("school"), "legal_basis": LegalBasis(statute="Sv 161")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(statute="Sv 162")}, [], False),
        ({"recipients": to("school"), "legal_basis": LegalBasis(statute="Sv 160")}, [], True),
        ({"recipients": to("school"), "legal_basis": LegalBasis(statute="Wmo 5.3.3")}, [], True),
        ({"recipients": to("school"), "legal_basis": None}, [], True),
        ({"recipients": to("school"), "decision_id": "umbrella"}, [decision(covers=("school",))], False),
        ({"recipients": to("school"), "decision_id": "umbrella"}, [decision()], True),
        ({}, [covenant(partners=(Partner(party="youth", until=date(2026, 5, 31)),))], True),
        ({}, [covenant(partners=(Partner(party="youth", from_=date(2026, 6, 1)),))], False),
    ],
)
def test_being_outside_the_covenant_is_at_most_a_gap(
    *, changes: dict[str, Any], entries: list[Entry], outside: bool
) -> None:
    """Under the AVG a recipient who is no partner that day is a gap, unless the law opens the door itself."""
    assert findings(act(**changes), *entries).get("recipient-without-ground") == ("gap" if outside else None)


@pytest.mark.parametrize(
    ("changes", "entries", "answers"),
    [
        ({}, [], [("youth", "allowed", ())]),
        ({"operation": "record"}, [], []),
        ({"subjects": (subject(status="bystander"),)}, [], [("youth", "forbidden", ("bystander-excluded",))]),
        (
            {**POLICE, "recipients": to("mayor", "youth", "school", "nobody")},
            [decision()],
            [
                ("mayor", "must-share-unless", ()),
                ("youth", "allowed", ()),
                ("school", "forbidden", ("wpg-18-1", "wpg-19", "wpg-20-1")),
                ("nobody", "allowed", ()),
            ],
        ),
        (
            {**POLICE, "recipients": to("mayor", "nobody"), "tense": "intent"},
            [decision()],
            [
                ("mayor", "must-share-unless", ()),
                ("nobody", "forbidden", ("register-unknown", "wpg-18-1", "wpg-19", "wpg-20-1")),
            ],
        ),
        ({"recipients": to("school")}, [WGS], [("school", "must-share-unless", ())]),
        ({"recipients": to("care")}, [WGS], [("care", "allowed", ())]),
        (
            {
                "recipients": to("guardian", "care"),
                "legal_basis": LegalBasis(gdpr="6(1)(c)", statute="Jeugdwet 7.3.11(4)"),
            },
            [],
            [("guardian", "must-share-unless", ()), ("care", "allowed", ())],
        ),
        (
            {"recipients": to("nobody"), "legal_basis": LegalBasis(statute="Jeugdwet 7.3.11")},
            [],
            [("nobody", "allowed", ())],
        ),
        ({"legal_basis": None}, [], [("youth", "allowed", ())]),
    ],
)
def test_each_recipient_gets_its_own_answer(
    changes: dict[str, Any], entries: list[Entry], answers: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    """Allowed, forbidden, or must share unless; what was forbidden says what would allow it."""
    found = assess_recipients(act(**changes), Context(register(*entries), None, NOW))
    assert [(answer.party, answer.answer, answer.would_allow) for answer in found] == answers


ORDER = LegalBasis(gdpr="6(1)(c)", statute="Jeugdwet 7.3.11(4)")


@pytest.mark.parametrize(
    ("changes", "entries", "owed_under"),
    [
        ({**POLICE, "recipients": to("mayor")}, [], ["wpg-16-1-b"]),
        ({**POLICE, "recipients": to("prosecutor")}, [], ["wpg-16-1-a"]),
        ({**POLICE, "recipients": to("court")}, [COURT], ["wpg-16-1-a"]),
        ({**POLICE, "controller": "other-force", "recipients": to("police")}, [FORCE], ["wpg-15"]),
        ({**POLICE, "recipients": to("police")}, [], []),
        ({**POLICE, "recipients": to("mayor")}, [WGS], ["wpg-16-1-b", "wpg-20-3"]),
        ({**POLICE, "recipients": to("school")}, [WGS], ["wpg-20-3"]),
        ({**POLICE, "recipients": to("youth")}, [decision()], []),
        ({"controller": "police", "recipients": to("mayor")}, [], []),
        ({"controller": "police", "recipients": to("mayor")}, [WGS], ["wgs-1-5-1"]),
        ({**ONWARD, "data_regime": "Wpg-20", "recipients": to("school")}, [WGS], ["wgs-1-5-1"]),
        ({**ONWARD, "data_regime": "Wpg-20", "recipients": to("prosecutor")}, [], []),
        ({"recipients": to("school")}, [WGS], ["wgs-1-5-1"]),
        ({"recipients": to("youth")}, [WGS], []),
        ({"controller": "youth", "recipients": to("school")}, [WGS], []),
        ({"recipients": to("school"), "occurred_at": NOW.replace(year=2025, month=2)}, [WGS], []),
        ({"recipients": to("host")}, [WGS], []),
        ({"recipients": to("guardian"), "legal_basis": ORDER}, [], ["jw-7-3-11-4"]),
        ({"recipients": to("guardian"), "legal_basis": ORDER, "occurred_at": NOW.replace(year=2014)}, [LONG], []),
        ({"recipients": to("guardian"), "legal_basis": LegalBasis(statute="Jeugdwet 7.3.11(1)")}, [], []),
        ({"recipients": to("guardian"), "legal_basis": LegalBasis(statute="Jeugdwet 2.3")}, [], []),
        ({"recipients": to("guardian"), "legal_basis": None}, [], []),
        ({"recipients": to("care"), "legal_basis": ORDER}, [], []),
    ],
)
def test_a_duty_to_share_names_its_norm(changes: dict[str, Any], entries: list[Entry], owed_under: list[str]) -> None:
    """Wpg 15, 16, 20(3), WGS 1.5(1), Jeugdwet 7.3.11(4): whom they oblige, and when; the answer names them."""
    (answer,) = assess_recipients(act(**changes), Context(register(*entries), None, NOW))
    assert list(answer.owed_under) == owed_under
    assert (answer.answer == "must-share-unless") is bool(owed_under)


BOOKED = PastAct(
    operation_class="alter",
    occurred_at=NOW.replace(year=2020),
    controller="police",
    data_regime="Wpg-8",
    data_categories=("name",),
)
CRIMINAL = {"data_categories": ("conviction",)}
FREE = covenant(annexes=(annex(data_categories=()),))
BANNED = {"source": Source(party="care", conditions="no onward disclosure")}


@pytest.mark.parametrize(
    ("changes", "entries", "acts", "answers"),
    [
        (
            {**CRIMINAL, "recipients": to("youth", "residents")},
            [FREE, VOLUNTEERS],
            (),
            [("youth", ()), ("residents", ("criminal-data-to-volunteer",))],
        ),
        (
            {**POLICE, "recipients": to("police", "mayor")},
            [],
            (BOOKED,),
            [("police", ()), ("mayor", ("police-data-removed",))],
        ),
        (
            {**POLICE, "recipients": to("mayor", "school"), "decision_id": None},
            [],
            (BOOKED,),
            [
                ("mayor", ("police-data-removed",)),
                ("school", ("police-data-removed", "wpg-18-1", "wpg-19", "wpg-20-1")),
            ],
        ),
        (
            {**POLICE, "data_categories": ("name", "report"), "recipients": to("mayor", "police")},
            [],
            (BOOKED, change(BOOKED, occurred_at=NOW, data_categories=("report",))),
            [("mayor", ("police-data-removed",)), ("police", ())],
        ),
        (
            {**BANNED, "recipients": to("care", "school", "host")},
            [WGS],
            (),
            [("care", ()), ("school", ("supplier-condition-broken",)), ("host", ())],
        ),
        (
            {"controller": "college", "recipients": to("youth", "guard")},
            [],
            (),
            [("youth", ()), ("guard", ("processor-contract-missing",))],
        ),
        (
            {"controller": "college", "processor": "guard", "recipients": to("youth", "college")},
            [],
            (),
            [("youth", ("processor-contract-missing",)), ("college", ("processor-contract-missing",))],
        ),
        (
            {
                "justification": Justification(secrecy=Secrecy(regime="youth-care")),
                "recipients": to("youth", "school"),
            },
            [],
            (),
            [("youth", ("youth-care-secrecy-not-lifted",)), ("school", ("youth-care-secrecy-not-lifted",))],
        ),
    ],
)
def test_what_stands_against_one_recipient_leaves_the_others(
    changes: dict[str, Any], entries: list[Entry], acts: tuple[PastAct, ...], answers: list[tuple[str, tuple[str, ...]]]
) -> None:
    """A finding about a recipient forbids that one only; one about the data as such forbids all."""
    known = Context(register(*entries), (SubjectFacts(acts=acts),), NOW)
    found = assess_recipients(act(**changes), known)
    assert [(answer.party, answer.would_allow) for answer in found] == answers
    assert all((answer.answer == "forbidden") is bool(answer.would_allow) for answer in found)


HEALTH: dict[str, Any] = {"data_categories": ("name", "health"), "recipients": to("youth")}


@pytest.mark.parametrize(
    ("changes", "conditions", "severity"),
    [
        (HEALTH, ("no special categories",), "violation"),
        (HEALTH, ("only on paper", "Geen bijzondere persoonsgegevens."), "violation"),
        (HEALTH, ("no onward disclosure",), None),
        (HEALTH, (), None),
        ({**HEALTH, "recipients": to("mayor")}, ("no special categories",), None),
        ({**HEALTH, "data_categories": ("name", "conviction")}, ("no special categories",), None),
        ({**HEALTH, "data_categories": ("name",)}, ("no special categories",), None),
    ],
)
def test_the_conditions_of_the_decision_bind_who_leans_on_it(
    changes: dict[str, Any], conditions: tuple[str, ...], severity: str | None
) -> None:
    """Wpg 20(2): the decision covers no special categories that it rules out; a duty to supply needs no decision."""
    given = decision(conditions=conditions, data_categories=None)
    assert findings(act(**(POLICE | changes)), given, FREE).get("recipient-without-ground") == severity


@pytest.mark.parametrize(
    ("organ", "designated"),
    [
        ("college", True),
        ("gecertificeerde-instelling", True),
        ("halt", True),
        ("raad-voor-de-kinderbescherming", True),
        ("reclassering", True),
        ("veilig-thuis", True),
        ("schoolbestuur", False),
        (None, False),
    ],
)
@pytest.mark.parametrize("statute", ["Wpg 18", "Bpg 4:2"])
def test_who_is_designated_receives_under_the_decree(*, organ: str | None, designated: bool, statute: str) -> None:
    """Wpg 18, Bpg 4:2: the organs that the decree names, when the police lean on it."""
    given = act(**(POLICE | ON_18 | {"recipients": to("organ"), "legal_basis": LegalBasis(statute=statute)}))
    found = findings(given, Party(id="organ", kind="public-body", organ=organ))
    assert ("recipient-without-ground" not in found) is designated


OFFENCE = {"controller": "youth", "decision_id": None, "legal_basis": LegalBasis(gdpr="6(1)(f)", statute="Sv 161")}
VIOLENCE = {"decision_id": None, "data_regime": "Wpg-8", "legal_basis": LegalBasis(statute="Wmo 5.2.6")}
UNDER_ORDER = {"controller": "mayor", "decision_id": None, "legal_basis": LegalBasis(statute="Jeugdwet 7.3.11(4)")}
IN_DANGER = {"controller": "youth", "decision_id": None, "legal_basis": LegalBasis(gdpr="6(1)(d)")}


@pytest.mark.parametrize(
    ("changes", "recipient", "severity"),
    [
        (OFFENCE, "police", None),
        (OFFENCE, "prosecutor", None),
        (OFFENCE, "officer", None),
        (OFFENCE, "school", "violation"),
        (OFFENCE | {"legal_basis": LegalBasis(statute="Sv 162")}, "prosecutor", None),
        (OFFENCE | {"legal_basis": LegalBasis(statute="Sv 160")}, "prosecutor", "violation"),
        (VIOLENCE, "safe", None),
        (VIOLENCE, "care", "violation"),
        (VIOLENCE | {"legal_basis": LegalBasis(statute="Wmo 5.3.3")}, "safe", "violation"),
        (UNDER_ORDER, "guardian", None),
        (UNDER_ORDER, "care", "violation"),
        (UNDER_ORDER, "safe", "violation"),
        (UNDER_ORDER | {"legal_basis": LegalBasis(statute="Jeugdwet 7.3.11(1)")}, "guardian", "violation"),
        (UNDER_ORDER, "nobody", "gap"),
        (IN_DANGER, "school", None),
        (IN_DANGER, "nobody", None),
        (IN_DANGER | {"controller": "police"}, "school", None),
    ],
)
def test_a_door_that_the_law_opens_leads_to_whom_it_names(
    changes: dict[str, Any], recipient: str, severity: str | None
) -> None:
    """Sv 161-162, Wmo 5.2.6, Jeugdwet 7.3.11(4) each to their own; a vital interest to anyone: police data too."""
    given = act(**(POLICE | changes | {"recipients": to(recipient)}))
    assert findings(given, OFFICER, SAFE).get("recipient-without-ground") == severity


def test_what_must_be_told_is_not_forbidden() -> None:
    """A receiver of police data that the youth-care body asks under a supervision order: told that it must share."""
    given = act(**(POLICE | UNDER_ORDER | {"recipients": to("guardian")}))
    (answer,) = assess_recipients(given, Context(register(), None, NOW))
    assert (answer.answer, answer.would_allow, answer.owed_under) == ("must-share-unless", (), ("jw-7-3-11-4",))


IN_HOUSE = CovenantReference(id="house")
CHILD = covenant("child", umbrella="house")
GRANDCHILD = covenant("grandchild", umbrella="child")
CIRCLE = (covenant("ring", umbrella="gnir"), covenant("gnir", umbrella="ring"))


@pytest.mark.parametrize(
    ("named", "partnership", "covers"),
    [
        (IN_HOUSE, "house/groups", True),
        (IN_HOUSE, "house", True),
        (IN_HOUSE, "housekeeping", False),
        (IN_HOUSE, "other/groups", False),
        (CovenantReference(id="child", annex="groups"), "child/groups", True),
        (CovenantReference(id="child", annex="groups"), "house", True),
        (CovenantReference(id="child", annex="groups"), "house/groups", True),
        (CovenantReference(id="child", annex="groups"), "house/other", False),
        (CovenantReference(id="child"), "house/other", True),
        (CovenantReference(id="grandchild", annex="groups"), "house/groups", True),
        (CovenantReference(id="grandchild", annex="groups"), "housekeeping/groups", False),
        (CovenantReference(id="house", annex="groups"), "child/groups", False),
        (CovenantReference(id="ring", annex="groups"), "gnir", True),
        (CovenantReference(id="ring", annex="groups"), "house", False),
        (CovenantReference(id="unknown", annex="groups"), "house/groups", True),
    ],
)
def test_a_decision_is_for_a_partnership_and_what_stands_under_it(
    *, named: CovenantReference, partnership: str, covers: bool
) -> None:
    """Wpg 20(2): for the covenant named or an umbrella over it; what is left out or unknown is not known to differ."""
    given = act(**(POLICE | {"recipients": to("youth"), "covenant": named}))
    found = findings(given, decision(partnership=partnership), CHILD, GRANDCHILD, *CIRCLE)
    assert found.get("recipient-without-ground") == (None if covers else "violation")


UNNAMED: dict[str, Any] = {**POLICE, "recipients": to("school"), "decision_id": None}


@pytest.mark.parametrize(
    ("sender", "data_regime", "grounds"),
    [
        ("police", "Wpg-20", ("wpg-18-1", "wpg-19", "wpg-20-1")),
        ("police", "Wpg-8", ("wpg-18-1", "wpg-19", "wpg-20-1")),
        ("mayor", "Wpg-20", ("wpg-7-2",)),
        ("college", "Wpg-8", ("wpg-7-2",)),
        ("youth", "Wpg-20", ("wpg-7-2",)),
        ("prosecutor", "Wpg-20", ("wpg-7-2",)),
    ],
)
def test_what_would_allow_it_is_open_to_the_sender(sender: str, data_regime: str, grounds: tuple[str, ...]) -> None:
    """Wpg 18-20 are powers of the police; who received police data passes them on when its task requires it (7(2))."""
    given = act(**(UNNAMED | {"controller": sender, "data_regime": data_regime}))
    (answer,) = assess_recipients(given, Context(register(), None, NOW))
    assert (answer.answer, answer.would_allow) == ("forbidden", grounds)


@pytest.mark.parametrize("sender", ["mayor", "college", "youth", "prosecutor"])
def test_what_the_receiver_is_told_would_allow_it_does(sender: str) -> None:
    """Wpg 7(2): named with its reason, the way that was told leads there."""
    given = act(**(UNNAMED | {"controller": sender, "legal_basis": LegalBasis(statute="Wpg 7(2)")}))
    (answer,) = assess_recipients(given, Context(register(), None, NOW))
    assert (answer.answer, answer.would_allow) == ("allowed", ())


@pytest.mark.parametrize("tense", ["fact", "intent"])
@pytest.mark.parametrize("decision_id", [None, "umbrella", "bestaat-niet"])
@pytest.mark.parametrize(
    "entries",
    [
        [],
        [decision(valid_until=date(2026, 5, 31))],
        [decision(valid_from=date(2026, 6, 2))],
        [decision(covers=("mayor",))],
    ],
)
def test_a_decision_that_nobody_registered_opens_nothing(
    entries: list[Entry], decision_id: str | None, tense: str
) -> None:
    """A typing error keeps shut what leaving the field out does, as a decision that ended or covers others does."""
    given = act(**(POLICE | {"recipients": to("youth"), "decision_id": decision_id, "tense": tense}))
    found = findings(given, *entries)
    assert found["recipient-without-ground"] == "violation"
    in_force = [one for one in entries if register(one).on(DAY).decisions[decision_id or ""] is not None]
    assert ("register-unknown" in found) is (decision_id is not None and not in_force)


SPELLED = {
    "gecertificeerde-instelling": True,
    "Gecertificeerde Instelling": True,
    "GECERTIFICEERDE_INSTELLING": True,
    "gecertificeerdeinstelling": True,
    "GI": True,
    "certified-institution": True,
    "Certified institution": True,
    "gecertificeerd": False,
}


@pytest.mark.parametrize(("organ", "owed"), SPELLED.items())
def test_the_youth_care_body_is_known_however_it_is_spelled(*, organ: str, owed: bool) -> None:
    """Jeugdwet 7.3.11(4): it is told because of what it is, not because of how it writes that."""
    body = Party(id="body", kind="private-controller", organ=organ)
    given = act(recipients=to("body"), legal_basis=ORDER)
    (answer,) = assess_recipients(given, Context(register(body), None, NOW))
    assert answer.owed_under == (("jw-7-3-11-4",) if owed else ())


@pytest.mark.parametrize(
    ("organ", "owed_under"),
    [("Burgemeester", "wpg-16-1-b"), (" BURGEMEESTER ", "wpg-16-1-b"), ("Officier van Justitie", "wpg-16-1-a")],
)
def test_whom_the_police_must_tell_is_known_however_it_is_spelled(organ: str, owed_under: str) -> None:
    """Wpg 16(1)(a)-(b): burgemeester and prosecutor, in capitals and with spaces too."""
    given = act(**(POLICE | {"recipients": to("body"), "decision_id": None}))
    known = register(Party(id="body", kind="public-body", organ=organ))
    (answer,) = assess_recipients(given, Context(known, None, NOW))
    assert (answer.answer, answer.owed_under) == ("must-share-unless", (owed_under,))
