"""What one act makes others owe agrees with the whole duty when that act is all there is."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest

from services.law.context import PastAct, SubjectFacts
from services.law.inform import inform_duties
from services.law.owed import erase_due, tell_due, tellers, told_at_once_by
from services.law.register import Register
from tests.unit.law.builders import covenant, register

AT = datetime(2026, 3, 3, 9, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)

ACTS = [
    PastAct(
        operation_class=operation_class,
        occurred_at=AT,
        controller=controller,
        recipients=recipients,
        data_regime=regime,
        source_kind=source,
        covenant=named,
        annex="groups" if named else None,
        data_categories=("name",),
    )
    for operation_class, controller, recipients, regime, source, named in itertools.product(
        ("collect", "alter", "share", "consult", "delete"),
        ("mayor", "police"),
        ((), ("youth",), ("police", "youth", "care"), ("host", "prosecutor"), ("guard",)),
        ("AVG", "Wpg-8", "Wpg-20"),
        (None, "citizen-report", "data-subject"),
        (None, "house", "unknown"),
    )
]


@pytest.mark.parametrize("known", [register(), register(covenant(arrangement=None))], ids=["arranged", "each"])
def test_one_act_alone(known: Register) -> None:
    """Over every kind of act: who must tell, and by when, is what the engine finds when nothing else is known."""
    for act in ACTS:
        found = tellers(act, known)
        at_once = told_at_once_by(act, known)
        owed = {p: AT if p == at_once else tell_due(act, p, alone=len(found) == 1) for p in found}
        duties = inform_duties(SubjectFacts(acts=(act,)), known, LATER)
        assert owed == {duty.party: duty.due for duty in duties}, act


@pytest.mark.parametrize(
    ("day", "due"), [("2026-09-16", "2026-10-01T00:00+02:00"), ("2026-10-15", "2026-10-30T00:00+01:00")]
)
def test_erasure_is_answered_within_two_weeks(day: str, due: str) -> None:
    """Fourteen days, until 24:00 of the last one in Amsterdam, with no roll over a weekend."""
    assert erase_due(date.fromisoformat(day)) == datetime.fromisoformat(due)
