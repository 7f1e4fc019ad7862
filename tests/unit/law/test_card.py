"""The covenant card: what a covenant says, in plain words of two languages, and nothing that it does not say."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from services.law.act import Phase
from services.law.card import Card, card_of
from services.law.governance import Arrangement, Covenant, Criteria, Entry, Partner, Party, Purpose
from tests.unit.law.builders import DAY, annex, covenant, register


def card(*entries: Entry, day: date = DAY) -> Card:
    """The card of the covenant ``house``."""
    found = card_of(register(*entries), "house", day)
    assert found is not None
    return found


def lines(found: Card, heading: str) -> list[str]:
    """The Dutch lines under an English heading; none when it has no such section."""
    return [line.nl for section in found.sections if section.heading.en == heading for line in section.lines]


def test_a_full_covenant_has_all_its_sections_in_both_languages() -> None:
    """Every sentence stands in Dutch and in English, and the days and version are those in force."""
    found = card(covenant(summary="Samen tegen overlast.", arrangement=Arrangement(informs="college")))
    assert (found.covenant, found.version, found.valid_from, found.valid_until) == (
        "house",
        1,
        date(2025, 1, 1),
        date(2027, 12, 31),
    )
    assert found.summary == "Samen tegen overlast."
    assert [section.heading.nl for section in found.sections] == [
        "Waarvoor",
        "Wie meedoen",
        "Welke gegevens",
        "Wat u opschrijft",
        "Hoe lang",
        "Wie wat doet voor de betrokkene",
    ]
    assert all(line.nl and line.en for section in found.sections for line in section.lines)


def test_what_is_not_said_has_no_section() -> None:
    """A covenant that says nothing gives the one sentence that holds for all: it is no ground."""
    found = card(Covenant(id="house", version=1, valid_from=date(2025, 1, 1)))
    assert [section.heading.en for section in found.sections] == ["What you write down"]
    assert lines(found, "What you write down") == [
        "Dit convenant is geen wettelijke grond. U hebt ook een eigen wet nodig, en de ontvanger ook."
    ]


def test_there_is_no_card_outside_the_days_of_the_covenant() -> None:
    """No version in force on the day: no card."""
    assert card_of(register(), "house", date(2028, 1, 1)) is None
    assert card_of(register(), "elsewhere", DAY) is None


@pytest.mark.parametrize(
    ("regime", "demand"),
    [
        (1, "Noem bij elke handeling de wet die uw eigen organisatie de taak geeft."),
        (2, "De reden staat al in de bijlage. Kijk of de persoon aan de criteria voldoet en schrijf dat op."),
        (3, "Schrijf bij elke handeling op waarom dit nodig is en waarom het niet met minder kan."),
    ],
)
def test_each_regime_asks_for_something_else(regime: int, demand: str) -> None:
    """The reading of the law that the covenant chose says what must be written down."""
    assert lines(card(covenant(regime=regime)), "What you write down")[1:] == [demand]


def test_a_coercive_covenant_warns_against_consent() -> None:
    """Who must take part cannot consent freely."""
    found = lines(card(covenant(regime=None, coercive=True)), "What you write down")
    assert found[1:] == ["Vraag geen toestemming als grond: wie moet meewerken, is daar niet vrij in."]


def test_the_purpose_is_told_in_its_registered_words() -> None:
    """The text of the purpose when it is registered, else its id."""
    assert lines(card(), "What for") == ["youth-groups"]
    assert lines(card(Purpose(id="youth-groups", text="Overlast van groepen beperken.")), "What for") == [
        "Overlast van groepen beperken."
    ]


def test_partners_are_those_of_the_day_and_incidental_ones_stand_apart() -> None:
    """Who left or has yet to come is not named; an incidental partner is named with its last day."""
    partners = (
        Partner(party="mayor"),
        Partner(party="police"),
        Partner(party="youth", until=date(2026, 1, 1)),
        Partner(party="club", role="incidental"),
        Partner(party="school", role="incidental", until=date(2026, 9, 30)),
    )
    found = card(covenant(partners=partners), Party(id="club", kind="volunteer-body", name="De Buurtclub"))
    assert lines(found, "Who takes part") == [
        "Partners zijn mayor en police.",
        "De Buurtclub doet soms mee.",
        "school doet soms mee, tot en met 30 september 2026.",
    ]
    only_incidental = card(covenant(partners=(Partner(party="school", role="incidental"),)))
    assert lines(only_incidental, "Who takes part") == ["school doet soms mee."]


def test_data_and_terms_are_told_per_annex() -> None:
    """Each annex by its name, what it lets in, about whom nothing, and how long in each phase."""
    groups = annex(name="Jeugdgroepen", retention={"signalling": "P3M", "own-phase": "P2Y"})
    bare = annex(id="bare", data_categories=(), criteria=None, retention={})
    found = card(covenant(annexes=(groups, bare, annex(id="plain", criteria=Criteria(), retention={}))))
    assert lines(found, "Which data") == [
        "Jeugdgroepen: alleen naam en report.",
        "Jeugdgroepen, niets over wie alleen dit is: omstander.",
        "plain: alleen naam en report.",
    ]
    assert lines(found, "For how long") == [
        "Jeugdgroepen, bij het signaleren: 3 maanden.",
        "Jeugdgroepen, own-phase: 2 jaar.",
    ]


def test_each_phase_is_said_as_people_say_it() -> None:
    """Not one of the six phases of the contract is shown by its id, in neither language."""
    groups = annex(name="G", retention=dict.fromkeys(get_args(Phase), "P3M"))
    told = card(covenant(annexes=(groups,)))
    assert lines(told, "For how long") == [
        f"G, bij {phase}: 3 maanden."
        for phase in (
            "het signaleren",
            "de beeldvorming",
            "het wegen",
            "het plan van aanpak",
            "de uitvoering",
            "de nazorg",
        )
    ]
    (terms,) = (section.lines for section in told.sections if section.heading.en == "For how long")
    assert [line.en.split(", ")[1] for line in terms] == [
        f"{phase}: 3 months."
        for phase in (
            *("while signalling", "while forming a picture", "while weighing", "while planning", "while carrying out"),
            "during aftercare",
        )
    ]


def test_the_arrangement_names_who_does_what() -> None:
    """One sentence for each duty that is allotted."""
    shared = Arrangement(contact_point="college", informs="mayor", reports_breach="police")
    assert lines(card(covenant(arrangement=shared)), "Who does what for the person") == [
        "mayor vertelt het aan de betrokkene.",
        "college beantwoordt vragen om inzage.",
        "police meldt een datalek.",
    ]
    assert lines(card(covenant(arrangement=None)), "Who does what for the person") == []
