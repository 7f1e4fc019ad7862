"""The report of a process in words: what was done in which phase, on what ground, and what was found (S43).

It is a pure function of the events of a replay, so the same stream gives the same bytes. Persons are numbered as they
come up; no identifier, no pseudonym and no member of staff stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

import msgspec

from services.law.local_time import AMSTERDAM
from services.ledger.application.words import Words, joined, written_day

Json = Mapping[str, Any]

_DONE: Final = MappingProxyType(
    {
        "collect": "verzamelen",
        "retrieve": "opvragen",
        "consult": "raadplegen",
        "use": "gebruiken",
        "align": "met elkaar in verband brengen",
        "combine": "samenbrengen",
        "disclose-by-transmission": "verstrekken door doorzending",
        "disseminate": "verspreiden",
        "make-available": "ter beschikking stellen",
        "record": "vastleggen",
        "organise": "ordenen",
        "structure": "structureren",
        "store": "bewaren",
        "adapt": "bijwerken",
        "alter": "wijzigen",
        "restrict": "afschermen",
        "erase": "wissen",
        "destruct": "vernietigen",
        "other": "anders",
        "notice": "informeren",
        "exemption": "besluit om nog niet te informeren",
        "corrected": "correctie",
        "confidentiality": "vertrouwelijkheid",
        "linked": "twee nummers, één persoon",
        "unlinked": "twee nummers, twee personen",
        "exemption-ended": "einde van het besluit om niet te informeren",
        "retention-set": "andere bewaartermijn",
        "hold-placed": "vernietiging gestopt",
        "hold-released": "vernietiging weer toegestaan",
        "obligation-answered": "antwoord op een plicht",
        "message-sent": "bericht verstuurd",
        "erased": "gewist uit het logboek",
    }
)
_TENSES: Final = MappingProxyType(
    {
        "processing-intended": Words("voornemen", "intent"),
        "processing-refused": Words("geweigerd", "refused"),
    }
)
_PHASES: Final = MappingProxyType(
    {
        "signalling": "signalering",
        "imaging": "beeldvorming",
        "weighing": "weging",
        "plan": "plan",
        "execution": "uitvoering",
        "aftercare": "nazorg",
    }
)
_OUTCOMES: Final = MappingProxyType(
    {"compliant": "in orde", "gap": "er ontbreekt iets", "violation": "in strijd met de wet"}
)
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>])")
_TIMES: Final = ("occurredAt", "recordedAt")


class Part(msgspec.Struct, frozen=True):
    """A named part of an entry: ``Gegevens: naam`` and ``Data: name``."""

    name: Words
    says: Words


def tell_process(events: Sequence[Json]) -> Words:
    """The report as Markdown, in Dutch and in English, in the order in which the events were recorded."""
    people = _number_people(events)
    told = [_entry(list(group), people) for _, group in groupby(events, key=_act_of)]
    days = [(day, [entry for _, entry in group]) for day, group in groupby(told, key=lambda one: one[0])]
    return Words(
        _page("Procesverslag", [(written_day(day).nl, [entry.nl for entry in entries]) for day, entries in days]),
        _page("Process report", [(written_day(day).en, [entry.en for entry in entries]) for day, entries in days]),
    )


def _page(title: str, days: Iterable[tuple[str, list[str]]]) -> str:
    sections = ["\n".join([f"## {day}", "", *entries]) for day, entries in days]
    return "\n\n".join([f"# {title}", *sections]) + "\n"


def _act_of(event: Json) -> tuple[Any, ...]:
    """What tells one act from the next: an act on several persons is one entry."""
    return event["operationId"], event["type"], event["recordedAt"], event.get("about")


def _number_people(events: Iterable[Json]) -> dict[str, int]:
    refs = dict.fromkeys(event["subject"]["ref"] for event in events)
    return {ref: number for number, ref in enumerate((ref for ref in refs if ref is not None), start=1)}


def _entry(events: list[Json], people: Mapping[str, int]) -> tuple[date, Words]:
    """One entry of the report with the day under which it stands: that on which it happened."""
    first = events[0]
    at = datetime.fromisoformat(first["occurredAt"]).astimezone(AMSTERDAM)
    parts = [*_parts(first), *_found(events)]
    who, head = _plain(first.get("controller") or first["by"]), f"- **{at:%H:%M}** "
    named = sorted({people[event["subject"]["ref"]] for event in events if event["subject"]["ref"] is not None})
    nl = head + f"{who}: {_done(first).nl}" + _persons(named, "persoon", "en")
    en = head + f"{who}: {_done(first).en}" + _persons(named, "person", "and")
    return at.date(), Words(
        ". ".join([nl, *(f"{part.name.nl}: {part.says.nl}" for part in parts)]) + ".",
        ". ".join([en, *(f"{part.name.en}: {part.says.en}" for part in parts)]) + ".",
    )


def _done(event: Json) -> Words:
    verb = event.get("operation") or event["type"]
    tense = _TENSES.get(event["type"])
    done = Words(_DONE.get(verb, verb), verb.replace("-", " "))
    return done if tense is None else Words(f"{done.nl} ({tense.nl})", f"{done.en} ({tense.en})")


def _persons(numbers: list[int], one: str, last: str) -> str:
    return f", {one} {joined([str(number) for number in numbers], last)}" if numbers else ""


def _parts(event: Json) -> Iterator[Part]:
    """What the act says of itself, in a fixed order; what it does not say is left out."""
    yield from _same("Omschrijving", "Description", event.get("description"))
    if (phase := event.get("phase")) is not None:
        yield Part(Words("Fase", "Phase"), Words(_PHASES.get(phase, phase), phase))
    yield from _same("Gegevens", "Data", ", ".join(event.get("dataCategories") or ()))
    yield from _same("Aan", "To", ", ".join(to["party"] for to in event.get("recipients") or ()))
    yield from _same("Doel", "Purpose", event.get("purposeText") or event.get("purpose"))
    yield from _same("Grondslag", "Ground", _ground(event))
    yield from _necessity(event.get("necessity"))
    yield from _justified(event.get("justification") or {})
    yield from _same("Vorm", "Form", event.get("form"))
    yield from _same("Norm", "Norm", event.get("norm"))
    yield from _same("Reden", "Reason", event.get("reason"))
    yield from _late(event)


def _same(nl: str, en: str, says: str | None) -> Iterator[Part]:
    if says:
        told = _plain(says)
        yield Part(Words(nl, en), Words(told, told))


def _plain(text: str) -> str:
    """A text of somebody as one line in which nothing is Markdown: it may not forge an entry, a link or markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _ground(event: Json) -> str:
    basis = event.get("legalBasis") or {}
    return ", ".join(part for part in (basis.get("gdpr"), basis.get("statuteLabel")) if part)


def _necessity(necessity: Json | None) -> Iterator[Part]:
    if necessity is not None:
        yield from _same("Evenredigheid", "Proportionality", necessity.get("proportionality"))
        yield from _same("Subsidiariteit", "Subsidiarity", necessity.get("subsidiarity"))


def _justified(justification: Json) -> Iterator[Part]:
    """The threshold and the step of the triage, where the act states them."""
    if (threshold := justification.get("threshold")) is not None:
        said = [str(threshold[name]) for name in ("facts", "source", "decidedBy", "decidedOn") if threshold.get(name)]
        yield from _same("Drempel", "Threshold", ", ".join(said))
    if (triage := justification.get("triage")) is not None:
        said = [str(triage[name]) for name in ("step", "outcome", "reason") if triage.get(name)]
        yield from _same("Triage", "Triage", ", ".join(said))


def _late(event: Json) -> Iterator[Part]:
    """The day of recording, when that was another one."""
    occurred, recorded = (datetime.fromisoformat(event[name]).astimezone(AMSTERDAM).date() for name in _TIMES)
    if occurred != recorded:
        yield Part(Words("Vastgelegd op", "Recorded on"), written_day(recorded))


def _found(events: Iterable[Json]) -> Iterator[Part]:
    """The worst outcome of the persons shown, and every code."""
    outcomes = [event["outcome"] for event in events if event.get("outcome")]
    codes = sorted({code for event in events for code in event.get("findings") or ()})
    if outcomes:
        worst = max(outcomes, key=lambda outcome: (*_OUTCOMES, outcome).index(outcome))
        found = f" ({', '.join(codes)})" if codes else ""
        yield Part(Words("Oordeel", "Verdict"), Words(_OUTCOMES.get(worst, worst) + found, worst + found))
