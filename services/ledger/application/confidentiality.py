"""Sets or lifts the confidentiality of an operation's events, as later events: nothing is changed."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial

import msgspec

from services.law.act import Confidentiality
from services.ledger.application.about import AboutEvents, answer_items, draft_about
from services.ledger.application.operation_writer import Draft, OperationWriter
from services.ledger.application.repeated import repeat
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
        known = await self._writer.find(party=caller.party, key=key)
        drafting = repeat(known) if known else partial(self._draft, caller, operation_key, body)
        tree = msgspec.to_builtins(msgspec.structs.replace(body, id=None))
        canonical = msgspec.json.encode({"confidentiality": operation_key, "body": tree}, order="sorted")
        written = await self._writer.write(party=caller.party, key=key, canonical=canonical, draft=drafting)
        originals = await asyncio.to_thread(self._about.select, caller, operation_key, body.subjects)
        return answer_items(written.events, originals)

    def _draft(self, caller: Caller, operation_key: str, body: ConfidentialityBody, _: datetime) -> list[Draft]:
        """What stands when it is drafted; drafted anew when something comes between."""
        stated = Confidentiality(level=body.level, ground=body.ground, review_on=body.review_on)
        fields = {"confidentiality": body.level, "confidential_until": body.review_on}
        content = Content(confidentiality=stated)
        originals = self._about.select(caller, operation_key, body.subjects)
        return [draft_about(original, topics.CONFIDENTIALITY_SET, fields, content) for original in originals]
