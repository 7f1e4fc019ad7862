"""The learning practice: find an answer, close a question as learned from, report near misses."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.gateway.calls import ANYONE, VALID_AT, Ask, Call, Parameter, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.routes.pages import answer_page, check_page
from services.ledger.contract.learning import LessonBody, QuestionSearch
from services.runtime.http import Answer

SEARCHES: Final = BodyDecoder(QuestionSearch)
LESSONS: Final = BodyDecoder(LessonBody)

FROM: Final = Parameter(name="from", description="The first day; by default a year before the last.", form="day")
UNTIL: Final = Parameter(name="until", description="The last day, included; by default today.", form="day")


async def search_questions(ask: Ask) -> Answer:
    """Search questions with their answers."""
    search = SEARCHES.decode(ask.raw).body
    check_page(search.cursor, search.limit)
    return answer_page(await ask.ledger.search_questions(ask.caller, search))


async def read_question(ask: Ask) -> Answer:
    """Return a question whole."""
    return answer_json(await ask.ledger.read_question(ask.caller, ask.path["id"]))


async def learn(ask: Ask) -> Answer:
    """Close a question as learned from."""
    body = LESSONS.decode(ask.raw).body
    return answer_json(await ask.ledger.learn_from(ask.caller, ask.path["id"], body), 201)


async def report_near_misses(ask: Ask) -> Answer:
    """Report what went nearly wrong."""
    return answer_json(await ask.ledger.report_near_misses(ask.caller, _day_of(ask, FROM), _day_of(ask, UNTIL)))


async def list_norms(ask: Ask) -> Answer:
    """List the law of a day."""
    return answer_page(await ask.ledger.list_norms(ask.caller, ask.query.get("validAt")))


async def report_unused_categories(ask: Ask) -> Answer:
    """Report which data served nothing."""
    since, until = _day_of(ask, FROM), _day_of(ask, UNTIL)
    return answer_json(await ask.ledger.report_unused_categories(ask.caller, since, until))


def _day_of(ask: Ask, parameter: Parameter) -> date | None:
    """Return the day in a query parameter."""
    text = ask.query.get(parameter.name)
    return None if text is None else date.fromisoformat(text)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/questions/_search",
        name="searchQuestions",
        summary="Questions of practice with their answers: by finding code, covenant, verb or words.",
        tag="learning",
        handle=search_questions,
        scopes=ANYONE,
        body=QuestionSearch,
    ),
    Call(
        method="GET",
        path="/v1/questions/{id}",
        name="readQuestion",
        summary="A question with every answer, the opinions on it, their conflict, and the decisions that follow them.",
        tag="learning",
        handle=read_question,
        scopes=ANYONE,
    ),
    Call(
        method="POST",
        path="/v1/questions/{id}/lessons",
        name="learnFromQuestion",
        summary="Close an answered question as learned from, which makes the next version of a checklist.",
        tag="learning",
        handle=learn,
        scopes=scopes("governance"),
        body=LessonBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path="/v1/near-misses/report",
        name="reportNearMisses",
        summary="How often what went nearly wrong, and what was learned: of all parties, naming none.",
        tag="learning",
        handle=report_near_misses,
        scopes=ANYONE,
        query=(FROM, UNTIL),
    ),
    Call(
        method="GET",
        path="/v1/norms",
        name="listNorms",
        summary="The norms in force on a day: citation, rule in Dutch and English, and how far its text was read.",
        tag="learning",
        handle=list_norms,
        scopes=ANYONE,
        query=(VALID_AT,),
    ),
    Call(
        method="GET",
        path="/v1/processing-activities/unused-categories",
        name="reportUnusedCategories",
        summary="The categories that the party obtained and never put to use, police and partnership data left out.",
        tag="learning",
        handle=report_unused_categories,
        scopes=scopes("processing:read", "audit"),
        query=(FROM, UNTIL),
    ),
)
