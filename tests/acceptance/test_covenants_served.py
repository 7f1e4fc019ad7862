"""Covenants over a real ledger: two towns, an umbrella, a merger, a new reading, and what everybody is told of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.postgres import new_data_directory
from tests.support.served import Served

SCOPES = "processing:write processing:read governance audit"
BSN = "999990019"
ANNEX: dict[str, Any] = {
    "id": "jeugdgroepen",
    "necessity": {"proportionality": "alleen namen", "subsidiarity": "eerst een gesprek"},
    "dataCategories": ["name"],
    "retention": {"plan": "P1Y"},
}


class Town:
    """Speaks to a served ledger on a scenario clock as the college of one town."""

    def __init__(self, served: Served) -> None:
        """Take a development token."""
        self._base_url = served.base_url
        self._token = served.token("college", SCOPES)

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Ask once."""
        headers = {"Authorization": f"Bearer {self._token}", "Grootboek-Purpose": "legality-control"}
        headers |= how.pop("headers", {})
        return httpx.request(method, f"{self._base_url}{path}", headers=headers, timeout=30, **how)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Post what must be taken."""
        answer = self.ask("POST", path, json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """Read what must be there."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()


def house(covenant_id: str, town: str, **changes: Any) -> dict[str, Any]:
    """A covenant of two partners in one town, under the umbrella."""
    return {
        "id": covenant_id,
        "version": 1,
        "validFrom": "2026-01-01",
        "published": "2026-01-01",
        "regime": 2,
        "territory": [town],
        "umbrella": "koepel",
        "partners": [{"party": "college"}, {"party": "politie"}],
        "annexes": [ANNEX],
    } | changes


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Serve a ledger with an umbrella and two covenants under it, in March 2026."""
    folder = new_data_directory().parent
    served = Served(folder, lanes=2, clock="scenario")
    served.start()
    try:
        town = Town(served)
        town.post("/v1/clock", {"now": "2026-03-01T09:00:00Z"})
        for party, kind in (("college", "public-body"), ("politie", "police")):
            town.post("/v1/parties", {"id": party, "kind": kind})
        umbrella = {"id": "koepel", "version": 1, "validFrom": "2026-01-01", "umbrella": True}
        town.post("/v1/covenants", umbrella | {"purpose": "orde", "themes": ["jeugdgroepen"]})
        town.post("/v1/covenants", house("huis", "Middelstad"))
        town.post("/v1/covenants", house("elders", "Anderstad", annexes=[ANNEX | {"retention": {"plan": "P3M"}}]))
        yield town
    finally:
        served.stop()
        shutil.rmtree(folder)


def test_what_an_umbrella_does_not_name_is_refused_and_what_lacks_is_told(town: Town) -> None:
    """400 with the pointer for another approach; a remark in two languages for what a covenant lacks."""
    refused = town.ask("POST", "/v1/covenants", json=house("feest", "Middelstad", annexes=[{"id": "feesten"}]))
    assert refused.status_code == 400
    assert [(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]] == [
        ("/annexes/0/id", "theme-not-of-umbrella")
    ]
    again = town.post("/v1/covenants", house("huis", "Middelstad"))
    remarks = {remark["pointer"]: remark for remark in again["findings"]}
    assert remarks["/annexes/0/criteria"]["dutch"] == "De bijlage noemt niet: de criteria."
    assert "/purpose" not in remarks, "the umbrella gives the purpose"


def test_the_most_protective_covenant_governs_by_default_also_after_a_merger(town: Town) -> None:
    """Home town and town of the act each have one; a town that merged is found under its old name."""
    town.post("/v1/municipalities", {"id": "gm-9", "name": "Grootstad", "validFrom": "2026-02-01"})
    merged = {"id": "gm-1", "name": "Anderstad", "mergedInto": "gm-9", "validUntil": "2026-01-31"}
    town.post("/v1/municipalities", merged)
    question = {"homeMunicipality": "Middelstad", "actMunicipality": "Grootstad", "controller": "college"}
    answer = town.post("/v1/covenants/_resolve", question)
    assert [each["covenant"] for each in answer["candidates"]] == ["elders", "huis"]
    assert (answer["default"], answer["by"]) == ("elders", "protective-default")


def test_the_card_is_new_until_it_was_read(town: Town) -> None:
    """A reader is an opaque key; acknowledging it once is enough for this version."""
    path = "/v1/covenants/huis/card?reader=m-17"
    assert town.get(path)["acknowledged"] is None
    town.post(
        "/v1/acknowledgements",
        {
            "id": "huis:m-17",
            "covenant": "huis",
            "version": 1,
            "party": "college",
            "reader": "m-17",
            "validFrom": "2026-03-01",
        },
    )
    assert town.get(path)["acknowledged"] == "2026-03-01T09:00:00Z"
    assert town.get("/v1/covenants/huis/card?reader=m-18")["acknowledged"] is None


def test_contradictions_versions_and_the_register_are_told(town: Town) -> None:
    """An overlap with another term is a contradiction; a diff names the changed field; the export has rows."""
    assert town.get("/v1/covenants/contradictions")["items"] == []
    town.post("/v1/covenants", house("dubbel", "Middelstad", annexes=[ANNEX | {"retention": {"plan": "P2Y"}}]))
    (found,) = town.get("/v1/covenants/contradictions")["items"]
    assert (found["kind"], sorted(found["covenants"])) == ("retention", ["dubbel", "huis"])
    town.post("/v1/covenants", house("dubbel", "Middelstad", version=2))
    assert [change["pointer"] for change in town.get("/v1/covenants/dubbel/diff")["changes"]] == [
        "/annexes/jeugdgroepen/retention/plan"
    ]
    rows = town.ask("GET", "/v1/processing-activities/export", headers={"Accept": "text/csv"}).text.splitlines()
    assert rows[0].lstrip("\ufeff").startswith("source,id,version")
    assert any("huis/jeugdgroepen" in row for row in rows)


def test_a_new_reading_hits_exactly_the_running_acts_and_changes_no_verdict(town: Town) -> None:
    """What leaned on published criteria is reported; the record stays as it was judged; later acts are judged anew."""
    act = {
        "id": "lijst-1",
        "operation": "record",
        "occurredAt": "2026-03-01T08:00:00Z",
        "controller": "college",
        "subjects": [{"idType": "BSN", "id": BSN, "municipality": "Middelstad"}],
        "dataCategories": ["name"],
        "legalBasis": {"gdpr": "6(1)(e)", "statute": "Jeugdwet 2.3"},
        "covenant": {"id": "huis", "annex": "jeugdgroepen"},
        "phase": "plan",
    }
    judged = town.post("/v1/processing-operations", act)
    reasoned = {"proportionality": "Alleen deze naam.", "subsidiarity": "Een gesprek hielp niet."}
    town.post("/v1/processing-operations", act | {"id": "lijst-2", "necessity": reasoned})
    assert "necessity-missing" not in {finding["code"] for finding in judged["verdict"]["findings"]}
    reading = {"id": "strikt", "covenant": "huis", "regime": 3, "by": "college", "text": "Per geval."}
    town.post("/v1/interpretations", reading | {"validFrom": "2026-04-01"})
    seen = {"Grootboek-Min-Position": judged["subjects"][0]["position"]}
    report = town.ask("GET", "/v1/interpretations/strikt/cases", headers=seen).json()["items"]
    assert [(item["operationId"], item["adds"]) for item in report] == [("lijst-1", ["necessity-missing"])]
    kept = town.get("/v1/processing-operations/lijst-1")
    assert kept["verdict"]["outcome"] == judged["verdict"]["outcome"]
    town.post("/v1/clock", {"now": "2026-04-01T09:00:00Z"})
    later = town.post("/v1/processing-operations", act | {"id": "lijst-3", "occurredAt": "2026-04-01T08:00:00Z"})
    assert "necessity-missing" in {finding["code"] for finding in later["verdict"]["findings"]}
    assert town.get("/v1/covenants/huis/in-force")["regime"] == 3
