"""The dry run is the real judgement: whatever the act, it says what recording would have said, and stores nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.law.act import Act, CovenantReference, LegalBasis, Necessity, Recipient, Subject
from services.law.governance import Covenant, Partner
from services.ledger.application.assess import Assessor
from services.ledger.contract.errors import IntentRefused, NotAllowed
from services.ledger.contract.messages import Assessment
from services.runtime.errors import Rejected
from tests.support.recording import BSNS, ENTRIES, NOW, FixedRegister, RecordingBench, act, caller, person

SUBJECTS = st.lists(
    st.builds(
        person,
        st.sampled_from(BSNS),
        status=st.sampled_from([None, "listed", "bystander"]),
        municipality=st.sampled_from([None, "Middelstad", "Dorp B"]),
    ),
    unique_by=lambda subject: subject.id,
    max_size=3,
).map(tuple)

ACTS = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(["collect", "consult", "record", "make-available", "erase", "restrict"]),
        "tense": st.sampled_from(["fact", "intent"]),
        "occurred_at": st.sampled_from([NOW, NOW - timedelta(days=5), NOW - timedelta(days=60)]),
        "subjects": SUBJECTS,
        "data_categories": st.sampled_from([(), ("name",), ("name", "image")]),
        "data_regime": st.sampled_from(["AVG", "Wpg-8", "Wpg-20"]),
        "recipients": st.sampled_from(
            [(), (Recipient(party="politie"),), (Recipient(party="school"), Recipient(party="x"))]
        ),
        "covenant": st.sampled_from(
            [None, CovenantReference(id="huis", annex="groep"), CovenantReference(id="unknown")]
        ),
        "phase": st.sampled_from([None, "plan"]),
        "purpose": st.sampled_from([None, "aanpak"]),
        "legal_basis": st.sampled_from([None, LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172")]),
        "necessity": st.sampled_from([None, Necessity(proportionality="p", subsidiarity="s")]),
    }
)


def assess(bench: RecordingBench, body: Any, party: str = "burgemeester") -> Assessment:
    """Assess an act."""
    verb = Assessor(
        register=bench.register,
        people=bench.people,
        facts=bench.facts,
        pseudonyms=bench.pseudonyms,
        clock=bench.clock,
    )
    return bench.run(lambda: verb.assess(caller(party), body))


@settings(max_examples=150, deadline=None)
@given(history=st.lists(ACTS, max_size=3), fields=ACTS)
def test_the_dry_run_says_what_recording_says(history: list[dict[str, Any]], fields: dict[str, Any]) -> None:
    """Verdict, refs and outcomes are equal, also of a refusal; before and after, the store is the same."""
    bench = RecordingBench()
    bench.record(*(act(**{**past, "tense": "fact"}) for past in history), key="past")
    before = len(bench.ledger.appended)
    said = assess(bench, act(**fields))
    assert len(bench.ledger.appended) == before
    (answer,) = bench.record(act(**fields), key="real")
    assert said.verdict == answer.verdict
    if isinstance(answer, IntentRefused):
        assert said.subjects == answer.subjects
    else:
        assert said.register == answer.register
        told = [(subject.ref, subject.outcome) for subject in answer.subjects if subject.ref is not None]
        assert [(subject.ref, subject.outcome) for subject in said.subjects] == told


def test_unknown_persons_have_refs_and_stay_unknown() -> None:
    """A person the ledger never heard of is not written by asking about him."""
    bench = RecordingBench()
    said = assess(bench, act())
    assert said.subjects[0].ref == bench.pseudonyms.ref("burgemeester", bench.pseudonyms.person("BSN", BSNS[0]))
    assert bench.ledger.rows == {}


def test_each_recipient_gets_an_answer() -> None:
    """Police data to a school without a decision: forbidden, with what would allow it."""
    bench = RecordingBench()
    body = act(
        controller="politie",
        operation="disclose-by-transmission",
        data_regime="Wpg-8",
        recipients=(Recipient(party="school"),),
    )
    (answer,) = assess(bench, body, "politie").recipients
    assert (answer.party, answer.answer) == ("school", "forbidden")
    assert "wpg-19" in answer.would_allow


def test_the_dry_run_rejects_and_forbids_as_recording_does() -> None:
    """Faults and strangers are answered the same."""
    with pytest.raises(Rejected):
        assess(RecordingBench(), act(operation="sniff"))
    with pytest.raises(NotAllowed):
        assess(RecordingBench(), act(), "politie")


DORP = Covenant(
    id="dorp",
    version=1,
    valid_from=date(2025, 1, 1),
    regime=2,
    purpose="aanpak",
    territory=("Dorp B",),
    partners=(Partner(party="burgemeester"), Partner(party="politie")),
)


def sharing(bsn: str) -> Act:
    """The mayor shares under the house's covenant and leaves the person's town out."""
    return act(
        operation="make-available",
        subjects=(Subject(id_type="BSN", id=bsn),),
        recipients=(Recipient(party="politie"),),
        covenant=CovenantReference(id="huis", annex="groep"),
        phase="plan",
    )


@pytest.mark.parametrize(("controller", "told"), [("college", False), ("burgemeester", True)])
def test_where_a_person_lives_is_told_to_who_may_know(controller: str, *, told: bool) -> None:
    """Another covenant covers the town that the college knows; the mayor hears of it only where it knew the town."""
    bench = RecordingBench()
    bench.register = FixedRegister((*ENTRIES, DORP))
    bench.restart()
    placed = act(controller=controller, subjects=(person(BSNS[0], municipality="Dorp B"),))
    bench.record(placed, party=controller, key="placed")
    said = assess(bench, sharing(BSNS[0]))
    assert ("covenant-choice-open" in {found.code for found in said.verdict.findings}) is told
    (answer,) = bench.record(sharing(BSNS[0]), key="real")
    assert answer.verdict == said.verdict


def test_who_acts_in_the_name_of_another_is_advised_on_the_act_alone() -> None:
    """A mandatary does not hear what its principal told the person before."""
    bench = RecordingBench()
    collected = act(controller="college", operation="collect", occurred_at=NOW - timedelta(days=3))
    bench.record(collected, party="college")
    again = act(controller="college", operation="collect")
    (own,) = assess(bench, again, "college").tell
    (as_mandatary,) = assess(bench, again, "school").tell
    # A month from the 7th, and one from the 10th, which ends on a Saturday and so on the Monday after it.
    assert as_mandatary.due - own.due == timedelta(days=5)


def test_the_advice_names_persons_by_the_refs_of_the_answer() -> None:
    """No identifier, and no stream, stands in it."""
    bench = RecordingBench()
    said = assess(bench, sharing(BSNS[0]))
    ref = said.subjects[0].ref
    assert {name for found in said.explanations for name in found.subjects} == {ref}
    assert {name for telling in said.tell for name in telling.subjects} == {ref}
    assert said.keep is not None
    assert said.keep.subjects == (ref,)
    assert BSNS[0].encode() not in msgspec.json.encode(said)
    assert msgspec.json.decode(msgspec.json.encode(said), type=Assessment) == said
