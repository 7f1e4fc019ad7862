"""A receipt, a refusal and every later answer name the norms that were in force on the day of the act."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.law.act import LegalBasis
from services.ledger.application.line_view import label_of
from services.ledger.contract.errors import IntentRefused
from services.ledger.contract.messages import Receipt
from tests.support.recording import BSNS, RecordingBench, act, person

LAST_OF_THE_WBP = datetime(2018, 5, 24, 21, 59, tzinfo=UTC)
FIRST_OF_THE_AVG = datetime(2018, 5, 24, 22, tzinfo=UTC)
BARE: dict[str, Any] = {"purpose": None, "legal_basis": None, "necessity": None}


def norms_of(receipt: Receipt) -> dict[str, tuple[str, ...]]:
    """The norms of each finding."""
    return {found.code: found.norms for found in receipt.verdict.findings}


@pytest.mark.parametrize(
    ("at", "purpose", "necessity"),
    [
        (LAST_OF_THE_WBP, ("wbp-7",), ("wpg-3", "wbp-8", "wbp-11")),
        (FIRST_OF_THE_AVG, ("avg-5-1-b",), ("avg-5-1-c", "avg-5-2", "wpg-3")),
    ],
)
def test_a_receipt_names_the_law_of_its_day(at: datetime, purpose: tuple[str, ...], necessity: tuple[str, ...]) -> None:
    """The last minute of 24 May 2018 is the Wbp's, the next is the AVG's; with one person as with two."""
    bench = RecordingBench()
    one = act(occurred_at=at, **BARE)
    two = act(occurred_at=at, subjects=(person(BSNS[0]), person(BSNS[1])), **BARE)
    for receipt in bench.record(one, two):
        found = norms_of(receipt)
        assert found["purpose-missing"] == purpose
        assert found["necessity-missing"] == necessity


def test_the_same_key_gets_the_same_norms() -> None:
    """A receipt that is rebuilt from the stored events is the one that was given."""
    bench = RecordingBench()
    body = act(occurred_at=LAST_OF_THE_WBP, **BARE)
    assert bench.record(body) == bench.record(body)


def test_a_refusal_names_the_law_of_its_day() -> None:
    """An intent of today is refused by what is in force today."""
    bench = RecordingBench()
    basis = LegalBasis(gdpr="6(1)(e)", statute="het convenant")
    (refused,) = bench.record(act(tense="intent", legal_basis=basis))
    assert isinstance(refused, IntentRefused)
    found = {one.code: one.norms for one in refused.verdict.findings}
    assert found["covenant-not-a-ground"] == ("avg-6-1-c", "avg-6-1-e")


@pytest.mark.parametrize(
    ("year", "stored", "label"),
    [(2014, "Wmo 4", "Wmo 4"), (2015, "jci1.3:c:BWBR0035362&artikel=4", "Wmo 2015 4")],
)
def test_a_statute_is_stored_as_the_law_of_its_day(year: int, stored: str, label: str) -> None:
    """The Wmo of 2014 is another than that of 2015: it is stored, and shown, as it was named."""
    bench = RecordingBench()
    at = datetime(year, 6, 1, 9, tzinfo=UTC)
    bench.record(act(occurred_at=at, legal_basis=LegalBasis(gdpr="8(e)", statute="Wmo 4")))
    ((_, envelope),) = bench.events()
    assert envelope.statute == stored
    assert label_of(envelope) == label
