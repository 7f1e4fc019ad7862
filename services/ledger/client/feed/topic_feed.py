"""The event feed over a topic: lanes come and go with the group, the cursor stays with the consumer's effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from services.ledger.client.feed.gap_watch import Move
from services.ledger.client.feed.lane_order import Numbered
from services.ledger.client.feed.lane_puller import Arrival, IsReplay, LanePuller, Poison, Read
from services.ledger.client.feed.ports import DeadLetters, History, Polled, RegisterLog, TopicLog
from services.runtime import limits
from services.runtime.log import Log
from services.runtime.log_events import FEED_FILLED, FEED_REWOUND, LANES_ASSIGNED, LANES_LOST

E = TypeVar("E", bound=Numbered)
Cursor = dict[int, int]


class TopicFeed(Generic[E]):
    """Implements the event feed: every event of the lanes at hand once and in order, until it is committed.

    Of one thread. Whoever stores the cursor does so only where it still stands where ``committed`` says: a lane may
    have gone to another member of the group meanwhile, which has stored a later one.
    """

    def __init__(
        self,
        *,
        topic: TopicLog,
        register: RegisterLog,
        dead_letters: DeadLetters,
        history: History[E],
        read_cursor: Callable[[], Mapping[int, int]],
        read: Read[E],
        is_replay: IsReplay,
        clock: Callable[[], float],
        log: Log,
    ) -> None:
        """``read_cursor`` gives the stored positions by lane, asked whenever lanes are assigned."""
        self._topic, self._register = topic, register
        self._dead_letters, self._history = dead_letters, history
        self._read_cursor, self._read, self._is_replay = read_cursor, read, is_replay
        self._clock, self._log = clock, log
        self._lanes: dict[int, LanePuller[E]] = {}
        self._held: set[int] = set()
        self._unsettled: dict[int, int] = {}
        self._settle_at = clock() + limits.FEED_SETTLE_SECONDS
        self._register_known = 0
        self._turn = 0

    @property
    def committed(self) -> Cursor:
        """The positions after which the next poll begins, of the lanes at hand."""
        return {lane: puller.order.cursor for lane, puller in self._lanes.items()}

    def poll(self, limit: int, seconds: float = limits.FEED_POLL_SECONDS) -> tuple[list[E], Cursor]:
        """At most ``limit`` events after the committed cursor, and the cursor after them.

        Waits up to ``seconds`` when there is nothing. Raises PositionMissing at a loss and TooMuchPoison.
        """
        events, cursor = self._take(limit)
        if len(events) < limit:
            self._pull(0 if events else seconds)
            events, cursor = self._take(limit)
        return events, cursor

    def commit(self, cursor: Mapping[int, int]) -> None:
        """Continue after this cursor, which the last poll gave and which is stored by now."""
        for lane, position in cursor.items():
            self._lanes[lane].order.commit(position)

    def _take(self, limit: int) -> tuple[list[E], Cursor]:
        """What is ready. The lanes take turns in being first, so that none starves."""
        self._look_at_register()
        events: list[E] = []
        cursor = self.committed
        lanes = list(self._lanes)
        start = self._turn % len(lanes) if lanes else 0
        self._turn += 1
        for lane in lanes[start:] + lanes[:start]:
            taken, cursor[lane] = self._lanes[lane].order.take(limit - len(events), self._register_known)
            events += taken
        return events, cursor

    def _look_at_register(self) -> None:
        wanted = max((puller.order.waits_for() for puller in self._lanes.values()), default=0)
        if wanted > self._register_known:
            self._register_known = self._register.position(wanted)

    def _pull(self, seconds: float) -> None:
        """Take in what the topic has. Whatever is raised here, this feed is done with: nothing of it was settled."""
        polled = self._topic.poll(limits.FEED_PULL_RECORDS_MAX, seconds)
        self._change_lanes(polled)
        for lane, records in polled.records.items():
            puller = self._lanes.get(lane)
            # Of a lane that was lost after its records were fetched, the next owner reads them.
            if puller is not None:
                self._take_in(puller, records)
        now = self._clock()
        for lane, puller in self._lanes.items():
            self._mind_gap(lane, puller, now)
            self._hold_when_full(lane, puller)
        self._settle(now)

    def _take_in(self, puller: LanePuller[E], records: Sequence[Arrival]) -> None:
        """What cannot be read is set aside, also when there is too much of it: its reasons must be found there."""
        poison: list[Poison] = []
        try:
            puller.take_in(records, poison)
        finally:
            if poison:
                self._dead_letters.put(poison)

    def _change_lanes(self, polled: Polled) -> None:
        """What was read of a lost lane is dropped: its new owner reads it."""
        for lane in polled.lost:
            self._lanes.pop(lane, None)
            self._held.discard(lane)
            self._unsettled.pop(lane, None)
        if polled.lost:
            self._log.write(LANES_LOST, lanes=len(polled.lost))
        if polled.assigned:
            self._log.write(LANES_ASSIGNED, lanes=len(polled.assigned))
            cursor = self._read_cursor()
            for lane in sorted(polled.assigned):
                self._lanes[lane] = self._begin(lane, cursor.get(lane, 0))

    def _begin(self, lane: int, cursor: int) -> LanePuller[E]:
        puller = LanePuller[E](
            lane,
            cursor=cursor,
            settled_offset=self._topic.begin(lane),
            read=self._read,
            is_replay=self._is_replay,
        )
        if self._topic.is_worn_away(lane):
            puller.fell_behind()
        return puller

    def _mind_gap(self, lane: int, puller: LanePuller[E], now: float) -> None:
        move = puller.judge_gap(now, lambda: self._topic.is_at_end(lane))
        after = puller.order.next_position - 1
        if move is Move.REWIND:
            self._log.write(FEED_REWOUND, lane=lane, position=after)
            self._topic.rewind(lane)
        elif move is Move.FILL and puller.order.ready < limits.FEED_READY_EVENTS_MAX:
            events = self._history.events_after(lane, after, limits.FEED_FILL_EVENTS_MAX)
            self._log.write(FEED_FILLED, lane=lane, position=after, events=puller.fill(events))

    def _hold_when_full(self, lane: int, puller: LanePuller[E]) -> None:
        """The log keeps what there is no room for here."""
        is_held = puller.order.ready >= limits.FEED_READY_EVENTS_MAX
        if is_held != (lane in self._held):
            self._topic.hold(lane, is_held=is_held)
            (self._held.add if is_held else self._held.discard)(lane)

    def _settle(self, now: float) -> None:
        """Settle what was done by the last time, not by now: a database that loses its last moments stays ahead."""
        if now >= self._settle_at:
            self._settle_at = now + limits.FEED_SETTLE_SECONDS
            if self._unsettled:
                self._topic.settle(self._unsettled)
            self._unsettled = {lane: puller.order.safe_offset for lane, puller in self._lanes.items()}
