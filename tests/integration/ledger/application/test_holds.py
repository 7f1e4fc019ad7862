"""Holds on PostgreSQL: what they keep, what they come too late for, who ends them, and those that nobody asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.law.act import CovenantReference
from services.ledger.application.vault_errors import VaultDamaged
from services.ledger.contract.errors import NotAllowed, NotFound
from services.ledger.contract.forgetting import HoldBody, RequestStepBody
from services.ledger.contract.messages import (
    AccessRequestBody,
    BreachBody,
    LinkBody,
    Requester,
    SubjectIdentifier,
)
from services.runtime.errors import Rejected
from tests.support.forgetting import ALICE, BOB, CAROL, TODAY, Forgetful, caller, forgetful, noon

Story = Callable[[Forgetful], Awaitable[None]]
COURT = HoldBody(reason="an appeal is pending", kind="court", subject=ALICE)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def tell(database: str, tmp_path: Path) -> Callable[[Story], None]:
    """Give a function that tells a story on a ledger of four lanes."""

    def run(story: Story) -> None:
        async def main() -> None:
            async with forgetful(database, tmp_path, lanes=4) as ledger:
                await story(ledger)
                await ledger.ledger.wait_until_applied()
                assert ledger.differences() == []

        asyncio.run(main())

    return run


def test_a_hold_on_a_person_keeps_the_party_s_own_lines(tell: Callable[[Story], None]) -> None:
    """Held lines outlive their day until the hold is released; other persons' and other parties' lines do not."""

    async def story(ledger: Forgetful) -> None:
        held = await ledger.record(ALICE, ends="P1D")
        other = await ledger.record(BOB, ends="P1D")
        theirs = await ledger.record(ALICE, by="politie", ends="P1D")
        answer = await ledger.client.place_hold(caller("college"), "h-1", COURT)
        assert {name: answer[name] for name in ("id", "kind", "covered", "tooLate")} == {
            "id": "h-1",
            "kind": "court",
            "covered": 1,
            "tooLate": 0,
        }
        await ledger.day(TODAY + timedelta(days=2))
        assert await ledger.sees(held)
        assert not await ledger.sees(other)
        assert not await ledger.sees(theirs, by="politie")
        await ledger.day(TODAY + timedelta(days=400))
        assert await ledger.sees(held)
        released = await ledger.client.release_hold(caller("college"), "h-1")
        assert released["releasedAt"] > released["placedAt"]
        await ledger.retention.catch_up()
        assert not await ledger.sees(held)
        assert await ledger.client.release_hold(caller("college"), "h-1") == released

    tell(story)


def test_a_hold_that_comes_too_late_says_so(tell: Callable[[Story], None]) -> None:
    """What had ended before it is counted apart, and is not brought back."""

    async def story(ledger: Forgetful) -> None:
        gone = await ledger.record(ALICE, ends="P1D")
        kept = await ledger.record(ALICE, ends="P1M")
        await ledger.client.set_clock(noon(TODAY + timedelta(days=1)))
        await ledger.ledger.client.set_clock(noon(TODAY + timedelta(days=2)))
        answer = await ledger.client.place_hold(caller("college"), "h-1", COURT)
        assert answer["covered"] == 1
        await ledger.day(TODAY + timedelta(days=60))
        assert not await ledger.sees(gone)
        assert await ledger.sees(kept)

    tell(story)


def test_the_order_of_the_lane_decides_at_midnight(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold between midnight and the announced end is in time; one while the day is being destroyed is too late."""

    async def story(ledger: Forgetful) -> None:
        kept, gone = await ledger.record(ALICE, ends="P1D"), await ledger.record(BOB, ends="P1D")
        vault = ledger.ledger.forgetting.vault
        monkeypatch.setattr(ledger.client, "_followers", [])
        await ledger.day(TODAY + timedelta(days=2))
        answer = await ledger.client.place_hold(caller("college"), "h-1", COURT)
        assert (answer["covered"], answer["tooLate"]) == (1, 0)
        with monkeypatch.context() as patched:
            patched.setattr(vault, "destroy", lambda _: (_ for _ in ()).throw(VaultDamaged()))
            with pytest.raises(VaultDamaged):
                await ledger.ledger.retention_commands.end_day(TODAY + timedelta(days=1))
            late = HoldBody(reason="an appeal is pending", kind="court", subject=BOB)
            answer = await ledger.client.place_hold(caller("college"), "h-2", late)
            assert (answer["covered"], answer["tooLate"]) == (0, 1)
        await ledger.retention.catch_up()
        assert await ledger.sees(kept)
        assert not await ledger.sees(gone)

    tell(story)


def test_a_hold_on_a_case_or_a_covenant_reaches_every_lane(tell: Callable[[Story], None]) -> None:
    """All persons of the case, or under the covenant, are kept wherever they live, of the party that asked."""

    async def story(ledger: Forgetful) -> None:
        persons = (ALICE, BOB, CAROL)
        of_case = [await ledger.record(person, ends="P1D", case_id="Z-1") for person in persons]
        covenant = CovenantReference(id="huis")
        under = [await ledger.record(person, ends="P1D", covenant=covenant) for person in persons]
        others = [await ledger.record(person, ends="P1D", case_id="Z-2") for person in persons]
        case = HoldBody(reason="a complaint", kind="complaint", case_id="Z-1")
        assert (await ledger.client.place_hold(caller("college"), "h-1", case))["covered"] == 3
        house = HoldBody(reason="a restriction", kind="restriction", covenant=covenant)
        assert (await ledger.client.place_hold(caller("college"), "h-2", house))["covered"] == 3
        assert (await ledger.client.place_hold(caller("school"), "h-3", case))["covered"] == 0
        await ledger.day(TODAY + timedelta(days=2))
        assert [await ledger.sees(key) for key in (*of_case, *under, *others)] == [True] * 6 + [False] * 3
        await ledger.client.release_hold(caller("college"), "h-1")
        await ledger.retention.catch_up()
        assert [await ledger.sees(key) for key in (*of_case, *under)] == [False] * 3 + [True] * 3

    tell(story)


def test_an_auditor_holds_the_lines_of_all(tell: Callable[[Story], None]) -> None:
    """With the scope audit a hold is about every party's lines, and its end needs that scope or the same party."""

    async def story(ledger: Forgetful) -> None:
        own = await ledger.record(ALICE, ends="P1D")
        theirs = await ledger.record(ALICE, by="politie", ends="P1D")
        answer = await ledger.client.place_hold(caller("toezicht", "audit"), "h-1", COURT)
        assert answer["covered"] == 2
        await ledger.day(TODAY + timedelta(days=3))
        assert await ledger.sees(own)
        assert await ledger.sees(theirs, by="politie")
        with pytest.raises(NotFound):
            await ledger.client.release_hold(caller("college"), "h-1")
        await ledger.client.release_hold(caller("toezicht"), "h-1")
        await ledger.retention.catch_up()
        assert not await ledger.sees(own)

    tell(story)


def test_nobody_learns_who_is_known(tell: Callable[[Story], None]) -> None:
    """A hold on an unknown person has the life of any other: the same answers, and it keeps nothing of anybody."""

    async def story(ledger: Forgetful) -> None:
        own = await ledger.record(BOB, by="school", ends="P1D")
        await ledger.record(ALICE, by="politie", ends="P1Y")
        answers: list[dict[str, Any]] = []
        for key, subject in (("known", ALICE), ("unknown", CAROL)):
            body = HoldBody(reason="a complaint", kind="complaint", subject=subject)
            placed = dict(await ledger.client.place_hold(caller("school"), key, body))
            again = dict(await ledger.client.place_hold(caller("school"), key, body))
            released = dict(await ledger.client.release_hold(caller("school"), key))
            assert placed == again
            answers.append(placed | released | {"id": ""})
        assert answers[0] == answers[1]
        await ledger.client.place_hold(
            caller("school"), "nobody", HoldBody(reason="a complaint", kind="complaint", subject=CAROL)
        )
        await ledger.day(TODAY + timedelta(days=3))
        assert not await ledger.sees(own, by="school")

    tell(story)


def test_only_who_placed_it_ends_a_hold(tell: Callable[[Story], None]) -> None:
    """To any other party a hold does not exist; without the scope the call does not."""

    async def story(ledger: Forgetful) -> None:
        await ledger.client.place_hold(caller("college"), "h-1", COURT)
        for party, key in (("politie", "h-1"), ("college", "h-2")):
            with pytest.raises(NotFound):
                await ledger.client.release_hold(caller(party), key)
        with pytest.raises(NotAllowed):
            await ledger.client.release_hold(caller("college").__class__(party="college"), "h-1")

    tell(story)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (HoldBody(reason="r", kind="court"), "hold-without-scope"),
        (HoldBody(reason="r", kind="court", subject=ALICE, case_id="Z-1"), "hold-without-scope"),
        (HoldBody(reason=" ", kind="court", case_id="Z-1"), "text-missing"),
        (HoldBody(reason="r", kind="court", covenant=CovenantReference(id="geen")), "covenant-unknown"),
    ],
)
def test_a_hold_is_about_one_thing(database: str, tmp_path: Path, body: HoldBody, code: str) -> None:
    """A hold names one person, case or known covenant, and why."""

    async def main() -> None:
        async with forgetful(database, tmp_path) as ledger:
            with pytest.raises(Rejected) as caught:
                await ledger.client.place_hold(caller("college"), "h-1", body)
            assert [fault.code for fault in caught.value.errors] == [code]

    asyncio.run(main())


def request_body(by: str = "college") -> AccessRequestBody:
    """An access request of ALICE."""
    return AccessRequestBody(
        subject=ALICE, received_at=noon(TODAY), received_by=by, requested_by=Requester(role="subject")
    )


def test_what_is_asked_for_is_kept_until_it_was_answered(tell: Callable[[Story], None]) -> None:
    """An open access request keeps the lines of all controllers, and six weeks after the last answer none any more."""

    async def story(ledger: Forgetful) -> None:
        own = await ledger.record(ALICE, ends="P1D")
        theirs = await ledger.record(ALICE, by="burgemeester", ends="P1D")
        await ledger.client.open_access_request(caller("college"), "r-1", request_body())
        await ledger.day(TODAY + timedelta(days=30))
        assert await ledger.sees(own)
        assert await ledger.sees(theirs, by="burgemeester")
        answered = RequestStepBody(step="answer", at=ledger.ledger.clock.now(), reason="sent by letter")
        await ledger.client.step_access_request(caller("college"), "r-1", "s-1", answered)
        await ledger.day(TODAY + timedelta(days=100))
        assert await ledger.sees(own)
        answered = RequestStepBody(step="refuse", at=ledger.ledger.clock.now(), reason="nothing more")
        await ledger.client.step_access_request(caller("burgemeester"), "r-1", "s-2", answered)
        await ledger.day(TODAY + timedelta(days=142))
        assert await ledger.sees(own)
        await ledger.day(TODAY + timedelta(days=143))
        assert not await ledger.sees(own)
        assert not await ledger.sees(theirs, by="burgemeester")

    tell(story)


def test_a_request_that_nobody_answers_keeps_half_a_year(tell: Callable[[Story], None]) -> None:
    """After six months what was asked for is kept no longer, answered or not."""

    async def story(ledger: Forgetful) -> None:
        own = await ledger.record(ALICE, ends="P1D")
        await ledger.client.open_access_request(caller("college"), "r-1", request_body())
        await ledger.day(date(2027, 3, 10))
        assert await ledger.sees(own)
        await ledger.day(date(2027, 3, 11))
        assert not await ledger.sees(own)

    tell(story)


def test_the_hold_of_an_open_request_is_not_ended_by_hand(tell: Callable[[Story], None]) -> None:
    """Its receiver cannot end it; audit can."""

    async def story(ledger: Forgetful) -> None:
        own = await ledger.record(ALICE, ends="P1D")
        await ledger.client.open_access_request(caller("college"), "r-1", request_body())
        with pytest.raises(Exception, match="not answered yet"):
            await ledger.client.release_hold(caller("college"), "r-1")
        await ledger.client.release_hold(caller("toezicht", "audit"), "r-1")
        await ledger.day(TODAY + timedelta(days=2))
        assert not await ledger.sees(own)

    tell(story)


def breach_body(*operations: str) -> BreachBody:
    """A breach at the college of these operations."""
    return BreachBody(
        party="college",
        occurred_from=noon(TODAY),
        occurred_until=noon(TODAY),
        aware_at=noon(TODAY),
        description="a list was mailed to a wrong address",
        operation_ids=operations,
    )


def test_what_a_breach_hit_is_kept_for_two_years(tell: Callable[[Story], None]) -> None:
    """The persons of the named operations are held at the party it happened to; a repeated report changes nothing."""

    async def story(ledger: Forgetful) -> None:
        hit = await ledger.record(ALICE, ends="P1D")
        safe = await ledger.record(BOB, ends="P1D")
        theirs = await ledger.record(ALICE, by="politie", ends="P1D")
        first = await ledger.client.report_breach(caller("college"), "b-1", breach_body(hit))
        assert await ledger.client.report_breach(caller("college"), "b-1", breach_body(hit)) == first
        await ledger.day(date(2028, 9, 10))
        assert await ledger.sees(hit)
        assert not await ledger.sees(safe)
        assert not await ledger.sees(theirs, by="politie")
        await ledger.day(date(2028, 9, 11))
        assert not await ledger.sees(hit)

    tell(story)


def test_the_hold_of_a_breach_is_ended_by_whose_breach_it_was(tell: Callable[[Story], None]) -> None:
    """The report names the hold; its party may end it before its time, others may not."""

    async def story(ledger: Forgetful) -> None:
        hit = await ledger.record(ALICE, ends="P1D")
        report = await ledger.client.report_breach(caller("college"), "b-1", breach_body(hit))
        (hold,) = report["holds"]
        with pytest.raises(NotFound):
            await ledger.client.release_hold(caller("politie"), hold)
        await ledger.client.release_hold(caller("college"), hold)
        await ledger.day(TODAY + timedelta(days=2))
        assert not await ledger.sees(hit)

    tell(story)


def test_a_hold_keeps_what_comes_after_it(tell: Callable[[Story], None]) -> None:
    """Lines about the person that are recorded while a hold runs are kept by it as well."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, ends="P1D")
        await ledger.client.place_hold(caller("college"), "h-1", COURT)
        later = await ledger.record(ALICE, ends="P1D")
        await ledger.day(TODAY + timedelta(days=5))
        assert await ledger.sees(later)

    tell(story)


def test_two_holds_keep_what_one_of_them_lets_go(tell: Callable[[Story], None]) -> None:
    """A line is kept until the last hold that came in time is over."""

    async def story(ledger: Forgetful) -> None:
        held = await ledger.record(ALICE, ends="P1D")
        await ledger.client.place_hold(caller("college"), "h-1", COURT)
        complaint = HoldBody(reason="a complaint", kind="complaint", subject=ALICE)
        await ledger.client.place_hold(caller("college"), "h-2", complaint)
        await ledger.day(TODAY + timedelta(days=5))
        await ledger.client.release_hold(caller("college"), "h-1")
        await ledger.retention.catch_up()
        assert await ledger.sees(held)
        await ledger.client.release_hold(caller("college"), "h-2")
        await ledger.retention.catch_up()
        assert not await ledger.sees(held)

    tell(story)


NUMBER = SubjectIdentifier(id_type="V", id="0123456789")
LINK = LinkBody(first=ALICE, second=NUMBER, reason="same photograph")
IN_FORCE = "SELECT count(*) FROM projection.hold WHERE released_position IS NULL"


def test_a_hold_follows_a_later_link(tell: Callable[[Story], None]) -> None:
    """What stands under an identifier that was linked since is kept as well, and let go with the rest."""

    async def story(ledger: Forgetful) -> None:
        held = await ledger.record(ALICE, ends="P1D")
        other = await ledger.record(NUMBER, ends="P1D")
        theirs = await ledger.record(NUMBER, by="politie", ends="P1D")
        await ledger.client.place_hold(caller("college"), "h-1", COURT)
        answers = [await ledger.client.link_subjects(caller("burgemeester"), "l-1", LINK) for _ in range(2)]
        assert answers[0] == answers[1]
        assert len(answers[0]["items"]) == 2
        await ledger.day(TODAY + timedelta(days=5))
        assert [await ledger.sees(key) for key in (held, other)] == [True, True]
        assert not await ledger.sees(theirs, by="politie")
        later = await ledger.record(NUMBER, ends="P1D")
        await ledger.day(TODAY + timedelta(days=10))
        assert await ledger.sees(later)
        await ledger.client.release_hold(caller("college"), "h-1")
        await ledger.retention.catch_up()
        assert [await ledger.sees(key) for key in (held, other, later)] == [False] * 3
        assert ledger.count("SELECT count(*) FROM hold_secret WHERE wrapped IS NOT NULL") == 0

    tell(story)


def test_every_hold_of_either_side_follows(tell: Callable[[Story], None]) -> None:
    """Each of them keeps all that is the person's, whoever placed it under which identifier, until the last is over."""

    async def story(ledger: Forgetful) -> None:
        keys = [await ledger.record(person, ends="P1D") for person in (ALICE, NUMBER)]
        await ledger.client.place_hold(caller("college"), "h-1", COURT)
        complaint = HoldBody(reason="a complaint", kind="complaint", subject=ALICE)
        await ledger.client.place_hold(caller("toezicht", "audit"), "h-2", complaint)
        restricted = HoldBody(reason="a restriction", kind="restriction", subject=NUMBER)
        await ledger.client.place_hold(caller("college"), "h-3", restricted)
        await ledger.client.link_subjects(caller("college"), "l-1", LINK)
        for day, (party, hold) in enumerate((("college", "h-1"), ("toezicht", "h-2"), ("college", "h-3")), 3):
            await ledger.day(TODAY + timedelta(days=day))
            assert [await ledger.sees(key) for key in keys] == [True, True]
            await ledger.client.release_hold(caller(party), hold)
        await ledger.retention.catch_up()
        assert [await ledger.sees(key) for key in keys] == [False, False]

    tell(story)


def test_the_hold_of_a_request_follows_and_ends_as_ever(tell: Callable[[Story], None]) -> None:
    """A link does not make a request hold for longer than its half year from when it was recorded."""

    async def story(ledger: Forgetful) -> None:
        keys = [await ledger.record(person, ends="P1D") for person in (ALICE, NUMBER)]
        await ledger.client.open_access_request(caller("college"), "r-1", request_body())
        await ledger.client.set_clock(noon(TOMORROW))
        await ledger.client.link_subjects(caller("college"), "l-1", LINK)
        await ledger.day(date(2027, 3, 10))
        assert [await ledger.sees(key) for key in keys] == [True, True]
        await ledger.day(date(2027, 3, 11))
        assert [await ledger.sees(key) for key in keys] == [False, False]

    tell(story)


@pytest.mark.parametrize("looks", ["following_holds", "holds"])
def test_a_hold_that_ends_while_it_follows_ends_everywhere(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch, looks: str
) -> None:
    """Whoever looked first, the one that is stored last looks again: no stream stays held by what is over."""

    async def story(ledger: Forgetful) -> None:
        for person in (ALICE, NUMBER):
            await ledger.record(person, ends="P1D")
        await ledger.client.place_hold(caller("college"), "h-1", COURT)
        link = partial(ledger.client.link_subjects, caller("college"), "l-1", LINK)
        release = partial(ledger.client.release_hold, caller("college"), "h-1")
        first, second = (link, release) if looks == "following_holds" else (release, link)
        looking = getattr(ledger.ledger.forgetting, looks)
        monkeypatch.setattr(looking, "_proceedings", Interrupted(looking._proceedings, second))
        await first()
        await ledger.ledger.wait_until_applied()
        assert ledger.count(IN_FORCE) == 0

    tell(story)


class Interrupted:
    """Lets something else be done after the first look at where a hold stands."""

    def __init__(self, proceedings: Any, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Ask ``proceedings``; ``work`` is done in the loop in which this is made."""
        self._proceedings = proceedings
        self._work: list[Callable[[], Coroutine[Any, Any, Any]]] = [work]
        self._loop = asyncio.get_running_loop()

    def __getattr__(self, name: str) -> Any:
        """Whatever else is asked."""
        return getattr(self._proceedings, name)

    def standing(self, hold_id: UUID) -> Any:
        """Look, then wait for what comes between."""
        found = self._proceedings.standing(hold_id)
        if self._work:
            asyncio.run_coroutine_threadsafe(self._work.pop()(), self._loop).result(20)
        return found
