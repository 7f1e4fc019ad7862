"""A case file (``tests/cases/*.yaml``) as the loader sees it: acts in order, people by label, local times."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec
import yaml

from services.cli.case.spelling import plain, read_yaml, several
from services.runtime.errors import GrootboekError, Kind

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
CASE_NAMESPACE: Final = UUID("0d8a4a63-41a6-5a0f-8f0a-5c3d5c7a9b10")
PERSON_FIELDS: Final = ("role", "status", "municipality", "birthDate")
"""What a subject may say beside its identifier."""
_LOCAL_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?")

Json = dict[str, Any]


class CaseUnreadable(GrootboekError):
    """The case file cannot be read as one."""

    code = "case-unreadable"
    kind = Kind.REJECTED
    remedy = "Give a file of the shape of tests/cases/vechtpartijen.yaml."


class CaseAct(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``acts``: its number, when it happened, when it is posted, and the raw fields."""

    number: int
    at: datetime
    recorded: datetime
    fields: Json

    @property
    def kind(self) -> str:
        """Which call it is for: operation, notice, exemption, breach or access_request."""
        return next((k for k in ("notice", "exemption", "breach", "access_request") if k in self.fields), "operation")

    @property
    def by(self) -> str:
        """Who acts, and whose token posts it; CaseUnreadable when nobody does."""
        said = self.fields.get("by") or self.fields.get("controller")
        if said is None:
            raise CaseUnreadable(f"Act {self.number} does not say who acts.")
        return str(said)

    @property
    def labels(self) -> list[str]:
        """The labels of its subjects."""
        return several(self.fields.get("subjects"))

    def place_of(self, label: str) -> int:
        """The how manyth of its subjects a person is, from 0; CaseUnreadable for one that it is not about."""
        if label not in self.labels:
            raise CaseUnreadable(f"Act {self.number} is not about {label}.")
        return self.labels.index(label)

    @property
    def recipients(self) -> list[Json]:
        """To whom it goes, as the contract spells it."""
        return [{"party": to} if isinstance(to, str) else to for to in several(self.fields.get("to"))]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file; ``raw`` keeps governance, questions and canaries as written."""

    name: str
    raw: Json
    acts: tuple[CaseAct, ...]

    @property
    def labels(self) -> list[str]:
        """The labels of all persons of the file."""
        return list(self.raw.get("subjects") or ())

    @property
    def parties(self) -> list[str]:
        """Every party of the file, each once: those that are registered, then those that are only named in acts."""
        registered = [party["id"] for party in self.section("parties")]
        acting = [act.fields[role] for act in self.acts for role in ("by", "controller") if act.fields.get(role)]
        told = [recipient.get("party") for act in self.acts for recipient in act.recipients]
        return [str(party) for party in dict.fromkeys([*registered, *acting, *told]) if party is not None]

    def section(self, *names: str) -> list[Json]:
        """The entries of a section of the register, under any of its names in any spelling."""
        wanted = {plain(name) for name in names}
        return [entry for name, entries in self.raw.items() if plain(name) in wanted for entry in several(entries)]

    def questions(self, section: str) -> list[Json]:
        """The questions of a section, in any spelling of its name."""
        asked = self.raw.get("questions") or {}
        return [
            question for name, found in asked.items() if plain(name) == plain(section) for question in several(found)
        ]

    def subject(self, label: str) -> Json:
        """The person behind a label as ``{"idType", "id", …}``; what the file leaves empty is left out."""
        person = self._person(label)
        said = {field: zoned(person[field]) for field in PERSON_FIELDS if person.get(field) is not None}
        return self.identifier(label) | said

    def identifier(self, label: str) -> Json:
        """Only the identifier of the person behind a label: its kind and itself, or ``idType`` and ``id``."""
        person = self._person(label)
        if "id" in person:
            return {"idType": person.get("idType", "BSN"), "id": str(person["id"])}
        said = [field for field, value in person.items() if field not in PERSON_FIELDS and value]
        id_type = "BSN" if "BSN" in said else next(iter(said), None)
        if id_type is None:
            raise CaseUnreadable(f"Subject {label} has no identifier.")
        return {"idType": id_type, "id": str(person[id_type])}

    def labels_by_person(self) -> dict[tuple[str, str], str]:
        """From (kind of identifier, identifier), as answers have them, back to the label."""
        people = {label: self.identifier(label) for label in self.labels}
        return {(person["idType"], person["id"]): label for label, person in people.items()}

    def act(self, number: int | str) -> CaseAct:
        """The act of that number."""
        found = next((act for act in self.acts if str(act.number) == str(number)), None)
        if found is None:
            raise CaseUnreadable(f"The case has no act {number}.")
        return found

    def key(self, number: int, label: str | None = None) -> str:
        """The id under which an act is posted: the same in every run, so a second run is recognised."""
        return str(uuid5(CASE_NAMESPACE, f"{self.name}:{number}" + (f":{label}" if label else "")))

    def id_of(self, said: int | str) -> str:
        """The id of the act of a number; what is no number is an id already."""
        return self.key(int(said)) if str(said).isdecimal() else str(said)

    def numbers_by_key(self) -> dict[str, str]:
        """From the id of a posted act back to its number, as a string."""
        pairs = {self.key(act.number): str(act.number) for act in self.acts}
        for act in self.acts:
            if act.kind == "exemption":
                pairs.update({self.key(act.number, label): str(act.number) for label in act.labels})
        return pairs

    def _person(self, label: str) -> Json:
        person = (self.raw.get("subjects") or {}).get(label)
        if not isinstance(person, dict):
            raise CaseUnreadable(f"The case has no subject {label}.")
        return person


def read_case(path: Path) -> Case:
    """Read a case file; acts come back in the order in which they are posted. Raises CaseUnreadable."""
    try:
        raw = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CaseUnreadable(f"{path.name} cannot be read.") from error
    except yaml.YAMLError as error:
        raise CaseUnreadable(f"{path.name} is no YAML.") from error
    if not isinstance(raw, dict) or not raw.get("acts"):
        raise CaseUnreadable(f"{path.name} has no acts.")
    acts = [_act(fields) for fields in raw["acts"]]
    acts.sort(key=lambda act: (act.recorded, act.number))
    return Case(name=str(raw.get("case") or path.stem), raw=raw, acts=tuple(acts))


def zoned(value: Any) -> Any:
    """Local times anywhere in a body become RFC 3339 with the offset of Europe/Amsterdam; dates become text."""
    if isinstance(value, dict):
        return {key: zoned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [zoned(item) for item in value]
    if isinstance(value, str) and _LOCAL_TIME.fullmatch(value):
        return local(value).isoformat()
    if isinstance(value, datetime):
        return local(value.isoformat()).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def local(text: str) -> datetime:
    """A time of the file, which is Europe/Amsterdam unless it names a zone."""
    instant = datetime.fromisoformat(str(text))
    return instant if instant.tzinfo else instant.replace(tzinfo=AMSTERDAM)


def _act(fields: Json) -> CaseAct:
    try:
        at = local(str(fields["at"]))
        recorded = at if fields.get("recorded") is None else local(str(fields["recorded"]))
        return CaseAct(number=int(fields["n"]), at=at, recorded=recorded, fields=fields)
    except (KeyError, ValueError) as error:
        raise CaseUnreadable("An act has no number `n` or no time `at` that can be read.") from error
