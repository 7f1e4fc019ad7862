"""What the reader of PostgreSQL leaves out: the contract test cannot take anything away."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg

from services.ledger.storage.events import PostgresEventReader
from services.ledger.storage.open_ledger import open_ledger
from services.ledger.storage.writer import AppendWriter
from services.runtime.postgres import sync_pool
from tests.support.operations import prepare_many


def test_nothing_stands_in_clear_of_what_was_swept(database: str) -> None:
    """The swept event counts towards the length of its stream, and shows nothing."""
    person = uuid4()
    open_ledger(database, 1, "system")

    async def append() -> None:
        writer = AppendWriter(conninfo=database)
        await writer.start()
        await writer.append(prepare_many(3, 0, [person]))
        await writer.stop()

    asyncio.run(append())
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE stored_events SET envelope = NULL, state = NULL WHERE notification_id = 2")
    with sync_pool(database, name="test") as pool:
        reader = PostgresEventReader(pool=pool)
        assert [event.position for event in reader.clear_of_streams([(0, person)])] == [1, 3]
        assert reader.lengths_of_streams([(0, person)]) == {(0, person): 3}
