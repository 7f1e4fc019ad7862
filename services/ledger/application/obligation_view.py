"""Obligations as their reader may see them, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.ledger.application.lines import Line
from services.ledger.application.person_duties import Obligation, PersonFile
from services.ledger.application.policy import Relation, sees_identity
from services.ledger.application.sources import Sources, identify
from services.ledger.contract.events import Content
from services.ledger.contract.messages import Caller, SubjectIdentifier
from services.ledger.domain.identity import event_id_of
from services.runtime.limits import FACT_CONTENTS_MAX

Json = dict[str, Any]
Contents = Mapping[tuple[int, int], Content | None]


class ObligationViews:
    """Shows obligations to one caller; the contents that name the persons are opened once (blocking)."""

    def __init__(
        self, sources: Sources, caller: Caller, files: Iterable[tuple[PersonFile, Sequence[Obligation]]]
    ) -> None:
        """Read what the obligations of these persons need."""
        self._sources = sources
        self._caller = caller
        self._shown = [(file, obligations) for file, obligations in files if obligations]
        lines = [line for file, obligations in self._shown for line in _telling_lines(file, obligations)]
        self._contents: Contents = sources.open([line.event for line in lines])

    def items(self) -> list[Json]:
        """Every obligation, person after person."""
        return [self._view(file, one) for file, obligations in self._shown for one in obligations]

    def person(self, file: PersonFile, obligation: Obligation) -> SubjectIdentifier | None:
        """The person by the identifier that the cause names, else by any; None when no content opens any more."""
        if obligation.subject is not None:
            return obligation.subject
        named = (identify(self._contents.get(line.place)) for line in _telling_lines(file, (obligation,)))
        return next((person for person in named if person is not None), None)

    def _view(self, file: PersonFile, one: Obligation) -> Json:
        cause = next((line for line in file.lines if line.place == one.cause), None)
        shown: Json = {
            "id": one.id,
            "kind": one.kind,
            "party": one.party,
            "controller": one.controller,
            "controllers": list(one.controllers),
            "subject": self._view_subject(file, one),
            "dataCategories": list(one.data_categories),
            "cause": None if cause is None else str(event_id_of(cause.envelope.operation_id, cause.event.stream_id)),
            "operationId": None if cause is None else cause.envelope.key,
            "covenants": [{"id": covenant, "annex": annex} for covenant, annex in sorted(one.scopes, key=str)],
            "reason": one.reason,
            "since": one.since,
            "due": one.due,
            "state": one.state,
        }
        return shown | (_view_telling(one) if one.kind == "inform" else _view_answer(one))

    def _view_subject(self, file: PersonFile, one: Obligation) -> Json:
        person = self.person(file, one)
        if person is None:
            return {"ref": None, "idType": None, "id": None}
        seen = self._sees_identity(file, one)
        return {
            "ref": self._sources.directory.ref(self._caller.party, person),
            "idType": person.id_type if seen else None,
            "id": person.id if seen else None,
        }

    def _sees_identity(self, file: PersonFile, one: Obligation) -> bool:
        """Who must act has to know about whom; others see the person only where a line of theirs names him anyway.

        Who had him erased has no such line any more, and does not get him back by asking who still owes it.
        """
        if self._caller.party == one.party or one.erasure_id is not None:
            return self._caller.party == one.party
        relations = ((self._sources.relation(self._caller, line, frozenset()), line) for line in file.lines)
        return any(found is not Relation.NONE and sees_identity(found, line.envelope) for found, line in relations)


def _telling_lines(file: PersonFile, obligations: Iterable[Obligation]) -> list[Line]:
    """The lines whose contents may name the person: the causes first, then the newest, within a bound."""
    causes = {one.cause for one in obligations}
    first = [line for line in file.lines if line.place in causes]
    newest = sorted(file.lines, key=lambda line: line.envelope.recorded_at, reverse=True)[:FACT_CONTENTS_MAX]
    return [*first, *(line for line in newest if line.place not in causes)]


def _view_telling(one: Obligation) -> Json:
    return {
        "missingElements": list(one.missing_elements),
        "exemptUntil": one.exempt_until,
        "toldAt": one.told_at,
        "norm": one.norm,
    }


def _view_answer(one: Obligation) -> Json:
    answer = one.answer
    if answer is None:
        return {}
    return {"answer": {"outcome": answer.outcome, "at": answer.at, "norm": answer.norm, "until": answer.until}}
