"""For how long a youth-care or social-support file must be kept, and when it must go."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.law.act import CovenantReference, LegalBasis, Retention
from services.law.file_terms import file_rule, file_term
from services.law.governance import Party
from services.law.local_time import amsterdam_day
from tests.unit.law.builders import PARTIES, act, holding_term, register

CARE = Party(id="helper", kind="private-controller", secrecy="youth-care")
SAFE = Party(id="safe", kind="private-controller", organ="veilig-thuis", secrecy="social-support")
KNOWN = register(parties=(*PARTIES, CARE, SAFE, Party(id="doctor", kind="private-controller", secrecy="medical")))
OWN_FILE: dict[str, Any] = {"operation": "record", "recipients": (), "covenant": None, "legal_basis": None}
ZVH = CovenantReference(id="house", annex="groups")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"controller": "helper"}, "jw-7-3-8"),
        ({"controller": "safe"}, "wmo-5-3-4"),
        ({"controller": "doctor"}, None),
        ({"controller": "mayor"}, None),
        ({"controller": "unknown"}, None),
        ({"controller": "helper", "operation": "collect"}, "jw-7-3-8"),
        ({"controller": "helper", "operation": "use"}, "jw-7-3-8"),
        ({"controller": "helper", "operation": "consult"}, None),
        ({"controller": "helper", "operation": "make-available"}, None),
        ({"controller": "helper", "covenant": ZVH}, None),
        ({"legal_basis": LegalBasis(statute="Jeugdwet 7.3.8")}, "jw-7-3-8"),
        ({"legal_basis": LegalBasis(statute="Jeugdwet 7.3.8(3)"), "covenant": ZVH}, "jw-7-3-8"),
        ({"legal_basis": LegalBasis(statute="Wmo 2015 5.3.4")}, "wmo-5-3-4"),
        ({"legal_basis": LegalBasis(statute="Jeugdwet 7.3.9")}, None),
        ({"legal_basis": LegalBasis(gdpr="6(1)(e)")}, None),
        ({"controller": "safe", "legal_basis": LegalBasis(statute="Jeugdwet 7.3.8")}, "jw-7-3-8"),
        ({"controller": "helper", "occurred_at": datetime(2014, 12, 31, 12, tzinfo=UTC)}, None),
    ],
)
def test_who_keeps_a_file(changes: dict[str, Any], rule: str | None) -> None:
    """Who names the provision, or whose data are under that secrecy outside any covenant; not who passes it on."""
    given = act(**(OWN_FILE | changes))
    assert file_rule(given, KNOWN.on(amsterdam_day(given.occurred_at))) == rule


@pytest.mark.parametrize(
    ("rule", "day", "period", "ends"),
    [
        ("jw-7-3-8", "2019-12-31", "P15Y", "2034-12-31"),
        ("jw-7-3-8", "2020-01-01", "P20Y", "2040-01-01"),
        ("jw-7-3-8", "2024-02-29", "P20Y", "2044-02-29"),
        ("wmo-5-3-4", "2019-12-31", "P15Y", "2034-12-31"),
        ("wmo-5-3-4", "2026-06-01", "P15Y", "2041-06-01"),
    ],
)
def test_how_long_a_file_is_kept(rule: Any, day: str, period: str, ends: str) -> None:
    """Twenty years for youth care since 2020, fifteen before and for social support."""
    term = file_term(rule, date.fromisoformat(day))
    assert (term.rule, term.period, str(term.ends)) == (rule, period, ends)


@pytest.mark.parametrize("period", ["P1Y", "P30Y"])
def test_a_file_outlasts_a_shorter_term_and_gives_way_to_a_longer_one(period: str) -> None:
    """The minimum beats a shorter maximum, which is named as lost; a longer maximum holds, and the file is named."""
    term = holding_term(act(**(OWN_FILE | {"controller": "helper", "retention": Retention(period=period)})), KNOWN)
    assert term is not None
    expected = ("jw-7-3-8", "2046-06-01", ["act"]) if period == "P1Y" else ("act", "2056-06-01", ["jw-7-3-8"])
    assert (term.rule, str(term.ends), [lost.rule for lost in term.lost]) == expected
