"""Letters to persons, ordered by who must tell them: a notice, a breach, an erasure (AVG 12, 13, 14, 34).

The same writer, cause, kind and channel is the same letter, so an order needs no key to be repeated.
"""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.notifier.contract.desk import BreachNoticeOrder, ErasureLetterOrder, NoticeOrder
from services.notifier.contract.letters import Written
from services.runtime.http import Answer

NOTICES: Final = BodyDecoder(NoticeOrder)
BREACH_NOTICES: Final = BodyDecoder(BreachNoticeOrder)
ERASURE_LETTERS: Final = BodyDecoder(ErasureLetterOrder)


async def order_notice(ask: Ask) -> Answer:
    """Have a person told what is done with the data."""
    body = ask.take(NOTICES).body
    return answer_written(await ask.desk.write_notice(ask.caller, ask.path["id"], body))


async def order_breach_notice(ask: Ask) -> Answer:
    """Have a person told that data leaked."""
    body = ask.take(BREACH_NOTICES).body
    return answer_written(await ask.desk.write_breach_notice(ask.caller, ask.path["id"], body))


async def order_erasure_letter(ask: Ask) -> Answer:
    """Have a person told that data were erased."""
    body = ask.take(ERASURE_LETTERS).body
    return answer_written(await ask.desk.write_erasure_letter(ask.caller, ask.path["id"], body))


def answer_written(written: Written) -> Answer:
    """Say which letter it is and how it stands; nothing of what it says or where it goes."""
    held = {"held": True} if written.state == "held" else {}
    return answer_json({"id": written.id, "state": written.state, **held}, 202)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/obligations/{id}/letters",
        name="orderNotice",
        summary="Write to the person of an obligation to inform that your party owes; held while an exemption is open.",
        tag="notices",
        handle=order_notice,
        scopes=scopes("notice"),
        creates=True,
        body=NoticeOrder,
        status=202,
    ),
    Call(
        method="POST",
        path="/v1/breaches/{id}/notices",
        name="orderBreachNotice",
        summary="Write to one person whose data a breach exposed (AVG 34); held while an exemption is open.",
        tag="breach",
        handle=order_breach_notice,
        scopes=scopes("breach"),
        creates=True,
        body=BreachNoticeOrder,
        status=202,
    ),
    Call(
        method="POST",
        path="/v1/erasures/{id}/letters",
        name="orderErasureLetter",
        summary="Write to one person of whom your party had data erased; held while an exemption is open.",
        tag="retention",
        handle=order_erasure_letter,
        scopes=scopes("retention"),
        creates=True,
        body=ErasureLetterOrder,
        status=202,
        refuses=(409,),
    ),
)
