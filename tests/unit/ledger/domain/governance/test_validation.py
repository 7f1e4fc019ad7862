"""Every fault of a register entry at once, and remarks that stop nothing."""

from __future__ import annotations

from datetime import date

import pytest

from services.law.governance import (
    Activity,
    Annex,
    Arrangement,
    Covenant,
    Decision,
    Entry,
    Mandate,
    Partner,
    Party,
    ProcessorContract,
    Purpose,
)
from services.ledger.domain.governance.validation import find_faults, find_remarks
from services.runtime.limits import FIELD_ERRORS_MAX

EARLY, LATE = date(2025, 1, 1), date(2026, 1, 1)


def knows(party: str) -> bool:
    """Only the police is registered."""
    return party == "politie"


def faults(entry: Entry) -> set[tuple[str, str]]:
    """(pointer, code) of every fault."""
    return {(fault.pointer, fault.code) for fault in find_faults(entry, knows)}


def test_a_sound_covenant_has_no_fault() -> None:
    """Known partners, one annex, a term that parses."""
    annex = Annex(id="a", retention={"signalling": "P3M"})
    partner = Partner(party="politie", from_=EARLY, until=EARLY)
    covenant = Covenant(id="c", version=1, valid_from=EARLY, valid_until=EARLY, partners=(partner,), annexes=(annex,))
    assert faults(covenant) == set()
    assert find_remarks(covenant, knows) == ()


def test_all_faults_of_a_covenant_are_told_at_once() -> None:
    """Nobody repairs one fault to meet the next."""
    covenant = Covenant(
        id=" ",
        version=0,
        valid_from=LATE,
        valid_until=EARLY,
        record_retention="3 months",
        partners=(Partner(party="nobody", from_=LATE, until=EARLY), Partner(party="politie")),
        annexes=(Annex(id="a", retention={"a/b~": "P1X"}), Annex(id="a")),
    )
    assert faults(covenant) == {
        ("/id", "id-invalid"),
        ("/version", "version-invalid"),
        ("/validUntil", "period-reversed"),
        ("/recordRetention", "period-invalid"),
        ("/partners/0/party", "unknown-party"),
        ("/partners/0/until", "period-reversed"),
        ("/annexes/0/id", "annex-id-invalid"),
        ("/annexes/1/id", "annex-id-invalid"),
        ("/annexes/0/retention/a~1b~0", "period-invalid"),
    }


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (Party(id="p", kind="police", oin="123"), ("/oin", "oin-invalid")),
        (
            Party(id="p", kind="processor", contract=ProcessorContract(from_=LATE, until=EARLY)),
            ("/contract/until", "period-reversed"),
        ),
        (Party(id="melder-1", kind="citizen", name="J. Jansen"), ("/name", "citizen-name-in-clear")),
        (Activity(id="a", controller="politie", retention="soon"), ("/retention", "period-invalid")),
        (Purpose(id="d", text="x" * 4_001), ("/text", "text-too-long")),
        (Purpose(id="d", text="nul \x00"), ("/text", "text-unprintable")),
        (Purpose(id="d", text="half \ud800"), ("/text", "text-unprintable")),
        (Party(id="p" * 201, kind="police"), ("/id", "id-invalid")),
        (Purpose(id="d", version=2**31, text="x"), ("/version", "version-invalid")),
        (Mandate(id="m", from_="a", to="b", valid_from=LATE, valid_until=EARLY), ("/validUntil", "period-reversed")),
    ],
)
def test_each_fault_is_named(entry: Entry, expected: tuple[str, str]) -> None:
    """A fault has its pointer and its code."""
    assert faults(entry) == {expected}


@pytest.mark.parametrize(
    "party",
    [
        Party(id="melder-1", kind="citizen"),
        Party(id="melder-1", kind="citizen", name="melder-1"),
        Party(id="politie", kind="police", name="Politie"),
    ],
)
def test_only_a_citizen_has_no_name(party: Party) -> None:
    """The register is never shredded: a citizen stands in it under an opaque id, everybody else by name."""
    assert faults(party) == set()


def test_no_fault_repeats_the_value() -> None:
    """What was sent may identify a person; the answer never shows it."""
    canary = "canary-7Q2"
    entry = Covenant(id="c", version=1, valid_from=EARLY, partners=(Partner(party=canary),), record_retention=canary)
    for fault in find_faults(entry, knows):
        assert canary not in repr(fault)


def test_faults_are_bounded() -> None:
    """A body of nothing but faults does not become an endless answer."""
    entry = Covenant(id="c", version=1, valid_from=EARLY, partners=(Partner(party="nobody"),) * 501)
    assert len(find_faults(entry, knows)) == FIELD_ERRORS_MAX
    assert ("/partners", "too-many") in faults(entry)


@pytest.mark.parametrize(
    ("entry", "pointers"),
    [
        (Party(id="p", kind="public-body", organ="Gemeente "), ["/organ"]),
        (Party(id="p", kind="processor", processes_for="nobody"), ["/processesFor"]),
        (Mandate(id="m", from_="politie", to="nobody"), ["/to"]),
        (Decision(id="d", kind="wpg-20", by="nobody", covers=("politie", "x")), ["/by", "/covers/1"]),
        (Activity(id="a", controller="nobody"), ["/controller"]),
        (
            Covenant(id="c", version=1, valid_from=EARLY, arrangement=Arrangement(contact_point="nobody")),
            ["/arrangement/contactPoint"],
        ),
    ],
)
def test_odd_things_are_remarked_and_stop_nothing(entry: Entry, pointers: list[str]) -> None:
    """A party nobody registered yet, or a municipality for an organ, is told without refusing the entry."""
    assert [remark.pointer for remark in find_remarks(entry, knows)] == pointers
    assert faults(entry) == set()
