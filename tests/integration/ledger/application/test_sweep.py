"""What has ended is swept in bounded batches, and a kill anywhere leaves a ledger that is whole and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ledger.application.sweep import Sweep
from services.ledger.application.visible_events import swept
from services.ledger.contract import topics
from services.ledger.domain.stored import StoredEvent
from services.ledger.entrypoints.check import verify_ledger
from services.runtime import limits
from tests.support.forgetting import ALICE, BOB, CAROL, TODAY, Forgetful, forgetful

Story = Callable[[Forgetful], Awaitable[None]]
EMPTY = "SELECT count(*) FROM stored_events WHERE lane < 9999 AND envelope IS NULL AND state IS NULL"
ANNOUNCED = "SELECT count(*) FROM stored_events WHERE topic = %s"
REPEATED = "SELECT count(*) - count(DISTINCT lane) FROM stored_events WHERE topic = %s"
WITH_ENVELOPE = "SELECT count(*) FROM stored_events WHERE lane < 9999 AND envelope IS NOT NULL"


class Killed(BaseException):
    """The process died here."""


@pytest.fixture
def tell(database: str, tmp_path: Path) -> Callable[[Story], None]:
    """Give a function that tells a story on a running ledger of two lanes."""

    def run(story: Story) -> None:
        async def main() -> None:
            async with forgetful(database, tmp_path, lanes=2) as ledger:
                await story(ledger)

        asyncio.run(main())

    return run


async def record_ten(ledger: Forgetful) -> None:
    """Nine acts on three persons that end today, and one that goes on; then the day passes."""
    for number in range(9):
        await ledger.record(
            (ALICE, BOB, CAROL)[number % 3], ends="P1D", occurred_at=ledger.ledger.clock.now(), key=f"k-{number}"
        )
    await ledger.record(ALICE, ends="P1Y", key="goes-on")
    with pytest.MonkeyPatch.context() as monkeypatch:
        # Only the test sweeps.
        monkeypatch.setattr(sweeper_of(ledger), "sweep", sweep_nothing)
        await ledger.day(TODAY + timedelta(days=2))
    await ledger.ledger.wait_until_applied()


async def sweep_nothing() -> int:
    """Leave everything where it is."""
    return 0


def sweeper_of(ledger: Forgetful) -> Sweep:
    """The verb as the ledger wired it."""
    return ledger.ledger.forgetting._sweeps


async def check_whole(ledger: Forgetful, tmp_path: Path) -> None:
    """A rebuild equals the live projections, and verification finds nothing."""
    await ledger.ledger.wait_until_applied()
    verification = await asyncio.to_thread(verify_ledger, ledger.database, tmp_path / "vault" / "vault")
    assert verification.findings == ()


def test_batches_are_bounded_and_take_what_ended(
    tell: Callable[[Story], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two batches of two at a time over both lanes until nothing is left; what goes on is untouched and shown."""
    monkeypatch.setattr(limits, "SWEEP_EVENTS_MAX", 2)
    monkeypatch.setattr(limits, "SWEEP_BATCHES_MAX", 2)

    async def story(ledger: Forgetful) -> None:
        await record_ten(ledger)
        sizes = []
        while swept := await sweeper_of(ledger).sweep():
            sizes.append(swept)
            await check_whole(ledger, tmp_path)
        assert sizes == [4, 4, 1]
        assert ledger.count(EMPTY) == 9
        assert all(size_of(event) <= 2 for event in await announcements(ledger))
        assert await ledger.sees("goes-on")

    tell(story)


def kill_writing(ledger: Forgetful, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die before the announcement is written."""

    async def write(**_: Any) -> Any:
        raise Killed

    monkeypatch.setattr(sweeper_of(ledger)._writer, "write", write)


def kill_waiting(ledger: Forgetful, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die when it is written, before the projections have seen it."""

    def wait_for(lane: int, position: int) -> None:
        raise Killed

    monkeypatch.setattr(sweeper_of(ledger), "_wait_for", wait_for)


def kill_emptying(ledger: Forgetful, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die when the projections have let go, before anything is emptied."""

    def finish(lane: int, limit: int) -> int:
        raise Killed

    monkeypatch.setattr(sweeper_of(ledger)._sweeper, "finish", finish)


def kill_between_lanes(ledger: Forgetful, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die when one lane is emptied and the other is not."""
    real = sweeper_of(ledger)._sweeper.finish

    def finish(lane: int, limit: int) -> int:
        if lane > 0:
            raise Killed
        return real(lane, limit)

    monkeypatch.setattr(sweeper_of(ledger)._sweeper, "finish", finish)


@pytest.mark.parametrize("kill", [kill_writing, kill_waiting, kill_emptying, kill_between_lanes])
def test_a_kill_between_two_steps_leaves_a_whole_ledger_that_goes_on(
    tell: Callable[[Story], None],
    tmp_path: Path,
    kill: Callable[[Forgetful, pytest.MonkeyPatch], None],
) -> None:
    """At whatever step it died: nothing is shown, rebuild and verification agree, and the next call ends the work."""

    async def story(ledger: Forgetful) -> None:
        await record_ten(ledger)
        with pytest.MonkeyPatch.context() as monkeypatch:
            kill(ledger, monkeypatch)
            with pytest.raises(Killed):
                await sweeper_of(ledger).sweep()
        await check_whole(ledger, tmp_path)
        assert not any([await ledger.sees(f"k-{number}") for number in range(9)])
        while await sweeper_of(ledger).sweep():
            pass
        await check_whole(ledger, tmp_path)
        assert ledger.count(EMPTY) == 9
        # Said once in each lane: the same positions have the same key.
        assert ledger.count(REPEATED, topics.RECORDS_SWEPT) == 0
        assert await ledger.sees("goes-on")

    tell(story)


def test_two_that_sweep_at_once_take_everything_once(tell: Callable[[Story], None], tmp_path: Path) -> None:
    """Side by side they choose the same and say it once; nothing but that is taken away."""

    async def story(ledger: Forgetful) -> None:
        await record_ten(ledger)
        before = ledger.count(WITH_ENVELOPE)
        await asyncio.gather(*(sweeper_of(ledger).sweep() for _ in range(3)))
        while await sweeper_of(ledger).sweep():
            pass
        assert ledger.count(EMPTY) == 9
        assert ledger.count(WITH_ENVELOPE) == before - 9 + ledger.count(ANNOUNCED, topics.RECORDS_SWEPT)
        await check_whole(ledger, tmp_path)

    tell(story)


def test_what_is_erased_is_swept_before_what_ended(
    tell: Callable[[Story], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody waits for an erasure: it takes its place in the first batch, with its reason and without a count."""
    monkeypatch.setattr(limits, "SWEEP_EVENTS_MAX", 2)
    monkeypatch.setattr(limits, "SWEEP_BATCHES_MAX", 1)

    async def story(ledger: Forgetful) -> None:
        await record_ten(ledger)
        await ledger.record(BOB, by="school", ends="P1Y", key="theirs")
        await ledger.erase("e-1", ALICE)
        await ledger.ledger.wait_until_applied()
        assert await sweeper_of(ledger).sweep() > 0
        said = [event.read_envelope() for event in await announcements(ledger)]
        assert said[0].swept_reason == "erased"
        assert said[0].destroyed == ()
        while await sweeper_of(ledger).sweep():
            pass
        said = [event.read_envelope() for event in await announcements(ledger)]
        assert sum(one.count for each in said if each.swept_reason == "ended" for one in each.destroyed) > 0
        await check_whole(ledger, tmp_path)
        assert await ledger.sees("theirs", by="school")

    tell(story)


def size_of(event: StoredEvent) -> int:
    """How many positions an announcement names."""
    return sum(high - low + 1 for low, high in event.read_envelope().swept)


async def announcements(ledger: Forgetful) -> list[StoredEvent]:
    """The events that name what was swept, in order of recording."""
    reader = ledger.ledger._reader
    events = [event for lane in (0, 1) for event in reader.events_after(lane, 0, 1000)]
    found = [event for event in events if event.topic == topics.RECORDS_SWEPT]
    return sorted(found, key=lambda event: (event.read_envelope().recorded_at, event.lane, event.position))


@pytest.mark.parametrize("reads_before", [0, 1])
def test_what_is_swept_while_an_answer_is_made_falls_out_of_it(
    tell: Callable[[Story], None], reads_before: int
) -> None:
    """A holding whose act is emptied between two looks at it is left out; nothing fails."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        events = ledger.ledger._sources.events
        real, looks = events.events_at, iter(range(9))

        def events_at(places: Sequence[tuple[int, int]]) -> list[StoredEvent]:
            found = real(places)
            return found if next(looks) < reads_before else [swept(event) for event in found]

        assert len(await ledger.holds("college", ALICE)) == 1
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(events, "events_at", events_at)
            assert await ledger.holds("college", ALICE) == []

    tell(story)
