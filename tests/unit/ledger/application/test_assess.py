"""The dry run is the real judgement: whatever the act, it says what recording would have said, and stores nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.law.act import CovenantReference, LegalBasis, Necessity, Recipient
from services.ledger.application.assess import Assessor
from services.ledger.contract.errors import IntentRefused, NotAllowed
from services.ledger.contract.messages import Assessment
from services.runtime.errors import Rejected
from tests.support.recording import BSNS, NOW, RecordingBench, act, caller, person

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
