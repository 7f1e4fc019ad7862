"""The protocol of an erasure as a partner sees it: over HTTP, on a real ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from services.gateway.app import create_app
from services.gateway.auth.issuer import TokenIssuer
from services.gateway.auth.keys import make_keys
from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.support.forgetting import ALICE, TODAY, Forgetful, forgetful

PERSON = {"idType": ALICE.id_type, "id": ALICE.id}
SCOPES = "processing:write processing:read retention"


@asynccontextmanager
async def door_of(ledger: Forgetful) -> AsyncIterator[Any]:
    """Give a function that asks the ledger over HTTP, as a party with some scopes."""
    issuer = TokenIssuer(make_keys(), FakeClock(), SeededIds(1))
    app = create_app(
        ledger=ledger.client,
        tokens=issuer.verifier(),
        clock=ledger.ledger.clock,
        ids=SeededIds(2),
        log=MemoryLog(),
        metrics=Metrics(),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:

        async def ask(method: str, path: str, *, by: str = "college", scope: str = SCOPES, **how: Any) -> Any:
            headers = {"Authorization": f"Bearer {issuer.issue(by, scope, None)}", **how.pop("headers", {})}
            headers["Grootboek-Purpose"] = "operations"
            return await client.request(method, path, headers=headers, **how)

        yield ask


def test_an_erasure_over_http(database: str, tmp_path: Path) -> None:
    """Asked, refused while held, fenced, waiting for the recipient's answer, complete, declared: each seen by a GET."""

    async def story(ask: Any, ledger: Forgetful) -> None:
        act = await ledger.record(ALICE, shared_with=("politie",))
        held = await ask("POST", "/v1/retention/holds", json={"subject": PERSON, "reason": "r", "kind": "court"})
        assert (held.status_code, held.json()["covered"]) == (201, 1)
        body = {"id": "e-1", "subject": PERSON, "ground": "AVG 17(1)(d)", "decision": "B-1"}
        refused = await ask("POST", "/v1/erasures", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "record-held")
        released = await ask("DELETE", f"/v1/retention/holds/{held.json()['id']}")
        assert (released.status_code, released.json()["kind"]) == (200, "court")
        accepted = await ask("POST", "/v1/erasures", json=body)
        assert (accepted.status_code, accepted.json()) == (202, {"id": "e-1"})
        assert (await ask("GET", "/v1/erasures/e-1")).json()["state"] == "fenced"
        assert (await ask("GET", "/v1/erasures/e-1/declaration")).status_code == 409
        await ledger.ledger.wait_until_applied()
        assert (await ask("GET", f"/v1/processing-operations/{act}")).status_code == 404
        await ledger.retention.catch_up()
        waiting = (await ask("GET", "/v1/erasures/e-1")).json()
        assert {name: waiting[name] for name in ("state", "owed", "confirmed", "backupsUntil")} == {
            "state": "waiting",
            "owed": 1,
            "confirmed": 0,
            "backupsUntil": (TODAY + timedelta(days=30)).isoformat(),
        }
        owed = (await ask("POST", "/v1/obligations/_search", by="politie", json={"kind": "erase"})).json()["items"]
        answer = {"at": ledger.ledger.clock.now().isoformat(), "outcome": "erased", "how": "deleted"}
        path = f"/v1/obligations/{owed[0]['id']}/confirmations"
        assert (await ask("POST", path, by="school", json=answer)).status_code == 404
        assert (await ask("POST", path, by="politie", json=answer)).status_code == 200
        await ledger.retention.catch_up()
        complete = (await ask("GET", "/v1/erasures/e-1")).json()
        assert (complete["state"], complete["confirmed"]) == ("complete", 1)
        declaration = await ask("GET", "/v1/erasures/e-1/declaration")
        assert declaration.json()["recipients"] == {"owed": 1, "answered": 1}
        pdf = await ask("GET", "/v1/erasures/e-1/declaration", headers={"Accept": "application/pdf"})
        assert pdf.content.startswith(b"%PDF-")
        assert (await ask("GET", "/v1/erasures/e-1", by="school")).status_code == 404
        again = await ask("POST", "/v1/erasures", json=body)
        assert (again.status_code, again.json()) == (202, {"id": "e-1"})
        other = await ask("POST", "/v1/erasures", json=body | {"decision": "B-2"})
        assert (other.status_code, other.json()["code"]) == (409, "idempotency-conflict")

    async def main() -> None:
        async with forgetful(database, tmp_path) as ledger, door_of(ledger) as ask:
            await story(ask, ledger)

    asyncio.run(main())


def test_terms_and_the_schedule_over_http(database: str, tmp_path: Path) -> None:
    """Another end shows in the schedule; a day that ended has its declaration; then there is nothing to change."""

    async def story(ask: Any, ledger: Forgetful) -> None:
        act = await ledger.record(ALICE)
        day = (TODAY + timedelta(days=1)).isoformat()
        body = {"reason": "let go", "holdingEnds": day, "recordEnds": day}
        changed = await ask("POST", f"/v1/processing-operations/{act}/retention", json=body)
        assert (changed.status_code, changed.json()["items"][0]["recordEnds"]) == (201, day)
        await ledger.ledger.wait_until_applied()
        found = (await ask("GET", f"/v1/retention/schedule?until={day}")).json()["items"]
        assert {(item["day"], item["ends"], item["lines"]) for item in found} == {
            (day, "holding", 1),
            (day, "record", 2),
        }
        (rule,) = next(item["rules"] for item in found if item["ends"] == "holding")
        keeping = (await ask("GET", f"/v1/processing-operations/{act}")).json()["subjects"][0]["keeping"]
        assert (rule["rule"], rule["lines"], rule["text"]) == (keeping["rule"], 1, keeping["text"])
        assert [lost["rule"] for lost in rule["lost"]] == [lost["rule"] for lost in keeping["lost"]]
        assert all(item["rules"] == [] for item in found if item["ends"] == "record")
        await ledger.day(TODAY + timedelta(days=2))
        declared = (await ask("GET", f"/v1/retention/declarations?day={day}")).json()["items"]
        assert [item["records"] for item in declared] == [2]
        late = await ask("POST", f"/v1/processing-operations/{act}/retention", json=body | {"recordEnds": "2030-01-01"})
        assert (late.status_code, late.json()["code"]) == (409, "record-ended")
        outsider = await ask("POST", f"/v1/processing-operations/{act}/retention", by="school", json=body)
        assert outsider.status_code == 404

    async def main() -> None:
        async with forgetful(database, tmp_path) as ledger, door_of(ledger) as ask:
            await story(ask, ledger)

    asyncio.run(main())
