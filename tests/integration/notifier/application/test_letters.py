"""Letters to persons: held while an exemption is open, sealed while they wait, gone when their time is over."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from services.ledger.contract import topics
from services.notifier.channels.letter import LetterChannel
from services.notifier.channels.mailboxes import Mailboxes
from services.notifier.domain.errors import LetterRejected
from services.notifier.domain.messages import Delivery
from services.notifier.storage.open_notifier import connect, hold_outbox, own_outbox
from services.runtime import limits
from services.runtime.errors import Unavailable
from tests.support.notifier import (
    CANARY_NAME,
    CANARY_STREET,
    CANARY_TEXT,
    PERSON,
    breach_facts,
    busy,
    erased_facts,
    notice_facts,
    person_letter,
)
from tests.support.notifier_world import TABLES, World

CANARIES = (CANARY_NAME, CANARY_STREET, CANARY_TEXT, "Kanariegeel")
POSTPONED = Delivery(outcome="postponed", reason="OSError")


def everything_kept(world: World) -> str:
    """All rows of all tables and all log lines, as text."""
    rows = [str(row) for table in TABLES for row in world.rows(table)]
    dumped = world.connection.execute("SELECT outbox::text FROM notifier.outbox").fetchall()
    return "\n".join([*rows, str(dumped), str(world.log.written), world.metrics.exposition()])


def test_a_letter_leaves_and_is_recorded_whole(world: World) -> None:
    """By the channel it was ordered for; the ledger gets address and text, under the key of the dossier."""
    written = world.write(person_letter(obligation="inform-1"))
    assert written.state == "waiting"
    world.settle()
    (sent,) = world.channels["letter"].sent
    assert (sent.id, sent.mailbox, sent.to_person) == (written.id, "college", True)
    assert sent.addresses == (CANARY_NAME, CANARY_STREET, "1234 AB Middelstad")
    (recorded,) = world.ledger.recorded
    assert (recorded.id, recorded.kind, recorded.addressed_to) == (written.id, "notice-to-person", "subject")
    assert recorded.address == "\n".join(sent.addresses)
    assert CANARY_TEXT in recorded.text
    assert (recorded.obligation, recorded.controller) == ("inform-1", "college")
    assert world.keys.all() == set()
    assert world.row(written.id)["sealed"] is None


def test_nothing_of_a_letter_stands_in_clear(world: World) -> None:
    """Not while it waits, not while it is postponed, not afterwards: no name, no street, no text."""
    world.channels["letter"].answers = [POSTPONED]
    world.write(person_letter())
    for seconds in (0, 60):
        kept = everything_kept(world)
        assert not any(canary in kept for canary in CANARIES)
        assert not any(canary.encode().hex() in kept for canary in CANARIES)
        world.settle(seconds=seconds)
    assert not any(canary in everything_kept(world) for canary in CANARIES)
    assert len(world.ledger.recorded) == 1


def test_an_old_dump_does_not_open_a_letter_that_has_left(world: World) -> None:
    """The key was a file beside the database; with its file the sealed text is lost, in every backup."""
    written = world.write(person_letter())
    sealed = world.row(written.id)["sealed"]
    assert sealed
    world.settle()
    world.connection.execute("UPDATE notifier.outbox SET sealed = %s, state = 'waiting', recorded_at = NULL", (sealed,))
    world.restart()
    world.settle()
    assert world.logged("message.failed")[0]["reason"] == "letter-key-gone"
    assert len(world.channels["letter"].sent) == 1
    assert world.row(written.id)["sealed"] is None


def test_the_same_order_is_the_same_letter(world: World) -> None:
    """Repeated before or after it left, it leaves once."""
    first = world.write(person_letter())
    assert world.write(person_letter()) == first
    world.settle()
    again = world.write(person_letter(salutation="anders"))
    assert (again.id, again.state) == (first.id, "sent")
    world.settle()
    assert len(world.channels["letter"].sent) == 1
    assert world.keys.all() == set()


def test_a_person_with_an_open_exemption_hears_nothing(world: World) -> None:
    """Nothing is kept of the order, and the log only counts it; when the exemption has ended it can be ordered anew."""
    world.ledger.silenced.add(PERSON)
    written = world.write(person_letter())
    world.settle(days=400)
    assert written.state == "held"
    assert world.sent == []
    assert world.rows("outbox") == []
    assert world.keys.all() == set()
    assert world.logged("messages.held") == [{"kind": "notice-to-person", "count": 1}]
    assert world.metrics.value("grootboek_messages_total", channel="letter", outcome="held") == 1
    world.ledger.silenced.clear()
    assert world.write(person_letter()).state == "waiting"
    world.settle()
    assert len(world.sent) == 1


@pytest.mark.parametrize("kind", ["notice-to-person", "notice-to-child", "breach-to-person", "erased-to-person"])
def test_an_exemption_that_opens_while_a_letter_waits_holds_it(world: World, kind: str) -> None:
    """Whatever the kind: it is asked again at the moment of leaving, and a held letter never leaves by itself."""
    facts = {"breach-to-person": breach_facts(), "erased-to-person": erased_facts()}.get(kind, notice_facts())
    world.channels["letter"].answers = [POSTPONED]
    written = world.write(person_letter(kind=kind, dutch=facts))
    world.settle()
    world.ledger.silenced.add(PERSON)
    world.settle(minutes=1)
    assert world.row(written.id)["state"] == "held"
    world.ledger.silenced.clear()
    world.settle(days=1)
    assert len(world.channels["letter"].sent) == 1
    assert world.recorded == []
    assert world.keys.all() == set()
    assert world.channels["letter"].forgotten == [written.id]
    assert world.row(written.id)["state"] == "held"


def test_a_letter_that_was_held_can_be_ordered_again_when_the_decision_has_ended(world: World) -> None:
    """Until then, and until nothing is left of the first, it stays held; then it leaves once, under the same id."""
    world.channels["letter"].answers = [POSTPONED]
    written = world.write(person_letter())
    world.settle()
    world.ledger.silenced.add(PERSON)
    world.clock.advance(minutes=1)
    world.steps._deliver.step(world.clock.now())
    world.ledger.silenced.clear()
    assert world.write(person_letter()).state == "held"
    world.settle()
    world.ledger.silenced.add(PERSON)
    assert world.write(person_letter()).state == "held"
    assert world.keys.all() == set()
    world.ledger.silenced.clear()
    assert world.write(person_letter()).state == "waiting"
    world.settle()
    assert world.row(written.id)["state"] == "sent"
    assert world.recorded == [("notice-to-person", "subject")]
    assert world.keys.all() == set()


def test_when_nobody_can_say_whether_a_person_may_be_told_the_letter_waits(world: World) -> None:
    """A fault for this person postpones it; a ledger that is away stops the piece. Neither sends it."""
    written = world.write(person_letter())
    world.ledger.failing = ValueError()
    world.settle()
    assert world.sent == []
    assert world.row(written.id)["reason"] == "ValueError"
    world.ledger.failing = busy()
    with pytest.raises(Unavailable):
        world.settle(minutes=1)
    world.ledger.failing = None
    world.settle(minutes=1)
    assert len(world.sent) == 1


def test_an_erasure_takes_a_letter_that_waits(world: World) -> None:
    """It is not sent, its key is destroyed, and nothing of it is left."""
    world.channels["letter"].answers = [POSTPONED]
    written = world.write(person_letter())
    world.settle()
    world.ledger.append(topics.ERASED, controller="college")
    world.settle(days=1)
    assert len(world.channels["letter"].sent) == 1
    assert world.row(written.id)["state"] == "forgotten"
    assert world.keys.all() == set()
    assert world.logged("letters.forgotten") == [{"count": 1}]
    assert world.write(person_letter()).state == "forgotten"


def test_an_erasure_takes_the_copy_in_the_folder(world: World, tmp_path: Path) -> None:
    """What was printed from lies there no longer than the dossier lives; other controllers' letters stay."""
    world.channels["letter"] = LetterChannel(Mailboxes(tmp_path / "boxes"))  # type: ignore[assignment]
    world.restart()
    world.write(person_letter())
    world.write(person_letter(controller="school"))
    world.write(person_letter(kind="erased-to-person", dutch=erased_facts()))
    world.settle()
    assert len(list((tmp_path / "boxes").rglob("*.pdf"))) == 3
    world.ledger.append(topics.ERASED, controller="college")
    world.settle()
    left = [path.parent.name for path in (tmp_path / "boxes").rglob("*.pdf")]
    # The letter that tells of the erasure is meant to be read after it.
    assert sorted(left) == ["college", "school"]
    world.ledger.append(topics.ERASED)
    world.settle()
    assert len(list((tmp_path / "boxes").rglob("*.pdf"))) == 1


def test_a_copy_in_the_folder_lies_there_for_a_month(world: World) -> None:
    """Then it is forgotten; what was sent stays known, so that it is not sent again."""
    written = world.write(person_letter())
    world.settle()
    world.settle(days=limits.LETTER_FILE_DAYS_MAX - 1)
    assert world.channels["letter"].forgotten == []
    world.settle(days=1)
    assert world.channels["letter"].forgotten == [written.id]
    assert world.row(written.id)["state"] == "sent"
    world.settle(days=1)
    assert world.channels["letter"].forgotten == [written.id]


def test_no_copy_outlives_the_record(world: World) -> None:
    """A letter about a record that ends earlier goes with it, on that midnight in Amsterdam, sent or not."""
    sent = world.write(person_letter(kept_until=date(2026, 5, 5)))
    world.settle()
    world.channels["smtp"].answers = [POSTPONED] * 9
    mail = person_letter(channel="smtp", address=("jan@x.example",), kept_until=date(2026, 5, 5))
    waits = world.write(mail)
    world.settle()
    world.settle(hours=36)
    assert world.channels["letter"].forgotten == []
    world.settle(hours=1)
    assert set(world.channels["letter"].forgotten) == {sent.id, waits.id}
    assert world.row(waits.id)["state"] == "forgotten"
    assert world.keys.all() == set()


def test_a_letter_that_fails_leaves_nothing(world: World) -> None:
    """After the last attempt the sealed text, its key and whatever a crash left in the folder are gone."""
    world.channels["letter"].answers = [Delivery(outcome="refused", reason="x")]
    written = world.write(person_letter())
    world.settle()
    world.settle()
    assert world.row(written.id)["state"] == "failed"
    assert world.row(written.id)["sealed"] is None
    assert world.keys.all() == set()
    assert world.channels["letter"].forgotten == [written.id]


def test_a_letter_that_failed_can_be_ordered_again(world: World) -> None:
    """Once nothing is left of the first it is sealed anew, under the same id; until then it stays failed."""
    world.channels["letter"].answers = [Delivery(outcome="refused", reason="x")]
    written = world.write(person_letter())
    world.steps._deliver.step(world.clock.now())
    assert world.write(person_letter()).state == "failed"
    world.settle()
    assert world.write(person_letter()) == written
    world.settle()
    assert world.row(written.id)["state"] == "sent"
    assert world.recorded == [("notice-to-person", "subject")]
    assert world.keys.all() == set()


def test_keys_are_no_orphans_while_somebody_writes(world: World) -> None:
    """Whoever looks for keys without a letter has the outbox for himself, or leaves it for the next start."""
    with connect(world.conninfo) as writer, connect(world.conninfo) as starter:
        hold_outbox(writer)
        hold_outbox(world.connection)
        assert not own_outbox(starter)
        writer.close()
        world.connection.execute("SELECT pg_advisory_unlock_all()")
        # The server lets go when it has noticed that the writer has gone.
        deadline = time.monotonic() + 30
        while not own_outbox(starter):
            assert time.monotonic() < deadline


def test_a_letter_never_goes_into_a_folder_of_texts_instead(world: World) -> None:
    """When its channel is missing it waits: what is meant for a person is not laid where parties look."""
    world.write(person_letter(channel="smtp", address=("jan@x.example",)))
    del world.channels["smtp"]
    world.restart()
    world.settle()
    assert world.channels["folder"].sent == []
    assert world.logged("message.postponed")[0]["reason"] == "channel-missing"


def test_a_key_without_a_letter_is_destroyed_at_the_start(world: World) -> None:
    """A crash between the key and the row leaves a key that opens nothing; the keys of letters that wait stay."""
    world.channels["letter"].answers = [POSTPONED]
    written = world.write(person_letter())
    world.keys.make(UUID(int=99))
    world.forget.drop_orphans()
    assert world.keys.all() == {written.id}


def test_an_order_that_cannot_be_sent_leaves_nothing(world: World) -> None:
    """It is rejected with all its faults, before anything is sealed or kept."""
    with pytest.raises(LetterRejected) as caught:
        world.write(person_letter(address=(), dutch=breach_facts()))
    assert {error.pointer for error in caught.value.errors} == {"/address", "/dutch"}
    assert world.rows("outbox") == []
    assert world.keys.all() == set()
