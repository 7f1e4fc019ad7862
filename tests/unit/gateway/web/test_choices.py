"""What can be chosen: partners first, one's own party never, and the kinds of data that one's covenants know."""

from __future__ import annotations

import pytest

from services.gateway.web.choices import (
    USUAL_CATEGORIES,
    AnnexChoice,
    Choices,
    CovenantChoice,
    PartnerLine,
    PartyChoice,
    choices_of,
)

PARTIES = [
    PartyChoice(id="school"),
    PartyChoice(id="politie", name="Politie"),
    PartyChoice(id="burgemeester"),
    PartyChoice(id="om"),
]


def covenant(*partners: str, annexes: tuple[AnnexChoice, ...] = (), name: str = "v") -> CovenantChoice:
    """A covenant between these parties."""
    return CovenantChoice(id=name, version=1, partners=tuple(PartnerLine(party) for party in partners), annexes=annexes)


def chosen(*covenants: CovenantChoice) -> Choices:
    """The choices of the burgemeester."""
    return choices_of("burgemeester", PARTIES, list(covenants))


def test_partners_come_first_and_nobody_chooses_itself() -> None:
    """Those of a shared covenant stand before all others, each group by name."""
    choices = chosen(covenant("burgemeester", "school", "om"), covenant("politie", "om"))
    assert choices.partner_pairs == [("om", "om"), ("school", "school")]
    assert choices.other_pairs == [("politie", "Politie")]
    assert choices.all_pairs == choices.partner_pairs + choices.other_pairs


def test_only_ones_own_covenants_can_be_named() -> None:
    """A covenant of others, and the kinds of data that it knows, are no choice."""
    ours = covenant("burgemeester", annexes=(AnnexChoice(id="a", data_categories=("image", "name")),), name="ours")
    theirs = covenant("politie", annexes=(AnnexChoice(id="b", data_categories=("health",)),), name="theirs")
    choices = chosen(ours, theirs)
    assert [each.id for each in choices.covenants] == ["ours"]
    assert choices.categories == (*USUAL_CATEGORIES, "image")


@pytest.mark.parametrize(
    ("annexes", "expected"),
    [((), None), ((AnnexChoice(id="a"),), "v|a"), ((AnnexChoice(id="a"), AnnexChoice(id="b")), None)],
)
def test_where_there_is_one_choice_it_is_made(annexes: tuple[AnnexChoice, ...], expected: str | None) -> None:
    """One annex in one covenant is filled in beforehand; of two, one must be chosen."""
    assert chosen(covenant("burgemeester", annexes=annexes)).only_annex == expected


def test_a_party_is_called_by_its_name() -> None:
    """A name if the register has one, else the id; also for who stands in no register."""
    choices = chosen()
    assert [choices.label(party) for party in ("politie", "school", "unknown")] == ["Politie", "school", "unknown"]
