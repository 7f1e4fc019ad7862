"""Erasures beside the records of others: what those lean on stands, as an envelope, live and in every rebuild."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.law.act import CovenantReference, Exemption, Notice, Subject
from services.law.governance import Arrangement, Covenant, Partner
from services.ledger.application.erasures import ExemptionInForce
from services.ledger.contract import topics
from services.ledger.contract.errors import NotFound
from services.ledger.contract.forgetting import (
    ExemptionEnding,
    NoticeSearch,
    ObligationConfirmation,
    ObligationSearch,
)
from services.ledger.contract.messages import (
    Caller,
    CorrectionBody,
    OperationSearch,
    Receipt,
    SubjectIdentifier,
    Submission,
)
from tests.support.forgetting import ALICE, PARTIES, TODAY, Forgetful, Story, caller

Json = dict[str, Any]
TABLE = CovenantReference(id="tafel")
ENVELOPES = "SELECT count(*) FROM stored_events WHERE topic = %s AND envelope IS NOT NULL"


async def obligations(ledger: Forgetful, party: str, kind: Any) -> list[Json]:
    """What a party owes or owed about ALICE, done or not."""
    await ledger.ledger.wait_until_applied()
    page = await ledger.client.search_obligations(
        caller(party, purpose="operations"), ObligationSearch(kind=kind, subject=ALICE)
    )
    return [item for item in page.items if item["party"] == party]


async def acts_shown(ledger: Forgetful, party: str, operation: str) -> list[Json]:
    """The acts of one kind that a party is shown about ALICE."""
    search = OperationSearch(subject=ALICE, party=party)
    page = await ledger.client.search_operations(caller(party, purpose="operations"), search)
    return [item for item in page.items if item["operation"] == operation]


async def erase_and_finish(ledger: Forgetful, key: str, by: str) -> Json:
    """An erasure of all that a party has of ALICE, carried to its end."""
    await ledger.erase(key, ALICE, by=by)
    await ledger.retention.catch_up()
    await ledger.ledger.wait_until_applied()
    return await ledger.erasure(key, by=by)


async def share_and_take_back(ledger: Forgetful) -> None:
    """The college shares with the school and deletes; the school answers that it erased, and its act is recorded."""
    await ledger.record(ALICE, shared_with=("school",))
    await ledger.record(ALICE, operation="erase")
    (owed,) = await obligations(ledger, "school", "erase")
    done = ObligationConfirmation(at=ledger.ledger.clock.now(), outcome="erased", how="taken out")
    await ledger.client.confirm_obligation(caller("school", purpose="operations"), owed["id"], None, done)
    await ledger.ledger.wait_until_applied()


def test_what_was_deleted_is_not_held_again(tell: Callable[[Story], None]) -> None:
    """Who erases its own record of having deleted has deleted all the same: nothing is held or owed again."""

    async def story(ledger: Forgetful) -> None:
        await share_and_take_back(ledger)
        done = await erase_and_finish(ledger, "e-1", "school")
        assert (done["state"], done["records"]) == ("complete", 0)
        assert [holding["status"] for holding in await ledger.holds("school", ALICE)] == ["erased"]
        assert [item["state"] for item in await obligations(ledger, "school", "erase")] == ["confirmed"]
        (act,) = await acts_shown(ledger, "school", "erase")
        assert act["subjects"][0]["ref"] is None
        assert ledger.count("SELECT count(*) FROM dossier_secret WHERE state = 'destroyed'") >= 1

    tell(story)


def test_what_nobody_leans_on_goes_whole(tell: Callable[[Story], None]) -> None:
    """A delete of what stood in the same dossier goes with it, and so do deletes when others have had no part in it."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, by="school")
        await ledger.record(ALICE, by="school", operation="erase")
        await ledger.record(ALICE, by="politie", shared_with=("burgemeester",))
        done = await erase_and_finish(ledger, "e-1", "school")
        assert (done["state"], done["records"]) == ("complete", 2)
        assert await ledger.holds("school", ALICE) == []
        assert await acts_shown(ledger, "school", "erase") == []
        assert ledger.count(ENVELOPES, topics.PROCESSING_RECORDED) == 1

    tell(story)


def test_an_annulled_delete_stays_annulled(tell: Callable[[Story], None]) -> None:
    """What was said about a delete stands with it: the erasure does not bring back one that never happened."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, shared_with=("school",))
        key = await ledger.record(ALICE, by="school", operation="erase")
        body = CorrectionBody(reason="it was another file", kind="annulled")
        await ledger.client.correct(caller("school"), key, "c-1", body)
        await erase_and_finish(ledger, "e-1", "school")
        assert [holding["status"] for holding in await ledger.holds("school", ALICE)] == ["held"]

    tell(story)


async def lay_the_table(ledger: Forgetful) -> None:
    """A covenant for which the college tells everybody, and an act of two of its partners."""
    covenant = Covenant(
        id=TABLE.id,
        version=1,
        valid_from=TODAY - timedelta(days=400),
        regime=2,
        purpose="aanpak",
        partners=tuple(Partner(party=party) for party in PARTIES),
        arrangement=Arrangement(contact_point="college", informs="college", reports_breach="college"),
    )
    await ledger.client.register(Caller(party="registrar", scopes=frozenset({"governance"})), covenant)
    for party in ("college", "burgemeester"):
        await ledger.record(ALICE, by=party, covenant=TABLE, key=f"act-{party}")


async def put_on_record(ledger: Forgetful, key: str, body: Notice | Exemption) -> None:
    """Record a notice or an exemption of the college."""
    submission = Submission(body=body, key=key, canonical=msgspec.json.encode(body))
    (answer,) = await ledger.client.record(caller("college"), (submission,))
    assert isinstance(answer, Receipt), answer


def person(who: SubjectIdentifier) -> Subject:
    """The person as an act names him."""
    return Subject(id_type=who.id_type, id=who.id)


def test_who_was_told_stays_told(tell: Callable[[Story], None]) -> None:
    """When the teller of a covenant erases what it has, the notice that it gave for all others stands."""

    async def story(ledger: Forgetful) -> None:
        await lay_the_table(ledger)
        notice = Notice(
            subjects=(person(ALICE),),
            controller="college",
            given_by="college",
            given_at=ledger.ledger.clock.now(),
            form="letter",
            elements="all",
            addressee="subject",
            covenant=TABLE,
        )
        await put_on_record(ledger, "n-1", notice)
        before = [item["state"] for item in await obligations(ledger, "college", "inform")]
        assert before == ["done"]
        done = await erase_and_finish(ledger, "e-1", "college")
        assert (done["state"], done["records"]) == ("complete", 1)
        assert [item["state"] for item in await obligations(ledger, "college", "inform")] == before

    tell(story)


def test_what_may_not_be_told_is_not_erased_away(tell: Callable[[Story], None]) -> None:
    """While a decision not to tell is in force its dossier stays; ended it loses its reasons, and the end stands."""

    async def story(ledger: Forgetful) -> None:
        await lay_the_table(ledger)
        exemption = Exemption(
            subject=person(ALICE),
            controller="college",
            norm="UAVG 41(1)(d)",
            interest="an investigation",
            decided_by="college",
            decided_at=ledger.ledger.clock.now(),
            covenant=TABLE,
        )
        await put_on_record(ledger, "x-1", exemption)
        with pytest.raises(ExemptionInForce):
            await ledger.erase("e-1", ALICE)
        with pytest.raises(NotFound):
            await ledger.erasure("e-1")
        assert [item["state"] for item in await obligations(ledger, "college", "inform")] == ["exempt"]
        ending = ExemptionEnding(at=ledger.ledger.clock.now(), reason="the investigation was closed")
        await ledger.client.end_exemption(caller("college"), "x-1", "x-2", ending)
        done = await erase_and_finish(ledger, "e-2", "college")
        assert (done["state"], done["records"]) == ("complete", 1)
        (told,) = (
            await ledger.client.search_notices(caller("college", purpose="operations"), NoticeSearch(covenant=TABLE))
        ).items
        assert (told["type"], told["inForce"], told["subject"]["ref"]) == ("exemption", False, None)
        assert [item["state"] for item in await obligations(ledger, "college", "inform")] == ["open"]

    tell(story)
