"""Sets or lifts the confidentiality of an operation's events, as later events: nothing is changed."""

from __future__ import annotations

import asyncio

import msgspec

from services.law.act import Confidentiality
from services.ledger.application.about import AboutEvents, answer_items, draft_about
from services.ledger.application.operation_writer import OperationWriter
from services.ledger.contract import topics
from services.ledger.contract.events import Content
from services.ledger.contract.messages import Caller, ConfidentialityBody, JsonObject


class ConfidentialitySetter:
    """The verb ``set_confidentiality``."""

    def __init__(self, *, about: AboutEvents, writer: OperationWriter) -> None:
        """Find the events with ``about``; write through ``writer``."""
        self._about = about
        self._writer = writer

    async def set_confidentiality(
        self, caller: Caller, operation_key: str, key: str, body: ConfidentialityBody
    ) -> JsonObject:
        """One event per subject, or per subject named; ``{"items": [...]}``."""
        originals = await asyncio.to_thread(self._about.select, caller, operation_key, body.subjects)
        stated = Confidentiality(level=body.level, ground=body.ground, review_on=body.review_on)
        fields = {"confidentiality": body.level, "confidential_until": body.review_on}
        content = Content(confidentiality=stated)
        drafts = [draft_about(o, topics.CONFIDENTIALITY_SET, fields, content) for o in originals]
        tree = msgspec.to_builtins(msgspec.structs.replace(body, id=None))
        canonical = msgspec.json.encode({"confidentiality": operation_key, "body": tree}, order="sorted")
        written = await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=lambda _: drafts)
        return answer_items(written.events, originals)
