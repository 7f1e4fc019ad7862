"""Decision tables of the rules on professional secrecy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import Consent, Justification, LegalBasis, Secrecy
from services.law.catalogue import CATALOGUE
from services.law.governance import Decision, Entry, Partner, Party
from services.law.verdict import Outcome
from tests.unit.law.builders import NOW, act, change, covenant, findings, to

WGS = covenant(legal_frame="wgs-zvh", partners=(Partner(party="mayor"), Partner(party="youth"), Partner(party="care")))
REPORT = LegalBasis(gdpr="6(1)(e)", statute="Wmo 5.2.6")
NOT_LIFTED = {code for code in CATALOGUE if code.endswith("secrecy-not-lifted")}


def tagged(regime: str, exception: str | None = None, **changes: Any) -> dict[str, Any]:
    """The change that puts the data of an act under a secrecy."""
    secrecy = Secrecy(regime=regime, exception=exception, **changes)  # type: ignore[arg-type]
    return {"justification": Justification(secrecy=secrecy)}


def secrecy_findings(changes: dict[str, Any], *entries: Entry) -> dict[str, str]:
    """The findings on secrecy of the act with the changes."""
    return {code: severity for code, severity in findings(act(**changes), *entries).items() if "secrecy" in code}


@pytest.mark.parametrize(
    ("regime", "entries", "code", "severity"),
    [
        ("medical", [], "medical-secrecy-not-lifted", "gap"),
        ("medical", [WGS], "wgs-care-secrecy-not-lifted", "violation"),
        ("youth-care", [], "youth-care-secrecy-not-lifted", "violation"),
        ("youth-care", [WGS], "wgs-care-secrecy-not-lifted", "violation"),
        ("social-support", [], "social-support-secrecy-not-lifted", "violation"),
        ("police", [], "police-secrecy-not-lifted", "violation"),
        ("wgs", [], "partnership-secrecy-not-lifted", "violation"),
    ],
)
@pytest.mark.parametrize("exception", [None, "none"])
def test_a_secrecy_that_nothing_opens_is_named_by_its_provision(
    regime: str, exception: str | None, entries: list[Entry], code: str, severity: str
) -> None:
    """Each regime has a finding of its own; medical secrecy outside the WGS rests on acts nobody has read yet."""
    assert secrecy_findings(tagged(regime, exception), *entries) == {code: severity}


@pytest.mark.parametrize(("exception", "severity"), [(None, "gap"), ("none", "violation")])
def test_official_secrecy_is_broken_only_by_who_says_so(exception: str | None, severity: str) -> None:
    """Left out, the sender's task may be what opens Awb 2:5; who states that nothing does, breaks it."""
    assert secrecy_findings(tagged("official", exception)) == {"official-secrecy-not-lifted": severity}


OPENS = {  # explicit consent, statutory duty, statutory power, good care
    "medical": (True, True, True, True),
    "youth-care": (True, True, True, True),
    "social-support": (True, True, True, False),
    "official": (False, True, True, False),
    "police": (False, True, True, False),
    "wgs": (False, True, True, False),
}


@pytest.mark.parametrize("regime", OPENS)
@pytest.mark.parametrize("place", range(4))
def test_each_secrecy_is_opened_by_its_own_exceptions(regime: str, place: int) -> None:
    """What fits opens it; what does not fit is a gap and no violation, since something was claimed."""
    exception = ("explicit-consent", "statutory-duty", "statutory-power", "good-care")[place]
    found = secrecy_findings(tagged(regime, exception, provision="Jeugdwet 7.3.11(4)"))
    assert found == ({} if OPENS[regime][place] else {"secrecy-exception-unfounded": "gap"})


@pytest.mark.parametrize(
    ("exception", "provision", "found"),
    [
        ("statutory-power", "Wmo 5.2.6", False),
        ("statutory-duty", "Leerplichtwet 21", False),
        ("statutory-power", None, True),
        ("statutory-power", " ", True),
        ("statutory-power", "convenant veiligheid", True),
        ("statutory-power", "convenant 2025, artikel 3", True),
        ("statutory-power", "AVG 6(1)(e)", True),
        ("statutory-duty", "Wbp 9", True),
        ("statutory-duty", "Wmo 2015", True),
        ("statutory-duty", "jci1.3:c:BWBR0034925", True),
        ("statutory-duty", "Politiewet 2012 3", False),
        ("explicit-consent", None, False),
        ("good-care", None, False),
    ],
)
def test_a_duty_or_power_names_its_statute(*, exception: str, provision: str | None, found: bool) -> None:
    """A power without an article of a law of that day, or in a covenant, is a gap; consent and good care need none."""
    codes = secrecy_findings(tagged("youth-care", exception, provision=provision))
    assert ("secrecy-exception-unfounded" in codes) is found
    assert NOT_LIFTED.isdisjoint(codes)


@pytest.mark.parametrize(("month", "day", "unfounded"), [(2, 28, True), (3, 1, False)])
def test_a_law_opens_a_secrecy_from_its_first_day(*, month: int, day: int, unfounded: bool) -> None:
    """S72: until 28 February 2025 there was no WGS that could oblige anybody to tell."""
    given = tagged("youth-care", "statutory-duty", provision="WGS 1.5")
    found = secrecy_findings({**given, "occurred_at": NOW.replace(year=2025, month=month, day=day)})
    assert found == ({"secrecy-exception-unfounded": "gap"} if unfounded else {})


@pytest.mark.parametrize(
    ("valid_until", "lifted"), [(None, True), (date(2026, 6, 1), True), (date(2026, 5, 31), False)]
)
def test_a_consent_that_was_withdrawn_opens_nothing(*, valid_until: date | None, lifted: bool) -> None:
    """The consent that lifts a secrecy may stand in the register as a decision, until it is withdrawn."""
    given = Decision(id="yes", kind="secrecy-consent", by="care", valid_until=valid_until)
    codes = secrecy_findings(tagged("youth-care", "explicit-consent", decision_id="yes"), given)
    assert codes == ({} if lifted else {"youth-care-secrecy-not-lifted": "violation"})


def test_a_consent_that_nobody_registered_is_a_gap() -> None:
    """A decision that was never there may be a slip of the pen: it is asked for, not held against anybody."""
    other = Decision(id="other", kind="secrecy-consent", by="care")
    codes = secrecy_findings(tagged("youth-care", "explicit-consent", decision_id="yes"), other)
    assert codes == {"secrecy-exception-unfounded": "gap"}


def test_only_consent_hangs_on_its_decision() -> None:
    """A decision that is not in force leaves good care as it is."""
    assert secrecy_findings(tagged("youth-care", "good-care", decision_id="gone")) == {}


def test_consent_as_a_ground_lifts_no_secrecy() -> None:
    """Two fields for two consents: that of AVG 6(1)(a) does not open Jeugdwet 7.3.11."""
    both = Justification(secrecy=Secrecy(regime="youth-care"), consent=Consent(given_at=NOW))
    found = secrecy_findings({"justification": both, "legal_basis": LegalBasis(gdpr="6(1)(a)")})
    assert found == {"youth-care-secrecy-not-lifted": "violation"}


@pytest.mark.parametrize(
    ("regime", "changes", "entries", "closed"),
    [
        ("youth-care", {"legal_basis": LegalBasis(gdpr="6(1)(d)")}, [], False),
        ("youth-care", {"legal_basis": REPORT}, [], False),
        ("medical", {"legal_basis": REPORT}, [WGS], False),
        ("youth-care", {"legal_basis": LegalBasis(gdpr="6(1)(c)", statute="Jeugdwet 7.3.11(4)")}, [], False),
        ("youth-care", {"legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Jeugdwet 7.3.11(1)")}, [], True),
        ("official", {}, [WGS], False),
        ("official", {"recipients": to("youth", "host")}, [WGS], False),
        ("official", {"recipients": to("youth", "school")}, [WGS], True),
        ("official", {"recipients": ()}, [WGS], True),
        ("social-support", {}, [WGS], False),
        ("social-support", {"recipients": to("youth", "school")}, [WGS], True),
        ("social-support", {}, [], True),
        ("wgs", {}, [WGS], False),
        ("wgs", {"recipients": to("school")}, [WGS], True),
        ("medical", {}, [WGS], True),
        ("youth-care", {}, [WGS], True),
        ("police", {"data_regime": "Wpg-20", "controller": "police"}, [], False),
        ("youth-care", {"data_regime": "Wpg-20", "controller": "police"}, [], True),
        ("youth-care", {"recipients": to("host", "mayor")}, [], False),
        ("youth-care", {"recipients": to("host", "youth")}, [], True),
        ("youth-care", {"operation": "consult"}, [], False),
    ],
)
def test_the_law_may_open_a_secrecy_itself(
    *, regime: str, changes: dict[str, Any], entries: list[Entry], closed: bool
) -> None:
    """A vital interest, a right to report, a duty beyond plain secrecy; and who tells nobody else breaks nothing."""
    codes = secrecy_findings({**tagged(regime, "none"), **changes}, *entries)
    assert (not NOT_LIFTED.isdisjoint(codes)) is closed


def test_what_the_law_opens_needs_no_exception() -> None:
    """An exception that does not fit does no harm where the law opens the secrecy by itself."""
    assert secrecy_findings({**tagged("official", "good-care"), "legal_basis": REPORT}) == {}


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ((2025, 2, 28), "youth-care-secrecy-not-lifted"),
        ((2025, 3, 1), "wgs-care-secrecy-not-lifted"),
        ((2014, 12, 31), None),
    ],
)
def test_the_provision_is_the_one_of_the_day(day: tuple[int, int, int], code: str | None) -> None:
    """Before the WGS the Jeugdwet alone keeps the secrecy, and before 2015 neither did."""
    early = change(WGS, valid_from=date(2010, 1, 1))
    at = NOW.replace(year=day[0], month=day[1], day=day[2])
    found = secrecy_findings({**tagged("youth-care"), "occurred_at": at}, early)
    assert set(found) == ({code} if code else set())


KEEPER = Party(id="ggz", kind="private-controller", domains=("care",), secrecy="medical", bsn_entitled_under=("Wmo 5",))


@pytest.mark.parametrize(
    ("secrecy", "changes", "found"),
    [
        ("medical", {}, True),
        ("youth-care", {}, True),
        ("social-support", {}, True),
        ("official", {}, False),
        ("police", {}, False),
        ("wgs", {}, False),
        (None, {}, False),
        ("medical", tagged("medical", "good-care"), False),
        ("medical", {"justification": Justification()}, True),
        ("medical", {"legal_basis": REPORT}, False),
        ("medical", {"recipients": to("ggz")}, False),
        ("medical", {"controller": "nobody"}, False),
        ("medical", {"operation": "record"}, False),
    ],
)
def test_who_keeps_a_professional_secrecy_says_what_opens_it(
    *, secrecy: Any, changes: dict[str, Any], found: bool
) -> None:
    """A party whose data are under a secrecy as a rule, that tells others without a word about it, leaves a gap."""
    party = change(KEEPER, secrecy=secrecy)
    codes = findings(act(**{"controller": "ggz", **changes}), party)
    assert ("secrecy-unstated" in codes) is found


def test_the_provision_is_among_the_norms() -> None:
    """A finding on secrecy names the provision that keeps it."""
    assert CATALOGUE["youth-care-secrecy-not-lifted"].norms == ("jw-7-3-11-1",)
    assert CATALOGUE["wgs-care-secrecy-not-lifted"].norms == ("wgs-2-29-2",)
    assert CATALOGUE["medical-secrecy-not-lifted"].severity is Outcome.GAP
