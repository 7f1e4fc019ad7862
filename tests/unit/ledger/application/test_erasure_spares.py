"""What the acts that stay lean on in a dossier that is erased, line by line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.ledger.application.erasure_choice import Choice, Seen
from services.ledger.application.erasure_spares import holds_exemption, spare
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import (
    EXEMPTION_ENDED,
    EXEMPTION_RECORDED,
    NOTICE_RECORDED,
    OBLIGATION_ANSWERED,
    PROCESSING_CORRECTED,
    PROCESSING_INTENDED,
    PROCESSING_RECORDED,
)
from services.ledger.domain.stored import StoredEvent

AT = datetime(2026, 9, 10, 12, tzinfo=UTC)
PERSON = UUID(int=4 << 76 | 1)
ANNEX = {"covenant": "huis", "annex": "a"}


def seen(position: int, topic: str = PROCESSING_RECORDED, **fields: Any) -> Seen:
    """An event of the college on the person's stream."""
    usual: dict[str, Any] = {"author": "college", "controller": "college", "recorded_at": AT, "occurred_at": AT}
    usual |= {"operation_id": UUID(int=position), "key": f"k{position}"}
    envelope = Envelope(**(usual | fields))
    event = StoredEvent(
        lane=0,
        position=position,
        stream_id=PERSON,
        version=position,
        topic=topic,
        operation_id=envelope.operation_id,
        envelope=msgspec.json.encode(envelope),
        state=b"sealed",
        leaf_hash=bytes(32),
    )
    return event, envelope


def spared(events: list[Seen], *stay: Seen) -> tuple[int, ...]:
    """What is spared when these events of the college are erased and the others stay."""
    choice = Choice((0, PERSON), (), tuple(events))
    (found,) = spare((choice,), [*events, *stay])
    assert {event.position for event, _ in found.records} == {event.position for event, _ in events} - {*found.spared}
    return found.spared


DELETE = seen(1, operation_class="delete")
NOTICE = seen(1, NOTICE_RECORDED, **ANNEX)
EXEMPTION = seen(1, EXEMPTION_RECORDED, norm="UAVG 41(1)(d)", review_on=date(2026, 9, 30), **ANNEX)


@pytest.mark.parametrize(
    ("decision", "act", "stands"),
    [
        (DELETE, {"controller": "politie", "recipients": ("college",)}, True),
        (DELETE, {"operation_class": "share", "recipients": ("politie",)}, True),
        (DELETE, {"controller": "politie", "recipients": ("school",)}, False),
        (DELETE, {"operation_class": "delete"}, False),
        (seen(1, PROCESSING_INTENDED, operation_class="delete"), {"recipients": ("politie",)}, False),
        (seen(1, operation_class="collect"), {"recipients": ("politie",)}, False),
        (seen(1, OBLIGATION_ANSWERED, answer="erased"), {"controller": "politie", "recipients": ("college",)}, True),
        (NOTICE, {"controller": "politie", **ANNEX}, True),
        (NOTICE, {"controller": "politie", "covenant": "huis", "annex": "b"}, False),
        (NOTICE, {"recipients": ("politie",)}, False),
        (seen(1, NOTICE_RECORDED, covenant="huis"), {"controller": "politie", **ANNEX}, True),
        (seen(1, NOTICE_RECORDED), {"controller": "politie", "recipients": ("college",)}, True),
        (seen(1, NOTICE_RECORDED), {"controller": "politie", **ANNEX}, False),
        (seen(1, EXEMPTION_RECORDED), {"controller": "politie", **ANNEX}, True),
        (EXEMPTION, {"controller": "politie", "covenant": "wijk"}, False),
    ],
)
def test_what_an_act_that_stays_leans_on(decision: Seen, act: dict[str, Any], *, stands: bool) -> None:
    """Deletes and answers of a party it names, and what was told, or was not to be, about its annex or its parties."""
    stays = seen(9, **({"operation_class": "collect"} | act))
    assert spared([decision], stays) == ((1,) if stands else ())


def test_what_was_taken_back_is_leaned_on_by_nobody() -> None:
    """An annulled delete goes with what annulled it, an annulled act keeps nothing; a corrected delete stays so."""
    share = seen(9, operation_class="share", recipients=("politie",))
    about: dict[str, Any] = {"about_operation": UUID(int=1)}
    assert spared([DELETE, seen(2, PROCESSING_CORRECTED, correction="annulled", **about)], share) == ()
    assert spared([DELETE, seen(2, PROCESSING_CORRECTED, correction="correction", **about)], share) == (1, 2)
    gone = seen(10, PROCESSING_CORRECTED, correction="annulled", about_operation=UUID(int=9))
    assert spared([DELETE], share, gone) == ()


def test_an_exemption_is_in_force_until_its_day_or_its_end() -> None:
    """Through its review date, unless its reason has gone or it was annulled."""

    def holds(day: int, *more: Seen) -> bool:
        return holds_exemption([Choice((0, PERSON), (), (EXEMPTION, *more))], date(2026, 9, day))

    about: dict[str, Any] = {"about_operation": UUID(int=1)}
    assert holds(30)
    assert not holds_exemption([Choice((0, PERSON), (), (EXEMPTION,))], date(2026, 10, 1))
    assert not holds(30, seen(2, EXEMPTION_ENDED, **about))
    assert not holds(30, seen(2, PROCESSING_CORRECTED, correction="annulled", **about))
