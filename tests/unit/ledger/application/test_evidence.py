"""How long the record of an answer is kept: a delete, a notice, a decision not to tell."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.law.act import Act, CovenantReference, Notice, Recipient, Retention
from services.ledger.domain.terms import default_record_end
from tests.support.recording import BSNS, NOW, RecordingBench, act, person

USUAL = default_record_end(NOW)
HELD_LONG = Retention(period="P3Y", anchor="occurredAt")
AFTER_HOLDING = date(USUAL.year + 3, USUAL.month, USUAL.day)


def kept(*bodies: Any) -> list[date | None]:
    """The last day of the record of each event, recorded one act after the other."""
    bench = RecordingBench()
    for number, body in enumerate(bodies):
        (answer,) = bench.record(body, party=body.controller, key=f"n{number}-")
        assert answer.id, answer
    return [envelope.record_ends for _, envelope in bench.events()]


def erase(**fields: Any) -> Act:
    """The mayor erases the name of the first person."""
    return act(**({"operation": "erase", "occurred_at": NOW} | fields))


def notice(**fields: Any) -> Notice:
    """The mayor tells the first person all."""
    usual: dict[str, Any] = {
        "subjects": (person(BSNS[0]),),
        "controller": "burgemeester",
        "given_by": "burgemeester",
        "given_at": NOW,
        "form": "letter",
        "elements": "all",
        "addressee": "subject",
    }
    return Notice(**(usual | fields))


SHARE = act(
    controller="college", operation="make-available", recipients=(Recipient(party="burgemeester"),), retention=HELD_LONG
)


@pytest.mark.parametrize(
    ("before", "answer"),
    [
        (act(retention=HELD_LONG), erase()),
        (act(retention=HELD_LONG), erase(data_categories=())),
        (SHARE, erase()),
        (act(retention=HELD_LONG), notice()),
        (
            act(controller="college", retention=HELD_LONG, covenant=CovenantReference(id="huis", annex="groep")),
            notice(covenant=CovenantReference(id="huis", annex="groep")),
        ),
    ],
)
def test_an_answer_is_kept_as_long_as_what_it_answers(before: Act, answer: Act | Notice) -> None:
    """Else who erased or told in time would lose his evidence before the act itself is forgotten."""
    assert kept(before, answer) == [AFTER_HOLDING, AFTER_HOLDING]


@pytest.mark.parametrize(
    ("before", "answer"),
    [
        # Others' data, other categories, another person.
        (act(controller="college", retention=HELD_LONG), erase()),
        (act(retention=HELD_LONG), erase(data_categories=("contact",))),
        (act(retention=HELD_LONG), erase(subjects=(person(BSNS[1]),))),
        (act(controller="college", retention=HELD_LONG), notice()),
        # It has not happened, or answers nothing.
        (act(retention=HELD_LONG), erase(tense="intent")),
        (act(retention=HELD_LONG), act(operation="consult")),
    ],
)
def test_what_answers_nothing_is_kept_as_usual(before: Act, answer: Act | Notice) -> None:
    """Five years after it was recorded."""
    assert kept(before, answer)[-1] == USUAL


def test_a_term_that_was_chosen_stands() -> None:
    """The record of a delete whose author says how long it is kept is kept so long."""
    chosen = Retention(period="P6Y", anchor="occurredAt")
    found = kept(act(retention=HELD_LONG), erase(record_retention=chosen))
    assert found == [AFTER_HOLDING, date(NOW.year + 6, NOW.month, NOW.day)]


def test_each_person_has_a_last_day_of_its_own() -> None:
    """One delete about two persons, of whom one is held longer."""
    both = (person(BSNS[0]), person(BSNS[1]))
    found = kept(act(retention=HELD_LONG), erase(subjects=both))
    assert sorted(end for end in found[1:] if end is not None) == [USUAL, AFTER_HOLDING]


def test_what_came_to_be_known_later_does_not_count() -> None:
    """A delete answers what was on record when it was recorded."""
    assert kept(erase(), act(retention=HELD_LONG, occurred_at=NOW - timedelta(days=1)))[0] == USUAL
