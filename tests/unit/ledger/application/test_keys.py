"""The secrets under contents: what opens, what never opens again, and what must not be taken for forgotten."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from services.ledger.application.keys import _Held
from services.ledger.application.pseudonyms import day_key_id, week_key_id
from services.ledger.application.vault_errors import VaultFailure
from services.ledger.storage.vault_memory import MemoryVault
from services.runtime import limits
from services.runtime.crypto import SealBroken
from tests.support.operations import prepare, prepare_event
from tests.support.recording import BSNS, RecordingBench, act, person


@pytest.fixture
def bench() -> RecordingBench:
    """Give a ledger with one recorded act."""
    made = RecordingBench()
    made.record(act())
    return made


def record_end(bench: RecordingBench) -> date:
    """The last day of the first record."""
    ends = bench.events()[0][1].record_ends
    assert ends is not None
    return ends


def test_content_opens_until_the_end_of_its_last_day(bench: RecordingBench) -> None:
    """On the last day the record is read; the day after it is not, though no key was destroyed yet."""
    event, _ = bench.events()[0]
    ends = record_end(bench)
    bench.clock.set(bench.clock.now().replace(year=ends.year, month=ends.month, day=ends.day))
    assert bench.opener.open([event])[0] is not None
    bench.clock.advance(days=1)
    assert bench.opener.open([event]) == [None]


def test_a_destroyed_day_key_ends_everything_of_that_day(bench: RecordingBench) -> None:
    """One destroyed key closes every record that ends on the day, also for a process that had its secret cached."""
    bench.record(act(subjects=(person(BSNS[1]),)), key="second")
    events = [event for event, _ in bench.events()]
    assert None not in bench.opener.open(events)
    bench.vault.destroy(day_key_id(record_end(bench)))
    bench.clock.advance(seconds=limits.SECRET_CACHE_SECONDS_MAX + 1)
    assert bench.opener.open(events) == [None, None]


def test_a_record_for_a_destroyed_day_is_a_skeleton(bench: RecordingBench) -> None:
    """Nothing is sealed under a day that was ended; the envelope is kept."""
    bench.vault.destroy(day_key_id(record_end(bench)))
    bench.restart()
    bench.record(act(), key="late")
    late, envelope = bench.events()[1]
    assert late.state == b""
    assert envelope.generation is None


def test_a_lost_vault_is_an_error_not_an_empty_answer(bench: RecordingBench) -> None:
    """With another vault nothing opens, and nobody may think that it was forgotten."""
    event, _ = bench.events()[0]
    bench.vault = MemoryVault()
    bench.restart()
    with pytest.raises(VaultFailure):
        bench.opener.open([event])


def test_a_moved_content_does_not_open(bench: RecordingBench) -> None:
    """A content under another topic, or in another person's event, is broken, not opened."""
    bench.record(act(subjects=(person(BSNS[1]),)), key="second")
    first, second = (event for event, _ in bench.events())
    for wrong in (
        msgspec.structs.replace(first, topic="ledger.other.1"),
        msgspec.structs.replace(first, state=second.state),
    ):
        with pytest.raises(SealBroken):
            bench.opener.open([wrong])


def test_missing_secrets_are_errors(bench: RecordingBench) -> None:
    """A dossier or day secret that never stood in the tables means that something was lost."""
    event, envelope = bench.events()[0]
    other = msgspec.structs.replace(envelope, generation=9)
    with pytest.raises(VaultFailure):
        bench.opener.open([msgspec.structs.replace(event, envelope=msgspec.json.encode(other))])
    other = msgspec.structs.replace(envelope, record_ends=record_end(bench) + timedelta(days=1))
    with pytest.raises(VaultFailure):
        bench.opener.open([msgspec.structs.replace(event, envelope=msgspec.json.encode(other))])
    other = msgspec.structs.replace(envelope, scope=None)
    with pytest.raises(VaultFailure):
        bench.opener.open([msgspec.structs.replace(event, envelope=msgspec.json.encode(other))])


def test_swept_events_open_to_nothing(bench: RecordingBench) -> None:
    """An event whose envelope or state was swept is a tombstone."""
    event, _ = bench.events()[0]
    swept = [msgspec.structs.replace(event, envelope=None), msgspec.structs.replace(event, state=None)]
    assert bench.opener.open(swept) == [None, None]


def test_a_dossier_is_a_person_and_a_scope(bench: RecordingBench) -> None:
    """Another case of the same controller, another controller and another person each have a secret of their own."""
    bench.record(act(), act(case_id="z1"), act(case_id="z2"), act(subjects=(person(BSNS[1]),)), key="more")
    bench.record(act(controller="college"), party="college")
    scopes = {(event.stream_id, envelope.scope) for event, envelope in bench.events()}
    assert len(scopes) == 5
    assert all("z1" not in (envelope.scope or "") for _, envelope in bench.events())


def test_equal_contents_never_look_equal(bench: RecordingBench) -> None:
    """The same act twice gives ciphertexts that share nothing: key and nonce are new for each event."""
    bench.record(act(), key="second")
    first, second = (event for event, _ in bench.events())
    assert (first.state or b"")[:12] != (second.state or b"")[:12]
    assert (first.state or b"")[12:44] != (second.state or b"")[12:44]


def test_caches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many persons pass, no more secrets are held than the bound; what fell out is found again."""
    monkeypatch.setattr(limits, "DOSSIER_SECRETS_CACHED_MAX", 2)
    bench = RecordingBench()
    bench.record(*(act(subjects=(person(bsn),)) for bsn in BSNS))
    assert len(bench.keys._dossiers) <= 2
    assert None not in bench.opener.open([event for event, _ in bench.events()])


def test_key_names() -> None:
    """Days are named as ISO dates, weeks as ISO weeks, also around New Year."""
    assert day_key_id(date(2027, 1, 1)) == "day:2027-01-01"
    assert week_key_id(date(2027, 1, 1)) == "week:2026-W53"


def fence_first(bench: RecordingBench) -> tuple[int, UUID, bytes, int]:
    """Fence the dossier of the first event, as another process would; its place."""
    event, envelope = bench.events()[0]
    assert envelope.scope is not None
    place = (event.lane, event.stream_id, bytes.fromhex(envelope.scope), 1)
    asyncio.run(bench.ledger.append([prepare(prepare_event(0), fences=(place,))]))
    return place


def test_a_slow_look_brings_no_fenced_secret_back(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before a fence and comes to be remembered after it is used by nobody who looked since."""
    keys, identities = bench.keys, bench.identities
    event, _ = bench.events()[0]
    before = keys.read_epochs([0])
    assert bench.opener.open([event])[0] is not None
    stream = (event.lane, event.stream_id, bytes.fromhex(event.read_envelope().scope or ""))
    newest, exact = identities.find_secrets([stream]), identities.find_generations([(*stream, 1)])
    place = fence_first(bench)
    assert bench.opener.open([event]) == [None]
    with monkeypatch.context() as slow:
        slow.setattr(identities, "find_secrets", lambda _: newest)
        slow.setattr(identities, "find_generations", lambda _: exact)
        keys._generations.drop_lane(0)
        assert keys.generations_to_read([place], before)[place] is not None
        assert keys.dossiers_to_write([place[:3]], before)[place[:3]].generation == 1
    now = keys.read_epochs([0])
    assert keys.dossier_held(*place[:3], keys.now(), now[0]) is None
    assert keys.dossiers_to_write([place[:3]], now)[place[:3]].generation == 2
    assert bench.opener.open([event]) == [None]


def test_a_fence_is_forgotten_with_all_its_lane(bench: RecordingBench) -> None:
    """After a fence no secret of that lane stays in memory, and those of other lanes do."""
    keys = bench.keys
    assert bench.opener.open([bench.events()[0][0]])[0] is not None
    elsewhere = _Held(b"secret", keys.now(), 0)
    keys._days.put((1, date(2031, 9, 10)), elsewhere)
    fence_first(bench)
    keys.read_epochs([0])
    assert (len(keys._dossiers), len(keys._generations), len(keys._days)) == (0, 0, 1)
    assert keys._days.get((1, date(2031, 9, 10))) is elsewhere


def test_a_secret_that_was_stored_is_trusted_no_longer_than_its_epoch(bench: RecordingBench) -> None:
    """A secret made here and stored, then fenced elsewhere before its append was heard of, is not written to again."""
    stream, scope = UUID(int=9), b"s" * 16
    epochs = bench.keys.read_epochs([0])
    made = bench.keys.begin_dossiers([(0, stream, scope)], epochs)[0, stream, scope]
    assert made.row is not None
    row = made.row
    asyncio.run(bench.ledger.append([prepare(prepare_event(0, stream), secrets=(row,))]))
    asyncio.run(bench.ledger.append([prepare(prepare_event(0), fences=((0, stream, scope, 1),))]))
    now = bench.identities.fence_epochs([0])
    bench.keys.stored([row])
    assert bench.keys.dossier_held(0, stream, scope, bench.keys.now(), now[0]) is None
    assert bench.keys.dossiers_to_write([(0, stream, scope)], now)[0, stream, scope].generation == 2


def test_a_secret_that_nobody_stored_is_not_used_for_long(bench: RecordingBench) -> None:
    """A secret whose append never came is made anew after a while: the key of its week may be destroyed one day."""
    place = (0, UUID(int=9), b"s" * 16)
    epochs = bench.keys.read_epochs([0])
    first = bench.keys.dossiers_to_write([place], epochs)[place]
    assert bench.keys.dossiers_to_write([place], epochs)[place] is first
    bench.clock.advance(seconds=limits.SECRET_CACHE_SECONDS_MAX + 1)
    second = bench.keys.dossiers_to_write([place], epochs)[place]
    assert second.row is not None
    assert second.material != first.material
