"""Decision table of the rules on the steps of a triage (S51)."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import Justification, Triage
from tests.unit.law.builders import act, findings, to


def step(**changes: Any) -> Justification:
    """A step of a triage that came to not sharing, with its reason."""
    given: dict[str, Any] = {"step": "weighing", "outcome": "not-share", "reason": "a talk is enough"}
    return Justification(triage=Triage(**(given | changes)))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        ({"justification": Justification()}, set()),
        ({"justification": step()}, {"triage-contradicted"}),
        ({"justification": step(), "recipients": ()}, set()),
        ({"justification": step(), "recipients": to("mayor")}, set()),
        ({"justification": step(), "operation": "record", "recipients": ()}, set()),
        ({"justification": step(), "operation": "other", "operation_class": "use", "recipients": ()}, set()),
        ({"justification": step(reason=None), "operation": "record", "recipients": ()}, {"triage-unexplained"}),
        ({"justification": step(reason=" "), "operation": "erase", "recipients": ()}, set()),
        ({"justification": step(outcome="share-less")}, set()),
        ({"justification": step(outcome="share-less", reason=" ")}, {"triage-unexplained"}),
        ({"justification": step(outcome="share", reason=None)}, set()),
        ({"justification": step(reason=None)}, {"triage-contradicted", "triage-unexplained"}),
    ],
)
def test_a_triage_is_explained_and_followed(changes: dict[str, Any], found: set[str]) -> None:
    """Holding back needs a reason as sharing does; after "not share" nobody else gets it."""
    codes = {code: severity for code, severity in findings(act(**changes)).items() if code.startswith("triage")}
    assert codes == dict.fromkeys(found, "gap")
