"""Terms and holds: what ends when, another end for a record, and what must not be forgotten meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Final

from anyio.to_thread import run_sync

from services.gateway.calls import CURSOR, LIMIT, Ask, Call, Parameter, answer_json, scopes
from services.gateway.formats.declaration import PDF, set_declaration
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.problems import reject
from services.gateway.routes.pages import answer_page
from services.ledger.contract.forgetting import HoldBody, RetentionBody
from services.runtime.http import Answer

TERMS: Final = BodyDecoder(RetentionBody)
HOLDS: Final = BodyDecoder(HoldBody)

PARTY: Final = Parameter(name="party", description="Whose lines; another party's only with `audit`.", form="id")
FROM: Final = Parameter(name="from", description="The first day, today when left out.", form="day")
UNTIL: Final = Parameter(name="until", description="The last day.", form="day")
DAY: Final = Parameter(name="day", description="The day that ended.", form="day")


async def set_retention(ask: Ask) -> Answer:
    """Give the holding, the record or both another end."""
    body, key = ask.read(TERMS)
    return answer_json(await ask.ledger.set_retention(ask.caller, ask.path["id"], key, body), 201)


async def read_schedule(ask: Ask) -> Answer:
    """Count what ends when."""
    limit = ask.query.get("limit")
    page = await ask.ledger.read_schedule(
        ask.caller,
        ask.query.get("party"),
        day_of(ask, FROM),
        day_of(ask, UNTIL),
        ask.query.get("cursor"),
        None if limit is None else int(limit),
    )
    return answer_page(page)


async def place_hold(ask: Ask) -> Answer:
    """Hold records."""
    body, key = ask.read(HOLDS)
    return answer_json(await ask.ledger.place_hold(ask.caller, key, body), 201)


async def release_hold(ask: Ask) -> Answer:
    """End a hold."""
    return answer_json(await ask.ledger.release_hold(ask.caller, ask.path["id"]))


async def list_declarations(ask: Ask) -> Answer:
    """Declare what was destroyed because it ended on a day."""
    day = day_of(ask, DAY)
    if day is None:
        raise reject("day-missing", "A declaration is about a day.", "Name it in the query parameter `day`.")
    page = await ask.ledger.declare_day(ask.caller, day)
    if ask.answer_media == PDF:
        return Answer(200, await run_sync(set_declaration, page.items), PDF)
    return answer_page(page)


def day_of(ask: Ask, parameter: Parameter) -> date | None:
    """Return the day in a query parameter."""
    text = ask.query.get(parameter.name)
    return None if text is None else date.fromisoformat(text)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/processing-operations/{id}/retention",
        name="setRetention",
        summary="Another end of the holding, of the record, or of both: later under a norm, or earlier.",
        tag="retention",
        handle=set_retention,
        scopes=scopes("processing:write", "retention"),
        creates=True,
        body=RetentionBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path="/v1/retention/schedule",
        name="readRetentionSchedule",
        summary="How many lines end on which day, and whose work they are; names no person.",
        tag="retention",
        handle=read_schedule,
        scopes=scopes("retention", "audit"),
        query=(PARTY, FROM, UNTIL, CURSOR, LIMIT),
    ),
    Call(
        method="GET",
        path="/v1/retention/declarations",
        name="listDeclarations",
        summary="The declaration of destruction of a day: what ended on it, how much, when, and until when in backups.",
        tag="retention",
        handle=list_declarations,
        scopes=scopes("retention", "audit"),
        query=(DAY,),
        also_answers=(PDF,),
    ),
    Call(
        method="POST",
        path="/v1/retention/holds",
        name="placeHold",
        summary="Keep a person's, a case's or a covenant's records for a proceeding; what came too late is told.",
        tag="retention",
        handle=place_hold,
        scopes=scopes("retention"),
        creates=True,
        body=HoldBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="DELETE",
        path="/v1/retention/holds/{id}",
        name="releaseHold",
        summary="The proceeding is over: what was kept by this hold alone ends as its term says.",
        tag="retention",
        handle=release_hold,
        scopes=scopes("retention", "audit"),
        refuses=(409,),
    ),
)
