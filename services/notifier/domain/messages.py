"""A message ready to leave, and what a channel says of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.notifier.domain.kinds import MessageKind
from services.notifier.domain.texts import Text

ChannelName = Literal["folder", "letter", "smtp", "webhook"]
Outcome = Literal["delivered", "postponed", "refused", "stopped"]
"""Delivered; not now, try again; never, to nobody of these; and: this route wants nothing any more."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A way to reach somebody: a channel, its addresses (or lines of an envelope), and a secret where it needs one."""

    channel: ChannelName
    addresses: tuple[str, ...] = ()
    secret: str | None = None

    @property
    def key(self) -> str:
        """What names the route in working state without telling the address."""
        return f"{self.channel}-{short_digest(chr(0).join(self.addresses))}"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel sends. ``mailbox`` is the party whose folder it goes to: who gets it, or who mails the letter.

    ``addresses`` are those of the route that have not been settled by an earlier attempt.
    """

    id: UUID
    kind: MessageKind
    template: str
    mailbox: str
    obligation: str | None
    to_person: bool
    at: datetime
    texts: tuple[Text, ...]
    addresses: tuple[str, ...] = ()
    secret: str | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one attempt. ``reason`` is a code from a closed list, never the words of the other side.

    ``accepted`` and ``refused`` are addresses that are settled now, whatever the outcome of the rest.
    """

    outcome: Outcome
    reason: str = ""
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def short_digest(text: str) -> str:
    """Sixteen hex digits of SHA-256: enough to tell a party's own few addresses apart."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
