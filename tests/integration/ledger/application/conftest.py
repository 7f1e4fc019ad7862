"""What the stories of forgetting stand on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from services.ledger.entrypoints.check import verify_ledger
from tests.support.forgetting import Story, forgetful


@pytest.fixture
def tell(database: str, tmp_path: Path) -> Callable[[Story], None]:
    """Give a function that tells a story on a ledger of two lanes; what it leaves verifies and equals a rebuild."""

    def run(story: Story) -> None:
        async def main() -> None:
            async with forgetful(database, tmp_path, lanes=2) as ledger:
                await story(ledger)
                await ledger.ledger.wait_until_applied()
                assert ledger.differences() == []

        asyncio.run(main())
        assert verify_ledger(database, tmp_path / "vault" / "vault").findings == ()

    return run
