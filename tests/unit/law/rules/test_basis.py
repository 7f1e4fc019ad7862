"""Decision tables of the rules on the ground."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.law.act import LegalBasis, Recipient
from services.law.context import Context
from services.law.governance import Activity, Covenant, Entry, Partner, Party
from services.law.judgement import judge
from services.law.rules.scene import basis_of, gdpr_letter
from tests.unit.law.builders import NOW, act, activity, covenant, findings, register, subject, to

TASK = LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172")
POLICE_RECORD: dict[str, Any] = {"controller": "police", "operation": "record", "recipients": ()}


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, False),
        ({"legal_basis": None}, True),
        ({"legal_basis": LegalBasis(gdpr="6(1)(e)")}, True),
        ({"legal_basis": LegalBasis(gdpr="6(1)(c)", statute=" ")}, True),
        ({"legal_basis": LegalBasis(gdpr="6(1)(d)")}, False),
        ({"legal_basis": LegalBasis(gdpr="6(1)(a)")}, False),
        ({"legal_basis": LegalBasis(statute="Gemeentewet 172")}, True),
        ({"legal_basis": LegalBasis(gdpr="nine", statute="Gemeentewet 172")}, True),
        ({**POLICE_RECORD, "data_regime": "Wpg-8", "legal_basis": LegalBasis(statute="Wpg 8")}, False),
        ({**POLICE_RECORD, "data_regime": "Wpg-8", "legal_basis": LegalBasis(gdpr="6(1)(e)")}, True),
        ({**POLICE_RECORD, "data_regime": "Wjsg", "legal_basis": LegalBasis(statute="Wjsg 39f")}, False),
        ({"legal_basis": None, "operation": "erase"}, False),
    ],
)
def test_a_ground_is_a_letter_and_where_needed_a_statute(*, changes: dict[str, Any], missing: bool) -> None:
    """AVG letters (c) and (e) need a statute; outside the AVG the statute alone is the ground."""
    assert ("ground-missing" in findings(act(**changes))) is missing


@pytest.mark.parametrize(
    ("text", "at", "missing"),
    [
        ("Wbp 8", NOW, True),
        ("Wet bescherming persoonsgegevens 8", NOW, True),
        ("jci1.3:c:BWBR0011468&artikel=8", NOW, True),
        ("Wbp 8", datetime(2018, 5, 24, 12, tzinfo=UTC), False),
        ("Wbp 8", datetime(2018, 5, 25, 12, tzinfo=UTC), True),
        ("UAVG 33", datetime(2017, 6, 1, tzinfo=UTC), True),
        ("AVG 6(1)(e)", datetime(2017, 6, 1, tzinfo=UTC), True),
        ("AVG 6(1)(e)", NOW, False),
        ("WGS 1.5", datetime(2025, 2, 28, 22, 59, 59, tzinfo=UTC), True),
        ("WGS 1.5", datetime(2025, 2, 28, 23, tzinfo=UTC), False),
        ("BGS 1.16", datetime(2024, 6, 1, tzinfo=UTC), True),
        ("Jeugdwet 2.3", datetime(2014, 6, 1, tzinfo=UTC), True),
        ("Wmo 2015 2.3.1", datetime(2014, 6, 1, tzinfo=UTC), True),
        ("Wmo 4", datetime(2014, 6, 1, tzinfo=UTC), False),
        ("Gemeentewet 172", datetime(1991, 6, 1, tzinfo=UTC), False),
        ("Opiumwet 13b", datetime(1991, 6, 1, tzinfo=UTC), False),
        ("Opiumwet 13b", NOW, False),
        ("flauwekul", NOW, True),
        ("onze eigen verordening", NOW, True),
        ("Gemeentewet", NOW, True),
    ],
)
def test_the_statute_is_an_article_of_a_law_of_the_day(*, text: str, at: datetime, missing: bool) -> None:
    """S72: what was no longer or not yet in force in Amsterdam is missing, as is a text without any article."""
    given = act(legal_basis=LegalBasis(gdpr="6(1)(e)", statute=text), occurred_at=at, covenant=None)
    assert ("ground-missing" in findings(given)) is missing


@pytest.mark.parametrize(
    ("text", "at", "missing"),
    [
        ("Wpg 8", NOW, False),
        ("Wpg 8", datetime(2007, 6, 1, tzinfo=UTC), True),
        ("Wbp 8", NOW, True),
        ("de wet", NOW, True),
    ],
)
def test_police_data_rest_on_a_law_of_the_day_too(*, text: str, at: datetime, missing: bool) -> None:
    """The Wpg holds since 2008."""
    given = act(**POLICE_RECORD, data_regime="Wpg-8", legal_basis=LegalBasis(statute=text), occurred_at=at)
    assert ("ground-missing" in findings(given)) is missing


def test_an_activity_brings_the_statute_that_the_act_does_not_name() -> None:
    """A law that is gone, and a text that names none, leave the ground to the activity, if that has one of the day."""
    task = activity(id="a", controller="mayor", legal_basis={"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"})
    gone = activity(id="a", controller="mayor", legal_basis={"gdpr": "6(1)(e)", "statute": "Wbp 8"})
    for text in ("Wbp 8", "flauwekul"):
        given = act(legal_basis=LegalBasis(gdpr="6(1)(e)", statute=text), activity="a")
        assert "ground-missing" not in findings(given, task)
        assert "ground-missing" in findings(given, gone)


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        (activity(id="a", controller="mayor", legal_basis="6(1)(d)"), False),
        (activity(id="a", controller="mayor", legal_basis="Gemeentewet 172"), True),
        (activity(id="a", controller="mayor", legal_basis={"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"}), False),
        (activity(id="a", controller="mayor", legal_basis=None), True),
        (activity(id="a", controller="youth", legal_basis="6(1)(d)"), True),
    ],
)
def test_the_register_of_activities_may_bring_the_ground(*, line: Activity, missing: bool) -> None:
    """A ground by reference counts when the activity is the controller's own."""
    assert ("ground-missing" in findings(act(legal_basis=None, activity="a"), line)) is missing


def test_a_statute_alone_in_the_register_is_a_statute() -> None:
    """A bare text that is no letter of AVG 6(1) is read as the statute."""
    assert basis_of(activity(legal_basis="Wpg 8"), "youth") == LegalBasis(statute="Wpg 8")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("6(1)(e)", "e"),
        ("art. 6 lid 1 onder e", "e"),
        ("Artikel 6(1)(c)", "c"),
        ("6 lid 1 sub a", "a"),
        ("AVG 6(1)(f)", "f"),
        ("6(1)(e) AVG", "e"),
        ("Article 6(1)(e) GDPR", "e"),
        ("art. 6 lid 1 onder e AVG", "e"),
        ("artikel 6, eerste lid, onderdeel e, AVG", "e"),
        ("artikel 6, eerste lid, aanhef en onder d, van de AVG", "d"),
        ("artikel 6, 1e lid, onderdeel d, AVG", "d"),
        ("AVG artikel 6 lid 1 letter b", "b"),
        ("6(1) AVG", None),
        ("6, tweede lid, onder e", None),
        ("6(1)(e) UAVG", None),
        ("6(1)(c), 6(1)(e)", "c"),
        ("6(1)(e) en 6(1)(c)", "c"),
        ("6(1)(a) AVG, art. 6 lid 1 onder e AVG", "e"),
        ("6(1)(e) of 6(1)(d)", "d"),
        ("6(1)(e) en het convenant", None),
        ("6(1)(g)", None),
        ("convenant", None),
        ("", None),
    ],
)
def test_letters_are_read_in_their_usual_spellings(text: str, letter: str | None) -> None:
    """The letter of AVG 6(1) comes out of each spelling, of several the one that opens most, and of nothing else."""
    assert gdpr_letter(text) == letter


@pytest.mark.parametrize(
    ("basis", "found"),
    [
        (LegalBasis(gdpr="6(1)(e)", statute="convenant veiligheid"), True),
        (LegalBasis(gdpr="6(1)(e)", statute="Covenant 3"), True),
        (LegalBasis(gdpr="6(1)(e)", statute="house"), True),
        (LegalBasis(gdpr="6(1)(e)", statute="house/groups@1"), True),
        (LegalBasis(gdpr="convenant"), True),
        (LegalBasis(gdpr="house"), True),
        (LegalBasis(gdpr="something"), False),
        (LegalBasis(gdpr="6(1)(e)", statute="Wet onbekend 3"), False),
        (TASK, False),
        (None, False),
    ],
)
def test_a_covenant_never_stands_as_the_ground(*, basis: LegalBasis | None, found: bool) -> None:
    """A covenant in the place of letter or statute is a violation, by its word or by its id."""
    severity = findings(act(legal_basis=basis)).get("covenant-not-a-ground")
    assert severity == ("violation" if found else None)


def test_a_covenant_out_of_force_is_still_no_ground() -> None:
    """An id that was ever a covenant is recognised on any day."""
    ended = covenant("old", valid_until=covenant().valid_from)
    found = findings(act(legal_basis=LegalBasis(gdpr="6(1)(e)", statute="old")), ended)
    assert "covenant-not-a-ground" in found


@pytest.mark.parametrize(
    ("controller", "statute", "found"),
    [
        ("mayor", "Gemeentewet 172", False),
        ("college", "Gemeentewet 172", True),
        ("college", "jci1.3:c:BWBR0005416&artikel=172", True),
        ("mayor", "Wpg 8", True),
        ("police", "Wpg 8", False),
        ("mayor", "Wpg 7(2)", False),
        ("college", "Jeugdwet 2.3", False),
        ("mayor", "Jeugdwet 2.3", True),
        ("school", "Leerplichtwet 21", False),
        ("youth", "Leerplichtwet 21", True),
        ("mayor", "Wet onbekend 3", False),
        ("nobody", "Gemeentewet 172", False),
    ],
)
def test_a_task_is_vested_in_one_body(*, controller: str, statute: str, found: bool) -> None:
    """A statute that gives its task to another organ is a gap; of unknown statutes or parties nothing is said."""
    given = act(controller=controller, operation="record", legal_basis=LegalBasis(gdpr="6(1)(e)", statute=statute))
    assert ("statute-not-of-controller" in findings(given)) is found


OWN = {"recipients": (Recipient(party="youth", activity="youth-work"),)}
BY_PURPOSE = activity(id="other")
ALONE: dict[str, Any] = {"recipients": (), "operation": "record"}


def joined(**grounds: str | None) -> Covenant:
    """A covenant of regime 1 which these parties joined, each on its ground."""
    return covenant(regime=1, partners=tuple(Partner(party=party, ground=ground) for party, ground in grounds.items()))


@pytest.mark.parametrize(
    ("changes", "entries", "missing"),
    [
        ({}, [covenant(regime=2)], False),
        ({}, [covenant(regime=1)], True),
        (OWN, [covenant(regime=1), activity()], False),
        (OWN, [covenant(regime=1), activity(purpose="x")], False),
        ({}, [covenant(regime=1), BY_PURPOSE], False),
        ({}, [covenant(regime=1), activity(purpose="x")], True),
        ({}, [covenant(regime=1), activity(legal_basis="6(1)(f)")], True),
        ({}, [covenant(regime=1), activity(legal_basis={"gdpr": "6(1)(e)", "statute": "Wpg 8"})], True),
        ({"recipients": to("nobody")}, [covenant(regime=1), activity(controller="nobody")], False),
        ({"recipients": to("youth", "youth")}, [covenant(regime=1), activity()], False),
        ({}, [covenant(regime=1), activity(purpose=None)], True),
        ({"recipients": to("mayor", "host")}, [covenant(regime=1)], False),
        ({"recipients": (), "operation": "record"}, [covenant(regime=1)], False),
        ({"recipients": (), "operation": "record", "legal_basis": None}, [covenant(regime=1)], True),
        ({"recipients": (), "operation": "record", "controller": "college"}, [covenant(regime=1)], True),
        ({"recipients": (), "operation": "record", "controller": "nobody"}, [covenant(regime=1)], False),
        ({"legal_basis": LegalBasis(gdpr="6(1)(d)")}, [covenant(regime=1)], False),
        ({"legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Wmo 5.2.6")}, [covenant(regime=1)], False),
        ({"legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Wmo 5.3.3")}, [covenant(regime=1)], True),
        ({}, [joined(youth="Leerplichtwet 21")], True),
        ({}, [joined(youth="convenant")], True),
        ({}, [joined(youth="Wbp 8")], True),
        ({}, [joined(youth="AVG 6(1)(e)")], True),
        ({}, [joined(youth="6(1)(e)")], True),
        ({}, [joined(youth="convenant 2025, artikel 3")], True),
        ({}, [joined(youth="Opiumwet 13b")], False),
        ({}, [covenant(regime=1), activity(legal_basis={"gdpr": "6(1)(e)", "statute": "Opiumwet 13b"})], False),
        ({}, [covenant(regime=1), activity(legal_basis={"gdpr": "6(1)(e)", "statute": "AVG 6(1)(e)"})], True),
        ({}, [covenant(regime=1), activity(legal_basis={"gdpr": "6(1)(e)", "statute": "convenant 2025"})], True),
        ({}, [covenant(regime=1), activity(legal_basis={"gdpr": "6(1)(e)", "statute": "Wbp 8"})], True),
        ({}, [covenant(regime=1), activity(legal_basis={"gdpr": "6(1)(e)", "statute": "flauwekul"})], True),
        ({}, [joined(youth="Jeugdwet 7.3.11")], False),
        ({}, [joined(youth=None)], True),
        ({"recipients": to("college")}, [joined(college="Jeugdwet 2.3")], False),
        ({"recipients": to("college", "youth")}, [joined(college="Jeugdwet 2.3")], True),
        ({"recipients": to("school")}, [joined(school="Leerplichtwet 21")], False),
        ({"recipients": to("nobody")}, [joined(nobody="Leerplichtwet 21")], False),
        ({**ALONE, "controller": "college"}, [joined(college="Jeugdwet 2.3")], False),
        ({**ALONE, "controller": "college"}, [joined(college="Gemeentewet 172")], True),
        ({**ALONE, "controller": "college"}, [joined(mayor="Gemeentewet 172")], True),
        ({**ALONE, "legal_basis": None}, [joined(mayor="Gemeentewet 172")], False),
    ],
)
def test_regime_one_asks_a_ground_of_every_party(
    *, changes: dict[str, Any], entries: list[Entry], missing: bool
) -> None:
    """Sender and recipients each need a statute of their own; a processor and the sender itself do not."""
    assert ("own-ground-missing" in findings(act(**changes), *entries)) is missing


def test_a_ground_to_join_on_counts_from_its_first_day() -> None:
    """Regime 1, on either side of 1 March 2025, of one register and in either order: the WGS is a ground from then."""
    known = register(joined(youth="WGS 1.5"))
    days = (datetime(2025, 3, 1, 12, tzinfo=UTC), datetime(2025, 2, 28, 12, tzinfo=UTC))
    found = [judge(act(occurred_at=day), Context(known, None, NOW)).codes_of(0) for day in (*days, *days)]
    assert ["own-ground-missing" in codes for codes in found] == [False, True, False, True]


def test_one_share_under_three_regimes_has_three_results() -> None:
    """The same act is judged by what each regime demands (S6)."""
    results = [set(findings(act(), covenant(regime=regime))) for regime in (1, 2, 3)]
    assert results == [{"own-ground-missing"}, set(), {"necessity-missing"}]


@pytest.mark.parametrize(("letter", "coercive", "found"), [("a", True, True), ("a", False, False), ("d", True, False)])
def test_consent_is_not_free_in_a_coercive_approach(*, letter: str, coercive: bool, found: bool) -> None:
    """Consent under a covenant that calls itself coercive is a gap."""
    given = act(legal_basis=LegalBasis(gdpr=f"6(1)({letter})"))
    assert ("consent-not-free" in findings(given, covenant(coercive=coercive))) is found


def test_consent_without_a_covenant_is_not_doubted() -> None:
    """Without a covenant nothing says that the approach is coercive."""
    assert "consent-not-free" not in findings(act(legal_basis=LegalBasis(gdpr="6(1)(a)"), covenant=None))


@pytest.mark.parametrize(
    ("controller", "letter", "found"),
    [("mayor", "f", True), ("youth", "f", False), ("mayor", "e", False), ("x", "f", False)],
)
def test_authorities_have_no_legitimate_interest(*, controller: str, letter: str, found: bool) -> None:
    """Letter (f) is closed to public bodies, police and judicial bodies."""
    given = act(controller=controller, operation="record", legal_basis=LegalBasis(gdpr=f"6(1)({letter})"))
    assert ("legitimate-interest-of-authority" in findings(given)) is found


@pytest.mark.parametrize(
    ("controller", "operation", "id_type", "found"),
    [
        ("youth", "record", "BSN", True),
        ("youth", "erase", "BSN", True),
        ("youth", "record", "pseudonym", False),
        ("care", "record", "BSN", False),
        ("mayor", "record", "BSN", False),
        ("police", "record", "BSN", False),
        ("prosecutor", "record", "BSN", False),
        ("nobody", "record", "BSN", False),
    ],
)
def test_the_bsn_is_for_those_whom_the_law_entitles(
    *, controller: str, operation: str, id_type: str, found: bool
) -> None:
    """Public bodies, police and judicial bodies may use it, others when an act prescribes it to them."""
    given = act(controller=controller, operation=operation, subjects=(subject(id_type=id_type),))
    assert ("bsn-not-entitled" in findings(given)) is found


ENTITLED = Party(id="aid", kind="private-controller", domains=("care",), bsn_entitled_under=("Jeugdwet 7.2.1",))
BOTH = Party(id="aid", kind="private-controller", bsn_entitled_under=("Jeugdwet 7.2.1", "Wpbr 2"))


@pytest.mark.parametrize(
    ("party", "statute", "owner", "found"),
    [
        (ENTITLED, "Jeugdwet 2.3", "aid", False),
        (ENTITLED, "Jeugdwet 7.2.1", "aid", False),
        (ENTITLED, "Wmo 5.2.9", "aid", False),
        (ENTITLED, "WGS 2.29(1)", "aid", False),
        (ENTITLED, "Wabb 10", "aid", False),
        (ENTITLED, "WPO 40b", "aid", False),
        (ENTITLED, "WEC 42a", "aid", False),
        (ENTITLED, "WVO 2020 8.1", "aid", False),
        (ENTITLED, "Leerplichtwet 21", "aid", False),
        (ENTITLED, "Wpbr 2", "aid", True),
        (ENTITLED, "Gemeentewet 172", "aid", True),
        (ENTITLED, "Wet onbekend 3", "aid", False),
        (ENTITLED, None, "aid", False),
        (ENTITLED, "Wpbr 2", "care", False),
        (BOTH, "Wpbr 2", "aid", False),
    ],
)
def test_the_bsn_is_for_the_activity_that_it_is_prescribed_for(
    *, party: Party, statute: str | None, owner: str, found: bool
) -> None:
    """UAVG 46: an entitlement under one act does not reach an activity of the party under quite another."""
    line = activity(id="line", controller=owner, legal_basis={"gdpr": "6(1)(e)", "statute": statute})
    codes = findings(act(controller="aid", activity="line", operation="record"), party, line)
    assert ("bsn-not-entitled" in codes) is found


def test_without_an_activity_the_entitlement_of_the_party_counts() -> None:
    """Whoever names no activity is judged by the party alone."""
    assert "bsn-not-entitled" not in findings(act(controller="aid", operation="record"), ENTITLED)


def incidental(**changes: Any) -> Covenant:
    """A covenant at which the youth work sits incidentally."""
    partner = Partner(**({"party": "youth", "role": "incidental"} | changes))
    return covenant(partners=(Partner(party="mayor"), Partner(party="college", ground="Gemeentewet 172"), partner))


@pytest.mark.parametrize(
    ("changes", "given", "found"),
    [
        ({}, incidental(), False),
        ({}, incidental(ground="Jeugdwet 7.3.11"), False),
        ({}, incidental(ground="Gemeentewet 172"), True),
        ({}, incidental(ground="convenant veiligheidshuis"), True),
        ({}, incidental(ground="convenant 2025, artikel 3"), True),
        ({}, incidental(ground="AVG 6(1)(e)"), True),
        ({}, incidental(ground="6(1)(e)"), True),
        ({}, incidental(ground="Opiumwet 13b"), False),
        ({}, incidental(ground="Gemeentewet 172", role="partner"), False),
        ({}, incidental(ground="Gemeentewet 172", until=date(2026, 5, 31)), False),
        ({"recipients": to("college")}, incidental(), False),
        ({"recipients": to("college", "youth")}, incidental(ground="Wpg 8"), True),
        ({"recipients": to("nobody")}, incidental(party="nobody", ground="Wpg 8"), False),
        ({"recipients": to("nobody")}, incidental(party="nobody", ground="de wet"), True),
        ({"covenant": None}, incidental(ground="Gemeentewet 172"), False),
        ({"operation": "record"}, incidental(ground="Gemeentewet 172"), False),
    ],
)
def test_an_incidental_partner_stands_on_its_own_ground(
    *, changes: dict[str, Any], given: Covenant, found: bool
) -> None:
    """S18: who joins for one case and says on what ground, names a statute of its own."""
    assert findings(act(**changes), given).get("incidental-ground-unfit") == ("gap" if found else None)


@pytest.mark.parametrize(
    ("day", "inside"),
    [(date(2026, 5, 31), False), (date(2026, 6, 1), True), (date(2026, 6, 8), True), (date(2026, 6, 9), False)],
)
def test_an_incidental_partner_is_one_within_its_window(*, day: date, inside: bool) -> None:
    """S18: before and after its days the next share is outside the covenant, on them it is not."""
    given = incidental(from_=date(2026, 6, 1), until=date(2026, 6, 8))
    at = NOW.replace(month=day.month, day=day.day)
    assert ("recipient-without-ground" not in findings(act(occurred_at=at), given)) is inside


MATRIX = {
    ("mayor", "a"): set(),
    ("mayor", "b"): set(),
    ("mayor", "c"): {"ground-missing"},
    ("mayor", "d"): set(),
    ("mayor", "e"): {"ground-missing"},
    ("mayor", "f"): {"legitimate-interest-of-authority"},
    ("school", "a"): set(),
    ("school", "b"): set(),
    ("school", "c"): {"ground-missing"},
    ("school", "d"): set(),
    ("school", "e"): {"ground-missing"},
    ("school", "f"): set(),
}


@pytest.mark.parametrize(("party", "letter"), MATRIX)
def test_each_kind_of_party_has_its_letters(party: str, letter: str) -> None:
    """S5: kind of party against letter: (c) and (e) need a statute, and (f) is closed to authorities."""
    given = act(controller=party, operation="record", legal_basis=LegalBasis(gdpr=f"6(1)({letter})"))
    assert set(findings(given)) & {"ground-missing", "legitimate-interest-of-authority"} == MATRIX[party, letter]
