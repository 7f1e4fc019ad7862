"""Decision tables of the rules on consent that the act shows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.law.act import Consent, Justification, LegalBasis
from tests.unit.law.builders import NOW, act, findings, subject, verdict

BY_CONSENT = LegalBasis(gdpr="6(1)(a)")
EARLIER, LATER = NOW - timedelta(days=1), NOW + timedelta(seconds=1)


def shown(**changes: Any) -> dict[str, Any]:
    """An act on consent that shows it."""
    consent = Consent(**({"given_at": EARLIER} | changes))
    return {"legal_basis": BY_CONSENT, "justification": Justification(consent=consent)}


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        (shown(), None),
        (shown(given_at=NOW), None),
        (shown(given_at=LATER), "violation"),
        (shown(withdrawn_at=LATER), None),
        (shown(withdrawn_at=NOW), "violation"),
        (shown(withdrawn_at=EARLIER), "violation"),
        ({**shown(given_at=LATER), "operation": "erase"}, None),
        ({**shown(given_at=LATER), "operation": "restrict"}, None),
        *(
            ({**shown(given_at=LATER), "operation": verb}, "violation")
            for verb in ("collect", "consult", "use", "record")
        ),
        ({**shown(given_at=LATER), "legal_basis": LegalBasis(gdpr="6(1)(d)")}, None),
        ({**shown(given_at=LATER), "data_regime": "Wpg-8", "controller": "police"}, None),
        ({"legal_basis": BY_CONSENT, "justification": Justification()}, None),
        ({"legal_basis": BY_CONSENT}, None),
    ],
)
def test_consent_carries_from_when_it_is_given_until_it_is_withdrawn(
    changes: dict[str, Any], severity: str | None
) -> None:
    """Before, and from the moment of withdrawal on, there is no ground; what protects the person needs none."""
    assert findings(act(**changes)).get("consent-not-in-force") == severity


GIVEN = datetime.fromisoformat("2026-03-01T12:00:00+01:00")


@pytest.mark.parametrize(
    ("born", "given_by", "found"),
    [
        (date(2010, 3, 2), "subject", True),
        (date(2010, 3, 1), "subject", False),
        (date(2010, 2, 28), "subject", False),
        (date(2010, 4, 1), "subject", True),
        (date(2010, 3, 2), "representative", False),
        (None, "subject", False),
    ],
)
def test_under_sixteen_a_representative_consents(*, born: date | None, given_by: str, found: bool) -> None:
    """UAVG 5(1) counts to the day on which consent was given; an age that is not known is not guessed."""
    changes = shown(given_at=GIVEN, given_by=given_by)
    codes = findings(act(**changes, subjects=(subject(birth_date=born),)))
    assert codes.get("consent-not-by-representative") == ("gap" if found else None)


@pytest.mark.parametrize(("hour", "found"), [("22:59", True), ("23:00", False)])
def test_age_is_counted_in_days_of_amsterdam(*, hour: str, found: bool) -> None:
    """Who turns sixteen on 1 March may consent from midnight there, which is 23:00 UTC."""
    at = datetime.fromisoformat(f"2026-02-28T{hour}:00+00:00")
    changes = shown(given_at=at) | {"subjects": (subject(birth_date=date(2010, 3, 1)),)}
    assert ("consent-not-by-representative" in findings(act(**changes))) is found


def test_only_the_children_are_found() -> None:
    """Of several persons the finding concerns those who were too young."""
    persons = (subject(birth_date=date(1990, 1, 1)), subject(id="999990020", birth_date=date(2015, 1, 1)))
    found = verdict(act(**shown(), subjects=persons)).findings
    assert [one.subjects for one in found if one.code == "consent-not-by-representative"] == [(1,)]


def test_before_the_avg_a_withdrawn_consent_is_a_gap() -> None:
    """Wbp 8 asked for consent too, but nobody has read it here."""
    at = NOW.replace(year=2017)
    given = act(
        occurred_at=at,
        legal_basis=LegalBasis(gdpr="Wbp 8(a)"),
        justification=Justification(consent=Consent(given_at=at - timedelta(days=2), withdrawn_at=at)),
    )
    assert findings(given)["consent-not-in-force"] == "gap"
