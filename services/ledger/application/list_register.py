"""List what the register holds of a kind, whole or as valid on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from services.law.register import Known
from services.law.versions import standing
from services.ledger.application.cursors import CursorInvalid, page_limit
from services.ledger.application.ports import RegisterFeed
from services.ledger.application.register_rights import may_see
from services.ledger.application.valid_at import valid_day
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller, Page
from services.ledger.contract.positions import REGISTER_LANE, format_position, parse_position
from services.ledger.domain.governance.kinds import COLLECTIONS


class ListRegister:
    """The verb of the governance GETs: entries in order of id, then of the position at which they became known."""

    def __init__(self, *, source: RegisterFeed) -> None:
        """Read from ``source``, caught up at every first page."""
        self._source = source

    def __call__(
        self,
        caller: Caller,
        collection: str,
        valid_at: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page:
        """One page of ``parties``, ``covenants``, …; all that was ever known, or with ``valid_at`` what is valid then.

        ``valid_at`` is an instant or a day (Europe/Amsterdam). Each item is the body with ``position`` and
        ``recordedAt``. The register is no secret, save what is about persons (``may_see``). Blocking. Raises NotFound
        for an unknown collection.
        """
        aggregate = COLLECTIONS.get(collection)
        if aggregate is None:
            raise NotFound
        size = page_limit(limit)
        known = [entry for entry in self._source.catch_up().history if isinstance(entry.entry, aggregate.shape)]
        known = [entry for entry in known if may_see(caller, entry.entry)]
        if valid_at is not None:
            known = _valid_on(known, valid_day(valid_at))
        known.sort(key=_place)
        if cursor is not None:
            after = _open_cursor(cursor, known)
            known = [entry for entry in known if _place(entry) > after]
        following = format_position(REGISTER_LANE, known[size - 1].position) if len(known) > size else None
        return Page(items=tuple(_item(entry) for entry in known[:size]), next=following)


def _place(known: Known) -> tuple[str, int]:
    return known.entry.id, known.position


def _valid_on(history: list[Known], day: date) -> list[Known]:
    """Per id the version in force on ``day``, as it stands: the highest, of equals the one known last."""
    best: dict[str, Known] = {}
    for known in standing(history):
        entry = known.entry
        if (entry.valid_from is not None and day < entry.valid_from) or (
            entry.valid_until is not None and entry.valid_until < day
        ):
            continue
        other = best.get(entry.id)
        if other is None or _version(known) >= _version(other):
            best[entry.id] = known
    return list(best.values())


def _version(known: Known) -> int:
    number: int = getattr(known.entry, "version", 0)
    return number


def _open_cursor(cursor: str, known: list[Known]) -> tuple[str, int]:
    """The place a page ended at; the register is no secret, so a cursor is simply a position in its lane."""
    try:
        lane, position = parse_position(cursor)
    except ValueError:
        raise CursorInvalid from None
    for entry in known:
        if lane == REGISTER_LANE and entry.position == position:
            return _place(entry)
    raise CursorInvalid


def _item(known: Known) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(known.entry)
    place = format_position(REGISTER_LANE, known.position)
    return body | {"position": place, "recordedAt": msgspec.to_builtins(known.recorded_at)}
