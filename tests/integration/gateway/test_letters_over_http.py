"""Letters to persons as a controller orders them: over HTTP, on a real ledger with its companions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from services.companions import Companions
from services.gateway.app import create_app
from services.gateway.auth.issuer import TokenIssuer
from services.gateway.auth.keys import make_keys
from services.law.act import CovenantReference
from services.ledger.contract.messages import SubjectIdentifier
from services.notifier.main import NotifierProcess
from services.retention.entrypoints import run
from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds
from services.runtime.log import MemoryLog
from services.runtime.metrics import Metrics
from tests.integration.gateway.test_calls import BREACH, ENVELOPE, ERASED, NOTICE
from tests.support.forgetting import ALICE, BOB, CAROL, TODAY, Forgetful, forgetful
from tests.support.notifier import CANARY_NAME, CANARY_STREET

SCOPES = "processing:write processing:read notice breach retention"
AT_HOME = ENVELOPE | {"address": [CANARY_NAME, CANARY_STREET, "1234 AB Middelstad"], "salutation": CANARY_NAME}


class House:
    """A ledger, its companions and its door."""

    def __init__(self, ledger: Forgetful, companions: Companions, home: Path) -> None:
        """Put a door before the ledger; everything it logs and counts can be looked at."""
        self.ledger, self.companions, self.home = ledger, companions, home
        self.log, self.metrics = MemoryLog(), Metrics()
        self.issuer = TokenIssuer(make_keys(), FakeClock(), SeededIds(1))
        self.app = create_app(
            ledger=ledger.client,
            desk=companions.desk,
            tokens=self.issuer.verifier(),
            clock=ledger.ledger.clock,
            ids=SeededIds(2),
            log=self.log,
            metrics=self.metrics,
        )

    async def ask(
        self,
        method: str,
        path: str,
        *,
        by: str = "college",
        scope: str = SCOPES,
        purpose: str = "operations",
        **how: Any,
    ) -> httpx.Response:
        """Ask once, as a party."""
        headers = {"Authorization": f"Bearer {self.issuer.issue(by, scope, None)}", "Grootboek-Purpose": purpose}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
            return await client.request(method, path, headers=headers, **how)

    async def order(self, path: str, order: Any, *, by: str = "college") -> tuple[int, Any]:
        """Order a letter; status and body."""
        answer = await self.ask("POST", path, by=by, json=order)
        text = str((str(answer.request.url), answer.text, self.log.written, self.metrics.exposition()))
        assert CANARY_NAME not in text
        assert CANARY_STREET not in text
        return answer.status_code, answer.json()

    async def duty(self, subject: SubjectIdentifier, by: str = "college") -> str:
        """The obligation of a party to inform a person."""
        await self.ledger.ledger.wait_until_applied()
        body = {"kind": "inform", "subject": named(subject)}
        (one,) = (await self.ask("POST", "/v1/obligations/_search", by=by, json=body)).json()["items"]
        return str(one["id"])

    async def settle(self) -> None:
        """Do all that is due."""
        await self.ledger.client.set_clock(self.ledger.ledger.clock.now() + timedelta(minutes=1))

    def letters(self, party: str = "college") -> list[str]:
        """The texts of the letters in the folder of a party."""
        return [
            "\n".join(page.extract_text() for page in PdfReader(path).pages)
            for path in sorted((self.home / "notifier" / "mailboxes" / party).glob("*.pdf"))
        ]

    async def hide(self, subject: SubjectIdentifier, by: str = "college") -> None:
        """Decide not to tell a person for a month."""
        now = self.ledger.ledger.clock.now()
        body = {
            "subject": named(subject),
            "controller": by,
            "norm": "UAVG 41(1)(d)",
            "interest": "investigation",
            "decidedBy": by,
            "decidedAt": now.isoformat(),
            "reviewOn": (now + timedelta(days=30)).date().isoformat(),
        }
        answer = await self.ask("POST", "/v1/exemptions", by=by, json=body)
        assert answer.status_code == 201, answer.text
        await self.ledger.ledger.wait_until_applied()


def named(subject: SubjectIdentifier) -> dict[str, str]:
    """A person as bodies have it."""
    return {"idType": subject.id_type, "id": subject.id}


@asynccontextmanager
async def house_of(database: str, folder: Path, *, starts: bool) -> AsyncIterator[House]:
    """A house that runs until the end of the block; at first with its desk only, unless it ``starts``."""
    async with forgetful(database, folder) as ledger:
        companions = Companions(
            ledger=ledger.ledger, conninfo=database, home=folder, metrics=Metrics(), log=MemoryLog()
        )
        await (companions.start() if starts else companions.open_desk())
        try:
            yield House(ledger, companions, folder)
        finally:
            await companions.stop()


def live(database: str, folder: Path, story: Callable[[House], Awaitable[None]], *, starts: bool = True) -> None:
    """Let a story happen in a house of its own."""

    async def main() -> None:
        async with house_of(database, folder, starts=starts) as house:
            await story(house)

    asyncio.run(main())


def test_a_notice_is_printed_once(database: str, tmp_path: Path) -> None:
    """Ordered by who owes it, with name and address that the ledger does not know; ordered again it is the same one."""

    async def story(house: House) -> None:
        await house.ledger.record(ALICE)
        path = f"/v1/obligations/{await house.duty(ALICE)}/letters"
        status, written = await house.order(path, AT_HOME | {"dutch": NOTICE, "english": NOTICE, "id": "letter-1"})
        assert (status, written["state"], set(written)) == (202, "waiting", {"id", "state"})
        await house.settle()
        (text,) = house.letters()
        for words in (CANARY_NAME, CANARY_STREET, "Artikel 3 van de Politiewet.", written["id"]):
            assert words in text
        again = await house.order(path, AT_HOME | {"dutch": NOTICE})
        assert again == (202, {"id": written["id"], "state": "sent"})
        child = AT_HOME | {"dutch": NOTICE, "kind": "notice-to-child", "addressee": "representative"}
        assert (await house.order(path, child))[1]["id"] != written["id"]
        await house.settle()
        assert sum("belangen van een kind" in letter for letter in house.letters()) == 1
        sent = "SELECT count(*) FROM stored_events WHERE topic = 'ledger.message-sent.1'"
        assert house.ledger.count(sent) == 2

    live(database, tmp_path, story)


def test_a_duty_of_another_is_not_there(database: str, tmp_path: Path) -> None:
    """Only who owes it may write: everybody else, and every other kind of obligation, gets the same answer."""

    async def story(house: House) -> None:
        act = await house.ledger.record(ALICE, shared_with=("politie",))
        duty = await house.duty(ALICE)
        order = AT_HOME | {"dutch": NOTICE}
        problems = [
            await house.order(f"/v1/obligations/{duty}/letters", order, by="school"),
            await house.order(f"/v1/obligations/{duty[:-1]}/letters", order),
        ]
        body = {"operation": "erase", "id": "gone", "dataCategories": ["name"], "subjects": [named(ALICE)]}
        at = house.ledger.ledger.clock.now().isoformat()
        gone = await house.ask(
            "POST", "/v1/processing-operations", json=body | {"controller": "college", "occurredAt": at}
        )
        assert gone.status_code == 201, (act, gone.text)
        await house.ledger.ledger.wait_until_applied()
        owed = (await house.ask("POST", "/v1/obligations/_search", by="politie", json={"kind": "erase"})).json()
        (erase,) = owed["items"]
        problems.append(await house.order(f"/v1/obligations/{erase['id']}/letters", order, by="politie"))
        assert [(status, problem["code"]) for status, problem in problems] == [(404, "not-found")] * 3
        await house.settle()
        assert house.letters() == []

    live(database, tmp_path, story)


def test_while_an_exemption_is_open_a_letter_is_held(database: str, tmp_path: Path) -> None:
    """The party hears so, nothing is kept, and when the exemption has passed it can be ordered again."""

    async def story(house: House) -> None:
        await house.ledger.record(ALICE)
        path = f"/v1/obligations/{await house.duty(ALICE)}/letters"
        await house.hide(ALICE, by="politie")
        status, held = await house.order(path, AT_HOME | {"dutch": NOTICE})
        assert (status, held["state"], held["held"]) == (202, "held", True)
        assert house.ledger.count("SELECT count(*) FROM notifier.outbox WHERE to_person") == 0
        assert list((tmp_path / "notifier" / "keys").iterdir()) == []
        await house.ledger.client.set_clock(house.ledger.ledger.clock.now() + timedelta(days=32))
        status, written = await house.order(path, AT_HOME | {"dutch": NOTICE})
        assert (status, written["id"], written["state"]) == (202, held["id"], "waiting")

    live(database, tmp_path, story)


def test_a_faulty_order_is_told_without_its_values(database: str, tmp_path: Path) -> None:
    """Every fault has its place; neither name nor street comes back."""

    async def story(house: House) -> None:
        await house.ledger.record(ALICE)
        path = f"/v1/obligations/{await house.duty(ALICE)}/letters"
        blank = AT_HOME | {"salutation": " ", "address": [CANARY_STREET] * 8, "dutch": NOTICE | {"purpose": " "}}
        status, problem = await house.order(path, blank)
        assert (status, problem["code"]) == (400, "letter-rejected")
        assert [fault["pointer"] for fault in problem["errors"]] == ["/address", "/salutation", "/dutch"]
        status, problem = await house.order(path, AT_HOME | {"dutch": BREACH})
        assert (status, problem["code"]) == (400, "rejected")

    live(database, tmp_path, story)


def test_only_the_exposed_hear_of_a_breach(database: str, tmp_path: Path) -> None:
    """One letter per person; who was not exposed is answered as who is unknown; an outsider finds no breach."""

    async def story(house: House) -> None:
        act = await house.ledger.record(ALICE)
        await house.ledger.record(BOB)
        await house.ledger.ledger.wait_until_applied()
        at = house.ledger.ledger.clock.now().isoformat()
        body = {
            "id": "b-1", "party": "college", "occurredFrom": at, "occurredUntil": at, "awareAt": at,
            "description": "stolen", "operationIds": [act],
        }  # fmt: skip
        reported = await house.ask("POST", "/v1/breaches", json=body)
        assert reported.status_code == 201, reported.text
        path, order = "/v1/breaches/b-1/notices", AT_HOME | {"dutch": BREACH}
        status, written = await house.order(path, order | {"subject": named(ALICE)})
        assert (status, written["state"]) == (202, "waiting")
        not_exposed = await house.order(path, order | {"subject": named(BOB)})
        unknown = await house.order(path, order | {"subject": named(CAROL)})
        assert problem_of(not_exposed) == problem_of(unknown) == (404, "not-found", unknown[1]["detail"])
        outside = await house.order(path, order | {"subject": named(ALICE)}, by="school")
        assert problem_of(outside) == problem_of(unknown)
        malformed = await house.order(path, order | {"subject": {"idType": "BSN", "id": "123456789"}})
        assert malformed[0] == 400
        await house.settle()
        (text,) = house.letters()
        assert "Een laptop is weg." in text
        assert (await house.order(path, order | {"subject": named(ALICE)}))[1] == {
            "id": written["id"],
            "state": "sent",
        }

    live(database, tmp_path, story)


def test_who_reports_a_breach_may_write_too(database: str, tmp_path: Path) -> None:
    """By the arrangement of the covenant; without named acts everybody whose data were there was exposed.

    The same person under a linked identifier gets the same letter, and no copy outlives the record it is about.
    """

    async def story(house: House) -> None:
        covenant = {
            "id": "kring", "version": 1, "validFrom": "2025-01-01", "regime": 2, "purpose": "aanpak",
            "partners": [{"party": "college"}, {"party": "politie"}], "arrangement": {"reportsBreach": "politie"},
        }  # fmt: skip
        made = await house.ask("POST", "/v1/covenants", by="registrar", scope="governance", json=covenant)
        assert made.status_code == 201, made.text
        await house.ledger.record(ALICE, ends="P2D", covenant=CovenantReference(id="kring"), phase="plan")
        pair = {"first": named(ALICE), "second": named(CAROL), "reason": "same"}
        linked = await house.ask("POST", "/v1/subjects/links", json=pair)
        assert linked.status_code < 300, linked.text
        await house.ledger.ledger.wait_until_applied()
        at = house.ledger.ledger.clock.now().isoformat()
        body = {
            "id": "b-2", "party": "college", "occurredFrom": at, "occurredUntil": at, "awareAt": at,
            "description": "stolen", "dataCategories": ["name"],
        }  # fmt: skip
        reported = await house.ask("POST", "/v1/breaches", json=body)
        assert reported.json()["reportingParty"] == "politie", reported.text
        path, order = "/v1/breaches/b-2/notices", AT_HOME | {"dutch": BREACH}
        by_police = await house.order(path, order | {"subject": named(ALICE)}, by="politie")
        again = await house.order(path, order | {"subject": named(CAROL)}, by="politie")
        # The letter may have left between the two: it is the same one all the same.
        assert (by_police[0], by_police[1]["id"]) == (202, again[1]["id"]) == (again[0], by_police[1]["id"])
        assert problem_of(await house.order(path, order | {"subject": named(BOB)}, by="politie"))[0] == 404
        await house.settle()
        assert [len(house.letters(party)) for party in ("politie", "college")] == [1, 0]
        await house.ledger.day(TODAY + timedelta(days=3))
        assert house.letters("politie") == []

    live(database, tmp_path, story)


def test_who_was_erased_hears_of_it(database: str, tmp_path: Path) -> None:
    """After the keys are gone, by who asked for it, about who was erased; the letter itself outlives the erasure."""

    async def story(house: House) -> None:
        await house.ledger.record(ALICE)
        await house.ledger.record(BOB)
        await house.ledger.erase("e-1", ALICE)
        path, order = "/v1/erasures/e-1/letters", AT_HOME | {"subject": named(ALICE), "dutch": ERASED}
        early = await house.order(path, order)
        assert problem_of(early)[:2] == (409, "erasure-unfinished")
        await house.companions.start()
        await house.settle()
        assert (await house.ledger.erasure("e-1"))["state"] == "complete"
        status, written = await house.order(path, order)
        assert status == 202
        problems = [
            await house.order(path, order | {"subject": named(BOB)}),
            await house.order(path, order | {"subject": named(CAROL)}),
            await house.order(path, order, by="politie"),
        ]
        assert {problem_of(problem)[:2] for problem in problems} == {(404, "not-found")}
        await house.settle()
        (text,) = house.letters()
        assert "3 mei 2026" in text
        assert written["id"] in text

    live(database, tmp_path, story, starts=False)


def test_an_order_is_taken_where_the_thread_does_not_run(database: str, tmp_path: Path) -> None:
    """Another worker only opens its desk: what it takes leaves through the one that runs."""

    async def story(house: House) -> None:
        await house.ledger.record(ALICE)
        duty = await house.duty(ALICE)
        other = Companions(
            ledger=house.ledger.ledger, conninfo=database, home=tmp_path, metrics=Metrics(), log=MemoryLog()
        )
        await other.open_desk()
        elsewhere = House(house.ledger, other, tmp_path)
        path, order = f"/v1/obligations/{duty}/letters", AT_HOME | {"dutch": NOTICE}
        answers = await asyncio.gather(*(each.order(path, order) for each in [elsewhere, house] * 8))
        assert len({(status, body["id"]) for status, body in answers}) == 1
        await house.settle()
        assert len(house.letters()) == 1
        await other.stop()

    live(database, tmp_path, story)


def test_readiness_tells_of_a_companion_that_stopped(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with the name of the service, and not a word of what it was doing."""

    async def story(house: House) -> None:
        assert (await house.ask("GET", "/readyz")).status_code == 200
        notifier: NotifierProcess = house.companions._notifier
        notifier._thread.failure = ValueError(CANARY_NAME)
        answer = await house.ask("GET", "/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "notifier-stopped")
        assert CANARY_NAME not in answer.text
        notifier._thread.failure = None
        monkeypatch.setattr(run, "pause_after", break_off)
        task = house.companions._retention._loop._task
        assert task is not None
        await asyncio.wait([task])
        answer = await house.ask("GET", "/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "retention-stopped")
        assert CANARY_NAME not in answer.text

    live(database, tmp_path, story)


def break_off(*_: object) -> timedelta:
    """Fail where no round catches it."""
    raise ValueError(CANARY_NAME)


def problem_of(answer: tuple[int, Any]) -> tuple[int, str, str]:
    """What a problem says."""
    status, body = answer
    return status, body["code"], body["detail"]
