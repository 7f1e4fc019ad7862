"""A linter for the words of a necessity: a hint that a reason may be none, never more than that.

Nobody can tell from words alone whether a reason is sound, so this finds no gap and no violation: it only asks the
writer to look again. Similar text is never more than a hint (AVG 5(1)(c), 5(2)).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

import msgspec

from services.law.act import Necessity
from services.law.texts import Text

NECESSITY_NORMS: Final = ("avg-5-1-c", "avg-5-2", "wbp-11")
"""What the hints rest on."""

COPIES_MAX: Final = 5
"""The same words more often than this look copied."""

WORDS_MIN: Final = 4
"""With fewer words a reason cannot say of whom, what and why."""

Field = Literal["proportionality", "subsidiarity"]

BOILERPLATE: Final = (
    "voor de zekerheid",
    "zekerheidshalve",
    "je weet maar nooit",
    "je weet nooit",
    "baat het niet",
    "kan handig zijn",
    "altijd handig",
    "kan van pas komen",
    "kan geen kwaad",
    "ter informatie",
    "ter kennisname",
    "voor de volledigheid",
    "volledigheidshalve",
    "zoals gebruikelijk",
    "zoals altijd",
    "zie convenant",
    "conform convenant",
    "volgens convenant",
    "conform afspraak",
    "nvt",
    "just in case",
    "to be on the safe side",
    "to be safe",
    "you never know",
    "might be useful",
    "could be useful",
    "nice to have",
    "for information",
    "for your information",
    "for completeness",
    "for the sake of completeness",
    "as usual",
    "as always",
    "as agreed",
    "see covenant",
)
"""Phrases that give no reason, in plain small letters."""


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One hint: ``field`` is the field it is about, None when it is about both; ``phrase`` the words it saw."""

    code: Literal["boilerplate", "too-short", "same-words", "copied"]
    field: Field | None = None
    phrase: str | None = None
    message: Text


def lint_necessity(necessity: Necessity | None, copies: int = 0) -> tuple[Remark, ...]:
    """The hints about a necessity; ``copies``: how often the same words were used before for other acts.

    A field that is empty gets none: that is ``necessity-missing``.
    """
    if necessity is None:
        return ()
    words: dict[Field, str] = {
        "proportionality": plain(necessity.proportionality or ""),
        "subsidiarity": plain(necessity.subsidiarity or ""),
    }
    found = [remark for field, text in words.items() if text for remark in _lint_field(field, text)]
    if words["proportionality"] and words["proportionality"] == words["subsidiarity"]:
        found.append(_SAME_WORDS)
    if copies > COPIES_MAX and any(words.values()):
        found.append(_copied(copies))
    return tuple(found)


def plain(text: str) -> str:
    """The words of a text in small letters, without accents, points and double spaces: "N.v.t." is "nvt"."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(_NOT_WORD.sub(" ", _IN_ABBREVIATION.sub("", bare.casefold())).split())


def _lint_field(field: Field, text: str) -> list[Remark]:
    phrase = next((phrase for phrase in BOILERPLATE if f" {phrase} " in f" {text} "), None)
    if phrase is not None:
        return [Remark(code="boilerplate", field=field, phrase=phrase, message=_boilerplate(phrase))]
    if len(text.split()) < WORDS_MIN:
        return [Remark(code="too-short", field=field, message=_TOO_SHORT)]
    return []


def _boilerplate(phrase: str) -> Text:
    return Text(
        f"'{phrase}' is geen reden. Schrijf waarom deze gegevens van deze persoon nu nodig zijn.",
        f"'{phrase}' is no reason. Write why these data about this person are needed now.",
    )


def _copied(copies: int) -> Remark:
    return Remark(
        code="copied",
        message=Text(
            f"Deze woorden zijn al {copies} keer gebruikt. Kijk of ze ook voor deze persoon kloppen.",
            f"These words were used {copies} times before. See whether they hold for this person too.",
        ),
    )


_IN_ABBREVIATION: Final = re.compile(r"\.(?=\w\b)|(?<=\b\w)\.")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_TOO_SHORT: Final = Text(
    "Dit is te kort voor een reden. Schrijf om wie het gaat, welke gegevens en waarom.",
    "This is too short for a reason. Write about whom, which data and why.",
)
_SAME_WORDS: Final = Remark(
    code="same-words",
    message=Text(
        "Evenredigheid en subsidiariteit hebben dezelfde woorden. "
        "Evenredig: niet meer dan nodig. Subsidiair: het kan niet lichter.",
        "Proportionality and subsidiarity have the same words. "
        "Proportionate: no more than needed. Subsidiary: no lighter means would do.",
    ),
)
