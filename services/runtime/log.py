"""Logging: JSON lines on stderr, one typed event each, with only the fields that the event allows."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Protocol, TextIO

import structlog

from services.runtime.errors import GrootboekError, Kind
from services.runtime.log_events import Level, LogEvent

LEVEL_NUMBERS = {
    Level.DEBUG: logging.DEBUG,
    Level.INFO: logging.INFO,
    Level.WARNING: logging.WARNING,
    Level.ERROR: logging.ERROR,
}
# A value of any other type might be an object whose text nobody has looked at.
ALLOWED_TYPES = (str, int, float, bool, type(None))
VALUE_LENGTH_MAX = 200


class UnknownLogField(GrootboekError):
    """A log event was given a field that it does not allow, or a value that is not plain."""

    code = "unknown_log_field"
    remedy = "Add the field to the event in log_events.py if it can never hold personal data; leave it out otherwise."
    kind = Kind.INTERNAL


class Log(Protocol):
    """Writes typed events."""

    def write(self, event: LogEvent, **fields: object) -> None:
        """Write one event with its fields."""
        ...


class StructuredLog:
    """The log of a process. In `strict` mode (tests) an unknown field raises; otherwise it is dropped."""

    def __init__(self, *, strict: bool = False, level: Level = Level.INFO, stream: TextIO | None = None) -> None:
        """Write to `stream`, by default stderr, what is at least as urgent as `level`."""
        self._strict = strict
        self._level = LEVEL_NUMBERS[level]
        self._logger = structlog.wrap_logger(
            # Writes a line with its end at once, so that lines of other threads never stand within it.
            structlog.WriteLogger(stream or sys.stderr),
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
            wrapper_class=structlog.BoundLogger,
        )

    def write(self, event: LogEvent, **fields: object) -> None:
        """Write one event; the fields that it does not allow raise UnknownLogField or are dropped."""
        if LEVEL_NUMBERS[event.level] < self._level:
            return
        allowed = {name: value for name, value in fields.items() if is_allowed(event, name, value)}
        if self._strict and len(allowed) != len(fields):
            raise UnknownLogField
        self._logger.msg(event.name, level=event.level.value, **allowed)


class MemoryLog:
    """A log for tests that keeps what was written and refuses unknown fields."""

    def __init__(self) -> None:
        """Begin empty."""
        self.written: list[tuple[LogEvent, dict[str, object]]] = []

    def write(self, event: LogEvent, **fields: object) -> None:
        """Keep one event; raise UnknownLogField on a field it does not allow."""
        if not all(is_allowed(event, name, value) for name, value in fields.items()):
            raise UnknownLogField
        self.written.append((event, fields))


def is_allowed(event: LogEvent, name: str, value: object) -> bool:
    """Tell whether `event` may carry this field with this value."""
    if name not in event.fields or not isinstance(value, ALLOWED_TYPES):
        return False
    return not isinstance(value, str) or len(value) <= VALUE_LENGTH_MAX


def silence_libraries() -> None:
    """Keep libraries from writing lines of their own: their messages quote whatever they stumbled on."""
    root = logging.getLogger()
    root.handlers[:] = [_PlaceHandler()]
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error", "psycopg", "psycopg.pool", "httpx", "asyncio"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True


class _PlaceHandler(logging.Handler):
    """Writes only who complained and where, never the message or its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write logger, level and place of a library's warning or error."""
        if record.levelno < logging.WARNING:
            return
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        fields: dict[str, Any] = {"at": at, "event": "library.complained", "level": record.levelname.lower()}
        fields |= {"logger": record.name, "where": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
        line = structlog.processors.JSONRenderer(sort_keys=True)(None, "", fields)
        assert isinstance(line, str)
        sys.stderr.write(line + "\n")
