"""A life of a ledger, day by day, beside a plain list of what the end of each record should be."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec

from services.law.act import Act, LegalBasis, Retention, Subject
from services.law.governance import Party
from services.law.local_time import AMSTERDAM
from services.law.periods import add_period, parse_period
from services.ledger.contract.errors import NotFound
from services.ledger.contract.forgetting import ErasureBody, ErasureScope, HoldBody, RetentionBody
from services.ledger.contract.messages import Caller, Receipt, SubjectIdentifier, Submission
from services.ledger.contract.positions import parse_position
from services.ledger.main import LedgerProcess
from services.ledger.storage.projections.shadow import PostgresShadow
from services.retention.main import RetentionProcess
from services.runtime.errors import GrootboekError
from services.runtime.log import StructuredLog
from services.runtime.metrics import Metrics
from tests.bench.workload import bsn_of

BEGINS = date(2026, 1, 1)
PERSONS = 40
HELD_MAX = 2_000
"""How many of the latest records under one hold are drawn from."""
DRAWS_MAX = 200
PERIODS = ("P1D", "P3D", "P7D", "P14D", "P1M", "P3M", "P1Y", "P2Y")
CASES = ("Z-1", "Z-2", None)
PARTIES = ("college", "politie")
CALLERS = {
    party: Caller(
        party=party,
        scopes=frozenset({"processing:write", "processing:read", "retention"}),
        purpose="operations",
    )
    for party in PARTIES
}


class Record(msgspec.Struct):
    """What one act should be: where it stands, until when it may be read, and whether it was erased."""

    key: str
    person: int
    controller: str
    case: str | None
    place: tuple[int, int]
    ends: date
    erased: bool = False


class Hold(msgspec.Struct, frozen=True):
    """A hold of one party on one person, since a day; ``open`` names what could be read when it was placed."""

    id: str
    person: int
    party: str
    since: date
    open: frozenset[str]

    def keeps(self, record: Record) -> bool:
        """Whether it is about the record and came before its end, or while another hold still kept it."""
        in_time = record.ends >= self.since or record.key in self.open
        return (record.person, record.controller) == (self.person, self.party) and in_time


class Life:
    """The oracle and its dice; ``faults`` says in words what was otherwise than it should be.

    Records stand by their place and by their end, so that a day costs as much in the tenth year as in the first.
    """

    def __init__(self, *, seed: int, days: int, acts_per_day: int, looked_at: int) -> None:
        """Throw the dice of ``seed``; look at so many records a day at most."""
        self.random = random.Random(seed)
        self.days = days
        self.acts_per_day = acts_per_day
        self.looked_at = looked_at
        self.records: list[Record] = []
        self.of: defaultdict[tuple[int, str], list[Record]] = defaultdict(list)
        self.ending: defaultdict[date, list[Record]] = defaultdict(list)
        self.holds: dict[str, Hold] = {}
        self.faults: list[str] = []
        self.looked = 0
        self.numbers = iter(range(10**9))

    def add(self, record: Record) -> None:
        """One more record."""
        self.records.append(record)
        self.of[record.person, record.controller].append(record)
        self.ending[record.ends].append(record)

    def move(self, record: Record, ends: date) -> None:
        """The record ends on another day."""
        record.ends = ends
        self.ending[ends].append(record)

    def holds_on(self, person: int, party: str) -> list[Hold]:
        """The holds that a party has on a person."""
        return [hold for hold in self.holds.values() if (hold.person, hold.party) == (person, party)]

    def is_open(self, record: Record, today: date) -> bool:
        """Whether the record may be read today."""
        if record.erased:
            return False
        return record.ends >= today or any(
            hold.keeps(record) for hold in self.holds_on(record.person, record.controller)
        )

    def key(self, kind: str) -> str:
        """A fresh id."""
        return f"{kind}-{next(self.numbers)}"

    def some(self, records: list[Record], number_max: int) -> list[Record]:
        """So many of them, drawn by lot."""
        return self.random.sample(records, min(len(records), number_max))

    def choose(self, today: date) -> list[Record]:
        """The records to look at: half of them end about now, a quarter is of persons held, a quarter any at all."""
        days = [today + timedelta(days=offset) for offset in range(-2, 3)]
        near = [record for day in days for record in self.ending[day] if record.ends == day]
        held = [record for hold in self.holds.values() for record in self.of[hold.person, hold.party][-HELD_MAX:]]
        quarter = self.looked_at // 4
        return self.some(near, 2 * quarter) + self.some(held, quarter) + self.some(self.records, quarter)

    def living(self, today: date) -> Record | None:
        """Any record that has not ended; None when none was drawn."""
        drawn = (self.random.choice(self.records) for _ in range(DRAWS_MAX) if self.records)
        return next((record for record in drawn if not record.erased and record.ends >= today), None)


class World:
    """One ledger with its retention, and the life played on it."""

    def __init__(self, life: Life, ledger: LedgerProcess, retention: RetentionProcess, database: str) -> None:
        """Play ``life`` on ``ledger``."""
        self.life = life
        self.ledger = ledger
        self.retention = retention
        self.database = database

    async def play(self) -> None:
        """Every day: midnight, look, act."""
        await self.register()
        for number in range(self.life.days):
            today = BEGINS + timedelta(days=number)
            await self.ledger.client.set_clock(datetime.combine(today, time(0, 1), tzinfo=AMSTERDAM))
            await self.look(today)
            await self.act(today)
            if number % 365 == 364 or number == self.life.days - 1:
                await self.compare(today)

    async def register(self) -> None:
        """Two parties."""
        await self.ledger.client.set_clock(datetime.combine(BEGINS, time(), tzinfo=AMSTERDAM))
        registrar = Caller(party="registrar", scopes=frozenset({"governance"}))
        kinds = {"college": "public-body", "politie": "police"}
        for party in PARTIES:
            entry: Any = {"id": party, "name": party, "kind": kinds[party], "domains": []}
            await self.ledger.client.register(registrar, msgspec.convert(entry, Party))

    async def act(self, today: date) -> None:
        """Record acts, and now and then hold, release, prolong, shorten and erase."""
        await self.record(today)
        for chance, what in ((0.15, self.hold), (0.15, self.release), (0.2, self.change), (0.1, self.erase)):
            if self.life.random.random() < chance:
                await what(today)

    async def record(self, today: date) -> None:
        """The acts of a day, each with a term of its own."""
        for party in PARTIES:
            drafts = [self.draft(today, party) for _ in range(self.life.acts_per_day // len(PARTIES))]
            answers = await self.ledger.client.record(CALLERS[party], [submission for submission, _ in drafts])
            for (_, record), answer in zip(drafts, answers, strict=True):
                assert isinstance(answer, Receipt), answer
                record.place = parse_position(answer.subjects[0].position)
                assert answer.subjects[0].record_ends == record.ends
                self.life.add(record)

    def draft(self, today: date, party: str) -> tuple[Submission, Record]:
        """One act on one person."""
        dice, key = self.life.random, self.life.key("act")
        person, case, period = dice.randrange(PERSONS), dice.choice(CASES), dice.choice(PERIODS)
        body = Act(
            id=key,
            operation="record",
            occurred_at=datetime.combine(today, time(0, 1), tzinfo=AMSTERDAM),
            controller=party,
            subjects=(Subject(id_type="BSN", id=bsn_of(person)),),
            data_categories=("name",),
            case_id=case,
            description=f"canary {key}",
            legal_basis=LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
            retention=Retention(period=period),
            record_retention=Retention(period=period),
        )
        ends = add_period(today, parse_period(period))
        submission = Submission(body=body, key=key, canonical=msgspec.json.encode(body))
        return submission, Record(key=key, person=person, controller=party, case=case, place=(0, 0), ends=ends)

    async def hold(self, today: date) -> None:
        """A party holds a person's records."""
        dice = self.life.random
        party, person, key = dice.choice(PARTIES), dice.randrange(PERSONS), self.life.key("hold")
        if not any(self.life.of[person, holder] for holder in PARTIES):
            # A hold on somebody of whom nothing was recorded is a hold on nothing: it must not create a person.
            return
        body = HoldBody(reason="a court asks", kind="court", subject=self.subject(person))
        answer = await self.ledger.client.place_hold(CALLERS[party], key, body)
        still = frozenset(r.key for r in self.life.of[person, party] if self.life.is_open(r, today))
        self.life.holds[answer["id"]] = Hold(id=answer["id"], person=person, party=party, since=today, open=still)

    async def release(self, today: date) -> None:
        """A hold is over."""
        if self.life.holds:
            hold = self.life.holds.pop(self.life.random.choice(sorted(self.life.holds)))
            await self.ledger.client.release_hold(CALLERS[hold.party], hold.id)
            await self.retention.catch_up()

    async def change(self, today: date) -> None:
        """A record gets a later end, or an earlier one that still lies ahead."""
        record = self.life.living(today)
        if record is None:
            return
        ends = today + timedelta(days=self.life.random.randrange(0, 60))
        body = RetentionBody(reason="the list says so", record_ends=ends, holding_ends=ends, norm="Archiefwet 3")
        await self.ledger.client.set_retention(CALLERS[record.controller], record.key, self.life.key("term"), body)
        self.life.move(record, ends)

    async def erase(self, today: date) -> None:
        """A party erases one case of a person; refused, and nothing changed, while a hold is on it."""
        dice = self.life.random
        party, person, case = dice.choice(PARTIES), dice.randrange(PERSONS), dice.choice(CASES[:2])
        hit = [record for record in self.life.of[person, party] if record.case == case]
        scope = ErasureScope(controller=party, case_id=case)
        body = ErasureBody(subject=self.subject(person), scope=scope, ground="AVG 17(1)(d)", decision="B-1")
        holds = self.life.holds_on(person, party)
        held = any(self.life.is_open(record, today) and hold.keeps(record) for record in hit for hold in holds)
        try:
            await self.ledger.client.request_erasure(CALLERS[party], self.life.key("erasure"), body)
        except GrootboekError as error:
            if not held or error.code != "record-held":
                raise
            return
        if held:
            self.life.faults.append(f"{today}: an erasure went through a hold on person {person}")
        for record in hit:
            record.erased = True
        await self.retention.catch_up()

    async def look(self, today: date) -> None:
        """Open and ask for what ends about now: it must be there exactly when it may be."""
        chosen = self.life.choose(today)
        await self.ledger.wait_until_applied()
        readable = self.ledger.readable([record.place for record in chosen])
        for record in chosen:
            self.life.looked += 1
            wanted = self.life.is_open(record, today)
            if (record.place in readable) != wanted:
                early = "unreadable early" if wanted else "readable late"
                self.life.faults.append(f"{today}: {record} is {early}")
        for record in chosen[:3]:
            await self.ask(record, today)

    async def ask(self, record: Record, today: date) -> None:
        """The same through the door of the ledger."""
        try:
            answer = await self.ledger.client.read_operation(CALLERS[record.controller], record.key)
        except NotFound:
            answer = None
        if (answer is not None) != self.life.is_open(record, today):
            self.life.faults.append(f"{today}: the answer about {record} is {answer is not None}")

    async def compare(self, today: date) -> None:
        """Rebuilt projections equal the live ones."""
        await self.ledger.wait_until_applied()
        with PostgresShadow(conninfo=self.database) as shadow:
            self.life.faults += [f"{today}: {difference}" for difference in shadow.compare()]

    @staticmethod
    def subject(person: int) -> SubjectIdentifier:
        """The identifier of a person."""
        return SubjectIdentifier(id_type="BSN", id=bsn_of(person))


async def play(life: Life, database: str, folder: Path, lanes: int) -> None:
    """Play a life on a new ledger with its retention."""
    log, metrics = StructuredLog(), Metrics()
    ledger = LedgerProcess(
        conninfo=database,
        vault_file=folder / "vault" / "vault",
        clock_kind="scenario",
        lanes=lanes,
        metrics=metrics,
        log=log,
    )
    await ledger.start()
    retention = RetentionProcess(commands=ledger.retention_commands, clock=ledger.clock, log=log)
    ledger.client.follow_clock(retention.catch_up)
    try:
        await World(life, ledger, retention, database).play()
    finally:
        await ledger.stop()
