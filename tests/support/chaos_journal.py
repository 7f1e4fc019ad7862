"""What a client sent and what it heard, on disk before it goes on: the truth that every durability test is held to."""

from __future__ import annotations

import json
import os
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

import msgspec

from tests.bench.workload import CATEGORIES, CONTROLLER, bsn_of

Json = dict[str, Any]
PERSONS = 500
T = TypeVar("T")


class Heard(StrEnum):
    """How a request ended for whoever sent it; one that never heard anything is unknown."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    REJECTED = "rejected"
    STRANGE = "strange"


class Packed(Mapping[str, T], Generic[T]):
    """Values by key, kept as bytes: to look through hundreds of thousands of trees for garbage stops their process."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        """Begin empty; ``read`` makes a value of what JSON has of it."""
        self._read = read
        self._encoded: dict[str, bytes] = {}

    def update(self, items: Iterable[tuple[str, T]]) -> None:
        """Keep more values."""
        self._encoded.update((key, msgspec.json.encode(value)) for key, value in items)

    def __getitem__(self, key: str) -> T:
        return self._read(msgspec.json.decode(self._encoded[key]))

    def __contains__(self, key: object) -> bool:
        return key in self._encoded

    def __iter__(self) -> Iterator[str]:
        return iter(self._encoded)

    def __len__(self) -> int:
        return len(self._encoded)


Answer = tuple[Heard, Json]


def read_answer(entry: Sequence[Any]) -> Answer:
    """An answer as the journal has it on disk."""
    heard, answer = entry
    return Heard(heard), answer


class Journal:
    """An append-only file of requests and answers, forced to disk line by line; safe between threads."""

    def __init__(self, file: Path) -> None:
        """Write to ``file``, which nobody else writes."""
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        self.file = file
        self.bodies: Packed[Json] = Packed(dict)
        self.answers: Packed[Answer] = Packed(read_answer)

    @classmethod
    def read(cls, file: Path) -> Self:
        """What stands in a file: as much as whoever wrote it had made sure of."""
        journal = cls(file)
        for line in file.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            journal.bodies.update(entry.get("sent", {}).items())
            journal.answers.update((key, (Heard(heard), answer)) for key, heard, answer in entry.get("heard", ()))
        return journal

    def close(self) -> None:
        """Write nothing more."""
        os.close(self._descriptor)

    def sending(self, bodies: Sequence[Json]) -> None:
        """Note requests before they are sent."""
        new = {body["id"]: body for body in bodies if body["id"] not in self.bodies}
        if new:
            self._write({"sent": new})
            with self._lock:
                self.bodies.update(new.items())

    def heard(self, answers: Mapping[str, Answer]) -> None:
        """Note answers; one heard before must be the same, for a receipt is a pure function of what is stored."""
        with self._lock:
            known = {key: self.answers[key] for key in answers if key in self.answers}
        for key, answer in known.items():
            assert answers[key] == answer, f"{key} was answered with {answer}, and now with {answers[key]}"
        new = [(key, heard, answer) for key, (heard, answer) in answers.items() if key not in known]
        if new:
            self._write({"heard": new})
            with self._lock:
                self.answers.update((key, (heard, answer)) for key, heard, answer in new)

    def keys(self, heard: Heard | None) -> list[str]:
        """Keys by how they ended, in order of sending; None: of those that are unknown."""
        with self._lock:
            return [key for key in self.bodies if (self.answers[key][0] if key in self.answers else None) is heard]

    def _write(self, entry: Json) -> None:
        data = (json.dumps(entry) + "\n").encode()
        with self._lock:
            assert os.write(self._descriptor, data) == len(data)
            os.fsync(self._descriptor)


class Acts:
    """A seeded stream of acts on one to five persons: some intents that are refused, some that nobody can store."""

    def __init__(self, seed: int, *, persons: int = PERSONS, subjects_max: int = 5, only_facts: bool = False) -> None:
        """The same seed gives the same acts."""
        self._random = random.Random(seed)
        self._persons = persons
        self._subjects_max = subjects_max
        self._only_facts = only_facts

    def bodies(self, count: int) -> list[Json]:
        """The next acts."""
        return [self._body() for _ in range(count)]

    def _body(self) -> Json:
        pick = self._random
        people = pick.sample(range(self._persons), pick.randint(1, self._subjects_max))
        body = {
            "id": str(UUID(int=pick.getrandbits(128), version=4)),
            "operation": "make-available",
            "occurredAt": f"2026-0{pick.randint(1, 6)}-{pick.randint(1, 28):02d}T10:00:00+02:00",
            "controller": CONTROLLER,
            "recipients": [{"party": "politie"}],
            "dataCategories": pick.sample(CATEGORIES, 2),
            "subjects": [{"idType": "BSN", "id": bsn_of(person)} for person in people],
        }
        dice = 1.0 if self._only_facts else pick.random()
        if dice < 0.05:
            covenant = {"id": "veiligheidshuis-0", "annex": "jeugdgroepen"}
            return body | {"tense": "intent", "dataCategories": ["debts"], "covenant": covenant}
        return body | {"occurredAt": "2099-01-01T10:00:00Z"} if dice < 0.1 else body
