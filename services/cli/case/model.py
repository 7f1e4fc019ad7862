"""A case file (``cases/*.yaml``) as the loader sees it: acts in order, people by label, local times."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec
import yaml

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
CASE_NAMESPACE: Final = UUID("0d8a4a63-41a6-5a0f-8f0a-5c3d5c7a9b10")
_LOCAL_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")
_PERSON_FIELDS: Final = frozenset({"municipality", "birthDate"})

Json = dict[str, Any]


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
    def labels(self) -> list[str]:
        """The labels of its subjects."""
        return list(self.fields.get("subjects", ()))


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file; ``raw`` keeps governance, questions and canaries as written."""

    name: str
    raw: Json
    acts: tuple[CaseAct, ...]

    def subject(self, label: str) -> Json:
        """The person behind a label as ``{"idType", "id", …}``."""
        person = self.raw["subjects"][label]
        id_type = next(field for field in person if field not in _PERSON_FIELDS)
        rest = {field: str(value) for field, value in person.items() if field in _PERSON_FIELDS}
        return {"idType": id_type, "id": str(person[id_type]), **rest}

    def identifier(self, label: str) -> Json:
        """Only the identifier of the person behind a label."""
        subject = self.subject(label)
        return {"idType": subject["idType"], "id": subject["id"]}

    def act(self, number: int) -> CaseAct:
        """The act of that number."""
        return next(act for act in self.acts if act.number == number)

    def key(self, number: int, label: str | None = None) -> str:
        """The id under which an act is posted: the same in every run, so a second run is recognised."""
        return str(uuid5(CASE_NAMESPACE, f"{self.name}:{number}" + (f":{label}" if label else "")))

    def numbers_by_key(self) -> dict[str, str]:
        """From the id of a posted act back to its number, as a string."""
        pairs = {self.key(act.number): str(act.number) for act in self.acts}
        for act in self.acts:
            if act.kind == "exemption":
                pairs.update({self.key(act.number, label): str(act.number) for label in act.labels})
        return pairs


def read_case(path: Path) -> Case:
    """Read a case file; acts come back in the order in which they are posted."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    acts = [_act(fields) for fields in raw["acts"]]
    acts.sort(key=lambda act: (act.recorded, act.number))
    return Case(name=str(raw["case"]), raw=raw, acts=tuple(acts))


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
    at = local(str(fields["at"]))
    recorded = local(str(fields["recorded"])) if "recorded" in fields else at
    return CaseAct(number=int(fields["n"]), at=at, recorded=recorded, fields=fields)
