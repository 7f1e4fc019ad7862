"""What an entry of the learning practice must satisfy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.governance import Party
from services.law.learning import Checklist, ChecklistItem, Closing, LearnedIn, NearMiss, OpenItem, Opinion, Question
from services.law.learning_faults import learning_faults, versions_of
from services.law.register import Register
from tests.unit.law.builders import change, register
from tests.unit.law.sentences import is_code, is_sentence

DAY = date(2026, 6, 1)
ASKED = Question(id="q", asked_by="mayor", text="Mag de school het verzuim melden?")
LIST = Checklist(
    id="c",
    name="Sluiten",
    items=(
        ChecklistItem(id="told", text="Is de jongere verteld wat er ligt?"),
        ChecklistItem(id="ends", text="Staat er een einddatum?"),
    ),
)
CLOSED = Closing(id="k", checklist="c", checklist_version=1, by="mayor", done=("told", "ends"), valid_from=DAY)
ADVICE = Opinion(id="o", question="q", by="mayor", position="yes", text="Ja, dat is een plicht.", valid_from=DAY)
MISS = NearMiss(id="n", by="mayor", what="Bijna een naam te veel gedeeld.", noticed="Bij het nalezen.", valid_from=DAY)
PHONE = "Bel 06-12345678."


def known() -> Register:
    """The builders' world with a question that was answered and a checklist."""
    return register(ASKED, answered(), LIST)


def codes(entry: object, world: Register | None = None) -> list[tuple[str, str]]:
    """Pointer and code of each fault; whichever it is, it tells what is wrong and what helps in whole sentences."""
    faults = [*learning_faults(entry, world or known())]
    for fault in faults:
        assert is_code(fault.code)
        assert is_sentence(fault.message)
        assert is_sentence(fault.remedy)
    return [(fault.pointer, fault.code) for fault in faults]


def answered(**changes: Any) -> Question:
    """The question with an answer, and the changes."""
    given = {"version": 2, "state": "answered", "answer": "Ja, dat is een plicht.", "answered_by": "college"}
    changed: Question = change(ASKED, **(given | changes))
    return changed


def test_the_first_version_is_the_question_alone() -> None:
    """An answer to what nobody asked would put a question in another party's mouth."""
    assert codes(answered(id="new", version=1)) == [("/state", "question-not-asked")]


def test_a_lesson_leaves_the_answer_as_it_was() -> None:
    """Either party may close the question, and neither changes by that what the other said."""
    world = register(ASKED, LIST, answered())
    lesson = {"version": 3, "state": "learned", "learned_in": LearnedIn(checklist="c", version=2)}
    for changes, told in (
        ({}, []),
        ({"version": 2}, [("/answer", "answer-changed")]),
        ({"answer": "Nee."}, [("/answer", "answer-changed")]),
        ({"answered_by": "mayor"}, [("/answer", "answer-changed")]),
    ):
        assert codes(answered(**(lesson | changes)), world) == told


@pytest.mark.parametrize("changes", [{"by": "college"}, {"question": "q2"}])
def test_a_party_cannot_replace_the_opinion_of_another(changes: dict[str, str]) -> None:
    """The versions of an opinion are of one party on one question; the newest would hide the others."""
    world = register(ASKED, change(ASKED, id="q2"), ADVICE)
    assert codes(change(ADVICE, version=2, position="no"), world) == []
    assert codes(change(ADVICE, version=2, **changes), world) == [("/id", "opinion-of-another")]


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        (change(ASKED, id="jan@voorbeeld.nl"), "/id"),
        (change(LIST, id="j.jansen@voorbeeld.nl"), "/id"),
        (change(CLOSED, id="06-12345678"), "/id"),
        (change(ADVICE, id="mevrouw Jansen"), "/id"),
        (change(MISS, id="999990019"), "/id"),
        (change(MISS, operation_id="999990019"), "/operationId"),
        (change(LIST, annex="dhr. Jansen"), "/annex"),
        (change(LIST, items=(ChecklistItem(id="bel 06-12345678", text="Gebeld?"),)), "/items/0/id"),
    ],
)
def test_an_id_is_read_by_everybody_too(entry: object, pointer: str) -> None:
    """Ids stand in lists and addresses for ever, so the filter looks at them as at any text."""
    assert codes(entry) == [(pointer, "personal-data")]


def test_an_id_that_a_machine_made_passes() -> None:
    """A UUID holds digits enough for a number now and then, and is nobody's."""
    assert codes(change(MISS, operation_id="0198f0c1-7c1e-7000-8000-012999990019")) == []


@pytest.mark.parametrize(
    "entry", [ASKED, answered(), LIST, CLOSED, ADVICE, MISS, Party(id="x", kind="police", name="Bel 06-12345678")]
)
def test_what_is_in_order_has_no_faults(entry: object) -> None:
    """A sound entry of each kind; an entry of another kind is none of this."""
    assert codes(entry) == []


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        (change(ASKED, id="q2", text=PHONE), [("/text", "personal-data")]),
        (answered(answer=PHONE), [("/answer", "personal-data")]),
        (answered(finding_codes=("no-such",)), [("/findingCodes/0", "unknown-finding-code")]),
        (answered(finding_codes=("ground-missing",), covenant="house", operations=("collect",)), []),
        (answered(covenant="elsewhere"), [("/covenant", "unknown-covenant")]),
        (answered(norms=("avg-5-2", "avg-99")), [("/norms/1", "unknown-norm")]),
        (answered(operations=("peek",)), [("/operations/0", "operation-unknown")]),
        (answered(text="Iets anders?"), [("/text", "question-changed")]),
        (answered(asked_by="college"), [("/text", "question-changed")]),
        (answered(answer=" "), [("/answer", "answer-missing")]),
        (answered(answered_by=None), [("/answer", "answer-missing")]),
        (answered(state="open"), [("/state", "answer-of-open")]),
        (answered(state="open", answer=None), [("/state", "answer-of-open")]),
        (answered(version=3, state="learned"), [("/learnedIn", "lesson-missing")]),
        (answered(learned_in=LearnedIn(checklist="c", version=2)), [("/learnedIn", "lesson-missing")]),
        (answered(version=3, state="learned", learned_in=LearnedIn(checklist="c", version=2)), []),
    ],
)
def test_a_question_is_whole_and_tells_of_nobody(entry: Question, faults: list[tuple[str, str]]) -> None:
    """Publishable, linked to what exists, one question in all its versions, and a state that fits its answer."""
    assert codes(entry) == faults


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"name": PHONE}, [("/name", "personal-data")]),
        ({"consultation": PHONE}, [("/consultation", "personal-data")]),
        ({"items": ()}, [("/items", "items-missing")]),
        ({"items": (ChecklistItem(id="a", text=PHONE),)}, [("/items/0/text", "personal-data")]),
        ({"items": (ChecklistItem(id=" ", text="a"),)}, [("/items/0/id", "item-id-invalid")]),
        (
            {"items": (ChecklistItem(id="a", text="a"), ChecklistItem(id="a", text="b"))},
            [("/items/0/id", "item-id-invalid"), ("/items/1/id", "item-id-invalid")],
        ),
        ({"items": (ChecklistItem(id="a", text="a", learned_from="q"),)}, []),
        (
            {"items": (ChecklistItem(id="a", text="a", learned_from="z"),)},
            [("/items/0/learnedFrom", "unknown-question")],
        ),
        ({"covenant": "elsewhere"}, [("/covenant", "unknown-covenant")]),
    ],
)
def test_a_checklist_has_items_of_its_own(changes: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    """At least one item, each with an id of its own and a text for everybody, from a question that exists."""
    assert codes(change(LIST, version=2, **changes)) == faults


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"done": ("told",)}, [("/done", "item-left-open")]),
        ({"done": ()}, [("/done", "item-left-open"), ("/done", "item-left-open")]),
        ({"done": ("told",), "open": (OpenItem(item="ends", reason="Komt in het plan."),)}, []),
        ({"done": ("told",), "open": (OpenItem(item="ends", reason=" "),)}, [("/open/0/reason", "reason-missing")]),
        ({"open": (OpenItem(item="ends", reason="Komt in het plan."),)}, [("/done", "item-twice")]),
        ({"done": ("told", "ends", "extra")}, [("/done", "item-unknown")]),
        ({"checklist": "z"}, [("/checklist", "unknown-checklist")]),
        ({"checklist_version": 2}, [("/checklistVersion", "unknown-checklist")]),
        ({"reference": "999990019"}, [("/reference", "personal-data")]),
        (
            {"done": ("told",), "open": (OpenItem(item="ends", reason=PHONE),)},
            [("/open/0/reason", "personal-data")],
        ),
    ],
)
def test_a_closing_accounts_for_every_item(changes: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    """Each item of the version that was used is done, or open with a reason: one of both, and nothing else."""
    assert codes(change(CLOSED, **changes)) == faults


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        (change(ADVICE, question="z"), [("/question", "unknown-question")]),
        (change(ADVICE, text=PHONE), [("/text", "personal-data")]),
        (change(ADVICE, capacity="mevrouw Jansen"), [("/capacity", "personal-data")]),
        (change(ADVICE, norms=("avg-99",)), [("/norms/0", "unknown-norm")]),
        (change(MISS, what=PHONE), [("/what", "personal-data")]),
        (change(MISS, noticed=PHONE), [("/noticed", "personal-data")]),
        (change(MISS, lesson=PHONE), [("/lesson", "personal-data")]),
        (change(MISS, finding_codes=("no-such",)), [("/findingCodes/0", "unknown-finding-code")]),
    ],
)
def test_an_opinion_and_a_near_miss_tell_of_nobody(entry: object, faults: list[tuple[str, str]]) -> None:
    """About a question that exists, on norms that exist, and with texts for everybody."""
    assert codes(entry) == faults


def test_a_fault_never_repeats_what_it_found() -> None:
    """The number stands neither in the message nor in the remedy."""
    (fault,) = learning_faults(change(MISS, what=PHONE), known())
    assert "12345678" not in fault.message + fault.remedy


def test_two_sorts_in_one_text_are_two_faults() -> None:
    """Each sort is told once per text, however often it occurs."""
    text = "Bel 06-12345678 of 06-12345679, of mail a@b.nl."
    found = [fault.message.rsplit(" ", 1)[1] for fault in learning_faults(change(MISS, what=text), known())]
    assert found == ["e-mail.", "phone."]


def test_versions_come_in_their_order() -> None:
    """The lowest version first, whatever became known first; another kind or id is left out."""
    second, third = answered(), answered(version=3)
    held = register(third, ASKED, second, change(ASKED, id="other"), LIST)
    assert versions_of(Question, "q", held) == (ASKED, second, third)
