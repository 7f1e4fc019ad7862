"""Look at one person's duties as they stand now, and decide what must be said about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from services.law.local_time import amsterdam_day
from services.ledger.contract.commands import DutyAt
from services.notifier.application.ports import Attention, Ledger, NewMessage, PartyFacts, Store
from services.notifier.application.route_book import RouteBook
from services.notifier.application.trace import NotifierTrace
from services.notifier.domain.backoff import person_backoff
from services.notifier.domain.causes import party_message_id
from services.notifier.domain.duties import Duty, remember
from services.notifier.domain.kinds import TEMPLATES
from services.notifier.domain.plan import Said, Step, look_again_at, next_step
from services.runtime.errors import GrootboekError
from services.runtime.log import Log
from services.runtime.log_events import DUTIES_UNREADABLE


class AttendPerson:
    """Asks the ledger, never its own rows, what is owed: a row says only when to ask again."""

    def __init__(
        self, *, ledger: Ledger, store: Store, routes: RouteBook, log: Log, trace: NotifierTrace | None = None
    ) -> None:
        """Take where duties come from, where they are kept and how parties are reached."""
        self._trace = trace or NotifierTrace()
        self._ledger = ledger
        self._store = store
        self._routes = routes
        self._log = log

    def attend(self, person: Attention, now: datetime) -> None:
        """Store the person's duties and what must be said now, in one transaction.

        A ledger that is not there is told to the caller; a person that cannot be read is tried again later, alone.
        """
        with self._trace.attend((person.lane, person.stream_id)):
            self._look(person, now)

    def _look(self, person: Attention, now: datetime) -> None:
        try:
            told = self._ledger.duties_of(person.lane, person.stream_id)
        except Exception as error:
            if isinstance(error, GrootboekError) and error.retryable:
                raise
            self._postpone(person, now, error)
            return
        self._save(person, told, now)

    def _postpone(self, person: Attention, now: datetime, error: Exception) -> None:
        attempts = person.attempts + 1
        self._log.write(
            DUTIES_UNREADABLE,
            lane=person.lane,
            attempt=attempts,
            error=type(error).__name__,
            code=error.code if isinstance(error, GrootboekError) else None,
        )
        until = now + person_backoff(attempts)
        self._store.postpone_person((person.lane, person.stream_id), attempts, until, now)

    def _save(self, person: Attention, told: Sequence[DutyAt], now: datetime) -> None:
        known = self._store.duties_of(person.lane, person.stream_id)
        said = self._store.said_about([duty.obligation for duty in told])
        duties: list[Duty] = []
        messages: list[NewMessage] = []
        for each in told:
            duty = remember(known.get(each.obligation), each, now)
            steps, next_at = plan(duty, said.get(duty.obligation, {}), now)
            duties.append(msgspec.structs.replace(duty, next_at=next_at))
            for step in steps:
                messages += self._messages(duty, step, said.get(duty.obligation, {}), now)
        self._store.save_person((person.lane, person.stream_id), duties, messages, now)
        for message in messages:
            self._trace.decided(message.id)

    def _messages(self, duty: Duty, step: Step, said: Said, now: datetime) -> Iterator[NewMessage]:
        """One message for each way in which the party is reached."""
        for route in self._routes.routes_of(step.party):
            yield NewMessage(
                id=party_message_id(duty.obligation, step.kind, step.occasion, route.key),
                lane=duty.lane,
                stream_id=duty.stream_id,
                obligation=duty.obligation,
                kind=step.kind,
                party=step.party,
                channel=route.channel,
                route=route.key,
                template=TEMPLATES[step.kind],
                facts=_facts(duty, said, now),
                at=now,
            )


def plan(duty: Duty, said: Said, now: datetime) -> tuple[list[Step], datetime | None]:
    """What must be said now about a duty, in order, and when to look at it again."""
    decided = dict(said)
    steps: list[Step] = []
    while (step := next_step(duty, decided, now)) is not None and step.at <= now:
        assert step.kind not in {each.kind for each in steps}, "a step that was decided is not next again"
        steps.append(step)
        decided[step.kind] = now
    return steps, look_again_at(duty) if step is None else step.at


def _facts(duty: Duty, said: Said, now: datetime) -> PartyFacts:
    """What the message is made of; the day on which the demand was first made, when it was."""
    first_said = said.get("erase-owed")
    return PartyFacts(
        obligation=duty.obligation,
        party=duty.party,
        # Who must erase what it holds itself is not asked to by itself.
        controller=None if duty.controller == duty.party else duty.controller,
        covenant=duty.covenant,
        annex=duty.annex,
        data_categories=duty.data_categories,
        missing_elements=duty.missing_elements,
        due=duty.due,
        decided_on=amsterdam_day(now),
        first_said_on=None if first_said is None else amsterdam_day(first_said),
    )
