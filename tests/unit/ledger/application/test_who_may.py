"""Who may, through the ledger: what is refused names its provision, and what happened is recorded all the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.law.act import Justification, LegalBasis, Necessity, Recipient, Retention, Secrecy
from services.ledger.contract import topics
from services.ledger.contract.errors import IntentRefused
from services.ledger.contract.messages import Receipt
from tests.support.recording import NOW, RecordingBench, act

CANARY = "provision-canary-4T7"
SHARE: dict[str, Any] = {
    "operation": "disclose-by-transmission",
    "recipients": (Recipient(party="college"),),
    "legal_basis": LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
    "necessity": Necessity(proportionality="names only", subsidiarity="no lighter means"),
    "retention": Retention(period="P1Y"),
}
SUPPLY: dict[str, Any] = SHARE | {
    "controller": "politie",
    "data_regime": "Wpg-8",
    "legal_basis": LegalBasis(statute="Wpg 16"),
    "recipients": (Recipient(party="burgemeester"),),
}


@pytest.fixture
def bench() -> RecordingBench:
    """Give an empty ledger."""
    return RecordingBench()


def secret(**changes: Any) -> dict[str, Any]:
    """A share of what is under youth-care secrecy."""
    return SHARE | {"justification": Justification(secrecy=Secrecy(regime="youth-care", **changes))}


def booked(years_ago: int) -> dict[str, Any]:
    """What the police recorded that many years ago, and enter now."""
    return {
        "operation": "record",
        "occurred_at": NOW.replace(year=NOW.year - years_ago),
        "controller": "politie",
        "data_regime": "Wpg-8",
        "legal_basis": LegalBasis(statute="Wpg 8"),
    }


def codes(outcome: Receipt | IntentRefused) -> dict[str, list[str]]:
    """The codes of a receipt or a refusal, each with the norms that it names."""
    return {finding.code: list(finding.norms) for finding in outcome.verdict.findings}


def test_a_secret_that_nothing_opens_is_refused_by_its_provision(bench: RecordingBench) -> None:
    """S33: the intent is refused, and the finding names the article of the Jeugdwet and nothing else."""
    (refusal,) = bench.record(act(**secret(), tense="intent"))
    assert isinstance(refusal, IntentRefused)
    assert codes(refusal) == {"youth-care-secrecy-not-lifted": ["jw-7-3-11-1"]}
    assert [event.topic for event, _ in bench.events()] == [topics.PROCESSING_REFUSED]


def test_what_happened_is_recorded_and_marked(bench: RecordingBench) -> None:
    """The same as a fact is stored, and its statement stands in the content, not in the envelope."""
    (receipt,) = bench.record(act(**secret(provision=CANARY)))
    assert isinstance(receipt, Receipt)
    assert receipt.verdict.outcome == "violation"
    (operation,) = bench.ledger.appended
    assert CANARY.encode() not in msgspec.msgpack.encode(operation)


def test_what_opens_it_lets_it_go(bench: RecordingBench) -> None:
    """With good care as the exception the intent is taken without a finding."""
    (receipt,) = bench.record(act(**secret(exception="good-care"), tense="intent"))
    assert isinstance(receipt, Receipt)
    assert receipt.verdict.findings == ()


@pytest.mark.parametrize(("years_ago", "refused"), [(6, True), (4, False)])
def test_police_data_of_over_five_years_do_not_go_out(*, bench: RecordingBench, years_ago: int, refused: bool) -> None:
    """Wpg 14(2): the ledger knows from the person's own stream when the police booked what they now supply."""
    bench.record(act(**booked(years_ago)), party="politie", key="r")
    (outcome,) = bench.record(act(**SUPPLY, tense="intent"), party="politie", key="s")
    assert isinstance(outcome, IntentRefused) is refused
    assert ("police-data-removed" in codes(outcome)) is refused


@pytest.mark.parametrize(("named", "refused"), [(("name", "police-report"), True), (("name", "address"), False)])
def test_a_newer_report_of_another_category_carries_no_older_one_out(
    *, bench: RecordingBench, named: tuple[str, ...], refused: bool
) -> None:
    """The police booked a name again, not the report of six years ago; also towards whom they owe it to (Wpg 16)."""
    old, new = booked(6), booked(0)
    bench.record(act(**old | {"data_categories": ("name", "police-report")}), party="politie", key="old")
    bench.record(act(**new | {"data_categories": ("name",)}), party="politie", key="new")
    (outcome,) = bench.record(act(**SUPPLY | {"data_categories": named}, tense="intent"), party="politie", key="s")
    assert ("police-data-removed" in codes(outcome)) is refused
