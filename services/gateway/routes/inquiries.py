"""Inquiries: the replay of a person or a case, as it was on and as it was known at a moment."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import AS_KNOWN_AT, AS_OF, CURSOR, Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.gateway.problems import reject
from services.ledger.contract.messages import InquiryBody
from services.runtime.http import Answer

INQUIRIES: Final = BodyDecoder(InquiryBody)
MARKDOWN: Final = "text/markdown"


async def open_inquiry(ask: Ask) -> Answer:
    """Open an inquiry into a person or a case."""
    body, key = ask.read(INQUIRIES)
    if (body.subject is None) == (body.case_id is None):
        raise reject(
            "subject-or-case", "An inquiry is into a person or a case, and into one of them.", "Send one of the two."
        )
    return answer_json(await ask.ledger.open_inquiry(ask.caller, key, body), 201)


async def replay(ask: Ask) -> Answer:
    """Replay what happened."""
    query = ask.query
    return answer_json(
        await ask.ledger.replay(
            ask.caller, ask.path["id"], query.get("asOf"), query.get("asKnownAt"), query.get("cursor")
        )
    )


async def report_process(ask: Ask) -> Answer:
    """Report the process: both languages as JSON, or the Dutch text by itself."""
    query = ask.query
    report = await ask.ledger.report_process(ask.caller, ask.path["id"], query.get("asOf"), query.get("asKnownAt"))
    if ask.answer_media == MARKDOWN:
        return Answer(200, report["nl"].encode(), f"{MARKDOWN}; charset=utf-8")
    return answer_json(report)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/inquiries",
        name="openInquiry",
        summary="Open an inquiry into a person or a case, with its reason.",
        tag="inquiry",
        handle=open_inquiry,
        scopes=scopes("inquiry", "audit"),
        creates=True,
        body=InquiryBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="GET",
        path="/v1/inquiries/{id}/replay",
        name="replayInquiry",
        summary="What had happened then, and what did we know then?",
        tag="inquiry",
        handle=replay,
        scopes=scopes("inquiry", "audit"),
        purpose=True,
        query=(AS_OF, AS_KNOWN_AT, CURSOR),
    ),
    Call(
        method="GET",
        path="/v1/inquiries/{id}/process-report",
        name="reportProcess",
        summary="The whole replay as a report in words, Dutch and English, without any person's identifier.",
        tag="inquiry",
        handle=report_process,
        scopes=scopes("inquiry", "audit"),
        purpose=True,
        query=(AS_OF, AS_KNOWN_AT),
        also_answers=(MARKDOWN,),
    ),
)
