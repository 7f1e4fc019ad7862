"""Rendered texts and the words in them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.law.act import NoticeElement
from services.notifier.domain.kinds import Language
from services.notifier.domain.texts import Block, clean, parse_text, plain
from services.notifier.domain.words import say_day, say_deadline, say_elements


def test_a_rendered_template_is_a_title_and_blocks() -> None:
    """Paragraphs may run over lines; a block of bullets is a list."""
    text = parse_text("nl", "\nKop\n\nEen zin\nop twee regels.\n\n\n- een\n- twee\n")
    assert text.title == "Kop"
    assert text.blocks == (Block("paragraph", ("Een zin op twee regels.",)), Block("list", ("een", "twee")))
    assert text.plain() == "Kop\n\nEen zin op twee regels.\n\n- een\n- twee"


def test_languages_stand_one_under_the_other() -> None:
    """Whoever reads plain text sees where the next language begins."""
    both = plain([parse_text("nl", "Kop\n\nHallo."), parse_text("en", "Head\n\nHello.")])
    assert both.startswith("Kop\n\nHallo.\n\n---")
    assert both.endswith("---\n\nHead\n\nHello.\n")


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("Jan\r\nBcc: x", "Jan Bcc: x"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("nul\x00bel\x07", "nulbel"),
        ("  veel   wit\u2028regel ", "veel wit regel"),
        ("Ğönül Ünal-de Vries", "Ğönül Ünal-de Vries"),
    ],
)
def test_a_value_stays_within_its_line(value: str, cleaned: str) -> None:
    """Breaks, control characters and turned text are taken out; names keep their letters."""
    assert clean(value) == cleaned


def test_days_and_deadlines_in_words() -> None:
    """What ends at midnight in Amsterdam ends on the day before; other moments have their minute."""
    assert say_day(date(2026, 3, 1), "nl") == "1 maart 2026"
    assert say_day(date(2026, 3, 1), "en") == "1 March 2026"
    midnight = datetime(2026, 4, 3, 22, tzinfo=UTC)
    assert say_deadline(midnight, "nl") == "3 april 2026"
    noon = datetime(2026, 1, 3, 11, 5, tzinfo=UTC)
    assert say_deadline(noon, "nl") == "3 januari 2026 om 12.05 uur"
    assert say_deadline(noon, "en") == "3 January 2026, 12:05"


def test_elements_in_words() -> None:
    """Every element of the law has words in both languages; an unknown one is named as it is."""
    languages: tuple[Language, ...] = ("nl", "en")
    for language in languages:
        words = say_elements(NoticeElement.ALL, language)
        assert not set(words) & set(NoticeElement.ALL)
    assert say_elements(["novelty"], "nl") == ("novelty",)
