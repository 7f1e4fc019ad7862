"""Decision table of the rule on files that must be kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.law.act import CovenantReference, LegalBasis
from services.law.context import Context, PastAct, SubjectFacts
from services.law.governance import Decision, Entry, Party
from services.law.judgement import judge
from tests.unit.law.builders import NOW, PARTIES, act, register

CARE = Party(id="helper", kind="private-controller", secrecy="youth-care")
SAFE = Party(id="safe", kind="private-controller", organ="veilig-thuis", secrecy="social-support")
SELECTION: list[Entry] = [Decision(id="d-1", kind="selection-result", by="helper")]
ERASE: dict[str, Any] = {
    "operation": "erase",
    "recipients": (),
    "covenant": None,
    "legal_basis": None,
    "controller": "helper",
    "data_categories": ("name",),
}


LONG_AFTER = datetime(2036, 6, 1, 12, tzinfo=UTC)
"""Sixteen years after 2020: a youth-care file is still kept then, one of social support no longer."""


def past(year: int = 2024, **changes: Any) -> PastAct:
    """The helper wrote the name in its file on 1 June."""
    fields: dict[str, Any] = {
        "operation_class": "alter",
        "occurred_at": datetime(year, 6, 1, 12, tzinfo=UTC),
        "controller": "helper",
        "data_categories": ("name",),
    }
    return PastAct(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "acts", "entries", "found"),
    [
        ({}, (past(),), [], True),
        ({"data_categories": ()}, (past(),), [], True),
        ({"data_categories": ("image",)}, (past(),), [], False),
        ({}, (past(operation_class="collect"),), [], True),
        ({}, (past(operation_class="consult"),), [], False),
        ({}, (past(operation_class="share"),), [], False),
        ({}, (past(controller="college"),), [], False),
        ({}, (past(covenant="house"),), [], False),
        ({}, (past(2027),), [], False),
        ({}, (), [], False),
        ({"covenant": CovenantReference(id="house", annex="groups")}, (past(),), [], False),
        ({"controller": "college"}, (past(controller="college"),), [], False),
        ({"controller": "unknown"}, (past(controller="unknown"),), [], False),
        ({"controller": "safe"}, (past(controller="safe"),), [], True),
        ({"controller": "safe"}, (past(2011, controller="safe"),), [], True),
        ({"controller": "safe"}, (past(2010, controller="safe"),), [], False),
        ({}, (past(2010), past(2024)), [], True),
        ({"occurred_at": LONG_AFTER}, (past(2020),), [], True),
        ({"controller": "safe", "occurred_at": LONG_AFTER}, (past(2020, controller="safe"),), [], False),
        ({"legal_basis": LegalBasis(statute="Jeugdwet 7.3.9")}, (past(),), [], False),
        ({"legal_basis": LegalBasis(statute="Wmo 2015 5.3.5")}, (past(),), [], False),
        ({"legal_basis": LegalBasis(statute="Jeugdwet 7.3.8")}, (past(),), [], True),
        ({"decision_id": "d-1"}, (past(),), SELECTION, False),
        ({"decision_id": "d-2"}, (past(),), SELECTION, True),
        ({"decision_id": "d-1"}, (past(),), [Decision(id="d-1", kind="wgs-renewal", by="helper")], True),
        ({"operation": "restrict"}, (past(),), [], False),
        ({"occurred_at": datetime(2014, 12, 31, 12, tzinfo=UTC)}, (past(2014),), [], False),
    ],
)
def test_a_file_is_kept_for_its_term(
    *, changes: dict[str, Any], acts: tuple[PastAct, ...], entries: list[Entry], found: bool
) -> None:
    """Twenty years, or fifteen, from what was written last, unless the person asked, or a selection list lets it go."""
    known = register(*entries, parties=(*PARTIES, CARE, SAFE))
    given = act(**(ERASE | changes))
    verdict = judge(given, Context(known, (SubjectFacts(acts=acts),), NOW))
    assert [str(each.severity) for each in verdict.findings if each.code == "file-destroyed-early"] == ["gap"] * found


def test_without_facts_no_file_is_known() -> None:
    """What is not known is not guessed."""
    known = register(parties=(*PARTIES, CARE))
    codes = [each.code for each in judge(act(**ERASE), Context(known, None, NOW)).findings]
    assert "file-destroyed-early" not in codes
