"""Recording: what is stored, for whom, and that the same key always gets the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import (
    CovenantReference,
    Exemption,
    LegalBasis,
    ListReference,
    Notice,
    Recipient,
    Retention,
    Source,
    Subject,
)
from services.law.governance import Mandate, Party
from services.ledger.contract import topics
from services.ledger.contract.errors import IdempotencyConflict, IntentRefused, LedgerBusy, NotAllowed, NotStored
from services.ledger.contract.messages import Receipt
from services.ledger.domain.identity import access_stream, operation_id_of, party_stream
from services.ledger.domain.stored import AppendResult, PreparedOperation, Stale, Unstorable
from services.runtime import limits
from services.runtime.errors import Rejected
from tests.support.recording import (
    BSNS,
    ENTRIES,
    NOW,
    FixedRegister,
    RecordingBench,
    act,
    caller,
    person,
    submission,
)

HUIS = CovenantReference(id="huis", annex="groep")


def record(bench: RecordingBench, *bodies: Any, party: str = "burgemeester", key: str = "k") -> list[Any]:
    """Record the bodies in one call."""
    return bench.record(*bodies, party=party, key=key)


@pytest.fixture
def bench() -> RecordingBench:
    """Give an empty ledger."""
    return RecordingBench()


def test_a_fact_is_stored_once_per_person(bench: RecordingBench) -> None:
    """An act on two persons gives two events on two streams, committed as one operation."""
    (receipt,) = record(bench, act(subjects=(person(BSNS[0]), person(BSNS[1]))))
    events = bench.ledger.lanes[0]
    assert [e.topic for e in events] == [topics.PROCESSING_RECORDED] * 2
    assert len({e.stream_id for e in events}) == 2
    assert receipt.position == "0-2"
    assert [s.position for s in receipt.subjects] == ["0-1", "0-2"]
    assert len({s.ref for s in receipt.subjects}) == 2
    assert [e.leaf_hash.hex() for e in events] == [s.leaf_hash for s in receipt.subjects]


def test_the_same_person_keeps_one_stream(bench: RecordingBench) -> None:
    """Two acts on one person, within a batch and after a restart, stand on one stream."""
    record(bench, act(), act())
    record(bench, act(), key="later")
    assert len({e.stream_id for e in bench.ledger.lanes[0]}) == 1
    assert [e.version for e in bench.ledger.lanes[0]] == [1, 2, 3]


def test_the_same_body_gets_the_same_receipt(bench: RecordingBench) -> None:
    """A retry, also after a restart and with the clock moved on, answers byte for byte the same and stores nothing."""
    body = act(subjects=(person(BSNS[0]), person(BSNS[1])), confidentiality=None, trace_id="A" * 32, span_id="b" * 16)
    first = record(bench, body)
    bench.clock.advance(days=2)
    again = record(bench, body)
    assert msgspec.json.encode(first) == msgspec.json.encode(again)
    assert len(bench.ledger.lanes[0]) == 2


def test_a_crash_between_commit_and_answer_loses_nothing(bench: RecordingBench) -> None:
    """When the commit stood but its answer was lost, the retry finds the operation and stores nothing more."""
    commit = bench.ledger.append

    async def commit_and_break(operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        await commit(operations)
        raise ConnectionError

    bench.ledger.append = commit_and_break  # type: ignore[method-assign]
    bench.restart()
    (lost,) = record(bench, act())
    assert isinstance(lost, NotStored)
    bench.ledger.append = commit  # type: ignore[method-assign]
    bench.restart()
    (receipt,) = record(bench, act())
    assert receipt.subjects[0].position == "0-1"
    assert len(bench.ledger.lanes[0]) == 1


def test_another_body_under_the_same_key_conflicts(bench: RecordingBench) -> None:
    """The first body stands; the second is refused, in the same batch too."""
    first, second = record(bench, act()), record(bench, act(data_categories=("contact",)))
    assert isinstance(first[0], Receipt)
    assert isinstance(second[0], IdempotencyConflict)
    assert len(bench.ledger.lanes[0]) == 1


def test_keys_of_two_parties_do_not_meet(bench: RecordingBench) -> None:
    """The scope of a key is the party that chose it."""
    record(bench, act())
    (receipt,) = record(bench, act(controller="college"), party="college")
    assert isinstance(receipt, Receipt)
    assert len(bench.ledger.lanes[0]) == 2


def test_an_act_without_persons_stands_on_the_controllers_own_stream(bench: RecordingBench) -> None:
    """With no subject there is one event, without a ref, on the controller's stream."""
    (receipt,) = record(bench, act(subjects=()))
    assert bench.ledger.lanes[0][0].stream_id == party_stream("burgemeester")
    assert [s.ref for s in receipt.subjects] == [None]


def test_nothing_stands_in_clear(bench: RecordingBench) -> None:
    """Identity, free text, staff, reporter, case and list numbers stand in no envelope and no row."""
    canary = "canary-7Q2"
    record(
        bench,
        act(
            subjects=(Subject(id_type="pasnummer", id=canary, role=canary, municipality=canary),),
            name=canary,
            description=canary,
            criteria=canary,
            case_id=canary,
            list=ListReference(kind="bruto", id=canary),
            source=Source(kind="citizen-report", reporter=canary, url=canary),
            recipients=(Recipient(party="politie", case_id=canary),),
            reference=canary,
        ),
    )
    (operation,) = bench.ledger.appended
    assert canary.encode() not in msgspec.msgpack.encode(operation)
    (content,) = bench.opener.open(bench.ledger.lanes[0])
    assert content is not None
    assert content.subject is not None
    assert content.subject.id == content.case_id == canary


def test_a_refused_intent_creates_no_person(bench: RecordingBench) -> None:
    """A violation that is only intended is kept on the asker's access stream under the lookup, nothing more."""
    intent = act(
        tense="intent", covenant=HUIS, data_categories=("name", "image"), subjects=(person(BSNS[0]), person(BSNS[1]))
    )
    (refusal,) = record(bench, intent)
    assert isinstance(refusal, IntentRefused)
    assert [s.outcome for s in refusal.subjects] == ["violation", "violation"]
    (operation,) = bench.ledger.appended
    assert operation.identifiers == ()
    (event,) = bench.ledger.lanes[0]
    assert (event.topic, event.stream_id) == (topics.PROCESSING_REFUSED, access_stream("burgemeester"))
    assert [u.index for u in event.read_envelope().unknown] == [0, 1]
    assert BSNS[0].encode() not in msgspec.json.encode(bench.opener.open([event]))


def test_a_refusal_of_a_known_person_stands_on_his_stream(bench: RecordingBench) -> None:
    """That something was not shared shows in the person's own history; the unknown one stays unknown."""
    record(bench, act())
    intent = act(tense="intent", covenant=HUIS, data_categories=("image",), subjects=(person(BSNS[1]), person(BSNS[0])))
    (first,) = record(bench, intent, key="i")
    (again,) = record(bench, intent, key="i")
    known, unknown = bench.ledger.lanes[0][1:]
    assert known.stream_id == bench.ledger.lanes[0][0].stream_id
    assert unknown.stream_id == access_stream("burgemeester")
    assert first.verdict == again.verdict
    assert first.subjects == again.subjects
    assert [s.ref for s in first.subjects] == [
        bench.pseudonyms.ref("burgemeester", bench.pseudonyms.person("BSN", bsn)) for bsn in (BSNS[1], BSNS[0])
    ]


def test_an_allowed_intent_is_kept(bench: RecordingBench) -> None:
    """An intent without violation is stored as intended, with its tense in the receipt and no holding."""
    (receipt,) = record(bench, act(tense="intent", occurred_at=NOW + timedelta(days=3)))
    assert receipt.tense == "intent"
    assert receipt.subjects[0].holding_ends is None
    assert bench.ledger.lanes[0][0].topic == topics.PROCESSING_INTENDED


def test_a_fact_is_recorded_however_unlawful(bench: RecordingBench) -> None:
    """A violation that happened is stored and marked, never refused."""
    (receipt,) = record(bench, act(covenant=HUIS, data_categories=("image",), phase="plan"))
    assert receipt.verdict.outcome == "violation"
    finding = next(f for f in receipt.verdict.findings if f.code == "category-outside-annex")
    assert finding.subjects == (receipt.subjects[0].ref,)
    assert receipt.register.covenant.version == 3
    assert receipt.subjects[0].holding_ends == date(2027, 9, 10)


def test_the_rule_that_holds_and_those_that_lost_are_on_record(bench: RecordingBench) -> None:
    """The envelope says by which rule the holding ends, and what the others would have said; nothing for no holding."""
    longer = act(covenant=HUIS, phase="plan", retention=Retention(period="P2Y"))
    record(bench, longer, act(operation="erase", recipients=()), key="t")
    held, erased = [event.read_envelope() for event in bench.ledger.lanes[0]]
    assert (held.term_rule, str(held.holding_ends)) == ("covenant-phase", "2027-09-10")
    assert held.terms_lost == ("act P2Y 2028-09-10",)
    assert (erased.term_rule, erased.terms_lost) == (None, ())


def test_who_may_record(bench: RecordingBench) -> None:
    """Controller, its processor in the act and its mandatary for that verb may; nobody else."""
    assert isinstance(record(bench, act(controller="college", processor="kantoor"), party="kantoor")[0], Receipt)
    assert isinstance(record(bench, act(controller="college", operation="collect"), party="school")[0], Receipt)
    assert isinstance(record(bench, act(controller="college"), party="school", key="x")[0], NotAllowed)
    assert isinstance(record(bench, act(controller="college"), party="politie")[0], NotAllowed)
    assert len(bench.ledger.lanes[0]) == 2


def test_faults_are_told_all_at_once_and_nothing_is_stored(bench: RecordingBench) -> None:
    """A bad neighbour is answered with every fault; the good ones in the same call are recorded."""
    bad = act(operation="sniff", controller="nobody", subjects=(person("123456789"),))
    good, rejected = record(bench, act(), bad)
    assert isinstance(good, Receipt)
    assert isinstance(rejected, Rejected)
    assert [e.pointer for e in rejected.errors] == ["/operation", "/controller", "/subjects/0/id"]
    assert len(bench.ledger.lanes[0]) == 1


def test_an_ended_record_is_a_skeleton(bench: RecordingBench) -> None:
    """When the record's last day has passed already, only the envelope is kept; nobody could ever read more."""
    old = NOW - timedelta(days=900)
    (receipt,) = record(
        bench, act(occurred_at=old, retention=Retention(period="P1M"), record_retention=Retention(period="P2M"))
    )
    (event,) = bench.ledger.lanes[0]
    assert receipt.subjects[0].record_ends < NOW.date()
    assert event.state == b""
    assert bench.opener.open([event]) == [None]
    assert event.read_envelope().operation == "record"


def test_a_destroyed_dossier_opens_its_next_generation(bench: RecordingBench) -> None:
    """A late fact never revives what was destroyed: it goes under a new secret, and only it can be read."""
    record(bench, act())
    (first,) = bench.ledger.lanes[0]
    scope = bytes.fromhex(first.read_envelope().scope or "")
    bench.ledger.destroy_secret(0, first.stream_id, scope)
    bench.restart()
    record(bench, act(), key="late")
    second = bench.ledger.lanes[0][1]
    assert second.read_envelope().generation == 2
    gone, kept = bench.opener.open([first, second])
    assert gone is None
    assert kept is not None


def test_facts_of_the_same_call_are_judged_in_order(bench: RecordingBench) -> None:
    """A delete is judged on what precedes it in the same call; nothing on that person overtakes it."""
    receipts = record(bench, act(), act(operation="erase"), act(subjects=(person(BSNS[1]),)), act())
    assert [receipt.id for receipt in receipts] == ["k1", "k2", "k3", "k4"]
    events = bench.ledger.lanes[0]
    assert [e.read_envelope().key for e in events] == ["k1", "k3", "k2", "k4"]
    erased = events[2].read_envelope()
    assert erased.facts_position == 1


def test_notice_and_exemption_are_recorded(bench: RecordingBench) -> None:
    """A partner of the covenant may give a notice for the controller; both bodies are judged and stored."""
    notice = Notice(
        subjects=(person(BSNS[0]),),
        controller="college",
        given_by="politie",
        given_at=NOW,
        form="conversation",
        elements=("controller", "purpose"),
        addressee="subject",
        covenant=HUIS,
    )
    exemption = Exemption(
        subject=person(BSNS[0]),
        controller="college",
        norm="UAVG 41(1)(d)",
        interest="canary-interest",
        decided_by="college",
        decided_at=NOW,
        covenant=HUIS,
    )
    (told,) = record(bench, notice, party="politie")
    (withheld,) = record(bench, exemption, party="college")
    assert [f.code for f in told.verdict.findings] == ["oral-notice-unrequested"]
    assert "exemption-factors-missing" in [f.code for f in withheld.verdict.findings]
    first, second = bench.ledger.lanes[0]
    assert (first.topic, second.topic) == (topics.NOTICE_RECORDED, topics.EXEMPTION_RECORDED)
    assert b"canary-interest" not in msgspec.msgpack.encode(bench.ledger.appended)
    assert isinstance(record(bench, notice, party="school")[0], NotAllowed)


def test_a_partner_switches_off_no_other_partners_duty(bench: RecordingBench) -> None:
    """It is turned away before anybody looks whether the person is known, and nothing is stored."""
    for number, bsn in enumerate(BSNS[:2]):
        exemption = Exemption(
            subject=person(bsn),
            controller="college",
            norm="UAVG 41(1)(d)",
            interest="investigation",
            decided_by="politie",
            decided_at=NOW,
            covenant=HUIS,
        )
        record(bench, act(subjects=(person(BSNS[0]),), controller="college"), party="college", key=f"a{number}")
        assert isinstance(record(bench, exemption, party="politie", key=f"x{number}")[0], NotAllowed)
    assert {event.topic for event in bench.ledger.lanes[0]} == {topics.PROCESSING_RECORDED}


@pytest.mark.parametrize(
    ("statute", "found"), [("Gemeentewet 172", True), ("Gemeentewet 174", False), ("Politiewet 3", False)]
)
def test_what_the_police_do_by_mandate_is_judged_as_theirs(*, bench: RecordingBench, statute: str, found: bool) -> None:
    """The mandate lets them record it for the burgemeester; that they have none for public order is found."""
    mandate = Mandate(id="m2", from_="burgemeester", to="politie")
    bench.register = FixedRegister((*ENTRIES, mandate))
    bench.restart()
    body = act(legal_basis=LegalBasis(gdpr="6(1)(e)", statute=statute))
    (receipt,) = record(bench, body, party="politie")
    (own,) = record(bench, body, party="burgemeester", key="own")
    codes = [[finding.code for finding in each.verdict.findings] for each in (receipt, own)]
    assert [("power-not-transferable" in each) for each in codes] == [found, False]


def test_the_fact_of_a_controller_that_ended_is_recorded(bench: RecordingBench) -> None:
    """Merged away or not there yet, what it did is on record with a gap; what it is about to do is turned away."""
    entries = [
        Party(id="was", kind="public-body", organ="college", valid_until=date(2026, 9, 9)),
        Party(id="will", kind="public-body", organ="college", valid_from=date(2026, 9, 11)),
    ]
    bench.register = FixedRegister((*ENTRIES, *entries))
    bench.restart()
    for party in ("was", "will"):
        share = act(controller=party, operation="make-available", recipients=(Recipient(party="college"),))
        fact, intent = record(bench, share, msgspec.structs.replace(share, tense="intent"), party=party, key=party)
        assert "register-unknown" in [finding.code for finding in fact.verdict.findings]
        assert fact.verdict.outcome == "gap"
        assert isinstance(intent, Rejected)
        assert [(fault.pointer, fault.code) for fault in intent.errors] == [("/controller", "controller-unknown")]
    never = record(bench, act(controller="nobody"), party="nobody", key="never")[0]
    assert isinstance(never, Rejected)


@pytest.mark.parametrize("lanes", [1, 4])
def test_many_callers_at_once(lanes: int) -> None:
    """Concurrent calls on few persons are all answered, once each, with gapless positions and one stream a person."""
    bench = RecordingBench(lanes=lanes)

    async def main() -> list[list[Any]]:
        calls = [
            bench.recorder.record(
                caller(), [submission(act(subjects=(person(BSNS[n % 5]),)), f"c{n}-{m}") for m in range(5)]
            )
            for n in range(40)
        ]
        try:
            return await asyncio.gather(*calls)
        finally:
            await bench.recorder.stop()

    answers = [answer for answers in asyncio.run(main()) for answer in answers]
    assert all(isinstance(answer, Receipt) for answer in answers)
    assert {answer.id for answer in answers} == {f"c{n}-{m}" for n in range(40) for m in range(5)}
    events = [event for lane in bench.ledger.lanes.values() for event in lane]
    assert len(events) == 200
    assert len({event.stream_id for event in events}) == 5
    assert {event.operation_id for event in events} == {operation_id_of("burgemeester", a.id) for a in answers}


def answer_each_with(bench: RecordingBench, result: AppendResult) -> list[int]:
    """Let the append answer every operation with ``result``; gives the sizes of the batches it was asked for."""
    asked: list[int] = []

    async def append(operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        asked.append(len(operations))
        return [result for _ in operations]

    bench.ledger.append = append  # type: ignore[method-assign]
    bench.restart()
    return asked


def test_a_stale_operation_is_prepared_again_a_bounded_number_of_times(bench: RecordingBench) -> None:
    """When somebody else is always faster, the caller hears that the ledger is busy, and nothing loops for ever."""
    asked = answer_each_with(bench, Stale())
    answers = record(bench, act(), act())
    assert [type(answer) for answer in answers] == [LedgerBusy, LedgerBusy]
    assert asked == [2] * limits.PREPARE_ATTEMPTS_MAX


def test_what_the_database_refuses_is_answered(bench: RecordingBench) -> None:
    """An operation that cannot be stored gets an error of its own, which names no value."""
    answer_each_with(bench, Unstorable(reason="22021"))
    (answer,) = record(bench, act())
    assert isinstance(answer, NotStored)


def test_the_intake_is_bounded(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the intake holds is turned away whole, before anything of it is taken."""
    monkeypatch.setattr(limits, "INTAKE_OPERATIONS_MAX", 2)
    with pytest.raises(LedgerBusy):
        record(bench, act(), act(), act())
    assert bench.ledger.appended == []


def test_large_calls_are_cut_into_batches(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """No batch holds more events than the bound, save one operation that is larger by itself."""
    monkeypatch.setattr(limits, "BATCH_EVENTS_MAX", 3)
    sizes: list[int] = []
    commit = bench.ledger.append

    async def append(operations: Sequence[PreparedOperation]) -> list[AppendResult]:
        sizes.append(sum(len(operation.events) for operation in operations))
        return await commit(operations)

    bench.ledger.append = append  # type: ignore[method-assign]
    bench.restart()
    everyone = act(subjects=tuple(person(bsn) for bsn in BSNS))
    assert all(isinstance(answer, Receipt) for answer in record(bench, *[act()] * 7, everyone, act()))
    assert sizes == [3, 3, 1, 5, 1]


def test_what_is_remembered_is_not_asked_again(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a person and a dossier were met, an act on them is prepared without leaving the event loop."""
    asked: list[str] = []
    run_in_executor = asyncio.BaseEventLoop.run_in_executor

    def watch(loop: asyncio.BaseEventLoop, executor: Any, work: Any, *values: Any) -> Any:
        asked.append("asked")
        return run_in_executor(loop, executor, work, *values)

    async def twice() -> tuple[int, int]:
        await bench.recorder.record(caller(), [submission(act(), "first")])
        first = len(asked)
        await bench.recorder.record(caller(), [submission(act(), "second")])
        return first, len(asked)

    monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", watch)
    first, second = bench.run(twice)
    assert first > 0
    assert second == first
    assert len(bench.events()) == 2


def test_a_long_batch_lets_others_have_their_turn(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """With stretches of one act, everything of a batch is stored and answered as in one stretch."""
    monkeypatch.setattr(limits, "PREPARE_STRETCH_OPERATIONS", 1)
    receipts = record(bench, *(act(subjects=(person(bsn),)) for bsn in BSNS))
    assert [receipt.position for receipt in receipts] == [f"0-{number}" for number in range(1, len(BSNS) + 1)]
