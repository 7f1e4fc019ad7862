"""Which provisions a decision not to tell can rest on."""

from __future__ import annotations

from datetime import date

import pytest

from services.law.restrictions import RESTRICTIONS, can_set_aside_telling
from services.law.statutes import statute
from services.ledger.storage.norms import packaged_norms
from tests.unit.law.builders import register

TODAY, BEFORE = date(2026, 6, 1), date(2017, 6, 1)


@pytest.mark.parametrize(
    "norm",
    [
        *(f"UAVG 41(1)({letter})" for letter in "abcdefghij"),
        "UAVG 41",
        "UAVG 41(1)",
        "UAVG art. 41 lid 1 onder d",
        "artikel 41, eerste lid, onderdeel d, UAVG",
        "artikel 41, eerste lid, aanhef en onder d, van de Uitvoeringswet AVG",
        "jci1.3:c:BWBR0040940&artikel=41&lid=1&o=d",
        "https://wetten.overheid.nl/BWBR0040940/2026-01-01#Hoofdstuk4_Artikel41",
        "AVG 13(4)",
        *(f"AVG 14(5)({letter})" for letter in "abcd"),
        "art. 14, vijfde lid, onder b, AVG",
        "AVG 14(5)",
        "AVG 23",
        "AVG 23(1)(d)",
        "eli/reg/2016/679 art. 23(1)(d)",
        "AVG 23 jo. UAVG 41(1)(d)",
        "UAVG 41(1)(c) en (d)",
        "UAVG 41(1)(i); AVG 15(4)",
        "artikel 41, eerste lid, onder d en i, van de UAVG",
        "artikel 41, eerste lid, onder d en onder i, van de UAVG",
        "artikel 41, eerste lid, aanhef en onderdelen c, d en i, van de Uitvoeringswet AVG",
        "artikel 41 lid 1 sub d en i UAVG",
        "art. 14, vijfde lid, onder b en c, AVG",
        "art. 14, vijfde lid, onder e of b, AVG",
        "UAVG 41 lid 1 onderdelen d en i",
        "UAVG 41(1)(d): opsporing",
        "UAVG 41(1)(d): opsporing en vervolging",
        "artikel 41, eerste lid, onder d, UAVG (opsporing en vervolging)",
        "UAVG 41(1)(d) - opsporing",
        "jci1.3:c:BWBR0040940&artikel=41&lid=1&o=d: opsporing",
        "UAVG 46: nee; UAVG 41(1)(d): opsporing",
        "AVG 34(3)(a)",
        "UAVG 45",
        "Wpg 24b(2)",
        "Wpg 27",
        "Wpg 27(1)(a)",
        "BGS 1.2(2)",
        "BGS 1.3(2)",
        "Wmo 5.3.1",
        "Wmo 2015 5.3.2",
    ],
)
def test_a_provision_that_says_so_sets_telling_aside(norm: str) -> None:
    """UAVG 41(1), AVG 13(4), 14(5), 23 and 34(3), and what the Wpg, the BGS and the Wmo say, however it is spelled."""
    assert can_set_aside_telling(norm, register().on(TODAY))


@pytest.mark.parametrize(
    "norm",
    [
        "UAVG 42",
        "UAVG 41(1)(z)",
        "UAVG 41(1)(k)",
        "UAVG 41(2)",
        "UAVG 41(2)(h)",
        "UAVG 46",
        "AVG 13",
        "AVG 13(1)",
        "AVG 14",
        "AVG 14(3)(a)",
        "AVG 14(5)(e)",
        "AVG 23(2)",
        "AVG 34",
        "AVG 15(4)",
        "Wpg 8",
        "Wpg 24b(1)",
        "Gemeentewet 172",
        "WGS 1.5",
        "Wbp 43",
        "zomaar",
        "UAVG 46: opsporing",
        "UAVG 41(2) (opsporing)",
        "art. 14, vijfde lid, onder e en f, AVG",
        "opsporing (UAVG)",
        "41(1)(d)",
        "UAVG",
        "  ",
    ],
)
def test_no_other_provision_does(norm: str) -> None:
    """UAVG 42 is for financial undertakings, 41(1) has ten interests, and an article that obliges to tell is none."""
    assert not can_set_aside_telling(norm, register().on(TODAY))


@pytest.mark.parametrize(
    ("norm", "expected"),
    [("Wbp 43", True), ("Wbp 43 onder b", True), ("Wbp 34 lid 4", True), ("Wbp 34", False), ("UAVG 41(1)(d)", False)],
)
def test_the_law_of_the_day_counts(*, norm: str, expected: bool) -> None:
    """Until 24 May 2018 it was Wbp 43; the UAVG was not there yet."""
    assert can_set_aside_telling(norm, register().on(BEFORE)) is expected


def test_each_stands_in_the_norm_pack() -> None:
    """Where it was read is said there: by the norm that is named beside it, of the same law and article."""
    norms = packaged_norms()
    for restriction in RESTRICTIONS:
        cited = statute(norms[restriction.norm].citation.split("-")[0])
        assert (cited.law, cited.article) == (restriction.law, restriction.article), restriction.norm
