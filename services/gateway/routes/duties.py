"""Notices and exemptions: that a person was told, or that it was decided not to tell him."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder, Decoded
from services.law.act import Exemption, Notice
from services.ledger.contract.messages import Receipt, Submission
from services.runtime.errors import GrootboekError
from services.runtime.http import Answer

NOTICES: Final = BodyDecoder(Notice)
EXEMPTIONS: Final = BodyDecoder(Exemption)


async def record_notice(ask: Ask) -> Answer:
    """Record that persons were told."""
    return await record_duty(ask, NOTICES.decode(ask.raw))


async def record_exemption(ask: Ask) -> Answer:
    """Record a decision not to tell one person."""
    return await record_duty(ask, EXEMPTIONS.decode(ask.raw))


async def record_duty(ask: Ask, decoded: Decoded[Notice] | Decoded[Exemption]) -> Answer:
    """Record one body under its key, a new one when it came without."""
    submission = Submission(body=decoded.body, key=ask.key(decoded.id), canonical=decoded.canonical)
    (result,) = await ask.ledger.record(ask.caller, (submission,))
    if isinstance(result, GrootboekError):
        raise result
    return answer_json(result, 201)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/notices",
        name="recordNotice",
        summary="Record that persons were informed (AVG 13, 14), and whether that was enough.",
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
        summary="Record a decision not to inform one person (AVG 23, UAVG 41), and whether it is reasoned.",
        tag="notices",
        handle=record_exemption,
        scopes=scopes("notice"),
        creates=True,
        body=Exemption,
        status=201,
        answers=Receipt,
        refuses=(409,),
    ),
)
