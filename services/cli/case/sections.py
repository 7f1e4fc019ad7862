"""What of a case file nobody reads, so that it can be said: a section left out in silence looks like an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from services.cli.case.bodies import governance_sections
from services.cli.case.model import PERSON_FIELDS, Case
from services.cli.case.questions import SECTIONS
from services.cli.case.spelling import plain

_READ: Final = frozenset({"case", "subjects", "acts", "questions", "canaries", "expected"})


def unread_sections(case: Case) -> Iterator[str]:
    """The names of what a run passes over: sections, sections of questions, and what else a subject says of itself."""
    registered = {plain(name) for names, _ in governance_sections() for name in names}
    yield from (name for name in case.raw if name not in _READ and plain(name) not in registered)
    asked = {plain(name) for name in SECTIONS}
    yield from (f"questions.{name}" for name in case.raw.get("questions") or () if plain(name) not in asked)
    for label in case.labels:
        read = {*PERSON_FIELDS, "idType", "id", case.identifier(label)["idType"]}
        yield from (f"subjects.{label}.{field}" for field in case.raw["subjects"][label] if field not in read)
