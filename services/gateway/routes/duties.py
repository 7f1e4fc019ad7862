"""Notices and exemptions: that a person was told, or that it was decided not to tell him, and until when."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder, Decoded
from services.gateway.formats.keyed import Unsound, read_keyed
from services.gateway.problems import reject
from services.gateway.routes.pages import answer_page, check_page
from services.gateway.routes.submitting import reject_one
from services.law.act import Exemption, Notice
from services.ledger.contract.forgetting import ExemptionEnding, NoticeSearch
from services.ledger.contract.messages import Receipt, Submission
from services.runtime.errors import GrootboekError
from services.runtime.http import Answer

NOTICES: Final = BodyDecoder(Notice)
EXEMPTIONS: Final = BodyDecoder(Exemption)
SEARCHES: Final = BodyDecoder(NoticeSearch)
ENDINGS: Final = BodyDecoder(ExemptionEnding)

Taken = Decoded[Notice] | Decoded[Exemption] | Unsound[Notice] | Unsound[Exemption]


async def record_notice(ask: Ask) -> Answer:
    """Record that persons were told."""
    return await record_duty(ask, read_keyed(NOTICES, ask.raw, ask.key_header))


async def record_exemption(ask: Ask) -> Answer:
    """Record a decision not to tell one person."""
    return await record_duty(ask, read_keyed(EXEMPTIONS, ask.raw, ask.key_header))


async def record_duty(ask: Ask, taken: Taken) -> Answer:
    """Record one body under its key, a new one when it came without."""
    if isinstance(taken, Unsound):
        raise await reject_one(ask.ledger, taken)
    submission = Submission(body=taken.body, key=ask.key_or_new(taken.id), canonical=taken.canonical)
    (result,) = await ask.ledger.record(ask.caller, (submission,))
    if isinstance(result, GrootboekError):
        raise result
    return answer_json(result, 201)


async def search_notices(ask: Ask) -> Answer:
    """Find notices and exemptions."""
    body = SEARCHES.decode(ask.raw).body
    if body.subject is None and body.controller is None and body.covenant is None and ask.caller.subject is None:
        raise reject(
            "search-without-criterion",
            "A search for notices names at least one of subject, controller and covenant.",
            "Add one of them.",
        )
    check_page(body.cursor, body.limit)
    return answer_page(await ask.ledger.search_notices(ask.caller, body))


async def end_exemption(ask: Ask) -> Answer:
    """Record that the reason not to tell a person has gone."""
    body, key = ask.read(ENDINGS)
    answer = await ask.ledger.end_exemption(ask.caller, ask.path["id"], key, body)
    return answer_json(answer, 201)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/notices",
        name="recordNotice",
        summary="Record that you, or whom you act for, informed persons (AVG 13, 14), and whether that was enough.",
        tag="notices",
        handle=record_notice,
        scopes=scopes("notice"),
        creates=True,
        body=Notice,
        status=201,
        answers=Receipt,
        refuses=(409,),
    ),
    Call(
        method="POST",
        path="/v1/exemptions",
        name="recordExemption",
        summary="Record your decision not to inform one person (AVG 23, UAVG 41), and whether it is reasoned.",
        tag="notices",
        handle=record_exemption,
        scopes=scopes("notice"),
        creates=True,
        body=Exemption,
        status=201,
        answers=Receipt,
        refuses=(409,),
    ),
    Call(
        method="POST",
        path="/v1/notices/_search",
        name="searchNotices",
        summary="Who was told what, and whom it was decided not to tell, as far as you may see it.",
        tag="notices",
        handle=search_notices,
        scopes=scopes("processing:read", "subject:access", "inquiry", "breach", "notice", "audit"),
        citizen=True,
        purpose=True,
        body=NoticeSearch,
    ),
    Call(
        method="POST",
        path="/v1/exemptions/{id}/endings",
        name="endExemption",
        summary="The reason not to inform a person has gone, as a partner reports: the duty runs again.",
        tag="notices",
        handle=end_exemption,
        scopes=scopes("notice"),
        creates=True,
        body=ExemptionEnding,
        status=201,
        refuses=(409,),
    ),
)
