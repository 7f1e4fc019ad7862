"""Covenants: which one governs, what it says today, what changed, and where they contradict each other."""

from __future__ import annotations

from typing import Final

from anyio.to_thread import run_sync

from services.gateway.calls import ANYONE, CURSOR, LIMIT, VALID_AT, Ask, Call, Parameter, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.formats.sheet import CSV, write_sheet
from services.gateway.routes.pages import answer_page, check_bound
from services.law.covenants.article30 import Row
from services.ledger.contract.covenants import CovenantQuestion
from services.runtime.http import Answer

QUESTIONS: Final = BodyDecoder(CovenantQuestion)
COLUMNS: Final = Row.__struct_encode_fields__

READER: Final = Parameter(
    name="reader", description="An opaque key of your own member of staff, as in acknowledgements.", form="id"
)
FROM: Final = Parameter(name="from", description="The earlier version; by default the one before.", form="version")
TO: Final = Parameter(name="to", description="The later version; by default the newest.", form="version")
WITH: Final = Parameter(name="with", description="Another covenant, of which `to` is a version.", form="id")
PARTY: Final = Parameter(name="party", description="The rows of this controller only.", form="id")


async def choose(ask: Ask) -> Answer:
    """Say which covenants could govern, and which does by default."""
    question = QUESTIONS.decode(ask.raw).body
    check_bound(question.valid_at, "/validAt")
    return answer_json(await ask.ledger.choose_covenant(ask.caller, question))


async def read(ask: Ask) -> Answer:
    """Return a covenant as it is on a day."""
    return answer_json(await ask.ledger.read_covenant(ask.caller, ask.path["id"], ask.query.get("validAt")))


async def read_card(ask: Ask) -> Answer:
    """Return a covenant in plain words."""
    reader, day = ask.query.get("reader"), ask.query.get("validAt")
    return answer_json(await ask.ledger.read_card(ask.caller, ask.path["id"], reader, day))


async def compare(ask: Ask) -> Answer:
    """Return what differs between two versions."""
    first, second = version_of(ask, FROM), version_of(ask, TO)
    other = ask.query.get("with")
    return answer_json(await ask.ledger.compare_covenants(ask.caller, ask.path["id"], first, second, other))


async def list_contradictions(ask: Ask) -> Answer:
    """List where covenants cannot both be kept."""
    day, cursor, limit = paged(ask)
    return answer_page(await ask.ledger.list_contradictions(ask.caller, day, cursor, limit))


async def list_differences(ask: Ask) -> Answer:
    """List where covenants differ without contradicting each other."""
    day, cursor, limit = paged(ask)
    return answer_page(await ask.ledger.list_differences(ask.caller, day, cursor, limit))


async def export_activities(ask: Ask) -> Answer:
    """Return the register of processing activities, as JSON or as a sheet."""
    page = await ask.ledger.export_activities(ask.caller, ask.query.get("validAt"), ask.query.get("party"))
    if ask.answer_media == CSV:
        return Answer(200, await run_sync(write_sheet, COLUMNS, page.items), f"{CSV}; charset=utf-8")
    return answer_page(page)


async def list_reread_cases(ask: Ask) -> Answer:
    """List the running acts that an interpretation judges otherwise."""
    _, cursor, limit = paged(ask)
    return answer_page(await ask.ledger.list_reread_cases(ask.caller, ask.path["id"], cursor, limit))


def version_of(ask: Ask, parameter: Parameter) -> int | None:
    """Return the version in a query parameter."""
    text = ask.query.get(parameter.name)
    return None if text is None else int(text)


def paged(ask: Ask) -> tuple[str | None, str | None, int | None]:
    """Return day, cursor and limit of a question."""
    limit = ask.query.get("limit")
    return ask.query.get("validAt"), ask.query.get("cursor"), None if limit is None else int(limit)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/covenants/_resolve",
        name="resolveCovenant",
        summary="Which covenants could govern, by home town, town of the act and school town; and the default.",
        tag="governance",
        handle=choose,
        scopes=ANYONE,
        body=CovenantQuestion,
    ),
    Call(
        method="GET",
        path="/v1/covenants/contradictions",
        name="listCovenantContradictions",
        summary="Where covenants cannot both be kept: on a day, or ever.",
        tag="governance",
        handle=list_contradictions,
        scopes=scopes("governance", "audit"),
        query=(VALID_AT, CURSOR, LIMIT),
    ),
    Call(
        method="GET",
        path="/v1/covenants/differences",
        name="listCovenantDifferences",
        summary="Where covenants over the same people differ without contradicting each other.",
        tag="governance",
        handle=list_differences,
        scopes=scopes("governance", "audit"),
        query=(VALID_AT, CURSOR, LIMIT),
    ),
    Call(
        method="GET",
        path="/v1/covenants/{id}/in-force",
        name="readCovenantInForce",
        summary="A covenant as it is that day: umbrella, addenda and interpretation applied, and where each is from.",
        tag="governance",
        handle=read,
        scopes=ANYONE,
        query=(VALID_AT,),
    ),
    Call(
        method="GET",
        path="/v1/covenants/{id}/card",
        name="readCovenantCard",
        summary="A covenant in plain words, Dutch and English; and whether this reader acknowledged this version.",
        tag="governance",
        handle=read_card,
        scopes=ANYONE,
        query=(READER, VALID_AT),
    ),
    Call(
        method="GET",
        path="/v1/covenants/{id}/diff",
        name="compareCovenants",
        summary="Exactly the fields that differ between two versions of a covenant, or between two covenants.",
        tag="governance",
        handle=compare,
        scopes=ANYONE,
        query=(FROM, TO, WITH),
    ),
    Call(
        method="GET",
        path="/v1/processing-activities/export",
        name="exportProcessingActivities",
        summary="The register of processing activities of that day (AVG 30), as JSON or CSV.",
        tag="governance",
        handle=export_activities,
        scopes=ANYONE,
        query=(VALID_AT, PARTY),
        also_answers=(CSV,),
    ),
    Call(
        method="GET",
        path="/v1/interpretations/{id}/cases",
        name="listReinterpretedCases",
        summary="The running acts under the covenant that this reading judges otherwise; recorded verdicts stay.",
        tag="governance",
        handle=list_reread_cases,
        scopes=scopes("processing:read", "inquiry", "audit"),
        purpose=True,
        query=(CURSOR, LIMIT),
    ),
)
