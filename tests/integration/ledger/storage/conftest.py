"""What the tests of projections stand on."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import psycopg
import pytest

from services.ledger.storage.projections.connection import connect
from services.runtime.postgres import migrate


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A projector's connection to a migrated, empty ledger."""
    with psycopg.connect(database) as migrating:
        migrate(migrating, files("services.ledger.storage") / "migrations", name="ledger")
    with connect(database) as opened:
        yield opened
