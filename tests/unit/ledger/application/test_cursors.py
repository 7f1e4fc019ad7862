from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import msgspec
import pytest

from services.ledger.application.cursors import (
    Cursor,
    CursorInvalid,
    CursorSealer,
    LimitInvalid,
    page_limit,
    question_of,
)
from services.ledger.application.ports import Vault
from services.ledger.contract.messages import Caller
from services.runtime.limits import CURSOR_LENGTH_MAX, PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX

NOW = datetime(2026, 9, 15, 8, tzinfo=UTC)
CALLER = Caller(party="college", scopes=frozenset({"audit"}), purpose="proceedings")
QUESTION = question_of("replay", "x")
CURSOR = Cursor(read_id=UUID(int=7), lane=3, position=12, person=UUID(int=9), as_of=NOW, as_known_at=NOW)


class _Keys:
    def derive(self, name: str) -> bytes:
        return hashlib.sha256(name.encode()).digest()


@pytest.fixture
def sealer() -> CursorSealer:
    """A sealer over a fixed key."""
    return CursorSealer(cast("Vault", _Keys()))


def test_round_trip(sealer: CursorSealer) -> None:
    """A cursor comes back as it was sealed, within its bound, and shows nothing of what it holds."""
    text = sealer.seal(CURSOR, CALLER, QUESTION)
    assert sealer.open(text, CALLER, QUESTION) == CURSOR
    assert len(text) < CURSOR_LENGTH_MAX
    assert UUID(int=9).hex not in text


def test_no_cursor(sealer: CursorSealer) -> None:
    """The first page has no cursor."""
    assert sealer.open(None, CALLER, QUESTION) is None


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(CALLER, party="politie"),
        msgspec.structs.replace(CALLER, scopes=frozenset({"inquiry"})),
        msgspec.structs.replace(CALLER, purpose="inquiry"),
    ],
)
def test_other_caller(sealer: CursorSealer, other: Caller) -> None:
    """A cursor is worth nothing to another party, with another scope or for another purpose."""
    with pytest.raises(CursorInvalid):
        sealer.open(sealer.seal(CURSOR, CALLER, QUESTION), other, QUESTION)


def test_other_question(sealer: CursorSealer) -> None:
    """A cursor of one question does not open another."""
    with pytest.raises(CursorInvalid):
        sealer.open(sealer.seal(CURSOR, CALLER, QUESTION), CALLER, question_of("replay", "y"))


@pytest.mark.parametrize("text", ["", "x", "é", "!!!!", "A" * 60, "A" * (CURSOR_LENGTH_MAX + 1)])
def test_garbage(sealer: CursorSealer, text: str) -> None:
    """Whatever was not sealed here is told as an invalid cursor, at its pointer."""
    with pytest.raises(CursorInvalid) as raised:
        sealer.open(text, CALLER, QUESTION)
    assert [error.pointer for error in raised.value.errors] == ["/cursor"]


def test_page_limit() -> None:
    """A page has a default, a least and a most."""
    assert page_limit(None) == PAGE_ITEMS_DEFAULT
    assert page_limit(1) == 1
    assert page_limit(PAGE_ITEMS_MAX) == PAGE_ITEMS_MAX
    for wrong in (0, -1, PAGE_ITEMS_MAX + 1):
        with pytest.raises(LimitInvalid):
            page_limit(wrong)
