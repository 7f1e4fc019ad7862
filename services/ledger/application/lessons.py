"""Close a question as learned from: the next version of the question and of a checklist, stored as one (S68)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from services.law.learning import Checklist, ChecklistItem, Question
from services.law.learning_faults import versions_of
from services.law.lessons import Lesson, learn
from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.register_entry import RegisterEntry
from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy, NotFound
from services.ledger.contract.learning import LessonBody
from services.ledger.contract.messages import Caller, JsonObject
from services.runtime.clock import Clock
from services.runtime.errors import FieldError, GrootboekError, Kind, Rejected
from services.runtime.limits import APPEND_ATTEMPTS_MAX

_KindT = TypeVar("_KindT", Question, Checklist)


class QuestionStillOpen(GrootboekError):
    """Nobody has answered this question yet."""

    code = "question_open"
    kind = Kind.CONFLICT
    remedy = "Register the version of the question with its answer first."


class Lessons:
    """``POST /v1/questions/{id}/lessons``."""

    def __init__(self, *, source: RegisterFeed, register: RegisterEntry, clock: Clock) -> None:
        """Look in ``source``, store through ``register``; the new versions hold from today by ``clock``."""
        self._source = source
        self._register = register
        self._clock = clock

    def __call__(self, caller: Caller, question_id: str, body: LessonBody) -> JsonObject:
        """``{"question", "checklist"}``, the new version of each; asked again it gives those.

        Blocking. Raises NotFound for a question or checklist that is not known, QuestionStillOpen, IdempotencyConflict
        when the question taught something else already, and what registering raises. Of lessons that meet on one
        checklist each gets a version of its own.
        """
        register = self._source.catch_up()
        for _ in range(APPEND_ATTEMPTS_MAX):
            try:
                return self._close(caller, question_id, body, register)
            except IdempotencyConflict:
                before, register = register, self._source.catch_up()
                if not _has_moved(body.checklist, before, register):
                    raise
        raise LedgerBusy

    def _close(self, caller: Caller, question_id: str, body: LessonBody, register: Register) -> JsonObject:
        question = _newest(Question, question_id, register)
        checklist = _newest(Checklist, body.checklist, register)
        lesson = _known_lesson(register, question, body) or self._learned(question, checklist, body)
        try:
            self._register.together(caller, (lesson.checklist, lesson.question))
        except Rejected as rejected:
            raise Rejected(tuple(_as_asked(rejected.errors, len(lesson.checklist.items) - 1))) from None
        found: dict[str, Any] = msgspec.to_builtins(lesson)
        return found

    def _learned(self, question: Question, checklist: Checklist, body: LessonBody) -> Lesson:
        if question.state == "open":
            raise QuestionStillOpen
        item = ChecklistItem(id=body.item.id, text=body.item.text)
        return learn(question, checklist, item, amsterdam_day(self._clock.now()))


def _has_moved(checklist: str, before: Register, after: Register) -> bool:
    """Whether the checklist got another version meanwhile, so that the one we made was taken."""
    return _newest(Checklist, checklist, before).version != _newest(Checklist, checklist, after).version


def _as_asked(faults: Iterable[FieldError], last: int) -> Iterator[FieldError]:
    """The faults with the place of the new item as it stands in the request."""
    for fault in faults:
        yield msgspec.structs.replace(fault, pointer=fault.pointer.replace(f"/items/{last}", "/item"))


def _known_lesson(register: Register, question: Question, body: LessonBody) -> Lesson | None:
    """The lesson as it was stored, for whoever sends it again."""
    learned_in = question.learned_in
    if learned_in is None:
        return None
    item = ChecklistItem(id=body.item.id, text=body.item.text, learned_from=question.id)
    for checklist in versions_of(Checklist, body.checklist, register):
        if (checklist.id, checklist.version) == (learned_in.checklist, learned_in.version) and item in checklist.items:
            return Lesson(question, checklist)
    raise IdempotencyConflict


def _newest(kind: type[_KindT], entry_id: str, register: Register) -> _KindT:
    versions = versions_of(kind, entry_id, register)
    if not versions:
        raise NotFound
    return versions[-1]
