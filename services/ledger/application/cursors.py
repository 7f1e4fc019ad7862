"""Opaque cursors: sealed, bounded, and good for one question of one party only."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from services.ledger.application.ports import Vault
from services.ledger.contract.messages import Caller
from services.runtime import base64url
from services.runtime.crypto import SealBroken, open_sealed, seal
from services.runtime.errors import FieldError, Rejected
from services.runtime.limits import CURSOR_LENGTH_MAX, PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX

_KEY_NAME: Final = "cursor"


class CursorInvalid(Rejected):
    """This cursor does not belong to this question."""

    code = "cursor-invalid"
    remedy = "Begin again without a cursor, and send each `next` back with the same body by the same party."

    def __init__(self) -> None:
        """Point at the cursor, never at what it holds."""
        super().__init__(
            (
                FieldError(
                    pointer="/cursor",
                    code=self.code,
                    message="This cursor does not belong to this question.",
                    remedy=self.remedy,
                ),
            )
        )


class LimitInvalid(Rejected):
    """A page holds at least one item and at most the maximum of the ledger."""

    code = "limit-invalid"
    remedy = f"Ask for 1 to {PAGE_ITEMS_MAX} items."

    def __init__(self) -> None:
        """Point at the limit."""
        super().__init__(
            (
                FieldError(
                    pointer="/limit",
                    code=self.code,
                    message=f"A page holds 1 to {PAGE_ITEMS_MAX} items.",
                    remedy=self.remedy,
                ),
            )
        )


class Cursor(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Where a page ended, under which read id it is recorded, and the bounds that were fixed on the first page.

    The place is (lane, position) or, for pages of persons, (lane, person).
    """

    read_id: UUID
    lane: int
    position: int = 0
    person: UUID | None = None
    as_of: datetime
    as_known_at: datetime


class CursorSealer:
    """Seals and opens cursors under a key of the vault."""

    def __init__(self, vault: Vault) -> None:
        """Take the key once; the same vault opens cursors sealed before a restart."""
        self._key = vault.derive(_KEY_NAME)

    def __repr__(self) -> str:
        """Show no key."""
        return "CursorSealer()"

    def seal(self, cursor: Cursor, caller: Caller, question: bytes) -> str:
        """The cursor as the caller gets it, bound to the caller and the question."""
        sealed = seal(self._key, msgspec.msgpack.encode(cursor), _binding(caller, question))
        return base64url.encode(sealed)

    def open(self, text: str | None, caller: Caller, question: bytes) -> Cursor | None:
        """The cursor behind ``text``, None when there is none; CursorInvalid for anything else."""
        if text is None:
            return None
        if len(text) > CURSOR_LENGTH_MAX:
            raise CursorInvalid
        try:
            opened = open_sealed(self._key, base64url.decode(text), _binding(caller, question))
            return msgspec.msgpack.decode(opened, type=Cursor)
        except (SealBroken, ValueError, msgspec.MsgspecError):
            raise CursorInvalid from None


def page_limit(limit: int | None) -> int:
    """The number of items of a page; LimitInvalid outside 1 to the maximum."""
    if limit is None:
        return PAGE_ITEMS_DEFAULT
    if not 1 <= limit <= PAGE_ITEMS_MAX:
        raise LimitInvalid
    return limit


def question_of(call: str, *parts: object) -> bytes:
    """What a cursor is bound to: the call and its question, hashed."""
    encoded = msgspec.json.encode([call, *parts], order="deterministic")
    return hashlib.sha256(encoded).digest()


def _binding(caller: Caller, question: bytes) -> bytes:
    scopes = sorted(caller.scopes)
    return msgspec.json.encode([caller.party, scopes, caller.subject, caller.purpose, question.hex()])
