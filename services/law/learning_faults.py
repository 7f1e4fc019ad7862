"""What an entry of the learning practice must satisfy before everybody can read it: every fault at once.

A fault names a place and a reason, never what stands there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from services.law.catalogue import CATALOGUE
from services.law.learning import Checklist, Closing, NearMiss, Opinion, Question
from services.law.operations import CLASS_BY_VERB
from services.law.publishing_faults import Fault, Faults, days_of_law, unpublishable
from services.law.register import Register

_EntryT = TypeVar("_EntryT", Question, Checklist, Opinion)


class _Linked(Protocol):
    """What is linked to findings and a covenant."""

    @property
    def finding_codes(self) -> tuple[str, ...]: ...
    @property
    def covenant(self) -> str | None: ...


_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def learning_faults(entry: object, register: Register) -> Faults:
    """The faults of a question, checklist, closing, opinion or near miss; none for any other kind of entry."""
    if isinstance(entry, Question | Checklist | Closing | Opinion | NearMiss):
        yield from _unpublishable([("/id", _chosen(entry.id))], register)
        yield from _CHECKS[type(entry)](entry, register)


def versions_of(kind: type[_EntryT], entry_id: str, register: Register) -> tuple[_EntryT, ...]:
    """Every version known of an entry, the lowest first; of equals the one known first."""
    known = (k.entry for k in register.history)
    return tuple(sorted((e for e in known if isinstance(e, kind) and e.id == entry_id), key=lambda e: e.version))


def _question(question: Question, register: Register) -> Faults:
    texts = [("/text", question.text), ("/answer", question.answer)]
    yield from _unpublishable(texts, register)
    yield from _links(question, register)
    yield from _unknown_norms(question.norms, register)
    for index, verb in enumerate(question.operations):
        if verb not in CLASS_BY_VERB:
            yield Fault(f"/operations/{index}", "operation-unknown", "This is no verb of the table.", "Name a verb.")
    yield from _state(question)
    known = versions_of(Question, question.id, register)
    yield from _answer_of_another(question, known)
    if known and (known[0].text, known[0].asked_by) != (question.text, question.asked_by):
        message = "The versions of a question differ in their answer, never in who asked what."
        yield Fault("/text", "question-changed", message, "Ask the other question under an id of its own.")


def _answer_of_another(question: Question, known: tuple[Question, ...]) -> Faults:
    """Nobody answers what was not asked, and closing a question as learned from changes nobody's answer."""
    if not known and question.state != "open":
        message = "The first version of a question is the question alone."
        yield Fault("/state", "question-not-asked", message, "Let the party that asks register it as open first.")
    before = next((one for one in reversed(known) if one.version < question.version), None)
    said = None if before is None else (before.answer, before.answered_by)
    if question.state == "learned" and said not in {None, (question.answer, question.answered_by)}:
        message = "Learning from a question leaves its answer as it was given."
        remedy = "Let the party that answers register another answer first."
        yield Fault("/answer", "answer-changed", message, remedy)


def _state(question: Question) -> Faults:
    """Open has no answer; answered has one and says whose; learned says in which checklist."""
    answered = _says(question.answer) and question.answered_by is not None
    if question.state == "open" and (question.answer is not None or question.answered_by is not None):
        yield Fault("/state", "answer-of-open", "An open question has no answer yet.", "Send it as answered.")
    if question.state != "open" and not answered:
        message = "A question that is not open has an answer and the party that gives it."
        yield Fault("/answer", "answer-missing", message, "Fill in answer and answeredBy.")
    if (question.state == "learned") != (question.learned_in is not None):
        message = "A question is learned from when, and only when, it names the version of a checklist."
        yield Fault("/learnedIn", "lesson-missing", message, "Close it as a lesson, which makes that version.")


def _checklist(checklist: Checklist, register: Register) -> Faults:
    texts = [(f"/items/{index}/text", item.text) for index, item in enumerate(checklist.items)]
    ids = [(f"/items/{index}/id", _chosen(item.id)) for index, item in enumerate(checklist.items)]
    named = [("/name", checklist.name), ("/consultation", checklist.consultation), ("/annex", checklist.annex)]
    yield from _unpublishable([*named, *texts, *ids], register)
    yield from _unknown_covenant(checklist.covenant, register)
    uses = Counter(item.id for item in checklist.items)
    if not checklist.items:
        yield Fault("/items", "items-missing", "A checklist has at least one item.", "Name what must be gone through.")
    for index, item in enumerate(checklist.items):
        if uses[item.id] > 1 or not _says(item.id):
            yield Fault(f"/items/{index}/id", "item-id-invalid", "The items have ids of their own.", "Rename it.")
        if item.learned_from is not None and not versions_of(Question, item.learned_from, register):
            yield _unknown(f"/items/{index}/learnedFrom", "question")


def _closing(closing: Closing, register: Register) -> Faults:
    reasons = [(f"/open/{index}/reason", one.reason) for index, one in enumerate(closing.open)]
    yield from _unpublishable([("/reference", closing.reference), *reasons], register)
    known = {list_.version: list_ for list_ in versions_of(Checklist, closing.checklist, register)}
    checklist = known.get(closing.checklist_version)
    if checklist is None:
        yield _unknown("/checklistVersion" if known else "/checklist", "checklist")
        return
    yield from _gone_through(closing, [item.id for item in checklist.items])


def _gone_through(closing: Closing, items: list[str]) -> Faults:
    """Every item of the version is either done or open with a reason, and nothing else is."""
    named = Counter([*closing.done, *(one.item for one in closing.open)])
    for item in items:
        if named[item] != 1:
            code = "item-left-open" if named[item] == 0 else "item-twice"
            message = "An item of this checklist is neither done nor open with a reason, or it is both."
            yield Fault("/done", code, message, f"Say of item {items.index(item) + 1} whether it was done, or why not.")
    if not named.keys() <= set(items):
        yield Fault("/done", "item-unknown", "This version of the checklist has no such item.", "Read it again.")
    for index, one in enumerate(closing.open):
        if not _says(one.reason):
            yield Fault(f"/open/{index}/reason", "reason-missing", "An open item needs a reason.", "Give the reason.")


def _opinion(opinion: Opinion, register: Register) -> Faults:
    yield from _unpublishable([("/text", opinion.text), ("/capacity", opinion.capacity)], register)
    yield from _unknown_norms(opinion.norms, register)
    if not versions_of(Question, opinion.question, register):
        yield _unknown("/question", "question")
    if any((one.by, one.question) != (opinion.by, opinion.question) for one in _opinions(opinion.id, register)):
        message = "Under this id stands the opinion of another party, or on another question."
        yield Fault("/id", "opinion-of-another", message, "Give it an id of its own.")


def _opinions(opinion_id: str, register: Register) -> tuple[Opinion, ...]:
    return versions_of(Opinion, opinion_id, register)


def _near_miss(miss: NearMiss, register: Register) -> Faults:
    texts = [("/what", miss.what), ("/noticed", miss.noticed), ("/lesson", miss.lesson)]
    yield from _unpublishable([*texts, ("/operationId", _chosen(miss.operation_id))], register)
    yield from _links(miss, register)


def _links(linked: _Linked, register: Register) -> Faults:
    for index, code in enumerate(linked.finding_codes):
        if code not in CATALOGUE:
            yield _unknown(f"/findingCodes/{index}", "finding code")
    yield from _unknown_covenant(linked.covenant, register)


def _unknown_covenant(covenant: str | None, register: Register) -> Faults:
    if covenant is not None and not register.knows_covenant(covenant):
        yield _unknown("/covenant", "covenant")


def _unknown_norms(norms: Iterable[str], register: Register) -> Faults:
    for index, norm in enumerate(norms):
        if register.norms and norm not in register.norms:
            yield _unknown(f"/norms/{index}", "norm")


def _unknown(pointer: str, kind: str) -> Fault:
    return Fault(pointer, f"unknown-{kind.replace(' ', '-')}", f"This {kind} is not known here.", "Look up its id.")


def _unpublishable(texts: Iterable[tuple[str, str | None]], register: Register) -> Faults:
    return unpublishable(texts, days_of_law(register))


def _chosen(entry_id: str | None) -> str | None:
    """An id as far as somebody chose it: a UUID says nothing, whatever its digits look like."""
    return None if entry_id is None or _UUID.fullmatch(entry_id) else entry_id


def _says(text: str | None) -> bool:
    return text is not None and bool(text.strip())


_CHECKS: Final[MappingProxyType[type, Callable[[Any, Register], Faults]]] = MappingProxyType(
    {Question: _question, Checklist: _checklist, Closing: _closing, Opinion: _opinion, NearMiss: _near_miss}
)
