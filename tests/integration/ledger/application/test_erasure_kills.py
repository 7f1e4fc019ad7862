"""An erasure that is killed between any two of its steps ends as one that never was."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.ledger.contract.messages import SubjectIdentifier
from services.ledger.domain.identity import operation_id_of
from services.ledger.entrypoints.check import verify_ledger
from tests.bench.workload import bsn_of
from tests.support.faults import Faults, FaultyPort, Killed, faulty
from tests.support.forgetting import Forgetful, caller, forgetful

PORTS = ("_store", "_register", "_writer", "_identities", "_vault")
SWEEP_PORTS = ("_sweeper", "_writer")


def person(number: int) -> SubjectIdentifier:
    """A person of his own for every kill."""
    return SubjectIdentifier(id_type="BSN", id=bsn_of(number))


def break_ports(ledger: Forgetful, faults: Faults, patch: pytest.MonkeyPatch) -> None:
    """Make everything that an erasure does outside itself breakable."""
    steps = ledger.ledger.forgetting._steps
    sweeps = ledger.ledger.forgetting._sweeps
    for name in SWEEP_PORTS:
        patch.setattr(sweeps, name, FaultyPort(getattr(sweeps, name), faults))
    for name in PORTS:
        patch.setattr(steps, name, FaultyPort(getattr(steps, name), faults))
    patch.setattr(steps, "_sweep", faulty(sweeps.sweep, "sweep", faults))


async def end_state(ledger: Forgetful, number: int) -> dict[str, Any]:
    """Everything about the erasure of a person that may not depend on how often it was killed."""
    key = f"e-{number}"
    view = await ledger.erasure(key)
    stream = (await asyncio.to_thread(ledger.ledger.forgetting.sources.streams_of, person(number)))[0]
    events = ledger.ledger._reader.events_of_stream(*stream)
    declared = dict(await ledger.client.declare_erasure(caller("college"), key))
    entries = ledger.ledger.forgetting.register_file.entries()
    erasure_id = str(operation_id_of("college", key))
    timed = {"requestedAt", "destroyedAt", "completedAt", "decidedAt", "id", "fingerprints"}
    return {
        "view": {name: value for name, value in view.items() if name not in timed},
        "declared": {name: value for name, value in declared.items() if name not in timed},
        "prints": len(declared["fingerprints"]),
        "events": [(event.topic, event.envelope is None, event.state is None) for event in events],
        "register": [entry.kind for entry in entries if erasure_id in entry.id],
    }


def test_a_kill_between_any_two_steps_changes_nothing(database: str, tmp_path: Path) -> None:
    """For every call of every port, broken off before and after its effect: the next try ends in the same state."""

    async def main() -> None:
        async with forgetful(database, tmp_path) as ledger:
            faults = Faults()
            with pytest.MonkeyPatch.context() as patch:
                break_ports(ledger, faults, patch)
                expected: dict[str, Any] = {}
                for number in count():
                    faults.arm(None)
                    await ledger.record(person(number))
                    await ledger.record(person(number), case_id="Z-1")
                    await ledger.erase(f"e-{number}", person(number))
                    erasure_id = operation_id_of("college", f"e-{number}")
                    faults.arm(number - 1 if number else None)
                    advance = ledger.ledger.retention_commands.advance_erasure
                    if faults.break_off_at is None:
                        assert await advance(erasure_id) == "complete"
                    else:
                        try:
                            await advance(erasure_id)
                        except Killed:
                            assert faults.broke_off
                        if not faults.broke_off:
                            break
                        faults.arm(None)
                        assert await advance(erasure_id) == "complete"
                    found = await end_state(ledger, number)
                    expected = expected or found
                    assert found == expected, faults.steps
                assert number > 30
            await ledger.ledger.wait_until_applied()
            assert ledger.differences() == []
            assert ledger.count("SELECT count(*) FROM dossier_secret WHERE state = 'fenced'") == 0

    asyncio.run(main())
    assert verify_ledger(database, tmp_path / "vault" / "vault").findings == ()


def test_rounds_take_up_what_others_left(database: str, tmp_path: Path) -> None:
    """Erasures that rounds left at all kinds of places are carried on by later rounds, beside new ones."""

    async def main() -> None:
        async with forgetful(database, tmp_path) as ledger:
            faults = Faults()
            with pytest.MonkeyPatch.context() as patch:
                break_ports(ledger, faults, patch)
                keys = []
                for number in range(1, 24):
                    faults.arm(None)
                    keys.append(await ledger.record(person(number)))
                    await ledger.erase(f"e-{number}", person(number))
                    await ledger.ledger.wait_until_applied()
                    faults.arm(2 * number)
                    with contextlib.suppress(Killed):
                        await ledger.retention.catch_up()
                faults.arm(None)
                await ledger.retention.catch_up()
                states = [(await ledger.erasure(f"e-{number}"))["state"] for number in range(1, 24)]
                assert states == ["complete"] * 23
                assert [await ledger.sees(key) for key in keys] == [False] * 23

    asyncio.run(main())
