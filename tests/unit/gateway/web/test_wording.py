"""The words: the same in both languages, plain, and said as people say days and moments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from services.gateway.web.language import LANGUAGES, Language
from services.gateway.web.pages.quick_log import CHANNELS, OPERATIONS
from services.gateway.web.wording import FOLDER, official_address, wording_in
from services.law.act import DataRegime, Phase, SecrecyException, SecrecyRegime, SubjectStatus
from services.law.operations import VERBS
from services.law.texts import Text
from services.law.verdict import Block, Outcome

WORDS_PER_SENTENCE_MAX = 20
LONG_WORD_LETTERS = 22
EVERY_LANGUAGE: list[Language] = list(LANGUAGES.values())


def leaves(words: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its place."""
    for key, value in words.items():
        if isinstance(value, str):
            yield f"{path}{key}", value
        elif isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")


def test_both_languages_say_the_same_things() -> None:
    """A text that one language has and the other has not would break a page."""
    dutch, english = (dict(leaves(wording_in(language).words)) for language in EVERY_LANGUAGE)
    assert dutch.keys() == english.keys()
    assert [len(wording_in(language).words["months"]) for language in EVERY_LANGUAGE] == [12, 12]


def test_every_value_of_the_contract_that_can_be_chosen_is_one() -> None:
    """A word for a value that the contract does not have would make a form that can only fail."""
    words = wording_in("nl").words
    assert set(words["operations"]) <= set(VERBS)
    assert set(words["quick_operations"]) == set(OPERATIONS)
    assert set(words["channels"]) == set(CHANNELS)
    assert set(words["statuses"]) == set(get_args(SubjectStatus))
    assert set(words["phases"]) == set(get_args(Phase))
    assert set(words["regimes"]) | {"AVG"} == set(get_args(DataRegime))
    assert set(words["secrecies"]) == set(get_args(SecrecyRegime))
    assert set(words["exceptions"]) == set(get_args(SecrecyException))
    assert set(words["blocks"]) == {block.value for block in Block}
    assert set(words["outcomes"]) == set(words["receipt_outcomes"]) == {outcome.value for outcome in Outcome}
    assert set(words["overall"]) == set(words["outcomes"]) | {"mixed"}
    assert set(words["signs"]) == set(words["overall"]) | set(words["answers"])


@pytest.mark.parametrize("language", EVERY_LANGUAGE)
def test_sentences_are_short_and_words_are_ordinary(language: Language) -> None:
    """Level B1: no sentence of more than twenty words, no word that nobody says aloud."""
    for place, text in leaves(wording_in(language).words):
        for sentence in re.split(r"(?<=[.?!:])\s", text):
            assert len(sentence.split()) <= WORDS_PER_SENTENCE_MAX, place
        assert all(len(word) <= LONG_WORD_LETTERS for word in text.split()), place


def test_no_word_hides_behind_a_method() -> None:
    """Templates reach words by name; a name that every mapping has itself would never be found."""
    for language in EVERY_LANGUAGE:
        names = {part for place, _ in leaves(wording_in(language).words) for part in place.split(".")}
        assert not names & set(dir(dict))


def test_every_word_is_said_somewhere() -> None:
    """Texts that no page says any more are taken out of the files."""
    templates = "".join(path.read_text(encoding="utf-8") for path in FOLDER.joinpath("templates").iterdir())
    unused = [
        place
        for place, _ in leaves(wording_in("nl").words)
        if place.partition(".")[0]
        in {"site", "start", "signin", "mayi", "log", "form", "error", "answer", "receipt", "card"}
        and f"w.{place}" not in templates
    ]
    assert unused == []


def test_days_and_moments_are_said_as_people_say_them() -> None:
    """A moment is told on the clock of Amsterdam, to the minute."""
    instant = datetime(2026, 7, 1, 10, 5, tzinfo=UTC)
    assert wording_in("nl").day(date(2026, 5, 3)) == "3 mei 2026"
    assert wording_in("nl").moment(instant) == "1 juli 2026, 12:05"
    assert wording_in("en").moment(instant) == "1 July 2026, 12:05"


def test_a_dutch_norm_leads_to_its_official_text() -> None:
    """The address is made of the citation; what has no such place has no address."""
    address = official_address("jci1.3:c:BWBR0005416&artikel=172")
    assert address is not None
    assert address.endswith("/jci1.3:c:BWBR0005416&artikel=172")
    assert official_address("eli/reg/2016/679 art. 6") is None
    assert official_address(None) is None


def test_unknown_values_stand_as_they_are() -> None:
    """A kind of data of a covenant's own has no word of ours, and is shown all the same."""
    wording = wording_in("nl")
    assert wording.named("categories", ["name", "own-kind"]) == [("name", "Naam"), ("own-kind", "own-kind")]
    assert wording.name("categories", None) == ""
    assert (wording.say(Text("ja", "yes")), wording_in("en").say(Text("ja", "yes"))) == ("ja", "yes")
