"""From an event of the ledger to what is said about it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.ledger.contract import topics
from services.notifier.domain.messages import Route
from services.runtime import limits
from services.runtime.errors import GrootboekError, Unavailable
from tests.support.notifier import NOW, PERSON, busy, duty_at, erase_at
from tests.support.notifier_world import World, world_over

OTHER = UUID(int=8, version=4)


def test_an_act_leads_to_a_reminder_before_its_date(world: World) -> None:
    """The duty is remembered at once and announced three days before; the ledger has the message."""
    world.ledger.owe(duty_at())
    world.ledger.append(duties=["inform:college"])
    world.settle()
    assert world.sent == []
    (row,) = world.rows("duty")
    assert (row["obligation"], row["party"], row["state"]) == ("inform-1", "college", "open")
    assert row["next_at"] == NOW + timedelta(days=27)
    world.settle(days=27)
    assert world.recorded == [("inform-due", "college")]
    (recorded,) = world.ledger.recorded
    assert (recorded.lane, recorded.stream_id, recorded.obligation) == (0, PERSON, "inform-1")
    assert recorded.title in recorded.text
    assert recorded.template == "inform-due@1"
    world.settle(days=4)
    assert world.recorded == [("inform-due", "college"), ("inform-overdue", "college")]
    world.settle(days=400)
    assert len(world.recorded) == 2


def test_who_told_in_time_hears_nothing(world: World) -> None:
    """Before anything is said the ledger is asked how the duty stands now, also when no event told of a change."""
    world.ledger.owe(duty_at())
    world.ledger.append(duties=["inform:college"])
    world.settle()
    world.ledger.owe(duty_at(state="done"))
    world.settle(days=27)
    assert world.sent == []
    assert world.rows("duty")[0]["state"] == "done"


def test_a_notice_changes_the_row_at_once(world: World) -> None:
    """The event of a notice makes the person looked at again."""
    world.ledger.owe(duty_at())
    world.ledger.append(duties=["inform:college"])
    world.settle()
    world.ledger.owe(duty_at(state="done"))
    world.ledger.append(topics.NOTICE_RECORDED)
    world.settle()
    assert world.rows("duty")[0]["next_at"] is None


def test_the_review_date_of_an_exemption_revives_the_duty(world: World) -> None:
    """After the day the ledger says the duty is open again, and the party hears it once."""
    world.ledger.owe(duty_at(state="exempt", exempt_until=date(2026, 5, 10)))
    world.ledger.append(topics.EXEMPTION_RECORDED)
    world.settle(days=6)
    world.ledger.owe(duty_at())
    assert world.sent == []
    world.settle(days=1)
    world.settle(hours=1)
    assert world.recorded == [("inform-revived", "college")]


def test_the_end_of_an_exemption_on_report_revives_it_too(world: World) -> None:
    """A later decision that ends the exemption before its date has the same effect, and a second time again."""
    for _ in range(2):
        world.ledger.owe(duty_at(state="exempt"))
        world.ledger.append(topics.EXEMPTION_RECORDED)
        world.settle(hours=1)
        world.ledger.owe(duty_at())
        world.ledger.append(topics.EXEMPTION_RECORDED)
        world.settle(hours=1)
    assert world.recorded == [("inform-revived", "college")] * 2


def test_a_delete_is_told_to_every_holder_until_he_answers(world: World) -> None:
    """At once, again after two weeks, and after four weeks to the controller that demands it."""
    world.ledger.owe(erase_at(), erase_at(obligation="erase-2", party="school"))
    world.ledger.append(duties=["erase:politie", "erase:school"])
    world.settle()
    assert sorted(world.recorded) == [("erase-owed", "politie"), ("erase-owed", "school")]
    world.ledger.owe(erase_at(), erase_at(obligation="erase-2", party="school", state="confirmed"))
    world.ledger.append(topics.OBLIGATION_ANSWERED)
    world.settle(days=14)
    assert world.recorded[2:] == [("erase-reminder", "politie")]
    world.settle(days=14)
    assert world.recorded[3:] == [("erase-escalation", "burgemeester")]
    assert "politie" in world.ledger.recorded[-1].text
    world.settle(days=400)
    assert len(world.recorded) == 4


def test_what_was_kept_until_a_day_is_asked_for_again(world: World) -> None:
    """After the last day of the norm the holder hears that he owes it, and is reminded as the first time."""
    world.ledger.owe(erase_at())
    world.ledger.append(duties=["erase:politie"])
    world.settle()
    world.ledger.owe(erase_at(state="kept"))
    world.ledger.append(topics.OBLIGATION_ANSWERED, answerUntil="2026-06-01")
    world.settle(days=28)
    assert world.recorded == [("erase-owed", "politie")]
    world.ledger.owe(erase_at())
    world.settle(days=1)
    assert world.recorded == [("erase-owed", "politie")] * 2
    world.settle(days=14)
    assert world.recorded[2:] == [("erase-reminder", "politie")]


def test_the_end_of_a_term_is_looked_at_though_nothing_happens(world: World) -> None:
    """At the end of the holding others may owe erasure: the person is looked at on that midnight."""
    world.ledger.append(holdingEnds="2026-05-10")
    world.settle()
    assert world.ledger.asked == []
    world.ledger.owe(erase_at())
    world.settle(days=7)
    assert world.recorded == [("erase-owed", "politie")]


def test_a_person_is_asked_once_for_many_events(world: World) -> None:
    """Between two looks any number of events cost one question, with the last position that it must have seen."""
    for _ in range(30):
        world.ledger.append(duties=["inform:college"])
    world.settle()
    assert world.ledger.asked == [PERSON]
    assert world.ledger.waited == [(0, 30)]


def test_an_answer_that_has_not_seen_the_event_is_not_asked_for(world: World) -> None:
    """It would be taken for the truth: the person waits until the projections are that far, steps of time too."""
    world.ledger.owe(duty_at())
    world.ledger.append(duties=["inform:college"])
    world.settle()
    world.ledger.append(topics.NOTICE_RECORDED)
    world.ledger.seen = 1
    world.settle(days=27)
    assert (len(world.ledger.asked), world.sent) == (1, [])
    world.ledger.owe(duty_at(state="done"))
    world.ledger.seen = 2
    world.settle()
    assert (len(world.ledger.asked), world.sent) == (2, [])


def test_events_go_before_decisions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While events come in full pieces nothing is decided, but not for ever."""
    monkeypatch.setattr(limits, "NOTIFIER_BATCH_EVENTS_MAX", 1)
    monkeypatch.setattr(limits, "NOTIFIER_FOLLOW_PIECES_MAX", 3)
    world.settle()
    world.ledger.owe(erase_at())
    for _ in range(4):
        world.ledger.append(duties=["erase:politie"])
    world.steps.advance()
    world.steps.advance()
    assert world.ledger.asked == []
    world.steps.advance()
    assert world.ledger.asked == [PERSON]


def test_events_that_say_nothing_of_duties_cost_nothing(world: World) -> None:
    """The cursor moves, and nobody is looked at; what was swept is passed over."""
    world.ledger.append()
    world.ledger.append(topics.DATA_READ)
    world.ledger.events.append(type(world.ledger.events[0])(
        lane=0, position=3, stream_id=PERSON, topic=topics.NOTICE_RECORDED, envelope=None
    ))  # fmt: skip
    world.settle()
    assert world.rows("cursor") == [{"lane": 0, "position": 3}]
    assert world.ledger.asked == []


def test_a_duty_that_is_no_more_leaves_no_row(world: World) -> None:
    """When the record has ended or was erased, the working state forgets it too."""
    world.ledger.owe(duty_at())
    world.ledger.append(duties=["inform:college"])
    world.settle()
    world.ledger.duties.clear()
    world.ledger.append(topics.ERASED)
    world.settle()
    assert world.rows("duty") == []


def test_a_person_that_cannot_be_read_does_not_hold_up_the_others(world: World) -> None:
    """The fault is told loudly and tried again, ever more rarely; the others are served."""
    world.ledger.owe(erase_at(), erase_at(stream_id=OTHER, obligation="erase-2"))
    world.ledger.failing_streams[PERSON] = ValueError("broken")
    world.ledger.append(duties=["erase:politie"])
    world.ledger.append(stream_id=OTHER, duties=["erase:politie"])
    world.settle()
    assert world.recorded == [("erase-owed", "politie")]
    assert world.logged("duties.unreadable") == [{"lane": 0, "attempt": 1, "error": "ValueError", "code": None}]
    world.settle(seconds=10)
    world.settle(seconds=20)
    assert [fields["attempt"] for fields in world.logged("duties.unreadable")] == [1, 2, 3]
    del world.ledger.failing_streams[PERSON]
    world.settle(seconds=40)
    assert len(world.recorded) == 2
    assert world.rows("look") == []


def test_a_row_that_cannot_be_read_in_its_round_waits_too(world: World) -> None:
    """A fault at the moment of a step does not make notifier turn in circles."""
    world.ledger.owe(duty_at())
    world.ledger.append(duties=["inform:college"])
    world.settle()
    world.ledger.failing = GrootboekError()
    world.settle(days=27)
    assert len(world.logged("duties.unreadable")) == 1
    world.ledger.failing = None
    world.settle(seconds=10)
    assert world.recorded == [("inform-due", "college")]


def test_a_ledger_that_is_busy_is_not_a_fault_of_the_person(world: World) -> None:
    """The piece is given up as it is, for the thread to try again; nothing is lost."""
    world.ledger.owe(erase_at())
    world.ledger.append(duties=["erase:politie"])
    world.ledger.failing = busy()
    with pytest.raises(Unavailable):
        world.settle()
    assert world.logged("duties.unreadable") == []
    world.ledger.failing = None
    world.settle()
    assert world.recorded == [("erase-owed", "politie")]


def test_a_party_hears_by_every_way_it_asked_for(database: str, tmp_path: Path) -> None:
    """One message for each route, each with an id of its own; other parties have their folder."""
    routes = {
        "politie": (
            Route(channel="webhook", addresses=("https://p.example/",), secret="s" * 32),
            Route(channel="smtp", addresses=("a@p.example", "b@p.example")),
        )
    }
    with world_over(database, tmp_path, routes) as world:
        world.ledger.owe(erase_at(), erase_at(obligation="erase-2", party="school"))
        world.ledger.append(duties=["erase:politie", "erase:school"])
        world.settle()
        assert [len(world.channels[name].sent) for name in ("webhook", "smtp", "folder", "letter")] == [1, 1, 1, 0]
        assert len({message.id for message in world.sent}) == 3
        assert world.channels["webhook"].sent[0].secret == "s" * 32
        assert world.channels["smtp"].sent[0].addresses == ("a@p.example", "b@p.example")
        assert {message.address for message in world.ledger.recorded} == {
            "",
            "https://p.example/",
            "a@p.example\nb@p.example",
        }


def test_lost_working_state_is_made_again_and_nothing_is_said_twice(world: World) -> None:
    """The rows follow from the ledger, and its own record of messages tells what was said."""
    world.ledger.owe(duty_at(), erase_at())
    world.ledger.append(duties=["inform:college", "erase:politie"])
    world.settle()
    world.settle(days=27)
    said, rows = len(world.sent), world.rows("duty")
    assert said == 3
    world.lose_working_state()
    world.settle()
    assert len(world.sent) == said
    again = world.rows("duty")
    compared = [name for name in again[0] if name != "first_seen_at"]
    assert [[row[name] for name in compared] for row in again] == [[row[name] for name in compared] for row in rows]


def test_a_first_start_reads_everything_before_it_speaks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said long ago stands at the end of a long feed: until then nothing is decided."""
    monkeypatch.setattr(limits, "NOTIFIER_BATCH_EVENTS_MAX", 2)
    world.ledger.owe(erase_at())
    world.ledger.append(duties=["erase:politie"])
    for _ in range(6):
        world.ledger.append()
    world.settle()
    world.lose_working_state()
    world.settle()
    assert len(world.sent) == 1


def test_an_event_that_comes_again_changes_nothing(world: World) -> None:
    """A feed may give events twice: the effect is the same."""
    world.ledger.owe(erase_at())
    world.ledger.append(duties=["erase:politie"])
    world.settle()
    world.connection.execute("TRUNCATE notifier.cursor")
    world.restart()
    world.settle()
    assert world.recorded == [("erase-owed", "politie")]
