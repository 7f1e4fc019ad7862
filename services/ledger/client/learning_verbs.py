"""The verbs of the learning practice, wired, and the part of the client port that goes straight to them."""

from __future__ import annotations

from datetime import date

import msgspec
from anyio.to_thread import run_sync

from services.ledger.application.lessons import Lessons
from services.ledger.application.list_norms import ListNorms
from services.ledger.application.near_miss_report import ReportNearMisses
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.question_desk import QuestionDesk
from services.ledger.application.register_entry import RegisterEntry
from services.ledger.application.sources import Sources
from services.ledger.application.unused_report import ReportUnusedCategories
from services.ledger.contract.learning import LessonBody, QuestionSearch
from services.ledger.contract.messages import Caller, JsonObject, Page


class LearningVerbs(msgspec.Struct, frozen=True, kw_only=True):
    """What may be asked of the learning practice."""

    desk: QuestionDesk
    lessons: Lessons
    near_misses: ReportNearMisses
    unused: ReportUnusedCategories
    norms: ListNorms


def wire_learning(*, source: RegisterFeed, register: RegisterEntry, sources: Sources) -> LearningVerbs:
    """The verbs on one register; lessons go in as every other entry does, and ``sources`` has what was recorded."""
    clock = sources.clock
    return LearningVerbs(
        desk=QuestionDesk(source=source, clock=clock),
        lessons=Lessons(source=source, register=register, clock=clock),
        near_misses=ReportNearMisses(source=source, clock=clock),
        unused=ReportUnusedCategories(sources=sources),
        norms=ListNorms(source=source, clock=clock),
    )


class InProcessLearning:
    """Implements ``LearningClient`` within the process of the ledger; blocking verbs run in threads."""

    def __init__(self, learning: LearningVerbs) -> None:
        """Go straight to these verbs."""
        self._learning = learning

    async def search_questions(self, caller: Caller, search: QuestionSearch) -> Page:
        """See LearningClient."""
        return await run_sync(self._learning.desk.search, caller, search)

    async def read_question(self, caller: Caller, question_id: str) -> JsonObject:
        """See LearningClient."""
        return await run_sync(self._learning.desk.read, caller, question_id)

    async def learn_from(self, caller: Caller, question_id: str, body: LessonBody) -> JsonObject:
        """See LearningClient."""
        return await run_sync(self._learning.lessons, caller, question_id, body)

    async def report_near_misses(self, caller: Caller, since: date | None, until: date | None) -> JsonObject:
        """See LearningClient."""
        return await run_sync(self._learning.near_misses, caller, since, until)

    async def list_norms(self, caller: Caller, valid_at: str | None) -> Page:
        """See LearningClient."""
        return await run_sync(self._learning.norms, caller, valid_at)

    async def report_unused_categories(self, caller: Caller, since: date | None, until: date | None) -> JsonObject:
        """See LearningClient."""
        return await run_sync(self._learning.unused, caller, since, until)
