"""What may be asked of the learning practice, beside registering and listing its entries."""

from __future__ import annotations

from datetime import date
from typing import Final, Protocol

import msgspec

from services.law.act import TextLong, TextShort
from services.law.learning import QuestionState
from services.ledger.contract.messages import Caller, JsonObject, Page


class QuestionSearch(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/questions/_search``: by the code of a finding or refusal, by covenant, verb, or words of the text.

    ``conflict``: those on which opinions that hold today contradict each other, or do not.
    """

    finding_code: TextShort | None = None
    covenant: TextShort | None = None
    operation: TextShort | None = None
    state: QuestionState | None = None
    words: TextShort | None = None
    conflict: bool | None = None
    cursor: TextShort | None = None
    limit: int | None = None


class LessonItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What is gone through from now on."""

    id: TextShort
    text: TextLong


class LessonBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """``POST /v1/questions/{id}/lessons``: the checklist that learns from the question, and its new item."""

    checklist: TextShort
    item: LessonItem


class LearningClient(Protocol):
    """The part of the ledger's port that is about learning; none of it reads anything about a person."""

    async def search_questions(self, caller: Caller, search: QuestionSearch) -> Page:
        """Questions with their newest answer, the oldest question first."""
        ...

    async def read_question(self, caller: Caller, question_id: str) -> JsonObject:
        """A question with every version, opinions and their conflict, and the decisions that follow them."""
        ...

    async def learn_from(self, caller: Caller, question_id: str, body: LessonBody) -> JsonObject:
        """Close an answered question as learned from, which makes the next version of a checklist."""
        ...

    async def report_near_misses(self, caller: Caller, since: date | None, until: date | None) -> JsonObject:
        """Counts and lessons of the near misses in a period, of all parties and naming none."""
        ...

    async def list_norms(self, caller: Caller, valid_at: str | None) -> Page:
        """The norms in force on a day, as a verdict of that day may name them."""
        ...

    async def report_unused_categories(self, caller: Caller, since: date | None, until: date | None) -> JsonObject:
        """The categories that the caller's party obtained in a period and never put to use."""
        ...


REPEATABLE: Final = frozenset(
    {
        "search_questions",
        "read_question",
        "learn_from",
        "report_near_misses",
        "report_unused_categories",
        "list_norms",
    }
)
"""What changes nothing when it is asked again: a lesson that is known is not learned twice."""
