"""The register's aggregates: topics that name no module, versions, and what a stored event says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from eventsourcing.popo import POPOApplicationRecorder
from eventsourcing.utils import get_topic

from services.law.governance import Activity, Annex, Covenant, Decision, Entry, Mandate, Party, Purpose
from services.ledger.application.register_entry import RegisterApplication
from services.ledger.contract.errors import IdempotencyConflict
from services.ledger.domain.governance import aggregates
from services.ledger.domain.governance.aggregates import PartyAggregate, RegisterFull, version_key
from services.ledger.domain.governance.kinds import COLLECTIONS, aggregate_of, entry_of

DAY = date(2026, 1, 1)
NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)
ENTRIES: list[Entry] = [
    Party(id="politie", kind="police"),
    Covenant(id="veiligheidshuis", version=1, valid_from=DAY),
    Decision(id="koepel", kind="wpg-20", by="politie"),
    Mandate(id="m", from_="politie", to="politie"),
    Activity(id="https://register.example/a", controller="politie"),
    Purpose(id="doel", text="waarom"),
]
TOPICS = {
    f"register.{kind}-{what}.1"
    for kind in ("party", "covenant", "decision", "mandate", "processing-activity", "purpose")
    for what in ("registered", "amended")
}


def test_every_event_class_has_its_own_explicit_topic() -> None:
    """The topics are exactly these: they are persistent data."""
    events = [event for aggregate in COLLECTIONS.values() for event in (aggregate.Created, aggregate.Amended)]
    assert {get_topic(event) for event in events} == TOPICS
    assert len(events) == len(TOPICS)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_nothing_stored_names_a_module_or_class(entry: Entry) -> None:
    """Neither topic nor state of a stored event holds a path into the code."""
    recorder = POPOApplicationRecorder()
    application = RegisterApplication(recorder=recorder)
    aggregate = aggregate_of(entry).open(entry, NOON)
    aggregate.amend(_changed(entry), NOON)
    application.save(aggregate)
    for stored in recorder.select_notifications(None, 10):
        text = stored.topic + stored.state.decode()
        assert stored.topic in TOPICS
        for trace in ("services", "eventsourcing", "Aggregate", "__", aggregates.__name__):
            assert trace not in text
        assert json.loads(stored.state)["timestamp"] == {"_type_": "datetime_iso", "_data_": NOON.isoformat()}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_an_entry_comes_back_as_it_went_in(entry: Entry) -> None:
    """Stored and read, an entry equals itself, in its event and in its aggregate."""
    recorder = POPOApplicationRecorder()
    application = RegisterApplication(recorder=recorder)
    aggregate_class = aggregate_of(entry)
    application.save(aggregate_class.open(entry, NOON))
    event = application.mapper.to_domain_event(recorder.select_notifications(None, 1)[0])
    assert entry_of(event) == entry
    loaded: aggregates.RegisterAggregate = application.repository.get(aggregate_class.id_of(entry.id))
    assert loaded.entries == {version_key(entry): entry}


def test_a_body_cannot_pass_for_a_value_of_the_library() -> None:
    """A term whose phases are named as the library's own marks stays text."""
    marked = Covenant(
        id="c",
        version=1,
        valid_from=DAY,
        annexes=(Annex(id="a", retention={"_type_": "datetime_iso", "_data_": "P3M"}),),
    )
    recorder = POPOApplicationRecorder()
    application = RegisterApplication(recorder=recorder)
    application.save(aggregate_of(marked).open(marked, NOON))
    assert entry_of(application.mapper.to_domain_event(recorder.select_notifications(None, 1)[0])) == marked


def test_the_same_id_of_two_kinds_has_two_streams() -> None:
    """A party and a purpose may carry the same id."""
    assert len({aggregate.id_of("x") for aggregate in COLLECTIONS.values()}) == len(COLLECTIONS)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_the_same_version_again_changes_nothing(entry: Entry) -> None:
    """One event for one version, however often it is sent."""
    aggregate = aggregate_of(entry).open(entry, NOON)
    aggregate.amend(entry, NOON)
    assert len(aggregate.pending_events) == 1


def test_another_body_under_a_known_version_is_a_conflict() -> None:
    """History is not rewritten: a version stays what it was."""
    party = PartyAggregate.open(Party(id="p", kind="police"), NOON)
    with pytest.raises(IdempotencyConflict):
        party.amend(Party(id="p", kind="judicial"), NOON)
    party.amend(Party(id="p", kind="judicial", valid_from=DAY), NOON)
    with pytest.raises(IdempotencyConflict):
        party.amend(Party(id="p", kind="police", valid_from=DAY), NOON)


def test_versions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry cannot grow without end: each call folds its whole stream."""
    monkeypatch.setattr(aggregates, "REGISTER_VERSIONS_MAX", 2)
    party = PartyAggregate.open(Party(id="p", kind="police"), NOON)
    party.amend(Party(id="p", kind="police", valid_from=DAY), NOON)
    with pytest.raises(RegisterFull):
        party.amend(Party(id="p", kind="police", valid_from=date(2027, 1, 1)), NOON)


def _changed(entry: Entry) -> Entry:
    """The next version of an entry."""
    if isinstance(entry, Covenant):
        return Covenant(id=entry.id, version=2, valid_from=DAY)
    if isinstance(entry, Activity):
        return Activity(id=entry.id, version=2, controller=entry.controller)
    if isinstance(entry, Purpose):
        return Purpose(id=entry.id, version=2, text=entry.text)
    if isinstance(entry, Party):
        return Party(id=entry.id, kind=entry.kind, valid_from=DAY)
    if isinstance(entry, Decision):
        return Decision(id=entry.id, kind=entry.kind, by=entry.by, valid_from=DAY)
    assert isinstance(entry, Mandate)
    return Mandate(id=entry.id, from_=entry.from_, to=entry.to, valid_from=DAY)
