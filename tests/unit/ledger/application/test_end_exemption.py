"""Who may report that the reason not to tell a person has gone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.law.governance import Arrangement, Covenant, Entry, Mandate, Partner, Party
from services.ledger.application.end_exemption import may_end
from services.ledger.contract.events import Envelope
from tests.support.recording import NOW, FixedRegister, caller

ENTRIES: tuple[Entry, ...] = (
    Party(id="kantoor", kind="processor", processes_for="college"),
    Party(id="hulp", kind="processor", processes_for="politie"),
    Mandate(id="m1", from_="college", to="gemachtigde", acts=("exemption",), valid_until=NOW.date()),
    Mandate(id="m2", from_="college", to="regisseur", acts=("collect",)),
    Covenant(
        id="huis",
        version=1,
        valid_from=date(2025, 1, 1),
        arrangement=Arrangement(informs="loket"),
        partners=(Partner(party="college"), Partner(party="politie"), Partner(party="welzijn", until=NOW.date())),
    ),
)


@pytest.mark.parametrize(
    ("party", "changes", "at", "expected"),
    [
        ("college", {}, NOW, True),
        ("beslisser", {}, NOW, True),
        ("kantoor", {}, NOW, True),
        ("hulp", {}, NOW, False),
        ("gemachtigde", {}, NOW, True),
        ("gemachtigde", {}, NOW + timedelta(days=1), False),
        ("regisseur", {}, NOW, False),
        ("loket", {}, NOW, True),
        ("politie", {}, NOW, True),
        ("welzijn", {}, NOW, True),
        ("welzijn", {}, NOW + timedelta(days=1), False),
        ("school", {}, NOW, False),
        ("politie", {"covenant": None}, NOW, False),
        ("politie", {"covenant": "unknown"}, NOW, False),
        ("kantoor", {"controller": None}, NOW, False),
    ],
)
def test_who_may_end_an_exemption(party: str, changes: dict[str, Any], at: datetime, *, expected: bool) -> None:
    """Whose duty it is and who acts for it, who decided, who tells for all, and any partner of that day."""
    fields: dict[str, Any] = {"controller": "college", "decided_by": "beslisser", "covenant": "huis"}
    exemption = Envelope(
        operation_id=UUID(int=1), key="x", author="college", recorded_at=NOW, occurred_at=NOW, **(fields | changes)
    )
    assert may_end(caller(party), exemption, FixedRegister(ENTRIES).current(), at) is expected
