"""Logging."""

from __future__ import annotations

import io
import json
import logging

import pytest

from services.runtime import log_events
from services.runtime.log import MemoryLog, StructuredLog, UnknownLogField, silence_libraries
from services.runtime.log_events import Level, LogEvent

FORBIDDEN_FIELDS = {"bsn", "id", "subject", "name", "message", "body", "url", "path", "query", "text", "value"}


def all_events() -> list[LogEvent]:
    """Return every defined event."""
    return [each for each in vars(log_events).values() if isinstance(each, LogEvent)]


def test_an_event_is_one_line_of_json() -> None:
    """An event is written with its name, level, instant and fields."""
    stream = io.StringIO()
    StructuredLog(stream=stream).write(log_events.LEADERSHIP_LOST, role="projector", lane=0)
    line = json.loads(stream.getvalue())
    assert line.pop("at").endswith("Z")
    assert line == {"event": "leadership.lost", "level": "warning", "role": "projector", "lane": 0}


def test_an_unknown_field_raises_in_tests() -> None:
    """A strict log refuses a field that the event does not allow."""
    with pytest.raises(UnknownLogField):
        StructuredLog(strict=True, stream=io.StringIO()).write(log_events.LEADERSHIP_LOST, bsn="999990019")


def test_an_unknown_field_is_dropped_in_production() -> None:
    """The running ledger drops the field and writes the rest."""
    stream = io.StringIO()
    StructuredLog(stream=stream).write(log_events.LEADERSHIP_LOST, lane=1, bsn="999990019")
    assert "999990019" not in stream.getvalue()
    assert json.loads(stream.getvalue())["lane"] == 1


@pytest.mark.parametrize(
    "value", [{"bsn": "999990019"}, ["999990019"], ValueError("999990019"), b"999990019", "9" * 201]
)
def test_a_value_that_is_not_plain_is_dropped(value: object) -> None:
    """Only short plain values pass: nobody has looked at the text of anything else."""
    stream = io.StringIO()
    StructuredLog(stream=stream).write(log_events.LEADERSHIP_LOST, lane=value)
    assert "lane" not in json.loads(stream.getvalue())


def test_less_urgent_events_are_left_out() -> None:
    """Below the level nothing is written."""
    stream = io.StringIO()
    StructuredLog(stream=stream, level=Level.WARNING).write(log_events.MIGRATED, folder="x", count=1)
    assert stream.getvalue() == ""


def test_memory_log_keeps_events_and_is_strict() -> None:
    """The log of tests keeps what was written and refuses unknown fields."""
    log = MemoryLog()
    log.write(log_events.PROCESS_STARTED, service="ledger")
    assert log.written == [(log_events.PROCESS_STARTED, {"service": "ledger"})]
    with pytest.raises(UnknownLogField):
        log.write(log_events.PROCESS_STARTED, then="x")


def test_event_names_are_unique_and_fields_harmless() -> None:
    """No two events share a name, and no event has a field made for a person's data."""
    events = all_events()
    assert len(events) > 10
    assert len({each.name for each in events}) == len(events)
    assert not {field for each in events for field in each.fields} & FORBIDDEN_FIELDS


def test_libraries_tell_where_but_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's warning shows its logger and place, never its message; its chatter shows nothing."""
    root = logging.getLogger()
    former = list(root.handlers), root.level
    try:
        silence_libraries()
        logging.getLogger("uvicorn.error").warning("Invalid subject %s", "999990019")
        logging.getLogger("uvicorn.access").info("GET /999990019")
    finally:
        root.handlers[:], level = former
        root.setLevel(level)
    line = json.loads(capsys.readouterr().err)
    assert line["logger"] == "uvicorn.error"
    assert line["where"].startswith("test_log:")
    assert "999990019" not in json.dumps(line)
