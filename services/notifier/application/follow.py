"""Follow the ledger's events: note whose duties may have changed, and the place in the feed, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from services.ledger.contract import topics
from services.notifier.application.ports import Batch, Erasure, EventFeed, FeedEvent, Look, Person, SeenMessage, Store
from services.notifier.application.trace import NotifierTrace
from services.notifier.domain.signs import Signs, moments_to_look, read_signs
from services.runtime import limits

# A letter is decided by our clock and an erasure by the ledger's: rather a letter too many is taken than one too few.
CLOCKS_DIFFER: Final = timedelta(seconds=limits.CLOCK_AHEAD_SECONDS_MAX)


class FollowFeed:
    """Takes bounded pieces of the feed."""

    def __init__(self, *, feed: EventFeed, store: Store, trace: NotifierTrace | None = None) -> None:
        """The feed continues after the cursor of the store."""
        self._feed = feed
        self._trace = trace or NotifierTrace()
        self._store = store

    def step(self) -> int:
        """Take one piece; how many events it had. Raises at a gap: then nothing after it may be believed."""
        events, cursor = self._feed.poll(limits.NOTIFIER_BATCH_EVENTS_MAX)
        before = self._feed.committed
        # A feed may also pass over what nobody can read; an event that comes a second time moves nothing.
        if events or has_moved(before, cursor):
            with self._trace.follow(events):
                self._store.apply(gather(events, before, cursor))
                self._feed.commit(cursor)
        return len(events)


def has_moved(before: Mapping[int, int], after: Mapping[int, int]) -> bool:
    """Whether a lane is elsewhere than it was."""
    return any(position != before.get(lane, 0) for lane, position in after.items())


def gather(events: Iterable[FeedEvent], before: Mapping[int, int], cursor: Mapping[int, int]) -> Batch:
    """What these events come to; a person with many of them is looked at once."""
    looks: dict[tuple[Person, datetime], Look] = {}
    seen: list[SeenMessage] = []
    erasures: list[Erasure] = []
    for event in events:
        # What was swept is about something that has ended: its duties are folded without it.
        if event.envelope is None:
            continue
        signs = read_signs(event.envelope)
        for at in moments_to_look(event.topic, signs):
            looks[(event.lane, event.stream_id), at] = Look(event.lane, event.stream_id, at, event.position)
        if event.topic == topics.MESSAGE_SENT:
            seen += _seen(event, signs)
        elif event.topic == topics.ERASED:
            erasures.append(Erasure(event.lane, event.stream_id, signs.controller, signs.recorded_at + CLOCKS_DIFFER))
    return Batch(before=before, cursor=cursor, looks=tuple(looks.values()), seen=tuple(seen), erasures=tuple(erasures))


def _seen(event: FeedEvent, signs: Signs) -> Iterable[SeenMessage]:
    """The message that this event records, if it is one of ours."""
    message_id = signs.message_id()
    if message_id is not None:
        yield SeenMessage(
            id=message_id,
            lane=event.lane,
            stream_id=event.stream_id,
            obligation=signs.obligation,
            kind=signs.message_kind or "",
            party=signs.addressed_to or "",
            channel=signs.channel or "",
            template=signs.template or "",
            at=signs.recorded_at,
        )
