"""What is said about acts afterwards: confirmations, corrections, confidentiality, links. Originals always stay."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import CovenantReference, Notice, Recipient
from services.ledger.application.about import draft_about
from services.ledger.application.confidentiality import ConfidentialitySetter
from services.ledger.application.confirm import IntentCorrectedApart, IntentWasRefused
from services.ledger.application.correct import Corrector
from services.ledger.application.dossier_events import DossierEvents
from services.ledger.application.links import Linker
from services.ledger.contract import topics
from services.ledger.contract.errors import IdempotencyConflict, NotFound
from services.ledger.contract.events import Content
from services.ledger.contract.messages import ConfidentialityBody, CorrectionBody, LinkBody, SubjectIdentifier
from services.ledger.domain.identity import access_stream
from services.runtime.errors import Rejected
from tests.support.recording import BSNS, NOW, RecordingBench, act, caller, person, submission

INTENT = act(
    tense="intent",
    occurred_at=NOW + timedelta(days=1),
    description="canary text",
    subjects=(person(BSNS[0]), person(BSNS[1])),
)


NOTICE = Notice(
    subjects=(person(BSNS[0]),),
    controller="burgemeester",
    given_by="burgemeester",
    given_at=NOW,
    form="letter",
    elements="all",
    addressee="subject",
)


@pytest.fixture
def bench() -> RecordingBench:
    """Give an empty ledger."""
    return RecordingBench()


def confirm(
    bench: RecordingBench, intent: str, key: str = "fact", party: str = "burgemeester", body: Any = None
) -> Any:
    """Confirm an intent."""
    sent = None if body is None else submission(body, key)
    return bench.run(lambda: bench.confirmer.confirm(caller(party), intent, sent, key))


def correct(bench: RecordingBench, operation: str, key: str = "c", party: str = "burgemeester", **body: Any) -> Any:
    """Correct an operation."""
    verb = Corrector(
        about=bench.about,
        writer=bench.writer,
        register=bench.register,
        people=bench.people,
        facts=bench.facts,
        pseudonyms=bench.pseudonyms,
    )
    changes = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in body.pop("changes", {}).items()}
    sent = CorrectionBody(**{"reason": "typed wrong", "changes": changes, **body})
    return bench.run(lambda: verb.correct(caller(party), operation, key, sent))


def link(bench: RecordingBench, first: str, second: str, key: str = "l", *, undo: bool = False) -> Any:
    """Link or unlink two persons."""
    verb = Linker(writer=bench.writer, people=bench.people, pseudonyms=bench.pseudonyms)
    body = LinkBody(first=bsn(first), second=bsn(second), reason="same face")
    call = verb.unlink if undo else verb.link
    return bench.run(lambda: call(caller(), key, body))


def bsn(digits: str) -> SubjectIdentifier:
    """A BSN as an identifier."""
    return SubjectIdentifier(id_type="BSN", id=digits)


def test_a_confirmed_intent_becomes_the_same_act(bench: RecordingBench) -> None:
    """The fact carries everything the intent had, its own time and the intent's key; a retry finds the same receipt."""
    bench.record(INTENT, key="i")
    bench.clock.advance(days=1)
    receipt = confirm(bench, "i1")
    bench.clock.advance(hours=1)
    assert msgspec.json.encode(confirm(bench, "i1")) == msgspec.json.encode(receipt)
    facts = [(event, envelope) for event, envelope in bench.events() if event.topic == topics.PROCESSING_RECORDED]
    assert [envelope.intent_key for _, envelope in facts] == ["i1", "i1"]
    assert {envelope.occurred_at for _, envelope in facts} == {NOW + timedelta(days=1)}
    contents = bench.opener.open([event for event, _ in facts])
    assert [c.description for c in contents if c is not None] == ["canary text", "canary text"]
    assert [c.subject.id for c in contents if c is not None and c.subject is not None] == list(BSNS[:2])
    assert receipt.tense == "fact"


def test_a_confirmation_can_say_how_it_went(bench: RecordingBench) -> None:
    """The act given with the confirmation is the one recorded, judged anew."""
    bench.record(INTENT, key="i")
    confirm(bench, "i1", body=act(data_categories=("contact",), covenant=CovenantReference(id="huis", annex="groep")))
    assert bench.events()[-1][1].data_categories == ("contact",)
    assert bench.events()[-1][1].intent_key == "i1"


def test_only_ones_own_allowed_intent_is_confirmed(bench: RecordingBench) -> None:
    """Another's intent, a fact and an unknown key do not exist; a refused intent stays refused."""
    bench.record(INTENT, act(), key="i")
    for party, key in (("college", "i1"), ("burgemeester", "i2"), ("burgemeester", "none")):
        with pytest.raises(NotFound):
            confirm(bench, key, party=party)
    bad = act(tense="intent", covenant=CovenantReference(id="huis", annex="groep"), data_categories=("image",))
    bench.record(bad, key="bad")
    with pytest.raises(IntentWasRefused):
        confirm(bench, "bad1")


def test_a_corrected_intent_is_confirmed_as_corrected(bench: RecordingBench) -> None:
    """What went as intended went as the intent was corrected, and closed; corrected apart it needs to be said how."""
    bench.record(INTENT, key="i")
    correct(bench, "i1", changes={"dataCategories": ["contact"]})
    closing = ConfidentialitySetter(about=bench.about, writer=bench.writer)
    closed = ConfidentialityBody(level="confidential", ground="canary ground")
    bench.run(lambda: closing.set_confidentiality(caller(), "i1", "s", closed))
    confirm(bench, "i1")
    facts = [envelope for event, envelope in bench.events() if event.topic == topics.PROCESSING_RECORDED]
    assert [(fact.data_categories, fact.confidentiality) for fact in facts] == [(("contact",), "confidential")] * 2
    (receipt,) = bench.record(INTENT, key="j")
    correct(
        bench,
        "j1",
        key="c2",
        changes={"dataCategories": ["name"], "phase": "plan"},
        subjects=(receipt.subjects[0].ref,),
    )
    with pytest.raises(IntentCorrectedApart):
        confirm(bench, "j1", key="f2")
    assert confirm(bench, "j1", key="f2", body=act(data_categories=("contact",))).tense == "fact"


def test_a_correction_of_before_these_had_versions_is_kept(bench: RecordingBench) -> None:
    """A correction that changed only what was shown of the line goes along with the next one."""
    bench.record(act())
    (original,) = bench.about.select(caller(), "k1", ())
    content = Content(changes={"dataCategories": msgspec.Raw(b'["contact"]')}, reason="as it was done before")
    draft = draft_about(original, topics.PROCESSING_CORRECTED, {"correction": "correction"}, content)
    bench.run(lambda: bench.writer.write(party="burgemeester", key="o", canonical=b"", draft=lambda _: (draft,)))
    correct(bench, "k1", changes={"phase": "plan"})
    _, corrected = bench.events()[-1]
    assert (corrected.data_categories, corrected.phase) == (("contact",), "plan")


def test_a_correction_stands_beside_the_original(bench: RecordingBench) -> None:
    """One later event per subject, in the dossier and until the end of what it is about; then the acts as corrected."""
    (receipt,) = bench.record(act(subjects=(person(BSNS[0]), person(BSNS[1]))))
    answer = correct(bench, "k1", changes={"dataCategories": ["contact"]})
    (_, first), _, _, (event, later), (act_event, corrected), _ = bench.events()
    assert event.topic == topics.PROCESSING_CORRECTED
    assert (later.about_key, later.correction) == ("k1", "replaced")
    assert (later.scope, later.generation, later.record_ends) == (first.scope, first.generation, first.record_ends)
    assert (act_event.topic, corrected.correction) == (topics.PROCESSING_RECORDED, "correction")
    assert (corrected.about_key, corrected.key, corrected.data_categories) == ("k1", "c", ("contact",))
    assert (corrected.occurred_at, corrected.holding_ends) == (first.occurred_at, first.holding_ends)
    (content,) = bench.opener.open([event])
    assert content is not None
    assert content.reason == "typed wrong"
    assert [item["ref"] for item in answer["items"]] == [subject.ref for subject in receipt.subjects]
    facts = bench.facts.read([(0, event.stream_id)])[0, event.stream_id]
    assert [past.data_categories for past in facts.acts] == [("contact",)]
    assert correct(bench, "k1", changes={"dataCategories": ["contact"]}) == answer
    with pytest.raises(IdempotencyConflict):
        correct(bench, "k1", changes={"dataCategories": ["name"]})


def test_a_correction_for_one_person(bench: RecordingBench) -> None:
    """Refs choose the persons; an unknown ref is named by its place."""
    (receipt,) = bench.record(act(subjects=(person(BSNS[0]), person(BSNS[1]))))
    ref = receipt.subjects[1].ref
    answer = correct(bench, "k1", kind="annulled", subjects=(ref,))
    assert [item["ref"] for item in answer["items"]] == [ref]
    with pytest.raises(Rejected) as caught:
        correct(bench, "k1", key="c2", kind="annulled", subjects=(ref, "nobody"))
    assert [error.pointer for error in caught.value.errors] == ["/subjects/1"]


def test_the_wrong_person(bench: RecordingBench) -> None:
    """The event stays where it is and says that it is about somebody else; the right person gets the act."""
    bench.record(act(description="canary text"))
    other = {"idType": "BSN", "id": BSNS[1], "municipality": "Middelstad"}
    correct(bench, "k1", kind="wrong-person", changes={"subjects": [other]})
    (original, _), (marked, later), (given, envelope) = bench.events()
    assert (marked.stream_id, later.correction) == (original.stream_id, "wrong-person")
    assert (given.topic, envelope.about_key) == (topics.PROCESSING_RECORDED, "k1")
    assert bench.directory.streams_of(bsn(BSNS[1])) == ((0, given.stream_id),)
    (content,) = bench.opener.open([given])
    assert content is not None
    assert content.description == "canary text"
    facts = bench.facts.read([(0, original.stream_id), (0, given.stream_id)])
    assert [len(f.acts) for f in facts.values()] == [0, 1]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"reason": " "}, ["/reason", "/changes"]),
        ({"changes": {"controller": "college"}}, ["/changes"]),
        ({"changes": {"occurredAt": "yesterday", "phase": "plan"}}, ["/changes/occurredAt"]),
        ({"changes": {"occurredAt": "9999-12-31T00:00:00Z"}}, ["/changes/occurredAt"]),
        ({"changes": {"occurredAt": "2030-01-01T00:00:00Z", "phase": "plan"}}, ["/changes/occurredAt"]),
        ({"changes": {"endedAt": "2020-01-01T00:00:00Z"}}, ["/changes/endedAt"]),
        ({"changes": {"operation": "sniff"}}, ["/changes/operation"]),
        ({"changes": {"operation": "other"}}, ["/changes"]),
        ({"changes": {"retention": {"period": "PT1H"}}}, ["/changes/retention/period"]),
        ({"changes": {"recipients": None}}, ["/changes/recipients"]),
        ({"kind": "annulled", "changes": {"phase": "plan"}}, ["/changes"]),
        ({"kind": "wrong-person", "changes": {"subjects": []}}, ["/changes/subjects"]),
        ({"kind": "wrong-person", "changes": {"subjects": [{"idType": "BSN", "id": "1"}]}}, ["/changes/subjects/0/id"]),
        ({"kind": "wrong-person", "changes": {"subjects": [{"idType": "BSN", "id": BSNS[0]}]}}, ["/changes/subjects"]),
    ],
)
def test_a_malformed_correction_is_rejected(bench: RecordingBench, body: dict[str, Any], pointers: list[str]) -> None:
    """Every fault is named by its place and nothing is stored."""
    bench.record(act())
    with pytest.raises(Rejected) as caught:
        correct(bench, "k1", **body)
    assert [error.pointer for error in caught.value.errors] == pointers
    assert len(bench.events()) == 1


def test_a_notice_has_no_fields_of_an_act(bench: RecordingBench) -> None:
    """What was told is annulled and recorded anew; a field of an act is no field of it."""
    bench.record(NOTICE)
    with pytest.raises(Rejected) as caught:
        correct(bench, "k1", changes={"dataCategories": ["name"]})
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/changes", "fields-of-acts")]
    assert correct(bench, "k1", kind="annulled")["items"]


def test_what_was_put_right_late_was_not_written_down_late(bench: RecordingBench) -> None:
    """The act as corrected is judged anew, as at the moment of its first recording."""
    bench.record(act(purpose=None))
    bench.clock.advance(days=9)
    correct(bench, "k1", changes={"purpose": "aanpak"})
    (_, first), _, (_, corrected) = bench.events()
    assert "purpose-missing" in first.findings
    assert not {"purpose-missing", "late-entry"} & {*corrected.findings}


def test_an_erasing_act_is_judged_without_itself(bench: RecordingBench) -> None:
    """Who must erase because of it is found anew, as if it had not been recorded before."""
    shared = act(operation="make-available", recipients=(Recipient(party="college"), Recipient(party="politie")))
    bench.record(shared)
    bench.clock.advance(hours=1)
    bench.record(act(operation="erase", occurred_at=bench.clock.now(), data_categories=("contact",)), key="e")
    correct(bench, "e1", changes={"dataCategories": ["name"]})
    _, (_, first), _, (_, corrected) = bench.events()
    assert (first.duties, corrected.duties) == ((), ("erase:college", "erase:politie"))


def test_others_cannot_correct(bench: RecordingBench) -> None:
    """Who could not have recorded it finds nothing to correct; controller and processor correct what the other did."""
    bench.record(act(controller="college", processor="kantoor"), party="kantoor")
    bench.record(act(controller="college", processor="kantoor"), party="college", key="c")
    with pytest.raises(NotFound):
        correct(bench, "k1", party="politie", kind="annulled")
    assert correct(bench, "k1", party="college", kind="annulled")["items"]
    assert correct(bench, "c1", party="kantoor", kind="annulled")["items"]


def test_confidentiality_is_set_by_a_later_event(bench: RecordingBench) -> None:
    """Level and review date are clear, the ground is sealed."""
    bench.record(act())
    verb = ConfidentialitySetter(about=bench.about, writer=bench.writer)
    body = ConfidentialityBody(level="confidential", ground="canary ground", review_on=date(2027, 1, 1))
    bench.run(lambda: verb.set_confidentiality(caller(), "k1", "s", body))
    event, envelope = bench.events()[-1]
    assert (event.topic, envelope.confidentiality) == (topics.CONFIDENTIALITY_SET, "confidential")
    assert envelope.confidential_until == date(2027, 1, 1)
    assert b"canary" not in (event.envelope or b"")
    (content,) = bench.opener.open([event])
    assert content is not None
    assert content.confidentiality is not None
    assert content.confidentiality.ground == "canary ground"


def test_what_is_about_a_destroyed_dossier_is_destroyed_with_it(bench: RecordingBench) -> None:
    """A later event never opens a new generation: after the dossier's end only its envelope is kept."""
    bench.record(act())
    event, envelope = bench.events()[0]
    bench.ledger.destroy_secret(0, event.stream_id, bytes.fromhex(envelope.scope or ""))
    bench.restart()
    correct(bench, "k1", kind="annulled")
    later, _ = bench.events()[1]
    assert later.state == b""
    assert bench.opener.open([event, later]) == [None, None]


def test_links_are_followed_onward_until_unlinked(bench: RecordingBench) -> None:
    """Three identifiers linked in a chain are one person from each end; the last word on a pair counts."""
    bench.record(*(act(subjects=(person(digits),)) for digits in BSNS[:2]))
    link(bench, BSNS[0], BSNS[1], "l1")
    answer = link(bench, BSNS[1], BSNS[2], "l2")
    assert len(answer["items"]) == 2
    streams = {digits: bench.directory.streams_of(bsn(digits)) for digits in BSNS[:4]}
    assert [len(streams[digits]) for digits in BSNS[:4]] == [3, 3, 3, 0]
    assert len({found[0] for digits, found in streams.items() if found}) == 3
    assert link(bench, BSNS[1], BSNS[2], "l2") == answer
    link(bench, BSNS[1], BSNS[0], "u", undo=True)
    assert [len(bench.directory.streams_of(bsn(digits))) for digits in BSNS[:3]] == [1, 2, 2]


def test_facts_follow_links(bench: RecordingBench) -> None:
    """What was recorded under one identifier counts when the other one is judged."""
    bench.record(*(act(subjects=(person(digits),)) for digits in BSNS[:2]))
    link(bench, BSNS[0], BSNS[1])
    own = bench.directory.streams_of(bsn(BSNS[0]))[0]
    assert len(bench.facts.read([own])[own].acts) == 2


def test_a_person_is_not_linked_to_himself(bench: RecordingBench) -> None:
    """Two spellings of one number are one identifier."""
    with pytest.raises(Rejected):
        link(bench, BSNS[0], BSNS[0])
    assert bench.events() == []


def test_a_dossier_event_is_stored_once(bench: RecordingBench) -> None:
    """A read, request or breach stands once under its key, with its text sealed; another body conflicts."""

    def append(body: bytes) -> Any:
        events = DossierEvents(writer=bench.writer, pseudonyms=bench.pseudonyms)
        return bench.run(
            lambda: events.append_dossier_event(
                party="politie",
                key="b1",
                canonical=body,
                topic=topics.BREACH_REPORTED,
                stream_id=access_stream("politie"),
                envelope={"breach_party": "politie", "aware_at": NOW},
                content=Content(description="canary text"),
            )
        )

    first, again = append(b"1"), append(b"1")
    assert (first.existing, again.existing) == (False, True)
    assert first.envelope == again.envelope
    assert b"canary" not in msgspec.msgpack.encode(bench.ledger.appended)
    with pytest.raises(IdempotencyConflict):
        append(b"2")


def test_rotated_lookup_keys_find_the_same_person(bench: RecordingBench) -> None:
    """After a rotation of the lookup key a known person keeps his stream and gets a lookup under the new key."""
    bench.record(act())
    bench.vault.rotate_lookup_key()
    bench.restart()
    bench.record(act(), key="later")
    assert len({event.stream_id for event, _ in bench.events()}) == 1
    assert bench.ledger.appended[-1].identifiers[0].key_version == 2
