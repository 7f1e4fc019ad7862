"""``grootboek dead-letters`` against a real broker: what it shows, what it sends back, and what is done with that."""

from __future__ import annotations

import os
import time
from contextlib import closing

import pytest

from services.cli import main as command
from services.ledger.client.feed.kafka_dead_letters import list_dead_letters
from services.ledger.contract import cloud_events
from services.ledger.contract.cloud_events import Reason
from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_environment import PREFIX, SERVERS
from services.runtime.kafka_topics import ensure_topics
from tests.support.feed_reader import Reader
from tests.support.kafka_broker import free_port
from tests.support.kafka_fixtures import Kafka
from tests.support.poison import CANARY, sound_event, spoiled
from tests.support.published import GROUP, Publishing, letter_for, settings_of_test


@pytest.fixture
def settings(kafka: Kafka, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    """Topics of this test, which the command finds in its environment."""
    monkeypatch.setenv(SERVERS, kafka.bootstrap)
    monkeypatch.setenv(PREFIX, topic_prefix)
    found = settings_of_test(kafka.bootstrap, topic_prefix)
    ensure_topics(found, 1)
    return found


def set_aside(settings: KafkaSettings, *reasons: Reason) -> Reader:
    """A reader that met an event between poison of these kinds, the first at position one."""
    events = [sound_event(0, position) for position in range(1, len(reasons) + 2)]
    bad = [spoiled(event, reason) for event, reason in zip(events[:-1], reasons, strict=True)]
    with closing(Publishing(settings)) as publishing:
        publishing.put([((settings.events_topic, 0), letter) for letter in [*bad, letter_for(events[-1])]])
    reader = Reader(settings)
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: len(events)}, len(reasons))
    assert reader.seen == {0: [len(events)]}
    return reader


def test_the_list_says_why_and_from_where_and_never_what(
    settings: KafkaSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reason, origin, consumer, position and type, of closed lists; nothing that stood in a record."""
    set_aside(settings, Reason.BAD_JSON, Reason.NEWER_VERSION, Reason.UNKNOWN_TYPE)
    assert command.main(["dead-letters", "list"]) == 0
    printed = capsys.readouterr().out
    _, first, second, third, total = printed.splitlines()
    topic = settings.events_topic
    assert first.split() == ["0", "bad-json", f"{topic}-0@0", GROUP, "0-1", "nl.grootboek.processing-recorded.1"]
    assert second.split() == ["1", "newer-version", f"{topic}-0@1", GROUP, "0-2", "nl.grootboek.processing-recorded.2"]
    assert third.split() == ["2", "unknown-type", f"{topic}-0@2", GROUP, "0-3", "unknown"]
    assert total == "3 dead letters"
    assert CANARY not in printed


def test_what_is_sent_back_is_handed_out_out_of_line_once(
    settings: KafkaSettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A consumer that can read it by now gets the event; the cursor stays, the list is empty, nothing is doubled."""
    reader = set_aside(settings, Reason.NEWER_VERSION)
    monkeypatch.setitem(cloud_events.TYPES, "nl.grootboek.processing-recorded.2", "ledger.processing-recorded.2")
    assert command.main(["dead-letters", "replay", "0"]) == 0
    assert capsys.readouterr().out == "1 sent back.\n"
    with closing(reader.open()) as feed:
        deadline = time.monotonic() + 30
        while 1 not in reader.seen[0]:
            assert time.monotonic() < deadline
            reader.step(feed)
    assert reader.seen == {0: [2, 1]}
    assert reader.cursor == {0: 2}
    assert reader.metrics.value("grootboek_dead_letters_replayed_total", consumer=GROUP) == 1
    assert list_dead_letters(settings) == []


def test_what_is_still_poison_is_set_aside_again(settings: KafkaSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """A record that was sent back too early comes to the list again, from its new place."""
    reader = set_aside(settings, Reason.BAD_JSON, Reason.WRONG_KEY)
    assert command.main(["dead-letters", "replay", "--all"]) == 0
    with closing(reader.open()) as feed:
        reader.follow(feed, {0: 3}, 4)
    letters = list_dead_letters(settings)
    assert [(letter.reason, letter.origin_offset) for letter in letters] == [("bad-json", 3), ("wrong-key", 4)]
    assert reader.seen == {0: [3]}
    assert reader.cursor == {0: 3}


def test_a_record_that_was_too_large_to_keep_stays_where_it_is(
    settings: KafkaSettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list has it, and replay says that it cannot send it."""
    monkeypatch.setattr(limits, "DEAD_LETTER_BYTES_MAX", 100)
    set_aside(settings, Reason.BAD_JSON)
    assert command.main(["dead-letters", "replay", "--all"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "0 sent back.\n"
    assert "Not sent back: 0 " in printed.err
    assert len(list_dead_letters(settings)) == 1


@pytest.mark.parametrize("arguments", [[], ["1", "--all"]])
def test_replay_wants_to_know_what(
    settings: KafkaSettings, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither nothing nor both."""
    assert command.main(["dead-letters", "replay", *arguments]) == 1
    assert "name letters of the list" in capsys.readouterr().err


def test_settings_are_needed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a Kafka named it says which setting is missing."""
    monkeypatch.delenv(SERVERS, raising=False)
    assert command.main(["dead-letters", "list"]) == os.EX_CONFIG
    assert SERVERS in capsys.readouterr().err


def test_a_broker_that_is_away_is_said(
    topic_prefix: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong and what to do, and no stack."""
    monkeypatch.setattr(limits, "KAFKA_CONNECT_SECONDS_MAX", 1)
    monkeypatch.setenv(SERVERS, f"127.0.0.1:{free_port()}")
    monkeypatch.setenv(PREFIX, topic_prefix)
    assert command.main(["dead-letters", "list"]) == 1
    assert capsys.readouterr().err.startswith("grootboek: Kafka does not answer. Look whether the brokers run")
