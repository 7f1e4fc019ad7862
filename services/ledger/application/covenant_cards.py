"""The covenant card at the moment of use, and whether this reader has already read it (S22)."""

from __future__ import annotations

from typing import Any

import msgspec

from services.law.card import Card, card_of
from services.law.governance import Acknowledgement
from services.law.register import Known, Register
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.valid_at import valid_day_or_today
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, JsonObject
from services.runtime.clock import Clock


class CovenantCards:
    """``GET /v1/covenants/{id}/card``."""

    def __init__(self, *, source: RegisterFeed, clock: Clock) -> None:
        """Read from ``source``, caught up at every question; today comes from ``clock``."""
        self._source = source
        self._clock = clock

    def __call__(
        self, caller: Caller, covenant_id: str, reader: str | None = None, valid_at: str | None = None
    ) -> JsonObject:
        """The card on the day, with ``acknowledged``: an instant, or null while this reader has not read this version.

        ``reader`` is an opaque key of the caller's own staff; without one nothing is said of acknowledgement. Blocking.
        Raises NotFound where no version is in force.
        """
        register = self._source.catch_up()
        card = card_of(register, covenant_id, valid_day_or_today(valid_at, self._clock))
        if card is None:
            raise NotFound
        body: dict[str, Any] = msgspec.to_builtins(card)
        if reader is None:
            return body
        read = _read_by(register, card, caller.party, reader)
        return body | {"acknowledged": None if read is None else msgspec.to_builtins(read.recorded_at)}


def _read_by(register: Register, card: Card, party: str, reader: str) -> Known | None:
    """When it became known that this member of the caller's staff read this version."""
    return next((known for known in register.history if _tells(known, card, party, reader)), None)


def _tells(known: Known, card: Card, party: str, reader: str) -> bool:
    entry = known.entry
    return (
        isinstance(entry, Acknowledgement)
        and (entry.covenant, entry.version) == (card.covenant, card.version)
        and (entry.party, entry.reader) == (party, reader)
    )
