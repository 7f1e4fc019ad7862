"""What ends when: numbers of lines per day, what ends, whose work it is; nothing about a person."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any, Final

import msgspec
from anyio.to_thread import run_sync

from services.law.local_time import amsterdam_day
from services.ledger.application.cursors import CursorInvalid, page_limit
from services.ledger.application.policy import Call, authorise
from services.ledger.application.retention_ports import EndingLines, EndingPlace, KeptLines
from services.ledger.application.term_view import text_of_end
from services.ledger.contract.errors import NotAllowed
from services.ledger.contract.messages import Caller, Page
from services.runtime import base64url
from services.runtime.clock import Clock
from services.runtime.limits import CURSOR_LENGTH_MAX

PLACE: Final = msgspec.json.Decoder(EndingPlace)
LAST_DAY: Final = date.max


class RetentionSchedule:
    """``GET /v1/retention/schedule``."""

    def __init__(self, *, lines: KeptLines, clock: Clock) -> None:
        """Count ``lines``; what ends is counted from the day of ``clock`` on."""
        self._lines = lines
        self._clock = clock

    async def read(
        self,
        caller: Caller,
        *,
        party: str | None = None,
        starts: date | None = None,
        until: date | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page:
        """One page of ``{"day", "ends", "controller", "covenant", "lines", "rules"}`` in order, from today on.

        ``rules``: ``{"rule", "text", "lines", "lost": [{"rule", "text"}]}`` for each rule that gives the end of
        holdings; of a record there are none. Of the caller's own party; of any other for ``audit``.
        """
        authorise(caller, Call.READ_SCHEDULE)
        if party not in (None, caller.party) and "audit" not in caller.scopes:
            raise NotAllowed
        size = page_limit(limit)
        after = None if cursor is None else open_cursor(cursor)
        today = amsterdam_day(self._clock.now())
        days = (max(today, starts or today), until or LAST_DAY)
        ask = partial(self._lines.schedule, party or caller.party, days, today, after, size + 1)
        found = await run_sync(ask)
        following = write_cursor(found[size - 1].place) if len(found) > size else None
        return Page(items=tuple(view_ending(ending) for ending in found[:size]), next=following)


def view_ending(ending: EndingLines) -> dict[str, Any]:
    """One row in the words of the contract."""
    covenant = None if ending.covenant is None else {"id": ending.covenant, "annex": ending.annex}
    return {
        "day": ending.day.isoformat(),
        "ends": ending.what,
        "controller": ending.controller,
        "covenant": covenant,
        "lines": ending.lines,
        "rules": [
            _view_rule(rule.rule) | {"lines": rule.lines, "lost": [_view_rule(lost) for lost in rule.lost]}
            for rule in ending.rules
        ],
    }


def _view_rule(rule: str | None) -> dict[str, Any]:
    text = text_of_end(rule)
    return {"rule": rule, "text": None if text is None else {"nl": text.nl, "en": text.en}}


def write_cursor(place: EndingPlace) -> str:
    """Where a page ended; it holds nothing but what stands in the page."""
    return base64url.encode(msgspec.json.encode(place))


def open_cursor(cursor: str) -> EndingPlace:
    """The place behind a cursor; CursorInvalid for anything else."""
    if len(cursor) > CURSOR_LENGTH_MAX:
        raise CursorInvalid
    try:
        place: EndingPlace = PLACE.decode(base64url.decode(cursor))
    except (ValueError, msgspec.MsgspecError):
        raise CursorInvalid from None
    if "\x00" in "".join(place[1:]):
        raise CursorInvalid
    return place
