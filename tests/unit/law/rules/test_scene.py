"""What rules read off an act: the letter of its ground in the law of the day, and whether data go out."""

from __future__ import annotations

from datetime import date

import pytest

from services.law.context import Context
from services.law.governance import Party
from services.law.rules.scene import AVG_FROM, Scene, ground_letter
from tests.unit.law.builders import NOW, act, register, to

BEFORE = date(2018, 5, 24)


@pytest.mark.parametrize(
    ("text", "day", "letter"),
    [
        ("6(1)(e)", AVG_FROM, "e"),
        ("6(1)(e)", BEFORE, "e"),
        ("8(e)", BEFORE, "e"),
        ("8(e)", AVG_FROM, None),
        ("Wbp 8 onder e", BEFORE, "e"),
        ("Wbp 8(e)", BEFORE, "e"),
        ("Wbp 8(e)", AVG_FROM, None),
        ("artikel 8, onderdeel a, Wbp", BEFORE, "a"),
        ("8(g)", BEFORE, None),
        ("9(e)", BEFORE, None),
        ("", BEFORE, None),
    ],
)
def test_a_letter_is_that_of_the_law_of_the_day(text: str, day: date, letter: str | None) -> None:
    """Until 24 May 2018 Wbp 8 gives the letters too; from the next day on only AVG 6(1) does."""
    assert ground_letter(text, day) == letter


@pytest.mark.parametrize(
    ("recipients", "goes_out"),
    [
        ((), False),
        (("mayor",), False),
        (("host",), False),
        (("host", "mayor"), False),
        (("guard",), True),
        (("youth",), True),
        (("host", "youth"), True),
        (("nobody",), True),
    ],
)
def test_data_go_out_to_somebody_else(*, recipients: tuple[str, ...], goes_out: bool) -> None:
    """Not to the controller itself or its own processor; to another's processor, or a party nobody knows, they do."""
    scene = Scene(act(recipients=to(*recipients)), Context(register(parties=PARTIES), None, NOW))
    assert scene.goes_out is goes_out


PARTIES = (
    Party(id="mayor", kind="public-body", processes_for="mayor"),
    Party(id="youth", kind="private-controller", processes_for="mayor"),
    Party(id="host", kind="processor", processes_for="mayor"),
    Party(id="guard", kind="processor", processes_for="college"),
)
