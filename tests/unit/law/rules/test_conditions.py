"""How conditions on disclosing further are read."""

from __future__ import annotations

import pytest

from services.law.rules.conditions import forbids_onward, forbids_special


@pytest.mark.parametrize(
    ("condition", "onward", "special"),
    [
        ("no onward disclosure", True, False),
        ("No onward-disclosure!", True, False),
        ("  Geen   doorverstrekking. ", True, False),
        ("niet_verder verstrekken", True, False),
        ("onward disclosure", False, False),
        ("no onward disclosure without consent", False, False),
        ("geen bijzondere gegevens", False, True),
        ("bijzondere gegevens", False, False),
        ("", False, False),
    ],
)
def test_conditions_are_read_in_their_usual_spellings(*, condition: str, onward: bool, special: bool) -> None:
    """Case and punctuation do not count; a condition that says more than the usual words is left to a person."""
    assert (forbids_onward((condition,)), forbids_special((condition,))) == (onward, special)
    assert (forbids_onward(("x", condition)), forbids_special(("x", condition))) == (onward, special)


@pytest.mark.parametrize(
    "condition",
    [
        "no onward disclosure",
        "no further disclosure",
        "not to be disclosed further",
        "geen doorverstrekking",
        "geen verdere verstrekking",
        "niet doorverstrekken",
        "niet verder verstrekken",
    ],
)
def test_a_ban_on_going_further_has_several_spellings(condition: str) -> None:
    """Dutch and English, as decisions and suppliers write it."""
    assert forbids_onward((condition,))


@pytest.mark.parametrize(
    "condition", ["no special categories", "geen bijzondere gegevens", "geen bijzondere persoonsgegevens"]
)
def test_a_ban_on_special_categories_has_several_spellings(condition: str) -> None:
    """Dutch and English, as decisions write it."""
    assert forbids_special((condition,))
