"""The part of the recording ledger that is about learning."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.ledger.contract.learning import LessonBody, QuestionSearch
from services.ledger.contract.messages import Caller, JsonObject, Page


class RecordingLearning:
    """Remembers every question about the learning practice and answers something plausible."""

    def note(self, name: str, caller: Caller | None, *arguments: Any) -> None:
        """Remember one call; the whole ledger says where."""
        raise NotImplementedError

    async def search_questions(self, caller: Caller, search: QuestionSearch) -> Page:
        """Find nothing."""
        self.note("search_questions", caller, search)
        return Page(items=())

    async def read_question(self, caller: Caller, question_id: str) -> JsonObject:
        """Read any question."""
        self.note("read_question", caller, question_id)
        return {"id": question_id, "conflict": False}

    async def learn_from(self, caller: Caller, question_id: str, body: LessonBody) -> JsonObject:
        """Learn from any question."""
        self.note("learn_from", caller, question_id, body)
        return {"question": {"id": question_id}, "checklist": {"id": body.checklist}}

    async def report_near_misses(self, caller: Caller, since: date | None, until: date | None) -> JsonObject:
        """Report nothing."""
        self.note("report_near_misses", caller, since, until)
        return {"count": 0}

    async def list_norms(self, caller: Caller, valid_at: str | None) -> Page:
        """List nothing."""
        self.note("list_norms", caller, valid_at)
        return Page(items=())

    async def report_unused_categories(self, caller: Caller, since: date | None, until: date | None) -> JsonObject:
        """Report nothing."""
        self.note("report_unused_categories", caller, since, until)
        return {"items": []}
