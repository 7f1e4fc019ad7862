"""Decision tables of the rules on special and criminal categories, and of the exceptions to their prohibition."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import LegalBasis, Source
from services.law.context import Context
from services.law.governance import Arrangement, Entry, Party
from services.law.rules.exceptions import UAVG, named_exceptions
from services.law.rules.scene import Scene
from services.law.rules.sensitive import is_volunteer, severity_to_volunteers
from tests.unit.law.builders import NOW, act, annex, covenant, findings, register, to

OPEN_ANNEX = annex(data_categories=())
HOUSE = covenant(annexes=(OPEN_ANNEX,))
WGS = covenant(annexes=(OPEN_ANNEX,), legal_frame="wgs-zvh")
GUARD = Party(id="security", kind="private-controller", licence="ND 1234", bsn_entitled_under=("x",))
VOLUNTEER = Party(id="residents", kind="volunteer-body")
CITIZEN = Party(id="neighbour", kind="citizen")


def basis(**changes: Any) -> LegalBasis:
    """The mayor's task, with the exceptions named."""
    return LegalBasis(**({"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"} | changes))


def found_in(category: str, code: str, entries: tuple[Entry, ...] = (HOUSE,), **changes: Any) -> bool:
    """Whether the finding is there for an act with that category."""
    return code in findings(act(data_categories=("name", category), **changes), *entries)


@pytest.mark.parametrize("operation", ["collect", "consult", "use", "make-available", "record"])
@pytest.mark.parametrize("category", ["health", "EthnicOrigin", "religion"])
def test_special_categories_need_an_exception(category: str, operation: str) -> None:
    """Without an exception to AVG 9(1) there is a gap, whatever is done with them."""
    assert (
        findings(act(data_categories=(category,), operation=operation), HOUSE)["special-category-without-exception"]
        == "gap"
    )


@pytest.mark.parametrize("operation", ["erase", "destruct", "restrict"])
@pytest.mark.parametrize("category", ["health", "conviction"])
def test_what_protects_the_person_needs_no_exception(category: str, operation: str) -> None:
    """Erasing and restricting are free of the prohibitions."""
    codes = findings(act(data_categories=(category,), operation=operation), HOUSE)
    assert not {code for code in codes if "exception" in code}


@pytest.mark.parametrize(
    ("category", "changes", "entries", "missing"),
    [
        ("name", {}, (HOUSE,), False),
        ("health", {"legal_basis": None}, (HOUSE,), True),
        ("health", {"legal_basis": basis(article9=" ")}, (HOUSE,), True),
        ("health", {"legal_basis": basis(article9="9(2)(h)")}, (HOUSE,), False),
        ("health", {"legal_basis": LegalBasis(gdpr="6(1)(d)")}, (HOUSE,), False),
        ("religion", {"legal_basis": LegalBasis(gdpr="6(1)(d)")}, (HOUSE,), False),
        ("health", {"legal_basis": basis(statute="Jeugdwet 2.3")}, (HOUSE,), False),
        ("health", {"legal_basis": basis(statute="Wmo 2.1.1")}, (HOUSE,), False),
        ("health", {"legal_basis": basis(statute="Wvggz 7:1")}, (HOUSE,), False),
        ("health", {"legal_basis": basis(statute="BW 7:454")}, (HOUSE,), False),
        ("health", {"legal_basis": basis(statute="Wet BIG 88")}, (HOUSE,), False),
        ("health", {"legal_basis": basis(statute="WGS 2.29(1)")}, (HOUSE,), True),
        ("religion", {"legal_basis": basis(statute="Jeugdwet 2.3")}, (HOUSE,), True),
        ("health", {}, (WGS,), False),
        ("religion", {}, (WGS,), True),
        ("health", {"occurred_at": NOW.replace(year=2025, month=2)}, (WGS,), True),
        ("health", {"data_regime": "Wpg-8", "controller": "police"}, (HOUSE,), False),
        ("health", {"data_regime": "Wjsg", "controller": "prosecutor"}, (HOUSE,), False),
        ("conviction", {}, (HOUSE,), False),
    ],
)
def test_an_exception_may_show_by_itself(
    *, category: str, changes: dict[str, Any], entries: tuple[Entry, ...], missing: bool
) -> None:
    """A vital interest, the act on care, or the table of the WGS opens what each of them opens."""
    assert found_in(category, "special-category-without-exception", entries, **changes) is missing


@pytest.mark.parametrize(
    ("category", "article9", "statute", "unfit"),
    [
        ("health", "9(2)(a)", "Gemeentewet 172", False),
        ("religion", "AVG 9(2)(a)", "Gemeentewet 172", False),
        ("religion", "9 lid 2 onder c", "Gemeentewet 172", False),
        ("political", "9(2)(e)", "Gemeentewet 172", False),
        ("health", "9(2)(h)", "Gemeentewet 172", False),
        ("genetic", "9(2)(h)", "Gemeentewet 172", False),
        ("religion", "9(2)(h)", "Gemeentewet 172", True),
        ("health", "9(2)(b)", "Gemeentewet 172", False),
        ("ethnicity", "9(2)(b)", "Gemeentewet 172", True),
        ("health", "9(2)(i)", "Gemeentewet 172", False),
        ("sexual", "9(2)(i)", "Gemeentewet 172", True),
        ("ethnicity", "9(2)(g)", "Gemeentewet 172", False),
        ("ethnicity", "9(2)(g)", "de wet", True),
        ("ethnicity", "9(2)(g)", None, True),
        ("health", "9(2)(k)", "Gemeentewet 172", True),
        ("health", "convenant", "Gemeentewet 172", True),
        ("health", "UAVG 30(3)(a)", "Gemeentewet 172", False),
        ("ethnicity", "UAVG 30", "Gemeentewet 172", True),
        ("ethnicity", "UAVG 25", "Gemeentewet 172", False),
        ("health", "UAVG 25", "Gemeentewet 172", True),
        ("political", "UAVG 26", "Gemeentewet 172", False),
        ("belief", "UAVG 27", "Gemeentewet 172", False),
        ("genetic", "UAVG 28", "Gemeentewet 172", False),
        ("biometric", "UAVG 29", "Gemeentewet 172", False),
        ("biometric", "UAVG 23(c)", "Gemeentewet 172", False),
        ("sexual", "UAVG 22(2)(a)", "Gemeentewet 172", False),
        ("union", "UAVG 24", "Gemeentewet 172", False),
        ("health", "UAVG 41", "Gemeentewet 172", True),
        ("health", "jci1.3:c:BWBR0040940", "Gemeentewet 172", True),
        ("health", "WGS 2.29(1)", "Gemeentewet 172", False),
        ("religion", "WGS 2.29(1)", "Gemeentewet 172", True),
        ("health", "Jeugdwet 7.4.4", "Gemeentewet 172", False),
        ("health", "Gemeentewet 172", "Gemeentewet 172", True),
        ("religion", "9(2)(h) jo. UAVG 27", "Gemeentewet 172", False),
        ("ethnicity", "9(2)(g), UAVG 25", None, False),
        ("ethnicity", "9(2)(g) UAVG 25", None, False),
        ("ethnicity", "9(2)(g) AVG", "Gemeentewet 172", False),
        ("ethnicity", "art. 9 lid 2 onder g AVG", "Gemeentewet 172", False),
        ("ethnicity", "artikel 9, tweede lid, onderdeel g, AVG", "Gemeentewet 172", False),
        ("ethnicity", "artikel 9, tweede lid, aanhef en onder g, van de AVG", "Gemeentewet 172", False),
        ("ethnicity", "AVG art. 9, lid 2, sub g jo. UAVG 26", None, True),
        ("health", "AVG artikel 9 lid 2 letter h", None, False),
        ("religion", "artikel 9, tweede lid, onder h, AVG en artikel 27 UAVG", None, False),
        ("ethnicity", "UAVG 29 lid 2 onder a", "Gemeentewet 172", True),
    ],
)
def test_the_exception_named_fits_the_kind(*, category: str, article9: str, statute: str | None, unfit: bool) -> None:
    """Letters of AVG 9(2) and articles of the UAVG carry the kinds they are for, and combine as OR."""
    given = LegalBasis(gdpr="6(1)(e)", statute=statute, article9=article9)
    assert found_in(category, "special-category-exception-unfit", legal_basis=given) is unfit
    assert not found_in(category, "special-category-without-exception", legal_basis=given)


@pytest.mark.parametrize(
    ("changes", "unfit"),
    [
        ({"legal_basis": basis(article9="UAVG 25")}, True),
        ({"legal_basis": basis(article9=" ")}, False),
        ({"legal_basis": basis()}, False),
        ({"legal_basis": None}, False),
        ({"legal_basis": basis(article9="UAVG 25", statute="Jeugdwet 2.3")}, False),
        ({"legal_basis": basis(article9="UAVG 25"), "data_regime": "Wpg-8", "controller": "police"}, False),
    ],
)
def test_only_what_is_named_can_be_unfit(*, changes: dict[str, Any], unfit: bool) -> None:
    """What was left out is another finding, and what the law allows by itself needs no fitting name."""
    assert found_in("health", "special-category-exception-unfit", **changes) is unfit


def test_every_kind_needs_its_own_exception() -> None:
    """One exception that fits one of two kinds leaves the other open."""
    given = act(data_categories=("health", "ethnicity"), legal_basis=basis(article9="UAVG 30"))
    assert "special-category-exception-unfit" in findings(given, HOUSE)
    both = act(data_categories=("health", "ethnicity"), legal_basis=basis(article9="UAVG 30; UAVG 25"))
    assert "special-category-exception-unfit" not in findings(both, HOUSE)


def test_exceptions_are_read_one_by_one() -> None:
    """Whatever joins them, each exception stands by itself, as a letter or as a provision."""
    found = named_exceptions("9(2)(g) jo. UAVG 30(3)(a) en art. 25 UAVG")
    assert [(one.letter, one.article_of(UAVG), one.article_of("BWBR0011468")) for one in found] == [
        ("g", None, None),
        (None, "30", None),
        (None, "25", None),
    ]
    assert named_exceptions(" ; ") == ()


NO_ARRANGEMENT = covenant(annexes=(OPEN_ANNEX,), arrangement=None)


@pytest.mark.parametrize(
    ("changes", "entries", "missing"),
    [
        ({}, (HOUSE,), True),
        ({"legal_basis": None}, (HOUSE,), True),
        ({"legal_basis": basis(article10=" ")}, (HOUSE,), True),
        ({"legal_basis": basis(article10="10")}, (HOUSE,), True),
        ({"legal_basis": basis(article10="9(2)(a)")}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 31")}, (HOUSE,), True),
        ({"legal_basis": basis(article10="Gemeentewet 172")}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 32(c)")}, (HOUSE,), False),
        ({"legal_basis": basis(article10="UAVG 33(1)(a)")}, (HOUSE,), False),
        ({"legal_basis": basis(article10="UAVG 33(1)(a)"), "source": Source(kind="open-source")}, (HOUSE,), False),
        ({"legal_basis": basis(article10="UAVG 33(1)(a)"), "source": Source(party="school")}, (HOUSE,), True),
        ({"source": Source(party="police")}, (HOUSE,), False),
        ({"source": Source(party="prosecutor")}, (HOUSE,), False),
        ({"source": Source(party="nobody")}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 33(1)(b)")}, (HOUSE,), False),
        ({"legal_basis": basis(article10="UAVG 33(1)(b)")}, (NO_ARRANGEMENT,), True),
        ({"legal_basis": basis(article10="UAVG 33(1)(b)"), "covenant": None}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 33(1)(b)"), "controller": "youth"}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 33(1)(b)"), "controller": "nobody"}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 33(4)(a)"), "controller": "security"}, (HOUSE, GUARD), False),
        ({"legal_basis": basis(article10="UAVG 33(4)(a)"), "controller": "youth"}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 33(4)(a)"), "controller": "nobody"}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 33(2)(a)")}, (HOUSE,), False),
        ({"legal_basis": basis(article10="UAVG 33(3)")}, (HOUSE,), False),
        ({"legal_basis": basis(article10="UAVG 33(5)")}, (HOUSE,), False),
        ({"legal_basis": basis(article10="UAVG 33(6)")}, (HOUSE,), True),
        ({"legal_basis": basis(article10="UAVG 33")}, (HOUSE,), True),
        ({"legal_basis": LegalBasis(gdpr="6(1)(d)")}, (HOUSE,), False),
        ({"legal_basis": basis(statute="Wmo 5.1.1")}, (HOUSE,), False),
        ({"legal_basis": basis(statute="Jeugdwet 7.4.4")}, (HOUSE,), False),
        ({"legal_basis": basis(statute="Wvggz 8:34")}, (HOUSE,), True),
        ({"controller": "police"}, (HOUSE,), False),
        ({"controller": "prosecutor"}, (HOUSE,), False),
        ({"controller": "police", "data_regime": "Wpg-8"}, (HOUSE,), False),
        ({}, (WGS,), False),
    ],
)
def test_criminal_data_are_for_whom_the_law_allows_them(
    *, changes: dict[str, Any], entries: tuple[Entry, ...], missing: bool
) -> None:
    """UAVG 32 holds for anyone; 33 for bodies of criminal law and their receivers, partnerships and licensed firms."""
    given = {"operation": "record", "recipients": (), **changes}
    assert found_in("conviction", "criminal-data-without-exception", entries, **given) is missing


def test_a_public_partnership_is_one_that_the_controller_belongs_to() -> None:
    """UAVG 33(1)(b) is for partners of the covenant, with an arrangement as their safeguard."""
    outside = covenant(annexes=(OPEN_ANNEX,), partners=(), arrangement=Arrangement(contact_point="college"))
    given = {"operation": "record", "recipients": (), "legal_basis": basis(article10="UAVG 33(1)(b)")}
    assert found_in("conviction", "criminal-data-without-exception", (outside,), **given)


@pytest.mark.parametrize(
    ("category", "changes", "severity"),
    [
        ("conviction", {}, "violation"),
        ("conviction", {"recipients": to("neighbour")}, "violation"),
        ("conviction", {"recipients": to("police", "residents")}, "violation"),
        ("conviction", {"recipients": to("youth", "nobody")}, None),
        ("police-report", {}, "gap"),
        ("health", {}, None),
        ("nuisance-report", {}, None),
        ("conviction", {"operation": "record"}, None),
        ("conviction", {"legal_basis": basis(article10="UAVG 32(a)")}, None),
        ("conviction", {"legal_basis": basis(article10="UAVG 33(1)(b)")}, "violation"),
        ("conviction", {"legal_basis": basis(article10="Wmo 32")}, "violation"),
        ("conviction", {"legal_basis": basis(article10=" ")}, "violation"),
        ("conviction", {"legal_basis": None}, "violation"),
        ("conviction", {"legal_basis": LegalBasis(gdpr="6(1)(d)")}, None),
        ("police-report", {"legal_basis": LegalBasis(gdpr="6(1)(d)")}, None),
        ("conviction", {"controller": "residents"}, None),
        ("conviction", {"controller": "residents", "recipients": to("residents", "neighbour")}, "violation"),
        ("conviction", {"data_regime": "Wpg-20", "controller": "police"}, None),
    ],
)
def test_volunteers_and_citizens_get_no_criminal_data(
    category: str, changes: dict[str, Any], severity: str | None
) -> None:
    """What is criminal beyond doubt is a violation, a police report a gap; what holds for anyone opens it (UAVG 32)."""
    given = {"recipients": to("residents"), "data_categories": ("name", category), **changes}
    assert findings(act(**given), HOUSE, VOLUNTEER, CITIZEN).get("criminal-data-to-volunteer") == severity


def test_a_table_of_the_wgs_has_rules_of_its_own_for_third_parties() -> None:
    """Under the WGS the consent of the supplier decides, and not the kind of party."""
    given = act(data_categories=("conviction",), recipients=to("residents"))
    assert "criminal-data-to-volunteer" not in findings(given, WGS, VOLUNTEER)


def test_a_volunteer_is_told_apart_per_recipient() -> None:
    """The answer per recipient asks of each whether it is a volunteer or a citizen, and how wrong that is."""
    given = act(data_categories=("conviction",), recipients=to("residents", "youth", "unknown"))
    scene = Scene(given, Context(register(HOUSE, VOLUNTEER), None, NOW))
    assert [is_volunteer(scene, index) for index in range(3)] == [True, False, False]
    assert severity_to_volunteers(scene) == "violation"


LONG = covenant(annexes=(OPEN_ANNEX,), valid_from=date(2010, 1, 1), published=date(2010, 1, 1))
BEFORE = {"occurred_at": NOW.replace(year=2018, month=5, day=24)}
SINCE = {"occurred_at": NOW.replace(year=2018, month=5, day=25)}


@pytest.mark.parametrize(
    ("category", "article9", "fits"),
    [
        ("religion", "Wbp 17", True),
        ("ethnicity", "Wbp 18", True),
        ("political", "Wbp 19", True),
        ("trade-union-membership", "Wbp 20", True),
        ("health", "Wbp 21 lid 1 onder c", True),
        ("dna", "Wbp 21", True),
        ("sexual", "Wbp 23(1)(a)", True),
        ("religion", "Wbp 18", False),
        ("health", "Wbp 16", False),
    ],
)
def test_before_the_avg_the_wbp_gave_the_exceptions(*, category: str, article9: str, fits: bool) -> None:
    """Wbp 17 to 23 carry their kinds until 24 May 2018, and nothing any more from the day after."""
    given = LegalBasis(gdpr="8(e)", statute="Gemeentewet 172", article9=article9)
    before = found_in(category, "special-category-exception-unfit", (LONG,), legal_basis=given, **BEFORE)
    since = found_in(category, "special-category-exception-unfit", (LONG,), legal_basis=given, **SINCE)
    assert (before, since) == (not fits, True)


@pytest.mark.parametrize(
    ("article10", "missing", "to_volunteers"),
    [("Wbp 22", False, "gap"), ("Wbp 23", False, None), ("Wbp 16", True, "gap")],
)
def test_before_the_avg_criminal_data_had_the_wbp(*, article10: str, missing: bool, to_volunteers: str | None) -> None:
    """Wbp 22 and 23 opened them; nobody has read the Wbp here, so towards volunteers it is a gap."""
    given: dict[str, Any] = {"legal_basis": basis(article10=article10), "recipients": to("residents"), **BEFORE}
    codes = findings(act(data_categories=("conviction",), **given), LONG, VOLUNTEER)
    assert ("criminal-data-without-exception" in codes) is missing
    assert codes.get("criminal-data-to-volunteer") == to_volunteers
    since = findings(act(data_categories=("conviction",), **(given | SINCE)), LONG, VOLUNTEER)
    assert since["criminal-data-without-exception"] == "gap"
    assert since["criminal-data-to-volunteer"] == "violation"


@pytest.mark.parametrize(
    ("article9", "at", "unfit"),
    [
        ("UAVG 30(3)(a)", (2018, 5, 24), True),
        ("UAVG 30(3)(a)", (2018, 5, 25), False),
        ("WGS 2.29(1)", (2025, 2, 28), True),
        ("WGS 2.29(1)", (2025, 3, 1), False),
        ("Jeugdwet 7.4.4", (2014, 12, 31), True),
        ("Jeugdwet 7.4.4", (2015, 1, 1), False),
        ("Wmo 5.1.1", (2014, 12, 31), False),
    ],
)
def test_an_exception_is_one_of_the_law_of_the_day(*, article9: str, at: tuple[int, int, int], unfit: bool) -> None:
    """S72: a law that was still to come lifts no prohibition; a name that an earlier act bore may be that act."""
    when = NOW.replace(year=at[0], month=at[1], day=at[2])
    given: dict[str, Any] = {"legal_basis": basis(article9=article9), "occurred_at": when}
    assert found_in("health", "special-category-exception-unfit", (LONG,), **given) is unfit


def test_criminal_data_are_opened_by_the_law_of_the_day() -> None:
    """S72: UAVG 32 is no exception before the UAVG; that is a gap, and towards volunteers nothing gets worse by it."""
    given: dict[str, Any] = {"legal_basis": basis(article10="UAVG 32(a)"), "recipients": to("residents")}
    before = findings(act(data_categories=("conviction",), **given, **BEFORE), LONG, VOLUNTEER)
    since = findings(act(data_categories=("conviction",), **given, **SINCE), LONG, VOLUNTEER)
    assert before["criminal-data-without-exception"] == "gap"
    assert "criminal-data-without-exception" not in since
    assert "criminal-data-to-volunteer" not in before.keys() | since.keys()
