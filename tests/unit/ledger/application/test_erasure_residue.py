"""What recipients owe of what is erased: all that came from it, directly or onward, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from services.law.act import Subject
from services.law.local_time import end_of_day
from services.ledger.application.erasure_choice import Choice, count_destroyed, dossier_of, events_under
from services.ledger.application.erasure_residue import find_residue, residue_obligations
from services.ledger.application.obligation_ids import ObligationIds
from services.ledger.contract import topics
from services.ledger.contract.events import Content, DestroyedRecords, Envelope, Residue
from services.ledger.domain.stored import StoredEvent
from services.ledger.storage.vault_memory import MemoryVault

AT = datetime(2026, 9, 10, 12, tzinfo=UTC)
PERSON = UUID(int=4 << 76 | 1)
ALICE = Subject(id_type="BSN", id="999990019")
V_NUMBER = Subject(id_type="V", id="12345")
CASE, PLAIN = b"case", b"plain"


def event(position: int, *, scope: bytes | None = PLAIN, topic: str = topics.PROCESSING_RECORDED, **fields: Any) -> Any:
    """A stored event of the college on PERSON with its envelope."""
    usual: dict[str, Any] = {
        "operation_id": UUID(int=position),
        "key": f"k{position}",
        "author": "college",
        "recorded_at": AT + timedelta(minutes=position),
        "occurred_at": AT + timedelta(minutes=position),
        "controller": "college",
        "operation_class": "share",
        "data_categories": ("name",),
        "scope": None if scope is None else scope.hex(),
        "generation": None if scope is None else 1,
    }
    envelope = Envelope(**(usual | fields))
    stored = StoredEvent(
        lane=0,
        position=position,
        stream_id=PERSON,
        version=position,
        topic=topic,
        operation_id=envelope.operation_id,
        envelope=b"{}",
        state=b"sealed",
        leaf_hash=bytes(32),
    )
    return stored, envelope


def choose(seen: Iterable[Any], *scopes: bytes) -> Choice:
    """What is chosen of PERSON: these dossiers."""
    dossiers = tuple((0, PERSON, scope, 1) for scope in scopes)
    return Choice((0, PERSON), dossiers, events_under(seen, dossiers))


def residue(seen: list[Any], *scopes: bytes, contents: dict[Any, Content | None] | None = None) -> list[Residue]:
    """What recipients owe when these dossiers are erased."""
    now = AT + timedelta(days=1)
    return list(find_residue((choose(seen, *scopes),), seen, "college", ALICE, contents or {}, now))


def owed(party: str, *categories: str, subject: Subject = ALICE) -> Residue:
    """One part of a residue."""
    return Residue(party=party, subject=subject, data_categories=categories)


def test_every_recipient_owes_what_it_got() -> None:
    """Directly and onward, the categories that came along."""
    seen = [
        event(1, recipients=("politie", "school"), data_categories=("contact", "name")),
        event(2, controller="politie", recipients=("om",), scope=b"theirs"),
    ]
    assert residue(seen, PLAIN) == [
        owed("om", "name"),
        owed("politie", "contact", "name"),
        owed("school", "contact", "name"),
    ]


def test_what_was_shared_from_another_dossier_stays() -> None:
    """Only the erased dossiers count: the controller's other shares, and those of others, are not erased."""
    seen = [
        event(1, recipients=("politie",), scope=CASE),
        event(2, recipients=("school",)),
        event(3, controller="burgemeester", recipients=("om",), scope=b"theirs"),
    ]
    assert residue(seen, CASE) == [owed("politie", "name")]
    assert residue(seen, CASE, PLAIN) == [owed("politie", "name"), owed("school", "name")]


def test_a_share_a_little_ahead_of_the_clock_is_erased_too() -> None:
    """Its recipient owes as any other, though by our clock nothing has been shared yet."""
    ahead = AT + timedelta(days=1, minutes=4)
    seen = [event(1, recipients=("politie",)), event(2, recipients=("school",), occurred_at=ahead)]
    assert residue(seen, PLAIN) == [owed("politie", "name"), owed("school", "name")]


def test_who_erased_already_owes_nothing() -> None:
    """A recipient's own delete settles it; what it got after that it owes."""
    gone = [
        event(1, recipients=("politie", "school")),
        event(2, controller="politie", operation_class="delete", scope=b"theirs"),
    ]
    assert residue(gone, PLAIN) == [owed("school", "name")]
    again = [*gone, event(3, recipients=("politie",))]
    assert residue(again, PLAIN) == [owed("politie", "name"), owed("school", "name")]


def test_a_recipient_is_told_of_the_person_as_it_knows_him() -> None:
    """The identifier is that of the last share that still opens, else that of the request."""
    seen = [event(1, recipients=("politie",)), event(2, recipients=("politie", "school"))]
    contents = {(0, 1): Content(subject=V_NUMBER), (0, 2): None}
    assert residue(seen, PLAIN, contents=contents) == [
        owed("politie", "name", subject=V_NUMBER),
        owed("school", "name"),
    ]


def test_without_recipients_nobody_owes() -> None:
    """A dossier that was never shared leaves no residue; the controller owes itself nothing."""
    assert residue([event(1, operation_class="collect", recipients=())], PLAIN) == []


def test_only_what_is_sealed_under_a_dossier_is_in_it() -> None:
    """Skeletons stand in none, and another generation is another dossier."""
    seen = [event(1, scope=None), event(2), event(3, generation=2), event(4, scope=CASE)]
    assert [e.position for e, _ in events_under(seen, [(0, PERSON, PLAIN, 1)])] == [2]
    assert dossier_of(*seen[0]) is None
    assert dossier_of(*seen[2]) == (0, PERSON, PLAIN, 2)


def test_destroyed_records_are_counted_by_what_they_are() -> None:
    """Per covenant annex and activity, in order."""
    seen = [event(1), event(2, covenant="huis", annex="groep"), event(3, activity="a-1"), event(4)]
    assert count_destroyed(seen, "college") == (
        DestroyedRecords(controller="college", count=2),
        DestroyedRecords(controller="college", count=1, activity="a-1"),
        DestroyedRecords(controller="college", count=1, covenant="huis", annex="groep"),
    )


def test_the_last_answer_of_each_recipient_counts() -> None:
    """Owed until it answers; then as it answered last; nothing once the seal is gone."""
    ids = ObligationIds(MemoryVault())
    request, envelope = event(9, topic=topics.ERASURE_REQUESTED)
    content = Content(residue=(owed("politie", "name"), owed("school", "name")))
    named = ids.of_erasing(0, PERSON, 9, "politie")
    request = msgspec.structs.replace(request, envelope=msgspec.json.encode(envelope))
    answers = [
        Envelope(
            operation_id=UUID(int=20 + number),
            key="a",
            author="politie",
            recorded_at=AT,
            occurred_at=AT,
            obligation=named,
            answer=answer,
        )
        for number, answer in enumerate(("kept", "erased"))
    ]
    first, second = residue_obligations(request, content, answers, ids)
    assert (first.id, first.party, first.state, second.state) == (named, "politie", "confirmed", "owed")
    assert (first.controller, first.since) == ("college", envelope.recorded_at)
    assert first.due == end_of_day(date(2026, 9, 24))
    assert residue_obligations(request, content, answers[:1], ids)[0].state == "kept"
    assert residue_obligations(request, None, answers, ids) == []
