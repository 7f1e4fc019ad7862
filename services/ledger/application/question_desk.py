"""The question desk: find an answer by the code of a finding or refusal, and see on what opinions differ (S67, S69)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from services.law.governance import Decision
from services.law.learning import Opinion, Question
from services.law.lessons import are_in_conflict
from services.law.local_time import amsterdam_day
from services.law.register import Known, Register
from services.law.versions import standing
from services.ledger.application.cursors import CursorInvalid, page_limit
from services.ledger.application.ports import RegisterFeed
from services.ledger.contract.errors import NotFound
from services.ledger.contract.learning import QuestionSearch
from services.ledger.contract.messages import Caller, JsonObject, Page
from services.ledger.contract.positions import REGISTER_LANE, format_position, parse_position
from services.runtime.clock import Clock


class Asked(msgspec.Struct, frozen=True):
    """A question as it stands: where its first version became known, its versions, and the opinions of today."""

    position: int
    versions: tuple[Question, ...]
    opinions: tuple[Opinion, ...]

    @property
    def newest(self) -> Question:
        """The question with its newest answer."""
        return self.versions[-1]

    @property
    def conflict(self) -> bool:
        """Whether opinions that hold today contradict each other."""
        return are_in_conflict(self.opinions)


class QuestionDesk:
    """``POST /v1/questions/_search`` and ``GET /v1/questions/{id}``; open to every party, for it holds no secrets."""

    def __init__(self, *, source: RegisterFeed, clock: Clock) -> None:
        """Read from ``source``, caught up at every question; which opinions hold today comes from ``clock``."""
        self._source = source
        self._clock = clock

    def search(self, _: Caller, search: QuestionSearch) -> Page:
        """The questions that fit all that is asked, the oldest first. Blocking."""
        size, after = page_limit(search.limit), _position_of(search.cursor)
        found = [asked for asked in self._all() if asked.position > after and _fits(asked, search)]
        following = format_position(REGISTER_LANE, found[size - 1].position) if len(found) > size else None
        return Page(items=tuple(_item(asked) for asked in found[:size]), next=following)

    def read(self, _: Caller, question_id: str) -> JsonObject:
        """One question whole; NotFound when nobody asked it. Blocking."""
        register = self._source.catch_up()
        for asked in questions_of(register, amsterdam_day(self._clock.now())):
            if asked.newest.id == question_id:
                return _item(asked) | {
                    "versions": msgspec.to_builtins(asked.versions),
                    "opinions": msgspec.to_builtins(asked.opinions),
                    "decisions": list(_decisions(register, {opinion.id for opinion in asked.opinions})),
                }
        raise NotFound

    def _all(self) -> Iterator[Asked]:
        yield from questions_of(self._source.catch_up(), amsterdam_day(self._clock.now()))


def questions_of(register: Register, today: date) -> list[Asked]:
    """Every question with its versions and the opinions of today, in the order in which they were first asked."""
    versions: dict[str, list[Known]] = {}
    for known in register.history:
        if isinstance(known.entry, Question):
            versions.setdefault(known.entry.id, []).append(known)
    opinions = opinions_on(register, today)
    return [
        Asked(first[0].position, _ordered(first), tuple(opinions.get(question_id, ())))
        for question_id, first in versions.items()
    ]


def opinions_on(register: Register, today: date) -> dict[str, list[Opinion]]:
    """Per question the opinions that hold today, each in its newest version, in order of id."""
    newest: dict[str, Opinion] = {}
    for known in standing(register.history):
        entry = known.entry
        if isinstance(entry, Opinion) and _holds(entry, today) and _is_newer(entry, newest.get(entry.id)):
            newest[entry.id] = entry
    found: dict[str, list[Opinion]] = {}
    for _, opinion in sorted(newest.items()):
        found.setdefault(opinion.question, []).append(opinion)
    return found


def _ordered(known: Sequence[Known]) -> tuple[Question, ...]:
    questions = [one.entry for one in known if isinstance(one.entry, Question)]
    return tuple(sorted(questions, key=lambda question: question.version))


def _holds(opinion: Opinion, today: date) -> bool:
    return opinion.valid_from <= today and (opinion.valid_until is None or today <= opinion.valid_until)


def _is_newer(opinion: Opinion, other: Opinion | None) -> bool:
    return other is None or opinion.version > other.version


def _fits(asked: Asked, search: QuestionSearch) -> bool:
    question = asked.newest
    return (
        (search.finding_code is None or search.finding_code in question.finding_codes)
        and (search.covenant is None or search.covenant == question.covenant)
        and (search.operation is None or search.operation in question.operations)
        and (search.state is None or search.state == question.state)
        and (search.conflict is None or search.conflict == asked.conflict)
        and _has_words(question, search.words)
    )


def _has_words(question: Question, words: str | None) -> bool:
    """Whether every word stands somewhere in the question or its answer."""
    text = f"{question.text} {question.answer or ''}".casefold()
    return all(word in text for word in (words or "").casefold().split())


def _item(asked: Asked) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(asked.newest)
    return body | {"conflict": asked.conflict, "opinionCount": len(asked.opinions)}


def _decisions(register: Register, opinions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The decisions that say which of these opinions they follow, in the order in which they became known."""
    wanted = set(opinions)
    for known in standing(register.history):
        if isinstance(known.entry, Decision) and not wanted.isdisjoint(known.entry.follows):
            yield {"id": known.entry.id, "by": known.entry.by, "follows": sorted(wanted & set(known.entry.follows))}


def _position_of(cursor: str | None) -> int:
    """The place a page ended at; the register is no secret, so a cursor is simply a position in its lane."""
    if cursor is None:
        return 0
    try:
        lane, position = parse_position(cursor)
    except ValueError:
        raise CursorInvalid from None
    if lane != REGISTER_LANE:
        raise CursorInvalid
    return position
