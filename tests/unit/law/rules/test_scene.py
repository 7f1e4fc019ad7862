"""What rules read off an act: the letter of its ground in the law of the day, and whether data go out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.law.act import LegalBasis
from services.law.context import Context
from services.law.governance import Party
from services.law.rules.scene import AVG_FROM, Scene, ground_letter
from tests.unit.law.builders import NOW, act, activity, register, to, verdict

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


WORK = {"gdpr": "6(1)(e)", "statute": "Gemeentewet 172"}


@pytest.mark.parametrize(
    ("given", "own", "letter", "article"),
    [
        (None, WORK, "e", "172"),
        (LegalBasis(), WORK, "e", "172"),
        (LegalBasis(gdpr=" ", statute=" "), WORK, "e", "172"),
        (LegalBasis(article9="9(2)(h)"), WORK, "e", "172"),
        (LegalBasis(article10="UAVG 32"), WORK, "e", "172"),
        (LegalBasis(gdpr="6(1)(e)"), WORK, "e", "172"),
        (LegalBasis(gdpr="art. 6 lid 1 onder e AVG", article9="9(2)(g)"), WORK, "e", "172"),
        (LegalBasis(gdpr="6(1)(e)"), "Gemeentewet 172", "e", "172"),
        (LegalBasis(gdpr="6(1)(c)"), WORK, "c", None),
        (LegalBasis(gdpr="6(1)(d)"), WORK, "d", "172"),
        (LegalBasis(gdpr="nine"), WORK, None, None),
        (LegalBasis(gdpr="nine"), "Gemeentewet 172", None, None),
        (LegalBasis(statute="Gemeentewet 174"), WORK, "e", "174"),
        (LegalBasis(statute="Gemeentewet 174"), "6(1)(f)", "f", "174"),
        (LegalBasis(statute="Gemeentewet 174"), "6(1)(a)", None, "174"),
        (LegalBasis(gdpr="nine", statute="Gemeentewet 174"), WORK, None, "174"),
        (LegalBasis(gdpr="6(1)(c)", statute="Gemeentewet 174"), WORK, "c", "174"),
        (None, "6(1)(a)", "a", None),
        (None, None, None, None),
        (LegalBasis(gdpr="6(1)(e)"), None, "e", None),
    ],
)
def test_what_a_ground_leaves_out_is_that_of_the_activity(
    given: LegalBasis | None, own: Any, letter: str | None, article: str | None
) -> None:
    """Letter and statute of the act go before; a part that is left out comes from the same ground, or from none."""
    line = activity(id="work", controller="mayor", legal_basis=own)
    scene = Scene(act(activity="work", legal_basis=given), Context(register(line), None, NOW))
    assert (scene.letter, scene.statute and scene.statute.article) == (letter, article)


def test_nothing_said_about_the_ground_is_nothing_said() -> None:
    """Four nulls, and no ground at all, are one body: it is stored as one, and judged as one."""
    line = activity(id="work", controller="mayor", legal_basis=WORK)
    empty, none = (verdict(act(activity="work", legal_basis=given), line) for given in (LegalBasis(), None))
    assert empty == none
    assert not none.findings
