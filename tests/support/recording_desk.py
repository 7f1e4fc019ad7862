"""A desk that takes every order and remembers it among the calls of a recording ledger."""

from __future__ import annotations

from uuid import UUID

from services.ledger.contract.messages import Caller
from services.notifier.contract.desk import BreachNoticeOrder, ErasureLetterOrder, NoticeOrder
from services.notifier.contract.letters import LetterState, Written
from tests.support.recording_ledger import RecordingLedger


class RecordingDesk:
    """Orders stand in ``ledger.asked``; each becomes the same letter in the state that the test wants."""

    def __init__(self, ledger: RecordingLedger, state: LetterState = "waiting") -> None:
        """Note everything in ``ledger``."""
        self._ledger = ledger
        self._written = Written(id=UUID(int=5), state=state)

    async def write_notice(self, caller: Caller, obligation_id: str, order: NoticeOrder) -> Written:
        """Take a notice."""
        self._ledger.note("write_notice", caller, obligation_id, order)
        return self._written

    async def write_breach_notice(self, caller: Caller, breach_id: str, order: BreachNoticeOrder) -> Written:
        """Take the notice of a breach."""
        self._ledger.note("write_breach_notice", caller, breach_id, order)
        return self._written

    async def write_erasure_letter(self, caller: Caller, erasure_id: str, order: ErasureLetterOrder) -> Written:
        """Take the letter about an erasure."""
        self._ledger.note("write_erasure_letter", caller, erasure_id, order)
        return self._written
