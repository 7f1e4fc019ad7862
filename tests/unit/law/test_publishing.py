"""The publish filter."""

from __future__ import annotations

import calendar
import time
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.publishing import BLIND, Sort, suspicions

LAW = frozenset({date(2025, 3, 1), date(2018, 5, 25)})


SEEN: list[tuple[str, str | None, str]] = [
    ("Het BSN 999990019 mag niet.", "citizen-number", "999990019"),
    ("met punten 9999.90.019", "citizen-number", "9999.90.019"),
    ("oud nummer 1234567-2 kort", "citizen-number", "1234567-2"),
    ("een getal van negen cijfers: 123456789", None, ""),
    ("NL91ABNA0417164300 is van hem", "bank-account", "NL91ABNA0417164300"),
    ("mail jan.jansen@voorbeeld.nl", "e-mail", "jan.jansen@voorbeeld.nl"),
    ("hij heet @jantje_99 daar", "handle", "@jantje_99"),
    ("bel 06-12345678", "phone", "06-12345678"),
    ("bel +31 6 1234 5678", "phone", "+31 6 1234 5678"),
    ("bel 0800-1234", None, ""),
    ("geboren 3-4-2010", "date", "3-4-2010"),
    ("geboren 3.4.10", "date", "3.4.10"),
    ("geboren 2010-04-03", "date", "2010-04-03"),
    ("geboren op 3 april 2010", "date", "3 april 2010"),
    ("born 3 May 2010", "date", "3 May 2010"),
    ("op 31-2-2010", "date", "31-2-2010"),
    ("sinds 1 maart 2025 geldt de WGS", None, ""),
    ("de AVG geldt sinds 2018-05-25", None, ""),
    ("artikel 2.3.4 en lid 3-5", None, ""),
    ("woont in 1234 AB", "address", "1234 AB"),
    ("Dorpsstraat 12 is het", "address", "Dorpsstraat 12"),
    ("kenteken XX-123-Y gezien", "number-plate", "XX-123-Y"),
    ("vraag mevrouw Jansen", "name", "mevrouw Jansen"),
    ("dhr. van der Berg belt", "name", "dhr. van der Berg"),
    ("De heer El Idrissi belt", "name", "De heer El"),
    ("J.P. de Vries zegt", "name", "J.P. de Vries"),
    ("Leerling A deelt een foto", None, ""),
    ("zijn BSN999990019 staat er", "citizen-number", "999990019"),
    ("nummer nr.999990019", "citizen-number", "999990019"),
    ("met 999\u00a0990\u202f019 erin", "citizen-number", "999\u00a0990\u202f019"),
    ("met 9999\u200b90019 erin", "citizen-number", "9999\u200b90019"),
    (
        "met \uff19\uff19\uff19\uff19\uff19\uff10\uff10\uff11\uff19 erin",
        "citizen-number",
        "\uff19\uff19\uff19\uff19\uff19\uff10\uff10\uff11\uff19",
    ),
    ("dossier 12345 9999 90 019", "citizen-number", "9999 90 019"),
    ("deel 1999.990.019 van iets", None, ""),
    ("nl91abna0417164300 is van hem", "bank-account", "nl91abna0417164300"),
    ("BE71 0961 2345 6769 is van hem", "bank-account", "BE71 0961 2345 6769"),
    ("bel 06.12.34.56.78", "phone", "06.12.34.56.78"),
    ("bel 06/12345678", "phone", "06/12345678"),
    ("bel (010) 123 45 67", "phone", "(010) 123 45 67"),
    ("geboren op 12 jan. 2011", "date", "12 jan. 2011"),
    ("geboren op 12 mrt 2011", "date", "12 mrt 2011"),
    ("born on May 3, 2010", "date", "May 3, 2010"),
    ("born on 3rd of May 2010", "date", "3rd of May 2010"),
    ("op 2010/04/03", "date", "2010/04/03"),
    ("geboren op 1 maart 2025", "date", "1 maart 2025"),
    ("geb. 25-5-2018 in de stad", "date", "25-5-2018"),
    ("geboren worden mag. Sinds 1 maart 2025 geldt de WGS", None, ""),
    ("woont in 1234ab", "address", "1234ab"),
    ("in 2018 en daarna", None, ""),
    ("de dorpsstraat 12 is het", "address", "dorpsstraat 12"),
    ("dit pad 3 keer", None, ""),
    ("vraag mevrouw Özdemir", "name", "mevrouw Özdemir"),
    ("dhr. Çelik belt", "name", "dhr. Çelik"),
    ("J. Öztürk zegt", "name", "J. Öztürk"),
    ("vraag mevrouw O'Neill", "name", "mevrouw O'Neill"),
    ("mevrouw d'Hondt belt", "name", "mevrouw d'Hondt"),
    ("mevrouw 't Hooft belt", "name", "mevrouw 't Hooft"),
    ("mevrouw von Trapp belt", "name", "mevrouw von Trapp"),
    ("zijn zoon Ahmed was er", "name", "zoon Ahmed"),
    ("de cliënt Peters was er", "name", "cliënt Peters"),
    ("de moeder en de zus weten het", None, ""),
    ("Mag de school het verzuim melden (Leerplichtwet 21, UAVG 41(1)(d), Stb. 2018, 144)?", None, ""),
]


@pytest.mark.parametrize(("text", "sort", "what"), SEEN)
def test_what_looks_like_personal_data_is_seen(text: str, sort: str | None, what: str) -> None:
    """Numbers that pass the eleven-test, accounts, addresses of all sorts, dates and named persons; not the law."""
    found = [(one.sort, text[one.start : one.end]) for one in suspicions(text, LAW)]
    assert found == ([] if sort is None else [(sort, what)])


def test_every_sort_is_seen_somewhere() -> None:
    """There are no other sorts than those of the table."""
    assert {sort for _, sort, _ in SEEN if sort is not None} == set(get_args(Sort))


def test_a_day_of_law_is_only_known_when_it_is_given() -> None:
    """Without the law, the first day of a statute is a date like any other."""
    assert [one.sort for one in suspicions("sinds 1 maart 2025")] == ["date"]


MONTHS_NL = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]
SHORT_NL = ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
MONTHS = [(number, name) for names in (MONTHS_NL, SHORT_NL) for number, name in enumerate(names, start=1)]
MONTHS += [(number, calendar.month_name[number]) for number in range(1, 13)]
MONTHS += [(number, calendar.month_abbr[number]) for number in range(1, 13)] + [(9, "sept"), (9, "Sept")]


@pytest.mark.parametrize(("number", "name"), MONTHS)
def test_every_month_is_known_by_its_names(number: int, name: str) -> None:
    """Long and short, in Dutch and in English: the date is seen, and is a day of law only in its own month."""
    begins = date(2025, number, 1)
    for text, written in ((f"op 1 {name} 2025 kwam", f"1 {name} 2025"), (f"on {name} 1, 2025 it", f"{name} 1, 2025")):
        assert [(one.sort, text[one.start : one.end]) for one in suspicions(text)] == [("date", written)]
        assert suspicions(text, frozenset({begins})) == ()
        assert suspicions(text, frozenset({begins.replace(year=2024)}))


TITLES = (
    *("dhr", "mevr", "mw", "mr", "mrs", "ms", "drs", "ing", "dr", "de heer", "mevrouw", "meneer", "juffrouw", "juf"),
    *("familie", "gezin", "broers", "verdachte", "leerling", "agent", "wijkagent", "moeder", "vader", "broer", "zus"),
    *("zoon", "dochter", "oom", "tante", "opa", "oma", "neef", "nicht", "buurman", "buurvrouw"),
    *("cliënt", "cliënte", "client", "patiënt", "patiënte", "slachtoffer", "getuige"),
)


@pytest.mark.parametrize("title", TITLES)
def test_whoever_is_called_by_what_he_is_is_named(title: str) -> None:
    """A form of address, a relative or a role before a capital: that is somebody; without a capital it is nobody."""
    for text in (f"bij {title} Jansen thuis", f"Bij {title.capitalize()} van der Jansen"):
        assert [one.sort for one in suspicions(text)] == ["name"]
    assert suspicions(f"bij {title} jansen thuis") == ()
    assert suspicions(f"bij x{title} Jansen thuis") == ()


@pytest.mark.parametrize(
    "infix", ["van", "von", "de", "den", "der", "du", "la", "le", "el", "al", "ten", "ter", "ben", "bin", "'t"]
)
def test_a_name_goes_on_after_its_infix(infix: str) -> None:
    """What stands between the form of address and the name belongs to the name."""
    text = f"bij mevrouw {infix} Jansen thuis"
    assert [text[one.start : one.end] for one in suspicions(text)] == [f"mevrouw {infix} Jansen"]


@pytest.mark.parametrize(
    "street", ["straat", "laan", "weg", "plein", "kade", "gracht", "singel", "hof", "steeg", "dijk", "pad", "plantsoen"]
)
def test_a_street_with_a_number_is_an_address(street: str) -> None:
    """With a capital always; in small letters save what is an ordinary word too (weg, plein, hof, pad)."""
    assert [one.sort for one in suspicions(f"aan de Noorder{street} 12 daar")] == ["address"]
    ordinary = street in {"weg", "plein", "hof", "pad"}
    assert [one.sort for one in suspicions(f"aan de noorder{street} 12 daar")] == ([] if ordinary else ["address"])
    assert suspicions(f"aan de Noorder{street} daar") == ()


@pytest.mark.parametrize(
    "word", ["geb.", "geboren", "geb", "geboortedatum", "born", "birth", "Geboren", "date of birth:"]
)
def test_a_birth_on_a_day_of_law_is_still_a_birth(word: str) -> None:
    """Whatever law began on that day: after such a word the date is that of a person."""
    day = frozenset({date(2018, 5, 25)})
    assert [one.sort for one in suspicions(f"{word} 25-5-2018", day)] == ["date"]
    assert suspicions("sinds 25-5-2018", day) == ()


def test_everything_is_found_in_order() -> None:
    """A text with several places gives them all, from left to right."""
    text = "bel 06-12345678 of mail a@b.nl, BSN 999990019"
    assert [one.sort for one in suspicions(text)] == ["phone", "e-mail", "citizen-number"]


def eleven(digits: str) -> bool:
    """The eleven-test, written out again."""
    return (
        digits != "0" * 9
        and (sum(int(d) * w for d, w in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))) % 11 == 0
    )


@given(st.text("0123456789", min_size=9, max_size=9), st.sampled_from(["", " ", ".", "-"]))
def test_a_number_of_nine_digits_is_seen_when_it_passes_the_eleven_test(digits: str, sign: str) -> None:
    """Brute force over nine digits, however they are separated."""
    text = f"nummer {sign.join(digits)} hier"
    assert ("citizen-number" in {one.sort for one in suspicions(text)}) is eleven(digits)


@pytest.mark.parametrize(
    "piece", ["a", "a.", "A.", "9", "1 ", "1-1-", "@", "van ", "dhr van de ", "a@a.", "jan 1 ", "Aa"]
)
def test_a_long_text_costs_no_more_than_its_length(piece: str) -> None:
    """Whatever it is made of: a text ten times as long takes about ten times as long, and not a hundred times."""
    short, long = (seconds_for(piece, length) for length in (2_000, 20_000))
    assert long < 40 * short + 0.05


def seconds_for(piece: str, length: int) -> float:
    """The processor time of looking through a text of a length."""
    text = (piece * length)[:length]
    begin = time.process_time()
    suspicions(text, LAW)
    return time.process_time() - begin


@given(st.text(max_size=200))
def test_places_lie_within_the_text(text: str) -> None:
    """Whatever the text, a place is a piece of it that is not empty."""
    assert all(0 <= one.start < one.end <= len(text) for one in suspicions(text))


def test_it_says_what_it_cannot_see() -> None:
    """Names by themselves and a story that fits one person: told in both languages, and true."""
    assert "losse namen" in BLIND.nl
    assert "names by themselves" in BLIND.en
    assert suspicions("Jan Jansen heeft drie zussen en een rode fiets") == ()
