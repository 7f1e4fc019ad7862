"""The budgets of a breach (P4) and of the end of a day (P7), through the public API like the others."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import psycopg

from services.law.local_time import AMSTERDAM, amsterdam_day
from services.ledger.application.pseudonyms import day_key_id
from services.ledger.application.vault_errors import KeyDestroyed, VaultFailure
from services.ledger.storage.vault_file import SealedFileVault
from tests.bench.budgets import RUNS, Measured, at_least, at_most, fill
from tests.bench.ledger import BenchLedger, bench_ledger
from tests.bench.workload import CONTROLLER, Workload

HOLDER: Final = "jongerenwerk-middelstad"
CATEGORY: Final = "school"
IMPACT_READS: Final = 9
DAY_SMALL: Final = 10_000
DAY_FLOOR_SECONDS: Final = 0.05
SWEEP_RATE: Final = 50_000
SWEEP_SECONDS_MAX: Final = 60.0
DAYS_KEPT: Final = 20
HELD: Final = "SELECT EXISTS (SELECT FROM stored_events WHERE lane < 9999 AND state <> '')"
# What whoever knows the tables would write by hand: how many persons and acts, of this party, window and category.
BY_HAND: Final = """
SELECT count(DISTINCT stream_id), count(*) FROM projection.holding_act
WHERE party = %s AND effect > 0 AND occurred_at <= %s AND categories && %s AND recorded_at <= now()"""


def measure_p4(events: int) -> Iterator[Measured]:
    """Breach impact: counts and first page over HTTP, against one aggregate over the same rows."""
    with bench_ledger() as ledger:
        fill(ledger, Workload(71), events)
        until = datetime.now(UTC)
        begins = until - timedelta(days=2)
        breach = ledger.post(
            "/v1/breaches",
            {
                "party": HOLDER,
                "occurredFrom": begins.isoformat(),
                "occurredUntil": until.isoformat(),
                "awareAt": until.isoformat(),
                "dataCategories": [CATEGORY],
                "description": "a laptop was stolen",
            },
            HOLDER,
            "breach",
        )
        answers, aggregates = [], []
        for _ in range(IMPACT_READS):
            seconds, impact = read_impact(ledger, breach["id"])
            answers.append(seconds)
            seconds, counts = count_by_hand(ledger.conninfo, until)
            aggregates.append(seconds)
            assert (impact["persons"], impact["records"]) == counts, (impact["persons"], impact["records"], counts)
        answer, aggregate = statistics.median(answers), statistics.median(aggregates)
        note = f"{counts[0]:,} persons, {counts[1]:,} acts of {events:,}; aggregate {aggregate * 1000:.0f} ms"
        yield at_most("P4", answer * 1000, "ms", aggregate * 1000, 3, "one SQL aggregate", note)


def read_impact(ledger: BenchLedger, breach_id: str) -> tuple[float, dict[str, Any]]:
    """The time of one answer with counts and the first page, and the answer."""
    headers = {"Authorization": f"Bearer {ledger.token(HOLDER, 'breach')}", "Grootboek-Purpose": "breach"}
    begun = time.perf_counter()
    answer = httpx.get(f"{ledger.base_url}/v1/breaches/{breach_id}/impact", headers=headers, timeout=120)
    seconds = time.perf_counter() - begun
    assert answer.is_success, answer.text
    return seconds, answer.json()


def count_by_hand(conninfo: str, until: datetime) -> tuple[float, tuple[int, int]]:
    """The time of the aggregate, and (persons, acts)."""
    with psycopg.connect(conninfo) as connection:
        begun = time.perf_counter()
        row = connection.execute(BY_HAND, (HOLDER, until, [CATEGORY])).fetchone()
        seconds = time.perf_counter() - begun
    assert row is not None
    return seconds, (row[0], row[1])


class DayEnd(msgspec.Struct, frozen=True):
    """What the end of a day took: until nobody could read it any more, and until its bytes were gone."""

    gone_seconds: float
    swept_seconds: float


def measure_p7(events: int) -> Iterator[Measured]:
    """The end of a day with all events in it, against that of a day with few; then the sweep."""
    small = min(DAY_SMALL, events)
    fews = [end_of_day_with(small).gone_seconds for _ in range(RUNS)]
    many = end_of_day_with(events)
    few = statistics.median(fews)
    note = f"{many.gone_seconds * 1000:.0f} ms for {events:,}, {few * 1000:.0f} ms for {small:,} records"
    floor = max(few, DAY_FLOOR_SECONDS)
    yield at_most("P7", many.gone_seconds * 1000, "ms", floor * 1000, 3, "a day of few records", note)
    rate = events / many.swept_seconds
    yield at_least("P7", rate, "events/s swept", SWEEP_RATE, 1, f"{SWEEP_RATE:,}/s")


def end_of_day_with(events: int) -> DayEnd:
    """Fill a ledger on a scenario clock with records of one day, let it pass, and watch."""
    begins = datetime.now(UTC).replace(microsecond=0)
    with bench_ledger(clock_from=begins) as ledger:
        # The record never ends before the holding that it is evidence of; of judicial data is told under an act of its
        # own (Wjsg), so that the notifier has nothing to say about these persons while the day ends.
        period = {"period": f"P{DAYS_KEPT}D"}
        judicial = {"dataRegime": "Wjsg", "recipients": [{"party": "politie"}, {"party": "om"}]}
        more = {"retention": period, "recordRetention": period, "occurredAt": begins.isoformat(), **judicial}
        lines = fill(ledger, Workload(81, more=more), events)
        ends = amsterdam_day(begins) + timedelta(days=DAYS_KEPT)
        midnight = datetime.combine(ends + timedelta(days=1), datetime.min.time(), tzinfo=AMSTERDAM)
        sample = msgspec.json.decode(lines[len(lines) // 2])["id"]
        assert read_status(ledger, sample) == 200
        last = last_sealed(ledger.conninfo)
        # Whoever follows the feed has caught up, as at any midnight; what that takes after such a fill is not timed.
        ledger.set_clock(begins + timedelta(seconds=1))
        begun = time.perf_counter()
        threading.Thread(target=pass_midnight, args=(ledger, midnight), daemon=True).start()
        wait_until_destroyed(ledger.home / "vault" / "vault", day_key_id(ends))
        assert read_status(ledger, sample) == 404
        gone = time.perf_counter() - begun
        # Nearly in order of position: when the last one is empty, few are left, and only then all are looked at. What
        # else a new day brings, such as notifier's look at every person of whom something ended, is not waited for.
        wait_until_empty(ledger.conninfo, last)
        wait_until_all_empty(ledger.conninfo)
        swept = time.perf_counter() - begun - gone
        return DayEnd(gone, swept)


def wait_until_all_empty(conninfo: str) -> None:
    """Wait until no event of a person holds content."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        deadline = time.perf_counter() + SWEEP_SECONDS_MAX
        while connection.execute(HELD).fetchone() != (False,):
            assert time.perf_counter() < deadline, "something was not swept"
            time.sleep(0.05)


def pass_midnight(ledger: BenchLedger, midnight: datetime) -> None:
    """Let the day end; the ledger may stop before it has answered."""
    with suppress(httpx.HTTPError):
        ledger.set_clock(midnight + timedelta(minutes=1))


def last_sealed(conninfo: str) -> int:
    """The last position in the lane that holds content."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "SELECT notification_id FROM stored_events WHERE lane = 0 AND state <> ''"
            " ORDER BY notification_id DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    return int(row[0])


def wait_until_empty(conninfo: str, position: int) -> None:
    """Wait until a position holds no content any more."""
    statement = "SELECT state IS NULL FROM stored_events WHERE lane = 0 AND notification_id = %s"
    deadline = time.monotonic() + 600
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while connection.execute(statement, (position,)).fetchone() != (True,):
            assert time.monotonic() < deadline, "the sweep does not come to its end"
            time.sleep(0.005)


def read_status(ledger: BenchLedger, operation: str) -> int:
    """Whether the ledger still answers about an operation."""
    headers = {
        "Authorization": f"Bearer {ledger.token(CONTROLLER, 'processing:read')}",
        "Grootboek-Purpose": "operations",
    }
    url = f"{ledger.base_url}/v1/processing-operations/{operation}"
    return httpx.get(url, headers=headers, timeout=60).status_code


def wait_until_destroyed(vault_file: Path, key_id: str) -> None:
    """Look at the vault until the key is gone from it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            SealedFileVault(vault_file, create=False).unwrap(key_id, b"", b"")
        except KeyDestroyed:
            return
        except VaultFailure:
            # A living key does not unwrap nothing.
            time.sleep(0.002)
    raise TimeoutError(key_id)
