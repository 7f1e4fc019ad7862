"""Every event the logs may hold, with the fields it may carry.

A field that is not listed here never reaches a log. No field may hold personal data: no identifiers, names, free text,
and no values taken from a request; ids are the ledger's own, codes come from closed lists.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec


class Level(StrEnum):
    """How urgent an event is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogEvent(msgspec.Struct, frozen=True):
    """One kind of event: its stable name, level and the only fields it may carry."""

    name: str
    level: Level
    fields: frozenset[str] = frozenset()


def define(name: str, level: Level, *fields: str) -> LogEvent:
    """Define an event with its allowed fields."""
    return LogEvent(name, level, frozenset(fields))


# --- process ------------------------------------------------------------------------------------------------------
WORKER_ENDED: Final = define("worker.ended", Level.ERROR, "worker", "status", "restart_seconds")
PROCESS_STARTED: Final = define("process.started", Level.INFO, "service")
PROCESS_STOPPED: Final = define("process.stopped", Level.INFO, "service")
PROCESS_ENDED: Final = define("process.ended", Level.ERROR, "service", "status", "restart_seconds")
PROCESS_FAILED: Final = define("process.failed", Level.ERROR, "service", "error", "where")
START_REFUSED: Final = define("process.start-refused", Level.ERROR, "service", "code")
DEPENDENCY_AWAITED: Final = define("dependency.awaited", Level.WARNING, "service", "dependency", "seconds", "code")
DEPENDENCY_READY: Final = define("dependency.ready", Level.INFO, "service", "dependency", "seconds")
LEADERSHIP_GAINED: Final = define("leadership.gained", Level.INFO, "role", "lane", "epoch")
LEADERSHIP_LOST: Final = define("leadership.lost", Level.WARNING, "role", "lane", "epoch")
POSTGRES_ENDED: Final = define("postgres.ended", Level.ERROR, "status", "restart_seconds")
MIGRATED: Final = define("postgres.migrated", Level.INFO, "folder", "count")

MEASURING_FAILED: Final = define("measuring.failed", Level.WARNING, "error", "code", "sqlstate")

# --- requests -----------------------------------------------------------------------------------------------------
REQUEST_ANSWERED: Final = define(
    "request.answered", Level.INFO, "route", "method", "status", "code", "seconds", "trace_id", "party"
)
REQUEST_FAILED: Final = define("request.failed", Level.ERROR, "route", "method", "error", "where", "trace_id")
CALL_REFUSED: Final = define("call.refused", Level.WARNING, "route", "code")
CALL_RETRIED: Final = define("call.retried", Level.WARNING, "route", "attempt")
# The remedy is a sentence of the code's own, never of what was answered.
SERVICE_REFUSED: Final = define("service.refused", Level.ERROR, "route", "code", "remedy")
TOKEN_REFUSED: Final = define("token.refused", Level.WARNING, "route", "code", "trace_id")

# --- ledger -------------------------------------------------------------------------------------------------------
BATCH_BISECTED: Final = define("batch.bisected", Level.WARNING, "lane", "operations", "error", "sqlstate")
APPEND_RETRIED: Final = define("append.retried", Level.WARNING, "lane", "attempt", "error", "sqlstate")
SEALING_RETRIED: Final = define("sealing.retried", Level.WARNING, "error", "sqlstate")
SEALING_STOPPED: Final = define("sealing.stopped", Level.ERROR, "error", "code")
PROJECTION_STOPPED: Final = define("projection.stopped", Level.ERROR, "projection", "lane", "position", "error", "code")
PROJECTION_RETRIED: Final = define("projection.retried", Level.WARNING, "projection", "error", "sqlstate")

# --- the feed over Kafka ------------------------------------------------------------------------------------------
LANES_ASSIGNED: Final = define("feed.lanes-assigned", Level.INFO, "lanes")
LANES_LOST: Final = define("feed.lanes-lost", Level.INFO, "lanes")
FEED_REWOUND: Final = define("feed.rewound", Level.WARNING, "lane", "position")
FEED_FILLED: Final = define("feed.filled-from-ledger", Level.WARNING, "lane", "position", "events")
DEAD_LETTER: Final = define("feed.dead-letter", Level.ERROR, "reason", "partition", "offset", "position")
PUBLISHING_RETRIED: Final = define(
    "publishing.retried", Level.WARNING, "lane", "reason", "error", "sqlstate", "retry_seconds"
)
PUBLISHING_STOPPED: Final = define("publishing.stopped", Level.ERROR, "lane", "position", "error", "code")
TOPIC_WRONG: Final = define("publishing.topic-wrong", Level.ERROR, "lane", "fault")

# --- notifier -----------------------------------------------------------------------------------------------------
NOTIFIER_RETRIED: Final = define("notifier.retried", Level.WARNING, "error", "code", "sqlstate")
NOTIFIER_STOPPED: Final = define("notifier.stopped", Level.ERROR, "error", "code", "lane", "position")
FOLLOWING_RETRIED: Final = define("following.retried", Level.WARNING, "error", "code", "sqlstate")
FOLLOWING_STOPPED: Final = define("following.stopped", Level.ERROR, "error", "code", "lane", "position")
DUTIES_UNREADABLE: Final = define("duties.unreadable", Level.ERROR, "lane", "attempt", "error", "code")
MESSAGE_DELIVERED: Final = define("message.delivered", Level.DEBUG, "message_id", "kind", "channel", "attempt")
MESSAGE_POSTPONED: Final = define(
    "message.postponed", Level.WARNING, "message_id", "kind", "channel", "attempt", "reason", "retry_seconds"
)
MESSAGE_FAILED: Final = define("message.failed", Level.ERROR, "message_id", "kind", "channel", "attempt", "reason")
MESSAGE_UNRECORDED: Final = define("message.unrecorded", Level.ERROR, "message_id", "kind", "error", "code")
MESSAGES_HELD: Final = define("messages.held", Level.WARNING, "kind", "count")
ADDRESSES_REFUSED: Final = define("message.addresses-refused", Level.WARNING, "message_id", "kind", "channel", "count")
ROUTE_STOPPED: Final = define("route.stopped", Level.ERROR, "message_id", "channel", "reason")
LETTERS_FORGOTTEN: Final = define("letters.forgotten", Level.INFO, "count")

# --- retention ----------------------------------------------------------------------------------------------------
RETENTION_DAY_ENDED: Final = define("retention.day-ended", Level.INFO, "day")
RETENTION_SWEPT: Final = define("retention.swept", Level.INFO, "events")
RETENTION_FAILED: Final = define("retention.failed", Level.ERROR, "step", "error", "code")
