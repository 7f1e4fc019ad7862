"""Plays a history on a real ledger and keeps, in plain words, what was sent and what the ledger answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import msgspec

from services.law.act import Act, Confidentiality, Exemption, Notice, Recipient
from services.law.operations import operation_class
from services.ledger.application.confirm import IntentCorrectedApart
from services.ledger.contract.client import LedgerClient
from services.ledger.contract.errors import IntentConfirmed, IntentRefused, NotFound
from services.ledger.contract.forgetting import RetentionBody
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
    SetRetention,
    Step,
    register_entries,
)
from tests.support.postgres import fresh_database

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
VOIDING: Final = frozenset({"annulled", "wrong-person", "replaced"})
"""The kinds of correction from which on an act counts no more."""
HOLDING: Final = frozenset({"collect", "use", "alter", "share"})
"""The classes of acts that give somebody something to hold."""

Json = dict[str, Any]
Answer = Receipt | GrootboekError | Json
Call = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Later:
    """A correction, a change of confidentiality or another end of the holding, about one entry."""

    key: str
    kind: str
    author: str
    recorded_at: datetime
    position: str
    review_on: date | None = None
    ends: date | None = None


@dataclass
class Entry:
    """What was recorded about one person (or nobody) by one operation, in the words of who sent it.

    ``after``: what came in its place when it was corrected; ``onward``: what was said of that, and is about this too.
    ``noted``: fields that were corrected while it stood. ``set_before``: the end that was set for what it came after.
    """

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
    onward: list[Later] = field(default_factory=list)
    after: Entry | None = field(default=None, repr=False, compare=False)
    noted: dict[str, Any] = field(default_factory=dict)
    set_before: date | None = None

    @property
    def act(self) -> Act | None:
        """The act, when it is one."""
        return self.body if isinstance(self.body, Act) else None

    @property
    def verb_class(self) -> str | None:
        """The class of the act's verb."""
        return None if self.act is None else operation_class(self.act.operation, self.act.operation_class)

    def ends_at(self, known: datetime) -> date | None:
        """The last day of what it gave, as it was known: as it was set last, else as the act gave it."""
        set_by_then = [one.ends for one in self.later if one.kind == "retention" and one.recorded_at <= known]
        return set_by_then[-1] if set_by_then else self.set_before or self.holding_ends

    def voided_at(self, known: datetime) -> bool:
        """Whether it was known by then to have never happened, to be about somebody else, or to stand corrected."""
        return any(later.kind in VOIDING and later.recorded_at <= known for later in self.later)

    @property
    def standing(self) -> Entry:
        """What stands of it now."""
        entry = self
        while entry.after is not None:
            entry = entry.after
        return entry

    def confided(self) -> Later | None:
        """The last word on its confidentiality."""
        said = [later for later in (*self.later, *self.onward) if later.kind.startswith("confidentiality")]
        return said[-1] if said else None


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
        self.confirmed: set[str] = set()
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
            elif isinstance(what, SetRetention):
                self._set_retention(step, what)
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

        entries = [entry for entry in self.entries if entry.key == key]
        if any(entry.noted != entries[0].noted for entry in entries):
            # Corrected for some of its persons only: the confirmation must say how it went.
            assert isinstance(caught(self, call()), IntentCorrectedApart)
            return
        if key in self.confirmed:
            assert isinstance(caught(self, call()), IntentConfirmed)
            return
        self.confirmed.add(key)
        meant = [stated_now(entry) for entry in entries]
        intended = next((act for act in meant if is_closed(act)), meant[0])
        receipt = self.run(call())
        self.sent.append(Sent(call, None, receipt))
        assert isinstance(receipt, Receipt)
        fact = msgspec.structs.replace(intended, tense="fact", occurred_at=self.now, intent_id=key)
        self._keep(step, author, fact, receipt)

    def _about(self, about: int) -> tuple[str, list[Entry]]:
        """An earlier operation, and what stands of its entries: what later events are about."""
        if not self.operations:
            return "", []
        key = self.operations[about % len(self.operations)]
        return key, [entry.standing for entry in self.entries if entry.key == key]

    def _correct(self, step: Step, what: Correct) -> None:
        key, entries = self._about(what.about)
        first = entries[0] if entries else None
        if first is None or first.kind == "refused" or first.body is None:
            return
        if what.kind == "correction" and first.act is None:
            return
        author = first.author if what.by_author else first.body.controller
        caller = writer(author)
        chosen = [entry for entry in entries if entry.person is not None][:1] if what.first_only else entries
        chosen = chosen or entries
        named = [self.refs[author, entry.person] for entry in chosen if entry.person is not None]
        exchanged = chosen[0].person if len(chosen) == 1 and first.act is not None else None
        other = what.other if what.kind == "wrong-person" and exchanged not in (None, what.other) else None
        changes = self._changes(key, what, first, other)
        body = CorrectionBody(
            reason=f"canary-own-{number_of(key)}-reason",
            kind=cast("Any", what.kind),
            changes={name: msgspec.Raw(msgspec.json.encode(value)) for name, value in changes.items()},
            subjects=tuple(named if what.first_only else ()),
        )

        def call(sent: CorrectionBody) -> Awaitable[Any]:
            return self.client.correct(caller, key, step.key, sent)

        answer = self.run(call(body))
        changed = msgspec.structs.replace(body, reason="other")
        self.sent.append(Sent(lambda: call(body), lambda: call(changed), answer))
        replaced = [what.kind == "correction" and self._is_replaced(entry) for entry in chosen]
        kinds = ["replaced" if one else what.kind for one in replaced]
        self._keep_later(step, chosen, answer, Later(step.key, "", author, self.now, ""), kinds)
        if what.kind == "correction":
            self._keep_corrected(step, author, chosen, replaced, changes)
        if other is not None:
            self._keep_exchanged(step, author, chosen[0], other)

    def _changes(self, key: str, what: Correct, first: Entry, other: int | None) -> dict[str, Any]:
        """The fields that change, as the body spells them."""
        if what.kind != "correction":
            return {} if other is None else {"subjects": [msgspec.to_builtins(PERSONS[other])]}
        changes: dict[str, Any] = {"description": f"canary-own-{number_of(key)}-changed", "dataCategories": ["name"]}
        if what.hours_earlier and first.act is not None:
            changes["occurredAt"] = (first.act.occurred_at - timedelta(hours=what.hours_earlier)).isoformat()
        to = [party for party in what.to if first.act is not None and party != first.act.controller]
        if to and first.verb_class == "share":
            changes["recipients"] = [{"party": party} for party in to]
        return changes

    def _is_replaced(self, entry: Entry) -> bool:
        """Whether the act as corrected comes in its place: of a fact that still counts."""
        return entry.kind == "recorded" and not entry.voided_at(self.now)

    def _keep_corrected(
        self, step: Step, author: str, chosen: list[Entry], replaced: list[bool], changes: dict[str, Any]
    ) -> None:
        """The act as corrected came in the place of each that was replaced; of the others it is noted."""
        fields: dict[str, Any] = {"description": changes["description"], "data_categories": ("name",)}
        if "occurredAt" in changes:
            fields["occurred_at"] = datetime.fromisoformat(changes["occurredAt"])
        if "recipients" in changes:
            fields["recipients"] = tuple(Recipient(party=one["party"]) for one in changes["recipients"])
        ends = self._read_ends(step.key, chosen[0]) if any(replaced) else {}
        for entry, is_replaced in zip(chosen, replaced, strict=True):
            entry.noted |= fields
            if is_replaced:
                entry.after = self._redrafted(step, author, entry)
                entry.after.holding_ends = ends.get(entry.person, entry.holding_ends)
                self.entries.append(entry.after)
        if any(replaced):
            self.operations.append(step.key)

    def _read_ends(self, key: str, corrected: Entry) -> dict[int | None, date | None]:
        """The last day that the ledger gives what stands corrected under this key, by person."""
        assert corrected.act is not None
        party = corrected.act.controller
        shown = self.run(self.client.read_operation(reader(party, "operations", "processing:read"), key))
        return {
            self.people[party][subject["ref"]]: subject["holdingEnds"] and date.fromisoformat(subject["holdingEnds"])
            for subject in shown["subjects"]
        }

    def _keep_exchanged(self, step: Step, author: str, original: Entry, other: int) -> None:
        """The right person got the act, with all that was decided about it."""
        self.known.add(other)
        moved = self._redrafted(step, author, original)
        moved.person = other
        self.entries.append(moved)
        self.operations.append(step.key)

    def _redrafted(self, step: Step, author: str, original: Entry) -> Entry:
        """The act as it stands: with what was noted, its last confidentiality, and the last end that was set."""
        body = stated_now(original)
        set_later = [later.ends for later in original.later if later.kind == "retention"]
        return replace(
            original,
            key=step.key,
            author=author,
            recorded_at=self.now,
            position=None,
            body=body,
            occurred_at=body.occurred_at,
            on_stream=True,
            later=[],
            onward=[],
            after=None,
            noted={},
            set_before=set_later[-1] if set_later else original.set_before,
        )

    def _keep_later(
        self, step: Step, chosen: list[Entry], answer: Json, later: Later, kinds: Sequence[str] = ()
    ) -> None:
        """What was said about each of the entries, of one kind or each of its own."""
        items = answer["items"]
        assert len(items) == len(chosen)
        for entry, item, kind in zip(chosen, items, kinds or [later.kind] * len(items), strict=True):
            said = replace(later, position=item["position"], kind=kind)
            entry.later.append(said)
            if kind != "retention":
                for one in self.entries:
                    if one is not entry and one.standing is entry:
                        one.onward.append(said)

    def _set_confidentiality(self, step: Step, what: SetConfidentiality) -> None:
        key, entries = self._about(what.about)
        if not entries or entries[0].body is None:
            return
        caller = writer(entries[0].body.controller)
        body = ConfidentialityBody(level=cast("Any", what.level), review_on=what.review_on)

        def call() -> Awaitable[Any]:
            return self.client.set_confidentiality(caller, key, step.key, body)

        if entries[0].kind == "refused":
            return
        answer = self.run(call())
        self.sent.append(Sent(call, None, answer))
        later = Later(step.key, f"confidentiality:{what.level}", caller.party, self.now, "", what.review_on)
        self._keep_later(step, entries, answer, later)

    def _set_retention(self, step: Step, what: SetRetention) -> None:
        """Another end for what the facts of an operation gave, as long as none of it has ended."""
        key, found = self._about(what.about)
        entries = [entry for entry in found if entry.person is not None]
        chosen = entries[:1] if what.first_only else entries
        today = self.now.astimezone(AMSTERDAM).date()
        if not chosen or not all(entry.kind == "recorded" and entry.verb_class in HOLDING for entry in chosen):
            return
        if any((entry.ends_at(self.now) or today) < today for entry in chosen):
            return
        author = entries[0].author
        body = RetentionBody(
            reason=f"canary-own-{number_of(key)}-reason",
            holding_ends=today + timedelta(days=what.days),
            norm="Archiefwet 3",
            subjects=tuple(self.refs[author, cast("int", entry.person)] for entry in chosen if what.first_only),
        )
        caller = writer(author)

        def call(sent: RetentionBody) -> Awaitable[Any]:
            return self.client.set_retention(caller, key, step.key, sent)

        answer = self.run(call(body))
        changed = msgspec.structs.replace(body, reason="other")
        self.sent.append(Sent(lambda: call(body), lambda: call(changed), answer))
        later = Later(step.key, "retention", author, self.now, "", ends=body.holding_ends)
        self._keep_later(step, chosen, answer, later)

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


def stated_now(entry: Entry) -> Act:
    """The act with what was noted of it, and the last word on its confidentiality."""
    act, confided = entry.act, entry.confided()
    assert act is not None
    act = msgspec.structs.replace(act, **entry.noted)
    if confided is None:
        return act
    level = cast("Any", confided.kind.split(":")[1])
    stated = Confidentiality(level=level, review_on=confided.review_on)
    return msgspec.structs.replace(act, confidentiality=stated)


def is_closed(act: Act) -> bool:
    """Whether it is kept from the person."""
    return act.confidentiality is not None and act.confidentiality.level == "confidential"


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
