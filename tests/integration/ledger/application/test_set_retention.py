"""Other ends for records and holdings on PostgreSQL: later under a norm and in time, earlier to the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import Retention, Subject
from services.ledger.contract.errors import IdempotencyConflict, NotFound, RecordEnded
from services.ledger.contract.forgetting import RetentionBody
from services.ledger.contract.messages import CorrectionBody, HoldingSearch
from services.runtime.errors import Rejected
from tests.support.forgetting import ALICE, BOB, TODAY, Forgetful, Story, caller


async def set_ends(ledger: Forgetful, operation: str, ends: date, key: str = "t-1", **fields: Any) -> Any:
    """Set both ends of an operation."""
    usual: dict[str, Any] = {"reason": "the list says so", "holding_ends": ends, "record_ends": ends}
    return await ledger.client.set_retention(caller("college"), operation, key, RetentionBody(**(usual | fields)))


def test_a_prolonged_record_outlives_its_day(tell: Callable[[Story], None]) -> None:
    """Under a norm it is readable until the end of the new day, with what was said about it, and not a day longer."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, ends="P3D")
        wrong = CorrectionBody(reason="typed wrong", changes={"description": msgspec.Raw(b'"better"')})
        await ledger.client.correct(caller("college"), key, "c-1", wrong)
        answer = await set_ends(ledger, key, TODAY + timedelta(days=40), norm="Archiefwet 3")
        (item,) = answer["items"]
        assert (item["holdingEnds"], item["recordEnds"]) == (TODAY + timedelta(days=40),) * 2
        for days, expected in ((4, True), (40, True), (41, False)):
            await ledger.day(TODAY + timedelta(days=days))
            assert await ledger.sees(key) is expected
            if expected:
                shown = await ledger.client.read_operation(caller("college", purpose="operations"), key)
                assert shown["corrections"][0]["reason"] == "typed wrong"

    tell(story)


def test_a_shortened_record_is_swept_on_its_day(tell: Callable[[Story], None]) -> None:
    """Its day's key lives on, so the register names it by position and leaf hash, with all that was about it."""

    async def story(ledger: Forgetful) -> None:
        key, other = await ledger.record(ALICE, ends="P1Y"), await ledger.record(ALICE, ends="P1Y")
        lane, position = await ledger.place(key)
        (event,) = ledger.ledger._reader.events_at([(lane, position)])
        await set_ends(ledger, key, TODAY)
        assert await ledger.sees(key)
        await ledger.day(TODAY + timedelta(days=1))
        assert [await ledger.sees(each) for each in (key, other)] == [False, True]
        entries = [each for each in ledger.ledger.forgetting.register_file.entries() if each.kind == "positions"]
        assert (lane, position, event.leaf_hash.hex()) in entries[0].positions
        (swept,) = ledger.ledger._reader.events_at([(lane, position)])
        assert (swept.envelope, swept.state, swept.leaf_hash) == (None, None, event.leaf_hash)

    tell(story)


def test_the_last_word_counts(tell: Callable[[Story], None]) -> None:
    """Prolonged, shortened and prolonged again: the end that was set last holds, from wherever it started."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, ends="P3D")
        for number, days in enumerate((60, 20, 40)):
            await set_ends(ledger, key, TODAY + timedelta(days=days), f"t-{number}", norm="Archiefwet 3")
        for days, expected in ((21, True), (40, True), (41, False)):
            await ledger.day(TODAY + timedelta(days=days))
            assert await ledger.sees(key) is expected

    tell(story)


def test_what_has_ended_is_not_prolonged(tell: Callable[[Story], None]) -> None:
    """After its day a record is a conflict for who recorded it, and nothing for others; before it anything goes."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, ends="P3D")
        await ledger.day(TODAY + timedelta(days=3))
        await set_ends(ledger, key, TODAY + timedelta(days=5), norm="Archiefwet 3")
        await ledger.day(TODAY + timedelta(days=6))
        for other in ("t-2", "t-3"):
            with pytest.raises(RecordEnded):
                await set_ends(ledger, key, TODAY + timedelta(days=50), other, norm="Archiefwet 3")
        with pytest.raises(NotFound):
            await ledger.client.set_retention(
                caller("politie"), key, "t-4", RetentionBody(reason="r", record_ends=TODAY + timedelta(days=50))
            )
        assert not await ledger.sees(key)

    tell(story)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": " "}, "text-missing"),
        ({"holding_ends": None, "record_ends": None}, "term-change-empty"),
        ({"holding_ends": date(2028, 1, 1), "record_ends": date(2028, 1, 1)}, "prolongation-without-norm"),
        ({"holding_ends": date(2026, 9, 9)}, "term-end-past"),
        ({"holding_ends": date(2027, 12, 1), "record_ends": date(2027, 11, 1), "norm": "n"}, "record-before-holding"),
    ],
)
def test_a_change_of_terms_has_its_reasons(tell: Callable[[Story], None], fields: dict[str, Any], code: str) -> None:
    """Without a reason, a norm where one is needed, or sense in time, nothing is changed."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        with pytest.raises(Rejected) as caught:
            await set_ends(ledger, key, TODAY, **fields)
        assert [fault.code for fault in caught.value.errors] == [code]

    tell(story)


def test_a_repeated_change_answers_as_before(tell: Callable[[Story], None]) -> None:
    """The same key and body give the same answer, also when the day has come; another body is a conflict."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        first = await set_ends(ledger, key, TODAY + timedelta(days=2))
        await ledger.day(TODAY + timedelta(days=1))
        assert await set_ends(ledger, key, TODAY + timedelta(days=2)) == first
        with pytest.raises(IdempotencyConflict):
            await set_ends(ledger, key, TODAY + timedelta(days=9))

    tell(story)


def test_one_subject_of_several_gets_another_end(tell: Callable[[Story], None]) -> None:
    """With refs only the persons named are changed; of an operation all or none is."""

    async def story(ledger: Forgetful) -> None:
        both = tuple(Subject(id_type=person.id_type, id=person.id) for person in (ALICE, BOB))
        key = await ledger.record(ALICE, subjects=both)
        shown = await ledger.client.read_operation(caller("college", purpose="operations"), key)
        refs = {subject["id"]: subject["ref"] for subject in shown["subjects"]}
        answer = await set_ends(ledger, key, TODAY, subjects=(refs[ALICE.id],))
        assert [item["ref"] for item in answer["items"]] == [refs[ALICE.id]]
        await ledger.day(TODAY + timedelta(days=1))
        left = await ledger.client.read_operation(caller("college", purpose="operations"), key)
        assert [subject["ref"] for subject in left["subjects"]] == [refs[BOB.id]]

    tell(story)


def test_an_end_counts_from_when_it_was_known(tell: Callable[[Story], None]) -> None:
    """What was held on a day is said by the terms that were known then: whoever knew of no change saw it end (S80)."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE, ends="P3M", record_retention=Retention(period="P5Y"))
        longer, shorter = TODAY + timedelta(days=400), TODAY + timedelta(days=150)
        for number, (day, ends) in enumerate(((70, longer), (80, shorter))):
            await ledger.day(TODAY + timedelta(days=day))
            await set_ends(ledger, key, ends, f"t-{number}", norm="Archiefwet 3", record_ends=None)
        await ledger.day(TODAY + timedelta(days=200))

        async def held(as_of: int, known_at: int | None) -> tuple[str, str]:
            await ledger.ledger.wait_until_applied()
            known = None if known_at is None else str(TODAY + timedelta(days=known_at))
            abouts: tuple[dict[str, Any], ...] = ({"party": "college"}, {"subject": ALICE})
            for about in abouts:
                search = HoldingSearch(as_of=str(TODAY + timedelta(days=as_of)), as_known_at=known, **about)
                (item,) = (await ledger.client.search_holdings(caller("college", purpose="operations"), search)).items
            return item["status"], item["until"]

        assert await held(120, 30) == ("erasure-owed", "2026-12-10")
        assert await held(60, 30) == ("held", "2026-12-10")
        assert await held(120, 75) == ("held", str(longer))
        assert await held(120, 85) == ("held", str(shorter))
        assert await held(160, None) == ("erasure-owed", str(shorter))

    tell(story)
