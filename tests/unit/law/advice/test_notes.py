"""What is worth knowing of an act and is no finding."""

from __future__ import annotations

from typing import Any

import pytest

from services.law.act import Act, LegalBasis, Necessity
from services.law.advice.notes import NoteScene, find_notes
from services.law.advice.shapes import Note
from services.law.advice.tell import tell
from services.law.assessment import assess_recipients
from services.law.context import Context
from services.law.governance import Entry
from services.law.rules.scene import Scene
from services.law.texts import Text
from tests.unit.law.builders import NOW, REASONS, act, covenant, register, subject, to

PER_PERSON = {"several-tell", "telling-may-wait", "police-tell"}
SCHOOL_ACT: dict[str, Any] = {"controller": "college", "recipients": to("school")}


def notes(given_act: Act, *entries: Entry) -> dict[str, Note]:
    """The notes by code."""
    known = register(*entries)
    context = Context(known, None, NOW)
    scene = Scene(given_act, context)
    names = tuple(str(number + 1) for number in range(len(given_act.subjects)))
    told = tell(given_act, context, None, names)
    found = find_notes(NoteScene(scene, assess_recipients(given_act, context), told, names))
    assert len({note.code for note in found}) == len(found)
    assert all(isinstance(note.message, Text) and note.message.nl and note.message.en for note in found)
    assert all(note.subjects == names for note in found if note.code not in PER_PERSON)
    return {note.code: note for note in found}


def test_an_act_in_order_has_one_note() -> None:
    """Telling could be put off by a decision for each person; nothing else is worth saying."""
    found = notes(act())
    assert list(found) == ["telling-may-wait"]
    assert found["telling-may-wait"].subjects == ("1",)
    assert "uavg-41-1" in [norm.id for norm in found["telling-may-wait"].norms]


def test_what_must_be_shared_is_said_with_its_norm() -> None:
    """Wpg 16: the burgemeester is owed it, and only serious reasons hold it back."""
    given_act = act(controller="police", recipients=to("mayor"), data_regime="Wpg-8", necessity=REASONS)
    note = notes(given_act)["must-share"]
    assert note.parties == ("mayor",)
    assert note.norms
    assert note.message.nl.startswith("De wet verplicht u dit te delen met mayor")
    assert note.message.en.startswith("The law obliges you to share this with mayor")
    assert "must-share" not in notes(act())


def test_who_may_have_it_need_not_wait_for_who_may_not() -> None:
    """Police data for the mayor and for a school: the one is owed, the other bars the act as a whole."""
    police: dict[str, Any] = {"controller": "police", "data_regime": "Wpg-8", "necessity": REASONS}
    note = notes(act(**police, recipients=to("school", "mayor")))["share-apart"]
    assert note.parties == ("mayor",)
    assert note.message.nl == "Deel apart met mayor: dat mag. Samen met school gaat de hele handeling niet door."
    assert note.message.en.startswith("Share apart with mayor")
    assert "share-apart" not in notes(act(**police, recipients=to("mayor")))
    assert "share-apart" not in notes(act(**police, recipients=to("school")))


@pytest.mark.parametrize(
    ("changes", "outside"),
    [
        ({"recipients": to("school", "youth")}, ("school",)),
        ({"recipients": to("youth", "mayor")}, None),
        ({"recipients": to("school"), "covenant": None}, None),
        ({"recipients": to("school"), "operation": "record"}, None),
    ],
)
def test_being_no_partner_forbids_nothing(changes: dict[str, Any], outside: tuple[str, ...] | None) -> None:
    """S17: said of every recipient outside the covenant named; not of the controller itself."""
    note = notes(act(**changes)).get("recipient-not-partner")
    assert (None if note is None else note.parties) == outside
    if note is not None:
        assert "Dat verbiedt niets" in note.message.nl


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"covenant": None}, True),
        ({}, False),
        ({"covenant": None, "recipients": ()}, False),
        ({"covenant": None, "operation": "record"}, False),
    ],
)
def test_a_share_needs_no_covenant(changes: dict[str, Any], *, said: bool) -> None:
    """A covenant is no ground, so sharing without one is only said to ask more of the act itself."""
    assert ("covenant-not-needed" in notes(act(**changes))) is said


@pytest.mark.parametrize(
    ("changes", "crossed"),
    [
        (SCHOOL_ACT, None),  # both in education
        ({"controller": "college", "recipients": to("care", "school")}, ("care",)),
        ({"controller": "college", "recipients": to("police", "nobody")}, None),  # no domain stated
        ({"controller": "mayor", "recipients": to("care")}, None),  # the sender states none
        ({"controller": "nobody", "recipients": to("care")}, None),
        ({"controller": "college", "recipients": to("care"), "operation": "record"}, None),
    ],
)
def test_crossing_domains_is_a_note(changes: dict[str, Any], crossed: tuple[str, ...] | None) -> None:
    """S9: only where both sides state domains and share none."""
    note = notes(act(**changes)).get("cross-domain")
    assert (None if note is None else note.parties) == crossed


def test_two_who_must_tell_the_same_person_are_named() -> None:
    """S59: an arrangement could let one do it; one that exists makes the note go."""
    found = notes(act(covenant=None, subjects=(subject(id="1"), subject(id="2"))))
    assert (found["several-tell"].parties, found["several-tell"].subjects) == (("mayor", "youth"), ("1", "2"))
    assert "avg-26-1" in [norm.id for norm in found["several-tell"].norms]
    assert "several-tell" not in notes(act())
    assert "several-tell" in notes(act(), covenant(arrangement=None))


def test_nothing_to_tell_leaves_nothing_to_put_off() -> None:
    """A consult begins no duty."""
    assert "telling-may-wait" not in notes(act(operation="consult", recipients=()))


def test_the_police_tell_under_their_own_act() -> None:
    """Wpg 24b: a suspect in general only, others more; each person under its own."""
    persons = (subject(id="1", role="suspect"), subject(id="2"), subject(id="3", role="suspect"))
    given_act = act(controller="police", operation="record", recipients=(), data_regime="Wpg-8", subjects=persons)
    known = register()
    context = Context(known, None, NOW)
    scene = Scene(given_act, context)
    found = find_notes(NoteScene(scene, (), (), ("1", "2", "3")))
    police = [note for note in found if note.code == "police-tell"]
    assert [note.subjects for note in police] == [("1", "3"), ("2",)]
    assert {note.parties for note in police} == {("police",)}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("voor de zekerheid", "necessity-boilerplate"),
        ("nodig", "necessity-too-short"),
        ("alleen de namen van wie er bij was", None),
    ],
)
def test_words_that_give_no_reason_are_a_hint(words: str, code: str | None) -> None:
    """S41: a hint, never a finding, since words alone do not show that a reason is none."""
    necessity = Necessity(proportionality=words, subsidiarity="een gesprek hielp eerder niet genoeg")
    found = {code for code in notes(act(necessity=necessity)) if code.startswith("necessity-")}
    assert found == (set() if code is None else {code})


@pytest.mark.parametrize(
    ("changes", "code", "norms"),
    [
        ({"recipients": to("school")}, "recipient-not-partner", ["avg-6-1-c", "avg-6-1-e"]),
        ({"covenant": None}, "covenant-not-needed", ["avg-6-1-c", "avg-6-1-e"]),
        (
            {"controller": "college", "recipients": to("care")},
            "cross-domain",
            ["avg-5-1-b", "avg-6-1-e", "wpg-18-1", "wgs-1-5-1"],
        ),
        ({"covenant": None}, "several-tell", ["avg-26-1", "bgs-1-3"]),
        ({}, "telling-may-wait", ["avg-23", "uavg-41-1", "uavg-41-2"]),
        ({"controller": "police", "recipients": to("mayor"), "data_regime": "Wpg-8"}, "must-share", ["wpg-16-1-b"]),
        ({"controller": "police", "recipients": to("mayor"), "data_regime": "Wpg-8"}, "police-tell", ["wpg-24b"]),
    ],
)
def test_each_note_names_its_norms(changes: dict[str, Any], code: str, norms: list[str]) -> None:
    """All of them in force on the day of the act."""
    assert [norm.id for norm in notes(act(**changes))[code].norms] == norms


def test_what_forbids_nothing_says_so_in_both_languages() -> None:
    """The sentence that a regisseur needs, word for word."""
    assert notes(act(recipients=to("school")))["recipient-not-partner"].message == Text(
        "Geen partner van het convenant: school. Dat verbiedt niets. Beslissend is of de wet u laat geven en de "
        "ontvanger laat krijgen.",
        "No partner of the covenant: school. That forbids nothing. What decides is whether the law lets you give and "
        "the recipient receive.",
    )


def test_a_note_names_only_norms_of_the_day() -> None:
    """In 2017 there was no AVG to name."""
    given_act = act(occurred_at=NOW.replace(year=2017), covenant=None, legal_basis=LegalBasis(gdpr="6(1)(e)"))
    assert notes(given_act)["covenant-not-needed"].norms == ()
