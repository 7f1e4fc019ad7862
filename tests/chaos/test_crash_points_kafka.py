"""R3: the calls of publishing and consuming, each once the last one and once failing; all of it is made good."""

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

from services.ledger.contract.positions import REGISTER_LANE
from tests.bench.workload import CONTROLLER
from tests.support.chaos_clients import outcomes, send, set_up
from tests.support.chaos_figures import number_of, seed_of, tell
from tests.support.chaos_journal import Acts, Journal, Json
from tests.support.chaos_oracle import BEHIND, NOTIFIER_BEHIND, judge
from tests.support.chaos_topics import count_unpublished, judge_topics, settings_of
from tests.support.crash_points import CrashPoints, is_gone
from tests.support.forked_ledger import ForkedLedger, Zygote
from tests.support.kafka_fixtures import Kafka
from tests.support.strace import need_strace
from tests.support.waiting import wait_until

EVERY: Final = number_of("CRASH_POINT_STEP", 0)
"""``make chaos`` takes all of them; ``make test`` has time for the append only."""
ATTEMPTS_MAX: Final = 16
"""Who follows gets what was appended in one piece or in several, so a call may not be met again at once."""
BACK_SECONDS_MAX: Final = 90.0
WORK_SECONDS_MAX: Final = 10.0
BOUNDS: Final = {"STATEMENT_SECONDS_MAX": 1.0, "APPEND_SECONDS_MAX": 2.0, "POSTGRES_ANSWER_SECONDS_MAX": 2.0}
FOLLOWING: Final = ("publisher-0", "notifier-follow", "Thread-")
"""The publisher of the lane, the reader, and the threads in which the library speaks to the broker for them."""


class Way:
    """Sends acts to a ledger with everything beside it, and waits until each was published, shown and read."""

    def __init__(self, ledger: ForkedLedger, journal: Journal, seed: int) -> None:
        """Nothing was sent yet."""
        self.ledger = ledger
        self.journal = journal
        self.random = random.Random(seed)
        self._acts = Acts(seed, only_facts=True, subjects_max=1)
        self._writer = ledger.token(CONTROLLER, "processing:write")
        self._act: Json = {}

    def append_and_follow(self) -> None:
        """An act, until it was published and read, or until nothing comes of it."""
        (self._act,) = self._acts.bodies(1)
        self.journal.sending([self._act])
        with suppress(httpx.HTTPError):
            self._send()
        self._wait(self.is_followed)

    def mend(self) -> None:
        """Start who died, send the act again, and wait until everybody is at the head."""
        wait_until(self._is_answered, BACK_SECONDS_MAX, "the ledger does not come back")
        wait_until(self.is_followed, BACK_SECONDS_MAX, "the followers do not get there")

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

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WORK_SECONDS_MAX
        while self.ledger.is_alive() and not condition() and time.monotonic() < deadline:
            time.sleep(0.02)

    def _is_answered(self) -> bool:
        self._revive()
        with suppress(httpx.HTTPError):
            return bool(self._send())
        return False

    def _revive(self) -> None:
        if not self.ledger.is_alive():
            self.ledger.start()

    def _send(self) -> Any:
        heard = outcomes([self._act], send(self.ledger.base_url, self._writer, [self._act]))
        self.journal.heard(heard)
        return heard


@pytest.fixture
def way(tmp_path: Path, empty_database: str, kafka: Kafka, topic_prefix: str) -> Iterator[Way]:
    """A ledger with everything beside it in one process that may die."""
    need_strace()
    with Zygote() as zygote:
        broker = (kafka.bootstrap, topic_prefix)
        ledger = ForkedLedger(zygote, tmp_path, empty_database, bounds=BOUNDS, kafka=broker)
        ledger.start()
        set_up(ledger.base_url, ledger.token("registrar", "governance"))
        yield Way(ledger, Journal(tmp_path / "journal.jsonl"), seed_of("R3 publish and consume"))
        ledger.kill()


@pytest.mark.chaos
@pytest.mark.skipif(not EVERY, reason="part of `make chaos`")
def test_every_call_of_publishing_and_consuming(way: Way, tmp_path: Path, kafka: Kafka, topic_prefix: str) -> None:
    """Whatever call is the last one or fails, after a restart everything is published and read, in order."""
    points = CrashPoints(
        threads=way.threads(FOLLOWING),
        work=way.append_and_follow,
        mend=way.mend,
        has_died=is_gone,
        output=tmp_path / "calls",
        attempts_max=ATTEMPTS_MAX,
    )
    way.append_and_follow()
    begun = time.monotonic()
    found = points.record(3)
    for point in found[way.random.randrange(EVERY) :: EVERY]:
        points.kill_at(point)
        points.fail_at(point)
    judgement = judge(way.journal.file, way.ledger.conninfo, way.ledger.vault_file)
    repeated = judge_topics(settings_of(kafka.bootstrap, topic_prefix), way.ledger.conninfo, 1)
    tell(
        "R3 publish and consume",
        judgement,
        calls=len(found),
        killed=points.tally.killed,
        failed_with_EIO=points.tally.failed,
        not_met_again=len(points.tally.missed),
        published_twice=repeated,
        seconds=round(time.monotonic() - begun),
    )
    assert len(points.tally.missed) <= len(found) // 10, points.tally.missed
