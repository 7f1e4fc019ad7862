"""Lints: criteria that select, what a covenant needs to be active, and themes of an umbrella."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from services.law.covenants.gathering import register_of
from services.law.covenants.lint import (
    is_ready,
    lint,
    lint_activation,
    lint_criteria,
    lint_joining,
    lint_known,
    lint_umbrella,
    selectivity,
)
from services.law.covenants.lint_criteria import unbounded_words
from services.law.covenants.remarks import Remark
from services.law.governance import Addendum, Annex
from services.ledger.storage.norms import packaged_norms
from tests.unit.law.covenants.fixtures import PARTNERS, Body, body, read, with_annex
from tests.unit.law.sentences import is_code

SEED = (
    "alle jongeren en jongvolwassenen die in welke rol dan ook betrokken zijn bij of dreigen betrokken te raken bij "
    "overlast"
)
FULL: Body = {"name": "Jeugdgroepen", "agreements": "wie belt wie"}


def whole(found: Iterable[Remark]) -> list[Remark]:
    """The remarks, each with a stable code, rows of the requirements that exist, and norms that can be looked up."""
    remarks = [*found]
    for remark in remarks:
        assert is_code(remark.code)
        assert remark.requirements
        assert all(re.fullmatch(r"S(?:[1-9]|[1-7]\d|8[0-3])", row) for row in remark.requirements)
        assert set(remark.norms) <= set(packaged_norms())
        assert remark.message.nl != remark.message.en
    return remarks


def remarks(given: Body) -> list[tuple[str, str]]:
    """Pointer and code of each remark."""
    return [(remark.pointer, remark.code) for remark in whole(lint(read(given)))]


def test_a_full_covenant_is_ready() -> None:
    """Nothing to remark: it may be activated."""
    found = lint(read(with_annex("a", **FULL)))
    assert found == ()
    assert is_ready(found)


def test_the_sentence_of_the_seed_is_unbounded() -> None:
    """Its words are named, beside the exclusion that is missing; with one the criteria pass (S7)."""
    lacking, only = lint_criteria(read(with_annex(criteria={"include": SEED, "ends": "y"})))
    assert (lacking.pointer, lacking.code) == ("/annexes/0/criteria/exclude", "criteria-exclude-missing")
    assert (only.pointer, only.code) == ("/annexes/0/criteria/include", "criteria-unbounded")
    assert "'in welke rol dan ook'" in only.message.nl
    assert "'dreigen betrokken te raken'" in only.message.en
    assert not only.blocks
    assert only.norms
    assert lint_criteria(read(with_annex(criteria={"include": SEED, "exclude": "omstanders", "ends": "y"}))) == ()
    assert lint_criteria(read(body())) == ()


@pytest.mark.parametrize(
    ("exclude", "is_unbounded"),
    [
        (None, True),
        (" \n", True),
        ("-", True),
        ("…", True),
        ("geen", True),
        ("Geen.", True),
        ("n.v.t.", True),
        ("NVT", True),
        ("niemand", True),
        ("None", True),
        ("N/A", True),
        ("nog te bepalen", True),
        ("wie geen melding heeft", False),
        ("omstanders", False),
        ("none of the bystanders", False),
    ],
)
def test_an_exclusion_that_says_something_bounds_them(exclude: str | None, *, is_unbounded: bool) -> None:
    """A stroke, "geen" or "n.v.t." excludes nobody; that one no longer belongs some day bounds nothing either (S7)."""
    found = whole(lint_criteria(read(with_annex(criteria={"include": SEED, "exclude": exclude, "ends": "y"}))))
    assert ("criteria-unbounded" in {remark.code for remark in found}) is is_unbounded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ()),
        ("dreigen betrokken te raken bij", ("dreigen betrokken te raken",)),
        ("dreigt  te\nraken", ("dreigt te raken",)),
        ("mogelijk betrokken", ("mogelijk",)),
        ("onmogelijk", ()),
        ("overlast, vernieling e.d. in het park", ("e.d.",)),
        ("might join, such as friends", ("might", "such as")),
        ("at risk of becoming a member", ("at risk of becoming",)),
        ("named in two independent reports within 3 months", ()),
        ("named by the police", ()),
        ("iedereen in het park", ("iedereen",)),
        ("wie in welke vorm dan ook meedoet", ("in welke vorm dan ook",)),
        ("op enige wijze of op welke wijze dan ook", ("op enige wijze", "op welke wijze dan ook")),
        ("wie dreigt crimineel te worden", ("dreigt crimineel te worden",)),
        ("betrokken zijn bij of verdacht worden", ("betrokken zijn bij of",)),
        ("jongeren die zouden kunnen afglijden", ("zouden kunnen",)),
        ("wie mogelijkerwijs meedoet, en eventueel een ander", ("mogelijkerwijs", "eventueel")),
        ("onder meer broers, onder andere zussen", ("onder meer", "onder andere")),
        ("o.m. broers, o.a. zussen", ("o.m.", "o.a.")),
        ("bijvoorbeeld broers, bijv. zussen", ("bijvoorbeeld", "bijv.")),
        ("groepen en dergelijke, enzovoort", ("en dergelijke", "enzovoort")),
        ("overlast, vernieling enz. in de wijk", ("enz.",)),
        ("betrokken of anderszins bekend, of soortgelijke", ("of anderszins", "of soortgelijke")),
        ("eenieder, wie dan ook", ("eenieder", "wie dan ook")),
        ("seen in any role, in whatever role", ("in any role", "in whatever role")),
        ("whoever threatens to become a member", ("threatens to become",)),
        ("likely to be or may become known, could be", ("likely to be", "may become", "could be")),
        ("possibly, potentially or otherwise", ("possibly", "potentially", "or otherwise")),
        ("friends, for example, e.g. brothers and so on", ("for example", "e.g.", "and so on")),
        ("anyone, everybody and everyone or similar", ("anyone", "everybody", "everyone", "or similar")),
        ("a dreigende houding; zoutkunnen; minor", ()),
    ],
)
def test_words_that_let_in_anybody(text: str | None, expected: tuple[str, ...]) -> None:
    """As they stand in the text, whole words only."""
    assert unbounded_words(text) == expected


@pytest.mark.parametrize(
    ("criteria", "codes"),
    [
        (None, ["include", "exclude", "end"]),
        ({"include": "two reports"}, ["exclude", "end"]),
        ({"include": " ", "exclude": "x", "ends": "y"}, ["include"]),
        ({"include": "two reports", "exclude": "x"}, ["end"]),
        ({"include": "two reports", "ends": "y"}, ["exclude"]),
    ],
)
def test_each_part_of_the_criteria(criteria: Body | None, codes: list[str]) -> None:
    """Inclusion, exclusion and end, each by itself."""
    found = whole(lint_criteria(read(with_annex(criteria=criteria))))
    assert [remark.code for remark in found] == [f"criteria-{code}-missing" for code in codes]


@pytest.mark.parametrize(
    ("annex", "is_named"),
    [
        ({"id": "1", "consultation": "x"}, False),
        ({"id": "bijlage-1", "name": "aanpak"}, False),
        ({"id": "1", "name": "Jeugd"}, True),
        ({"id": "1", "workProcess": "integrale aanpak jeugd"}, True),
        ({"id": "jeugd"}, True),
    ],
)
def test_the_target_group(annex: Body, *, is_named: bool) -> None:
    """Said by the inclusion, or else by the name, id or work process of the annex."""
    found = whole(lint_criteria(read(body(annexes=[annex]))))
    assert ("target-group-missing" in {remark.code for remark in found}) is not is_named


@pytest.mark.parametrize(
    ("bruto", "netto", "ratio", "selects"),
    [(9, 3, 1 / 3, True), (10, 8, 0.8, True), (10, 9, 0.9, False), (5, 5, 1.0, False), (0, 0, None, True)],
)
def test_how_far_criteria_select(bruto: int, netto: int, ratio: float | None, *, selects: bool) -> None:
    """Of nine names three stay: that selects; of ten nine: hardly."""
    found = selectivity(bruto, netto)
    assert (found.bruto, found.netto, found.ratio, found.selects) == (bruto, netto, ratio, selects)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"purpose": None}, [("/purpose", "covenant-purpose-missing")]),
        ({"purpose": " "}, [("/purpose", "covenant-purpose-missing")]),
        ({"partners": []}, [("/partners", "covenant-partners-missing")]),
        ({"validUntil": None}, [("/validUntil", "covenant-duration-missing")]),
        (
            {"arrangement": None},
            [(f"/arrangement/{duty}", "duty-without-organ") for duty in ("contactPoint", "informs", "reportsBreach")],
        ),
        (
            {"arrangement": {"contactPoint": "college", "informs": "stranger"}},
            [("/arrangement/informs", "duty-of-no-partner"), ("/arrangement/reportsBreach", "duty-without-organ")],
        ),
    ],
)
def test_what_a_covenant_needs(changes: Body, expected: list[tuple[str, str]]) -> None:
    """Purpose, partners, duration, and one partner for each duty; each by itself keeps it from being active."""
    given = with_annex("a", **FULL) | changes
    assert remarks(given) == expected
    assert not is_ready(lint(read(given)))


@pytest.mark.parametrize("part", ["name", "consultation", "workProcess", "criteria", "agreements"])
def test_an_annex_has_five_parts(part: str) -> None:
    """Without any one of them it cannot be activated (S15); an id that tells stands in for the name."""
    given = with_annex("a", **(FULL | {part: None} | ({"id": "bijlage-1"} if part == "name" else {})))
    found = [remark for remark in whole(lint_activation(read(given))) if remark.blocks]
    assert [(remark.pointer, remark.code) for remark in found] == [(f"/annexes/0/{part}", "annex-part-missing")]
    assert not is_ready(found)
    assert lint_activation(read(with_annex("a", **(FULL | {"name": None})))) == ()


@pytest.mark.parametrize(
    ("annex", "changes", "expected"),
    [
        ({"retention": {}}, {}, [("/annexes/0/retention", "annex-term-missing")]),
        ({"retention": {"plan": "P6Y"}}, {}, []),
        ({"retention": {"plan": "P5Y"}}, {"legalFrame": "wgs-zvh"}, []),
        (
            {"retention": {"pl/an": "P6Y"}},
            {"legalFrame": "wgs-zvh"},
            [("/annexes/0/retention/pl~1an", "term-beyond-law"), ("/annexes/0/retention/pl~1an", "phase-unknown")],
        ),
        ({"retention": {"plan": "lang"}}, {"legalFrame": "wgs-zvh", "recordRetention": "P1D"}, []),
        (
            {"retention": {"plan": "P2Y"}},
            {"recordRetention": "P1Y"},
            [("/annexes/0/retention/plan", "record-shorter-than-data")],
        ),
        ({"retention": {"plan": "P2Y"}}, {"recordRetention": "P24M"}, []),
    ],
)
def test_terms_are_remarked_on(annex: Body, changes: Body, expected: list[tuple[str, str]]) -> None:
    """None at all, longer than the WGS allows, or longer than the record of them; none of it blocks."""
    given = with_annex("a", **(FULL | annex)) | changes
    assert remarks(given) == expected
    assert is_ready(lint(read(given)))


@pytest.mark.parametrize(
    ("annex", "expected"),
    [
        ({"retention": {"signalling": "P3M", "Signalering": "P3M", "plan van aanpak": "P2Y"}}, []),
        (
            {"retention": {"signaleering": "P3M", "nazorg": "P1Y", "in/take": "P1M"}},
            [
                ("/annexes/0/retention/signaleering", "phase-unknown"),
                ("/annexes/0/retention/in~1take", "phase-unknown"),
            ],
        ),
        ({"dataCategories": ["name", "report", "iets-eigens"]}, []),
        (
            {"dataCategories": ["name", "Naam", "politiemutatie"]},
            [
                ("/annexes/0/dataCategories/1", "category-otherwise-called"),
                ("/annexes/0/dataCategories/2", "category-otherwise-called"),
            ],
        ),
    ],
)
def test_words_that_find_no_act_are_remarked_on(annex: Body, expected: list[tuple[str, str]]) -> None:
    """A phase that is none by any word, and a category that acts call otherwise; neither blocks."""
    given = with_annex("a", **(FULL | annex))
    assert remarks(given) == expected
    assert is_ready(lint(read(given)))


@pytest.mark.parametrize(
    ("arrangement", "expected"),
    [
        ({"contactPoint": "college", "informs": "mayor", "reportsBreach": "college"}, ["/arrangement/informs"]),
        ({"contactPoint": "college", "informs": "college", "reportsBreach": "mayor"}, ["/arrangement/reportsBreach"]),
        ({"informs": "mayor", "reportsBreach": "college"}, []),
    ],
)
def test_under_the_wgs_the_contact_point_does_it(arrangement: Body, expected: list[str]) -> None:
    """BGS 1.3 and 1.4: it informs and reports for all; another is remarked on, and blocks nothing."""
    given = with_annex("a", **FULL) | {"legalFrame": "wgs-zvh", "arrangement": arrangement}
    found = [remark for remark in whole(lint(read(given))) if remark.code == "wgs-contact-point"]
    assert [remark.pointer for remark in found] == expected
    assert is_ready(found)
    assert PARTNERS


@pytest.mark.parametrize(
    ("given", "umbrella", "expected"),
    [
        ({}, None, []),
        ({"umbrella": True}, None, []),
        ({"umbrella": True, "themes": ["Jeugdgroepen"]}, None, []),
        ({"umbrella": True, "themes": ["zorg"]}, None, [("/annexes/0/id", "theme-not-of-umbrella", True)]),
        ({"umbrella": "k"}, None, [("/umbrella", "umbrella-unknown", False)]),
        ({"umbrella": "k"}, {"themes": []}, []),
        ({"umbrella": "k"}, {"themes": ["jeugdgroepen", "zorg"]}, []),
        ({"umbrella": "k"}, {"themes": ["zorg"]}, [("/annexes/0/id", "theme-not-of-umbrella", True)]),
    ],
)
def test_themes_of_the_umbrella(given: Body, umbrella: Body | None, expected: list[Any]) -> None:
    """An approach that the umbrella does not name is refused (S14); an umbrella that is not there is remarked on."""
    above = None if umbrella is None else read(body("k", **umbrella))
    found = whole(lint_umbrella(read(body(**given)), above))
    assert [(remark.pointer, remark.code, remark.blocks) for remark in found] == expected


def test_a_version_in_a_register_is_looked_at_whole() -> None:
    """With what it inherits, and with the annex that its umbrella does not name at its own place (S14)."""
    umbrella = read(body("k", umbrella=True, themes=["zorg"], annexes=[]))
    given = read(
        body("a", umbrella="k", purpose=None, annexes=[{"id": "drugs"}, {"id": "zorg", "consultation": "overleg"}])
    )
    found = whole(lint_known(given, register_of((umbrella, given))))
    told = {(remark.pointer, remark.code) for remark in found}
    assert {("/annexes/0/id", "theme-not-of-umbrella"), ("/annexes/1/criteria", "annex-part-missing")} <= told
    assert not {pointer for pointer, _ in told} & {"/purpose", "/annexes/1/consultation", "/umbrella"}
    assert "/annexes/0/consultation" in {pointer for pointer, _ in told}
    alone = {(remark.pointer, remark.code) for remark in lint_known(given, register_of((given,)))}
    assert {("/umbrella", "umbrella-unknown"), ("/purpose", "covenant-purpose-missing")} <= alone


def outlives(given: Body, *others: Body | Addendum) -> list[Remark]:
    """The remarks that a covenant goes on without its umbrella."""
    known = [read(given), *(other if isinstance(other, Addendum) else read(other) for other in others)]
    found = whole(lint_known(read(given), register_of(known)))
    return [remark for remark in found if remark.code == "covenant-outlives-umbrella"]


def test_a_covenant_that_outlives_its_umbrella_is_told_what_it_then_lacks() -> None:
    """From which day, and everything that it leaves to the umbrella; it may be called active all the same."""
    umbrella = body("k", umbrella=True, validUntil="2026-06-30")
    given = body("a", umbrella="k", purpose=None, partners=[], arrangement={"informs": "college"})
    (only,) = outlives(given, umbrella)
    assert (only.pointer, only.blocks) == ("/validUntil", False)
    assert only.message.nl.startswith("Het koepelconvenant geldt niet vanaf 1 juli 2026. Dit convenant mist dan: ")
    assert only.message.nl.endswith(": doel, partners en onderlinge regeling.")
    assert only.message.en.endswith(": purpose, partners and arrangement.")
    assert len(outlives(given | {"validUntil": None}, umbrella)) == 1


@pytest.mark.parametrize(
    ("changes", "others"),
    [
        ({"validUntil": "2026-06-30"}, ()),
        ({"purpose": "zorg"}, ()),
        ({"umbrella": None}, ()),
        ({"umbrella": True}, ()),
        ({}, (body("k", umbrella=True, version=2, validFrom="2026-07-01"),)),
        ({}, (body("a", version=2, validFrom="2026-07-01"),)),
        ({}, (body("a", umbrella="k", purpose=None, version=2, validFrom="2026-03-01"),)),
    ],
)
def test_who_lacks_nothing_does_not_outlive_its_umbrella(changes: Body, others: tuple[Body, ...]) -> None:
    """It ends with it, says all itself, stands under none, or a version that follows (of either) takes over in time."""
    umbrella = body("k", umbrella=True, validUntil="2026-06-30")
    assert outlives(body("a", umbrella="k", purpose=None) | changes, umbrella, *others) == []


def test_a_gap_between_two_versions_of_an_umbrella_is_told() -> None:
    """The first day on which it lacks something, also where the umbrella comes back; what an addendum brings stays."""
    versions = (
        body("k", umbrella=True, validUntil="2026-03-31"),
        body("k", umbrella=True, version=2, validFrom="2026-04-01", validUntil="2026-06-30"),
        body("k", umbrella=True, version=3, validFrom="2026-08-01"),
    )
    given = body("a", umbrella="k", annexes=[{"id": "jeugdgroepen"}])
    (only,) = outlives(given, *versions)
    assert "from 1 July 2026" in only.message.en
    assert only.message.en.endswith(": annexes.")
    joined = Addendum(id="x", covenant="a", valid_from=date(2026, 1, 1), annexes=(Annex(id="jeugdgroepen"),))
    assert outlives(given, *versions, joined) == []


def test_a_version_that_was_replaced_on_its_first_day_is_looked_at_as_it_stands() -> None:
    """Nothing of the version that replaced it, nor of another text under its own number, is said of it."""
    given, later = read(body("a", purpose=None)), read(body("a", version=2))
    assert "/purpose" in {remark.pointer for remark in lint_known(given, register_of((given, later)))}
    other = read(body("a"))
    assert "/purpose" in {remark.pointer for remark in lint_known(given, register_of((given, other)))}


def test_an_annex_that_joins_by_an_addendum_is_one_of_the_umbrella() -> None:
    """Each that the umbrella does not name is told at its place in the addendum; of an unknown covenant nothing is."""
    entries = read(body("k", umbrella=True, themes=["zorg"], annexes=[])), read(body("a", umbrella="k", annexes=[]))
    joining = Addendum(id="x", covenant="a", valid_from=date(2026, 1, 1), annexes=(Annex(id="Zorg"), Annex(id="drugs")))
    found = whole(lint_joining(joining, register_of((*entries, joining))))
    assert [(remark.pointer, remark.code) for remark in found] == [("/annexes/1/id", "theme-not-of-umbrella")]
    assert lint_joining(joining, register_of((entries[1], joining))) == ()
    assert lint_joining(joining, register_of((joining,))) == ()
