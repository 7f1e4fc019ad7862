"""Random histories of a small world: bodies as the contract spells them, each private field a canary of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from services.law.act import Act, Exemption, Notice
from services.law.governance import Activity, Covenant, Entry, Mandate, Party
from services.law.local_time import amsterdam_day
from services.ledger.contract.messages import SubjectIdentifier

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAYOR, COLLEGE, POLICE, SCHOOL, YOUTH = CONTROLLERS = ("mayor", "college", "police", "school", "youth")
HOSTER, STRANGER, AUDITOR = "hoster", "stranger", "auditor"
PARTIES = (*CONTROLLERS, HOSTER, STRANGER)

PERSONS = (
    SubjectIdentifier(id_type="BSN", id="999990019"),
    SubjectIdentifier(id_type="BSN", id="999990068"),
    SubjectIdentifier(id_type="BSN", id="999990123"),
    SubjectIdentifier(id_type="BSN", id="999990093"),
    SubjectIdentifier(id_type="v-number", id="canary-person-four"),
)
NOBODY = SubjectIdentifier(id_type="v-number", id="never-heard-of")
CATEGORIES = ("name", "contact", "report")
OUTSIDE = "debts"
CASES = ("case-1", "case-2")
ACTIVITY = "https://register.example/activity/1"

REGISTER: tuple[tuple[type[Any], dict[str, Any]], ...] = (
    (Party, {"id": MAYOR, "kind": "public-body", "organ": "burgemeester", "municipality": "Middelstad"}),
    (Party, {"id": COLLEGE, "kind": "public-body", "organ": "college", "municipality": "Middelstad"}),
    (Party, {"id": POLICE, "kind": "police", "organ": "korpschef"}),
    (Party, {"id": SCHOOL, "kind": "private-controller"}),
    (Party, {"id": YOUTH, "kind": "volunteer-body"}),
    (Party, {"id": HOSTER, "kind": "processor", "processesFor": MAYOR, "contract": {"reference": "c-1"}}),
    (Party, {"id": STRANGER, "kind": "public-body", "organ": "college"}),
    (Party, {"id": AUDITOR, "kind": "public-body", "organ": "raad"}),
    (Mandate, {"id": "mandate", "from": SCHOOL, "to": COLLEGE, "acts": []}),
    (
        Activity,
        {"id": ACTIVITY, "version": 1, "controller": MAYOR, "retention": "P6M", "validFrom": "2020-01-01"},
    ),
    (
        Covenant,
        {
            "id": "huis",
            "version": 1,
            "validFrom": "2020-01-01",
            "regime": 2,
            "purpose": "help",
            "territory": ["Middelstad"],
            "partners": [{"party": party} for party in (MAYOR, COLLEGE, POLICE, SCHOOL)],
            "arrangement": {"contactPoint": COLLEGE, "informs": COLLEGE, "reportsBreach": SCHOOL},
            "annexes": [
                {"id": "a", "dataCategories": list(CATEGORIES), "retention": {"plan": "P3M", "weighing": "P10D"}},
                {"id": "b", "dataCategories": ["name"], "retention": {"plan": "P1Y"}},
            ],
        },
    ),
    (
        Covenant,
        {
            "id": "zvh",
            "version": 1,
            "validFrom": "2020-01-01",
            "regime": 3,
            "purpose": "safety",
            "territory": ["Middelstad"],
            "legalFrame": "wgs-zvh",
            "partners": [{"party": party} for party in (MAYOR, POLICE, YOUTH)],
            "arrangement": {"contactPoint": MAYOR},
            "annexes": [{"id": "c", "dataCategories": list(CATEGORIES), "retention": {"plan": "P1M"}}],
        },
    ),
)
TERMS = {("huis", "a", "plan"): "P3M", ("huis", "a", "weighing"): "P10D", ("huis", "b", "plan"): "P1Y"} | {
    ("zvh", "c", "plan"): "P1M",
    ("zvh", "", "plan"): "P1M",
}
"""The terms of the annexes above, read by the oracle without the register; without an annex those of the only one."""
CONTACT_POINTS = {"huis": COLLEGE, "zvh": MAYOR}
PARTNERS = {"huis": {MAYOR, COLLEGE, POLICE, SCHOOL}, "zvh": {MAYOR, POLICE, YOUTH}}


@dataclass(frozen=True)
class Record:
    """An act, a notice or an exemption that ``author`` posts."""

    author: str
    body: Act | Notice | Exemption


@dataclass(frozen=True)
class Confirm:
    """An earlier intent, counted over all intents so far, becomes its fact."""

    about: int


@dataclass(frozen=True)
class Correct:
    """An earlier operation is corrected by its controller or author, for some of its persons or all."""

    about: int
    kind: str
    first_only: bool
    other: int | None
    by_author: bool
    to: tuple[str, ...] = ()
    hours_earlier: int = 0


@dataclass(frozen=True)
class SetConfidentiality:
    """An earlier operation is made confidential, or no longer so."""

    about: int
    level: str
    review_on: date | None


@dataclass(frozen=True)
class SetRetention:
    """What an earlier operation gave is held until so many days from now, of some of its persons or all."""

    about: int
    days: int
    first_only: bool


@dataclass(frozen=True)
class Link:
    """Two identifiers are one person, or are not."""

    author: str
    first: int
    second: int
    linked: bool


@dataclass(frozen=True)
class Step:
    """What happens at an instant of the ledger's clock, under this key."""

    key: str
    now: datetime
    what: Record | Confirm | Correct | SetConfidentiality | SetRetention | Link

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 - hypothesis calls it so
        """Short: a failing history is read by a person."""
        printer.text(str(self))

    def __str__(self) -> str:
        """One line."""
        what = self.what
        if not isinstance(what, Record):
            return f"{self.key} {self.now:%m-%d %H:%M} {what}"
        body = what.body
        if not isinstance(body, Act):
            return f"{self.key} {self.now:%m-%d %H:%M} {what.author}: {body}"
        shown = {
            "at": f"{body.occurred_at:%m-%d %H:%M}",
            "of": body.controller,
            "who": [subject.id for subject in body.subjects],
            "what": body.data_categories,
            "to": [recipient.party for recipient in body.recipients],
            "covenant": body.covenant,
            "phase": body.phase,
            "list": body.list,
            "case": body.case_id,
            "term": body.retention,
            "regime": body.data_regime,
            "confidential": body.confidentiality,
        }
        rest = " ".join(f"{name}={value}" for name, value in shown.items() if value)
        return f"{self.key} {self.now:%m-%d %H:%M} {what.author}: {body.tense} {body.operation} {rest}"


def examples(count: int) -> settings:
    """The same few histories every time; with EXAMPLES in the environment so many random ones, shrunk with SHRINK."""
    wanted = int(os.environ.get("EXAMPLES", "0"))
    return settings(
        max_examples=wanted or count,
        derandomize=not wanted,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if "SHRINK" in os.environ else [])],
        suppress_health_check=list(HealthCheck),
    )


def register_entries() -> list[Entry]:
    """The governance of the world."""
    return [msgspec.convert(fields, kind) for kind, fields in REGISTER]


OPERATIONS = (
    *("make-available",) * 4,
    *("disclose-by-transmission", "disseminate"),
    *("erase",) * 4,
    *("collect", "record", "store", "use", "consult", "restrict", "destruct", "other"),
)
KINDS = (*("act",) * 11, "notice", "exemption", *("later",) * 4, *("link",) * 2, "confirm")
HOURS_LATE = (0, 0, 0, 0, 1, 30, 100, 24 * 40)
GAPS = (timedelta(0), timedelta(minutes=1), timedelta(hours=5), timedelta(days=1), timedelta(days=12))
RETENTIONS = (None, None, "P1D", "P2W", "P3M", "P2Y")
COVENANTS = (None, None, ("huis", "a"), ("huis", "a"), ("huis", "b"), ("zvh", "c"))
SOURCES = (None, None, "party", "citizen-report")


def private_fields(number: int) -> dict[str, Any]:
    """The fields that only the party itself and its auditor see, each with a text of its own."""
    return {
        "name": f"canary-own-{number}-name",
        "description": f"canary-own-{number}-description",
        "criteria": f"canary-own-{number}-criteria",
        "necessity": {
            "proportionality": f"canary-own-{number}-proportionality",
            "subsidiarity": f"canary-own-{number}-subsidiarity",
        },
        "actor": {"id": f"canary-own-{number}-actor"},
        "system": {"name": f"canary-own-{number}-system"},
        "reference": f"canary-own-{number}-reference",
        "place": {"municipality": f"canary-own-{number}-place"},
    }


def subject_of(person: int, number: int) -> dict[str, Any]:
    """A person in an act; the role is told to who may know who it is."""
    identifier = PERSONS[person]
    return {"idType": identifier.id_type, "id": identifier.id, "role": f"canary-person-{number}-role"}


def some_persons(persons: int, least: int = 1) -> st.SearchStrategy[list[int]]:
    """A few different persons."""
    return st.lists(st.integers(0, persons - 1), min_size=least, max_size=3, unique=True)


@st.composite
def sources(draw: st.DrawFn, number: int) -> dict[str, Any] | None:
    """Where the data came from: a party, or a citizen who may be protected."""
    kind = draw(st.sampled_from(SOURCES))
    if kind is None:
        return None
    if kind == "party":
        return {"kind": kind, "party": draw(st.sampled_from(CONTROLLERS))}
    return {"kind": kind, "reporter": f"canary-reporter-{number}-who", "protected": draw(st.booleans())}


@st.composite
def acts(draw: st.DrawFn, number: int, now: datetime, persons: int) -> Record:
    """One act of any class, now or late; some are intents, some are posted by a processor or a mandatary."""
    controller = draw(st.sampled_from(CONTROLLERS))
    operation = draw(st.sampled_from(OPERATIONS))
    shares = operation in ("make-available", "disclose-by-transmission", "disseminate")
    others = [party for party in CONTROLLERS if party != controller]
    recipients = draw(st.lists(st.sampled_from(others), min_size=1, max_size=3, unique=True)) if shares else []
    covenant = draw(st.sampled_from(COVENANTS))
    retention = draw(st.sampled_from(RETENTIONS))
    author = controller
    processor = HOSTER if controller == MAYOR and draw(st.booleans()) else None
    if processor is not None and draw(st.booleans()):
        author = processor
    if controller == SCHOOL and draw(st.booleans()):
        author = COLLEGE
    intent = draw(st.sampled_from((*(False,) * 5, True)))
    hours = -draw(st.sampled_from(HOURS_LATE)) if not intent else draw(st.sampled_from((0, 24, 24 * 20)))
    categories = draw(st.sampled_from([["name"], ["name", "contact"], list(CATEGORIES), ["report"], [], [OUTSIDE]]))
    if intent and draw(st.booleans()):
        # Outside the annex: a violation, so that the intent is refused.
        covenant, categories = ("huis", "b"), [OUTSIDE]
    fields: dict[str, Any] = private_fields(number) | {
        "operation": operation,
        "occurredAt": (now + timedelta(hours=hours)).isoformat(),
        "controller": controller,
        "tense": "intent" if intent else "fact",
        "processor": processor,
        "subjects": [
            subject_of(person, number) for person in draw(some_persons(persons, least=draw(st.sampled_from((0, 1, 1)))))
        ],
        "dataCategories": categories,
        "recipients": [{"party": party, "caseId": f"canary-own-{number}-theirs"} for party in recipients],
        "dataRegime": draw(st.sampled_from(["AVG", "AVG", "Wpg-8", "Wpg-13"])) if controller == POLICE else "AVG",
        "legalBasis": {"gdpr": "6(1)(e)", "statute": draw(st.sampled_from([None, "Gemeentewet 172"]))},
        "source": draw(sources(number)),
        "activity": ACTIVITY if controller == MAYOR and draw(st.booleans()) else None,
        "covenant": None if covenant is None else {"id": covenant[0], "annex": covenant[1]},
        "phase": draw(st.sampled_from([None, "plan", "weighing"])),
        "list": draw(st.sampled_from([None, None, {"kind": "bruto", "id": "l-1"}, {"kind": "netto", "id": "l-1"}])),
        "caseId": draw(st.sampled_from([None, *CASES])),
        "retention": None if retention is None else {"period": retention},
        "confidentiality": draw(st.sampled_from([None, None, None, {"level": "confidential"}])),
    }
    if operation == "other":
        fields["operationClass"] = draw(st.sampled_from([None, "alter", "consult"]))
    return Record(author=author, body=msgspec.convert(fields, Act))


@st.composite
def notices(draw: st.DrawFn, number: int, now: datetime, persons: int) -> Record:
    """Persons were told, by the controller itself or by a partner of the covenant."""
    covenant = draw(st.sampled_from((None, ("huis", "a"), ("zvh", "c"))))
    candidates: Sequence[str] = CONTROLLERS if covenant is None else sorted(PARTNERS[covenant[0]])
    controller = draw(st.sampled_from(candidates))
    giver = controller if covenant is None else draw(st.sampled_from(candidates))
    fields = {
        "subjects": [subject_of(person, number) for person in draw(some_persons(persons))],
        "controller": controller,
        "covenant": None if covenant is None else {"id": covenant[0], "annex": covenant[1]},
        "givenBy": giver,
        "givenAt": (now - timedelta(hours=draw(st.sampled_from(HOURS_LATE)))).isoformat(),
        "form": draw(st.sampled_from(["letter", "conversation"])),
        "elements": draw(st.sampled_from(["all", ["controller", "purpose"]])),
        "addressee": "subject",
    }
    return Record(author=giver, body=msgspec.convert(fields, Notice))


@st.composite
def exemptions(draw: st.DrawFn, number: int, now: datetime, persons: int) -> Record:
    """A controller decides not to tell a person for a while."""
    controller = draw(st.sampled_from(CONTROLLERS))
    covenant = draw(st.sampled_from((None, {"id": "huis"}, {"id": "huis", "annex": "a"}, {"id": "zvh", "annex": "c"})))
    fields = {
        "subject": subject_of(draw(st.integers(0, persons - 1)), number),
        "controller": controller,
        "covenant": covenant,
        "norm": "UAVG 41(1)(d)",
        "interest": f"canary-own-{number}-interest",
        "proportionality": f"canary-own-{number}-proportion",
        "decidedBy": controller,
        "decidedAt": (now - timedelta(hours=draw(st.sampled_from(HOURS_LATE)))).isoformat(),
        "reviewOn": (amsterdam_day(now) + timedelta(days=draw(st.sampled_from((0, 20, 400))))).isoformat(),
    }
    return Record(author=controller, body=msgspec.convert(fields, Exemption))


def later_events(now: datetime, persons: int) -> st.SearchStrategy[Correct | SetConfidentiality | SetRetention]:
    """Something said about an earlier operation."""
    about = st.integers(0, 30)
    correct = st.builds(
        Correct,
        about=about,
        kind=st.sampled_from(("annulled", "wrong-person", "wrong-person", "correction")),
        first_only=st.booleans(),
        other=st.none() | st.integers(0, persons - 1),
        by_author=st.booleans(),
        to=st.sampled_from(((), (SCHOOL,), (YOUTH, POLICE))),
        hours_earlier=st.sampled_from((0, 0, 1, 70)),
    )
    confidentiality = st.builds(
        SetConfidentiality,
        about=about,
        level=st.sampled_from(("confidential", "confidential", "lifted", "normal")),
        review_on=st.none() | st.sampled_from((now.date(), now.date() + timedelta(days=15))),
    )
    retention = st.builds(SetRetention, about=about, days=st.sampled_from((0, 1, 20, 400)), first_only=st.booleans())
    return correct | confidentiality | retention


@st.composite
def links(draw: st.DrawFn, persons: int) -> Link:
    """Somebody says that two identifiers are, or are not, one person."""
    first, second = draw(st.lists(st.integers(0, persons - 1), min_size=2, max_size=2, unique=True))
    author = draw(st.sampled_from(CONTROLLERS))
    return Link(author=author, first=first, second=second, linked=draw(st.integers(0, 2)) > 0)


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Five to twenty-five steps in order of the ledger's clock."""
    persons = draw(st.integers(3, len(PERSONS)))
    now, steps = START, []
    for number in range(draw(st.integers(5, 25))):
        now += draw(st.sampled_from(GAPS))
        kind = draw(st.sampled_from(KINDS))
        what: Any
        if kind == "act":
            what = draw(acts(number, now, persons))
        elif kind == "notice":
            what = draw(notices(number, now, persons))
        elif kind == "exemption":
            what = draw(exemptions(number, now, persons))
        elif kind == "later":
            what = draw(later_events(now, persons))
        elif kind == "link":
            what = draw(links(persons))
        else:
            what = Confirm(about=draw(st.integers(0, 9)))
        steps.append(Step(key=f"key-{number}-", now=now, what=what))
    return steps
