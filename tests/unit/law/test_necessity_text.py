"""The linter of necessity texts (S41): what it sees, what it leaves alone, and that it only hints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.law.act import Necessity
from services.law.necessity_text import BOILERPLATE, COPIES_MAX, NECESSITY_NORMS, WORDS_MIN, lint_necessity, plain
from services.ledger.storage.norms import packaged_norms
from tests.unit.law.builders import reread

SOUND = Necessity(
    proportionality="Alleen namen van wie in twee meldingen staat.",
    subsidiarity="Een gesprek met de ouders hielp in maart niet.",
)


def codes(necessity: Necessity | None, copies: int = 0) -> list[tuple[str, str | None]]:
    """The code and field of each remark."""
    return [(remark.code, remark.field) for remark in map(reread, lint_necessity(necessity, copies))]


@pytest.mark.parametrize(
    ("proportionality", "subsidiarity", "found"),
    [
        ("Vóór de zekerheid.", None, [("boilerplate", "proportionality")]),
        ("We delen dit voor de   ZEKERHEID met de hele school", None, [("boilerplate", "proportionality")]),
        (None, "just in case we need it later", [("boilerplate", "subsidiarity")]),
        ("N.v.t.", None, [("boilerplate", "proportionality")]),
        ("nodig voor de taak", None, []),
        ("nodig voor taak", None, [("too-short", "proportionality")]),
        ("Voor de zekerheidsregio geldt een eigen regel.", None, []),
        (None, None, []),
        ("   ", "", []),
        (
            "zie convenant",
            "zie convenant",
            [("boilerplate", "proportionality"), ("boilerplate", "subsidiarity"), ("same-words", None)],
        ),
        ("Het kan echt niet anders.", "het kan ECHT niet anders", [("same-words", None)]),
    ],
)
def test_words_that_give_no_reason_are_seen(
    proportionality: str | None, subsidiarity: str | None, found: list[tuple[str, str | None]]
) -> None:
    """Stock phrases in any spelling, too few words and the same words twice; an empty field is the gap's affair."""
    assert codes(Necessity(proportionality=proportionality, subsidiarity=subsidiarity)) == found


@pytest.mark.parametrize(
    ("necessity", "copies", "found"),
    [
        (SOUND, 0, []),
        (SOUND, COPIES_MAX, []),
        (SOUND, COPIES_MAX + 1, [("copied", None)]),
        (Necessity(), COPIES_MAX + 1, []),
        (None, COPIES_MAX + 1, []),
    ],
)
def test_words_used_too_often_look_copied(
    necessity: Necessity | None, copies: int, found: list[tuple[str, str | None]]
) -> None:
    """Only what says something can be a copy, and only above the number."""
    assert codes(necessity, copies) == found


def test_a_remark_says_what_it_saw() -> None:
    """The phrase, or the number of copies, stands in both languages; nothing else of the text does."""
    phrase, copied = lint_necessity(Necessity(proportionality="voor de zekerheid, om Jan de Vries"), copies=9)
    assert phrase.phrase == "voor de zekerheid"
    assert all("voor de zekerheid" in text and "Jan" not in text for text in (phrase.message.nl, phrase.message.en))
    assert "9 keer" in copied.message.nl
    assert "9 times" in copied.message.en


def test_every_remark_speaks_both_languages_and_rests_on_norms() -> None:
    """Each kind of hint has words in Dutch and in English, and what they rest on can be looked up."""
    given = [("zie convenant", "te kort", 0), ("het kan niet anders", "het kan niet anders", COPIES_MAX + 1)]
    remarks = [
        remark
        for proportionality, subsidiarity, copies in given
        for remark in lint_necessity(Necessity(proportionality=proportionality, subsidiarity=subsidiarity), copies)
    ]
    assert {remark.code for remark in remarks} == {"boilerplate", "too-short", "same-words", "copied"}
    assert all(remark.message.nl and remark.message.en and remark.message.nl != remark.message.en for remark in remarks)
    assert set(NECESSITY_NORMS) <= set(packaged_norms())


@pytest.mark.parametrize("phrase", BOILERPLATE)
def test_each_phrase_is_plain_and_found(phrase: str) -> None:
    """A phrase in the list is spelled as texts are compared, so that it can be found in the middle of one."""
    assert plain(phrase) == phrase
    found = lint_necessity(Necessity(subsidiarity=f"Wij doen dit {phrase.upper()}, en meer niet"))
    assert [remark.code for remark in found] == ["boilerplate"]


@given(st.text(max_size=60))
def test_any_text_can_be_linted(text: str) -> None:
    """Never an error, at most one remark per field, and as plain words the text is what it was the second time."""
    assert len(lint_necessity(Necessity(proportionality=text))) <= 1
    assert plain(plain(text)) == plain(text)


@given(st.lists(st.sampled_from(["jongere", "groep", "melding", "school", "wijk"]), min_size=WORDS_MIN, max_size=9))
def test_ordinary_words_are_left_alone(words: list[str]) -> None:
    """Enough words without a stock phrase get no remark."""
    assert lint_necessity(Necessity(proportionality=" ".join(words))) == ()
