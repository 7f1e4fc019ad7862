"""A member of staff before the pages of an application of their own, and what they usually ask and log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.gateway.app import create_app
from services.gateway.auth.issuer import TokenIssuer
from services.gateway.auth.keys import make_keys
from services.law.act import Act
from services.ledger.contract.errors import say_as_ours
from services.ledger.contract.remote import LEDGER
from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.support.page_ledger import PageLedger
from tests.support.remote import over_remote
from tests.support.visitor import Visitor

NOW = datetime(2026, 5, 3, 9, 0, 30, tzinfo=UTC)
BSN = "999990019"
QUESTION: dict[str, Any] = {
    "party": ["politie", "school"],
    "category": ["name"],
    "person": BSN,
    "covenant": "veiligheidshuis|jeugdgroepen",
}
TALK: dict[str, Any] = {
    "party": "politie",
    "person": BSN,
    "category": ["name"],
    "proportionality": "Nodig voor het overleg.",
}


class Member(Visitor):
    """A visitor before an application of its own, who can sign in."""

    def __init__(self, *, apart: bool = False) -> None:
        """Build the application, before a ledger in this process or `apart`, on the road between processes."""
        self.ledger = PageLedger()
        self.log = MemoryLog()
        self.clock = self.ledger.clock = FakeClock(NOW)
        self.issuer = TokenIssuer(make_keys(), self.clock, SeededIds(1))
        super().__init__(
            create_app(
                ledger=over_remote(LEDGER, self.ledger, say_as_ours) if apart else self.ledger,
                tokens=self.issuer.verifier(),
                clock=self.clock,
                ids=SeededIds(2),
                log=self.log,
                metrics=Metrics(),
            )
        )

    def sign_in(self, scope: str = "processing:write processing:read", staff: str = "r-104") -> Member:
        """Sign in for the burgemeester."""
        self.open("/aanmelden")
        self.press("sign-in", staff=staff, token=self.issuer.issue("burgemeester", scope))
        return self

    @property
    def recorded(self) -> tuple[Act, ...]:
        """The acts that were sent to be recorded, in order."""
        bodies = [each.body for each in self.ledger.submissions]
        return tuple(body for body in bodies if isinstance(body, Act))
