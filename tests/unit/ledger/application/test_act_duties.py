"""The duties that an act brings stand in its envelope, and its receipt is made of that."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import CovenantReference, Recipient, Source
from services.law.governance import Arrangement, Covenant, Entry
from services.law.local_time import end_of_day
from services.ledger.application.assess import Assessor
from services.ledger.contract.messages import AssessedObligation, Receipt
from tests.support.recording import BSNS, ENTRIES, NOW, FixedRegister, RecordingBench, act, caller, person

HUIS = CovenantReference(id="huis", annex="groep")
TO = (Recipient(party="politie"), Recipient(party="school"))
DUE = end_of_day(date(2026, 9, 24))
MONTH = end_of_day(date(2026, 10, 12))  # the tenth is a Saturday


def arranged() -> RecordingBench:
    """A ledger whose covenant lets the college tell for all."""
    bench = RecordingBench()
    bench.register = FixedRegister([with_arrangement(entry) for entry in ENTRIES])
    bench.restart()
    return bench


def with_arrangement(entry: Entry) -> Entry:
    """The covenant with an arrangement; other entries as they are."""
    if not isinstance(entry, Covenant):
        return entry
    return msgspec.structs.replace(entry, arrangement=Arrangement(informs="college"))


def owed(receipt: Receipt, place: int = 0) -> list[tuple[str, str, Any]]:
    """Kind, party and moment of what a receipt names."""
    return [(one.kind, one.party, one.due) for one in receipt.subjects[place].obligations]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"covenant": HUIS, "recipients": TO, "operation": "make-available"}, [("college", NOW)]),
        ({"covenant": HUIS}, [("college", MONTH)]),
        ({"source": Source(kind="data-subject"), "operation": "collect"}, [("burgemeester", NOW)]),
        (
            {"recipients": TO, "operation": "make-available"},
            [("burgemeester", NOW), ("school", MONTH)],
        ),
        ({"operation": "consult"}, []),
        ({"operation": "restrict"}, []),
        ({"data_regime": "Wpg-8"}, []),
        ({"tense": "intent"}, []),
        ({"subjects": ()}, []),
    ],
)
def test_who_must_tell_stands_in_the_receipt(fields: dict[str, Any], found: list[tuple[str, Any]]) -> None:
    """Whom the arrangement names, else who obtained it; at once, or within a month; a retry is told the same."""
    bench = arranged()
    (receipt,) = bench.record(act(**fields))
    ((_, envelope),) = bench.events()
    assert list(envelope.duties) == [f"inform:{party}" for party, _ in found]
    assert owed(receipt) == [("inform", party, due) for party, due in found]
    assert bench.record(act(**fields)) == [receipt]


@pytest.mark.parametrize(
    ("fields", "stored", "found"),
    [
        ({"covenant": HUIS}, ["inform-at-once:college"], [("college", NOW)]),
        ({}, ["inform-at-once:burgemeester", "inform:school"], [("burgemeester", NOW), ("school", MONTH)]),
        ({"data_regime": "Wpg-8"}, ["inform:school"], [("school", MONTH)]),
    ],
)
def test_who_passes_on_what_the_police_gave_tells_at_once(
    fields: dict[str, Any], stored: list[str], found: list[tuple[str, Any]]
) -> None:
    """The envelope says so, since neither sender nor regime alone shows it; a retry is told the same."""
    bench = arranged()
    given = act(**{"operation": "make-available", "recipients": TO, "data_regime": "Wpg-20"} | fields)
    (receipt,) = bench.record(given)
    ((_, envelope),) = bench.events()
    assert list(envelope.duties) == stored
    assert owed(receipt) == [("inform", party, due) for party, due in found]
    assert bench.record(given) == [receipt]


def test_the_shape_of_an_act_is_judged_by_the_register_of_its_day() -> None:
    """The same shape on a day on which the covenant is not in force has another duty."""
    bench = arranged()
    early = act(covenant=HUIS, occurred_at=NOW.replace(year=2024))
    first, second = bench.record(act(covenant=HUIS), early)
    assert [owed(receipt)[0][1] for receipt in (first, second)] == ["college", "burgemeester"]


def shared(bench: RecordingBench) -> None:
    """The mayor gives two persons' names and roles to the police and the school, the school passes on a name."""
    fields = {"operation": "make-available", "covenant": HUIS, "data_categories": ("name", "role")}
    two = (person(BSNS[0]), person(BSNS[1]))
    bench.record(act(**fields, recipients=TO, subjects=two), key="a")
    onward = act(
        **fields | {"data_categories": ("name",)}, recipients=(Recipient(party="college"),), controller="school"
    )
    bench.record(onward, party="school", key="b")


def test_a_delete_names_whom_it_reaches() -> None:
    """Per person, directly and onward, due in two weeks; a retry is told the same."""
    bench = arranged()
    shared(bench)
    delete = act(operation="erase", covenant=HUIS, subjects=(person(BSNS[0]), person(BSNS[1]), person(BSNS[2])))
    (receipt,) = bench.record(delete, key="c")
    assert [owed(receipt, place) for place in (0, 1, 2)] == [
        [("erase", "college", DUE), ("erase", "politie", DUE), ("erase", "school", DUE)],
        [("erase", "politie", DUE), ("erase", "school", DUE)],
        [],
    ]
    assert bench.record(delete, key="c") == [receipt]
    ids = {one.id for subject in receipt.subjects for one in subject.obligations}
    assert len(ids) == 5


@pytest.mark.parametrize(
    "fields",
    [
        {"covenant": CovenantReference(id="huis", annex="other")},
        {"data_categories": ("contact",)},
        {"occurred_at": NOW - timedelta(days=1)},
        {"tense": "intent"},
        {"controller": "college"},
    ],
)
def test_a_delete_that_reaches_nobody_names_nobody(fields: dict[str, Any]) -> None:
    """Under another annex, of other data, before the share, not yet done, or by who supplied nothing."""
    bench = arranged()
    shared(bench)
    party = fields.get("controller", "burgemeester")
    (receipt,) = bench.record(act(**{"operation": "erase", "covenant": HUIS} | fields), party=party, key="c")
    assert owed(receipt) == []


def test_a_delete_within_a_case_reaches_that_case() -> None:
    """The case number of the controller is compared blind."""
    bench = RecordingBench()
    bench.record(act(operation="make-available", recipients=TO, case_id="Z-1"), key="a")
    (other, same) = (act(operation="erase", case_id=case) for case in ("Z-2", "Z-1"))
    assert owed(bench.record(other, key="b")[0]) == []
    assert [party for _, party, _ in owed(bench.record(same, key="c")[0])] == ["politie", "school"]


def assessor(bench: RecordingBench) -> Assessor:
    """The dry run on the bench."""
    return Assessor(
        register=bench.register,
        people=bench.people,
        facts=bench.facts,
        pseudonyms=bench.pseudonyms,
        clock=bench.clock,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"operation": "make-available", "recipients": TO},
        {"operation": "make-available", "recipients": TO, "covenant": HUIS},
        {"operation": "make-available", "recipients": TO, "covenant": HUIS, "data_regime": "Wpg-20"},
        {"operation": "erase", "covenant": HUIS},
        {"operation": "erase", "subjects": (person(BSNS[0]), person(BSNS[3]))},
        {"operation": "collect", "subjects": ()},
    ],
)
def test_a_dry_run_names_what_the_receipt_will(fields: dict[str, Any]) -> None:
    """The same duties about the same persons, due at the same moments."""
    bench = arranged()
    shared(bench)
    tried = bench.run(lambda: assessor(bench).assess(caller(), act(**fields)))
    (receipt,) = bench.record(act(**fields), key="c")
    assert list(tried.obligations) == [
        AssessedObligation(subject=subject.ref or "", kind=one.kind, party=one.party, due=one.due or NOW)
        for subject in receipt.subjects
        for one in subject.obligations
    ]


def test_an_intent_tried_out_says_what_its_fact_would_bring() -> None:
    """Nothing is owed because of an intent; whoever asks beforehand learns what the act would bring."""
    bench = arranged()
    tried = bench.run(lambda: assessor(bench).assess(caller(), act(tense="intent", covenant=HUIS)))
    assert [(one.kind, one.party) for one in tried.obligations] == [("inform", "college")]
    assert bench.events() == []
