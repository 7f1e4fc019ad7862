"""The case of the seed on a real ledger: its answers are those the file expects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli.case.load import Posted
from services.cli.case.model import read_case
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

CASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
Json = dict[str, Any]


@pytest.fixture(scope="module", params=[1, 4])
def played(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres
) -> Iterator[tuple[CaseLedger, dict[int, Posted]]]:
    """The case, played once per number of lanes."""
    with (
        fresh_database(postgres_server.conninfo) as database,
        case_ledger(database, read_case(CASE), request.param) as ledger,
    ):
        yield ledger, ledger.play()


@pytest.fixture(scope="module")
def answers(played: tuple[CaseLedger, dict[int, Posted]]) -> Json:
    """What the loader would write to ``var/answers.json``."""
    ledger, posted = played
    return ledger.ask(posted)


@pytest.mark.parametrize("key", ["findings", "breach_20", "access_21", "replay_y2", "retention", "inform_2026-09-18"])
def test_answers(answers: Json, played: tuple[CaseLedger, dict[int, Posted]], key: str) -> None:
    """Every answer equals what the case file expects, whole."""
    assert answers[key] == played[0].case.raw["expected"][key]
