"""``grootboek dead-letters``: the records that no consumer could read, and sending them back when one can."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from services.ledger.client.feed.dead_letters import DeadLetter, choose
from services.ledger.client.feed.kafka_dead_letters import list_dead_letters, places_of, replay_dead_letters
from services.runtime.environment import Environment, SettingsInvalid
from services.runtime.kafka import KafkaSettings
from services.runtime.kafka_environment import KAFKA, read_kafka
from services.runtime.service import lines_of

HEADINGS = ("letter", "reason", "record", "consumer", "position", "event type")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which Kafka is meant stands in the settings GROOTBOEK_KAFKA_…, as for the processes themselves."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    verbs.add_parser("list", help="what was set aside and not sent back: why, from where, never what stands in it")
    replay = verbs.add_parser("replay", help="send records back to where they came from; each is read once more")
    replay.add_argument("letters", metavar="letter", type=int, nargs="*", help="a number of the list")
    replay.add_argument("--all", action="store_true", help="all of them")


def run(arguments: argparse.Namespace) -> int:
    """List or replay; 1 when nothing could be sent back."""
    try:
        settings = read_settings(os.environ)
    except SettingsInvalid as error:
        print("\n".join(lines_of("dead-letters", error)), file=sys.stderr)
        return os.EX_CONFIG
    letters = list_dead_letters(settings)
    if arguments.verb == "list":
        print("\n".join(as_table(letters)))
        return 0
    return replay(settings, letters, arguments.letters, everything=arguments.all)


def read_settings(values: Mapping[str, str]) -> KafkaSettings:
    """How to reach Kafka; SettingsInvalid with every fault."""
    environment = Environment(values, KAFKA)
    settings = read_kafka(environment)
    environment.refuse_faults()
    return settings


def replay(settings: KafkaSettings, letters: Sequence[DeadLetter], named: Sequence[int], *, everything: bool) -> int:
    """Send the named letters back, or all; say what was not sent."""
    if everything == bool(named):
        print("grootboek dead-letters replay: name letters of the list, or give --all.", file=sys.stderr)
        return 1
    chosen = choose(letters, named, places_of(settings))
    replay_dead_letters(settings, chosen)
    left = sorted(set(named or [letter.offset for letter in letters]) - {letter.offset for letter in chosen})
    print(f"{len(chosen)} sent back.", flush=True)
    if left:
        why = "not in the list, or too large to have been kept: it still stands where it came from"
        print(f"Not sent back: {', '.join(map(str, left))} ({why}).", file=sys.stderr)
    return 0 if chosen or not left else 1


def as_table(letters: Sequence[DeadLetter]) -> list[str]:
    """A line for each letter under a line of headings, in columns."""
    rows = [HEADINGS, *map(as_row, letters)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*lines, f"{len(letters)} dead letters"]


def as_row(letter: DeadLetter) -> tuple[str, ...]:
    """What is told of a letter."""
    return (
        str(letter.offset),
        letter.reason,
        f"{letter.topic}-{letter.partition}@{letter.origin_offset}",
        letter.group,
        "unknown" if letter.position is None else f"{letter.partition}-{letter.position}",
        letter.event_type,
    )
