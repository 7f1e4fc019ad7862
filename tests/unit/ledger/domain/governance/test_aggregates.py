"""The register's aggregates: topics that name no module, versions, and what a stored event says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.popo import POPOApplicationRecorder
from eventsourcing.utils import get_topic

from services.law.governance import (
    Acknowledgement,
    Activity,
    Addendum,
    Annex,
    Covenant,
    Decision,
    Entry,
    Interpretation,
    Mandate,
    Municipality,
    Party,
    Purpose,
)
from services.law.learning import Checklist, ChecklistItem, Closing, NearMiss, Opinion, Question
from services.ledger.application.register_entry import RegisterApplication
from services.ledger.contract.errors import IdempotencyConflict
from services.ledger.domain.governance import aggregates
from services.ledger.domain.governance.aggregates import RegisterFull, VersionStands
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
    Addendum(id="voorfase", covenant="veiligheidshuis", valid_from=DAY),
    Municipality(id="middelstad", name="Middelstad"),
    Interpretation(id="strikter", covenant="veiligheidshuis", regime=3, by="politie", text="per geval", valid_from=DAY),
    Acknowledgement(id="a", covenant="veiligheidshuis", version=1, party="politie", reader="m-17", valid_from=DAY),
    Question(id="v", asked_by="politie", text="mag dit?"),
    Checklist(id="l", name="sluiten", items=(ChecklistItem(id="1", text="verteld?"),)),
    Closing(id="s", checklist="l", checklist_version=1, by="politie", valid_from=DAY),
    Opinion(id="o", question="v", by="politie", position="yes", text="ja", valid_from=DAY),
    NearMiss(id="n", by="politie", what="bijna te veel", noticed="bij het nalezen", valid_from=DAY),
]
ENDING = [entry for entry in ENTRIES if isinstance(entry, Opinion) or ENTRIES.index(entry) < 9]
TOPICS = {
    "register.party-registered.1",
    "register.party-amended.1",
    "register.covenant-registered.1",
    "register.covenant-amended.1",
    "register.decision-registered.1",
    "register.decision-amended.1",
    "register.mandate-registered.1",
    "register.mandate-amended.1",
    "register.processing-activity-registered.1",
    "register.processing-activity-amended.1",
    "register.purpose-registered.1",
    "register.purpose-amended.1",
    "register.addendum-registered.1",
    "register.addendum-amended.1",
    "register.municipality-registered.1",
    "register.municipality-amended.1",
    "register.interpretation-registered.1",
    "register.interpretation-amended.1",
    "register.acknowledgement-registered.1",
    "register.acknowledgement-amended.1",
    "register.question-registered.1",
    "register.question-amended.1",
    "register.checklist-registered.1",
    "register.checklist-amended.1",
    "register.closing-registered.1",
    "register.closing-amended.1",
    "register.opinion-registered.1",
    "register.opinion-amended.1",
    "register.near-miss-registered.1",
    "register.near-miss-amended.1",
}
STORED_ONCE = [
    (
        "register.party-registered.1",
        (
            b'{"timestamp":{"_type_":"datetime_iso","_data_":"2026-09-07T12:00:00+00:00"},'
            b'"originator_topic":"register.party","body":"{\\"id\\":\\"politie\\",\\"kind\\":\\"police\\"}"}'
        ),
        Party(id="politie", kind="police"),
    ),
    (
        "register.covenant-amended.1",
        (
            b'{"timestamp":{"_type_":"datetime_iso","_data_":"2026-09-07T12:00:00+00:00"},'
            b'"body":"{\\"id\\":\\"veiligheidshuis\\",\\"version\\":2,\\"validFrom\\":\\"2026-01-01\\"}"}'
        ),
        Covenant(id="veiligheidshuis", version=2, valid_from=DAY),
    ),
]


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
    assert loaded.entries == [entry]


@pytest.mark.parametrize(("topic", "state", "entry"), STORED_ONCE, ids=[topic for topic, _, _ in STORED_ONCE])
def test_what_was_stored_under_an_earlier_class_loads_for_ever(topic: str, state: bytes, entry: Entry) -> None:
    """Events from before the classes were made from a table still give their entries."""
    stored = StoredEvent(
        originator_id=aggregate_of(entry).id_of(entry.id), originator_version=1, topic=topic, state=state
    )
    application = RegisterApplication(recorder=POPOApplicationRecorder())
    assert entry_of(application.mapper.to_domain_event(stored)) == entry


def test_an_event_of_another_kind_makes_no_entry_known() -> None:
    """What the library writes of itself is no entry."""
    assert entry_of(object()) is None


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
    party = COLLECTIONS["parties"].open(Party(id="p", kind="police"), NOON)
    with pytest.raises(IdempotencyConflict):
        party.amend(Party(id="p", kind="judicial"), NOON)
    party.amend(Party(id="p", kind="judicial", valid_from=DAY), NOON)
    with pytest.raises(IdempotencyConflict):
        party.amend(Party(id="p", kind="police", valid_from=DAY), NOON)


MANDATE = Mandate(id="m", from_="college", to="politie", valid_from=DAY)


@pytest.mark.parametrize("entry", ENDING, ids=lambda entry: type(entry).__name__)
def test_a_version_ends_once_and_what_was_sent_before_changes_nothing(entry: Entry) -> None:
    """An end that comes sooner is one event more, whatever was left open; bodies of before are known already."""
    first, second = (_until(entry, date(year, 1, 1)) for year in (2029, 2028))
    aggregate = aggregate_of(entry).open(entry, NOON)
    for body in (first, second, entry, first, second):
        aggregate.amend(body, NOON)
    assert [entry_of(event) for event in aggregate.pending_events] == [entry, first, second]


@pytest.mark.parametrize(
    "change",
    [
        {"valid_until": date(2027, 1, 1)},
        {"valid_until": None},
        {"valid_until": date(2026, 3, 1), "to": "om"},
        {"valid_until": date(2026, 3, 1), "acts": ("share",)},
    ],
    ids=["later", "open again", "another party", "other acts"],
)
def test_only_an_earlier_end_changes_a_version(change: dict[str, Any]) -> None:
    """Nobody gets more by a version than it gave: that is a version of its own."""
    mandate = aggregate_of(MANDATE).open(_until(MANDATE, date(2026, 6, 1)), NOON)
    with pytest.raises(VersionStands) as caught:
        mandate.amend(msgspec.structs.replace(MANDATE, **change), NOON)
    assert caught.value.code == IdempotencyConflict.code
    assert "validUntil" in caught.value.remedy


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e not in ENDING], ids=lambda entry: type(entry).__name__)
def test_what_holds_on_no_day_has_no_end(entry: Entry) -> None:
    """Of what is told or done once each version stays as it is."""
    aggregate = aggregate_of(entry).open(entry, NOON)
    with pytest.raises(VersionStands):
        aggregate.amend(_until(entry, date(2028, 1, 1)), NOON)


def test_what_is_full_can_still_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound on versions leaves room for their ends, and bounds these too."""
    monkeypatch.setattr(aggregates, "REGISTER_VERSIONS_MAX", 1)
    mandate = aggregate_of(MANDATE).open(MANDATE, NOON)
    with pytest.raises(RegisterFull):
        mandate.amend(msgspec.structs.replace(MANDATE, valid_from=date(2027, 1, 1)), NOON)
    mandate.amend(_until(MANDATE, date(2026, 6, 1)), NOON)
    with pytest.raises(RegisterFull):
        mandate.amend(_until(MANDATE, date(2026, 5, 1)), NOON)


def test_versions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry cannot grow without end: each call folds its whole stream."""
    monkeypatch.setattr(aggregates, "REGISTER_VERSIONS_MAX", 2)
    party = COLLECTIONS["parties"].open(Party(id="p", kind="police"), NOON)
    party.amend(Party(id="p", kind="police", valid_from=DAY), NOON)
    with pytest.raises(RegisterFull):
        party.amend(Party(id="p", kind="police", valid_from=date(2027, 1, 1)), NOON)


def _changed(entry: Entry) -> Entry:
    """The next version of an entry."""
    change: dict[str, Any] = {"version": 2} if hasattr(entry, "version") else {"valid_from": date(2027, 1, 1)}
    changed: Entry = msgspec.structs.replace(entry, **change)
    return changed


def _until(entry: Entry, day: date) -> Entry:
    """The same entry with an end."""
    ended: Entry = msgspec.structs.replace(entry, valid_until=day)
    return ended
