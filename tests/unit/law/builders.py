"""A small world for the tests of the law: parties, one covenant per regime, and an act that is in order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from services.law.act import Act, CovenantReference, LegalBasis, Necessity, Recipient, Subject
from services.law.context import Context, SubjectFacts
from services.law.governance import (
    Activity,
    Annex,
    AnnexNecessity,
    Arrangement,
    Covenant,
    Criteria,
    Decision,
    Entry,
    Partner,
    Party,
    ProcessorContract,
)
from services.law.judgement import judge
from services.law.local_time import amsterdam_day
from services.law.register import Known, Register
from services.law.retention import HoldingTerm, Terms, terms_on
from services.law.verdict import Verdict
from services.ledger.storage.norms import packaged_norms

ValueT = TypeVar("ValueT")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = date(2026, 6, 1)
REASONS = Necessity(proportionality="names only", subsidiarity="a talk was tried first")

PARTIES: tuple[Party, ...] = (
    Party(id="mayor", kind="public-body", organ="burgemeester", municipality="M"),
    Party(id="college", kind="public-body", organ="college", municipality="M", domains=("social", "education")),
    Party(id="police", kind="police", organ="korpschef"),
    Party(id="prosecutor", kind="judicial", organ="officier-van-justitie"),
    Party(id="youth", kind="private-controller", domains=("welfare",)),
    Party(id="care", kind="private-controller", domains=("care",), bsn_entitled_under=("Jeugdwet 7.2.1",)),
    Party(id="guardian", kind="private-controller", organ="gecertificeerde-instelling"),
    Party(id="school", kind="private-controller", domains=("education",)),
    Party(id="guard", kind="processor", processes_for="college", contract=None),
    Party(id="host", kind="processor", processes_for="mayor", contract=ProcessorContract(reference="c-1")),
)

_PARTNERS = tuple(Partner(party=p) for p in ("mayor", "college", "police", "prosecutor", "youth", "care", "guardian"))


def covenant(covenant_id: str = "house", **changes: Any) -> Covenant:
    """A covenant of regime 2 with one annex, or with the changes named."""
    given: dict[str, Any] = {
        "id": covenant_id,
        "version": 1,
        "valid_from": date(2025, 1, 1),
        "valid_until": date(2027, 12, 31),
        "published": date(2025, 1, 1),
        "regime": 2,
        "purpose": "youth-groups",
        "territory": ("M",),
        "partners": _PARTNERS,
        "arrangement": Arrangement(contact_point="college", informs="college", reports_breach="college"),
        "annexes": (annex(),),
    }
    return Covenant(**(given | changes))


def annex(**changes: Any) -> Annex:
    """An annex that lists two categories, excludes bystanders, and knows the term of two phases."""
    given: dict[str, Any] = {
        "id": "groups",
        "criteria": Criteria(excludes_status=("bystander",)),
        "necessity": AnnexNecessity(proportionality="names only", subsidiarity="talk first"),
        "data_categories": ("name", "report"),
        "retention": {"signalling": "P3M", "plan": "P2Y"},
    }
    return Annex(**(given | changes))


def register(*entries: Entry, parties: Iterable[Party] = PARTIES) -> Register:
    """The parties, the covenant ``house`` unless another of that id is given, the entries, and the law as it is."""
    given = list(entries)
    if not any(isinstance(entry, Covenant) and entry.id == "house" for entry in given):
        given.append(covenant())
    known = (Known(entry, p, NOW - timedelta(days=400)) for p, entry in enumerate([*parties, *given], start=1))
    return Register(known, packaged_norms())


def act(**changes: Any) -> Act:
    """The mayor tells the youth work two categories about one listed person, fully in order."""
    given: dict[str, Any] = {
        "operation": "make-available",
        "occurred_at": NOW,
        "controller": "mayor",
        "subjects": (subject(),),
        "recipients": to("youth"),
        "data_categories": ("name", "report"),
        "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
        "covenant": CovenantReference(id="house", annex="groups"),
        "phase": "signalling",
    }
    return Act(**(given | changes))


def terms(given: Act, known: Register, recorded: datetime, since: date | None = None) -> Terms:
    """Both terms of an act recorded at that instant."""
    return terms_on(given, known.on(amsterdam_day(given.occurred_at)), amsterdam_day(recorded), since)


def holding_term(given: Act, known: Register, since: date | None = None) -> HoldingTerm | None:
    """The holding term of an act; None when it begins no holding."""
    return terms(given, known, given.occurred_at, since)[0]


def subject(**changes: Any) -> Subject:
    """A listed person of municipality M."""
    given: dict[str, Any] = {"id_type": "BSN", "id": "999990019", "status": "listed", "municipality": "M"}
    return Subject(**(given | changes))


def to(*parties: str) -> tuple[Recipient, ...]:
    """Recipients by id."""
    return tuple(Recipient(party=party) for party in parties)


def decision(**changes: Any) -> Decision:
    """A Wpg 20 decision of the police that covers the mayor and the youth work."""
    given: dict[str, Any] = {
        "id": "umbrella",
        "kind": "wpg-20",
        "by": "police",
        "covers": ("mayor", "youth"),
        "data_categories": ("name", "report"),
        "partnership": "house/groups",
        "conditions": ("no onward disclosure",),
        "valid_from": date(2025, 1, 1),
    }
    return Decision(**(given | changes))


def activity(**changes: Any) -> Activity:
    """An art. 30 line of the youth work with a statute of its own."""
    given: dict[str, Any] = {
        "id": "youth-work",
        "controller": "youth",
        "purpose": "youth-groups",
        "legal_basis": {"gdpr": "6(1)(e)", "statute": "Wet onbekend 3"},
        "retention": "P1Y",
    }
    return Activity(**(given | changes))


def verdict(
    given: Act, *entries: Entry, facts: tuple[SubjectFacts | None, ...] | None = None, now: datetime = NOW
) -> Verdict:
    """The judgement of ``given`` in the register with ``entries``."""
    return judge(given, Context(register(*entries), facts, now))


def findings(given: Act, *entries: Entry, **known: Any) -> dict[str, str]:
    """The codes found and the severity of each."""
    return {found.code: str(found.severity) for found in verdict(given, *entries, **known).findings}


def reread(value: ValueT) -> ValueT:
    """The value as whoever gets it as JSON reads it: in its own shape, with no other words than that shape has."""
    again = msgspec.json.decode(msgspec.json.encode(value), type=type(value))
    assert again == value
    return again


def change(value: Any, **changes: Any) -> Any:
    """The struct with some fields replaced."""
    return msgspec.structs.replace(value, **changes)
