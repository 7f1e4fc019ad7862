"""What waits is sent at least once, recorded once, tried again in bad weather, and never lost in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ledger.contract import topics
from services.notifier.domain.messages import Delivery, Route
from services.runtime import limits
from services.runtime.errors import GrootboekError
from tests.support.notifier import NOW, duty_at, erase_at
from tests.support.notifier_world import World, world_over

POSTPONED = Delivery(outcome="postponed", reason="smtp-450")
HOOK = Route(channel="webhook", addresses=("https://p.example/",), secret="s" * 32)
MAIL = Route(channel="smtp", addresses=("a@p.example", "b@p.example", "c@p.example"))


@pytest.fixture
def hooked(database: str, tmp_path: Path) -> Iterator[World]:
    """A world in which the police has a webhook and owes an erasure."""
    with world_over(database, tmp_path, {"politie": (HOOK,)}) as world:
        owe(world)
        yield world


@pytest.fixture
def mailed(database: str, tmp_path: Path) -> Iterator[World]:
    """A world in which the police has three mail addresses and owes an erasure."""
    with world_over(database, tmp_path, {"politie": (MAIL,)}) as world:
        owe(world)
        yield world


def owe(world: World) -> None:
    """Let the police owe an erasure."""
    world.ledger.owe(erase_at())
    world.ledger.append(duties=["erase:politie"])


def test_a_postponed_message_is_tried_again_ever_more_rarely(hooked: World) -> None:
    """After a minute, two, four; with the same id each time, and with words in the log that name nobody."""
    hook = hooked.channels["webhook"]
    hook.answers = [POSTPONED] * 3
    for waited in (0, 60, 120, 240):
        hooked.settle(seconds=max(0, waited - 1))
        tried = len(hook.sent)
        hooked.settle(seconds=1 if waited else 0)
        assert len(hook.sent) == tried + (1 if waited else 0)
    assert len({message.id for message in hook.sent}) == 1
    assert hooked.recorded == [("erase-owed", "politie")]
    assert [fields["retry_seconds"] for fields in hooked.logged("message.postponed")] == [60, 120, 240]
    assert hooked.logged("message.delivered")[0]["attempt"] == 4
    counted = hooked.metrics.value("grootboek_messages_total", channel="webhook", outcome="postponed")
    assert counted == 3


@pytest.mark.parametrize("is_gone", [False, True])
def test_what_is_overtaken_while_it_waits_is_not_said(hooked: World, *, is_gone: bool) -> None:
    """The police answered, or the record ended, before its demand could be delivered: it hears nothing any more."""
    hooked.channels["webhook"].answers = [POSTPONED]
    hooked.settle()
    hooked.ledger.duties.clear()
    if not is_gone:
        hooked.ledger.owe(erase_at(state="confirmed"))
    hooked.ledger.append(topics.OBLIGATION_ANSWERED)
    hooked.settle(minutes=1)
    assert len(hooked.channels["webhook"].sent) == 1
    assert [row["state"] for row in hooked.rows("outbox")] == ["overtaken"]
    assert hooked.recorded == []


def test_after_many_attempts_a_message_dies_loudly(hooked: World) -> None:
    """It stays in the outbox as failed, with its reason, and is not tried any more."""
    hooked.channels["webhook"].answers = [POSTPONED] * 99
    hooked.settle()
    for _ in range(60):
        hooked.settle(hours=6)
    assert len(hooked.channels["webhook"].sent) >= limits.MESSAGE_ATTEMPTS_MAX
    first = hooked.channels["webhook"].sent[0].id
    assert [each for each in hooked.logged("message.failed") if each["message_id"] == str(first)] == [
        {
            "message_id": str(first),
            "kind": "erase-owed",
            "channel": "webhook",
            "attempt": limits.MESSAGE_ATTEMPTS_MAX,
            "reason": "smtp-450",
        }
    ]
    assert (hooked.row(first)["state"], hooked.row(first)["reason"]) == ("failed", "smtp-450")
    assert [message.id for message in hooked.channels["webhook"].sent].count(first) == limits.MESSAGE_ATTEMPTS_MAX


def test_a_refusal_for_good_is_not_tried_again(hooked: World) -> None:
    """It fails at once and loudly; the ledger does not say that it was sent."""
    hooked.channels["webhook"].answers = [Delivery(outcome="refused", reason="http-404")]
    hooked.settle()
    hooked.settle(days=1)
    assert len(hooked.channels["webhook"].sent) == 1
    assert hooked.logged("message.failed")[0]["reason"] == "http-404"
    assert hooked.recorded == []


def test_a_channel_that_breaks_stops_nobody(hooked: World) -> None:
    """An error that nobody thought of counts as bad weather; its words stay out of the log."""
    hooked.channels["webhook"].answers = [ValueError("a name in an error")]
    hooked.ledger.owe(erase_at(), erase_at(obligation="erase-2", party="school"))
    hooked.settle()
    assert hooked.recorded == [("erase-owed", "school")]
    assert hooked.logged("message.postponed")[0]["reason"] == "ValueError"
    hooked.settle(minutes=1)
    assert hooked.recorded == [("erase-owed", "school"), ("erase-owed", "politie")]


def test_only_addresses_that_are_not_settled_are_tried_again(mailed: World) -> None:
    """One has it, one was refused for good, one is greylisted: only the last one gets a second attempt."""
    mail = mailed.channels["smtp"]
    mail.answers = [
        Delivery(outcome="postponed", reason="smtp-450", accepted=MAIL.addresses[:1], refused=MAIL.addresses[1:2])
    ]
    mailed.settle()
    assert mailed.logged("message.addresses-refused") == [
        {"message_id": str(mail.sent[0].id), "kind": "erase-owed", "channel": "smtp", "count": 1}
    ]
    assert "p.example" not in str(mailed.rows("outbox"))
    mailed.settle(minutes=1)
    assert [message.addresses for message in mail.sent] == [MAIL.addresses, MAIL.addresses[2:]]
    assert mailed.recorded == [("erase-owed", "politie")]


def test_a_message_that_reached_somebody_has_been_sent(mailed: World) -> None:
    """When the last address is refused in the end, the message still counts as delivered to the first."""
    mailed.channels["smtp"].answers = [
        Delivery(outcome="postponed", reason="smtp-450", accepted=MAIL.addresses[:2]),
        Delivery(outcome="refused", reason="smtp-550", refused=MAIL.addresses[2:]),
    ]
    mailed.settle()
    mailed.settle(minutes=1)
    assert mailed.recorded == [("erase-owed", "politie")]
    assert mailed.logged("message.failed") == []


def test_a_route_that_wants_no_more_gets_no_more(hooked: World) -> None:
    """410 stops the route, loudly; this message and later ones lie in the folder of the party instead."""
    hooked.channels["webhook"].answers = [Delivery(outcome="stopped", reason="http-410")]
    hooked.settle()
    assert len(hooked.channels["webhook"].sent) == 1
    assert hooked.logged("route.stopped")[0]["reason"] == "http-410"
    assert [message.kind for message in hooked.channels["folder"].sent] == ["erase-owed"]
    hooked.settle(days=14)
    assert [message.kind for message in hooked.channels["folder"].sent] == ["erase-owed", "erase-reminder"]
    assert [message.channel for message in hooked.ledger.recorded] == ["folder", "folder"]


def test_a_stopped_route_is_tried_again_after_a_start(hooked: World) -> None:
    """Whoever repaired it need not tell us."""
    hooked.channels["webhook"].answers = [Delivery(outcome="stopped", reason="http-410")]
    hooked.settle()
    hooked.restart()
    hooked.settle(days=14)
    assert [message.kind for message in hooked.channels["webhook"].sent] == ["erase-owed", "erase-reminder"]


def test_a_route_that_left_the_settings_leads_to_the_folder(hooked: World) -> None:
    """A message that waited for it is not lost; and one that was sent by it is still recorded."""
    hooked.channels["webhook"].answers = [POSTPONED]
    hooked.settle()
    hooked.routes = {}
    hooked.restart()
    hooked.settle(minutes=1)
    assert [message.kind for message in hooked.channels["folder"].sent] == ["erase-owed"]
    assert hooked.recorded == [("erase-owed", "politie")]


def test_a_channel_that_left_the_settings_leads_to_the_folder(hooked: World) -> None:
    """The route stands, but nothing serves it any more."""
    hooked.channels["webhook"].answers = [POSTPONED]
    hooked.settle()
    del hooked.channels["webhook"]
    hooked.restart()
    hooked.settle(minutes=1)
    assert hooked.recorded == [("erase-owed", "politie")]


def test_what_was_sent_is_recorded_even_when_its_route_is_gone(hooked: World) -> None:
    """Between sending and recording the settings changed: the text is what counts."""
    hooked.ledger.failing_streams = {}
    hooked.ledger.record_message = refuse_once(hooked.ledger.record_message)  # type: ignore[method-assign]
    hooked.settle()
    assert hooked.logged("message.unrecorded")[0]["error"] == "ValueError"
    hooked.routes = {}
    hooked.restart()
    hooked.settle(minutes=2)
    assert [(message.channel, message.address) for message in hooked.ledger.recorded] == [("webhook", "")]
    assert len(hooked.sent) == 1


def refuse_once(record: Callable[..., None]) -> Callable[..., None]:
    """Let a command fail the first time."""
    left = [ValueError("not now")]

    def first_refuse(*given: Any) -> None:
        if left:
            raise left.pop()
        record(*given)

    return first_refuse


def test_a_ledger_that_cannot_record_gets_the_message_later(world: World) -> None:
    """The message is not sent again for that."""
    world.ledger.owe(erase_at())
    world.ledger.append(duties=["erase:politie"])
    record = world.ledger.record_message
    world.ledger.record_message = always(GrootboekError())  # type: ignore[method-assign]
    world.settle()
    world.settle(minutes=5)
    assert world.recorded == []
    assert {fields["code"] for fields in world.logged("message.unrecorded")} == {"internal_error"}
    world.ledger.record_message = record  # type: ignore[method-assign]
    world.settle(hours=1)
    assert world.recorded == [("erase-owed", "politie")]
    assert len(world.sent) == 1


def always(error: Exception) -> Callable[..., None]:
    """A command that fails."""

    def fail(*_: Any) -> None:
        raise error

    return fail


WRITES = {"apply", "save_person", "mark_sent", "mark_recorded"}


class Crash(BaseException):
    """The process ends here."""


class CrashingStore:
    """A store that ends the process before or after its n-th write; a crash at a read is one before the next write."""

    def __init__(self, store: Any, number: int, *, after: bool) -> None:
        self._store, self._left, self._after = store, number, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if name not in WRITES:
            return real

        def call(*given: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Crash
            answer = real(*given)
            if self._left == 0:
                raise Crash
            return answer

        return call


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    databases: Callable[..., str], tmp_path: Path, *, after: bool
) -> None:
    """Wherever the process ends, afterwards every message was sent with its one id and recorded exactly once."""
    number, crashed, repeated = 0, True, 0
    with world_over(databases(), tmp_path) as world:
        while crashed:
            number += 1
            world.lose_working_state()
            world.ledger.events.clear()
            world.ledger.recorded.clear()
            world.channels["folder"].sent.clear()
            world.clock.set(NOW)
            crashed = crash_at(world, number, after=after)
            assert sorted(world.recorded) == [
                ("erase-owed", "politie"),
                ("erase-reminder", "politie"),
                ("inform-due", "college"),
            ]
            assert {message.id for message in world.sent} == {message.id for message in world.ledger.recorded}
            repeated += len(world.sent) - len(world.recorded)
    assert number > 10
    # Only what had been sent and was not yet written down: of the two that leave together both, or the second.
    assert repeated == (1 if after else 4)


def crash_at(world: World, number: int, *, after: bool) -> bool:
    """Live through three weeks with a crash at the given call; whether it came to that."""
    world.ledger.owe(erase_at(), duty_at(due=NOW + timedelta(days=20)))
    world.ledger.append(duties=["erase:politie", "inform:college"])
    whole = world.store
    world.store = CrashingStore(whole, number, after=after)
    crashed = False
    try:
        world.restart()
        world.settle()
        world.settle(days=20)
    except Crash:
        crashed = True
    world.store = whole
    world.restart()
    world.settle()
    world.clock.set(NOW + timedelta(days=20))
    world.settle()
    return crashed


def test_old_messages_are_dropped_when_their_duty_is_gone(world: World) -> None:
    """What is needed to say nothing twice is kept as long as the duty is there, and no longer than two years after."""
    world.ledger.owe(erase_at())
    world.ledger.append(duties=["erase:politie"])
    world.settle()
    world.settle(days=limits.MESSAGES_KEPT_DAYS + 20)
    assert len(world.rows("outbox")) >= 1
    world.ledger.duties.clear()
    world.ledger.append(duties=["erase:politie"])
    world.settle()
    assert "erase-owed" not in {row["kind"] for row in world.rows("outbox")}
