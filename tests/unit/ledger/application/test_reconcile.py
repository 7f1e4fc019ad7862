"""Who must book what was shared."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.law.governance import Party, PartyKind
from services.law.register import Known, Register
from services.ledger.application.reconcile import who_book
from services.ledger.contract.events import Envelope

AT = datetime(2026, 9, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "books"),
    [
        ("public-body", True),
        ("police", True),
        ("private-controller", True),
        ("volunteer-body", True),
        ("processor", False),
        ("citizen", False),
    ],
)
def test_whoever_holds_for_itself_books(*, kind: PartyKind, books: bool) -> None:
    """Neither a processor nor a citizen has books here; the sender shared with itself books nothing either."""
    party = Party(id="other", kind=kind, valid_from=date(2020, 1, 1))
    register = Register([Known(party, 1, AT)])
    share = Envelope(
        UUID(int=1),
        "k",
        "mayor",
        AT,
        AT,
        operation_class="share",
        controller="mayor",
        recipients=("other", "mayor", "other", "unknown"),
    )
    assert [*who_book(share, register)] == (["other"] if books else []) + ["unknown"]
