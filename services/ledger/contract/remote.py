"""The ports of the ledger between processes: how each may be called, and by which service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.ledger.contract import covenants, learning
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.clock import ClockFollower
from services.ledger.contract.commands import LetterCommands, NotifierCommands, RetentionCommands
from services.ledger.contract.status import LedgerStatus
from services.runtime.remote.ports import Port

# A read records itself, so a second time is a second read: it is not repeated without being asked.
# What is written is bound to its key, and comes to the same answer.
LEDGER: Final[Port[LedgerClient]] = Port(
    name="ledger",
    protocol=LedgerClient,
    repeatable=frozenset(
        {
            "record",
            "assess",
            "check",
            "confirm",
            "correct",
            "set_confidentiality",
            "prove",
            "checkpoint",
            "tile",
            "open_access_request",
            "step_access_request",
            "open_inquiry",
            "report_breach",
            "set_retention",
            "place_hold",
            "release_hold",
            "request_erasure",
            "register",
            "list_register",
            "link_subjects",
            "open_overlap",
            "read_overlap",
            "hand_in_overlap",
            "withdraw_overlap",
            "unlink_subjects",
            "confirm_obligation",
            "end_exemption",
            "wait_for",
            "now",
            "ready",
        }
    )
    | covenants.REPEATABLE
    | learning.REPEATABLE,
    patient=frozenset({"set_clock"}),
)
RETENTION: Final[Port[RetentionCommands]] = Port(
    name="retention",
    protocol=RetentionCommands,
    # Each is safe to repeat, but one that goes on for minutes is not to be done twice at once.
    repeatable=frozenset({"due_days", "open_erasures"}),
    patient=frozenset(
        {
            "settle",
            "end_day",
            "keep_ahead",
            "sweep",
            "advance_erasure",
            "release_ended_holds",
            "rotate_week",
            "settle_overlaps",
        }
    ),
)
NOTIFIER: Final[Port[NotifierCommands]] = Port(
    name="notifier",
    protocol=NotifierCommands,
    repeatable=frozenset({"duties_of", "may_tell_person", "record_message"}),
)
LETTERS: Final[Port[LetterCommands]] = Port(name="letters", protocol=LetterCommands)
STATUS: Final[Port[LedgerStatus]] = Port(
    name="status",
    protocol=LedgerStatus,
    repeatable=frozenset({"events_after", "heads", "applied", "clock"}),
)
CLOCK_FOLLOWER: Final[Port[ClockFollower]] = Port(
    name="clock-follower", protocol=ClockFollower, patient=frozenset({"catch_up"})
)

# Which service may call which port of the ledger.
CALLERS: Final[Mapping[str, frozenset[str]]] = {
    LEDGER.name: frozenset({"gateway"}),
    RETENTION.name: frozenset({"retention"}),
    NOTIFIER.name: frozenset({"notifier"}),
    LETTERS.name: frozenset({"notifier"}),
    STATUS.name: frozenset({"notifier", "retention"}),
}
# Only the ledger moves the clock of others.
CLOCK_CALLERS: Final[Mapping[str, frozenset[str]]] = {CLOCK_FOLLOWER.name: frozenset({"ledger"})}
