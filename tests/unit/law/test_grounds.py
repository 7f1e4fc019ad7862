"""What a text can be as a ground on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.law.grounds import ground_on, is_covenant, is_own_statute
from services.law.register import Register
from services.law.statutes import statute
from services.ledger.storage.norms import packaged_norms
from tests.unit.law.builders import DAY, register


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Wbp 8", date(2001, 9, 1), date(2018, 5, 24)),
        ("jci1.3:c:BWBR0011468&artikel=8", date(2001, 9, 1), date(2018, 5, 24)),
        ("Wet bescherming persoonsgegevens 8", date(2001, 9, 1), date(2018, 5, 24)),
        ("AVG 6(1)(e)", date(2018, 5, 25), None),
        ("UAVG 33", date(2018, 5, 25), None),
        ("WGS 1.5", date(2025, 3, 1), None),
        ("BGS 1.16", date(2025, 3, 1), None),
        ("Jeugdwet 2.3", date(2015, 1, 1), None),
        ("Wmo 2015 2.3.1", date(2015, 1, 1), None),
        ("Wpg 8", date(2008, 1, 1), None),
    ],
)
def test_a_law_is_a_ground_from_its_first_day_to_its_last(text: str, first: date, last: date | None) -> None:
    """S72: neither a law that is not yet in force nor one that no longer is counts that day."""
    known = register()
    assert ground_on(text, known.on(first - timedelta(days=1))) is None
    assert ground_on(text, known.on(first)) is not None
    assert ground_on(text, known.on(last or DAY)) is not None
    assert last is None or ground_on(text, known.on(last + timedelta(days=1))) is None


@pytest.mark.parametrize("text", ["Gemeentewet 172", "Sv 161", "Opiumwet 13b", "Wmo 4", "Archiefwet 3", "WPO 40"])
def test_a_law_of_which_the_days_are_not_known_counts_on_any(text: str) -> None:
    """So does a name that an earlier act bore: the Wmo of 2014 is another than that of 2015."""
    assert ground_on(text, register().on(date(1990, 1, 1))) is not None


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (None, False),
        (" ", False),
        ("flauwekul", False),
        ("onze eigen verordening", False),
        ("Gemeentewet", False),
        ("Wmo 2015", False),
        (" wmo 2015 ", False),
        ("BW", False),
        ("AVG", False),
        ("Opiumwet 13b", True),
        ("BW 6:162", True),
        ("APV Middelstad 2:1", True),
        ("Gw 10", True),
        ("de Wmo 2015", False),
        ("van de Wmo  2015.", False),
        ("Wmo  2015", False),
        ("WVO 2020.", False),
        ("van WVO 2020", False),
        ("de Archiefwet 1995", False),
        ("het Archiefbesluit 1995", False),
        ("De Leerplichtwet 1969", False),
        ("de Wet maatschappelijke ondersteuning 2015", False),
        ("de Wmo 2015, artikel 2.3.1", True),
        ("jci1.3:c:BWBR0005416", False),
        ("jci1.3:c:BWBR0001941", False),
        ("BWBR0005416", False),
        ("https://wetten.overheid.nl/BWBR0005416", False),
        ("https://wetten.overheid.nl/BWBR0001941/2026-01-01", False),
        ("jci1.3:c:BWBR0005416&artikel=172", True),
        ("https://wetten.overheid.nl/BWBR0001941/2026-01-01#Artikel13b", True),
        ("https://wetten.overheid.nl/BWBR0005416/2026-01-01#Artikel172_Lid3_Onderdeela", True),
        ("eli/reg/2016/679", False),
        ("eli/reg/2016/679 art. 6(1)(e)", True),
        ("172", False),
        ("art. 6(1)(e)", False),
        ("artikel 172 lid 3", False),
    ],
)
def test_a_ground_names_a_provision(*, text: str | None, counts: bool) -> None:
    """A text without any number, or with a law only, names none; a law that we do not list is accepted as named."""
    assert (ground_on(text, register().on(DAY)) is not None) is counts


def test_every_norm_of_the_pack_names_a_provision() -> None:
    """However it is cited: by JCI, by ELI, or of several articles at once."""
    assert [norm.id for norm in packaged_norms().values() if not statute(norm.citation).names_provision] == []


@pytest.mark.parametrize(
    ("text", "of_police", "of_unknown"),
    [
        ("Wpg 8", True, True),
        ("Gemeentewet 172", False, True),
        ("Politiewet 2012 3", True, True),
        ("Opiumwet 13b", True, True),
        ("AVG 6(1)(e)", False, False),
        ("convenant 2025, artikel 3", False, False),
        ("house/groups@1", False, False),
        ("6(1)(e)", False, False),
        ("Wbp 8", False, False),
        ("Wpg", False, False),
        (None, False, False),
    ],
)
def test_an_own_statute_gives_the_party_a_task(*, text: str | None, of_police: bool, of_unknown: bool) -> None:
    """Neither the AVG nor a covenant gives one, nor the law of another; of a law that we do not list nobody knows."""
    view = register().on(DAY)
    assert is_own_statute(text, view, view.parties["police"]) is of_police
    assert is_own_statute(text, view, None) is of_unknown


def test_without_norms_no_law_is_out_of_force() -> None:
    """A register that holds no law at all judges none on its days."""
    assert ground_on("Wbp 8", Register().on(DAY)) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("het Convenant", True), ("covenant 3", True), ("house/groups@1", True), ("house", True), ("flauwekul", False)],
)
def test_a_covenant_is_known_by_its_word_or_id(*, text: str, expected: bool) -> None:
    """By the word in any capitals, or by the id of one in the register, with or without annex and version."""
    assert is_covenant(text, register().on(DAY)) is expected
