"""The order in which a request can be extended, suspended, resumed, answered or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.ledger.application.request_clock import EXTEND_SEVERAL_UNITS, clock_step
from services.ledger.application.request_steps import allowed_after
from services.ledger.contract.events import Envelope

AT = datetime(2026, 3, 5, 9, tzinfo=UTC)
EXTENSIONS = {"extend", EXTEND_SEVERAL_UNITS}


def stepped(step: str) -> Envelope:
    """The envelope of a step."""
    return Envelope(operation_id=UUID(int=1), key="k", author="college", recorded_at=AT, occurred_at=AT, step=step)


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        ((), EXTENSIONS | {"suspend", "answer", "refuse"}),
        (("extend",), {"suspend", "answer", "refuse"}),
        (("suspend",), {"resume", "answer", "refuse"}),
        (("suspend", "resume"), EXTENSIONS | {"suspend", "answer", "refuse"}),
        (("extend", "suspend", "resume"), {"suspend", "answer", "refuse"}),
        ((EXTEND_SEVERAL_UNITS, "suspend", "resume"), {"suspend", "answer", "refuse"}),
        (("answer",), set()),
        (("refuse",), set()),
    ],
)
def test_a_step_may_follow_only_where_the_law_knows_it(steps: tuple[str, ...], allowed: set[str]) -> None:
    """One extension, a resumption only of a suspension, and nothing after the answer."""
    assert allowed_after([stepped(step) for step in steps]) == allowed


def test_the_longer_extension_of_the_police_is_an_extension() -> None:
    """Wpg 25 gives six weeks more instead of four when several units have to look."""
    found = clock_step(stepped(EXTEND_SEVERAL_UNITS))
    assert (found.step, found.several_units) == ("extend", True)
    assert clock_step(stepped("suspend")).several_units is False
