"""What is told of a contradiction: which covenants, in what, since when, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal

import msgspec

from services.law.texts import Text

Kind = Literal["retention", "purpose", "parties", "regime", "validity"]

_TEXT_BY_KIND: Final[dict[Kind, Text]] = {
    "retention": Text(
        "{who} geven voor dezelfde aanpak verschillende bewaartermijnen: {points}.",
        "{who} give different terms for the same approach: {points}.",
    ),
    "purpose": Text(
        "{who} noemen voor dezelfde aanpak een ander doel: {points}. Wat voor het ene doel is verzameld, mag niet "
        "zomaar voor het andere worden gebruikt.",
        "{who} state another purpose for the same approach: {points}. What was collected for the one may not simply be "
        "used for the other.",
    ),
    "parties": Text(
        "{who} zeggen iets anders over wie meedoet of wie wat doet: {points}.",
        "{who} differ on who takes part or who does what: {points}.",
    ),
    "regime": Text(
        "{who} lezen de wet voor dezelfde aanpak anders: {points}. Dat mag; weet het van elkaar.",
        "{who} read the law otherwise for the same approach: {points}. That is lawful; know it of each other.",
    ),
    "validity": Text(
        "{who} noemt een partner voor een periode buiten de eigen looptijd: {points}.",
        "{who} names a partner for a period outside its own: {points}.",
    ),
}
_WITHOUT_UMBRELLA: Final = Text(
    "{covenant} geldt op dagen waarop zijn koepelconvenant {umbrella} niet geldt, en mist dan: {points}.",
    "{covenant} is in force on days on which its umbrella {umbrella} is not, and then lacks: {points}.",
)
_ALONE: Final = Text("{who} spreekt zichzelf tegen: {points}.", "{who} contradicts itself: {points}.")
_NOT: Final = Text("geen partner", "no partner")
_WORDS: Final[dict[str, Text]] = {
    "signalling": Text("signalering", "signalling"),
    "imaging": Text("beeldvorming", "imaging"),
    "weighing": Text("weging", "weighing"),
    "plan": Text("plan", "plan"),
    "execution": Text("uitvoering", "execution"),
    "aftercare": Text("nazorg", "aftercare"),
    "recordRetention": Text("bewaartermijn van het logboek", "term of the ledger's record"),
    "purpose": Text("doel", "purpose"),
    "regime": Text("stroming", "regime"),
    "contactPoint": Text("wie verzoeken beantwoordt", "who answers requests"),
    "informs": Text("wie informeert", "who informs"),
    "reportsBreach": Text("wie een datalek meldt", "who reports a breach"),
    "territory": Text("gebied", "territory"),
    "municipalities": Text("gemeenten", "municipalities"),
    "partners": Text("partners", "partners"),
    "summary": Text("samenvatting", "summary"),
    "coercive": Text("dwang", "coercion"),
    "published": Text("dag van publicatie", "day of publication"),
    "arrangement": Text("onderlinge regeling", "arrangement"),
    "annexes": Text("bijlagen", "annexes"),
    "partner": Text("partner", "partner"),
    "incidental": Text("incidentele partner", "incidental partner"),
}


class Point(msgspec.Struct, frozen=True, rename="camel"):
    """One thing said in two ways: ``what`` is a phase, a field or a party; None where one says nothing of it."""

    what: str
    first: str | None
    second: str | None
    annexes: tuple[str, ...] = ()

    @property
    def text(self) -> Text:
        """As a sentence shows it: what, and how the one says it and the other."""
        what, first, second = (word_for(said) for said in (self.what, self.first, self.second))
        return Text(f"{what.nl}: {first.nl} ↔ {second.nl}", f"{what.en}: {first.en} ↔ {second.en}")


def word_for(said: str | None) -> Text:
    """A phase, field or role in words; whatever else stands as it is."""
    return _NOT if said is None else _WORDS.get(said, Text(said, said))


class Sighting(msgspec.Struct, frozen=True):
    """What was found at one covenant or pair from one turning day to the next (None: for good).

    Of ``validity`` a pair is a covenant and its umbrella.
    """

    kind: Kind
    covenants: tuple[str, ...]
    versions: tuple[int, ...]
    points: tuple[Point, ...]
    since: date
    until: date | None
    municipalities: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()


class Contradiction(msgspec.Struct, frozen=True, rename="camel"):
    """One covenant or pair and one kind, on all days on which it was found (``until`` None: for good).

    ``versions``, ``municipalities`` and ``partners`` (those bound by both) are of the first of those days; no
    municipalities means everywhere.
    """

    kind: Kind
    covenants: tuple[str, ...]
    versions: tuple[int, ...]
    annexes: tuple[str, ...]
    points: tuple[Point, ...]
    municipalities: tuple[str, ...]
    partners: tuple[str, ...]
    since: date
    until: date | None
    text: Text


def merge(sightings: Iterable[Sighting]) -> tuple[Contradiction, ...]:
    """One contradiction per kind and covenants, in that order."""
    grouped: dict[tuple[Kind, tuple[str, ...]], list[Sighting]] = {}
    for sighting in sightings:
        grouped.setdefault((sighting.kind, sighting.covenants), []).append(sighting)
    return tuple(_merged(grouped[key]) for key in sorted(grouped))


def _merged(sightings: list[Sighting]) -> Contradiction:
    first = sightings[0]
    points = tuple(dict.fromkeys(point for sighting in sightings for point in sighting.points))
    return Contradiction(
        kind=first.kind,
        covenants=first.covenants,
        versions=first.versions,
        annexes=tuple(dict.fromkeys(annex for point in points for annex in point.annexes)),
        points=points,
        municipalities=first.municipalities,
        partners=first.partners,
        since=first.since,
        until=sightings[-1].until,
        text=_text(first, points),
    )


def _text(first: Sighting, points: tuple[Point, ...]) -> Text:
    text, texts = _template(first), [point.text for point in points]
    covenant, umbrella = first.covenants[0], first.covenants[-1]
    who = Text(" en ".join(first.covenants), " and ".join(first.covenants))
    said = Text("; ".join(each.nl for each in texts), "; ".join(each.en for each in texts))
    return Text(
        text.nl.format(who=who.nl, points=said.nl, covenant=covenant, umbrella=umbrella),
        text.en.format(who=who.en, points=said.en, covenant=covenant, umbrella=umbrella),
    )


def _template(first: Sighting) -> Text:
    is_pair = len(first.covenants) > 1
    if first.kind == "validity":
        return _WITHOUT_UMBRELLA if is_pair else _TEXT_BY_KIND["validity"]
    return _TEXT_BY_KIND[first.kind] if is_pair else _ALONE
