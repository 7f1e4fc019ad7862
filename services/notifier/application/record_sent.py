"""Tell the ledger what was sent: only then is a message done."""

from __future__ import annotations

from datetime import datetime

from services.ledger.contract.commands import SentMessage
from services.notifier.application.ports import Ledger, LetterKeys, Store, Waiting
from services.notifier.application.prepare_message import PrepareMessage
from services.notifier.domain.backoff import message_backoff
from services.notifier.domain.texts import plain
from services.runtime import limits
from services.runtime.errors import GrootboekError
from services.runtime.log import Log
from services.runtime.log_events import MESSAGE_UNRECORDED


class RecordSent:
    """Records each message once by its id, on the stream of the person, its text under the key of the dossier."""

    def __init__(self, *, store: Store, ledger: Ledger, prepare: PrepareMessage, keys: LetterKeys, log: Log) -> None:
        """Take the outbox and the ledger."""
        self._store = store
        self._ledger = ledger
        self._prepare = prepare
        self._keys = keys
        self._log = log

    def step(self, now: datetime) -> int:
        """Record some messages; how many were tried."""
        rows = self._store.to_record(now, limits.MESSAGES_PER_PIECE_MAX)
        for row in rows:
            try:
                self._ledger.record_message(self._sent(row))
            except Exception as error:  # noqa: BLE001 - it stays to be recorded; others go on
                self._postpone(row, error, now)
                continue
            self._store.mark_recorded(row.id, now)
            if row.to_person:
                self._keys.destroy(row.id)
        return len(rows)

    def _postpone(self, row: Waiting, error: Exception, now: datetime) -> None:
        code = error.code if isinstance(error, GrootboekError) else None
        self._log.write(
            MESSAGE_UNRECORDED, message_id=str(row.id), kind=row.kind, error=type(error).__name__, code=code
        )
        self._store.postpone_recording(row.id, now + message_backoff(row.attempts + 1))

    def _sent(self, row: Waiting) -> SentMessage:
        """The message as it left; the same row gives the same text."""
        prepared = self._prepare.prepare(row)
        if prepared is None:
            # The route was taken out of the settings after it was used: the text is what counts.
            texts, addressed_to, address = self._prepare.texts_of(row), row.party, ""
        else:
            texts, addressed_to = prepared.message.texts, prepared.addressed_to
            address = "\n".join(prepared.route.addresses)
        return SentMessage(
            id=row.id,
            kind=row.kind,
            channel=row.channel,
            template=row.template,
            addressed_to=addressed_to,
            lane=row.lane,
            stream_id=row.stream_id,
            obligation=row.obligation,
            address=address,
            title=texts[0].title,
            text=plain(texts),
            # A letter to a person dies with the dossier of the controller that wrote it.
            controller=row.party if row.to_person else None,
        )
