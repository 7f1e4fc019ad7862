"""An act as it stands now: as its event has it, with what was said about it since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from services.law.act import Act, Confidentiality
from services.ledger.application.about import Original
from services.ledger.application.correction_checks import read_changes
from services.ledger.application.rebuild_act import rebuild_act
from services.ledger.contract import topics
from services.ledger.contract.events import Content, Envelope
from services.ledger.domain.fold_facts import UNDONE
from services.ledger.domain.versions import AS_CORRECTED

Said = Sequence[tuple[str, Envelope, Content | None]]
"""Topic, envelope and content of each event about another one, in order."""


def act_of(original: Original, said: Said) -> Act:
    """The act about its one subject, with corrections of single fields and the last confidentiality.

    ``original`` can be read; ``said``: what was said about it.
    """
    assert original.content is not None, "what cannot be read is not put together again"
    act = rebuild_act([(original.envelope, original.content)])
    for topic, envelope, content in said:
        if topic == topics.PROCESSING_CORRECTED and envelope.correction == AS_CORRECTED:
            act = msgspec.structs.replace(act, **read_changes((content and content.changes) or {}))
        if envelope.confidentiality is not None:
            act = msgspec.structs.replace(act, confidentiality=_stated(envelope, content))
    return act


def is_voided(original: Original) -> bool:
    """Whether a correction took it back, so that it counts no more."""
    return any(envelope.correction in UNDONE for _, envelope in original.later)


def _stated(envelope: Envelope, content: Content | None) -> Confidentiality:
    if content is not None and content.confidentiality is not None:
        return content.confidentiality
    level = cast("Any", envelope.confidentiality or "normal")
    return Confidentiality(level=level, review_on=envelope.confidential_until)
