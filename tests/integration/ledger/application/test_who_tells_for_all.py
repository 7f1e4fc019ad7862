"""Who must tell for all, though the covenant's own text does not name it: a contact point, or by an umbrella."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli.case.model import AMSTERDAM, read_case
from services.ledger.contract.forgetting import ExemptionEnding
from services.runtime.embedded_postgres import EmbeddedPostgres
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.duty_asking import COLLEGE, HUIS, ask, label_of, who
from tests.support.postgres import fresh_database

BASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"
DESK = "bewonersorganisatie"
"""No partner, and in no act."""
ROOF = {"id": "koepel", "version": 1, "validFrom": "2025-01-01", "umbrella": True, "arrangement": {"informs": DESK}}
Json = dict[str, Any]


def by_contact_point(raw: Json) -> None:
    """The case in a WGS partnership: the contact point tells, whatever the covenant says (BGS 1.3)."""
    huis = raw["covenants"][0]
    huis["legalFrame"] = "wgs-zvh"
    huis["arrangement"] = {"contactPoint": DESK, "informs": COLLEGE}


def by_umbrella(raw: Json) -> None:
    """The case with the arrangement in an umbrella."""
    huis = raw["covenants"][0]
    del huis["arrangement"]
    huis["umbrella"] = ROOF["id"]
    raw["covenants"].append(ROOF)


@pytest.fixture(scope="module", params=[by_contact_point, by_umbrella])
def ledger(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CaseLedger]:
    """The case in which somebody else tells."""
    raw = copy.deepcopy(read_case(BASE).raw)
    request.param(raw)
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with fresh_database(postgres_server.conninfo) as database, case_ledger(database, read_case(path)) as opened:
        opened.play()
        yield opened


@pytest.mark.parametrize("limit", [None, 2])
def test_the_inbox_of_who_tells_is_whole(ledger: CaseLedger, limit: int | None) -> None:
    """Every person of the covenant stands in it, though no act names the party, in one page or in many."""
    items = ask(ledger, who(DESK, "notice"), kind="inform", covenant=HUIS, limit=limit)
    assert sorted(label_of(ledger, item) for item in items) == ["y1", "y2", "y3", "y4", "y5", "y6", "y7", "y8", "y9"]
    assert {item["party"] for item in items} == {DESK}


def test_who_tells_ends_an_exemption(ledger: CaseLedger) -> None:
    """It need be no partner of the covenant."""
    body = ExemptionEnding(at=datetime(2026, 9, 20, 12, tzinfo=AMSTERDAM), reason="the investigation was closed")
    name = ledger.case.key(16, "y1")
    answer = ledger.run(ledger.duties.end_exemption.end(who(DESK, "notice"), name, "e-1", body))
    assert answer["endedAt"] == body.at
