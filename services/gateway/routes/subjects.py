"""Subjects: two identifiers are one person, or are not."""

from __future__ import annotations

from typing import Final

from services.gateway.calls import Ask, Call, answer_json, scopes
from services.gateway.formats.decoding import BodyDecoder
from services.ledger.contract.messages import LinkBody
from services.runtime.http import Answer

LINKS: Final = BodyDecoder(LinkBody)


async def link(ask: Ask) -> Answer:
    """Record that two identifiers are one person."""
    body, key = ask.read(LINKS)
    return answer_json(await ask.ledger.link_subjects(ask.caller, key, body), 201)


async def unlink(ask: Ask) -> Answer:
    """Record that two identifiers are not one person."""
    body, key = ask.read(LINKS)
    return answer_json(await ask.ledger.unlink_subjects(ask.caller, key, body), 201)


CALLS: Final = (
    Call(
        method="POST",
        path="/v1/subjects/links",
        name="linkSubjects",
        summary="Record that two identifiers are one person.",
        tag="processing",
        handle=link,
        scopes=scopes("processing:write"),
        creates=True,
        body=LinkBody,
        status=201,
        refuses=(409,),
    ),
    Call(
        method="POST",
        path="/v1/subjects/unlinks",
        name="unlinkSubjects",
        summary="Record that two identifiers are not one person.",
        tag="processing",
        handle=unlink,
        scopes=scopes("processing:write"),
        creates=True,
        body=LinkBody,
        status=201,
        refuses=(409,),
    ),
)
