"""The versions of an act: what came in its place, and what that came in the place of."""

from __future__ import annotations

from uuid import UUID

from services.ledger.contract import topics
from services.ledger.domain.stored import StoredEvent
from services.ledger.domain.versions import AS_CORRECTED, REPLACED, Seen, corrects, versions_of
from tests.support.envelopes import make_envelope

STREAM = UUID(int=1)


def seen(position: int, topic: str, operation: int, about: int | None = None, says: str | None = None) -> Seen:
    """An event of an operation, about another one."""
    envelope = make_envelope(
        operation_id=UUID(int=operation), about_operation=None if about is None else UUID(int=about), correction=says
    )
    event = StoredEvent(
        lane=0,
        position=position,
        stream_id=STREAM,
        version=position,
        topic=topic,
        operation_id=envelope.operation_id,
        envelope=b"{}",
        state=b"",
        leaf_hash=b"",
    )
    return event, envelope


ACT = seen(1, topics.PROCESSING_RECORDED, 10)
OTHER = seen(2, topics.PROCESSING_RECORDED, 11)
NOTE = seen(3, topics.PROCESSING_CORRECTED, 12, 10, AS_CORRECTED)
FIRST = seen(4, topics.PROCESSING_CORRECTED, 13, 10, REPLACED)
CORRECTED = seen(5, topics.PROCESSING_RECORDED, 13, 10, AS_CORRECTED)
SECOND = seen(6, topics.PROCESSING_CORRECTED, 14, 13, REPLACED)
AGAIN = seen(7, topics.PROCESSING_RECORDED, 14, 10, AS_CORRECTED)
STREAM_EVENTS = [ACT, OTHER, NOTE, FIRST, CORRECTED, SECOND, AGAIN]


def test_every_version_leads_to_all_of_them() -> None:
    """From whichever one is asked, in order of correction; another act has only itself."""
    for version in (ACT, CORRECTED, AGAIN):
        assert versions_of(version, STREAM_EVENTS) == [ACT, CORRECTED, AGAIN]
    assert versions_of(OTHER, STREAM_EVENTS) == [OTHER]


def test_what_is_gone_is_left_out() -> None:
    """Where the first version, or a correction, is no longer there, the versions begin or end beside it."""
    assert versions_of(CORRECTED, STREAM_EVENTS[4:]) == [CORRECTED, AGAIN]
    assert versions_of(ACT, [ACT, CORRECTED]) == [ACT]
    assert versions_of(CORRECTED, [ACT, CORRECTED]) == [CORRECTED]
    assert versions_of(ACT, [ACT, FIRST]) == [ACT]


def test_only_an_act_in_the_place_of_another_corrects_it() -> None:
    """A correction is no act, and the right person's act stands on another stream in the place of none."""
    assert corrects(CORRECTED[0].topic, CORRECTED[1]) == UUID(int=10)
    assert corrects(NOTE[0].topic, NOTE[1]) is None
    given = seen(8, topics.PROCESSING_RECORDED, 15, 10)
    assert corrects(given[0].topic, given[1]) is None
