"""From the fields of a form to the act of the public contract, and from the faults of the act back to the fields."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

import msgspec

from services.gateway.formats.decoding import BodyDecoder, Decoded
from services.gateway.web.forms import Form
from services.gateway.web.session import Session
from services.law.act import Act
from services.law.local_time import AMSTERDAM
from services.law.operations import CLASS_BY_VERB
from services.runtime.errors import FieldError, Rejected

ACTS: Final = BodyDecoder(Act)
PERSON_TYPE: Final = "BSN"
TOWARDS: Final = frozenset({"collect", "consult"})
"""Classes of acts in which data come to us: the other party is a source, not a recipient."""
COVENANT_SEPARATOR: Final = "|"
BETWEEN_ITEMS: Final = re.compile(r"[\s,;]+")
BETWEEN_WORDS: Final = re.compile(r"[,;\n]+")
MINUTE: Final = "%Y-%m-%dT%H:%M"

FIELD_BY_POINTER: Final = (
    ("/subjects/[0-9]+/municipality", "municipality"),
    ("/subjects/[0-9]+/birthDate", "birth_date"),
    ("/subjects/[0-9]+/status", "status"),
    ("/subjects", "person"),
    ("/occurredAt", "moment"),
    ("/operation", "operation"),
    ("/recipients|/source", "party"),
    ("/dataCategories", "category"),
    ("/dataRegime", "regime"),
    ("/legalBasis/gdpr", "letter"),
    ("/legalBasis", "statute"),
    ("/necessity/subsidiarity", "subsidiarity"),
    ("/necessity", "proportionality"),
    ("/covenant", "covenant"),
    ("/phase", "phase"),
    ("/purpose", "purpose"),
    ("/decisionId", "decision"),
    ("/system", "channel"),
    ("/place", "place"),
    ("/justification/secrecy/exception", "exception"),
    ("/justification", "secrecy"),
)


NO_MOMENT: Final = FieldError(pointer="/occurredAt", code="instant-invalid", message="A moment is expected.", remedy="")
TOO_MANY_SOURCES: Final = FieldError(
    pointer="/source",
    code="sources-too-many",
    message="Data come from one party here.",
    remedy="Choose one, and record what came from another apart.",
)


class FieldFault(msgspec.Struct, frozen=True):
    """A fault at a field of the form; `field` is empty when it is about none of them."""

    field: str
    code: str
    message: str


def now_minute(now: datetime) -> str:
    """Return a moment as the form holds it: minutes, on the clock of Amsterdam."""
    return now.astimezone(AMSTERDAM).strftime(MINUTE)


def read_act(form: Form, session: Session) -> Decoded[Act]:
    """Return the act of a form; raise Rejected with every fault of the form itself, else with those of the act."""
    moment = read_moment(form.one("moment"))
    faults = () if moment is not None else (NO_MOMENT,)
    if brings_data(form.one("operation")) and len(_parties_of(form)) > 1:
        faults = (*faults, TOO_MANY_SOURCES)
    if moment is None or faults:
        raise Rejected(faults)
    return ACTS.decode(msgspec.json.encode(_without_empty(_act_of(form, session, moment))))


def read_moment(text: str) -> datetime | None:
    """Return the moment in a field of date and time, or None when it is none."""
    try:
        return datetime.strptime(text, MINUTE).replace(tzinfo=AMSTERDAM)
    except ValueError:
        return None


def _act_of(form: Form, session: Session, moment: datetime) -> dict[str, Any]:
    """Return the act as JSON, with None and empty values where nothing was filled in."""
    operation = form.one("operation")
    covenant, _, annex = form.one("covenant").partition(COVENANT_SEPARATOR)
    statute, letter = form.one("statute"), form.one("letter")
    necessity = {"proportionality": form.one("proportionality"), "subsidiarity": form.one("subsidiarity")}
    return {
        "id": form.one("key"),
        "operation": operation,
        "occurredAt": moment.isoformat(),
        "controller": session.claims.party,
        "subjects": _subjects_of(form),
        "dataCategories": _categories_of(form),
        "dataRegime": form.one("regime"),
        "legalBasis": {"gdpr": letter, "statute": statute},
        "necessity": necessity,
        "covenant": {"id": covenant, "annex": annex},
        "phase": form.one("phase"),
        "purpose": form.one("purpose"),
        "decisionId": form.one("decision"),
        "actor": {"id": session.staff},
        "system": {"name": form.one("channel")},
        "place": {"municipality": form.one("place")},
        "justification": {"secrecy": {"regime": form.one("secrecy"), "exception": form.one("exception")}},
        **_others_of(form, operation),
    }


def _subjects_of(form: Form) -> list[dict[str, Any]]:
    """Return a subject for every number in the field, all with the same status, town and day of birth."""
    shared = {name: form.one(field) for name, field in (("status", "status"), ("municipality", "municipality"))}
    shared["birthDate"] = form.one("birth_date")
    numbers = [number for number in BETWEEN_ITEMS.split(form.one("person")) if number]
    return [{"idType": PERSON_TYPE, "id": number, **shared} for number in numbers]


def _categories_of(form: Form) -> list[str]:
    """Return the kinds of data that were ticked and those that were written, each once."""
    written = (kind.strip() for kind in BETWEEN_WORDS.split(form.one("other_categories")))
    return list(dict.fromkeys((*form.all("category"), *(kind for kind in written if kind))))


def _others_of(form: Form, operation: str) -> dict[str, Any]:
    """Return the other parties: who receives, or from whom it comes."""
    parties = _parties_of(form)
    if brings_data(operation):
        return {"source": {"kind": "party", "party": parties[0]} if parties else {}}
    return {"recipients": [{"party": party} for party in parties]}


def _parties_of(form: Form) -> list[str]:
    """Return the parties that were chosen, each once."""
    return list(dict.fromkeys((*form.all("party"), *form.all("other_party"))))


def brings_data(operation: str) -> bool:
    """Whether data come to us by an operation."""
    return CLASS_BY_VERB.get(operation) in TOWARDS


def _without_empty(value: Any) -> Any:
    """Leave out what was not filled in, also of what stands inside; what is owed is for the judgement to say."""
    if isinstance(value, dict):
        kept = {name: _without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in ("", {}, [])}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value


def faults_of(error: Rejected) -> tuple[FieldFault, ...]:
    """Return the faults of an act at the fields of its form, each field and code once."""
    found: dict[tuple[str, str], FieldFault] = {}
    for fault in error.errors:
        field = field_at(fault.pointer)
        found.setdefault((field, fault.code), FieldFault(field, fault.code, f"{fault.message} {fault.remedy}".strip()))
    return tuple(found.values())


def field_at(pointer: str) -> str:
    """Return the field that fills a place of the act; empty when none does."""
    for pattern, field in FIELD_BY_POINTER:
        if re.match(f"(?:{pattern})(?:/|$)", pointer):
            return field
    return ""
