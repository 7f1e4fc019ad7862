"""What the gateway says of the ledger behind it, to whoever asks whether it is ready."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.gateway.__main__ import state_of
from services.runtime.errors import GrootboekError, Unavailable
from services.runtime.internal_http import NotReady


class Stopped(GrootboekError):
    """The ledger stopped for good."""


@pytest.mark.parametrize(("error", "told"), [(Unavailable(), Unavailable), (Stopped(), NotReady)])
def test_every_fault_of_the_ledger_is_waited_for(error: GrootboekError, told: type[GrootboekError]) -> None:
    """What passes by itself is told by its own name; what does not must not end the gateway, which is not at fault."""

    class Ledger:
        async def ready(self) -> None:
            """Raise it."""
            raise error

    ledger: Any = Ledger()
    with pytest.raises(GrootboekError) as raised:
        asyncio.run(state_of(ledger))
    assert type(raised.value) is told
    assert raised.value.retryable
