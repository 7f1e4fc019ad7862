"""Reads a case file into the law's own types, in the order in which a ledger would learn it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import yaml

from services.law.act import Act, CovenantReference, Exemption, Judged, Notice, NoticeElement, Recipient, Subject
from services.law.context import Context, PastAct, PastExemption, PastNotice, SubjectFacts
from services.law.governance import Covenant, Decision, Entry, Party
from services.law.local_time import AMSTERDAM
from services.law.operations import operation_class
from services.law.register import Known, Register
from services.ledger.storage.norms import packaged_norms

CASE_FILE = Path(__file__).parents[2] / "cases" / "vechtpartijen.yaml"
_LOADER_KEYS = {"n", "at", "recorded", "by", "expect", "to", "for", "notice", "exemption", "breach", "access_request"}
_LOADER_KEYS |= {"subjects", "covenant", "status"}


def local(text: str) -> datetime:
    """A local time of the case file as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


class Step(msgspec.Struct):
    """One act of the case: what is judged, when the ledger hears of it, and what is expected."""

    number: int
    recorded: datetime
    judged: Judged
    persons: tuple[str, ...]
    expect: dict[str, Any]


class Case:
    """A case file, its register, and the judged acts in the order of recording."""

    def __init__(self, path: Path = CASE_FILE) -> None:
        self.content: dict[str, Any] = yaml.safe_load(path.read_text())
        self.steps = sorted(self._steps(), key=lambda step: (step.recorded, step.number))
        first = min(local(act["at"]) for act in self.content["acts"])
        begins = datetime.combine(first.date(), time(), AMSTERDAM).astimezone(UTC)
        known = (Known(entry, p, begins) for p, entry in enumerate(self._entries(), start=1))
        self.register = Register(known, packaged_norms())
        self.facts: dict[str, SubjectFacts] = {
            person: SubjectFacts(municipality=known.get("municipality"))
            for person, known in self.content["subjects"].items()
        }

    def context_of(self, step: Step) -> Context:
        """What the ledger knew just before ``step``."""
        return Context(self.register, tuple(self.facts[person] for person in step.persons), step.recorded)

    def learn(self, step: Step) -> None:
        """Fold the step into the facts of its persons; a refused intent begins nothing."""
        for person in step.persons:
            self.facts[person] = _learned(self.facts[person], step.judged)

    def _entries(self) -> Iterator[Entry]:
        for kind, key in ((Party, "parties"), (Covenant, "covenants"), (Decision, "decisions")):
            yield from msgspec.convert(self.content[key], list[kind])  # type: ignore[valid-type]

    def _steps(self) -> Iterator[Step]:
        for act in self.content["acts"]:
            if "breach" not in act and "access_request" not in act:
                recorded = local(act.get("recorded", act["at"]))
                yield Step(act["n"], recorded, self._judged(act), tuple(act["subjects"]), act.get("expect", {}))

    def _judged(self, act: dict[str, Any]) -> Judged:
        subjects = [self._subject(person, act) for person in act["subjects"]]
        covenant = msgspec.convert(act.get("covenant"), CovenantReference | None)
        if "notice" in act:
            body = {"subjects": subjects, "givenBy": act["by"], "givenAt": local(act["at"]), **act["notice"]}
            body["controller"] = act.get("for", act["by"])
            return msgspec.structs.replace(msgspec.convert(body, Notice), covenant=covenant)
        if "exemption" in act:
            body = {"subject": subjects[0], "controller": act["by"], "decidedAt": local(act["at"]), **act["exemption"]}
            return msgspec.structs.replace(msgspec.convert(body, Exemption), covenant=covenant)
        body = {key: value for key, value in act.items() if key not in _LOADER_KEYS}
        if "source" in body and "capturedAt" in body["source"]:
            body["source"] = {**body["source"], "capturedAt": local(body["source"]["capturedAt"])}
        body |= {"occurredAt": local(act["at"]), "subjects": subjects, "controller": act.get("controller", act["by"])}
        body["confirms"] = str(act["confirms"]) if "confirms" in act else None
        body["processor"] = act["by"] if "controller" in act else None
        body["recipients"] = [Recipient(party=party) for party in act.get("to", ())]
        return msgspec.structs.replace(msgspec.convert(body, Act), covenant=covenant)

    def _subject(self, person: str, act: dict[str, Any]) -> Subject:
        known = self.content["subjects"][person]
        return Subject(
            id_type="BSN",
            id=known["BSN"],
            municipality=known.get("municipality"),
            status=act.get("status", {}).get(person),
        )


def _learned(facts: SubjectFacts, judged: Judged) -> SubjectFacts:
    named = judged.covenant
    place: dict[str, Any] = {"covenant": named.id if named else None, "annex": named.annex if named else None}
    if isinstance(judged, Act):
        return facts if judged.tense == "intent" else msgspec.structs.replace(facts, acts=(*facts.acts, _past(judged)))
    if isinstance(judged, Notice):
        elements = NoticeElement.ALL if judged.elements == "all" else judged.elements
        notice = PastNotice(given_at=judged.given_at, controller=judged.controller, elements=elements, **place)
        return msgspec.structs.replace(facts, notices=(*facts.notices, notice))
    exemption = PastExemption(
        decided_at=judged.decided_at,
        controller=judged.controller,
        norm=judged.norm,
        review_on=judged.review_on,
        **place,
    )
    return msgspec.structs.replace(facts, exemptions=(*facts.exemptions, exemption))


def _past(act: Act) -> PastAct:
    return PastAct(
        operation_class=operation_class(act.operation, act.operation_class),
        occurred_at=act.occurred_at,
        controller=act.controller,
        recipients=tuple(recipient.party for recipient in act.recipients),
        data_regime=act.data_regime,
        source_kind=act.source.kind if act.source else None,
        source_party=act.source.party if act.source else None,
        covenant=act.covenant.id if act.covenant else None,
        annex=act.covenant.annex if act.covenant else None,
        data_categories=act.data_categories,
    )
