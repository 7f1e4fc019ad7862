"""Which covenant governs an act, and why."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import Act, CovenantReference, Place
from services.law.advice.governs import governs
from services.law.advice.shapes import CovenantVersion, Governs
from services.law.context import Context
from services.law.governance import Entry
from services.law.rules.scene import Scene
from tests.unit.law.builders import NOW, act, annex, covenant, register, reread, subject

OTHER = covenant("other", territory=("B",), annexes=(annex(retention={"signalling": "P1M"}),))


def governed(given_act: Act, *entries: Entry) -> Governs:
    """What governs the act on the persons called by their numbers."""
    names = [str(number + 1) for number in range(len(given_act.subjects))]
    return reread(governs(Scene(given_act, Context(register(*entries), None, NOW)), names))


def test_the_covenant_named_governs() -> None:
    """With its version and annex of the day; itself a candidate, because of the person's town."""
    found = governed(act())
    assert (found.covenant, found.annex, found.by) == (CovenantVersion(id="house", version=1), "groups", "named")
    (candidate,) = found.candidates
    assert (candidate.covenant.id, candidate.annex, candidate.because) == ("house", "groups", ("home-town",))
    assert (candidate.retention, candidate.subjects) == ("P3M", ("1",))
    assert candidate.until is not None
    assert candidate.until.isoformat() == "2026-09-01"


def test_an_annex_that_is_not_there_does_not_govern() -> None:
    """The covenant does, and the finding says that the annex is unknown."""
    found = governed(act(covenant=CovenantReference(id="house", annex="lost")))
    assert (found.covenant, found.annex, found.by) == (CovenantVersion(id="house", version=1), None, "named")


def test_a_covenant_that_is_not_in_force_governs_nothing() -> None:
    """The candidates are still told."""
    found = governed(act(covenant=CovenantReference(id="lost")))
    assert (found.covenant, found.by) == (None, "none")
    assert found.why.nl.startswith("Het convenant dat u noemt, geldt niet")
    assert [candidate.covenant.id for candidate in found.candidates] == ["house"]


def test_without_a_name_the_only_candidate_governs() -> None:
    """The covenant of the person's town of which sender and a recipient are partners."""
    found = governed(act(covenant=None))
    assert (found.covenant, found.annex, found.by) == (
        CovenantVersion(id="house", version=1),
        "groups",
        "only-candidate",
    )


def test_of_several_the_most_protective_one_is_the_default() -> None:
    """Home town and town of the act each have one: the shortest term stands first, and why is said."""
    found = governed(act(covenant=None, place=Place(municipality="B")), OTHER)
    assert (found.covenant, found.by) == (CovenantVersion(id="other", version=1), "protective-default")
    assert [(c.covenant.id, c.because) for c in found.candidates] == [
        ("other", ("town-of-act",)),
        ("house", ("home-town",)),
    ]
    assert "het meest beschermt" in found.why.nl.replace("\n", " ")


@pytest.mark.parametrize(
    "changes",
    [
        {"subjects": (subject(municipality=None),)},
        {"subjects": (subject(municipality="Far"),)},
        {"subjects": ()},
        {"controller": "school"},
    ],
)
def test_no_covenant_forbids_nothing(changes: dict[str, Any]) -> None:
    """No town, another town, no person, or a sender that is no partner."""
    found = governed(act(covenant=None, **changes))
    assert (found.covenant, found.by, found.candidates) == (None, "none", ())
    assert "verbiedt niets" in found.why.nl


def test_persons_under_different_covenants_are_for_the_sender_to_split() -> None:
    """Each candidate says for whom it is one."""
    persons = (subject(id="1"), subject(id="2", municipality="B"), subject(id="3", municipality=None))
    found = governed(act(covenant=None, subjects=persons), OTHER)
    assert (found.covenant, found.by) == (None, "none")
    assert found.why.nl.startswith("Voor deze personen gelden verschillende")
    assert [(c.covenant.id, c.subjects) for c in found.candidates] == [("house", ("1",)), ("other", ("2",))]


def test_persons_under_the_same_covenant_stand_together() -> None:
    """One candidate for all of them; whose town is not known does not stand in the way."""
    persons = (subject(id="1"), subject(id="2"), subject(id="3", municipality=None))
    found = governed(act(covenant=None, subjects=persons))
    assert found.covenant == CovenantVersion(id="house", version=1)
    assert [candidate.subjects for candidate in found.candidates] == [("1", "2")]
