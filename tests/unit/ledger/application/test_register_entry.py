"""Registering and listing on the library's in-memory recorder: receipts, conflicts, both time axes, races."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from eventsourcing.persistence import IntegrityError, Notification, StoredEvent
from eventsourcing.popo import POPOApplicationRecorder

from services.law.governance import Acknowledgement, Annex, Covenant, Entry, Mandate, Partner, Party, Purpose
from services.law.norm_set import NO_NORMS
from services.ledger.application.bounds import BoundInvalid
from services.ledger.application.cursors import CursorInvalid
from services.ledger.application.list_register import ListRegister
from services.ledger.application.register_entry import RegisterApplication, RegisterEntry
from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy, NotAllowed, NotFound
from services.ledger.contract.messages import Caller, JsonObject
from services.ledger.storage import register as storage
from services.ledger.storage.register import LaneRegister, RegisterBehind, RegisterGap
from services.runtime.clock import FakeClock
from services.runtime.errors import Rejected

OFFICER = Caller(party="college", scopes=frozenset({"governance"}))
START = datetime(2026, 9, 7, tzinfo=UTC)


class House:
    """A register of its own: recorder, source, verbs and a clock that the test moves."""

    def __init__(self, recorder: POPOApplicationRecorder | None = None) -> None:
        self.clock = FakeClock(START)
        self.recorder = recorder or POPOApplicationRecorder()
        self.application = RegisterApplication(recorder=self.recorder)
        self.source = self.another_source()
        self._register = RegisterEntry(application=self.application, source=self.source, clock=self.clock)
        self.list = ListRegister(source=self.source)

    def another_source(self) -> LaneRegister:
        """A source of another process on the same lane."""
        return LaneRegister(recorder=self.recorder, mapper=self.application.mapper, norms=NO_NORMS)

    def register(self, entry: Entry, caller: Caller = OFFICER) -> JsonObject:
        """Register as the officer."""
        return self._register(caller, entry)


POLICE = Party(id="politie", kind="police")


def test_the_receipt_says_what_became_known_and_when() -> None:
    """Id, version, public position of the register lane, and the instant of our clock."""
    assert House().register(POLICE) == {
        "id": "politie",
        "version": 1,
        "position": "register-1",
        "recordedAt": "2026-09-07T00:00:00Z",
        "findings": [],
    }


def test_the_same_body_gives_the_same_receipt_later() -> None:
    """A retry after days, with other entries between, is answered as the first time, remarks too."""
    house = House()
    mandate = Mandate(id="m", from_="politie", to="om")
    house.register(POLICE)
    first = house.register(mandate)
    assert [finding["pointer"] for finding in first["findings"]] == ["/to"]
    house.register(Party(id="om", kind="judicial"))
    house.clock.advance(days=3)
    assert house.register(mandate) == first
    assert house.recorder.max_notification_id() == 3


def test_another_body_under_the_same_version_is_a_conflict() -> None:
    """(id, version) for purposes, (id, validFrom) for parties."""
    house = House()
    house.register(Purpose(id="doel", version=2, text="a"))
    with pytest.raises(IdempotencyConflict):
        house.register(Purpose(id="doel", version=2, text="b"))
    house.register(POLICE)
    with pytest.raises(IdempotencyConflict):
        house.register(Party(id="politie", kind="judicial"))
    assert house.register(Party(id="politie", kind="judicial", valid_from=date(2026, 1, 1)))["version"] == 2


def test_a_token_without_the_scope_registers_nothing() -> None:
    """The application checks the scope itself, whatever the door did."""
    house = House()
    with pytest.raises(NotAllowed):
        house.register(POLICE, Caller(party="college", scopes=frozenset({"audit", "processing:write"})))
    assert house.recorder.max_notification_id() is None


def test_a_faulty_entry_stores_nothing() -> None:
    """All faults come back and the lane stays empty."""
    house = House()
    with pytest.raises(Rejected) as caught:
        house.register(Covenant(id="", version=0, valid_from=date(2026, 1, 1), partners=(Partner(party="x"),)))
    assert {fault.pointer for fault in caught.value.errors} == {"/id", "/version", "/partners/0/party"}
    assert house.recorder.max_notification_id() is None


def test_settings_for_other_programs_do_not_reach_the_register(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the library in the environment changes nothing of how the register is stored."""
    monkeypatch.setenv("COMPRESSOR_TOPIC", "zlib")
    monkeypatch.setenv("CIPHER_TOPIC", "no.such.module:Cipher")
    house = House()
    house.register(POLICE)
    assert b"politie" in house.recorder.select_notifications(None, 1)[0].state


def test_the_fold_keeps_both_time_axes() -> None:
    """Known-time is when our clock recorded it; valid-time is what the body says."""
    house = House()
    house.register(POLICE)
    house.clock.advance(days=1)
    house.register(Party(id="politie", kind="judicial", valid_from=date(2026, 9, 1)))
    register = house.source.current()
    assert register.position == 2
    assert register.known_at(START).party("politie", date(2026, 9, 2)) == POLICE
    found = register.party("politie", date(2026, 9, 2))
    assert found is not None
    assert found.kind == "judicial"
    assert register.party("politie", date(2026, 8, 31)) == POLICE


def test_a_source_refreshes_only_when_it_must() -> None:
    """A position that is known costs no reading; a later one is read; one beyond the lane is an error."""
    house = House()
    other = house.another_source()
    house.register(POLICE)
    assert other.current().position == 0
    assert other.refresh(0).position == 0
    assert other.refresh(1).party_ids() == ("politie",)
    with pytest.raises(RegisterBehind):
        other.refresh(2)


def test_a_long_lane_is_read_in_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """More entries than one section holds all arrive, in order."""
    monkeypatch.setattr(storage, "REGISTER_READ_EVENTS_MAX", 3)
    house = House()
    for number in range(10):
        house.register(Purpose(id=f"doel-{number}", text="x"))
    register = house.another_source().catch_up()
    assert [known.position for known in register.history] == list(range(1, 11))


class GappedRecorder(POPOApplicationRecorder):
    """A lane from which somebody removed position 2."""

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        """Leave position 2 out."""
        return [found for found in super().select_notifications(*args, **kwargs) if found.id != 2]


def test_a_gap_in_the_lane_stops_the_fold() -> None:
    """A register with a hole is not used: a covenant may be what is missing."""
    whole = House()
    for number in range(3):
        whole.register(Purpose(id=f"doel-{number}", text="x"))
    gapped = GappedRecorder()
    gapped._stored_events = whole.recorder._stored_events
    with pytest.raises(RegisterGap):
        LaneRegister(recorder=gapped, mapper=whole.application.mapper, norms=NO_NORMS).catch_up()


class ContestedRecorder(POPOApplicationRecorder):
    """Refuses the first insertions, as when another writer was first on the stream."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.refusals = refusals

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Refuse until the refusals are used up."""
        if self.refusals > 0:
            self.refusals -= 1
            raise IntegrityError
        return super().insert_events(stored_events, **kwargs)


def test_a_lost_race_is_run_again_and_not_for_ever() -> None:
    """Another writer on the same stream makes us look again, a bounded number of times."""
    assert House(ContestedRecorder(2)).register(POLICE)["position"] == "register-1"
    with pytest.raises(LedgerBusy):
        House(ContestedRecorder(100)).register(POLICE)


def test_many_threads_register_the_same_and_different_entries() -> None:
    """Every entry stands once, and every caller gets the same receipt for the same entry."""
    house = House()
    entries = [Purpose(id=f"doel-{number % 5}", text="x") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(house.register, entries))
    assert house.recorder.max_notification_id() == 5
    assert len({receipt["position"] for receipt in receipts}) == 5
    assert house.source.current().position == 5


def listed(house: House, *args: Any) -> list[str]:
    """Ids with version, in order."""
    return [f"{item['id']}/{item.get('version', '')}" for item in house.list(OFFICER, *args).items]


def test_the_list_shows_all_versions_or_those_valid_then() -> None:
    """Without validAt everything known; with it, per id the highest version in force on that Amsterdam day."""
    house = House()
    house.register(POLICE)
    for version, (begins, ends) in enumerate([(2024, 2024), (2025, 2027), (2026, 2027)], start=1):
        house.register(Covenant(id="c", version=version, valid_from=date(begins, 1, 1), valid_until=date(ends, 12, 31)))
    house.register(Covenant(id="b", version=1, valid_from=date(2026, 6, 1)))
    assert listed(house, "covenants") == ["b/1", "c/1", "c/2", "c/3"]
    assert listed(house, "covenants", "2025-05-05") == ["c/2"]
    assert listed(house, "covenants", "2026-07-01T00:00:00+02:00") == ["b/1", "c/3"]
    assert listed(house, "covenants", "2025-12-31T22:59:59Z") == ["c/2"]
    assert listed(house, "covenants", "2025-12-31T23:00:00Z") == ["c/3"]
    assert listed(house, "covenants", "1999-01-01") == []
    item = house.list(OFFICER, "parties").items[0]
    assert (item["id"], item["kind"], item["position"]) == ("politie", "police", "register-1")
    assert item["recordedAt"] == "2026-09-07T00:00:00Z"


def test_the_list_is_paged() -> None:
    """Pages follow one another without loss or repetition, also when entries come in between."""
    house = House()
    for number in range(5):
        house.register(Purpose(id=f"doel-{number}", text="x"))
    first = house.list(OFFICER, "purposes", None, None, 2)
    house.register(Purpose(id="doel-0", version=2, text="x"))
    second = house.list(OFFICER, "purposes", None, first.next, 2)
    last = house.list(OFFICER, "purposes", None, second.next, 2)
    ids = [item["id"] for page in (first, second, last) for item in page.items]
    assert ids == [f"doel-{number}" for number in range(5)]
    assert last.next is None


def test_the_list_refuses_what_it_cannot_answer() -> None:
    """Unknown collections, bad days and foreign cursors."""
    house = House()
    with pytest.raises(NotFound):
        house.list(OFFICER, "secrets")
    for bad in ("yesterday", "2026-13-01", "2026-01-01T00:00:00", "9999-12-31"):
        with pytest.raises(BoundInvalid):
            house.list(OFFICER, "parties", bad)
    for cursor in ("register-9", "0-1", "x", ""):
        with pytest.raises(CursorInvalid):
            house.list(OFFICER, "parties", None, cursor)


def test_citizens_stand_in_the_list_for_who_keeps_or_audits_it_only() -> None:
    """A citizen who reported something is a party too, and nobody else's business."""
    house = House()
    house.register(POLICE)
    house.register(Party(id="melder-1", kind="citizen"))
    seen: dict[str, list[str]] = {}
    for scope in ("governance", "audit", "processing:read", "subject:access"):
        caller = Caller(party="college", scopes=frozenset([scope]))
        seen[scope] = [item["id"] for item in house.list(caller, "parties").items]
    assert seen == {
        "governance": ["melder-1", "politie"],
        "audit": ["melder-1", "politie"],
        "processing:read": ["politie"],
        "subject:access": ["politie"],
    }


def read_by(party: str, reader: str = "m-17") -> Acknowledgement:
    """Somebody of a party has read the card of the first version."""
    day = date(2026, 9, 7)
    return Acknowledgement(id=f"{party}:{reader}", covenant="c", version=1, party=party, reader=reader, valid_from=day)


def test_only_his_own_party_says_that_somebody_read_the_card() -> None:
    """Whoever works under a covenant acknowledges its card for himself; no scope lets one party speak for another."""
    house = House()
    house.register(Covenant(id="c", version=1, valid_from=date(2026, 1, 1)))
    user = Caller(party="politie", scopes=frozenset({"processing:write"}))
    assert house.register(read_by("politie"), user)["version"] == 1
    for caller in (user, OFFICER):
        with pytest.raises(NotAllowed):
            house.register(read_by("om"), caller)
    with pytest.raises(NotAllowed):
        house.register(read_by("politie"), Caller(party="politie", scopes=frozenset({"processing:read"})))


def test_who_read_a_card_is_seen_by_his_own_party_and_by_who_keeps_or_audits_the_register() -> None:
    """That a member of staff read something is nobody else's business."""
    house = House()
    house.register(Covenant(id="c", version=1, valid_from=date(2026, 1, 1)))
    house.register(read_by("college"))
    seen = {
        (party, scope): len(house.list(Caller(party=party, scopes=frozenset({scope})), "acknowledgements").items)
        for party, scope in (("college", "processing:read"), ("om", "processing:read"), ("om", "audit"))
    }
    assert seen == {("college", "processing:read"): 1, ("om", "processing:read"): 0, ("om", "audit"): 1}


def test_what_stands_in_the_register_keeps_its_receipt_whatever_came_after() -> None:
    """A body that would be refused today, since an umbrella was registered later, is answered as it was then."""
    house = House()
    annexes = (Annex(id="feesten"),)
    covenant = Covenant(id="c", version=1, valid_from=date(2026, 1, 1), umbrella="koepel", annexes=annexes)
    first = house.register(covenant)
    umbrella = Covenant(id="koepel", version=1, valid_from=date(2026, 1, 1), umbrella=True, themes=("jeugd",))
    house.register(umbrella)
    assert house.register(covenant) == first
    with pytest.raises(Rejected):
        house.register(Covenant(id="d", version=1, valid_from=date(2026, 1, 1), umbrella="koepel", annexes=annexes))


def test_reading_a_card_leaves_what_is_compiled_for_judging_alone() -> None:
    """Acknowledgements come by the thousand: they are known at once, and no view of a day is made anew for them."""
    house = House()
    house.register(Covenant(id="c", version=1, valid_from=date(2026, 1, 1)))
    before = house.source.current().on(date(2026, 9, 7))
    user = Caller(party="politie", scopes=frozenset({"processing:write"}))
    house.register(read_by("politie"), user)
    register = house.source.current()
    assert register.position == 2
    assert register.on(date(2026, 9, 7)) is before
    house.register(POLICE)
    assert house.source.current().on(date(2026, 9, 7)) is not before
    assert house.another_source().catch_up().history == house.source.current().history


MANDATE = Mandate(id="m", from_="college", to="politie", valid_from=date(2026, 1, 1))


def ended(until: date) -> Mandate:
    """The mandate with its last day."""
    return msgspec.structs.replace(MANDATE, valid_until=until)


def test_a_mandate_is_ended_today() -> None:
    """The same body with an end: known from now on, the last day is that one, and nothing of before is rewritten."""
    house = House()
    first = house.register(MANDATE)
    house.clock.advance(days=1)
    receipt = house.register(ended(date(2026, 9, 8)))
    assert (receipt["version"], receipt["position"], receipt["recordedAt"]) == (2, "register-2", "2026-09-08T00:00:00Z")
    assert "end-in-the-past" not in {finding["code"] for finding in receipt["findings"]}
    register = house.source.current()
    assert register.mandates(date(2026, 9, 8)) == (ended(date(2026, 9, 8)),)
    assert register.mandates(date(2026, 9, 9)) == ()
    assert register.known_at(START).mandates(date(2026, 9, 9)) == (MANDATE,)
    assert house.another_source().catch_up().mandates(date(2026, 9, 9)) == ()
    assert [house.register(MANDATE), house.register(ended(date(2026, 9, 8)))] == [first, receipt]
    assert house.source.current().mandates(date(2026, 9, 9)) == ()
    assert house.recorder.max_notification_id() == 2


def test_an_end_in_the_past_is_told_as_one() -> None:
    """Whoever ends a mandate on a day that is over reads that what was judged stays judged."""
    house = House()
    house.register(MANDATE)
    finding = house.register(ended(date(2026, 9, 6)))["findings"][-1]
    assert (finding["pointer"], finding["code"]) == ("/validUntil", "end-in-the-past")
    assert finding["dutch"].startswith("Dit einde ligt in het verleden.")
    late = Mandate(id="n", from_="college", to="politie", valid_until=date(2026, 9, 6))
    assert "end-in-the-past" not in {finding["code"] for finding in house.register(late)["findings"]}


def test_what_is_valid_then_leaves_out_what_was_ended() -> None:
    """A list of a day shows the end that stands; the whole list shows everything that was ever known."""
    house = House()
    house.register(MANDATE)
    house.register(ended(date(2026, 9, 8)))
    items = house.list(OFFICER, "mandates", "2026-09-08").items
    assert [item["validUntil"] for item in items] == ["2026-09-08"]
    assert house.list(OFFICER, "mandates", "2026-09-09").items == ()
    assert [item["validUntil"] for item in house.list(OFFICER, "mandates").items] == [None, "2026-09-08"]


def test_what_would_be_refused_today_can_still_be_ended() -> None:
    """An entry from before a check ends like any other; only its days are looked at."""
    house = House()
    covenant = Covenant(
        id="c", version=1, valid_from=date(2026, 1, 1), umbrella="koepel", annexes=(Annex(id="feesten"),)
    )
    house.register(covenant)
    house.register(Covenant(id="koepel", version=1, valid_from=date(2026, 1, 1), umbrella=True, themes=("jeugd",)))
    with pytest.raises(Rejected) as caught:
        house.register(msgspec.structs.replace(covenant, valid_until=date(2025, 12, 31)))
    assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [("/validUntil", "period-reversed")]
    house.register(msgspec.structs.replace(covenant, valid_until=date(2026, 12, 31)))
    assert house.source.current().covenant("c", date(2027, 1, 1)) is None


def test_two_that_end_the_same_version_at_once_agree() -> None:
    """The earlier end holds, whoever was first: the later one is then no end any more."""
    house = House()
    house.register(MANDATE)
    house.register(ended(date(2026, 9, 8)))
    with pytest.raises(IdempotencyConflict):
        house.register(ended(date(2026, 9, 9)))
    house.register(ended(date(2026, 9, 7)))
    assert house.source.current().mandates(date(2026, 9, 8)) == ()
