"""Plays a history on a real ledger and keeps, in plain words, what was sent and what the ledger answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import msgspec

from services.law.act import Act, Exemption, Notice
from services.law.operations import operation_class
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.errors import IntentRefused, NotFound
from services.ledger.contract.messages import (
    Caller,
    ConfidentialityBody,
    CorrectionBody,
    LinkBody,
    Receipt,
    SubjectIdentifier,
    Submission,
)
from services.ledger.main import LedgerProcess
from services.runtime.errors import GrootboekError
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.model.strategies import (
    AUDITOR,
    PARTIES,
    PERSONS,
    Confirm,
    Correct,
    Link,
    Record,
    SetConfidentiality,
    Step,
    register_entries,
)
from tests.support.postgres import fresh_database

Json = dict[str, Any]
Answer = Receipt | GrootboekError | Json
Call = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Later:
    """A correction or a change of confidentiality about one entry."""

    key: str
    kind: str
    author: str
    recorded_at: datetime
    position: str
    review_on: date | None = None


@dataclass
class Entry:
    """What was recorded about one person (or nobody) by one operation, in the words of who sent it."""

    key: str
    kind: str
    author: str
    person: int | None
    recorded_at: datetime
    occurred_at: datetime
    position: str | None
    body: Act | Notice | Exemption | None = None
    holding_ends: date | None = None
    on_stream: bool = True
    other: int | None = None
    later: list[Later] = field(default_factory=list)

    @property
    def act(self) -> Act | None:
        """The act, when it is one."""
        return self.body if isinstance(self.body, Act) else None

    @property
    def verb_class(self) -> str | None:
        """The class of the act's verb."""
        return None if self.act is None else operation_class(self.act.operation, self.act.operation_class)

    def voided_at(self, known: datetime) -> bool:
        """Whether it was known by then to have never happened, or to be about somebody else."""
        return any(later.kind in ("annulled", "wrong-person") and later.recorded_at <= known for later in self.later)


@dataclass
class Sent:
    """One call that created something, to be sent again."""

    again: Call
    other_body: Call | None
    answer: Answer


def scopes(*names: str) -> frozenset[str]:
    """Scopes of a token."""
    return frozenset(names)


def writer(party: str) -> Caller:
    """A token that may write."""
    return Caller(party=party, scopes=scopes("processing:write", "notice", "governance"))


def reader(party: str, purpose: str, *names: str, subject: SubjectIdentifier | None = None) -> Caller:
    """A token that may read, for a purpose."""
    return Caller(party=party, scopes=scopes(*names), purpose=cast("Any", purpose), subject=subject)


def submission(body: Act | Notice | Exemption, key: str) -> Submission:
    """A body as the door hands it on."""
    return Submission(body=body, key=key, canonical=msgspec.json.encode(body, order="sorted"))


class Played:
    """A running ledger with the journal of everything that was played on it."""

    def __init__(self, runner: asyncio.Runner, process: LedgerProcess, conninfo: str, vault: Path) -> None:
        self.runner, self.process, self.conninfo, self.vault = runner, process, conninfo, vault
        self.client: LedgerClient = process.client
        self.entries: list[Entry] = []
        self.operations: list[str] = []
        self.intents: list[tuple[str, str]] = []
        self.sent: list[Sent] = []
        self.refs: dict[tuple[str, int], str] = {}
        self.people: dict[str, dict[str, int]] = {}
        self.links: list[tuple[Link, datetime]] = []
        self.known: set[int] = set()
        self.before: Callable[[Caller, Act], None] = lambda _caller, _act: None
        self.after: Callable[[Caller, Act, Any], None] = lambda _caller, _act, _answer: None

    def run(self, work: Awaitable[Any]) -> Any:
        """Run to the end."""

        async def wait() -> Any:
            return await work

        return self.runner.run(wait())

    def gather(self, calls: list[Awaitable[Any]]) -> list[Any]:
        """Run side by side; errors of the ledger are answers."""

        async def wait() -> list[Any]:
            return await asyncio.gather(*calls, return_exceptions=True)

        answers = self.runner.run(wait())
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, GrootboekError):
                raise answer
        return answers

    @property
    def now(self) -> datetime:
        """Where the ledger's clock stands."""
        return self.process.clock.now()

    def settle(self) -> None:
        """Wait until the projections have seen everything."""
        while self.run(self.client.ready())["projectionLag"]:
            pass

    def begin(self) -> None:
        """Register the governance, and learn by which pseudonym every party knows every person."""
        for entry in register_entries():
            self.run(self.client.register(writer("board"), entry))
        parties = (*PARTIES, AUDITOR)
        for party in parties:
            subjects = [{"idType": person.id_type, "id": person.id} for person in PERSONS]
            body = {"operation": "consult", "occurredAt": self.now.isoformat(), "controller": party}
            act = msgspec.convert(body | {"subjects": subjects}, Act)
            found = self.run(self.client.assess(writer(party), act))
            for number, subject in enumerate(found.subjects):
                self.refs[party, number] = subject.ref
            self.people[party] = {subject.ref: number for number, subject in enumerate(found.subjects)}

    def play(self, steps: list[Step]) -> None:
        """Every step at its instant."""
        for step in steps:
            self.run(self.client.set_clock(step.now))
            what = step.what
            if isinstance(what, Record):
                self._record(step, what)
            elif isinstance(what, Confirm):
                self._confirm(step, what)
            elif isinstance(what, Correct):
                self._correct(step, what)
            elif isinstance(what, SetConfidentiality):
                self._set_confidentiality(step, what)
            else:
                self._link(step, what)
        self.settle()

    def _record(self, step: Step, what: Record) -> None:
        caller = writer(what.author)
        if isinstance(what.body, Act):
            self.before(caller, what.body)
        changed = _other(what.body)
        call, other = (self._recording(caller, step.key, body) for body in (what.body, changed))
        (answer,) = self.run(call())
        if isinstance(what.body, Act):
            self.after(caller, what.body, answer)
        self.sent.append(Sent(call, other, answer))
        if not isinstance(answer, Receipt | IntentRefused):
            raise answer
        self._keep(step, what.author, what.body, answer)

    def _recording(self, caller: Caller, key: str, body: Act | Notice | Exemption) -> Call:
        return lambda: self.client.record(caller, [submission(body, key)])

    def _keep(self, step: Step, author: str, body: Act | Notice | Exemption, answer: Any) -> None:
        """An entry for every person of an operation, or one for nobody."""
        refused = isinstance(answer, IntentRefused)
        kind, moment = "notice", self.now
        subjects = (body.subject,) if isinstance(body, Exemption) else body.subjects
        if isinstance(body, Act):
            kind = "refused" if refused else {"fact": "recorded", "intent": "intended"}[body.tense]
            moment = body.occurred_at
        elif isinstance(body, Exemption):
            kind, moment = "exemption", body.decided_at
        else:
            moment = body.given_at
        if kind == "intended":
            self.intents.append((step.key, author))
        if kind in ("refused", "intended"):
            moment = cast("Act", body).occurred_at
        self.operations.append(step.key)
        people = [person_of(subject.id_type, subject.id) for subject in subjects]
        if not refused:
            self.known.update(people)
        for index, person in enumerate(people or [None]):
            part = None if refused else answer.subjects[index]
            self.entries.append(
                Entry(
                    key=step.key,
                    kind=kind,
                    author=author,
                    person=person,
                    recorded_at=self.now,
                    occurred_at=moment,
                    position=None if part is None else part.position,
                    body=body,
                    holding_ends=None if part is None else part.holding_ends,
                    on_stream=not refused or person is None or person in self.known,
                )
            )

    def _confirm(self, step: Step, what: Confirm) -> None:
        if not self.intents:
            return
        key, author = self.intents[what.about % len(self.intents)]
        caller = writer(author)

        def call() -> Awaitable[Any]:
            return self.client.confirm(caller, key, None, step.key)

        intended = next(entry.act for entry in self.entries if entry.key == key)
        assert intended is not None
        receipt = self.run(call())
        self.sent.append(Sent(call, None, receipt))
        assert isinstance(receipt, Receipt)
        fact = msgspec.structs.replace(intended, tense="fact", occurred_at=self.now, intent_id=key)
        self._keep(step, author, fact, receipt)

    def _about(self, about: int) -> list[Entry]:
        """The entries of an earlier operation that later events can be about."""
        if not self.operations:
            return []
        key = self.operations[about % len(self.operations)]
        return [entry for entry in self.entries if entry.key == key]

    def _correct(self, step: Step, what: Correct) -> None:
        entries = self._about(what.about)
        first = entries[0] if entries else None
        if first is None or first.kind == "refused" or first.body is None:
            return
        author = first.author if what.by_author else first.body.controller
        caller = writer(author)
        chosen = [entry for entry in entries if entry.person is not None][:1] if what.first_only else entries
        refs = [self.refs[author, entry.person] for entry in chosen if entry.person is not None]
        named = refs if what.first_only else []
        exchanged = chosen[0].person if len(chosen) == 1 and first.act is not None else None
        other = what.other if what.kind == "wrong-person" and exchanged not in (None, what.other) else None
        changes: dict[str, Any] = {"description": f"canary-own-{number_of(first.key)}-changed"}
        if what.kind == "correction":
            changes["dataCategories"] = ["name"]
        else:
            changes = {} if other is None else {"subjects": [msgspec.to_builtins(PERSONS[other])]}
        body = CorrectionBody(
            reason=f"canary-own-{number_of(first.key)}-reason",
            kind=cast("Any", what.kind),
            changes={name: msgspec.Raw(msgspec.json.encode(value)) for name, value in changes.items()},
            subjects=tuple(named),
        )

        def call(sent: CorrectionBody) -> Awaitable[Any]:
            return self.client.correct(caller, first.key, step.key, sent)

        answer = self.run(call(body))
        changed = msgspec.structs.replace(body, reason="other")
        self.sent.append(Sent(lambda: call(body), lambda: call(changed), answer))
        self._keep_later(step, chosen or entries, answer, Later(step.key, what.kind, author, self.now, ""))
        if other is not None:
            self._keep_exchanged(step, author, chosen[0], other)

    def _keep_exchanged(self, step: Step, author: str, original: Entry, other: int) -> None:
        """The right person got the act."""
        self.known.add(other)
        moved = replace(original, key=step.key, author=author, person=other, recorded_at=self.now)
        moved.position, moved.later, moved.on_stream = None, [], True
        self.entries.append(moved)

    def _keep_later(self, step: Step, chosen: list[Entry], answer: Json, later: Later) -> None:
        """What was said about each of the entries."""
        items = answer["items"]
        assert len(items) == len(chosen)
        for entry, item in zip(chosen, items, strict=True):
            entry.later.append(replace(later, position=item["position"]))

    def _set_confidentiality(self, step: Step, what: SetConfidentiality) -> None:
        entries = self._about(what.about)
        if not entries or entries[0].body is None:
            return
        caller = writer(entries[0].body.controller)
        body = ConfidentialityBody(level=cast("Any", what.level), review_on=what.review_on)
        key = entries[0].key

        def call() -> Awaitable[Any]:
            return self.client.set_confidentiality(caller, key, step.key, body)

        if entries[0].kind == "refused":
            return
        answer = self.run(call())
        self.sent.append(Sent(call, None, answer))
        later = Later(step.key, f"confidentiality:{what.level}", caller.party, self.now, "", what.review_on)
        self._keep_later(step, entries, answer, later)

    def _link(self, step: Step, what: Link) -> None:
        caller = writer(what.author)
        call = self.client.link_subjects if what.linked else self.client.unlink_subjects
        body = LinkBody(
            first=PERSONS[what.first],
            second=PERSONS[what.second],
            reason=f"canary-own-{number_of(step.key)}-reason",
        )
        changed = msgspec.structs.replace(body, reason="other")
        answer = self.run(call(caller, step.key, body))
        again = lambda: call(caller, step.key, body)  # noqa: E731
        self.sent.append(Sent(again, lambda: call(caller, step.key, changed), answer))
        self.known |= {what.first, what.second}
        self.links.append((what, self.now))
        kind = "linked" if what.linked else "unlinked"
        for person, other, item in zip(
            (what.first, what.second), (what.second, what.first), answer["items"], strict=True
        ):
            self.entries.append(
                Entry(step.key, kind, what.author, person, self.now, self.now, item["position"], other=other)
            )


def person_of(id_type: str, identifier: str) -> int:
    """The number of a person."""
    return PERSONS.index(SubjectIdentifier(id_type=id_type, id=identifier))


def number_of(key: str) -> int:
    """The number of a step."""
    return int(key.split("-")[1])


def _other(body: Act | Notice | Exemption) -> Act | Notice | Exemption:
    """The same body with another word in it."""
    if isinstance(body, Act):
        return msgspec.structs.replace(body, description="something else")
    if isinstance(body, Notice):
        return msgspec.structs.replace(body, requested_by_subject=not body.requested_by_subject)
    return msgspec.structs.replace(body, interest="something else")


def caught(played: Played, work: Awaitable[Any]) -> Any:
    """The answer, or the error that is the answer."""
    try:
        return played.run(work)
    except GrootboekError as error:
        return error


def as_error(error: Any) -> tuple[str, str]:
    """What a caller sees of an error."""
    assert isinstance(error, NotFound), error
    return type(error).__name__, str(error)


@contextmanager
def ledger(server: str, lanes: int, start: datetime) -> Iterator[Played]:
    """A ledger of its own, with the world's governance, its clock at ``start``."""
    with (
        fresh_database(server) as conninfo,
        TemporaryDirectory(prefix="model ") as folder,
        asyncio.Runner() as runner,
    ):
        vault = Path(folder) / "vault"
        process = LedgerProcess(
            conninfo=conninfo, vault_file=vault, clock_kind="scenario", lanes=lanes, metrics=Metrics(), log=MemoryLog()
        )
        runner.run(process.start())
        try:
            played = Played(runner, process, conninfo, vault)
            played.run(played.client.set_clock(start))
            played.begin()
            yield played
        finally:
            runner.run(process.stop())
