"""The whole of the advice on one act."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from services.law.act import Act, CovenantReference
from services.law.advice.advise import advise
from services.law.advice.shapes import Advice
from services.law.context import Context, SubjectFacts
from services.law.judgement import judge
from services.law.past import past_of
from services.law.verdict import Outcome
from tests.unit.law.builders import NOW, act, covenant, register, reread, subject, to


def advised(given_act: Act, regime: int = 2) -> Advice:
    """Advice to somebody who knows nothing of the persons."""
    context = Context(register(covenant(regime=regime)), None, NOW)
    names = [f"ref-{number}" for number in range(len(given_act.subjects))]
    return reread(advise(given_act, context, judge(given_act, context), names))


def test_advice_answers_every_question_at_once() -> None:
    """May I, why, what would allow it, which covenant, who tells, until when, and what if it is read otherwise."""
    given_act = act(recipients=to("youth", "school"), subjects=(subject(status="bystander"),))
    found = advised(given_act)
    assert [(one.party, one.answer) for one in found.recipients] == [("youth", "forbidden"), ("school", "forbidden")]
    assert {mend.id for mend in found.recipients[0].mend} == {"bystander-excluded"}
    assert {told.code for told in found.explanations} == {"bystander-excluded", "recipient-without-ground"}
    assert found.governs.by == "named"
    assert [telling.party for telling in found.tell] == ["college"]
    assert found.keep is not None
    assert {note.code for note in found.notes} == {"recipient-not-partner", "telling-may-wait"}
    assert [(other.regime, other.adds, other.drops) for other in found.other_regimes] == [
        (1, ("own-ground-missing",), ()),
        (3, ("necessity-missing",), ()),
    ]


def test_three_regimes_give_three_named_demands_on_one_act() -> None:
    """S6: what the other two regimes ask stands beside what this one asks."""
    asked = {regime: {told.code for told in advised(act(), regime).explanations} for regime in (1, 2, 3)}
    assert asked == {1: {"own-ground-missing"}, 2: set(), 3: {"necessity-missing"}}
    others = {other.regime: other.outcome for other in advised(act(), 2).other_regimes}
    assert others == {1: Outcome.GAP, 3: Outcome.GAP}


@pytest.mark.parametrize("named", [None, CovenantReference(id="lost")])
def test_without_a_covenant_there_is_no_other_reading(named: CovenantReference | None) -> None:
    """A regime is a covenant's."""
    assert advised(act(covenant=named)).other_regimes == ()


def test_what_the_asker_knows_of_the_person_counts() -> None:
    """A partnership had the data a year ago: they must go a year earlier, and the moment to tell lies there too."""
    wgs = register(covenant(legal_frame="wgs-zvh", annexes=()))
    given_act = act(phase=None)
    context = Context(wgs, None, NOW)
    earlier = msgspec.structs.replace(past_of(given_act), occurred_at=NOW - timedelta(days=365))
    verdict = judge(given_act, context)
    found = advise(given_act, context, verdict, ("a",), [SubjectFacts(acts=(earlier,))])
    fresh = advise(given_act, context, verdict, ("a",))
    assert found.keep is not None
    assert fresh.keep is not None
    assert (found.keep.until, fresh.keep.until) == (date(2030, 6, 1), date(2031, 6, 1))
    assert (found.tell[0].due, fresh.tell[0].due) == (earlier.occurred_at, NOW)


def test_advice_travels_as_json() -> None:
    """What is written is read back equal."""
    found = advised(act())
    assert msgspec.json.decode(msgspec.json.encode(found), type=Advice) == found


def test_an_act_that_shares_nothing_has_no_recipients_to_answer_for() -> None:
    """The verdict, the term and who tells are still there."""
    found = advised(act(operation="record", recipients=()))
    assert found.recipients == ()
    assert found.keep is not None
