"""The words of the ledger for a citizen: Dutch at level B1 and plain English."""

from __future__ import annotations

from datetime import date, datetime
from types import MappingProxyType
from typing import Final

import msgspec

from services.law.local_time import amsterdam_day
from services.law.months import MONTHS_NL
from services.law.register import Register


class Words(msgspec.Struct, frozen=True):
    """The same words in Dutch and in English."""

    nl: str
    en: str


_VERBS: Final = MappingProxyType(
    {
        "collect": Words("heeft gegevens over u verzameld", "collected data about you"),
        "retrieve": Words("heeft gegevens over u opgevraagd", "retrieved data about you"),
        "consult": Words("heeft gegevens over u bekeken", "looked at data about you"),
        "use": Words("heeft gegevens over u gebruikt", "used data about you"),
        "align": Words("heeft gegevens over u naast elkaar gelegd", "compared data about you"),
        "combine": Words("heeft gegevens over u samengevoegd", "combined data about you"),
        "disclose-by-transmission": Words("heeft gegevens over u doorgegeven", "passed on data about you"),
        "disseminate": Words("heeft gegevens over u verspreid", "spread data about you"),
        "make-available": Words("heeft gegevens over u laten zien", "made data about you available"),
        "record": Words("heeft gegevens over u opgeschreven", "wrote down data about you"),
        "organise": Words("heeft gegevens over u geordend", "organised data about you"),
        "structure": Words("heeft gegevens over u geordend", "structured data about you"),
        "store": Words("heeft gegevens over u bewaard", "stored data about you"),
        "adapt": Words("heeft gegevens over u aangepast", "adapted data about you"),
        "alter": Words("heeft gegevens over u veranderd", "altered data about you"),
        "restrict": Words("heeft gegevens over u op slot gezet", "restricted data about you"),
        "erase": Words("heeft gegevens over u gewist", "erased data about you"),
        "destruct": Words("heeft gegevens over u vernietigd", "destroyed data about you"),
    }
)
_OTHER_VERB: Final = Words("heeft iets met gegevens over u gedaan", "did something with data about you")

_CATEGORIES: Final = MappingProxyType(
    {
        "name": Words("uw naam", "your name"),
        "contact": Words("hoe u te bereiken bent", "how to reach you"),
        "address": Words("uw adres", "your address"),
        "school": Words("uw school", "your school"),
        "nuisance-report": Words("een melding van overlast", "a report of nuisance"),
        "police-report": Words("een melding van de politie", "a police report"),
        "group-role": Words("uw rol in een groep", "your role in a group"),
        "image": Words("een foto of film", "a photo or film"),
        "social-media-handle": Words("uw naam op sociale media", "your name on social media"),
        "health": Words("uw gezondheid", "your health"),
    }
)

_FORMS: Final = MappingProxyType(
    {
        "letter": Words("met een brief", "by letter"),
        "e-mail": Words("met een e-mail", "by e-mail"),
        "conversation": Words("in een gesprek", "in a conversation"),
        "meeting": Words("op een bijeenkomst", "at a meeting"),
        "collective": Words("met een bericht aan een groep", "by a notice to a group"),
    }
)

_PURPOSES: Final = MappingProxyType(
    {
        "access-request": Words("om een vraag om inzage te beantwoorden", "to answer a request for access"),
        "inquiry": Words("voor een onderzoek", "for an inquiry"),
        "breach": Words("vanwege een datalek", "because of a data breach"),
        "legality-control": Words("om te controleren of de wet is gevolgd", "to check that the law was followed"),
        "internal-control": Words("voor een controle van het eigen werk", "to check its own work"),
        "security": Words("voor de beveiliging", "for security"),
        "proceedings": Words("voor een rechtszaak", "for court proceedings"),
        "operations": Words("voor het gewone werk", "for its ordinary work"),
    }
)


def verb(operation: str | None) -> Words:
    """What was done, as the middle of a sentence."""
    return _VERBS.get(operation or "", _OTHER_VERB)


def categories(names: tuple[str, ...]) -> Words:
    """The kinds of data as a list in a sentence; a kind without words stands by its own name."""
    found = [_CATEGORIES.get(name, Words(name, name)) for name in names]
    return Words(joined([w.nl for w in found], "en"), joined([w.en for w in found], "and"))


def form(name: str | None) -> Words:
    """How someone was told."""
    return _FORMS.get(name or "", Words("", ""))


def read_purpose(name: str) -> Words:
    """Why a party read the ledger."""
    return _PURPOSES.get(name, Words("", ""))


def party(register: Register, party_id: str, day: date) -> str:
    """The name of a party on a day; its id in words when it has no name."""
    found = register.party(party_id, day)
    return found.name if found is not None and found.name else party_id.replace("-", " ")


def day_of(instant: datetime) -> Words:
    """The local day of an instant in words."""
    return written_day(amsterdam_day(instant))


def written_day(day: date) -> Words:
    """A day in words: ``3 mei 2026`` and ``2026-05-03``."""
    return Words(f"{day.day} {MONTHS_NL[day.month - 1]} {day.year}", day.isoformat())


def joined(words: list[str], last: str) -> str:
    """``a, b en c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
