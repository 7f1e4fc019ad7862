"""The covenant card: a covenant in plain words, for whoever works under it (Dutch at level B1, and English)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import msgspec

from services.law.advice.words import listed, parties_named, party_named, written_day
from services.law.covenants.synonyms import CATEGORIES, STATUSES
from services.law.covenants.words import fold
from services.law.governance import Annex, Arrangement, Covenant, Criteria, Partner
from services.law.period_words import written_period
from services.law.register import DayView, Register
from services.law.texts import Text

_NO_GROUND: Final = Text(
    "Dit convenant is geen wettelijke grond. U hebt ook een eigen wet nodig, en de ontvanger ook.",
    "This covenant is no legal ground. You need a statute of your own as well, and so does the recipient.",
)
_REGIMES: Final = {
    1: Text(
        "Noem bij elke handeling de wet die uw eigen organisatie de taak geeft.",
        "With every act name the statute that gives your own organisation the task.",
    ),
    2: Text(
        "De reden staat al in de bijlage. Kijk of de persoon aan de criteria voldoet en schrijf dat op.",
        "The reasons stand in the annex. See whether the person meets the criteria, and write that down.",
    ),
    3: Text(
        "Schrijf bij elke handeling op waarom dit nodig is en waarom het niet met minder kan.",
        "With every act write down why it is needed and why less would not do.",
    ),
}
_PHASES: Final = {
    "signalling": Text("bij het signaleren", "while signalling"),
    "imaging": Text("bij de beeldvorming", "while forming a picture"),
    "weighing": Text("bij het wegen", "while weighing"),
    "plan": Text("bij het plan van aanpak", "while planning"),
    "execution": Text("bij de uitvoering", "while carrying out"),
    "aftercare": Text("bij de nazorg", "during aftercare"),
}


class CardSection(msgspec.Struct, frozen=True, rename="camel"):
    """One heading with a few sentences."""

    heading: Text
    lines: tuple[Text, ...]


class Card(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The card of one version of a covenant, as it is on one day. ``summary``: the partners' own words, if any."""

    covenant: str
    version: int
    valid_from: date
    valid_until: date | None
    summary: str | None
    sections: tuple[CardSection, ...]


def card_of(register: Register, covenant_id: str, day: date) -> Card | None:
    """The card of the version in force on ``day``; None when there is none."""
    view = register.on(day)
    in_force = view.covenants[covenant_id]
    if in_force is None:
        return None
    covenant = in_force.covenant
    sections = (
        _section("Waarvoor", "What for", _purpose(covenant, register, day)),
        _section("Wie meedoen", "Who takes part", _partners(in_force.taking_part, view)),
        _section("Welke gegevens", "Which data", _data(covenant)),
        _section("Wat u opschrijft", "What you write down", _demands(covenant)),
        _section("Hoe lang", "For how long", _terms(covenant)),
        _section("Wie wat doet voor de betrokkene", "Who does what for the person", _arrangement(covenant, view)),
    )
    return Card(
        covenant=covenant.id,
        version=covenant.version,
        valid_from=covenant.valid_from,
        valid_until=covenant.valid_until,
        summary=covenant.summary,
        sections=tuple(section for section in sections if section.lines),
    )


def _section(nl: str, en: str, lines: Iterator[Text]) -> CardSection:
    return CardSection(Text(nl, en), tuple(lines))


def _purpose(covenant: Covenant, register: Register, day: date) -> Iterator[Text]:
    if covenant.purpose is not None:
        found = register.purpose(covenant.purpose, day)
        # What the partners wrote themselves stands in one language.
        text = covenant.purpose if found is None else found.text
        yield Text(text, text)


def _partners(taking_part: Mapping[str, Partner], view: DayView) -> Iterator[Text]:
    fixed = [party for party, entry in taking_part.items() if entry.role == "partner"]
    if fixed:
        names = parties_named(view, fixed)
        yield Text(f"Partners zijn {names.nl}.", f"Partners are {names.en}.")
    yield from (_incidental(entry, view) for entry in taking_part.values() if entry.role == "incidental")


def _incidental(partner: Partner, view: DayView) -> Text:
    name = party_named(view, partner.party)
    if partner.until is None:
        return Text(f"{name} doet soms mee.", f"{name} takes part now and then.")
    until = written_day(partner.until)
    return Text(
        f"{name} doet soms mee, tot en met {until.nl}.", f"{name} takes part now and then, until {until.en} inclusive."
    )


def _data(covenant: Covenant) -> Iterator[Text]:
    for annex in covenant.annexes:
        if annex.data_categories:
            kinds = listed(_word(name, CATEGORIES) for name in annex.data_categories)
            name = annex.name or annex.id
            yield Text(f"{name}: alleen {kinds.nl}.", f"{name}: only {kinds.en}.")
        yield from _excluded(annex)


def _excluded(annex: Annex) -> Iterator[Text]:
    statuses = (annex.criteria or Criteria()).excludes_status
    if statuses:
        kinds = listed(_word(status, STATUSES) for status in statuses)
        name = annex.name or annex.id
        yield Text(
            f"{name}, niets over wie alleen dit is: {kinds.nl}.",
            f"{name}, nothing about whoever is only this: {kinds.en}.",
        )


def _word(stated: str, table: Mapping[str, str]) -> Text:
    """A word of the contract as people say it: the first Dutch word for it; what is in no table stands as it is."""
    canonical = table.get(fold(stated))
    if canonical is None:
        return Text(stated, stated)
    dutch = next((word for word, meant in table.items() if meant == canonical and word != canonical), canonical)
    return Text(dutch.replace("-", " "), canonical.replace("-", " "))


def _demands(covenant: Covenant) -> Iterator[Text]:
    yield _NO_GROUND
    if covenant.regime is not None:
        yield _REGIMES[covenant.regime]
    if covenant.coercive:
        yield Text(
            "Vraag geen toestemming als grond: wie moet meewerken, is daar niet vrij in.",
            "Do not ask for consent as the ground: whoever must take part is not free to give it.",
        )


def _terms(covenant: Covenant) -> Iterator[Text]:
    for annex in covenant.annexes:
        for phase, term in annex.retention.items():
            when, length = _PHASES.get(phase, Text(phase, phase)), written_period(term)
            name = annex.name or annex.id
            yield Text(f"{name}, {when.nl}: {length.nl}.", f"{name}, {when.en}: {length.en}.")


def _arrangement(covenant: Covenant, view: DayView) -> Iterator[Text]:
    arrangement = covenant.arrangement or Arrangement()
    duties = (
        (arrangement.informs, "vertelt het aan de betrokkene", "tells the person"),
        (arrangement.contact_point, "beantwoordt vragen om inzage", "answers requests for access"),
        (arrangement.reports_breach, "meldt een datalek", "reports a data breach"),
    )
    for party, nl, en in duties:
        if party is not None:
            name = party_named(view, party)
            yield Text(f"{name} {nl}.", f"{name} {en}.")
