"""Properties of the dry run over random acts and histories: it is the real judgement, and tells no more than it may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.law.act import Act, CovenantReference, LegalBasis, Notice, Recipient
from services.law.verdict import Outcome
from services.ledger.application.assess import Assessor
from services.ledger.contract import topics
from services.ledger.contract.errors import IntentRefused
from services.ledger.contract.messages import Assessment, Receipt
from services.runtime.clock import FakeClock
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.model.judged_acts import ACTS, FORMER, NOW, PERSONS, WORLDS, World, covenant, person
from tests.model.oracle_play import ledger, writer
from tests.model.strategies import COLLEGE, MAYOR, NOBODY, START, STRANGER, Step, examples, histories
from tests.model.strategies import PERSONS as PLAYED_PERSONS
from tests.support.recording import FixedRegister, RecordingBench, caller

change = msgspec.structs.replace


def bench_of(world: World) -> RecordingBench:
    """An empty ledger in memory in which this world is registered."""
    bench = RecordingBench()
    bench.clock = FakeClock(NOW)
    bench.register = FixedRegister(())
    bench.register.register = world.register
    bench.restart()
    return bench


def assess(bench: RecordingBench, act: Act, party: str | None = None) -> Assessment:
    """Try the act out, in the name of its controller or of another."""
    verb = Assessor(
        register=bench.register,
        people=bench.people,
        facts=bench.facts,
        pseudonyms=bench.pseudonyms,
        clock=bench.clock,
    )
    return bench.run(lambda: verb.assess(caller(party or act.controller), act))


def record(bench: RecordingBench, act: Act | Notice, key: str) -> Any:
    """Record it in the name of its controller."""
    (answer,) = bench.record(act, party=act.controller, key=key)
    return answer


def sound(act: Act) -> Act:
    """The act without what is turned away at the door before anything is judged."""
    readable = act.retention is None or act.retention.period != "?"
    is_turned_away = act.controller == "nobody" or (act.controller == FORMER.id and act.tense == "intent")
    controller = "mayor" if is_turned_away else act.controller
    return act if readable and controller == act.controller else change(act, retention=None, controller=controller)


SOUND_ACTS = ACTS.map(sound)
HISTORIES = st.lists(SOUND_ACTS, max_size=4)


@settings(max_examples=60)
@given(WORLDS, HISTORIES, SOUND_ACTS)
def test_the_dry_run_is_the_real_judgement(world: World, history: list[Act], act: Act) -> None:
    """Verdict, persons and register are those of recording it at once, whatever is known; nothing is left behind."""
    bench = bench_of(world)
    for number, past in enumerate(history):
        record(bench, change(past, tense="fact"), f"past-{number}-")
    before = len(bench.ledger.appended)
    said = assess(bench, act)
    assert len(bench.ledger.appended) == before
    answer = record(bench, act, "real-")
    assert said.verdict == answer.verdict
    told = [(one.ref, one.outcome) for one in answer.subjects if one.ref is not None]
    assert [(one.ref, one.outcome) for one in said.subjects] == told
    codes = {found.code for found in said.verdict.findings}
    assert {found.code for found in said.explanations} == codes
    if isinstance(answer, Receipt):
        assert said.register == answer.register


@settings(max_examples=60)
@given(WORLDS, st.lists(SOUND_ACTS, min_size=1, max_size=6))
def test_a_fact_is_never_refused_and_a_forbidden_intent_never_done(world: World, acts: list[Act]) -> None:
    """A fact has a receipt however bad it was; an intent that is a violation is stored as refused, as nothing else."""
    bench = bench_of(world)
    refused = set()
    for number, act in enumerate(acts):
        answer = record(bench, act, f"key-{number}-")
        if act.tense == "fact":
            assert isinstance(answer, Receipt)
        else:
            assert isinstance(answer, IntentRefused) == (answer.verdict.outcome == "violation")
        if isinstance(answer, IntentRefused):
            refused.add(f"key-{number}-1")
    stored: dict[str, set[str]] = {}
    for event, envelope in bench.events():
        stored.setdefault(envelope.key, set()).add(event.topic)
        if event.topic == topics.PROCESSING_INTENDED:
            assert envelope.operation_outcome != Outcome.VIOLATION
    assert {key for key, found in stored.items() if topics.PROCESSING_REFUSED in found} == refused
    assert all(stored[key] == {topics.PROCESSING_REFUSED} for key in refused)


def without_refs(said: Assessment) -> bytes:
    """The answer less what each person is called: what may differ between any two persons."""
    text = msgspec.json.encode(said)
    for number, one in enumerate(said.subjects):
        text = text.replace(one.ref.encode(), f"person-{number}".encode())
    return text


STRANGERS = {"school", "prosecutor"}
"""Who take no part in the histories below."""


def is_elsewhere(act: Act) -> bool:
    """Whether the strangers have no part in an act, not even as whoever must tell of it."""
    return act.controller not in STRANGERS and not any(one.party in STRANGERS for one in act.recipients)


def meeting(act: Act, *, at: datetime) -> Act:
    """The act at the same table as all others, so that what one tells of a person could show in another."""
    return change(
        act,
        occurred_at=at,
        covenant=CovenantReference(id="house", annex="groups"),
        data_categories=("name",),
        data_regime="AVG",
    )


LAST_YEAR, TODAY = NOW - timedelta(days=200), NOW
PAST_ACTS = SOUND_ACTS.filter(is_elsewhere)
PAST_ACTS |= PAST_ACTS.map(lambda act: meeting(act, at=LAST_YEAR))
ASKED_ACTS = SOUND_ACTS | SOUND_ACTS.map(lambda act: meeting(act, at=TODAY))


@settings(max_examples=150)
@given(
    WORLDS,
    st.lists(PAST_ACTS, min_size=1, max_size=4),
    ASKED_ACTS,
    st.sampled_from(sorted(STRANGERS)),
    st.sampled_from(PERSONS),
)
def test_a_stranger_is_told_of_a_known_person_what_he_is_told_of_an_unknown_one(
    world: World, history: list[Act], act: Act, stranger: str, known: tuple[str, str]
) -> None:
    """Whatever others did with a person, the answer to who had no part in it is the same, byte for byte."""
    bench = bench_of(world)
    persons = (person(known, status="listed", municipality="B"),)
    for number, past in enumerate(history):
        record(bench, change(past, tense="fact", subjects=persons), f"past-{number}-")
    asked = change(act, controller=stranger, processor=None)
    unknown = (known[0], "999990044" if known[0] == "BSN" else "never-heard-of")
    of_known, of_unknown = (
        without_refs(assess(bench, change(asked, subjects=(person(identifier),)))) for identifier in (known, unknown)
    )
    assert of_known == of_unknown


def test_who_has_a_part_is_told_what_it_may_know() -> None:
    """The mayor that shared it yesterday under the covenant is not told to tell again once the college has told."""
    bench = bench_of(World(covenant("house")))
    share = Act(
        operation="make-available",
        occurred_at=NOW - timedelta(days=1),
        controller="mayor",
        recipients=(Recipient(party="youth"),),
        subjects=(person(PERSONS[0], municipality="M"),),
        data_categories=("name",),
        legal_basis=LegalBasis(gdpr="6(1)(e)", statute="Gemeentewet 172"),
        covenant=CovenantReference(id="house", annex="groups"),
        phase="signalling",
    )
    again = change(share, occurred_at=NOW)
    told_before = assess(bench, again).tell
    record(bench, share, "share-")
    notice = Notice(
        subjects=share.subjects,
        controller="college",
        given_by="college",
        given_at=NOW - timedelta(hours=1),
        form="letter",
        elements="all",
        addressee="subject",
        covenant=share.covenant,
    )
    told_between = assess(bench, again).tell
    record(bench, notice, "notice-")
    assert [telling.due for telling in told_before] == [NOW]
    assert [telling.due for telling in told_between] == [NOW - timedelta(days=1)]
    assert assess(bench, again).tell == ()


@examples(4)
@given(steps=histories())
def test_a_stranger_learns_nothing_from_a_real_ledger(postgres_server: EmbeddedPostgres, steps: list[Step]) -> None:
    """Over PostgreSQL: of whoever was played, a party without a part hears what it hears of somebody never heard of."""
    with ledger(postgres_server.conninfo, 4, START) as played:
        played.play(steps)
        for operation in ("make-available", "erase", "use", "restrict"):
            for covenant_id, annex in ((None, None), ("huis", "a"), ("zvh", "c")):
                body: dict[str, Any] = {
                    "operation": operation,
                    "occurredAt": played.now.isoformat(),
                    "controller": STRANGER,
                    "dataCategories": ["name"],
                    "purpose": "safety",
                    "recipients": [{"party": COLLEGE}, {"party": MAYOR}] if operation == "make-available" else [],
                    "covenant": None if covenant_id is None else {"id": covenant_id, "annex": annex},
                }
                answers = set()
                for someone in (*PLAYED_PERSONS, NOBODY):
                    subject = {"idType": someone.id_type, "id": someone.id}
                    act = msgspec.convert(body | {"subjects": [subject]}, Act)
                    answers.add(without_refs(played.run(played.client.assess(writer(STRANGER), act))))
                assert len(answers) == 1
