"""Who may confirm an intent, and that it becomes one fact."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.ledger.application.confirm import IntentHasEnded
from services.ledger.contract import topics
from services.ledger.contract.errors import IdempotencyConflict, IntentConfirmed, NotFound
from services.ledger.contract.messages import Receipt
from services.runtime.errors import GrootboekError
from tests.support.recording import BSNS, NOW, RecordingBench, act, caller, person, submission

LATER = NOW + timedelta(days=1)


@pytest.fixture
def bench() -> RecordingBench:
    """Give an empty ledger."""
    return RecordingBench()


def intend(bench: RecordingBench, party: str, **fields: Any) -> None:
    """Let a party record an intent of the college under the key ``i1``."""
    usual = {"controller": "college", "operation": "collect", "tense": "intent", "occurred_at": LATER}
    (receipt,) = bench.record(act(**(usual | fields)), party=party, key="i")
    assert isinstance(receipt, Receipt), receipt


def confirm(bench: RecordingBench, party: str, key: str = "f", body: Any = None) -> Receipt:
    """Let a party confirm it."""
    sent = None if body is None else submission(body, key)
    return bench.run(lambda: bench.confirmer.confirm(caller(party), "i1", sent, key))


def facts(bench: RecordingBench) -> list[tuple[str, str]]:
    """Who recorded which facts, by their keys."""
    return [(each.author, each.key) for event, each in bench.events() if event.topic == topics.PROCESSING_RECORDED]


@pytest.mark.parametrize("author", ["college", "kantoor", "school"])
@pytest.mark.parametrize("confirmer", ["college", "kantoor", "school"])
def test_whoever_may_record_it_may_confirm_it(bench: RecordingBench, author: str, confirmer: str) -> None:
    """The controller confirms what its processor or its mandatary meant to do, and each of them what another did."""
    intend(bench, author, processor="kantoor")
    receipt = confirm(bench, confirmer)
    assert (receipt.tense, facts(bench)) == ("fact", [(confirmer, "f")])
    assert bench.events()[-1][1].intent_key == "i1"


@pytest.mark.parametrize(
    ("party", "fields"),
    [("politie", {}), ("kantoor", {}), ("school", {"operation": "record"}), ("burgemeester", {})],
)
def test_to_others_there_is_no_such_intent(bench: RecordingBench, party: str, fields: dict[str, Any]) -> None:
    """A party that is neither named nor mandated for this verb gets the answer of an intent that is not there."""
    intend(bench, "college", **fields)
    with pytest.raises(NotFound):
        confirm(bench, party)
    assert facts(bench) == []


def test_ones_own_intent_comes_before_that_of_another(bench: RecordingBench) -> None:
    """Two parties may use one key for two intents: each confirms its own."""
    intend(bench, "college", processor="kantoor", data_categories=("name",))
    intend(bench, "kantoor", processor="kantoor", data_categories=("contact",))
    confirm(bench, "kantoor")
    assert bench.events()[-1][1].data_categories == ("contact",)
    confirm(bench, "college")
    assert bench.events()[-1][1].data_categories == ("name",)


@pytest.mark.parametrize("party", ["college", "kantoor"])
@pytest.mark.parametrize("went", [None, act(controller="college", operation="collect", processor="kantoor")])
def test_an_intent_becomes_one_fact(bench: RecordingBench, party: str, went: Any) -> None:
    """Under another key, by whoever, as intended or as it went: 409, nothing stored; the same key says it again."""
    intend(bench, "college", processor="kantoor")
    receipt = confirm(bench, "college", "first")
    with pytest.raises(IntentConfirmed):
        confirm(bench, party, "second", went)
    assert facts(bench) == [("college", "first")]
    assert msgspec.json.encode(confirm(bench, "college", "first")) == msgspec.json.encode(receipt)
    if went is not None:
        with pytest.raises(IdempotencyConflict):
            confirm(bench, "college", "first", went)


def test_two_at_the_same_moment_are_one(bench: RecordingBench) -> None:
    """Of confirmations that come together one is stored; the others hear that it was."""
    intend(bench, "college", processor="kantoor")

    async def all_at_once() -> list[Receipt | BaseException]:
        pairs = [("college", "a"), ("college", "b"), ("kantoor", "c"), ("college", "d")]
        calls = (bench.confirmer.confirm(caller(party), "i1", None, key) for party, key in pairs)
        return await asyncio.gather(*calls, return_exceptions=True)

    answers = bench.run(all_at_once)
    assert sorted(type(answer).__name__ for answer in answers) == ["IntentConfirmed"] * 3 + ["Receipt"]
    assert len(facts(bench)) == 1


def test_what_was_not_recorded_has_not_confirmed_it(bench: RecordingBench) -> None:
    """A confirmation with a fault leaves the intent free to be confirmed."""
    intend(bench, "college")
    with pytest.raises(GrootboekError):
        confirm(bench, "college", "bad", act(controller="college", operation="sniff"))
    assert confirm(bench, "college", "good").tense == "fact"


def test_an_intent_of_which_only_its_place_is_left_has_ended(bench: RecordingBench) -> None:
    """Without the content of all its persons there is nothing to confirm."""
    intend(bench, "college", subjects=(person(BSNS[0]), person(BSNS[1])))
    event, envelope = bench.events()[0]
    bench.ledger.destroy_secret(0, event.stream_id, bytes.fromhex(envelope.scope or ""))
    bench.restart()
    with pytest.raises(IntentHasEnded):
        confirm(bench, "college")


def test_a_mandate_of_another_day_does_not_count(bench: RecordingBench) -> None:
    """The mandate is that of the day of the act: school had none in 2025."""
    (receipt,) = bench.record(
        act(controller="college", operation="collect", occurred_at=NOW.replace(year=2025)), party="college"
    )
    assert isinstance(receipt, Receipt)
    assert bench.register.current().mandates(date(2025, 9, 10)) == ()
    with pytest.raises(NotFound):
        bench.about.select(caller("school"), "k1", ())
    assert bench.about.select(caller("college"), "k1", ())


@pytest.mark.parametrize("party", ["college", "kantoor", "school"])
def test_who_may_record_an_act_may_speak_about_it(bench: RecordingBench, party: str) -> None:
    """Corrections, confidentiality and terms look the act up alike: controller, processor and mandatary find it."""
    bench.record(act(controller="college", operation="collect", processor="kantoor"), party="college")
    (original,) = bench.about.select(caller(party), "k1", ())
    assert original.envelope.key == "k1"
    for stranger in ("politie", "burgemeester"):
        with pytest.raises(NotFound):
            bench.about.select(caller(stranger), "k1", ())
