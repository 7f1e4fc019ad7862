"""Every sentence that the law of covenants says, in both languages, and the norms and rows that stand beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.law.covenants.choice import WhichCovenant, choose
from services.law.covenants.contradictions import contradictions, other_differences
from services.law.covenants.gathering import register_of
from services.law.covenants.lint import lint, lint_umbrella
from services.law.covenants.remarks import Remark
from services.law.covenants.reports import Point
from services.law.covenants.what_if import NAME_BY_REGIME
from services.law.norm_set import parse_norms
from services.law.texts import Text
from tests.unit.law.covenants.fixtures import PARTNERS, Body, body, read, with_annex

SENTENCES = re.compile(r"[A-Z][^{}]*[a-z][^{}]*[.?]")
BARE: Body = {"id": "1", "validFrom": "2025-01-01", "version": 1, "annexes": [{"id": "2"}]}
POOR: tuple[Body, ...] = (
    BARE,
    body(arrangement={"contactPoint": "x", "informs": "y", "reportsBreach": "z"}),
    body(legalFrame="wgs-zvh", arrangement={"contactPoint": "college", "informs": "mayor", "reportsBreach": "mayor"}),
    with_annex(retention={"plan": "P9Y"}) | {"legalFrame": "wgs-zvh", "recordRetention": "P1Y"},
    with_annex(criteria={"include": "mogelijk iedereen"}),
)
CODES = {
    "annex-part-missing",
    "annex-term-missing",
    "covenant-duration-missing",
    "covenant-partners-missing",
    "covenant-purpose-missing",
    "criteria-end-missing",
    "criteria-exclude-missing",
    "criteria-include-missing",
    "criteria-unbounded",
    "duty-of-no-partner",
    "duty-without-organ",
    "record-shorter-than-data",
    "target-group-missing",
    "term-beyond-law",
    "theme-not-of-umbrella",
    "umbrella-unknown",
    "wgs-contact-point",
}


def remarks() -> list[Remark]:
    """At least one remark of every code."""
    found = [remark for given in POOR for remark in lint(read(given))]
    above = read(body("k", themes=["zorg"]))
    return [*found, *lint_umbrella(read(body(umbrella="k")), above), *lint_umbrella(read(body(umbrella="k")), None)]


def test_every_remark_is_a_sentence_with_its_norms_and_rows() -> None:
    """In two languages that differ; norms are known, rows exist, and every code occurs."""
    known = parse_norms(path.read_text(encoding="utf-8") for path in Path("services/law/norms").glob("*.yaml"))
    for remark in remarks():
        assert_sentences([remark.message])
        assert all(norm in known for norm in remark.norms), remark.code
        assert remark.requirements
        assert all(re.fullmatch(r"S\d{1,2}", row) for row in remark.requirements)
    assert {remark.code for remark in remarks()} == CODES


def test_duties_and_parts_are_named_in_words() -> None:
    """What is missing is named in a sentence of its own."""
    dutch = {remark.message.nl for remark in remarks()}
    english = {remark.message.en for remark in remarks()}
    assert dutch >= {
        "Niet geregeld is wie verzoeken beantwoordt.",
        "Niet geregeld is wie de persoon informeert.",
        "Niet geregeld is wie een datalek meldt.",
        "Geen partner van dit convenant: wie een datalek meldt.",
        "De bijlage noemt niet: de naam van de aanpak.",
        "De bijlage noemt niet: het overleg.",
        "De bijlage noemt niet: het werkproces.",
        "De bijlage noemt niet: de criteria.",
        "De bijlage noemt niet: de geldende afspraken.",
        "De criteria zijn onbegrensd: 'mogelijk', 'iedereen'. Wie hoort er niet bij?",
    }
    assert english >= {
        "It is not arranged who answers requests.",
        "It is not arranged who informs the person.",
        "No partner of this covenant: who reports a breach.",
        "The annex lacks the name of the approach.",
        "The annex lacks the consultation.",
        "The annex lacks the work process.",
        "The annex lacks the criteria.",
        "The annex lacks the agreements.",
        "The criteria are unbounded: 'mogelijk', 'iedereen'. Who does not belong?",
    }


def texts() -> Iterator[Text]:
    """Contradictions of every kind, choices of every kind, and the names of the regimes."""
    other = body("b", purpose="zorg", regime=3, partners=[*body()["partners"], {"party": "om"}])
    other["annexes"][0]["retention"] = {"plan": "P9Y"}
    other["arrangement"]["informs"] = "stranger"
    other["partners"].append({"party": "late", "from": "2028-01-01"})
    known = register_of(map(read, (body(), other)))
    found = [*contradictions(known), *other_differences(known)]
    assert [each.kind for each in found] == ["parties", "parties", "purpose", "retention", "regime", "validity"]
    yield from (each.text for each in found)
    view = known.on(date(2026, 6, 1))
    for asked in ({"home": "Middelstad"}, {"home": "Middelstad", "recipients": ("om",)}, {}):
        choice = choose(WhichCovenant(**asked), view)
        yield choice.why


def test_contradictions_and_choices_are_sentences() -> None:
    """Ids apart, each begins with a capital or an id and ends with a point."""
    for text in texts():
        for said in (text.nl, text.en):
            assert said.endswith(".")
            assert not said.startswith("XX")
            assert re.search(r"[a-z]{4}", said)
        assert text.nl != text.en
    assert_sentences([Text(f"{name.nl}.", f"{name.en}.") for name in NAME_BY_REGIME.values()])


@pytest.mark.parametrize(
    ("what", "nl", "en"),
    [
        ("signalling", "signalering", "signalling"),
        ("imaging", "beeldvorming", "imaging"),
        ("weighing", "weging", "weighing"),
        ("plan", "plan", "plan"),
        ("execution", "uitvoering", "execution"),
        ("aftercare", "nazorg", "aftercare"),
        ("recordRetention", "bewaartermijn van het logboek", "term of the ledger's record"),
        ("purpose", "doel", "purpose"),
        ("regime", "stroming", "regime"),
        ("contactPoint", "wie verzoeken beantwoordt", "who answers requests"),
        ("informs", "wie informeert", "who informs"),
        ("reportsBreach", "wie een datalek meldt", "who reports a breach"),
        ("some-party", "some-party", "some-party"),
    ],
)
def test_points_have_words(what: str, nl: str, en: str) -> None:
    """Fields and phases in words, ids as they are, and what is not there as no partner."""
    assert Point(what, "partner", None).text == Text(f"{nl}: partner ↔ geen partner", f"{en}: partner ↔ no partner")
    assert Point("x", "incidental", "y").text == Text("x: incidentele partner ↔ y", "x: incidental partner ↔ y")


@pytest.mark.parametrize(
    ("asked", "nl", "en"),
    [
        ({"home": "Middelstad"}, "de woonplaats van de persoon", "the person's home town"),
        ({"place": "Middelstad"}, "de plaats van de handeling", "the town of the act"),
        ({"school": "Middelstad"}, "de plaats van de school", "the town of the school"),
        (
            {"home": "Middelstad", "school": "Middelstad"},
            "de woonplaats van de persoon en de plaats van de school",
            "the person's home town and the town of the school",
        ),
    ],
)
def test_a_candidate_says_why_it_is_one(asked: Any, nl: str, en: str) -> None:
    """By the towns that it covers, in both languages."""
    (only,) = choose(WhichCovenant(**asked), register_of([read(body())]).on(date(2026, 6, 1))).candidates
    assert only.why == Text(f"a geldt voor {nl}.", f"a holds for {en}.")
    assert PARTNERS


def assert_sentences(given: Iterable[Text]) -> None:
    """One or more sentences in each language, and not the same in both."""
    for text in given:
        assert SENTENCES.fullmatch(text.nl), text.nl
        assert SENTENCES.fullmatch(text.en), text.en
        assert text.nl != text.en
