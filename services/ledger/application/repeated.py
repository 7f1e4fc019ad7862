"""A call that was answered before: nothing is decided anew, so that what has changed since cannot change the answer."""

from __future__ import annotations

from services.ledger.application.operation_writer import Draft, Drafting, Written


def repeat(known: Written) -> Drafting:
    """A drafting that claims the operation once more and is told what stands there, or that the body differs."""
    first = known.events[0]
    draft = Draft(lane=first.lane, stream_id=first.stream_id, topic=first.topic, scope=b"", fields={})
    return lambda _: (draft,)
