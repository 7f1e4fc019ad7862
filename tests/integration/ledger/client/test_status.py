"""A ledger that runs, followed from another process by its status."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg

from services.ledger.contract.cloud_events import PublishedEvent
from services.ledger.contract.messages import SubjectIdentifier
from services.ledger.contract.positions import REGISTER_LANE
from services.ledger.contract.remote import STATUS
from tests.support.forgetting import forgetful
from tests.support.remote import over_remote

PERSON = SubjectIdentifier(id_type="urn:test", id="somebody")


def test_a_follower_can_read_every_lane_to_its_head(database: str, tmp_path: Path) -> None:
    """What is stored is told, page after page, with envelope and sealed content as they lie in the table."""

    async def main() -> None:
        async with forgetful(database, tmp_path) as one:
            ledger = one.ledger
            for number in range(3):
                await one.record(PERSON, key=f"act-{number}")
            status = over_remote(STATUS, ledger.status)
            heads = await status.heads()
            assert set(heads) == {0, REGISTER_LANE}
            assert min(heads.values()) >= 3
            for lane, head in heads.items():
                found: list[PublishedEvent] = []
                while len(found) < head:
                    found += await status.events_after(lane, len(found), 2)
                assert await status.events_after(lane, head, 2) == []
                assert [(each.lane, each.position) for each in found] == [(lane, at) for at in range(1, head + 1)]
                if lane != REGISTER_LANE:
                    assert [(each.envelope, each.content) for each in found] == stored(database, lane)
            await ledger.wait_until_applied()
            assert (await status.applied())[0] == heads[0]
            assert (await status.clock()).kind == "scenario"
            assert (await status.clock()).now == ledger.clock.now()

    asyncio.run(main())


def stored(database: str, lane: int) -> list[tuple[bytes, bytes]]:
    """Envelope and content of a lane as they lie in the table."""
    statement = "SELECT envelope, state FROM stored_events WHERE lane = %s ORDER BY notification_id"
    with psycopg.connect(database) as connection:
        return [(bytes(envelope), bytes(state)) for envelope, state in connection.execute(statement, [lane])]
