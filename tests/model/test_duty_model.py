"""The duty engine agrees with the second implementation on random histories of one person, at random moments.

So does the ledger on what is still held, by which a duty lapses or does not.

``DUTY_HISTORIES`` says how many (default 15,000, some ten seconds); ``DUTY_SEED`` where the numbering begins, so
that a difference, which names its number, is played again alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from services.law.context import PastExemption, PastNotice, SubjectFacts
from services.law.duty_state import duty_state
from services.law.governance import Arrangement, Covenant, Entry, Party
from services.law.inform import inform_duties
from services.law.register import Known, Register
from services.ledger.application.person_duties import is_held
from services.ledger.contract.events import Envelope
from services.ledger.domain.fold_facts import past_act
from services.ledger.domain.holding_rows import rows_of_act
from services.ledger.domain.holdings import HoldingRow, holdings
from tests.model.duty_oracle import (
    EVERYTHING,
    HERE,
    Answer,
    Deed,
    Scope,
    Silence,
    Story,
    Telling,
    World,
    carried,
    midnight_after,
    month_later,
)

HISTORIES = int(os.environ.get("DUTY_HISTORIES", "15000"))
SEED = int(os.environ.get("DUTY_SEED", "0"))
MOMENTS_PER_HISTORY: Final = 3
FIRST_DAY: Final = date(2026, 3, 2)
DAYS: Final = 120
TURN: Final = date(2026, 4, 20)
PERSON: Final = (0, UUID(int=1))
ALWAYS: Final = (date(2020, 1, 1), date(2030, 1, 1))

WORLD = World(
    kinds={
        "mayor": "public-body",
        "college": "public-body",
        "youth": "private-controller",
        "police": "police",
        "prosecutor": "judicial",
        "host": "processor",
        "guard": "processor",
        "temp": "processor",
    },
    works_for={"host": "mayor", "guard": "college", "temp": None},
    tellers={
        "house": ((*ALWAYS, "college"),),
        "each": ((*ALWAYS, None),),
        "bare": (),
        "turn": ((date(2020, 1, 1), TURN, "youth"), (TURN + timedelta(days=1), date(2026, 6, 1), "mayor")),
    },
)
PLACES: Final = (
    (None, None),
    (None, None),
    ("house", "groups"),
    ("house", "groups"),
    ("house", "other"),
    ("house", None),
    ("each", "groups"),
    ("bare", None),
    ("turn", "groups"),
    ("unknown", None),
)
PARTIES: Final = ("mayor", "college", "youth", "police", "prosecutor")
RECIPIENTS: Final = ("mayor", "college", "youth", "police", "prosecutor", "host", "guard", "temp", "stranger")
CATEGORIES: Final = (("name",), ("name", "report"), ("report",), ("image",))
KINDS: Final = ("collect", "collect", "alter", "use", "share", "share", "share", "consult", "delete", "delete")
SOURCES: Final = (None, None, "citizen-report", "party", "data-subject", "own-observation")

Event = Deed | Telling | Silence


def build_register() -> Register:
    """The same world as the product knows it."""
    entries: list[Entry] = [
        Party(id=party, kind=kind, processes_for=WORLD.works_for.get(party))  # type: ignore[arg-type]
        for party, kind in WORLD.kinds.items()
    ]
    for name, turns in WORLD.tellers.items():
        for version, (first, last, teller) in enumerate(turns or ((*ALWAYS, None),), start=1):
            arrangement = Arrangement(informs=teller) if turns else None
            entries.append(
                Covenant(id=name, version=version, valid_from=first, valid_until=last, arrangement=arrangement)
            )
    begun = datetime(2020, 1, 1, tzinfo=UTC)
    return Register(Known(entry, position, begun) for position, entry in enumerate(entries, start=1))


REGISTER = build_register()


class History:
    """One random history, and the moments at which it is asked about."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)
        # Few places and parties per history, so that what happens in it has to do with each other.
        self.places = self.random.sample(PLACES, self.random.choice((1, 1, 2, 3)))
        self.parties = self.random.sample(PARTIES, self.random.choice((1, 2, 3)))
        self.taken: set[datetime] = set()
        self.events: list[Event] = [self.deed() for _ in range(self.random.randint(1, 7))]
        edges = [month_later(event.at) for event in self.events]
        self.edges = [*edges, *(event.at for event in self.events)]
        self.tellers = sorted({teller for event in self.events for teller in tellers_of(event)})
        self.events += [self.telling() for _ in range(self.random.choice((0, 1, 1, 2, 4)))]
        self.events += [self.silence() for _ in range(self.random.choice((0, 0, 1, 1, 2, 3)))]
        self.random.shuffle(self.events)

    def instant(self) -> datetime:
        """Some time of some day, not seldom midnight."""
        day = FIRST_DAY + timedelta(days=self.random.randrange(DAYS))
        hour, minute = self.random.choice(((0, 0), (0, 0), (23, 59), (9, 30), (12, 0), (17, 15)))
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=HERE)

    def near(self) -> datetime:
        """An instant at, just before or just after one that matters, or any."""
        if self.random.random() < 0.5:
            return self.instant()
        nudge = self.random.choice((-1, 0, 0, 1))
        return self.random.choice(self.edges) + timedelta(microseconds=nudge)

    def deed(self) -> Deed:
        """An act; no two at one instant, since the order of such two is nobody's to say."""
        at = self.instant()
        while at in self.taken:
            at += timedelta(minutes=7)
        self.taken.add(at)
        random = self.random
        kind, who = random.choice(KINDS), random.choice(self.parties)
        covenant, annex = random.choice(self.places)
        is_whole = kind == "delete" and random.random() < 0.4
        categories: tuple[str, ...] = () if is_whole else random.choice(CATEGORIES)
        to = tuple(random.sample(RECIPIENTS, random.choice((1, 1, 2, 3)))) if kind == "share" else ()
        of_police = 0.8 if who in {"police", "prosecutor"} else 0.2
        regime = random.choice(("Wpg-8", "Wpg-20", "Wpg-20", "Wjsg")) if random.random() < of_police else None
        return Deed(at, kind, who, to, regime, random.choice(SOURCES), covenant, annex, categories)

    def place(self) -> tuple[str | None, str | None]:
        """A covenant and annex, mostly one that the acts name, and sometimes no annex in particular."""
        random = self.random
        covenant, annex = random.choice(self.places if random.random() < 0.9 else PLACES)
        return covenant, None if random.random() < 0.15 else annex

    def voice(self) -> str:
        """Who tells or decides not to: mostly somebody who may owe it."""
        return self.random.choice(self.tellers if self.random.random() < 0.85 else PARTIES)

    def telling(self) -> Telling:
        """A notice: of all, of most, or of something."""
        random = self.random
        count = random.choice((1, 3, 5, 8))
        elements = ("all",) if random.random() < 0.4 else tuple(random.sample(EVERYTHING, count))
        return Telling(self.near(), self.voice(), elements, *self.place())

    def silence(self) -> Silence:
        """A decision not to tell: some without a review, some lifted, some named by no covenant."""
        random = self.random
        at = self.near()
        review = None if random.random() < 0.15 else at.astimezone(HERE).date() + timedelta(random.randrange(60))
        lifted = at + timedelta(days=random.randrange(50)) if random.random() < 0.3 else None
        self.edges += [] if lifted is None else [lifted]
        self.edges += [] if review is None else [midnight_after(review)]
        covenant, annex = (None, None) if random.random() < 0.1 else self.place()
        return Silence(at, self.voice(), review, lifted, covenant, annex)

    def moments(self) -> list[datetime]:
        """Some moments to ask at."""
        asked = [self.near() for _ in range(MOMENTS_PER_HISTORY - 1)]
        return [*asked, datetime(2026, 12, 1, tzinfo=UTC)]


def tellers_of(event: Event) -> set[str]:
    """Who may have to tell because of an act."""
    assert isinstance(event, Deed)
    return {Story(WORLD, ()).scope_of(event, party)[0] for party in (event.who, *event.to)}


def facts_of(events: Sequence[Event]) -> SubjectFacts:
    """The history as the product is told it."""
    return SubjectFacts(
        acts=tuple(past_act(envelope_of(event)) for event in events if isinstance(event, Deed)),
        notices=tuple(
            PastNotice(
                given_at=event.at,
                controller=event.who,
                covenant=event.covenant,
                annex=event.annex,
                elements=event.elements,
            )
            for event in events
            if isinstance(event, Telling)
        ),
        exemptions=tuple(
            PastExemption(
                decided_at=event.at,
                controller=event.who,
                norm="UAVG 41",
                covenant=event.covenant,
                annex=event.annex,
                review_on=event.review,
                ended_at=event.lifted,
            )
            for event in events
            if isinstance(event, Silence)
        ),
    )


def envelope_of(deed: Deed) -> Envelope:
    """A deed as the ledger stores it, recorded at once."""
    return Envelope(
        operation_id=UUID(int=1),
        key="k",
        author=deed.who,
        recorded_at=deed.at,
        occurred_at=deed.at,
        operation_class=deed.kind,
        controller=deed.who,
        recipients=deed.to,
        data_regime=deed.regime or "AVG",
        source_kind=deed.source,
        covenant=deed.covenant,
        annex=deed.annex,
        data_categories=deed.categories,
    )


def rows_of(events: Sequence[Event]) -> list[HoldingRow]:
    """Who got or deleted what by the deeds, as the ledger reads it."""
    deeds = [event for event in events if isinstance(event, Deed)]
    return [row for position, deed in enumerate(deeds) for row in rows_of_act(PERSON, position, envelope_of(deed))]


def product_answers(facts: SubjectFacts, rows: Sequence[HoldingRow], at: datetime) -> dict[Scope, Answer]:
    """What the product says of every duty."""
    held = holdings(rows, at, at)
    acts = {(row.lane, row.position, row.party): row for row in rows}
    found: dict[Scope, Answer] = {}
    for duty in inform_duties(facts, REGISTER, at):
        state = duty_state(duty, facts, at, held=is_held(duty, held, acts, REGISTER))
        found[duty.party, duty.covenant, duty.annex] = Answer(
            state.state,
            duty.due,
            state.due,
            duty.moment,
            duty.obtained_at,
            frozenset(duty.controllers),
            duty.elements,
            state.missing_elements,
            state.told_at,
            state.exempt_until,
        )
    return found


def test_the_engine_agrees_with_the_second_implementation() -> None:
    """Every duty of every random history, at every moment asked: the same state, moments, elements and dates."""
    seen: dict[str, int] = {}
    for number in range(SEED, SEED + HISTORIES):
        history = History(number)
        story, facts, rows = Story(WORLD, history.events), facts_of(history.events), rows_of(history.events)
        for at in history.moments():
            told, found = story.until(at), product_answers(facts, rows, at)
            assert found == told, f"DUTY_SEED={number} DUTY_HISTORIES=1, at {at.isoformat()}"
            for answer in told.values():
                seen[answer.state] = seen.get(answer.state, 0) + 1
                is_carried = answer.counts > answer.due
                seen["carried"] = seen.get("carried", 0) + is_carried
                seen[answer.moment] = seen.get(answer.moment, 0) + 1
    if HISTORIES >= 1_000:
        rare = {name for name in EXPECTED if seen.get(name, 0) < HISTORIES // 100}
        assert rare == set(), seen


EXPECTED: Final = (
    "open",
    "done",
    "done-late",
    "residual",
    "exempt",
    "lapsed-unmet",
    "carried",
    "one-month",
    "collection",
    "first-contact",
    "first-disclosure",
)
"""What the histories must show often enough to mean something."""


def test_the_oracle_keeps_its_own_calendar() -> None:
    """The month of the second implementation over the vectors of K: its safe end, by a calendar of its own."""
    ends = {
        "2024-01-31": "2024-02-29",
        "2026-01-31": "2026-03-02",
        "2026-02-28": "2026-03-30",
        "2026-03-03": "2026-04-03",
        "2026-03-05": "2026-04-07",
        "2026-03-27": "2026-04-28",
        "2026-04-05": "2026-05-05",
        "2026-04-25": "2026-05-26",
        "2026-08-31": "2026-09-30",
    }
    for day, end in ends.items():
        noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=HERE)
        assert month_later(noon) == midnight_after(date.fromisoformat(end))


def test_the_oracle_carries_a_moment_by_silences_that_touch() -> None:
    """In any order; one that begins after the moment carries nothing, and one that ends before it neither."""
    instants = [datetime(2026, 4, day, tzinfo=UTC) for day in range(1, 31)]
    spans: list[tuple[datetime, datetime, date | None]] = [
        (instants[9], instants[14], None),
        (instants[2], instants[9], None),
        (instants[15], instants[20], None),
    ]
    assert carried(instants[4], spans) == instants[14]
    assert carried(instants[1], spans) == instants[1]
    assert carried(instants[25], spans) == instants[25]
