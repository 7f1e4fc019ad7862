"""The bulk guard through the ledger (S48): an intent about very many persons waits, and nothing goes out before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import LegalBasis, Necessity, Recipient, Retention, Subject
from services.law.governance import Decision
from services.law.register import Known, Register
from services.law.rules.bulk import BULK_PERSONS_MAX
from services.ledger.application.confirm import ReviewPending
from services.ledger.contract import topics
from services.ledger.contract.messages import Receipt, Review, Submission
from services.runtime.errors import Rejected
from tests.support.recording import NOW, RecordingBench, act, caller, submission

PERSONS = tuple(Subject(id_type="pseudonym", id=f"p{number}") for number in range(BULK_PERSONS_MAX + 1))
SHARE: dict[str, Any] = {
    "operation": "make-available",
    "recipients": (Recipient(party="politie"),),
    "purpose": "aanpak",
    "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
    "necessity": Necessity(proportionality="names only", subsidiarity="no lighter means"),
    "retention": Retention(period="P1Y"),
}


@pytest.fixture
def bench() -> RecordingBench:
    """Give an empty ledger."""
    return RecordingBench()


def intend(bench: RecordingBench, count: int = len(PERSONS), **changes: Any) -> Receipt:
    """Intend a share of that many persons under the key ``i1``."""
    (receipt,) = bench.record(act(**SHARE, subjects=PERSONS[:count], tense="intent", **changes), key="i")
    assert isinstance(receipt, Receipt)
    return receipt


def confirm(bench: RecordingBench, sent: Submission | None = None) -> Receipt:
    """Confirm the intent."""
    return bench.run(lambda: bench.confirmer.confirm(caller("burgemeester"), "i1", sent, "fact"))


def decide(bench: RecordingBench, **changes: Any) -> None:
    """Register the burgemeester's review of the intent, or with the changes named."""
    given: dict[str, Any] = {"id": "r", "kind": "bulk-review", "by": "burgemeester", "operation_id": "i1"}
    before = bench.register.register
    known = Known(entry=Decision(**(given | changes)), position=before.position + 1, recorded_at=NOW)
    bench.register.register = Register((*before.history, known), before.norms)


def facts_of(bench: RecordingBench) -> int:
    """How many events of facts the ledger holds."""
    return sum(event.topic == topics.PROCESSING_RECORDED for event, _ in bench.events())


def test_a_bulk_intent_waits(bench: RecordingBench) -> None:
    """It is taken with its gap, its receipt says that it waits, and confirming it records nothing."""
    receipt = intend(bench)
    assert receipt.review == Review(state="pending")
    assert [finding.code for finding in receipt.verdict.findings] == ["bulk-unreviewed"]
    with pytest.raises(ReviewPending):
        confirm(bench)
    assert facts_of(bench) == 0


@pytest.mark.parametrize("decided", [{}, {"operation_id": None, "covers": ("politie",)}])
def test_a_review_lets_it_go(bench: RecordingBench, decided: dict[str, Any]) -> None:
    """With the decision, of this operation or of the flow, it becomes its fact without the gap."""
    intend(bench)
    decide(bench, **decided)
    receipt = confirm(bench)
    assert receipt.review is msgspec.UNSET
    assert receipt.verdict.findings == ()
    assert facts_of(bench) == len(PERSONS)


@pytest.mark.parametrize(
    "decided",
    [
        {"operation_id": "another"},
        {"by": "politie"},
        {"valid_until": date(2026, 9, 9)},
        {"operation_id": None, "covers": ("school",)},
    ],
)
def test_another_decision_does_not(bench: RecordingBench, decided: dict[str, Any]) -> None:
    """Of another operation, another party, another time or other recipients: it still waits."""
    intend(bench)
    decide(bench, **decided)
    with pytest.raises(ReviewPending):
        confirm(bench)
    assert facts_of(bench) == 0


def test_a_confirmation_with_more_persons_waits_too(bench: RecordingBench) -> None:
    """A small intent does not carry a large fact past the guard."""
    assert intend(bench, count=1).review is msgspec.UNSET
    with pytest.raises(ReviewPending):
        confirm(bench, submission(act(**SHARE, subjects=PERSONS), "fact"))
    decide(bench)
    assert confirm(bench, submission(act(**SHARE, subjects=PERSONS), "fact")).verdict.findings == ()


def test_a_malformed_confirmation_is_told_its_faults(bench: RecordingBench) -> None:
    """A verb that nobody knows and a repeated person are told together, not hidden behind the review."""
    intend(bench)
    bad = act(**(SHARE | {"operation": "whisper"}), subjects=(*PERSONS, PERSONS[0]))
    with pytest.raises(Rejected) as told:
        confirm(bench, submission(bad, "fact"))
    assert [error.pointer for error in told.value.errors] == ["/operation", f"/subjects/{len(PERSONS)}"]


def test_a_confirmation_keeps_its_answer(bench: RecordingBench) -> None:
    """When the review has ended meanwhile, a retry still gets the receipt of what was done."""
    intend(bench)
    decide(bench, valid_until=date(2026, 9, 10))
    receipt = confirm(bench)
    bench.clock.advance(days=2)
    assert msgspec.json.encode(confirm(bench)) == msgspec.json.encode(receipt)
    assert facts_of(bench) == len(PERSONS)


def test_what_happened_is_recorded_all_the_same(bench: RecordingBench) -> None:
    """A fact about very many is never turned away: it has the gap, and waits for nothing."""
    (receipt,) = bench.record(act(**SHARE, subjects=PERSONS, occurred_at=NOW - timedelta(hours=1)), key="f")
    assert isinstance(receipt, Receipt)
    assert ([f.code for f in receipt.verdict.findings], receipt.review) == (["bulk-unreviewed"], msgspec.UNSET)
    assert facts_of(bench) == len(PERSONS)


def test_the_key_of_a_header_names_it(bench: RecordingBench) -> None:
    """A body without id is found by the key that it came under, so a review made beforehand holds."""
    decide(bench)
    assert intend(bench).review is msgspec.UNSET


def test_the_same_intent_gets_the_same_receipt(bench: RecordingBench) -> None:
    """A retry after the review was made still says what was said then, byte for byte."""
    first = intend(bench)
    decide(bench)
    assert msgspec.json.encode(intend(bench)) == msgspec.json.encode(first)


def test_the_review_stands_in_the_answer_only_where_there_is_one(bench: RecordingBench) -> None:
    """The wire has ``review`` for what waits and no such name for all else."""
    assert b'"review":{"state":"pending"}' in msgspec.json.encode(intend(bench))
    (small,) = bench.record(act(**SHARE, subjects=PERSONS[:2]), key="s")
    assert b"review" not in msgspec.json.encode(small)
