"""Where a controller orders a letter to a person: what it sends, and who takes the order."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.notifier.contract.letters import BreachFacts, ErasedFacts, NoticeFacts, Written


class _Order(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What every order says: by which channel, where to, and how the reader is spoken to.

    ``address``: the lines of the envelope, or one mail address.
    """

    channel: Literal["letter", "smtp"]
    address: tuple[str, ...]
    salutation: str
    addressee: Literal["subject", "representative"] = "subject"
    id: str | None = None


class NoticeOrder(_Order, frozen=True, kw_only=True):
    """``POST /v1/obligations/{id}/letters``: tell a person, or a child, what is done with the data (AVG 13, 14)."""

    kind: Literal["notice-to-person", "notice-to-child"] = "notice-to-person"
    dutch: NoticeFacts
    english: NoticeFacts | None = None


class BreachNoticeOrder(_Order, frozen=True, kw_only=True):
    """``POST /v1/breaches/{id}/notices``: tell one person whose data leaked (AVG 34)."""

    subject: SubjectIdentifier
    dutch: BreachFacts
    english: BreachFacts | None = None


class ErasureLetterOrder(_Order, frozen=True, kw_only=True):
    """``POST /v1/erasures/{id}/letters``: tell one person what was erased (AVG 12, 17)."""

    subject: SubjectIdentifier
    dutch: ErasedFacts
    english: ErasedFacts | None = None


class LetterDesk(Protocol):
    """Takes orders for letters. The same writer, cause, kind and channel is the same letter, however often ordered.

    Raises NotFound for whoever may not write this letter, and LetterRejected with every fault of the order. An open
    exemption makes it ``held``: then nothing of the order was kept.
    """

    async def write_notice(self, caller: Caller, obligation_id: str, order: NoticeOrder) -> Written:
        """Tell the person of an obligation to inform; for the party that owes it."""
        ...

    async def write_breach_notice(self, caller: Caller, breach_id: str, order: BreachNoticeOrder) -> Written:
        """Tell a person whose data a breach exposed; for its party and the party that reports it."""
        ...

    async def write_erasure_letter(self, caller: Caller, erasure_id: str, order: ErasureLetterOrder) -> Written:
        """Tell a person that data were erased; for the party that asked for the erasure."""
        ...
