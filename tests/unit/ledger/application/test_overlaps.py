"""Overlap without names, step by step: what a retry, a kill between two steps and a race leave behind."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest

from services.law.act import DataRegime
from services.law.local_time import amsterdam_day
from services.law.overlap import OverlapCount, count_overlap
from services.ledger.application.confirm import Confirmer
from services.ledger.application.overlap_acts import faults_of_handing_in
from services.ledger.application.overlap_errors import OverlapOver, OverlapsTooMany
from services.ledger.application.overlap_ports import Overlap, Persons
from services.ledger.application.overlaps import Overlaps
from services.ledger.application.ports import RegisterSource
from services.ledger.application.pseudonyms import Pseudonyms
from services.ledger.application.record import Recorder
from services.ledger.application.vault_errors import VaultNotWritten
from services.ledger.contract.errors import IdempotencyConflict, NotAllowed
from services.ledger.contract.messages import Caller, Submission
from services.ledger.contract.overlaps import OverlapBody, OverlapPersons
from services.ledger.storage.overlaps_memory import MemoryOverlaps
from services.ledger.storage.vault_memory import MemoryVault
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.errors import GrootboekError
from services.runtime.ids import SeededIds
from tests.unit.law.builders import NOW, register

pytestmark = pytest.mark.anyio

MAYOR, SCHOOL, YOUTH = Caller(party="mayor"), Caller(party="school"), Caller(party="youth")
ASKED = OverlapBody(controller="mayor", parties=("school", "youth"))
A_DAY_SECONDS = 24 * 60 * 60
BSNS = ("999990019", "999990020", "999990032", "999990044")


class Killed(Exception):
    """The process ends here."""


class Book:
    """What was recorded by (party, key): another body under a known key is a conflict, as in the ledger."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[str, str, bytes]] = {}
        self.confirming: dict[str, GrootboekError] = {}

    async def record(self, caller: Caller, submissions: tuple[Submission, ...]) -> list[Any]:
        """Keep one submission, once."""
        (one,) = submissions
        body = cast(Any, one.body)
        kept = self.kept.setdefault((caller.party, one.key), (body.operation, body.tense, one.canonical))
        return [None if kept[2] == one.canonical else IdempotencyConflict()]

    async def confirm(self, caller: Caller, intent_key: str, submission: None, key: str) -> None:
        """Keep that an intent became a fact, unless it cannot."""
        assert submission is None
        if intent_key in self.confirming:
            raise self.confirming[intent_key]
        self.kept.setdefault((caller.party, key), ("combine", "fact", intent_key.encode()))

    def facts(self, operation: str) -> list[str]:
        """Who did this, in the order in which it was recorded."""
        return [party for (party, _), (verb, tense, _) in self.kept.items() if (verb, tense) == (operation, "fact")]


class Desk:
    """Overlaps over a store in memory, and what each party works out."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOW)
        self.store = MemoryOverlaps()
        self.book = Book()
        self.vault = MemoryVault(SeededIds(1))
        self.known = register()
        self.overlaps = Overlaps(
            store=self.store,
            recorder=cast(Recorder, self.book),
            confirmer=cast(Confirmer, self.book),
            register=cast(RegisterSource, self),
            vault=self.vault,
            pseudonyms=Pseudonyms(vault=self.vault, lanes=4),
            ids=SeededIds(2),
            clock=self.clock,
        )

    def current(self) -> Any:
        """The register."""
        return self.known

    async def ask(self, key: str = "riddle", caller: Caller = MAYOR) -> str:
        """Ask, and give the overlap's id."""
        return (await self.overlaps.open(caller, key, ASKED)).id

    async def persons(self, overlap: str, caller: Caller, bsns: tuple[str, ...] = BSNS[:3]) -> OverlapPersons:
        """What a party hands in."""
        secret = base64.urlsafe_b64decode(((await self.overlaps.read(caller, overlap)).secret or "") + "=")
        return OverlapPersons(
            pseudonyms=tuple(hmac.digest(secret, f"BSN:{bsn}".encode(), hashlib.sha256).hex() for bsn in bsns)
        )

    async def hand_in(self, overlap: str, caller: Caller, bsns: tuple[str, ...] = BSNS[:3]) -> OverlapPersons:
        """Hand in under a key of the party's own, and give the body."""
        body = await self.persons(overlap, caller, bsns)
        await self.overlaps.hand_in(caller, overlap, "mine", body)
        return body

    def find(self, overlap: str) -> Overlap:
        """How it is kept."""
        found = {str(one.id): one for one in self.store._overlaps.values()}
        return found[overlap]


@pytest.fixture
def desk() -> Desk:
    """Give a desk where nobody asked anything yet."""
    return Desk()


async def counted(desk: Desk, key: str = "riddle") -> str:
    """Ask, and let all hand in."""
    overlap = await desk.ask(key)
    for caller in (SCHOOL, YOUTH):
        body = await desk.persons(overlap, caller)
        await desk.overlaps.hand_in(caller, overlap, f"mine-{key}", body)
    return overlap


async def test_asking_again_gives_the_same_answer_also_when_it_is_over(desk: Desk) -> None:
    """The key of the secret is destroyed by then, and a retry needs none."""
    overlap = await counted(desk)
    again = await desk.overlaps.open(MAYOR, "riddle", ASKED)
    assert (again.id, again.state) == (overlap, "counted")


async def test_handing_in_again_gives_the_same_answer_also_when_it_was_counted(desk: Desk) -> None:
    """Whoever hands in last and loses the answer asks again, with the same body, and gets the sizes."""
    overlap = await desk.ask()
    await desk.hand_in(overlap, SCHOOL)
    body = await desk.hand_in(overlap, YOUTH)
    again = await desk.overlaps.hand_in(YOUTH, overlap, "mine", body)
    assert again.count is not None
    assert desk.book.facts("make-available") == ["school", "youth"]


@pytest.mark.parametrize("key", ["mine", "another"])
async def test_a_party_that_handed_in_cannot_hand_in_others(desk: Desk, key: str) -> None:
    """Told as a conflict under any key, and not taken for granted: what counts is what came first."""
    overlap = await desk.ask()
    body = await desk.hand_in(overlap, SCHOOL)
    other = msgspec.structs.replace(body, pseudonyms=("0" * 64, "1" * 64, "2" * 64))
    with pytest.raises(IdempotencyConflict):
        await desk.overlaps.hand_in(SCHOOL, overlap, key, other)
    assert [key for party, key in desk.book.kept if party == "school"] == ["mine", f"{overlap}/handed-in"]


async def test_a_kill_between_the_record_and_the_count_is_mended_by_the_retry(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disclosure is on record and nothing was kept: the same body again is taken and counted."""
    overlap = await desk.ask()
    await desk.hand_in(overlap, SCHOOL)
    body = await desk.persons(overlap, YOUTH)
    keep = desk.store.hand_in
    monkeypatch.setattr(desk.store, "hand_in", killed)
    with pytest.raises(Killed):
        await desk.overlaps.hand_in(YOUTH, overlap, "mine", body)
    monkeypatch.setattr(desk.store, "hand_in", keep)
    assert (await desk.overlaps.hand_in(YOUTH, overlap, "mine", body)).state == "counted"
    assert desk.book.facts("make-available") == ["school", "youth"]


def killed(*_: object) -> None:
    """Stop as a kill does."""
    raise Killed


async def test_a_kill_after_the_count_leaves_nothing_open(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The round of retention destroys the key and records the count, and does so once."""
    destroy = desk.vault.destroy
    monkeypatch.setattr(desk.vault, "destroy", unwritable)
    overlap = await counted(desk)
    monkeypatch.setattr(desk.vault, "destroy", destroy)
    assert not desk.find(overlap).is_settled
    assert desk.book.facts("combine") == []
    assert [await desk.overlaps.settle() for _ in range(2)] == [1, 0]
    assert desk.book.facts("combine") == ["mayor"]
    assert desk.vault.key_ids("overlap") == []


def unwritable(_: str) -> None:
    """Fail as a full disk does."""
    raise VaultNotWritten


async def test_one_that_cannot_be_settled_keeps_no_other_waiting(desk: Desk) -> None:
    """Its neighbours lose their keys and are recorded; nobody who hands in elsewhere hears of it."""
    desk.book.confirming["stuck"] = VaultNotWritten()
    stuck = await counted(desk, "stuck")
    desk.clock.advance(seconds=1)
    late = await desk.ask("late")
    desk.clock.advance(hours=limits.OVERLAP_HOURS_MAX)
    well = await counted(desk, "well")
    assert desk.find(well).is_settled
    with pytest.raises(VaultNotWritten):
        await desk.overlaps.settle()
    assert desk.find(late).state == "expired"
    assert [desk.find(one).is_settled for one in (stuck, late, well)] == [False, True, True]
    assert desk.vault.key_ids("overlap") == []


async def test_an_author_that_lost_its_mandate_does_not_keep_the_round_busy(desk: Desk) -> None:
    """The count cannot be recorded for who may no longer act; what was asked and handed in stands on record."""
    desk.book.confirming["riddle"] = NotAllowed()
    overlap = await counted(desk)
    assert desk.find(overlap).is_settled
    assert await desk.overlaps.settle() == 0


async def test_one_that_is_counted_while_it_runs_out_of_time_is_recorded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The round saw it open and late; by the time it acts the last party has handed in."""
    overlap = await desk.ask()
    await desk.hand_in(overlap, SCHOOL)
    seen = desk.find(overlap)
    monkeypatch.setattr(desk.store, "unsettled", lambda _: [seen])
    desk.book.confirming["riddle"] = VaultNotWritten()
    await desk.hand_in(overlap, YOUTH)
    del desk.book.confirming["riddle"]
    await desk.overlaps.settle()
    assert desk.find(overlap).state == "counted"
    assert desk.book.facts("combine") == ["mayor"]


async def test_who_hands_in_while_it_is_withdrawn_is_told_that_it_is_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the record and the store the author withdrew: what was handed in is kept nowhere."""
    overlap = await desk.ask()
    body = await desk.persons(overlap, SCHOOL)
    record = desk.book.record

    async def withdrawn_meanwhile(caller: Caller, submissions: tuple[Submission, ...]) -> list[Any]:
        answers = await record(caller, submissions)
        await desk.overlaps.withdraw(MAYOR, overlap)
        return answers

    monkeypatch.setattr(desk.book, "record", withdrawn_meanwhile)
    with pytest.raises(OverlapOver):
        await desk.overlaps.hand_in(SCHOOL, overlap, "mine", body)
    assert desk.store._persons == {}


async def test_reading_while_it_ends_gives_no_secret_and_no_fault(desk: Desk) -> None:
    """The row was read before the end, the key is gone after it."""
    overlap = await desk.ask()
    before = desk.find(overlap)
    await desk.overlaps.withdraw(MAYOR, overlap)
    desk.store._overlaps[before.id] = before
    assert (await desk.overlaps.read(SCHOOL, overlap)).secret is None


async def test_what_is_kept_cannot_be_linked_by_a_party_that_kept_its_secret(desk: Desk) -> None:
    """A party and an old copy of the tables together: the ledger blinds under a key that no party was given."""
    overlap = await desk.ask()
    secret = base64.urlsafe_b64decode(((await desk.overlaps.read(SCHOOL, overlap)).secret or "") + "=")
    body = await desk.hand_in(overlap, SCHOOL)
    pseudonyms = [bytes.fromhex(one) for one in body.pseudonyms]
    (kept,) = (persons["school"] for persons in desk.store._persons.values())
    tries: tuple[Callable[[bytes], bytes], ...] = (lambda one: b"kept:" + one, lambda one: one)
    guessed = {hmac.digest(secret, way(one), "sha256") for one in pseudonyms for way in tries}
    assert len(kept) == 3
    assert not kept & (guessed | set(pseudonyms))


@pytest.mark.parametrize(("party", "regime"), [("police", "AVG"), ("police", "Wjsg"), ("school", "Wjsg")])
async def test_the_police_hand_in_under_a_regime_of_their_own_act(desk: Desk, party: str, regime: DataRegime) -> None:
    """No other name for its data frees the police from the ground that the Wpg asks; another party may have others."""
    view = desk.known.on(amsterdam_day(NOW))
    body = OverlapPersons(pseudonyms=("0" * 64, "1" * 64, "2" * 64), data_regime=regime)
    codes = [fault.code for fault in faults_of_handing_in(body, party, view)]
    assert codes == (["overlap-regime"] if party == "police" else [])


async def test_many_at_once_are_not_more_than_a_day_allows(desk: Desk) -> None:
    """Asked in one breath, each sees that there is room; the store lets in no more than there is."""
    many = [desk.ask(f"ask-{number}") for number in range(limits.OVERLAPS_PER_DAY_MAX + 5)]
    asked = await asyncio.gather(*many, return_exceptions=True)
    assert sum(isinstance(one, OverlapsTooMany) for one in asked) == 5
    assert desk.store.full_since("mayor", NOW, limits.OVERLAPS_PER_DAY_MAX) == NOW
    assert {one.retry_after_seconds for one in asked if isinstance(one, OverlapsTooMany)} == {A_DAY_SECONDS + 1}
    assert len(desk.vault.key_ids("overlap")) == limits.OVERLAPS_PER_DAY_MAX, "what was refused leaves no key"


async def test_one_too_many_is_told_when_there_is_room_again(desk: Desk) -> None:
    """That is when the first of the day's asks is over a day old; a second before it is refused, then it is taken."""
    for number in range(limits.OVERLAPS_PER_DAY_MAX):
        await desk.ask(f"ask-{number}")
        desk.clock.advance(minutes=1)
    with pytest.raises(OverlapsTooMany) as refused:
        await desk.ask("one-more")
    assert refused.value.retry_after_seconds == A_DAY_SECONDS - limits.OVERLAPS_PER_DAY_MAX * 60 + 1
    desk.clock.advance(seconds=refused.value.retry_after_seconds - 1)
    with pytest.raises(OverlapsTooMany) as still:
        await desk.ask("one-more")
    assert still.value.retry_after_seconds == 1
    desk.clock.advance(seconds=1)
    await desk.ask("one-more")
    with pytest.raises(OverlapsTooMany) as next_one:
        await desk.ask("another")
    assert next_one.value.retry_after_seconds == 60, "the second ask was a minute after the first"


async def test_all_that_was_handed_in_is_counted_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last hand-in and the count are one: there is no moment at which all is there and nothing is counted."""
    seen: list[Persons] = []
    overlap = await desk.ask()
    keep = desk.store.hand_in

    def watched(*given: Any) -> bool:
        def count(persons: Persons) -> OverlapCount:
            seen.append(persons)
            return count_overlap(persons)

        lane, overlap_id, party, persons, _ = given
        return keep(lane, overlap_id, party, persons, count)

    monkeypatch.setattr(desk.store, "hand_in", watched)
    await desk.hand_in(overlap, SCHOOL)
    await desk.hand_in(overlap, YOUTH, BSNS[1:])
    (persons,) = seen
    assert len(persons["school"] & persons["youth"]) == 2
