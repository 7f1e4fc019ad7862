"""The texts: complete in both languages, frozen per version, plain in their Dutch, closed to markup."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from services.notifier.application.compose import Composer
from services.notifier.contract.letters import Facts, LetterKind, PersonLetter
from services.notifier.domain.kinds import TELLS, TEMPLATES, MessageKind
from services.notifier.domain.texts import Text, plain
from services.notifier.templates.library import FOLDER, TextLibrary
from tests.support.notifier import (
    CANARY_NAME,
    NOW,
    breach_facts,
    erased_facts,
    notice_facts,
    party_facts,
    person_letter,
)

DIGESTS = Path(__file__).with_name("digests.json")
COMPOSER = Composer(texts=TextLibrary(), ledger_url="https://grootboek.middelstad.example")
PARTY_KINDS = sorted(set(TEMPLATES) - set(TELLS))
LETTER_KINDS = sorted(TELLS)
FACTS: dict[str, Facts] = {"notice": notice_facts(), "breach": breach_facts(), "erased": erased_facts()}


def letter(kind: LetterKind, **changes: Any) -> PersonLetter:
    """A letter of a kind, in both languages."""
    facts = FACTS[TELLS[kind]]
    return person_letter(**({"kind": kind, "dutch": facts, "english": facts} | changes))


def render(kind: MessageKind) -> tuple[Text, ...]:
    """The text of a kind with everything filled in."""
    if kind in LETTER_KINDS:
        return COMPOSER.to_person(TEMPLATES[kind], letter(kind), NOW)
    facts = party_facts(party="politie", controller="burgemeester", first_said_on=date(2026, 4, 1))
    return COMPOSER.to_party(TEMPLATES[kind], facts)


def digest_of(folder: str) -> dict[str, str]:
    """The digest of every file of a version."""
    return {
        f"{folder}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()
        for file in FOLDER.joinpath(folder).iterdir()
    }


def test_a_version_never_changes() -> None:
    """A message that was recorded with a version must be readable in its very words: write a new version instead."""
    found: dict[str, str] = {}
    for entry in FOLDER.iterdir():
        if entry.is_dir() and "@" in entry.name:
            found |= digest_of(entry.name)
    assert found == json.loads(DIGESTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_every_message_has_both_languages(kind: MessageKind) -> None:
    """Dutch first, English beside it; each with a title and words of its own."""
    dutch, english = render(kind)
    assert (dutch.language, english.language) == ("nl", "en")
    assert dutch.title
    assert dutch.title != english.title
    assert len(dutch.blocks) == len(english.blocks)


@pytest.mark.parametrize("kind", PARTY_KINDS)
def test_a_message_to_a_party_says_where_to_look(kind: MessageKind) -> None:
    """It names the obligation and the ledger; whom it concerns stands only there."""
    for text in render(kind):
        assert "inform-1" in text.plain()
        assert "https://grootboek.middelstad.example" in text.plain()


@pytest.mark.parametrize("kind", PARTY_KINDS)
def test_a_message_to_a_party_needs_little(kind: MessageKind) -> None:
    """Without covenant, categories or elements, and where it can be without date or controller, it is a whole text."""
    needed: dict[str, dict[str, Any]] = {
        "inform-due": {"due": NOW},
        "inform-overdue": {"due": NOW},
        "erase-escalation": {"controller": "college"},
    }
    bare: dict[str, Any] = {"covenant": None, "annex": None, "data_categories": (), "missing_elements": (), "due": None}
    for text in COMPOSER.to_party(TEMPLATES[kind], party_facts(**(bare | needed.get(kind, {})))):
        assert "None" not in text.plain()


def test_the_art_19_demand_says_who_what_when_and_how() -> None:
    """Who demands, which categories, by when, and the three answers."""
    dutch = COMPOSER.to_party("erase-owed@1", party_facts(party="politie", controller="burgemeester"))[0].plain()
    for words in ("burgemeester", "nuisance-report", "7 mei 2026", "Gewist:", "Bewaard:", "Onmogelijk:"):
        assert words in dutch


@pytest.mark.parametrize("kind", ["erase-owed", "erase-reminder", "erase-escalation"])
@pytest.mark.parametrize("controller", ["burgemeester", None])
def test_who_must_erase_is_always_asked_to_leave_telling_to_others(kind: MessageKind, controller: str | None) -> None:
    """The same words whether or not anything is kept from the person, so that they betray nothing."""
    if kind == "erase-escalation" and controller is None:
        controller = "college"
    dutch, english = COMPOSER.to_party(TEMPLATES[kind], party_facts(party="politie", controller=controller))
    assert "de persoon hier zelf niets over: dat doet de organisatie die om het wissen vraagt." in dutch.plain()
    assert "the person about this" in english.plain()
    assert ": the organisation that asks for the erasure does that." in english.plain()


@pytest.mark.parametrize("kind", ["notice-to-person", "notice-to-child"])
def test_a_notice_tells_all_nine_elements(kind: LetterKind) -> None:
    """Whatever the controller says of each element stands in the letter, in both languages."""
    facts = notice_facts(
        controller="EEN", purpose="TWEE", basis="DRIE", categories=("VIER",), recipients=("VIJF",), retention="ZES",
        rights="ZEVEN", source="ACHT", complaint="NEGEN",
    )  # fmt: skip
    for text in COMPOSER.to_person(TEMPLATES[kind], letter(kind, dutch=facts, english=facts), NOW):
        told = set(re.findall(r"\b[A-Z]{3,}\b", text.plain()))
        assert {"EEN", "TWEE", "DRIE", "VIER", "VIJF", "ZES", "ZEVEN", "ACHT", "NEGEN"} <= told
        assert CANARY_NAME in text.plain()


def test_a_child_is_spoken_to_as_a_child() -> None:
    """The variant for a child says 'je' and never 'uw'; a representative is told why the letter comes."""
    child = COMPOSER.to_person(
        "notice-to-child@1", letter("notice-to-child", dutch=notice_facts(categories=("x",))), NOW
    )
    assert not re.search(r"\buw?\b", child[0].plain(), re.IGNORECASE)
    parent = letter("notice-to-child", addressee="representative")
    assert "belangen van een kind" in COMPOSER.to_person("notice-to-child@1", parent, NOW)[0].plain()


def test_english_is_added_only_where_it_was_given() -> None:
    """A controller that gives its facts in Dutch only gets a Dutch letter, not one of two languages in a sentence."""
    assert [text.language for text in COMPOSER.to_person("notice-to-person@1", person_letter(), NOW)] == ["nl"]


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_the_dutch_is_plain(kind: MessageKind) -> None:
    """Level B1: short sentences, about ten words on average, and no words of offices."""
    text = render(kind)[0]
    sentences = [
        sentence
        for block in text.blocks
        for line in block.lines
        for sentence in re.split(r"(?<=[.?!:])\s+", line)
        if len(sentence.split()) > 1
    ]
    lengths = [len(sentence.split()) for sentence in sentences]
    assert max(lengths) <= 22
    assert sum(lengths) / len(lengths) <= 11
    assert not re.search(r"\b(betreffende|middels|alsmede|derhalve|inzake|conform|teneinde|omtrent)\b", text.plain())


def test_a_missing_value_is_an_error() -> None:
    """No letter leaves with a hole in it."""
    with pytest.raises(UndefinedError):
        TextLibrary().render("inform-due@1", {"nl": {"party": "college"}})
    with pytest.raises(UndefinedError):
        COMPOSER.to_party("inform-due@1", party_facts(due=None))


def test_a_value_never_becomes_a_template_a_line_or_a_tag() -> None:
    """What somebody writes into a field stays that field, in plain text and in HTML."""
    evil = "{{ 7*7 }}\n- <script>alert(1)</script> {% raw %}"
    texts = COMPOSER.to_person("notice-to-person@1", person_letter(dutch=notice_facts(purpose=evil)), NOW)
    assert "{{ 7*7 }} - <script>alert(1)</script> {% raw %}" in plain(texts)
    html = TextLibrary().to_html(texts)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert '<html lang="nl">' in html


def test_a_template_cannot_reach_into_python() -> None:
    """The sandbox holds for what a template might ask of a value."""
    environment = TextLibrary()._environment
    with pytest.raises(SecurityError):
        environment.from_string("{{ x.__class__.__mro__ }}").render(x=()).strip()
