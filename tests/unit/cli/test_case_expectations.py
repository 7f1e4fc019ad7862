"""What a case expects of its acts, against what was answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.cli.case.expectations import differences_of, outcome_of
from services.cli.case.load import Posted
from services.cli.case.model import CaseAct

Json = dict[str, Any]


def act(expect: Json | None, labels: list[str] | None = None, **fields: Any) -> CaseAct:
    """Act 1, of which something is expected."""
    at = datetime(2026, 9, 16, 8, tzinfo=UTC)
    named = {} if labels is None else {"subjects": labels}
    return CaseAct(number=1, at=at, recorded=at, fields={"expect": expect, **named, **fields})


def answer(refs: list[str | None], findings: dict[str, list[str]], outcome: str = "gap", status: int = 201) -> Posted:
    """The answer about these persons, with these findings for some of them."""
    told = [{"code": code, "subjects": subjects} for code, subjects in findings.items()]
    body = {"verdict": {"outcome": outcome, "findings": told}, "subjects": [{"ref": ref} for ref in refs]}
    return Posted(answers=((status, body),))


def test_an_act_about_nobody_is_judged_too() -> None:
    """Its receipt has one event without a person; its findings are about nobody."""
    posted = answer([None], {"necessity-missing": []})
    assert differences_of(act({"outcome": "gap", "codes": {"necessity-missing": []}}), posted) == []
    assert outcome_of(posted) == "gap"


@pytest.mark.parametrize("codes", [{"ground-missing": []}, {"ground-missing": None}, ["ground-missing"]])
def test_a_code_that_was_not_found_differs(codes: Any) -> None:
    """Also where the file names nobody for whom it should be found."""
    posted = answer([None], {"necessity-missing": []})
    assert differences_of(act({"codes": codes}), posted) == ["act 1: ground-missing not found"]


def test_a_code_must_be_found_for_everybody_named() -> None:
    """By label; who else it was found for is nobody's concern."""
    posted = answer(["r1", "r2", "r3"], {"late-entry": ["r1", "r3"]})
    asked = act({"outcome": "gap", "codes": {"late-entry": ["y1", "y2"]}}, ["y1", "y2", "y3"])
    assert differences_of(asked, posted) == ["act 1: late-entry not found for y2"]


def test_outcome_and_refusal_are_compared() -> None:
    """Each that is otherwise is told; what the file does not say is not compared."""
    posted = answer(["r1"], {}, "violation", status=403)
    assert outcome_of(posted) == "refused"
    assert differences_of(act({"outcome": "gap"}, ["y1"]), posted) == [
        "act 1: outcome violation, expected gap",
        "act 1: refused True, expected False",
    ]
    assert differences_of(act({"refused": True}, ["y1"]), posted) == []


def test_each_exemption_is_about_one_person() -> None:
    """The act is as bad as the worst of them."""
    worse = answer(["r2"], {"exemption-late": ["r2"]})
    posted = Posted(answers=answer(["r1"], {}, "compliant").answers + worse.answers)
    asked = act({"outcome": "gap", "codes": {"exemption-late": ["y2"]}}, ["y1", "y2"])
    assert differences_of(asked, posted) == []


def test_what_is_not_judged_cannot_be_as_expected() -> None:
    """A breach has no verdict."""
    posted = Posted(answers=((201, {"id": "b", "reportBefore": "x", "reportingParty": "p"}),))
    assert outcome_of(posted) is None
    assert differences_of(act({"outcome": "gap"}), posted) == [
        "act 1: something is expected of it, and it is not judged"
    ]
    assert differences_of(act(None), posted) == ["act 1: something is expected of it, and it is not judged"]
