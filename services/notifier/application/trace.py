"""Whose traces the work of notifier belongs to: from the events that it follows to the message that leaves.

Remembered in this process only and for a while. A message that waits for days has no trace any more, and needs none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from uuid import UUID

import msgspec
from opentelemetry.trace import SpanContext

from services.ledger.contract.trace_marks import read_trace_mark
from services.notifier.application.ports import FeedEvent, Person
from services.runtime.telemetry import OFF, OpenSpan, Telemetry
from services.runtime.trace_context import Origins, RecentOrigins, context_of


class NotifierTrace:
    """Makes the spans of notifier and hands origins on; costs next to nothing where nobody looks."""

    def __init__(self, telemetry: Telemetry = OFF) -> None:
        """Begin with nothing remembered."""
        self._telemetry = telemetry
        self._persons = RecentOrigins()
        self._messages = RecentOrigins()

    def follow(self, events: Sequence[FeedEvent]) -> AbstractContextManager[OpenSpan]:
        """A span around a piece of the feed; the persons in it are looked at in its traces."""
        if not self._telemetry.is_on:
            return self._telemetry.span("notifier.follow")
        origins: list[SpanContext] = []
        for event in events:
            if (origin := origin_of(event)) is not None:
                origins.append(origin)
                self._persons.note((event.lane, event.stream_id), (origin,))
        return self._telemetry.batch_span("notifier.follow", origins, events=len(events))

    def attend(self, person: Person) -> AbstractContextManager[OpenSpan]:
        """A span around a look at one person."""
        origins: Origins = self._persons.take(person) if self._telemetry.is_on else ()
        return self._telemetry.batch_span("notifier.attend", origins)

    def decided(self, message_id: UUID) -> None:
        """A message was put in the outbox just now, by the work at hand."""
        if self._telemetry.is_on:
            self._messages.note(message_id, self._telemetry.origins())

    def deliver(self, message_id: UUID, *, kind: str, channel: str, attempt: int) -> AbstractContextManager[OpenSpan]:
        """A span around one attempt to deliver a message."""
        origins: Origins = self._messages.take(message_id) if self._telemetry.is_on else ()
        return self._telemetry.batch_span("notifier.deliver", origins, kind=kind, channel=channel, attempt=attempt)


def origin_of(event: FeedEvent) -> SpanContext | None:
    """The span that the partner named for an event, if he did and the event still says so."""
    if event.envelope is None:
        return None
    try:
        mark = read_trace_mark(event.envelope)
    except msgspec.MsgspecError:
        return None
    return context_of(mark.trace_id, mark.span_id) if mark.trace_id and mark.span_id else None
