"""Decision tables of the bulk guard (S48)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import Act, ListReference
from services.law.context import Context
from services.law.governance import Decision
from services.law.rules.bulk import BULK_PERSONS_MAX, awaits_review
from tests.unit.law.builders import DAY, NOW, act, findings, register, subject, to, verdict

LIST = ListReference(kind="netto", id="l")


def bulk(count: int = BULK_PERSONS_MAX + 1, **changes: Any) -> Act:
    """The mayor tells the youth work about that many persons."""
    return act(subjects=tuple(subject(id=str(number)) for number in range(count)), **changes)


def review(**changes: Any) -> Decision:
    """The mayor's review of the operation ``op``."""
    given: dict[str, Any] = {"id": "r", "kind": "bulk-review", "by": "mayor", "operation_id": "op"}
    return Decision(**(given | changes))


@pytest.mark.parametrize(
    ("count", "changes", "found"),
    [
        (BULK_PERSONS_MAX, {}, False),
        (BULK_PERSONS_MAX + 1, {}, True),
        (BULK_PERSONS_MAX + 1, {"operation": "record"}, False),
        (BULK_PERSONS_MAX + 1, {"operation": "collect"}, False),
        (BULK_PERSONS_MAX + 1, {"recipients": ()}, False),
        (BULK_PERSONS_MAX + 1, {"recipients": to("mayor")}, False),
        (BULK_PERSONS_MAX + 1, {"recipients": to("host")}, False),
        (BULK_PERSONS_MAX + 1, {"recipients": to("guard")}, True),
        (BULK_PERSONS_MAX + 1, {"recipients": to("host", "youth")}, True),
        (BULK_PERSONS_MAX + 1, {"recipients": to("nobody")}, True),
        (BULK_PERSONS_MAX + 1, {"list": LIST, "criteria": "asserted"}, False),
        (BULK_PERSONS_MAX + 1, {"list": LIST, "criteria": " "}, True),
        (BULK_PERSONS_MAX + 1, {"criteria": "asserted"}, True),
        (BULK_PERSONS_MAX + 1, {"list": ListReference(kind="bruto", id="l"), "criteria": "asserted"}, True),
        (BULK_PERSONS_MAX + 1, {"tense": "intent"}, True),
    ],
)
def test_many_at_once_are_reviewed(*, count: int, changes: dict[str, Any], found: bool) -> None:
    """From the fifty-first person on, unless nobody else gets them or each was tested for the net list."""
    assert findings(bulk(count, **changes)).get("bulk-unreviewed") == ("gap" if found else None)


@pytest.mark.parametrize(
    ("changes", "decided", "found"),
    [
        ({"id": "op"}, {}, False),
        ({"intent_id": "op"}, {}, False),
        ({"id": "fact", "intent_id": "op"}, {}, False),
        ({"id": "another"}, {}, True),
        ({}, {}, True),
        ({"id": "op"}, {"kind": "wpg-20"}, True),
        ({"id": "op"}, {"by": "police"}, True),
        ({"id": "op"}, {"by": "police", "agreed_with": ("mayor",)}, False),
        ({"id": "op"}, {"valid_until": date(2026, 5, 31)}, True),
        ({"id": "op"}, {"valid_until": DAY}, False),
        ({"id": "op"}, {"valid_from": date(2026, 6, 2)}, True),
        ({"id": "op"}, {"data_categories": ("name",)}, True),
        ({"id": "op"}, {"data_categories": ("name", "report", "contact")}, False),
        ({}, {"operation_id": None, "covers": ("youth",)}, False),
        ({}, {"operation_id": None, "covers": ("school",)}, True),
        ({}, {"operation_id": None}, True),
        ({"recipients": to("youth", "care")}, {"operation_id": None, "covers": ("youth",)}, True),
        ({"id": "another"}, {"covers": ("youth",)}, True),
    ],
)
def test_a_review_is_a_decision(*, changes: dict[str, Any], decided: dict[str, Any], found: bool) -> None:
    """The controller's own, in force on the day: of this operation, or of the flow to all its recipients."""
    assert ("bulk-unreviewed" in findings(bulk(**changes), review(**decided))) is found


def test_one_of_several_reviews_is_enough() -> None:
    """A review of something else beside it changes nothing."""
    others = (review(id="a", operation_id="x"), review(id="b"), review(id="c", by="police"))
    assert "bulk-unreviewed" not in findings(bulk(id="op"), *others)


def test_everybody_is_named() -> None:
    """The finding concerns all persons of the act."""
    found = verdict(bulk(60)).findings
    assert [f.subjects for f in found if f.code == "bulk-unreviewed"] == [tuple(range(60))]


@pytest.mark.parametrize(
    ("given_act", "waits"),
    [
        (bulk(id="op"), False),
        (bulk(id="another"), True),
        (bulk(BULK_PERSONS_MAX), False),
        (bulk(operation="record", recipients=()), False),
        (bulk(operation="collect"), False),
        (bulk(recipients=to("mayor")), False),
    ],
)
def test_what_waits_is_what_would_be_found(given_act: Act, *, waits: bool) -> None:
    """An intent waits exactly while the finding stands."""
    assert awaits_review(given_act, Context(register(review()), None, NOW)) is waits
    assert ("bulk-unreviewed" in findings(given_act, review())) is waits
