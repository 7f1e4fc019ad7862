"""R3: the calls of publishing, consuming and erasing, each once the last one and once failing; all is made good."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import pytest

from services.ledger.contract import topics
from services.ledger.contract.positions import REGISTER_LANE
from tests.bench.workload import CONTROLLER, bsn_of
from tests.support.chaos_clients import ANSWER_SECONDS_MAX, outcomes, send, set_up, wait_until
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Journal, Json
from tests.support.chaos_oracle import BEHIND, NOTIFIER_BEHIND, find_uneven, judge, verify, wait_for_followers
from tests.support.chaos_topics import count_unpublished, judge_topics, settings_of
from tests.support.crash_points import CrashPoints, is_gone
from tests.support.forked_ledger import ForkedLedger, Zygote
from tests.support.kafka_fixtures import Kafka
from tests.support.strace import need_strace

EVERY: Final = number_of("CRASH_POINT_STEP", 0)
"""``make chaos`` takes all of them; `make test` has time for the append only."""
BACK_SECONDS_MAX: Final = 90.0
WORK_SECONDS_MAX: Final = 10.0
BOUNDS: Final = {"STATEMENT_SECONDS_MAX": 1.0, "APPEND_SECONDS_MAX": 2.0, "POSTGRES_ANSWER_SECONDS_MAX": 2.0}
FOLLOWING: Final = ("publisher-0", "notifier-follow", "Thread-")
"""The publisher of the lane, the reader, and the threads in which the library speaks to the broker for them."""
ERASING: Final = ("MainThread", "prepare", "asyncio", "AnyIO")
ERASED: Final = "SELECT count(*) FROM stored_events WHERE topic = %s"
LEFT: Final = "SELECT count(*) FROM stored_events WHERE topic = %s AND state IS NOT NULL"
FIRST_PERSON: Final = 200_000


class Way:
    """Sends acts to a ledger with everything beside it, and asks for erasures; waits until it has all come about."""

    def __init__(self, ledger: ForkedLedger, journal: Journal, seed: int) -> None:
        """Nothing was sent yet."""
        self.ledger = ledger
        self.journal = journal
        self._acts = Acts(seed, only_facts=True, subjects_max=1)
        self._writer = ledger.token(CONTROLLER, "processing:write")
        self._eraser = ledger.token(CONTROLLER, "retention")
        self._act: Json = {}
        self._erasure: tuple[str, Json] | None = None
        self.erasures = 0

    def append_and_follow(self) -> None:
        """An act, until it was published and read, or until nothing comes of it."""
        (self._act,) = self._acts.bodies(1)
        self.journal.sending([self._act])
        with suppress(httpx.HTTPError):
            self._send()
        self._wait(self.is_followed)

    def erase(self) -> None:
        """An erasure of a person of whom one act is known, until it was carried out or until nothing comes of it."""
        assert self._erasure is not None
        with suppress(httpx.HTTPError):
            self._ask_erasure()
        self._wait(self.is_erased)

    def mend(self) -> None:
        """Start who died, send the act again, and wait until everybody is at the head."""
        wait_until(self._is_answered, BACK_SECONDS_MAX, "the ledger does not come back")
        wait_until(self.is_followed, BACK_SECONDS_MAX, "the followers do not get there")

    def mend_erasure(self) -> None:
        """Start who died, ask again, wait until it is carried out, and make somebody known to be erased next."""
        if self._erasure is not None:
            wait_until(self._is_asked, BACK_SECONDS_MAX, "the ledger does not come back")
            wait_until(self.is_erased, BACK_SECONDS_MAX, "the erasure is not carried out")
        person = {"idType": "BSN", "id": bsn_of(FIRST_PERSON + self.erasures)}
        (body,) = self._acts.bodies(1)
        self._act = body | {"subjects": [person]}
        self.journal.sending([self._act])
        self.mend()
        self.erasures += 1
        scope = {"controller": CONTROLLER}
        erasure = {"subject": person, "scope": scope, "ground": "AVG 17(1)(d)", "decision": f"B-{self.erasures}"}
        self._erasure = (f"erasure-{self.erasures}", erasure)

    def threads(self, names: tuple[str, ...]) -> Callable[[], dict[str, int]]:
        """The threads of these names."""
        return lambda: {name: at for name, at in self.ledger.threads().items() if name.startswith(names)}

    def is_followed(self) -> bool:
        """Whether all that is stored was published, shown and read."""
        with psycopg.connect(self.ledger.conninfo) as connection:
            for query in (BEHIND, NOTIFIER_BEHIND):
                if connection.execute(query, {"register": REGISTER_LANE}).fetchone() != (0,):
                    return False
        return count_unpublished(self.ledger.conninfo) == 0

    def is_erased(self) -> bool:
        """Whether every erasure that was asked is carried out."""
        with psycopg.connect(self.ledger.conninfo) as connection:
            erased, left = (
                connection.execute(query, (topic,)).fetchone()
                for query, topic in ((ERASED, topics.ERASED), (LEFT, topics.PROCESSING_RECORDED))
            )
        return erased == (self.erasures,) and left == (0,)

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WORK_SECONDS_MAX
        while self.ledger.is_alive() and not condition() and time.monotonic() < deadline:
            time.sleep(0.02)

    def _is_answered(self) -> bool:
        self._revive()
        with suppress(httpx.HTTPError):
            return bool(self._send())
        return False

    def _is_asked(self) -> bool:
        self._revive()
        with suppress(httpx.HTTPError):
            return self._ask_erasure()
        return False

    def _revive(self) -> None:
        if not self.ledger.is_alive():
            self.ledger.start()

    def _send(self) -> Any:
        heard = outcomes([self._act], send(self.ledger.base_url, self._writer, [self._act]))
        self.journal.heard(heard)
        return heard

    def _ask_erasure(self) -> bool:
        assert self._erasure is not None
        key, body = self._erasure
        headers = {"Authorization": f"Bearer {self._eraser}", "Idempotency-Key": key}
        url = f"{self.ledger.base_url}/v1/erasures"
        answer = httpx.post(url, json=body, headers=headers, timeout=ANSWER_SECONDS_MAX)
        assert answer.status_code in {202, 503}, answer.text
        return answer.status_code == 202


def check_erasures(way: Way) -> None:
    """Every erasure stands there once, nothing of the acts is left but their places, and all of it verifies."""
    wait_for_followers(way.ledger.conninfo)
    assert [*find_uneven(way.ledger.conninfo), *verify(way.ledger.conninfo, way.ledger.vault_file)] == []
    with psycopg.connect(way.ledger.conninfo) as connection:
        assert connection.execute(ERASED, (topics.ERASED,)).fetchone() == (way.erasures - 1,)
        # The last person was made known and is not to be erased any more.
        assert connection.execute(LEFT, (topics.PROCESSING_RECORDED,)).fetchone() == (1,)


@pytest.fixture
def way(tmp_path: Path, empty_database: str, kafka: Kafka, topic_prefix: str) -> Iterator[Way]:
    """A ledger with everything beside it in one process that may die."""
    need_strace()
    with Zygote() as zygote:
        broker = (kafka.bootstrap, topic_prefix)
        ledger = ForkedLedger(zygote, tmp_path, empty_database, bounds=BOUNDS, kafka=broker)
        ledger.start()
        set_up(ledger.base_url, ledger.token("registrar", "governance"))
        yield Way(ledger, Journal(tmp_path / "journal.jsonl"), seed_of("R3"))
        ledger.kill()


@pytest.mark.chaos
@pytest.mark.skipif(not EVERY, reason="part of `make chaos`")
@pytest.mark.parametrize("path", ["publish and consume", "erase"])
def test_every_call(way: Way, tmp_path: Path, kafka: Kafka, topic_prefix: str, path: str) -> None:
    """Whatever call is the last one or fails, after a restart everything is published, read and erased, in order."""
    is_erasure = path == "erase"
    work, mend = (way.erase, way.mend_erasure) if is_erasure else (way.append_and_follow, way.mend)
    names = ERASING if is_erasure else FOLLOWING
    points = CrashPoints(threads=way.threads(names), work=work, mend=mend, has_died=is_gone, output=tmp_path / "calls")
    if is_erasure:
        way.mend_erasure()
    else:
        way.append_and_follow()
    begun = time.monotonic()
    found = points.record(3)
    chosen = found[random.SystemRandom().randrange(EVERY) :: EVERY]
    for point in chosen:
        points.kill_at(point)
        points.fail_at(point)
    judgement = None if is_erasure else judge(way.journal.file, way.ledger.conninfo, way.ledger.vault_file)
    if is_erasure:
        check_erasures(way)
    repeated = judge_topics(settings_of(kafka.bootstrap, topic_prefix), way.ledger.conninfo, 1)
    tell(
        f"R3 {path}",
        judgement,
        calls=len(found),
        killed=points.tally.killed,
        failed_with_EIO=points.tally.failed,
        not_met_again=len(points.tally.missed),
        published_twice=repeated,
        seconds=round(time.monotonic() - begun),
    )
