"""What a text is made of, per language: dates and lists in words, nothing that is not given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from services.law.local_time import amsterdam_day
from services.notifier.application.ports import PartyFacts, Texts
from services.notifier.contract.letters import Facts, PersonLetter
from services.notifier.domain.kinds import Language
from services.notifier.domain.texts import Text
from services.notifier.domain.words import say_day, say_deadline, say_elements


class Composer:
    """Renders messages from what is known of them; the same row always gives the same text."""

    def __init__(self, *, texts: Texts, ledger_url: str | None) -> None:
        """``ledger_url`` is where parties find their obligations."""
        self._texts = texts
        self._ledger_url = ledger_url

    def to_party(self, template: str, facts: PartyFacts) -> tuple[Text, ...]:
        """A message to a party, in both languages."""
        return self._texts.render(template, {"nl": self._party("nl", facts), "en": self._party("en", facts)})

    def to_person(self, template: str, letter: PersonLetter, at: datetime) -> tuple[Text, ...]:
        """A letter to a person: Dutch, and English beside it where the facts were given in English."""
        contexts: dict[Language, Mapping[str, Any]] = {"nl": _person("nl", letter, letter.dutch, at)}
        if letter.english is not None:
            contexts["en"] = _person("en", letter, letter.english, at)
        return self._texts.render(template, contexts)

    def _party(self, language: Language, facts: PartyFacts) -> dict[str, Any]:
        return {
            "party": facts.party,
            "controller": facts.controller,
            "obligation": facts.obligation,
            "covenant": facts.covenant,
            "annex": facts.annex,
            "categories": facts.data_categories,
            "elements": say_elements(facts.missing_elements, language),
            "due": None if facts.due is None else say_deadline(facts.due, language),
            "decided_on": say_day(facts.decided_on, language),
            "first_said_on": None if facts.first_said_on is None else say_day(facts.first_said_on, language),
            "url": self._ledger_url,
        }


def _person(language: Language, letter: PersonLetter, facts: Facts, at: datetime) -> dict[str, Any]:
    values = {
        name: say_day(value, language) if isinstance(value, date) else value
        for name, value in msgspec.structs.asdict(facts).items()
    }
    return values | {
        "salutation": letter.salutation,
        "to_representative": letter.addressee == "representative",
        "day": say_day(amsterdam_day(at), language),
    }
