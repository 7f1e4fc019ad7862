"""The definition of a holding read literally and slowly: day after day, act after act, from the envelopes alone.

Written apart from services/ledger/domain/holdings.py on purpose: it plays the history forward with a state per party
and category, where the product looks back from the question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from services.ledger.contract import topics
from services.ledger.contract.events import Envelope
from tests.support.envelopes import Event

Known = tuple[int, Envelope]
"""(position, envelope) of an act that counts."""


class State:
    """What one party has of one category: the acts that carry it, those that did before it was erased, what is owed."""

    def __init__(self) -> None:
        self.live: list[Known] = []
        self.last: list[Known] = []
        self.owed = False


class Held(NamedTuple):
    """The oracle's answer about one (party, category) of one person."""

    party: str
    category: str
    status: str
    since: datetime
    until: date | None
    positions: tuple[int, ...]


def numbered(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """Each event with the position it gets in its lane."""
    heads: dict[int, int] = {}
    found = []
    for event in events:
        heads[event[0]] = heads.get(event[0], 0) + 1
        found.append((heads[event[0]], event))
    return found


def known_acts(events: Sequence[Event], stream: UUID, as_of: datetime, known: datetime) -> list[Known]:
    """The facts about a person that had happened and were known, less those known to be taken back."""
    taken_back = {
        envelope.about_operation
        for _, person, topic, envelope in events
        if topic == topics.PROCESSING_CORRECTED and person == stream and envelope is not None
        if envelope.correction in ("annulled", "wrong-person", "replaced") and envelope.recorded_at <= known
    }
    ends = ends_set(events, stream, known)
    return [
        (position, with_end(envelope, ends))
        for position, (_, person, topic, envelope) in numbered(events)
        if person == stream and topic == topics.PROCESSING_RECORDED and envelope is not None
        if envelope.occurred_at <= as_of and envelope.recorded_at <= known
        if envelope.operation_id not in taken_back
    ]


def with_end(envelope: Envelope, ends: Mapping[UUID | None, date | None]) -> Envelope:
    """The act with the end that was given to it last."""
    return msgspec.structs.replace(envelope, holding_ends=ends.get(envelope.operation_id, envelope.holding_ends))


def ends_set(events: Sequence[Event], stream: UUID, known: datetime) -> dict[UUID | None, date | None]:
    """The last day of the holding by each operation to which another one was given by then: the one given last."""
    return {
        envelope.about_operation: envelope.new_holding_ends
        for _, person, topic, envelope in events
        if topic == topics.RETENTION_SET and person == stream and envelope is not None
        if envelope.recorded_at <= known
    }


def play(acts: Sequence[Known]) -> dict[tuple[str, str], State]:
    """Play the acts forward, moment by moment; of one moment what begins goes before what deletes."""
    states: dict[tuple[str, str], State] = {}
    for moment in sorted({envelope.occurred_at for _, envelope in acts}):
        now = [act for act in acts if act[1].occurred_at == moment]
        for act in now:
            begin(states, act)
        for act in now:
            if act[1].operation_class == "delete":
                erase(states, act[1])
                make_owed(states, act[1], acts)
    return states


def begin(states: dict[tuple[str, str], State], act: Known) -> None:
    """Let an act begin or carry on the holdings it gives."""
    envelope = act[1]
    holders: set[str] = set()
    if envelope.operation_class in ("collect", "use", "alter") and envelope.controller:
        holders = {envelope.controller}
    if envelope.operation_class == "share":
        holders = set(envelope.recipients)
    for party in holders:
        for category in envelope.data_categories:
            state = states.setdefault((party, category), State())
            state.live.append(act)
            state.owed = False


def erase(states: dict[tuple[str, str], State], delete: Envelope) -> None:
    """End what the deleting party itself holds of the categories named, or of all."""
    for (party, category), state in states.items():
        named = not delete.data_categories or category in delete.data_categories
        if party == delete.controller and named and state.live:
            state.last, state.live, state.owed = state.live, [], False


def make_owed(states: dict[tuple[str, str], State], delete: Envelope, acts: Sequence[Known]) -> None:
    """Mark what others got from the deleting party, directly or onward, under the same scope."""
    for (party, category), state in states.items():
        if delete.data_categories and category not in delete.data_categories:
            continue
        if any(came_from(delete, act, party, category, acts) for act in state.live):
            state.owed = True


def came_from(delete: Envelope, act: Known, party: str, category: str, acts: Sequence[Known]) -> bool:
    """Whether there is a chain of shares, each at or after the one before it, from the deleting party to this act."""
    seen: set[int] = set()
    waiting = [(delete.controller, datetime.min.replace(tzinfo=UTC))]
    while waiting:
        supplier, since = waiting.pop()
        for position, share in acts:
            fits = (
                share.operation_class == "share" and share.controller == supplier and category in share.data_categories
            )
            in_time = since <= share.occurred_at <= delete.occurred_at
            if not fits or not in_time or not shares_scope(delete, share):
                continue
            if position == act[0] and party in share.recipients:
                return True
            if position not in seen:
                seen.add(position)
                waiting += [(recipient, share.occurred_at) for recipient in share.recipients]
    return False


def shares_scope(delete: Envelope, share: Envelope) -> bool:
    """The same list, covenant annex or case; a delete that names none of them is about all."""
    if delete.list_index is None and delete.covenant is None and delete.case_index is None:
        return True
    same_list = (delete.list_kind, delete.list_index) == (share.list_kind, share.list_index)
    same_annex = (delete.covenant, delete.annex) == (share.covenant, share.annex)
    return (
        (delete.list_index is not None and same_list)
        or (delete.covenant is not None and same_annex)
        or (delete.case_index is not None and delete.case_index == share.case_index)
    )


def held_of(events: Sequence[Event], stream: UUID, as_of: datetime, known: datetime) -> list[Held]:
    """Every holding that was ever begun, sorted by party and category."""
    today = as_of.astimezone(ZoneInfo("Europe/Amsterdam")).date()
    found = []
    for (party, category), state in sorted(play(known_acts(events, stream, as_of, known)).items()):
        status = "held" if state.live else "erased"
        acts = state.live or state.last
        running = [act for act in acts if act[1].holding_ends is None or act[1].holding_ends >= today]
        if state.live and (state.owed or not running):
            status = "erasure-owed"
        shown = running or acts
        ends = [envelope.holding_ends for _, envelope in shown]
        since = min(envelope.occurred_at for _, envelope in shown)
        until = None if None in ends else max(end for end in ends if end is not None)
        found.append(Held(party, category, status, since, until, tuple(sorted(position for position, _ in shown))))
    return found


def live_in_window(
    events: Sequence[Event],
    stream: UUID,
    party: str,
    window: tuple[datetime, datetime],
    categories: Sequence[str],
    known: datetime,
) -> set[int]:
    """Positions of the acts by which the party had something of the person at some moment of the window."""
    happened = {envelope.occurred_at for _, _, _, envelope in events if envelope is not None}
    moments = {moment for moment in happened if window[0] <= moment <= window[1]} | set(window)
    return {
        position
        for moment in moments
        for (holder, category), state in play(known_acts(events, stream, moment, known)).items()
        if holder == party and (not categories or category in categories)
        for position, _ in state.live
    }
