"""What is remembered of a duty from one look to the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from services.law.local_time import AMSTERDAM
from services.ledger.contract.commands import DutyAt
from services.notifier.application.attend import plan
from services.notifier.domain.duties import remember
from tests.support.notifier import NOW, duty_at, erase_at

LATER = NOW + timedelta(days=1)


def test_a_row_keeps_when_it_was_first_seen() -> None:
    """Later looks change what the ledger says, not since when it is known."""
    first = remember(None, duty_at(), NOW)
    second = remember(first, duty_at(state="residual", missing_elements=("source",)), LATER)
    assert (second.first_seen_at, second.state, second.missing_elements) == (NOW, "residual", ("source",))
    assert second.reopened_at is None


def test_the_end_of_an_exemption_is_noticed() -> None:
    """A duty that was exempt and is open again came back now, from that exemption."""
    exempt = remember(None, duty_at(state="exempt", exempt_until=date(2026, 5, 4)), NOW)
    revived = remember(exempt, duty_at(), LATER)
    assert (revived.reopened_at, revived.reopened_from) == (LATER, "exempt until 2026-05-04")
    assert remember(revived, duty_at(), LATER + timedelta(days=1)).reopened_at == LATER


def test_a_duty_to_erase_comes_back_after_a_term_of_keeping() -> None:
    """What was kept under a norm and is owed again came back."""
    kept = remember(None, erase_at(state="kept"), NOW)
    assert remember(kept, erase_at(), LATER).reopened_from == "kept"


@pytest.mark.parametrize("state", ["done", "exempt"])
def test_a_duty_that_comes_to_rest_did_not_come_back(state: str) -> None:
    """Only from rest to open counts."""
    assert remember(remember(None, duty_at(), NOW), duty_at(state=state), LATER).reopened_at is None


def test_the_zone_in_which_a_date_is_told_changes_no_moment() -> None:
    """Over the start of summer time a reminder has the same moment, whether the ledger runs here or elsewhere."""
    here = duty_at(due=datetime(2026, 3, 30, tzinfo=AMSTERDAM))
    elsewhere = msgspec.json.decode(msgspec.json.encode(here), type=DutyAt)
    moments = [plan(remember(None, told, NOW), {}, datetime(2026, 3, 1, tzinfo=UTC))[1] for told in (here, elsewhere)]
    assert moments == [datetime(2026, 3, 26, 22, tzinfo=UTC)] * 2
