"""The card at the moment of use: which version, and whether this reader has read it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.law.governance import Acknowledgement, Covenant, Party
from services.ledger.application.bounds import BoundInvalid
from services.ledger.application.covenant_cards import CovenantCards
from services.ledger.contract.errors import NotFound
from services.ledger.contract.messages import Caller
from tests.support.register_desk import RegisterDesk

POLICE = Caller(party="politie", scopes=frozenset({"governance"}))


class Desk(RegisterDesk):
    """A register with one covenant in two versions, and its cards."""

    def __init__(self) -> None:
        super().__init__(datetime(2026, 9, 7, 12, tzinfo=UTC))
        self.card = CovenantCards(source=self.source, clock=self.clock)
        self.register(
            Party(id="politie", kind="police"),
            Covenant(id="huis", version=1, valid_from=date(2026, 1, 1), valid_until=date(2026, 9, 30)),
            Covenant(id="huis", version=2, valid_from=date(2026, 10, 1)),
        )

    def read(self, reader: str, version: int) -> None:
        """Say that a member of the police has read a version."""
        entry_id = f"huis:{reader}"
        day = date(2026, 9, 7)
        self.register(
            Acknowledgement(
                id=entry_id, covenant="huis", version=version, party="politie", reader=reader, valid_from=day
            )
        )


def test_the_card_is_shown_until_it_was_read_and_again_for_a_new_version() -> None:
    """A new user sees it once; who read the first version sees the second as new."""
    desk = Desk()
    assert desk.card(POLICE, "huis", "m-17")["acknowledged"] is None
    desk.read("m-17", 1)
    assert desk.card(POLICE, "huis", "m-17")["acknowledged"] == "2026-09-07T12:00:00Z"
    assert desk.card(POLICE, "huis", "m-18")["acknowledged"] is None
    desk.clock.advance(days=30)
    newer = desk.card(POLICE, "huis", "m-17")
    assert (newer["version"], newer["acknowledged"]) == (2, None)
    desk.read("m-17", 2)
    assert desk.card(POLICE, "huis", "m-17")["acknowledged"] == "2026-10-07T12:00:00Z"


def test_what_another_party_s_staff_read_is_not_told() -> None:
    """The same key at another party is another reader."""
    desk = Desk()
    desk.read("m-17", 1)
    assert desk.card(Caller(party="om"), "huis", "m-17")["acknowledged"] is None


def test_without_a_reader_nothing_is_said_of_reading() -> None:
    """The card itself is for everybody."""
    desk = Desk()
    desk.read("m-17", 1)
    card = desk.card(POLICE, "huis")
    assert "acknowledged" not in card
    assert card["sections"][0]["heading"] == {"nl": "Wat u opschrijft", "en": "What you write down"}


def test_the_card_is_that_of_the_day() -> None:
    """The version in force at an instant or on a day; none before the first, and none for a day that is no day."""
    desk = Desk()
    assert desk.card(POLICE, "huis", None, "2026-09-30")["version"] == 1
    assert desk.card(POLICE, "huis", None, "2026-09-30T22:00:00Z")["version"] == 2
    with pytest.raises(NotFound):
        desk.card(POLICE, "huis", None, "2025-12-31")
    with pytest.raises(NotFound):
        desk.card(POLICE, "nergens")
    with pytest.raises(BoundInvalid):
        desk.card(POLICE, "huis", None, "yesterday")
