"""The question desk, lessons, closings and the report of near misses, over a register in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from eventsourcing.popo import POPOApplicationRecorder

from services.law.governance import Covenant, Decision, Entry, Party
from services.law.learning import Checklist, ChecklistItem, Closing, NearMiss, OpenItem, Opinion, Question
from services.ledger.application.cursors import CursorInvalid
from services.ledger.application.lessons import Lessons, QuestionStillOpen
from services.ledger.application.list_norms import ListNorms
from services.ledger.application.near_miss_report import ReportNearMisses
from services.ledger.application.question_desk import QuestionDesk
from services.ledger.application.register_entry import RegisterApplication, RegisterEntry
from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy, NotAllowed, NotFound
from services.ledger.contract.learning import LessonBody, LessonItem, QuestionSearch
from services.ledger.contract.messages import Caller
from services.ledger.storage.norms import packaged_norms
from services.ledger.storage.register import LaneRegister
from services.runtime.clock import FakeClock
from services.runtime.errors import Rejected
from tests.unit.law.builders import change

DAY = date(2026, 9, 7)
MAYOR = Caller(party="burgemeester", scopes=frozenset({"governance", "processing:write"}))
SCHOOL = Caller(party="school", scopes=frozenset({"processing:write"}))
ASKED = Question(
    id="verzuim",
    asked_by="burgemeester",
    asked_from="citizen",
    text="Mag de school het verzuim melden?",
)
ANSWERED = change(
    ASKED,
    version=2,
    state="answered",
    answer="Ja, de school moet dat (Leerplichtwet 21).",
    answered_by="burgemeester",
    norms=("lpw-21",),
    finding_codes=("ground-missing", "statute-not-of-controller"),
    covenant="huis",
    operations=("disclose-by-transmission",),
)
LIST = Checklist(id="sluiten", name="Sluiten van een casus", items=(ChecklistItem(id="verteld", text="Verteld?"),))
LESSON = LessonBody(checklist="sluiten", item=LessonItem(id="verzuim", text="Is het verzuim gemeld?"))


class Practice:
    """A register with parties and a covenant, and the verbs of the learning practice."""

    def __init__(self) -> None:
        self.clock = FakeClock(datetime(2026, 9, 7, 12, tzinfo=UTC))
        application = RegisterApplication(recorder=POPOApplicationRecorder())
        self.source = LaneRegister(recorder=application.recorder, mapper=application.mapper, norms=packaged_norms())
        self.entry = RegisterEntry(application=application, source=self.source, clock=self.clock)
        self.desk = QuestionDesk(source=self.source, clock=self.clock)
        self.lessons = Lessons(source=self.source, register=self.entry, clock=self.clock)
        self.report = ReportNearMisses(source=self.source, clock=self.clock)
        self.register(
            Party(id="burgemeester", kind="public-body"),
            Party(id="school", kind="private-controller"),
            Covenant(id="huis", version=1, valid_from=date(2026, 1, 1)),
        )

    def register(self, *entries: Entry, caller: Caller = MAYOR) -> None:
        """Make these known, one after another."""
        for entry in entries:
            self.entry(caller, entry)

    def found(self, **search: Any) -> list[str]:
        """The ids of the questions found."""
        return [item["id"] for item in self.desk.search(SCHOOL, QuestionSearch(**search)).items]


def opinion(opinion_id: str, position: Any, **changes: Any) -> Opinion:
    """An opinion on the question."""
    given: dict[str, Any] = {
        "id": opinion_id,
        "question": "verzuim",
        "by": "burgemeester",
        "text": "Zo is het.",
        "valid_from": DAY,
    }
    return Opinion(position=position, **(given | changes))


def test_an_answer_is_found_by_the_code_of_a_refusal() -> None:
    """Whoever was refused with a code finds the answer to it; by covenant, verb, state and words too, all together."""
    practice = Practice()
    practice.register(ASKED, ANSWERED, change(ASKED, id="foto", text="Mag een foto erbij?"))
    assert practice.found(finding_code="ground-missing") == ["verzuim"]
    assert practice.found(finding_code="late-entry") == []
    assert practice.found(covenant="huis", operation="disclose-by-transmission", state="answered") == ["verzuim"]
    assert practice.found(covenant="huis", operation="collect") == []
    assert practice.found(covenant="elders") == []
    assert practice.found(state="open") == ["foto"]
    assert practice.found(words="VERZUIM leerplichtwet") == ["verzuim"]
    assert practice.found(words="verzuim foto") == []
    assert practice.found() == ["verzuim", "foto"]


def test_a_question_keeps_every_version_of_its_answer() -> None:
    """The newest answers, the earlier ones stay; nobody asked it, nothing is told."""
    practice = Practice()
    practice.register(ASKED, ANSWERED, change(ANSWERED, version=3, answer="Ja, binnen drie dagen."))
    read = practice.desk.read(SCHOOL, "verzuim")
    assert (read["version"], read["answer"]) == (3, "Ja, binnen drie dagen.")
    assert [version.get("answer") for version in read["versions"]] == [None, ANSWERED.answer, "Ja, binnen drie dagen."]
    with pytest.raises(NotFound):
        practice.desk.read(SCHOOL, "nooit")


def test_questions_come_in_pages() -> None:
    """A page ends where the next begins, and a cursor of another list is none."""
    practice = Practice()
    practice.register(*(change(ASKED, id=f"q{number}") for number in range(3)))
    first = practice.desk.search(SCHOOL, QuestionSearch(limit=2))
    assert [item["id"] for item in first.items] == ["q0", "q1"]
    second = practice.desk.search(SCHOOL, QuestionSearch(limit=2, cursor=first.next))
    assert ([item["id"] for item in second.items], second.next) == (["q2"], None)
    for wrong in ("0-1", "x"):
        with pytest.raises(CursorInvalid):
            practice.desk.search(SCHOOL, QuestionSearch(cursor=wrong))


def test_opposite_opinions_are_shown_and_a_decision_says_which_it_follows() -> None:
    """Two opinions that hold today, yes and no: a conflict; one that ended or says otherwise by now makes none."""
    practice = Practice()
    practice.register(ASKED, ANSWERED, opinion("a", "yes"), opinion("b", "no"))
    assert practice.found(conflict=True) == ["verzuim"]
    practice.register(Decision(id="d", kind="advice", by="burgemeester", follows=("b",), valid_from=DAY))
    practice.register(Decision(id="e", kind="advice", by="burgemeester", valid_from=DAY))
    read = practice.desk.read(SCHOOL, "verzuim")
    assert (read["conflict"], read["opinionCount"]) == (True, 2)
    assert read["decisions"] == [{"id": "d", "by": "burgemeester", "follows": ["b"]}]
    practice.register(
        opinion("b", "depends", version=2),
        opinion("c", "no", valid_until=date(2026, 9, 6), valid_from=date(2026, 9, 1)),
    )
    assert practice.found(conflict=True) == []
    assert practice.found(conflict=False) == ["verzuim"]
    assert [one["version"] for one in practice.desk.read(SCHOOL, "verzuim")["opinions"]] == [1, 2]


def test_an_opinion_and_a_decision_that_are_ended_stand_once_and_with_their_end() -> None:
    """An opinion is gone after its last day, the earlier one of its id does not come back; a decision shows once."""
    practice = Practice()
    practice.register(ASKED, ANSWERED, opinion("a", "yes"), opinion("b", "no"))
    decision = Decision(id="d", kind="advice", by="burgemeester", follows=("b",), valid_from=DAY)
    practice.register(decision, change(decision, valid_until=DAY), opinion("b", "no", valid_until=DAY))
    read = practice.desk.read(SCHOOL, "verzuim")
    assert (read["conflict"], len(read["decisions"])) == (True, 1)
    practice.clock.advance(days=1)
    read = practice.desk.read(SCHOOL, "verzuim")
    assert (read["conflict"], [one["id"] for one in read["opinions"]]) == (False, ["a"])


def test_a_citizens_question_that_taught_something_makes_the_next_checklist() -> None:
    """Closing it as learned from stores version n+1 of the list and of the question at once; again is the same."""
    practice = Practice()
    practice.register(LIST, ASKED, ANSWERED)
    lesson = practice.lessons(MAYOR, "verzuim", LESSON)
    assert lesson["question"]["learnedIn"] == {"checklist": "sluiten", "version": 2}
    item = {"id": "verzuim", "text": "Is het verzuim gemeld?", "learnedFrom": "verzuim"}
    assert lesson["checklist"]["items"][-1] == item
    assert practice.found(state="learned") == ["verzuim"]
    known = practice.source.catch_up().position
    practice.clock.advance(days=1)
    assert practice.lessons(MAYOR, "verzuim", LESSON) == lesson
    assert practice.source.catch_up().position == known


def test_two_lessons_at_once_both_reach_the_checklist(monkeypatch: pytest.MonkeyPatch) -> None:
    """In another process a second question taught the same list meanwhile: its item stays, and ours comes after it."""
    practice = Practice()
    practice.register(LIST, ASKED, ANSWERED, change(ASKED, id="foto"), change(ANSWERED, id="foto"))
    together, others = practice.entry.together, [LessonBody(checklist="sluiten", item=LessonItem(id="f", text="Foto?"))]

    def overtaken(*given: Any) -> Any:
        while others:
            practice.lessons(MAYOR, "foto", others.pop())
        return together(*given)

    monkeypatch.setattr(practice.entry, "together", overtaken)
    lesson = practice.lessons(MAYOR, "verzuim", LESSON)
    assert lesson["question"]["learnedIn"] == {"checklist": "sluiten", "version": 3}
    assert [item["id"] for item in lesson["checklist"]["items"]] == ["verteld", "f", "verzuim"]


def test_a_list_that_moves_all_the_time_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded number of attempts the caller is told to try again."""
    practice = Practice()
    practice.register(LIST, ASKED, ANSWERED)
    versions = iter(range(2, 1_000))

    def overtaken(*_: Any) -> Any:
        practice.register(change(LIST, version=next(versions)))
        raise IdempotencyConflict

    monkeypatch.setattr(practice.entry, "together", overtaken)
    monkeypatch.setattr(practice, "register", lambda entry: RegisterEntry.together(practice.entry, MAYOR, (entry,)))
    with pytest.raises(LedgerBusy):
        practice.lessons(MAYOR, "verzuim", LESSON)


@pytest.mark.parametrize(
    "other",
    [
        change(LESSON, item=LessonItem(id="verzuim", text="Iets anders?")),
        change(LESSON, item=LessonItem(id="anders", text="Is het verzuim gemeld?")),
        change(LESSON, checklist="tweede"),
    ],
)
def test_a_question_teaches_once(other: LessonBody) -> None:
    """Another lesson of the same question is a conflict."""
    practice = Practice()
    practice.register(LIST, change(LIST, id="tweede"), ASKED, ANSWERED)
    practice.lessons(MAYOR, "verzuim", LESSON)
    with pytest.raises(IdempotencyConflict):
        practice.lessons(MAYOR, "verzuim", other)


def test_only_an_answered_question_teaches() -> None:
    """An open question, an unknown one or an unknown list teaches nothing, and nothing is stored."""
    practice = Practice()
    practice.register(LIST, ASKED)
    known = practice.source.catch_up().position
    with pytest.raises(QuestionStillOpen):
        practice.lessons(MAYOR, "verzuim", LESSON)
    with pytest.raises(NotFound):
        practice.lessons(MAYOR, "nooit", LESSON)
    with pytest.raises(NotFound):
        practice.lessons(MAYOR, "verzuim", change(LESSON, checklist="nooit"))
    practice.register(ANSWERED)
    with pytest.raises(NotAllowed):
        practice.lessons(SCHOOL, "verzuim", LESSON)
    with pytest.raises(Rejected) as told:
        practice.lessons(MAYOR, "verzuim", change(LESSON, item=LessonItem(id="bel", text="Bel 06-12345678.")))
    assert [(fault.pointer, fault.code) for fault in told.value.errors] == [("/item/text", "personal-data")]
    assert practice.source.catch_up().position == known + 1


def test_a_consultation_closes_with_all_items_or_a_reason() -> None:
    """An item left open is refused, with a reason it is not; the version that was used stays on record."""
    practice = Practice()
    practice.register(LIST, ASKED, ANSWERED)
    practice.lessons(MAYOR, "verzuim", LESSON)
    closing = Closing(id="k", checklist="sluiten", checklist_version=2, by="school", done=("verteld",), valid_from=DAY)
    with pytest.raises(Rejected) as told:
        practice.register(closing, caller=SCHOOL)
    assert [fault.code for fault in told.value.errors] == ["item-left-open"]
    practice.register(change(closing, open=(OpenItem(item="verzuim", reason="Er was geen verzuim."),)), caller=SCHOOL)
    stored = [known.entry for known in practice.source.catch_up().history if isinstance(known.entry, Closing)]
    assert [(one.checklist_version, one.done) for one in stored] == [(2, ("verteld",))]


def test_nobody_speaks_for_another_party() -> None:
    """An opinion, a closing and a near miss are registered by the party that they are of."""
    practice = Practice()
    practice.register(LIST, ASKED)
    miss = NearMiss(id="n", by="burgemeester", what="a", noticed="b", valid_from=DAY)
    for entry in (opinion("a", "yes"), miss, change(ASKED, id="q")):
        with pytest.raises(NotAllowed):
            practice.register(entry, caller=SCHOOL)


def test_what_a_verdict_names_can_be_looked_up() -> None:
    """The law of a day, by default of today: each norm of it with its rule, and none of another day."""
    practice = Practice()
    norms = ListNorms(source=practice.source, clock=practice.clock)
    today = {item["id"]: item for item in norms(SCHOOL, None).items}
    then = {item["id"]: item for item in norms(SCHOOL, "2018-05-24").items}
    assert ("avg-6-1-e" in today, "wbp-8" in today, "avg-6-1-e" in then, "wbp-8" in then) == (True, False, False, True)
    assert today["avg-6-1-e"]["citation"] == "eli/reg/2016/679 art. 6(1)(e), 6(3)"
    assert then["wbp-8"]["verified"] is False


def test_near_misses_are_reported_by_whoever_asks_without_who_told() -> None:
    """The report of the last year: counts and lessons of all parties, and no party."""
    practice = Practice()
    miss = NearMiss(
        id="n",
        by="burgemeester",
        what="Bijna te veel gedeeld.",
        noticed="Bij het nalezen.",
        lesson="Lees na.",
        finding_codes=("category-outside-annex",),
        valid_from=DAY,
    )
    practice.register(miss, change(miss, id="m", valid_from=date(2025, 9, 6)))
    report = practice.report(SCHOOL, None, None)
    assert (report["from"], report["until"], report["count"]) == ("2025-09-07", "2026-09-07", 1)
    assert list(report["byCode"]) == [{"name": "category-outside-annex", "count": 1}]
    assert "burgemeester" not in str(report)
    assert practice.report(SCHOOL, date(2025, 1, 1), date(2025, 12, 31))["count"] == 1
