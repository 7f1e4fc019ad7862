"""Decision table of the rule on police data that were removed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.law.act import LegalBasis
from services.law.context import PastAct, SubjectFacts
from tests.unit.law.builders import act, decision, findings, subject, to, verdict

SUPPLY: dict[str, Any] = {
    "controller": "police",
    "data_regime": "Wpg-20",
    "legal_basis": LegalBasis(statute="Wpg 20"),
    "decision_id": "umbrella",
}
OLD = datetime.fromisoformat("2021-05-31T12:00:00+02:00")


def booked(**changes: Any) -> PastAct:
    """What the police booked of the person five years and a day before the act."""
    given: dict[str, Any] = {
        "operation_class": "alter",
        "occurred_at": OLD,
        "controller": "police",
        "data_regime": "Wpg-8",
        "data_categories": ("name", "report"),
    }
    return PastAct(**(given | changes))


USE = "use"


def removed(*acts: PastAct, **changes: Any) -> bool:
    """Whether what is supplied counts as removed, with those acts on the person's stream."""
    facts = (SubjectFacts(acts=acts),)
    return findings(act(**(SUPPLY | changes)), decision(), facts=facts).get("police-data-removed") == "violation"


@pytest.mark.parametrize(
    ("acts", "changes", "expected"),
    [
        ([booked()], {}, True),
        ([booked()], {"data_regime": "Wpg-8"}, True),
        ([booked(operation_class="collect")], {}, True),
        ([booked(operation_class="use")], {}, True),
        ([booked()], {"recipients": to("prosecutor")}, True),
        ([booked()], {"recipients": to("police", "nobody")}, True),
        ([booked()], {"data_categories": ("report",)}, True),
        ([booked()], {"data_categories": ()}, True),
        ([booked(), booked(occurred_at=OLD.replace(year=2015))], {}, True),
        ([booked(occurred_at=datetime.fromisoformat("2021-06-01T12:00:00+02:00"))], {}, False),
        ([booked(), booked(occurred_at=OLD.replace(year=2025))], {}, False),
        ([booked(), booked(occurred_at=OLD.replace(year=2027))], {}, True),
        ([booked(), booked(occurred_at=OLD.replace(year=2025), operation_class="use")], {}, True),
        ([booked(operation_class=USE), booked(occurred_at=OLD.replace(year=2025), operation_class=USE)], {}, True),
        ([booked(operation_class=USE), booked(occurred_at=OLD.replace(year=2025))], {}, False),
        ([booked(occurred_at=OLD.replace(year=2025), operation_class=USE)], {}, False),
        ([booked(data_regime="Wpg-9")], {}, False),
        ([booked(controller="mayor")], {}, False),
        ([booked(operation_class="share")], {}, False),
        ([booked(operation_class="consult")], {}, False),
        ([booked(data_categories=("image",))], {}, False),
        ([], {}, False),
        ([booked()], {"recipients": to("police")}, False),
        ([booked()], {"recipients": to("other-force")}, True),
        ([booked()], {"operation": "consult"}, False),
        ([booked()], {"data_regime": "AVG"}, False),
        ([booked()], {"controller": "mayor"}, False),
        ([booked()], {"controller": "nobody"}, False),
    ],
)
def test_nothing_goes_out_in_the_last_five_years_of_storage(
    *, acts: list[PastAct], changes: dict[str, Any], expected: bool
) -> None:
    """Wpg 14(2): the newest report of these data is over five years old, and the recipient is no police.

    Using an old report makes it no newer (Wpg 8(6)).
    """
    assert removed(*acts, **changes) is expected


def of(category: str, year: int, **changes: Any) -> PastAct:
    """What the police booked in a year of one category."""
    return booked(data_categories=(category,), occurred_at=OLD.replace(year=year), **changes)


@pytest.mark.parametrize(
    ("acts", "named", "expected"),
    [
        ([of("report", 2021), of("name", 2026)], ("name", "report"), True),
        ([of("report", 2021), of("name", 2026)], ("name",), False),
        ([of("report", 2021), of("name", 2026)], ("report",), True),
        ([of("report", 2021), of("name", 2026)], ("name", "image"), False),
        ([of("report", 2021), of("name", 2026)], (), False),
        ([of("report", 2021), of("name", 2021)], (), True),
        ([booked(), of("name", 2026)], ("name", "report"), True),
        ([booked(), of("name", 2026), of("report", 2025)], ("name", "report"), False),
        ([of("report", 2021), of("report", 2026, data_regime="Wpg-9")], ("report",), True),
        ([of("report", 2021, operation_class=USE), of("name", 2026)], ("name", "report"), True),
        ([of("report", 2021, operation_class=USE), of("report", 2025, operation_class=USE)], ("report",), True),
    ],
)
@pytest.mark.parametrize("supplied", [SUPPLY, {"legal_basis": LegalBasis(statute="Wpg 16"), "data_regime": "Wpg-8"}])
def test_each_category_has_an_age_of_its_own(
    *, supplied: dict[str, Any], acts: list[PastAct], named: tuple[str, ...], expected: bool
) -> None:
    """A newer report of another category carries none out that is in its last five years, whatever the ground.

    A category that was never booked under Wpg 8 is no bar; what names no category is about all of them together.
    """
    changes = supplied | {"recipients": to("mayor"), "data_categories": named}
    assert removed(*acts, **changes) is expected


def test_without_facts_nothing_is_guessed() -> None:
    """When nothing is known of the person the age of the data is not known either."""
    assert "police-data-removed" not in findings(act(**SUPPLY), decision())
    assert "police-data-removed" not in findings(act(**SUPPLY), decision(), facts=(None,))


def test_only_the_persons_whose_data_are_old_are_found() -> None:
    """Each person's data have an age of their own."""
    facts = (SubjectFacts(acts=(booked(),)), SubjectFacts(acts=(booked(occurred_at=OLD.replace(year=2025)),)))
    given = act(**SUPPLY, subjects=(subject(), subject(id="999990020")))
    found = {one.code: one.subjects for one in verdict(given, decision(), facts=facts).findings}
    assert found["police-data-removed"] == (0,)
