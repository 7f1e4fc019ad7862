"""Clients that write through every fault: what was not answered is sent again under the same key until it is."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol, Self

import httpx

from tests.bench.workload import governance
from tests.support.chaos_journal import Acts, Heard, Journal, Json

OPERATIONS = "/v1/processing-operations"
PAUSE_SECONDS = 0.02
AGAIN_SECONDS = 0.05
ANSWER_SECONDS_MAX = 60.0
ANSWERS_REMEMBERED = 1_000
STATUSES = {403: Heard.REFUSED, 400: Heard.REJECTED}


class Target(Protocol):
    """What is written to: its address may change when it is started again."""

    @property
    def base_url(self) -> str:
        """Where it answers now."""
        ...


def send(base_url: str, token: str, bodies: Sequence[Json], http: httpx.Client | None = None) -> list[Json]:
    """Post bodies as NDJSON; one receipt or problem per body. Raises HTTPError when there is no whole answer."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    content = "\n".join(json.dumps(body) for body in bodies) + "\n"
    post = httpx.post if http is None else http.post
    answer = post(f"{base_url}{OPERATIONS}", content=content, headers=headers, timeout=ANSWER_SECONDS_MAX)
    answer.raise_for_status()
    return [json.loads(line) for line in answer.text.splitlines()]


def outcomes(bodies: Sequence[Json], answers: Sequence[Json]) -> dict[str, tuple[Heard, Json]]:
    """What was heard about each body; what the ledger could not answer now stays unknown."""
    assert len(answers) == len(bodies)
    heard: dict[str, tuple[Heard, Json]] = {}
    for body, answer in zip(bodies, answers, strict=True):
        if "register" in answer:
            heard[body["id"]] = (Heard.ACKNOWLEDGED, answer)
        elif answer["status"] != 503:
            # A line's number depends on the batch it came with.
            answer.pop("line")
            heard[body["id"]] = (STATUSES.get(answer["status"], Heard.STRANGE), answer)
    return heard


def set_up(base_url: str, registrar: str) -> None:
    """Fill the register, once."""
    headers = {"Authorization": f"Bearer {registrar}"}
    for path, body in governance():
        httpx.post(base_url + path, json=body, headers=headers, timeout=ANSWER_SECONDS_MAX).raise_for_status()


class Clients:
    """A context: inside it threads post, one batch after the other each; leaving it waits until all is answered."""

    def __init__(
        self, target: Target, token: str, journal: Journal, acts: Acts, *, threads: int = 4, operations: int = 20
    ) -> None:
        """Write ``acts`` to ``target``, in batches of ``operations``, and note everything in ``journal``."""
        self._target = target
        self._token = token
        self._journal = journal
        self._acts = acts
        self._operations = operations
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._giving_up = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        # Of the last answers when each was asked and when it came: who waits for one asks about the last seconds.
        self._answered: deque[tuple[float, float]] = deque(maxlen=ANSWERS_REMEMBERED)
        self._moved = threading.Condition()
        self.failures: list[BaseException] = []
        self.statuses: dict[int, int] = {}
        self.retry_after_missing = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stopping.set()
        if kind is not None:
            self._giving_up.set()
        for thread in self._threads:
            thread.join(2 * ANSWER_SECONDS_MAX)
        if kind is None:
            assert not self.failures, self.failures
            assert not any(thread.is_alive() for thread in self._threads), "some requests were never answered"

    def seconds_until_answered(self, since: float, seconds_max: float) -> float:
        """Wait until a batch that was sent after ``since`` (monotonic) is acknowledged; how long that took."""

        def found() -> list[float]:
            return [at for sent, at in self._answered if sent > since]

        with self._moved:
            assert self._moved.wait_for(lambda: self.failures or found(), seconds_max), "nothing is acknowledged"
            assert not self.failures, self.failures
            return min(found()) - since

    def _run(self) -> None:
        try:
            with httpx.Client() as http:
                while not self._stopping.is_set():
                    with self._lock:
                        bodies = self._acts.bodies(self._operations)
                    self._journal.sending(bodies)
                    self._send_until_answered(http, bodies)
                    self._stopping.wait(PAUSE_SECONDS)
        except BaseException as error:  # noqa: BLE001 - told to the test, which fails by it
            with self._moved:
                self.failures.append(error)
                self._moved.notify_all()

    def _send_until_answered(self, http: httpx.Client, bodies: list[Json]) -> None:
        """Post a batch, and what of it stays unknown again, until the ledger is back."""
        while bodies and not self._giving_up.is_set():
            sent = time.monotonic()
            heard = self._try(http, bodies)
            if not heard:
                self._giving_up.wait(AGAIN_SECONDS)
                continue
            self._journal.heard(heard)
            bodies = [body for body in bodies if body["id"] not in heard]
            with self._moved:
                self._answered.append((sent, time.monotonic()))
                self._moved.notify_all()

    def _try(self, http: httpx.Client, bodies: Sequence[Json]) -> dict[str, tuple[Heard, Json]]:
        try:
            return outcomes(bodies, send(self._target.base_url, self._token, bodies, http))
        except httpx.HTTPStatusError as error:
            self._note(error.response)
        except httpx.TransportError:
            pass
        return {}

    def _note(self, answer: httpx.Response) -> None:
        """A whole batch may be put off (503, and when to come back); anything else is a fault of ours or of theirs."""
        with self._lock:
            self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        assert answer.status_code == 503, answer.text
        assert "retry-after" in answer.headers


def retry_all(base_url: str, token: str, journal: Journal, sample: Sequence[str], *, operations: int = 20) -> None:
    """Send again what stayed unknown and a sample of what did not: the first is answered, the second as before."""
    keys = [*journal.keys(None), *sample]
    for start in range(0, len(keys), operations):
        bodies = [journal.bodies[key] for key in keys[start : start + operations]]
        journal.heard(outcomes(bodies, send(base_url, token, bodies)))
    assert journal.keys(None) == []
