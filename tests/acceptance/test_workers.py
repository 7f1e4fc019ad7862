"""Several worker processes serve one ledger as if they were one: real processes, real sockets, real PostgreSQL."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import ge
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest

from services.ledger.contract.events import Envelope
from tests.bench.workload import CONTROLLER, bsn_of, governance
from tests.support.served import Served, command_of, descendants, served
from tests.support.waiting import wait_until

OPERATIONS = "/v1/processing-operations"
SECONDS_MAX = 30
Json = dict[str, Any]


class Line:
    """One connection that stays open, so that one worker answers all of it."""

    def __init__(self, ledger: Served) -> None:
        """Connect; nothing is asked yet."""
        self.connection = http.client.HTTPConnection("127.0.0.1", ledger.port, timeout=SECONDS_MAX)
        self.connection.connect()

    def ask(
        self, method: str, path: str, token: str = "", body: Json | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of one answer."""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
        content = None if body is None else json.dumps(body).encode()
        self.connection.request(method, path, content, sent if token else {})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def lives(self) -> bool:
        """Whether the worker behind it still answers; a new connection is not made."""
        self.connection.auto_open = 0
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False


class Tokens:
    """Tokens of the two who act here."""

    def __init__(self, ledger: Served) -> None:
        """Make them once: each costs a process."""
        self.governance = ledger.token("registrar", "governance")
        self.writer = ledger.token(CONTROLLER, "processing:write processing:read")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A ledger with two workers and a register."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROOTBOEK_WORKERS", "2")
        with served(tmp_path_factory.mktemp("workers")) as process:
            yield process


@pytest.fixture(scope="module")
def tokens(ledger: Served) -> Tokens:
    """The tokens, after the register was filled."""
    made = Tokens(ledger)
    with connected(ledger, 1) as (line,):
        for path, body in governance():
            assert line.ask("POST", path, made.governance, body)[0] == 201
    return made


@pytest.fixture
def lines(ledger: Served, tokens: Tokens) -> Iterator[list[Line]]:
    """Two connections, made one after the other."""
    del tokens
    with connected(ledger, 2) as made:
        yield made


@contextmanager
def connected(ledger: Served, count: int) -> Iterator[list[Line]]:
    """Connections made one after the other, closed at the end."""
    made = [Line(ledger) for _ in range(count)]
    try:
        yield made
    finally:
        for line in made:
            line.connection.close()


def make_act(person: int, **fields: Any) -> Json:
    """An act on one person under a key of its own."""
    return {
        "id": str(uuid4()),
        "operation": "make-available",
        "occurredAt": "2026-05-03T10:00:00+02:00",
        "controller": CONTROLLER,
        "recipients": [{"party": "politie"}],
        "dataCategories": ["name"],
        "subjects": [{"idType": "BSN", "id": bsn_of(person)}],
        **fields,
    }


def workers_of(ledger: Served) -> list[int]:
    """The process ids of the workers, the eldest first."""
    assert ledger._process is not None
    found = [pid for pid in descendants(ledger._process.pid) if b"services.workers.worker" in command_of(pid)]
    return sorted(found)


def test_every_worker_takes_orders_for_letters(ledger: Served, lines: list[Line]) -> None:
    """Whichever worker is asked, it is one letter, and the worker in which notifier runs prints it."""
    writer = ledger.token(CONTROLLER, "processing:write")
    college = ledger.token("college-middelstad", "notice")
    covenant = {"id": "veiligheidshuis-1", "annex": "jeugdgroepen"}
    act = make_act(11, recipients=[{"party": "jongerenwerk-middelstad"}], covenant=covenant, phase="plan")
    status, receipt = lines[0].ask("POST", OPERATIONS, writer, act)
    assert status == 201, receipt
    owed = json.loads(receipt)["subjects"][0]["obligations"]
    (duty,) = [each["id"] for each in owed if each["party"] == "college-middelstad"]
    order = {
        "channel": "letter",
        "address": ["J. Jansen", "Straat 1"],
        "salutation": "heer Jansen",
        "dutch": {
            **dict.fromkeys(("controller", "purpose", "basis", "retention", "rights", "source", "complaint"), "Zo."),
            "categories": ["uw naam"],
            "recipients": [],
        },
    }
    answers = [line.ask("POST", f"/v1/obligations/{duty}/letters", college, order) for line in lines]
    assert [status for status, _ in answers] == [202, 202], answers
    (letter,) = {json.loads(body)["id"] for _, body in answers}
    printed = ledger.home / "notifier" / "mailboxes" / "college-middelstad" / f"{letter}.pdf"
    wait_until(printed.exists)


def is_gone(pid: int) -> bool:
    """Whether a process has ended (one that nobody has taken note of yet is a zombie: Z)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def kill_noticed(ledger: Served, pid: int) -> None:
    """SIGKILL a worker and wait until its parent has noticed; what is handed over before that dies with it."""
    before = ledger.log.read_text(encoding="utf-8").count('"worker.ended"')
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: ledger.log.read_text(encoding="utf-8").count('"worker.ended"') > before)


def race(lines: list[Line], asks: list[tuple[Any, ...]]) -> list[tuple[int, bytes]]:
    """Ask at the same moment, each over its own line."""
    barrier = threading.Barrier(len(lines))

    def ask(line: Line, arguments: tuple[Any, ...]) -> tuple[int, bytes]:
        barrier.wait()
        return line.ask(*arguments)

    with ThreadPoolExecutor(len(lines)) as pool:
        return list(pool.map(ask, lines, asks))


def envelopes_of(ledger: Served, keys: set[str]) -> list[tuple[Any, Envelope]]:
    """(stream, envelope) of everything stored under these keys."""
    with psycopg.connect(ledger.conninfo) as connection:
        rows = connection.execute("SELECT originator_id, envelope FROM stored_events WHERE lane < 9999").fetchall()
    stored = [(stream, msgspec.json.decode(raw, type=Envelope)) for stream, raw in rows]
    return [(stream, envelope) for stream, envelope in stored if envelope.key in keys]


def test_a_review_made_in_one_worker_frees_what_waits_in_another(tokens: Tokens, lines: list[Line]) -> None:
    """An intent about very many persons waits, whoever is asked, until its review stands in the register (S48)."""
    people = [{"idType": "BSN", "id": bsn_of(number)} for number in range(9_000, 9_051)]
    intent = make_act(0, tense="intent", subjects=people)
    confirm = f"{OPERATIONS}/{intent['id']}/confirm"
    status, receipt = lines[0].ask("POST", OPERATIONS, tokens.writer, intent)
    assert (status, json.loads(receipt)["review"]) == (202, {"state": "pending"})
    for line in lines:
        status, problem = line.ask("POST", confirm, tokens.writer, {})
        assert (status, json.loads(problem)["code"]) == (409, "review_pending")
    review = {"id": f"review-{intent['id']}", "kind": "bulk-review", "by": CONTROLLER, "operationId": intent["id"]}
    assert lines[1].ask("POST", "/v1/decisions", tokens.governance, review)[0] == 201
    status, receipt = lines[0].ask("POST", confirm, tokens.writer, {})
    fact = json.loads(receipt)
    assert (status, fact["tense"], "review" in fact, len(fact["subjects"])) == (201, "fact", False, len(people))
    assert "bulk-unreviewed" not in {finding["code"] for finding in fact["verdict"]["findings"]}


@pytest.mark.parametrize("writer", [0, 1])
def test_what_one_worker_registered_the_next_request_to_another_sees(
    lines: list[Line], tokens: Tokens, writer: int
) -> None:
    """A version that was acknowledged over one connection is in force at once for a judgement over the other."""
    activity = f"activity-{uuid4()}"
    for version in range(1, 21):
        body = {"id": activity, "version": version, "controller": CONTROLLER, "purpose": "aanpak-jeugdgroepen"}
        status, answer = lines[writer].ask("POST", "/v1/processing-activities", tokens.governance, body)
        assert status == 201, answer
        asked = make_act(1, activity=activity)
        status, answer = lines[1 - writer].ask("POST", f"{OPERATIONS}/_assess", tokens.writer, asked)
        assert status == 200, answer
        assert json.loads(answer)["register"]["activity"] == {"id": activity, "version": version}


def test_the_same_key_raced_on_two_workers_is_stored_once(ledger: Served, lines: list[Line], tokens: Tokens) -> None:
    """Both get the same receipt of one operation, also when the person and the dossier are new."""
    acts = [make_act(1_000 + number) for number in range(25)]
    for act in acts:
        first, second = race(lines, [("POST", OPERATIONS, tokens.writer, act)] * 2)
        assert first == second
        assert first[0] == 201, first[1]
    assert len(envelopes_of(ledger, {act["id"] for act in acts})) == len(acts)


def test_a_new_person_raced_on_two_workers_gets_one_dossier(ledger: Served, lines: list[Line], tokens: Tokens) -> None:
    """Two acts on the same unknown person over two workers end in one stream under one reference."""
    pairs = [(make_act(2_000 + number), make_act(2_000 + number)) for number in range(25)]
    for pair in pairs:
        answers = race(lines, [("POST", OPERATIONS, tokens.writer, act) for act in pair])
        assert [status for status, _ in answers] == [201, 201]
        assert len({json.loads(body)["subjects"][0]["ref"] for _, body in answers}) == 1
    found = envelopes_of(ledger, {act["id"] for pair in pairs for act in pair})
    assert len(found) == 2 * len(pairs)
    assert len({stream for stream, _ in found}) == len(pairs)


@pytest.mark.parametrize("writer", [0, 1])
def test_a_read_waits_for_what_another_worker_stored(lines: list[Line], tokens: Tokens, writer: int) -> None:
    """With the position of a receipt the other worker shows the act, whichever of the two projects."""
    for number in range(10):
        person = 3_000 + 100 * writer + number
        act = make_act(person)
        _, stored = lines[writer].ask("POST", OPERATIONS, tokens.writer, act)
        position = json.loads(stored)["subjects"][0]["position"]
        headers = {"Grootboek-Purpose": "operations", "Grootboek-Min-Position": position}
        search = {"subject": {"idType": "BSN", "id": bsn_of(person)}}
        status, found = lines[1 - writer].ask("POST", f"{OPERATIONS}/_search", tokens.writer, search, **headers)
        assert status == 200, found
        assert [item["id"] for item in json.loads(found)["items"]] == [act["id"]]


def test_metrics_are_those_of_all_workers(lines: list[Line]) -> None:
    """Whoever is asked tells the requests of all, at most about a second late."""
    for line in lines:
        assert line.ask("GET", "/v1/finding-codes")[0] == 401
    begun = [requests_counted(line) for line in lines]
    for line in lines:
        for _ in range(5):
            line.ask("GET", "/v1/finding-codes")
    wanted = [max(2, before) + 5 for before in begun]
    wait_until(lambda: all(map(ge, map(requests_counted, lines), wanted)))
    wait_until(lambda: requests_counted(lines[0]) == requests_counted(lines[1]))


def requests_counted(line: Line) -> int:
    """How many refused requests for the finding codes all workers together count."""
    name = 'grootboek_requests_total{method="GET",route="/v1/finding-codes",status="401"} '
    found = [each for each in line.ask("GET", "/metrics")[1].decode().splitlines() if each.startswith(name)]
    return int(found[0].removeprefix(name))


def test_connections_are_spread_and_a_killed_worker_is_replaced(ledger: Served, tokens: Tokens) -> None:
    """Of four connections two die with a worker; the other two go on, and a new worker takes its place."""
    with connected(ledger, 4) as four:
        assert all(line.lives() for line in four)
        former = workers_of(ledger)
        assert len(former) == 2
        kill_noticed(ledger, former[1])
        assert [line.lives() for line in four].count(True) == 2
    with connected(ledger, 1) as (line,):
        assert line.ask("POST", OPERATIONS, tokens.writer, make_act(4_000))[0] == 201
    wait_until(lambda: len(set(workers_of(ledger)) - set(former)) == 1)
    kill_noticed(ledger, former[0])
    # Whoever answers now was started by the parent after the ledger was.
    with connected(ledger, 1) as (line,):
        assert line.ask("POST", OPERATIONS, tokens.writer, make_act(4_001))[0] == 201
    wait_until(lambda: len(workers_of(ledger)) == 2)


def test_a_stop_answers_what_was_asked_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM to the parent ends it with status 0 and every process below it, also while requests come in."""
    monkeypatch.setenv("GROOTBOEK_WORKERS", "2")
    ledger = Served(tmp_path)
    ledger.start()
    assert ledger._process is not None
    below = descendants(ledger._process.pid)
    assert len(below) > 2
    with connected(ledger, 2) as lines:
        assert all(line.lives() for line in lines)
        ledger.stop()
    assert ledger._process.returncode == 0
    wait_until(lambda: all(is_gone(pid) for pid in below))


def test_workers_end_with_a_killed_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL to the parent alone takes the workers and PostgreSQL with it."""
    monkeypatch.setenv("GROOTBOEK_WORKERS", "2")
    ledger = Served(tmp_path)
    ledger.start()
    assert ledger._process is not None
    below = descendants(ledger._process.pid)
    ledger._process.kill()
    ledger._process.wait()
    wait_until(lambda: all(is_gone(pid) for pid in below))


def test_the_parent_tells_why_a_worker_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault that others can read keeps every worker from starting; the command says so and ends."""
    monkeypatch.setenv("GROOTBOEK_WORKERS", "1")
    ledger = Served(tmp_path)
    ledger.start()
    ledger.stop()
    monkeypatch.setenv("GROOTBOEK_WORKERS", "2")
    (ledger.home / "vault" / "vault").chmod(0o644)
    refused = ledger.command("serve")
    assert refused.returncode == 1
    assert "A worker process did not start" in refused.stderr
    assert "vault" in refused.stderr
    assert "Traceback" not in refused.stderr
