"""The whole of notifier: its thread, its folders, and what happens when the world around it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.ledger.contract import topics
from services.ledger.contract.commands import SentMessage
from services.notifier.application.progress import Progress
from services.notifier.domain.errors import FolderUnsafe, NotifierBehind, SettingsUnsafe
from services.notifier.entrypoints.notify import NotifierThread, rest_seconds
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.errors import GrootboekError
from services.runtime.log import MemoryLog
from services.runtime.postgres import DatabaseAway
from tests.support.hook_server import hook_server
from tests.support.notifier import (
    CANARY_NAME,
    NOW,
    FakeFeed,
    FakeLedger,
    RunningNotifier,
    busy,
    duty_at,
    erase_at,
    person_letter,
    running_notifier,
)

KILL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE application_name = 'grootboek-notifier' AND pid <> pg_backend_pid()"""


def owe(ledger: FakeLedger) -> None:
    """Let the police owe an erasure."""
    ledger.owe(erase_at())
    ledger.append(duties=["erase:politie"])


def test_with_nothing_configured_messages_lie_in_folders(database: str, tmp_path: Path) -> None:
    """One folder for each party, private; and everything due is done when catching up returns."""
    with running_notifier(database, tmp_path / "notifier") as notifier:
        notifier.ledger.owe(erase_at(), duty_at())
        notifier.ledger.append(duties=["erase:politie", "inform:college"])
        notifier.catch_up()
        (file,) = notifier.files()
        assert file.parent.name == "politie"
        assert file.stem == str(notifier.ledger.recorded[0].id)
        assert file.read_text(encoding="utf-8") == notifier.ledger.recorded[0].text
        notifier.clock.advance(days=27)
        notifier.catch_up()
        assert [path.parent.name for path in notifier.files()] == ["college", "politie", "politie"]
    assert {path.name for path in (tmp_path / "notifier").iterdir()} == {"settings", "mailboxes", "keys"}
    for path in (tmp_path / "notifier").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_with_the_database_away_nobody_is_told_of_a_fault(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who orders a letter may try again, and who asks whether it is ready hears that it is not."""
    with running_notifier(database, tmp_path / "notifier") as notifier:
        notifier.check_database()

        def away(*_: object) -> None:
            raise psycopg.OperationalError

        monkeypatch.setattr("services.notifier.main.connect", away)
        with pytest.raises(DatabaseAway):
            notifier.write(person_letter())
        with pytest.raises(DatabaseAway):
            notifier.check_database()


def test_catching_up_is_a_fixed_point(database: str, tmp_path: Path) -> None:
    """A second time nothing is left: the same clock gives the same state."""
    with running_notifier(database, tmp_path / "notifier") as notifier:
        owe(notifier.ledger)
        notifier.catch_up()
        events = len(notifier.ledger.events)
        notifier.catch_up()
        notifier.catch_up()
        assert len(notifier.ledger.events) == events == 2


def test_what_is_appended_wakes_it(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word from the clock the message leaves as soon as somebody wakes the thread."""
    monkeypatch.setattr(limits, "NOTIFIER_POLL_SECONDS", 3600)
    recorded = threading.Event()

    class WakingLedger(FakeLedger):
        """Says when something was recorded."""

        def record_message(self, message: SentMessage) -> None:
            """Record and say so."""
            super().record_message(message)
            recorded.set()

    with running_notifier(database, tmp_path / "notifier", ledger=WakingLedger()) as notifier:
        notifier.catch_up()
        owe(notifier.ledger)
        notifier.process.wake()
        assert recorded.wait(30)


def test_routes_and_letters_through_the_whole(database: str, tmp_path: Path) -> None:
    """A webhook from the settings folder gets its message, and a letter becomes a PDF in the folder of its writer."""
    settings = tmp_path / "notifier" / "settings"
    settings.mkdir(parents=True, mode=0o700)
    (tmp_path / "notifier").chmod(0o700)
    with hook_server() as server:
        write(settings / "channels.yaml", "{development: true, webhook: {hosts: [127.0.0.1]}}")
        url = f"http://127.0.0.1:{server.port}/x"
        write(settings / "routes.yaml", f"politie: [{{channel: webhook, address: '{url}', secret: {'s' * 32}}}]")
        with running_notifier(database, tmp_path / "notifier") as notifier:
            owe(notifier.ledger)
            assert notifier.write(person_letter()).state == "waiting"
            notifier.catch_up()
            assert [path for path, _, _ in server.posts] == ["/x"]
            (letter,) = notifier.files()
            assert (letter.parent.name, letter.suffix) == ("college", ".pdf")
            assert letter.read_bytes().startswith(b"%PDF")
            notifier.ledger.append(topics.ERASED, controller="college")
            notifier.catch_up()
            assert notifier.files() == []
            assert CANARY_NAME not in str(notifier.log.written)


def write(path: Path, text: str) -> None:
    """Put a settings file in place."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def test_a_lost_connection_is_taken_up_again(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends it in the middle: the log says so, and the work goes on over a new one."""
    monkeypatch.setattr(limits, "NOTIFIER_RETRY_SECONDS", 0.01)
    with running_notifier(database, tmp_path / "notifier") as notifier:
        notifier.catch_up()
        with psycopg.connect(database, autocommit=True) as other:
            assert other.execute(KILL).fetchone() == (1,)
        owe(notifier.ledger)
        notifier.catch_up()
        assert [message.kind for message in notifier.ledger.recorded] == ["erase-owed"]
        assert len(notifier.logged("notifier.retried")) == 1
        assert notifier.process.failure is None


def test_a_busy_ledger_is_asked_again(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that may be tried again is, until it is over; who waits gets his answer."""
    monkeypatch.setattr(limits, "NOTIFIER_RETRY_SECONDS", 0.01)
    with running_notifier(database, tmp_path / "notifier") as notifier:
        notifier.ledger.failing = busy()
        owe(notifier.ledger)
        waiting = threading.Thread(target=notifier.catch_up)
        waiting.start()
        while not notifier.logged("notifier.retried"):
            waiting.join(0.01)
        notifier.ledger.failing = None
        waiting.join(60)
        assert [message.kind for message in notifier.ledger.recorded] == ["erase-owed"]
        assert notifier.logged("notifier.retried")[0]["code"] == "unavailable"


class GappedFeed(FakeFeed):
    """A feed that finds a gap."""

    def poll(self, limit: int) -> Any:
        """Say so."""
        raise GrootboekError


def test_it_waits_for_projections_that_are_behind(database: str, tmp_path: Path) -> None:
    """Catching up does not end before the ledger's answers have seen what happened."""
    with running_notifier(database, tmp_path / "notifier") as notifier:
        notifier.ledger.seen = 0
        owe(notifier.ledger)
        waiting = threading.Thread(target=notifier.catch_up)
        waiting.start()
        while not notifier.ledger.waited:
            waiting.join(0.01)
        assert waiting.is_alive()
        assert notifier.ledger.asked == []
        notifier.ledger.seen = 1
        waiting.join(60)
        assert [message.kind for message in notifier.ledger.recorded] == ["erase-owed"]


def test_a_disk_that_fails_is_tried_again(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that cannot be destroyed now is destroyed later; the thread lives on and says what is wrong."""
    monkeypatch.setattr(limits, "NOTIFIER_RETRY_SECONDS", 0.01)
    with running_notifier(database, tmp_path / "notifier") as notifier:
        keys = notifier.process._keys
        destroy, failures = keys.destroy, [OSError(), OSError()]

        def fail_twice(letter_id: UUID) -> None:
            if failures:
                raise failures.pop()
            destroy(letter_id)

        monkeypatch.setattr(keys, "destroy", fail_twice)
        notifier.write(person_letter())
        notifier.catch_up()
        notifier.ledger.append(topics.ERASED)
        notifier.catch_up()
        assert keys.all() == set()
        assert {fields["error"] for fields in notifier.logged("notifier.retried")} == {"OSError"}


def test_a_gap_stops_it_loudly(database: str, tmp_path: Path) -> None:
    """Behind a gap nothing may be believed: it stops for good, says why, and whoever waits is told."""
    (tmp_path / "notifier").mkdir(mode=0o700)
    notifier = RunningNotifier(database, tmp_path / "notifier", FakeLedger(), FakeClock(NOW))
    notifier.process._make_feed = lambda cursor: GappedFeed([], cursor)
    with notifier, pytest.raises(NotifierBehind):
        notifier.catch_up()
    assert isinstance(notifier.process.failure, GrootboekError)
    assert notifier.logged("notifier.stopped") == [{"error": "GrootboekError", "code": "internal_error"}]


def test_a_fault_of_our_own_is_not_silent(database: str, tmp_path: Path) -> None:
    """A thread that dies says so, in the log and to whoever waits."""
    (tmp_path / "notifier").mkdir(mode=0o700)
    notifier = RunningNotifier(database, tmp_path / "notifier", FakeLedger(), FakeClock(NOW))
    notifier.ledger.events.append("no event")  # type: ignore[arg-type]
    with notifier, pytest.raises(NotifierBehind):
        notifier.catch_up()
    assert notifier.logged("notifier.stopped") == [{"error": "AttributeError", "code": None}]


def test_of_two_processes_one_leads_and_the_other_takes_over(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one runs the other stands by and sends nothing; when it has ended the other goes on."""
    monkeypatch.setattr(limits, "NOTIFIER_POLL_SECONDS", 0.01)
    ledger, clock = FakeLedger(), FakeClock(NOW)
    with running_notifier(database, tmp_path / "second", ledger=ledger, clock=clock) as second:
        second.catch_up()
        with running_notifier(database, tmp_path / "first", ledger=ledger, clock=clock) as first:
            owe(ledger)
            second.catch_up()
            with pytest.raises(NotifierBehind):
                first.process._thread.catch_up(0.1)
            assert first.files() == []
            second._loop.run(second.process.stop())
            clock.advance(days=14)
            first.catch_up()
            assert [message.kind for message in ledger.recorded] == ["erase-owed", "erase-reminder"]
            assert len(first.files()) == 1


def test_small_pieces_come_to_the_same(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the pieces, everything is done in the end."""
    for name in ("NOTIFIER_BATCH_EVENTS_MAX", "NOTIFIER_PERSONS_PER_PIECE_MAX", "MESSAGES_PER_PIECE_MAX"):
        monkeypatch.setattr(limits, name, 1)
    with running_notifier(database, tmp_path / "notifier") as notifier:
        persons = [erase_at(stream_id=number, obligation=f"erase-{number}") for number in map(uuid_of, range(5))]
        notifier.ledger.owe(*persons)
        for each in persons:
            notifier.ledger.append(stream_id=each.stream_id, duties=["erase:politie"])
        notifier.catch_up()
        assert len(notifier.ledger.recorded) == 5


def uuid_of(number: int) -> Any:
    """A stream id."""
    return UUID(int=number + 100, version=4)


def test_unsafe_settings_stop_the_start(database: str, tmp_path: Path) -> None:
    """Nothing runs with a secret that can be guessed or a folder that others can read."""
    settings = tmp_path / "notifier" / "settings"
    settings.mkdir(parents=True, mode=0o700)
    write(settings / "routes.yaml", "politie: [{channel: webhook, address: 'https://p.example/', secret: kort}]")
    with pytest.raises(SettingsUnsafe):
        RunningNotifier(database, tmp_path / "notifier", FakeLedger(), FakeClock(NOW))
    (settings / "routes.yaml").unlink()
    (tmp_path / "notifier" / "mailboxes").mkdir(mode=0o755)
    (tmp_path / "notifier" / "mailboxes").chmod(0o755)
    with pytest.raises(FolderUnsafe):
        RunningNotifier(database, tmp_path / "notifier", FakeLedger(), FakeClock(NOW))


class Piecework:
    """Work of a given number of pieces."""

    def __init__(self, thread: Callable[[], NotifierThread], pieces: int) -> None:
        self._thread, self._left = thread, pieces
        self.rests: list[float] = []

    def advance(self) -> Progress:
        """One piece; writers go on meanwhile."""
        self._thread().wake()
        self._left -= 1
        return Progress.MORE if self._left > 0 else Progress.DONE


def test_it_rests_while_others_write_and_hurries_when_somebody_waits(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rest that would last an hour is cut short by whoever waits for it to catch up."""
    monkeypatch.setattr(limits, "NOTIFIER_REST_RATIO", 1e12)
    monkeypatch.setattr(limits, "NOTIFIER_REST_SECONDS_MAX", 3600.0)
    thread = NotifierThread(conninfo=database, make_work=lambda _: work, log=MemoryLog())
    work = Piecework(lambda: thread, 50)
    thread.start()
    thread.catch_up(30)
    thread.stop()
    assert thread.failure is None


def test_rests_are_longer_than_the_work_and_bounded() -> None:
    """Nine times as long, a moment at least and two seconds at most."""
    assert rest_seconds(0.1) == pytest.approx(0.9)
    assert rest_seconds(0) == limits.NOTIFIER_REST_SECONDS_MIN
    assert rest_seconds(10) == limits.NOTIFIER_REST_SECONDS_MAX
