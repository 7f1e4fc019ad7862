"""Records that cannot be read: set aside with their reason and origin, listed, and sent back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from services.ledger.client.feed.lane_puller import Arrival, Headers, Poison
from services.ledger.contract.cloud_events import VERSIONS, Reason, position_of
from services.runtime import limits

REASON: Final = "grootboek-reason"
TOPIC: Final = "grootboek-origin-topic"
PARTITION: Final = "grootboek-origin-partition"
OFFSET: Final = "grootboek-origin-offset"
GROUP: Final = "grootboek-origin-group"
LEFT_OUT: Final = "grootboek-left-out"
REPLAY: Final = "grootboek-replay"
"""On a record that was sent back: the offset of its dead letter."""
REPLAYED: Final = "grootboek-replayed-offset"
"""On the dead letters' topic: that the letter at this offset was sent back."""
OWN: Final = frozenset({REASON, TOPIC, PARTITION, OFFSET, GROUP, LEFT_OUT, REPLAY, REPLAYED})
UNKNOWN: Final = "unknown"
NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")
NUMBER: Final = re.compile(rb"[0-9]{1,18}")
NO_KEY: Final = b""
"""A record without key and value cannot be sent by the library."""
REASONS: Final = frozenset(Reason)


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A record for a topic, made of one that was read."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a record that was set aside: never anything of its value, nor a word that is not ours."""

    offset: int
    reason: str
    topic: str
    partition: int
    origin_offset: int
    group: str
    position: int | None
    event_type: str
    is_whole: bool

    @property
    def origin(self) -> tuple[str, int, int, str]:
        """The same for each time that the same group set the same record aside."""
        return self.topic, self.partition, self.origin_offset, self.group


def is_replay(headers: Headers) -> bool:
    """Whether a record was sent back from the dead letters."""
    return any(name == REPLAY for name, _ in headers)


def letter_of(poison: Poison, group: str) -> Letter:
    """What is set aside. A record that is too large for that leaves its content at its origin."""
    record = poison.record
    own: list[tuple[str, bytes]] = [
        (REASON, poison.reason.encode()),
        (TOPIC, record.topic.encode()),
        (PARTITION, b"%d" % record.partition),
        (OFFSET, b"%d" % record.offset),
        (GROUP, group.encode()),
    ]
    theirs = headers_of(record)
    size = len(record.value or b"") + len(record.key or b"") + sum(len(name) + len(value) for name, value in theirs)
    if size > limits.DEAD_LETTER_BYTES_MAX:
        return Letter(key=NO_KEY, value=None, headers=[*own, (LEFT_OUT, b"%d" % size)])
    key = NO_KEY if record.key is None and record.value is None else record.key
    return Letter(key=key, value=record.value, headers=[*own, *theirs])


def original_of(letter: Arrival) -> Letter:
    """The record as it was, marked as sent back."""
    theirs = headers_of(letter)
    return Letter(key=letter.key, value=letter.value, headers=[*theirs, (REPLAY, b"%d" % letter.offset)])


def headers_of(record: Arrival) -> list[tuple[str, bytes]]:
    """The headers that are not ours; the library reads a value that is none, and sends only bytes."""
    return [(name, value or b"") for name, value in record.headers if name not in OWN]


def letters_left(records: Iterable[Arrival]) -> list[DeadLetter]:
    """The letters that were not sent back, each record once; what else stands on the topic is none of ours."""
    letters: dict[tuple[str, int, int, str], DeadLetter] = {}
    replayed: set[int] = set()
    for record in records:
        headers = dict(record.headers)
        if REPLAYED in headers:
            replayed.add(number(headers[REPLAYED]))
            continue
        letter = read_letter(record)
        if letter is not None:
            letters.setdefault(letter.origin, letter)
    return [letter for letter in letters.values() if letter.offset not in replayed]


def read_letter(record: Arrival) -> DeadLetter | None:
    """A letter, if the record is one."""
    headers = dict(record.headers)
    if not all(headers.get(name) for name in (REASON, TOPIC, PARTITION, OFFSET, GROUP)):
        return None
    reason = headers[REASON].decode("ascii", "replace")
    return DeadLetter(
        offset=record.offset,
        reason=reason if reason in REASONS else UNKNOWN,
        topic=known_name(headers[TOPIC]),
        partition=number(headers[PARTITION]),
        origin_offset=number(headers[OFFSET]),
        group=known_name(headers[GROUP]),
        position=position_of(record.headers),
        event_type=known_type(headers.get("ce_type")),
        is_whole=LEFT_OUT not in headers,
    )


def known_type(given: bytes | None) -> str:
    """The type of an event if it is one of ours, in whatever version."""
    text = (given or b"").decode("ascii", "replace")
    name, _, version = text.rpartition(".")
    return text if name in VERSIONS and version.isdigit() and len(version) < 10 else UNKNOWN


def known_name(given: bytes) -> str:
    """The name of a topic or group, if it can be one."""
    text = given.decode("ascii", "replace")
    return text if NAME.fullmatch(text) else UNKNOWN


def number(text: bytes | None) -> int:
    """A number in a header of ours; -1 for what is none."""
    return int(text) if text is not None and NUMBER.fullmatch(text) else -1


def choose(
    letters: Sequence[DeadLetter], offsets: Sequence[int], places: Collection[tuple[str, int]]
) -> list[DeadLetter]:
    """The letters at these offsets, or all when none is named, as far as they can be sent back.

    They have their content, and come from one of these places (topic, partition): whoever may set aside may not write
    elsewhere through us.
    """
    wanted = [letter for letter in letters if not offsets or letter.offset in offsets]
    return [letter for letter in wanted if letter.is_whole and (letter.topic, letter.partition) in places]
