"""Who makes which entry of the register known, and who sees it."""

from __future__ import annotations

from datetime import date

import pytest

from services.law.governance import Acknowledgement, Covenant, Decision, Entry, Interpretation, Party
from services.law.learning import Checklist, ChecklistItem, Closing, NearMiss, Opinion, Question, QuestionState
from services.ledger.application.register_rights import may_register, may_see
from services.ledger.contract.messages import Caller, Scope

DAY = date(2026, 5, 3)
KEPT: tuple[Entry, ...] = (
    Party(id="p", kind="police"),
    Covenant(id="c", version=1, valid_from=DAY),
    Decision(id="d", kind="wpg-20", by="politie"),
    Interpretation(id="i", covenant="c", regime=3, by="politie", text="t", valid_from=DAY),
    Checklist(id="l", name="n", items=(ChecklistItem(id="1", text="t"),)),
)
SPOKEN: tuple[Entry, ...] = (
    Acknowledgement(id="a", covenant="c", version=1, party="politie", reader="m", valid_from=DAY),
    Question(id="q", asked_by="politie", text="t"),
    Question(id="q", version=2, asked_by="college", answered_by="politie", text="t", state="answered", answer="a"),
    Closing(id="k", checklist="l", checklist_version=1, by="politie", valid_from=DAY),
    Opinion(id="o", question="q", by="politie", position="yes", text="t", valid_from=DAY),
    NearMiss(id="n", by="politie", what="w", noticed="n", valid_from=DAY),
)


def caller(scope: Scope, party: str = "politie") -> Caller:
    """Somebody of a party with one scope."""
    return Caller(party=party, scopes=frozenset({scope}))


def name(entry: Entry) -> str:
    """What a case is called."""
    return type(entry).__name__


@pytest.mark.parametrize("entry", KEPT, ids=name)
def test_the_register_itself_is_for_its_keeper(entry: Entry) -> None:
    """Whoever keeps the register does so for all parties; working under it is not enough."""
    assert may_register(caller("governance", "anybody"), entry)
    assert not may_register(caller("processing:write"), entry)
    assert not may_register(caller("audit"), entry)


@pytest.mark.parametrize("entry", SPOKEN, ids=name)
def test_a_party_speaks_for_itself_only(entry: Entry) -> None:
    """Whoever works there may; nobody speaks for another party, not even the keeper."""
    assert may_register(caller("processing:write"), entry)
    assert may_register(caller("governance"), entry)
    assert not may_register(caller("processing:read"), entry)
    assert not may_register(caller("governance", "om"), entry)
    assert not may_register(caller("processing:write", "om"), entry)


@pytest.mark.parametrize(
    ("state", "speaks"), [("open", {"school"}), ("answered", {"politie"}), ("learned", {"school", "politie"})]
)
def test_an_answer_is_given_by_the_party_that_it_names(state: QuestionState, speaks: set[str]) -> None:
    """Whoever asked gives no answer in another's name, nor does who answers put a question in another's mouth."""
    question = Question(id="q", version=2, asked_by="school", answered_by="politie", text="t", state=state)
    assert {
        party for party in ("school", "politie", "om") if may_register(caller("governance", party), question)
    } == speaks


@pytest.mark.parametrize("entry", [*KEPT, *SPOKEN], ids=name)
def test_a_party_sees_what_is_its_own(entry: Entry) -> None:
    """Nothing is hidden from whom it is about."""
    assert may_see(caller("processing:read"), entry)


@pytest.mark.parametrize("entry", [*KEPT, *SPOKEN, Party(id="melder-1", kind="citizen")], ids=name)
def test_what_is_about_persons_or_trust_is_seen_by_others_who_oversee_only(entry: Entry) -> None:
    """Citizens who report, staff who read, near misses: for who keeps or audits the register."""
    guarded = isinstance(entry, Acknowledgement | NearMiss) or entry.id == "melder-1"
    assert may_see(caller("processing:read", "om"), entry) is not guarded
    assert may_see(caller("audit", "om"), entry)
    assert may_see(caller("governance", "om"), entry)
