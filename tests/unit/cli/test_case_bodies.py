"""A case file becomes the calls of the public contract."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from services.cli.case.bodies import calls_of, governance_calls
from services.cli.case.model import Case, read_case, zoned
from services.law.act import Act, Exemption, Notice

CASE = Path(__file__).parents[2] / "cases" / "vechtpartijen.yaml"


@pytest.fixture(scope="module")
def case() -> Case:
    """The case of the seed."""
    return read_case(CASE)


def test_acts_come_in_the_order_in_which_they_were_recorded(case: Case) -> None:
    """Act 9 happened on the 12th but is entered on the 20th, after act 18 and before act 19."""
    numbers = [act.number for act in case.acts]
    assert numbers.index(18) + 1 == numbers.index(9)
    assert numbers.index(9) + 1 == numbers.index(19)


def test_every_operation_is_a_body_of_the_contract(case: Case) -> None:
    """Each operation decodes strictly as an Act, each notice as a Notice, each exemption as an Exemption."""
    shapes = {"operation": Act, "notice": Notice, "exemption": Exemption}
    for act in case.acts:
        if act.kind in shapes:
            for call in calls_of(case, act):
                msgspec.convert(call.body, shapes[act.kind])


def test_a_processor_acts_for_its_controller(case: Case) -> None:
    """Where a controller is named, the one who acts is the processor and posts it."""
    [call] = calls_of(case, case.act(9))
    assert call.party == "beveiliger"
    assert call.body["controller"] == "college-middelstad"
    assert call.body["processor"] == "beveiliger"


def test_an_exemption_is_one_call_per_person(case: Case) -> None:
    """UAVG 41 is decided person by person, each under an id of its own."""
    calls = calls_of(case, case.act(16))
    assert [call.body["subject"]["id"] for call in calls] == ["999990019"]
    assert calls[0].key in case.numbers_by_key()


def test_ids_are_the_same_in_every_run(case: Case) -> None:
    """A second run posts the same keys, so the ledger recognises them."""
    again = read_case(CASE)
    assert case.numbers_by_key() == again.numbers_by_key()


def test_a_statement_that_there_is_no_contract_is_kept(case: Case) -> None:
    """``contract: null`` is something else than no word about a contract."""
    guard = next(call.body for call in governance_calls(case) if call.body["id"] == "beveiliger")
    assert "contract" in guard
    assert guard["contract"] is None


def test_local_times_get_the_offset_of_amsterdam() -> None:
    """Summer time and winter time each with their own offset; other text is left alone."""
    body = zoned({"a": ["2026-07-01T10:00", "2026-12-01T10:00"], "b": "2026-07-01"})
    assert body == {"a": ["2026-07-01T10:00:00+02:00", "2026-12-01T10:00:00+01:00"], "b": "2026-07-01"}
    assert datetime.fromisoformat(body["a"][0]).utcoffset() is not None
