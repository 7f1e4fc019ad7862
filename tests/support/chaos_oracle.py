"""The one oracle of every durability test: what the journal says against what stands in the ledger.

Every acknowledged operation exactly once and whole, at the places its receipt names; none of what was rejected; of what
is unknown all or nothing; positions without gaps; proofs that verify; projections that equal a rebuild; and every
follower of the log at its head.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, LiteralString

import msgspec
import psycopg

from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from services.ledger.contract.positions import REGISTER_LANE, format_position
from services.ledger.entrypoints.check import verify_ledger
from tests.support.chaos_journal import Heard, Journal, Json
from tests.support.waiting import wait_until

ACTS: Final = (topics.PROCESSING_RECORDED, topics.PROCESSING_INTENDED, topics.PROCESSING_REFUSED)
STORED: Final[LiteralString] = """
SELECT lane, notification_id, topic, envelope, leaf_hash FROM stored_events
WHERE lane < %s AND topic = ANY(%s) AND envelope IS NOT NULL"""
UNEVEN: Final[LiteralString] = """
SELECT lane, last_position, count(notification_id), min(notification_id), max(notification_id)
FROM lane_head LEFT JOIN stored_events USING (lane) GROUP BY lane, last_position
HAVING count(notification_id) <> last_position OR coalesce(max(notification_id), 0) <> last_position"""
BEHIND: Final[LiteralString] = """
SELECT count(*) FROM lane_head AS head LEFT JOIN projection.cursor AS seen USING (lane)
WHERE head.lane < %(register)s AND coalesce(seen.position, 0) < head.last_position"""
NOTIFIER_BEHIND: Final[LiteralString] = """
SELECT count(*) FROM lane_head AS head LEFT JOIN notifier.cursor AS seen USING (lane)
WHERE head.lane < %(register)s AND coalesce(seen.position, 0) < head.last_position"""
FOLLOW_SECONDS_MAX: Final = 60.0


class Part(msgspec.Struct, frozen=True):
    """One stored event of an operation."""

    place: str
    topic: str
    index: int
    count: int
    leaf_hash: str


class Judgement(msgspec.Struct, frozen=True):
    """What the oracle found; a test fails on anything in ``faults``."""

    acknowledged: int
    refused: int
    rejected: int
    unknown: int
    events: int
    faults: tuple[str, ...]


def judge(journal_file: Path, conninfo: str, vault_file: Path, *, notifier: bool = True) -> Judgement:
    """Hold a ledger that nobody writes any more to a journal; assert that nothing is wrong."""
    journal = Journal.read(journal_file)
    wait_for_followers(conninfo, notifier=notifier)
    stored = read_stored(conninfo)
    faults = [*compare(journal, stored), *find_uneven(conninfo), *verify(conninfo, vault_file)]
    judgement = Judgement(
        acknowledged=len(journal.keys(Heard.ACKNOWLEDGED)),
        refused=len(journal.keys(Heard.REFUSED)),
        rejected=len(journal.keys(Heard.REJECTED)),
        unknown=len(journal.keys(None)),
        events=sum(map(len, stored.values())),
        faults=tuple(faults),
    )
    journal.close()
    assert not faults, f"{len(faults)} faults, such as {faults[:10]}"
    return judgement


def read_stored(conninfo: str) -> dict[str, list[Part]]:
    """All acts in the ledger, by the key under which they were sent."""
    found: dict[str, list[Part]] = defaultdict(list)
    with psycopg.connect(conninfo) as connection, connection.cursor(name="stored") as cursor:
        cursor.itersize = 5_000
        for lane, position, topic, raw, leaf_hash in cursor.execute(STORED, (REGISTER_LANE, list(ACTS))):
            envelope = msgspec.json.decode(raw, type=Envelope)
            place = format_position(lane, position)
            found[envelope.key].append(Part(place, topic, envelope.index, envelope.count, leaf_hash.hex()))
    return found


def compare(journal: Journal, stored: dict[str, list[Part]]) -> Iterator[str]:
    """Say in one line each what the ledger lost, doubled, tore apart or made up."""
    yield from (f"nobody sent {key}" for key in stored.keys() - journal.bodies.keys())
    for key, body in journal.bodies.items():
        parts = stored.get(key, [])
        heard, answer = journal.answers.get(key, (None, {}))
        if heard is Heard.ACKNOWLEDGED:
            yield from compare_acknowledged(body, answer, parts)
        elif heard is Heard.REFUSED:
            yield from whole(key, parts, {topics.PROCESSING_REFUSED})
            yield from () if parts else (f"lost the refusal {key}",)
        elif heard is Heard.REJECTED:
            yield from (f"stored the rejected {key}",) if parts else ()
        elif heard is Heard.STRANGE:
            yield f"answered {key} with {answer.get('status')} {answer.get('code')}"
        else:
            yield from whole(key, parts, set(ACTS))


def compare_acknowledged(body: Json, receipt: Json, parts: list[Part]) -> Iterator[str]:
    """Every subject of the body once, at the place and with the leaf that its receipt names."""
    key, subjects = body["id"], len(body.get("subjects", ()))
    if len(parts) < max(subjects, 1):
        yield f"lost {max(subjects, 1) - len(parts)} of {subjects} events of {key}"
    if len(parts) > max(subjects, 1):
        yield f"stored {len(parts)} events for the {subjects} subjects of {key}"
    yield from whole(key, parts, {topics.PROCESSING_RECORDED, topics.PROCESSING_INTENDED})
    named = sorted((subject["position"], subject["leafHash"]) for subject in receipt["subjects"])
    if named and named != sorted((part.place, part.leaf_hash) for part in parts):
        yield f"the receipt of {key} names other places or leaves than it has"


def whole(key: str, parts: list[Part], allowed: set[str]) -> Iterator[str]:
    """An operation is there as a whole or not at all, and is what it was told to be."""
    if parts and (len({part.index for part in parts}) != len(parts) or {part.count for part in parts} != {len(parts)}):
        yield f"{key} is torn: {len(parts)} events of {parts[0].count}"
    if not {part.topic for part in parts} <= allowed:
        yield f"{key} is stored as {parts[0].topic}"


def find_uneven(conninfo: str) -> Iterator[str]:
    """Lanes whose positions do not run from one to the counter without a gap."""
    with psycopg.connect(conninfo) as connection:
        for lane, last, count, first, highest in connection.execute(UNEVEN):
            yield f"lane {lane}: counter {last}, {count} events from {first} to {highest}"


def verify(conninfo: str, vault_file: Path) -> list[str]:
    """What ``grootboek verify`` finds: leaves, trees, checkpoints, claims, projections against a rebuild."""
    return [f"{found.place} {found.code} {found.message}" for found in verify_ledger(conninfo, vault_file).findings]


def wait_for_followers(conninfo: str, *, notifier: bool = True, seconds: float = FOLLOW_SECONDS_MAX) -> None:
    """Wait until the projections and notifier have seen the head of every lane; they must get there by themselves."""
    queries: list[tuple[str, LiteralString]] = [("the projections", BEHIND)]
    if notifier:
        queries.append(("notifier", NOTIFIER_BEHIND))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for who, query in queries:
            wait_until(partial(_is_none, connection, query), seconds, f"{who} did not reach the heads")


def _is_none(connection: psycopg.Connection[Any], query: LiteralString) -> bool:
    """Whether a query counts nothing."""
    return connection.execute(query, {"register": REGISTER_LANE}).fetchone() == (0,)
