"""The desk: the ledger says whom a letter goes to and whether the caller may write it; notifier writes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.ledger.contract.commands import LetterCommands, LetterTarget
from services.ledger.contract.messages import Caller
from services.notifier.contract.desk import BreachNoticeOrder, ErasureLetterOrder, NoticeOrder
from services.notifier.contract.letters import LetterKind, PersonLetter, Written


class Desk:
    """Implements the port ``LetterDesk``; where the person stands in the ledger never leaves it."""

    def __init__(self, commands: LetterCommands, write: Callable[[PersonLetter], Awaitable[Written]]) -> None:
        """Ask the ledger by ``commands``; ``write`` puts a letter in the outbox."""
        self._commands = commands
        self._write = write

    async def write_notice(self, caller: Caller, obligation_id: str, order: NoticeOrder) -> Written:
        """See LetterDesk."""
        target = await self._commands.notice_target(caller, obligation_id)
        return await self._write(address_letter(order.kind, target, order))

    async def write_breach_notice(self, caller: Caller, breach_id: str, order: BreachNoticeOrder) -> Written:
        """See LetterDesk."""
        target = await self._commands.breach_target(caller, breach_id, order.subject)
        return await self._write(address_letter("breach-to-person", target, order))

    async def write_erasure_letter(self, caller: Caller, erasure_id: str, order: ErasureLetterOrder) -> Written:
        """See LetterDesk."""
        target = await self._commands.erasure_target(caller, erasure_id, order.subject)
        return await self._write(address_letter("erased-to-person", target, order))


def address_letter(
    kind: LetterKind, target: LetterTarget, order: NoticeOrder | BreachNoticeOrder | ErasureLetterOrder
) -> PersonLetter:
    """The letter that an order comes to."""
    return PersonLetter(
        kind=kind,
        cause=target.cause,
        controller=target.controller,
        lane=target.lane,
        stream_id=target.stream_id,
        channel=order.channel,
        address=order.address,
        salutation=order.salutation,
        dutch=order.dutch,
        english=order.english,
        addressee=order.addressee,
        obligation=target.obligation,
        kept_until=target.kept_until,
    )
