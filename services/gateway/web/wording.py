"""The words of the pages, in two languages, and how they say days and moments."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from services.gateway.web.language import Language
from services.law.local_time import AMSTERDAM
from services.law.texts import Text

FOLDER: Final = files("services.gateway.web")
OFFICIAL_TEXT: Final = "https://wetten.overheid.nl/"


class Wording:
    """Everything a template says in one language."""

    def __init__(self, language: Language) -> None:
        """Read the words of a language."""
        self.language: Final = language
        self.words: Final[Mapping[str, Any]] = tomllib.loads(
            FOLDER.joinpath("words", f"{language}.toml").read_text(encoding="utf-8")
        )

    def say(self, text: Text) -> str:
        """Say a text of the law or the ledger."""
        return text.nl if self.language == "nl" else text.en

    def name(self, group: str, key: str | None) -> str:
        """Name a value of the contract; one without words stands as it is."""
        named: str | None = self.words[group].get(key)
        return named or key or ""

    def named(self, group: str, keys: Iterable[str]) -> list[tuple[str, str]]:
        """Return values with their names, for a list of choices."""
        return [(key, self.name(group, key)) for key in keys]

    def pairs(self, group: str) -> list[tuple[str, str]]:
        """Return every value of a group with its name."""
        return self.named(group, self.words[group])

    def day(self, day: date) -> str:
        """Say a day: ``3 mei 2026``."""
        return f"{day.day} {self.words['months'][day.month - 1]} {day.year}"

    def moment(self, instant: datetime) -> str:
        """Say a moment in Amsterdam, to the minute."""
        local = instant.astimezone(AMSTERDAM)
        return f"{self.day(local.date())}, {local:%H:%M}"


def official_address(citation: str | None) -> str | None:
    """Return where the official text of a Dutch norm stands, if it has such a place."""
    return OFFICIAL_TEXT + citation if citation is not None and citation.startswith("jci") else None


@cache
def wording_in(language: Language) -> Wording:
    """Return the wording of a language, read once."""
    return Wording(language)
