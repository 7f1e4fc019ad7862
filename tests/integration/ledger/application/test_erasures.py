"""Erasures on PostgreSQL: their states, what they refuse, what they reach, and what they leave alone and behind."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.law.act import CovenantReference
from services.ledger.application.erasures import RecordHeld
from services.ledger.contract import topics
from services.ledger.contract.errors import IdempotencyConflict, NotAllowed, NotFound
from services.ledger.contract.forgetting import ErasureScope, HoldBody, ObligationConfirmation, ObligationSearch
from services.ledger.contract.messages import LinkBody, SubjectIdentifier
from services.ledger.domain.merkle import verify_inclusion
from services.runtime.errors import Rejected
from tests.support.forgetting import ALICE, BOB, CAROL, TODAY, Forgetful, Story, caller, forgetful

HOUSE = CovenantReference(id="huis", annex="groep")
BSNS = (
    "999990044",
    "999990056",
    "999990068",
    "999990081",
    "999990093",
    "999990111",
    "999990123",
    "999990135",
    "999990147",
    "999990159",
    "999990160",
)


def test_an_erasure_goes_through_its_states(tell: Callable[[Story], None]) -> None:
    """Fenced by the request itself, destroyed and swept by the next round, complete when nobody owes an answer."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        await ledger.erase("e-1", ALICE)
        asked = await ledger.erasure("e-1")
        assert {name: asked[name] for name in ("id", "state", "owed", "confirmed", "backupsUntil", "records")} == {
            "id": "e-1",
            "state": "fenced",
            "owed": 0,
            "confirmed": 0,
            "backupsUntil": None,
            "records": 1,
        }
        assert not await ledger.sees(key)
        await ledger.retention.catch_up()
        done = await ledger.erasure("e-1")
        assert (done["state"], done["backupsUntil"]) == ("complete", TODAY + timedelta(days=30))
        assert not await ledger.sees(key)
        assert ledger.count("SELECT count(*) FROM dossier_secret WHERE state = 'fenced'") == 0

    tell(story)


def test_recipients_keep_it_waiting_until_the_last_has_answered(tell: Callable[[Story], None]) -> None:
    """What recipients hold stands in their inbox; any answer counts, none is an act, and at last the identity goes."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, shared_with=("politie", "school"))
        await ledger.record(ALICE, by="politie", shared_with=("burgemeester",))
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        waiting = await ledger.erasure("e-1")
        assert (waiting["state"], waiting["owed"], waiting["confirmed"]) == ("waiting", 3, 0)
        acts = acts_of(ledger)
        answers = {"politie": "kept", "school": "erased", "burgemeester": "impossible"}
        for number, (party, outcome) in enumerate(answers.items(), 1):
            (owed,) = await inbox(ledger, party)
            assert (owed["subject"]["id"], owed["dataCategories"], owed["state"]) == (ALICE.id, ["name"], "owed")
            await confirm(ledger, party, owed["id"], outcome)
            await ledger.ledger.wait_until_applied()
            await ledger.retention.catch_up()
            state = await ledger.erasure("e-1")
            assert (state["owed"], state["confirmed"]) == (3, number)
            assert state["state"] == ("complete" if number == 3 else "waiting")
        assert await inbox(ledger, "school") == []
        assert acts_of(ledger) == acts
        assert ledger.count("SELECT count(*) FROM dossier_secret WHERE state = 'fenced'") == 0

    tell(story)


def acts_of(ledger: Forgetful) -> int:
    """How many acts were ever recorded."""
    return ledger.count("SELECT count(*) FROM stored_events WHERE topic = %s", topics.PROCESSING_RECORDED)


def test_a_recipient_of_several_persons_answers_for_each(tell: Callable[[Story], None]) -> None:
    """Its second answer counts like its first, though it says the same: then nobody is waited for any more."""

    async def story(ledger: Forgetful) -> None:
        for person in (ALICE, BOB):
            await ledger.record(person, shared_with=("school",))
        await ledger.erase("e-1", ALICE, BOB)
        await ledger.retention.catch_up()
        for answered, owed in enumerate(await inbox(ledger, "school")):
            waiting = await ledger.erasure("e-1")
            assert (waiting["state"], waiting["owed"], waiting["confirmed"]) == ("waiting", 2, answered)
            await confirm(ledger, "school", owed["id"], "erased")
            await ledger.ledger.wait_until_applied()
            await ledger.retention.catch_up()
        assert (await ledger.erasure("e-1"))["state"] == "complete"
        assert ledger.count("SELECT count(*) FROM dossier_secret WHERE state = 'fenced'") == 0

    tell(story)


async def inbox(ledger: Forgetful, party: str) -> list[dict[str, Any]]:
    """What a party still owes because of erasures."""
    await ledger.ledger.wait_until_applied()
    page = await ledger.client.search_obligations(
        caller(party, purpose="operations"), ObligationSearch(kind="erase", state="owed")
    )
    return [item for item in page.items if item["reason"] == "erased"]


async def confirm(ledger: Forgetful, party: str, obligation: str, outcome: Any) -> None:
    """Answer an obligation."""
    kept: Any = {"norm": "Wpg 8(6)", "until": TODAY + timedelta(days=900)} if outcome == "kept" else {}
    body = ObligationConfirmation(at=ledger.ledger.clock.now(), outcome=outcome, how="looked it up", **kept)
    await ledger.client.confirm_obligation(caller(party, purpose="operations"), obligation, None, body)


def test_only_what_is_named_goes(tell: Callable[[Story], None]) -> None:
    """A case, an annex, a covenant, a controller: other dossiers, other controllers and other persons stay readable."""

    async def story(ledger: Forgetful) -> None:
        case = await ledger.record(ALICE, case_id="Z-1", covenant=HOUSE)
        annex = await ledger.record(ALICE, covenant=HOUSE)
        other_annex = await ledger.record(ALICE, covenant=CovenantReference(id="huis", annex="gezin"))
        plain = await ledger.record(ALICE)
        theirs = await ledger.record(ALICE, by="politie", case_id="Z-1")
        other = await ledger.record(BOB, case_id="Z-1")
        every = [(case, ""), (annex, ""), (other_annex, ""), (plain, ""), (theirs, "politie"), (other, "")]
        steps: list[tuple[ErasureScope | None, list[bool]]] = [
            (ErasureScope(controller="college", case_id="Z-1"), [False, True, True, True, True, True]),
            (ErasureScope(controller="college", covenant=HOUSE), [False, False, True, True, True, True]),
            (
                ErasureScope(controller="college", covenant=CovenantReference(id="huis")),
                [False, False, False, True, True, True],
            ),
            (None, [False, False, False, False, True, True]),
        ]
        for number, (scope, expected) in enumerate(steps):
            await ledger.erase(f"e-{number}", ALICE, scope=scope)
            await ledger.retention.catch_up()
            assert [await ledger.sees(key, by or "college") for key, by in every] == expected
            assert (await ledger.erasure(f"e-{number}"))["records"] == 1

    tell(story)


def test_a_late_fact_opens_the_next_generation(tell: Callable[[Story], None]) -> None:
    """What is recorded after an erasure is readable, and nothing of before comes back with it."""

    async def story(ledger: Forgetful) -> None:
        before = await ledger.record(ALICE)
        await ledger.erase("e-1", ALICE)
        between = await ledger.record(ALICE)
        await ledger.retention.catch_up()
        after = await ledger.record(ALICE)
        assert [await ledger.sees(key) for key in (before, between, after)] == [False, True, True]
        assert ledger.count("SELECT max(generation) FROM dossier_secret") == 2
        await ledger.erase("e-2", ALICE)
        await ledger.retention.catch_up()
        assert (await ledger.erasure("e-2"))["records"] == 2
        assert [await ledger.sees(key) for key in (before, between, after)] == [False, False, False]

    tell(story)


def test_what_is_held_is_not_erased(tell: Callable[[Story], None]) -> None:
    """A hold on the lines concerned refuses the erasure by its kind; one on others' lines does not."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        await ledger.record(ALICE, by="politie")
        theirs = HoldBody(reason="a case", kind="complaint", subject=ALICE)
        await ledger.client.place_hold(caller("politie"), "h-0", theirs)
        await ledger.client.place_hold(
            caller("college"), "h-1", HoldBody(reason="an appeal", kind="court", subject=ALICE)
        )
        with pytest.raises(RecordHeld, match=r"\(court\)"):
            await ledger.erase("e-1", ALICE)
        with pytest.raises(NotFound):
            await ledger.erasure("e-1")
        assert await ledger.sees(key)
        await ledger.client.release_hold(caller("college"), "h-1")
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        assert (await ledger.erasure("e-1"))["state"] == "complete"

    tell(story)


def test_a_hold_after_the_request_comes_too_late(tell: Callable[[Story], None]) -> None:
    """Between request and destruction a hold keeps nothing any more, and says so; a repeated request stands."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        await ledger.erase("e-1", ALICE)
        body = HoldBody(reason="an appeal", kind="court", subject=ALICE)
        assert (await ledger.client.place_hold(caller("college"), "h-1", body))["covered"] == 0
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        assert (await ledger.erasure("e-1"))["state"] == "complete"

    tell(story)


def test_a_hold_that_slips_in_before_the_request_is_honoured(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold that is stored after an erasure looked and before it is stored itself makes it look again, and refuse."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        loop = asyncio.get_running_loop()
        erasures = ledger.ledger.forgetting.erasures
        proceedings = erasures._proceedings
        looked: list[list[str]] = []

        class Slow:
            """Lets a hold be placed after the first look."""

            def keeping(self, places: Any) -> list[str]:
                """Look, then wait for the hold."""
                found = proceedings.keeping(places)
                looked.append(found)
                if len(looked) == 1:
                    body = HoldBody(reason="an appeal", kind="court", subject=ALICE)
                    work = ledger.client.place_hold(caller("college"), "h-1", body)
                    asyncio.run_coroutine_threadsafe(work, loop).result(20)
                return found

        monkeypatch.setattr(erasures, "_proceedings", Slow())
        with pytest.raises(RecordHeld):
            await ledger.erase("e-1", ALICE)
        assert looked == [[], ["court"]]

    tell(story)


def test_what_is_shared_at_the_last_moment_is_not_forgotten(
    tell: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that is recorded while an erasure is being drafted is found by it: its recipient owes an answer too."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        loop = asyncio.get_running_loop()
        erasures = ledger.ledger.forgetting.erasures
        proceedings = erasures._proceedings
        shared: list[str] = []

        class Slow:
            """Lets an act be recorded after the first look."""

            def keeping(self, places: Any) -> list[str]:
                """Look, then wait for the act."""
                if not shared:
                    work = ledger.record(ALICE, shared_with=("politie",))
                    shared.append(asyncio.run_coroutine_threadsafe(work, loop).result(20))
                return proceedings.keeping(places)

        monkeypatch.setattr(erasures, "_proceedings", Slow())
        await ledger.erase("e-1", ALICE)
        asked = await ledger.erasure("e-1")
        assert (asked["owed"], asked["records"]) == (1, 2)

    tell(story)


def test_unknown_persons_are_erased_like_known_ones(tell: Callable[[Story], None]) -> None:
    """Whether the ledger knows a person of whom the caller has nothing shows in no answer."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, by="politie")
        found = []
        for key, person in (("known", ALICE), ("unknown", CAROL)):
            await ledger.erase(key, person)
            first = await ledger.erasure(key)
            await ledger.retention.catch_up()
            found.append([first | {"id": ""}, await ledger.erasure(key) | {"id": ""}])
        assert found[0] == found[1]
        assert found[0][0]["state"] == "complete"
        assert ledger.count("SELECT count(*) FROM subject_identifier") == 1

    tell(story)


def test_one_decision_may_be_about_several_persons(tell: Callable[[Story], None]) -> None:
    """Above ten persons somebody has to look along; all of them go, and nobody else."""

    async def story(ledger: Forgetful) -> None:
        persons = [SubjectIdentifier(id_type="BSN", id=bsn) for bsn in BSNS]
        keys = [await ledger.record(person) for person in persons]
        other = await ledger.record(ALICE)
        with pytest.raises(Rejected) as caught:
            await ledger.erase("e-1", *persons)
        assert [(fault.pointer, fault.code) for fault in caught.value.errors] == [
            ("/secondPerson", "second-person-missing")
        ]
        with pytest.raises(Rejected) as caught:
            await ledger.erase("e-1", *persons, second_person="college")
        assert [fault.code for fault in caught.value.errors] == ["second-person-same"]
        await ledger.erase("e-1", *persons, second_person="m.jansen")
        await ledger.retention.catch_up()
        done = await ledger.erasure("e-1")
        assert (done["state"], done["records"]) == ("complete", len(persons))
        assert [await ledger.sees(key) for key in keys] == [False] * len(keys)
        assert await ledger.sees(other)

    tell(story)


def test_linked_identifiers_are_one_person(tell: Callable[[Story], None]) -> None:
    """What stands under a linked identifier goes as well; the link itself stays, for the sake of others' records."""

    async def story(ledger: Forgetful) -> None:
        number = SubjectIdentifier(id_type="V", id="0123456789")
        first, second = await ledger.record(ALICE), await ledger.record(number)
        theirs = await ledger.record(number, by="politie")
        link = LinkBody(first=ALICE, second=number, reason="same photograph")
        await ledger.client.link_subjects(caller("college"), "l-1", link)
        await ledger.erase("e-1", number, ALICE)
        await ledger.retention.catch_up()
        assert (await ledger.erasure("e-1"))["records"] == 2
        assert [await ledger.sees(key) for key in (first, second)] == [False, False]
        assert await ledger.sees(theirs, by="politie")
        await ledger.record(number, by="politie", key="more")
        streams = await asyncio.to_thread(ledger.ledger.forgetting.sources.streams_of, ALICE)
        assert len(streams) == 2

    tell(story)


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"subject": None}, ["subject-missing"]),
        ({"subjects": (BOB,)}, ["subject-missing"]),
        ({"subject": SubjectIdentifier(id_type="BSN", id="999990011")}, ["bsn-invalid"]),
        ({"subject": None, "subjects": (BOB, BOB)}, ["subject-repeated"]),
        ({"ground": " ", "decision": ""}, ["text-missing", "text-missing"]),
        ({"subject": None, "subjects": tuple([BOB] * 201), "second_person": "x"}, ["subjects-too-many"]),
    ],
)
def test_every_fault_of_a_body_is_told(tell: Callable[[Story], None], fields: dict[str, Any], codes: list[str]) -> None:
    """Malformed requests leave nothing and are answered with everything that is wrong."""

    async def story(ledger: Forgetful) -> None:
        with pytest.raises(Rejected) as caught:
            await ledger.erase("e-1", ALICE, **fields)
        assert [fault.code for fault in caught.value.errors if fault.code != "subject-repeated"] == [
            code for code in codes if code != "subject-repeated"
        ]
        with pytest.raises(NotFound):
            await ledger.erasure("e-1")

    tell(story)


def test_another_controller_s_records_are_not_one_s_own_to_erase(tell: Callable[[Story], None]) -> None:
    """Only the controller, or who holds its mandate, asks; and only they and audit see how far it is."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        with pytest.raises(NotAllowed):
            await ledger.erase("e-1", ALICE, by="politie", scope=ErasureScope(controller="college"))
        with pytest.raises(NotAllowed):
            await ledger.client.request_erasure(caller("college").__class__(party="college"), "e-1", erasure_of(ALICE))
        await ledger.erase("e-1", ALICE)
        with pytest.raises(NotFound):
            await ledger.erasure("e-1", by="politie")
        audited = await ledger.client.read_erasure(caller("toezicht", "audit"), "e-1")
        assert audited["controller"] == "college"

    tell(story)


def erasure_of(subject: SubjectIdentifier) -> Any:
    """A sound body."""
    from services.ledger.contract.forgetting import ErasureBody  # noqa: PLC0415

    return ErasureBody(subject=subject, ground="AVG 17(1)(d)", decision="B-1")


def test_a_key_is_for_one_body(tell: Callable[[Story], None]) -> None:
    """The same request again changes nothing; another body under its key is a conflict, also when all is done."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        for _ in range(2):
            await ledger.erase("e-1", ALICE)
            await ledger.retention.catch_up()
        with pytest.raises(IdempotencyConflict):
            await ledger.erase("e-1", BOB)
        assert ledger.count("SELECT count(*) FROM projection.erasure WHERE kind = 19") == 1

    tell(story)


def test_erasing_before_telling_is_on_record(tell: Callable[[Story], None]) -> None:
    """Who was never told of what is erased shows in the erasure: the duty lapses unmet, by decision."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        await ledger.erase("e-1", ALICE)
        assert (await ledger.erasure("e-1"))["findings"] == ["inform-lapsed-unmet"]

    tell(story)


def test_a_declaration_says_what_was_destroyed(tell: Callable[[Story], None]) -> None:
    """Controller, covenants and numbers, ground and decision, manner and term; no person, and not before it is true."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE, covenant=HOUSE)
        await ledger.record(ALICE)
        await ledger.record(ALICE)
        await ledger.erase("e-1", ALICE)
        with pytest.raises(Exception, match="Nothing of this has been destroyed"):
            await ledger.client.declare_erasure(caller("college"), "e-1")
        await ledger.retention.catch_up()
        declared = await ledger.client.declare_erasure(caller("college"), "e-1")
        assert (declared["ground"], declared["decision"], declared["records"]) == ("AVG 17(1)(d)", "B-2026-1", 3)
        assert declared["destroyed"] == [
            {"controller": "college", "covenant": None, "activity": None, "records": 2},
            {"controller": "college", "covenant": {"id": "huis", "annex": "groep"}, "activity": None, "records": 1},
        ]
        assert declared["backupsUntil"] == TODAY + timedelta(days=30)
        assert len(declared["fingerprints"]) == 2
        assert ALICE.id not in str(declared)

    tell(story)


def test_a_day_is_declared_when_it_has_ended(tell: Callable[[Story], None]) -> None:
    """Every party sees what ended of its own work on a day, audit that of all, and nobody anything before."""

    async def story(ledger: Forgetful) -> None:
        day = TODAY + timedelta(days=1)
        for person in (ALICE, BOB):
            await ledger.record(person, ends="P1D", covenant=HOUSE)
        await ledger.record(ALICE, by="politie", ends="P1D")
        assert (await ledger.client.declare_day(caller("college"), day)).items == ()
        await ledger.day(TODAY + timedelta(days=2))
        (own,) = (await ledger.client.declare_day(caller("college"), day)).items
        assert (own["records"], own["destroyed"][0]["covenant"]) == (2, {"id": "huis", "annex": "groep"})
        (every,) = (await ledger.client.declare_day(caller("toezicht", "audit"), day)).items
        assert every["records"] == 3
        assert every["backupsUntil"] == TODAY + timedelta(days=32)

    tell(story)


def test_nothing_of_an_erased_person_is_left_on_disk(database: str, tmp_path: Path) -> None:
    """After erasure, sweep, vacuum and checkpoint no file of the database holds the text or the identifier."""

    async def main() -> str:
        async with forgetful(database, tmp_path) as ledger:
            await ledger.record(ALICE, description="canary-in-the-clear")
            with psycopg.connect(database) as connection:
                row = connection.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'").fetchone()
            await ledger.erase("e-1", ALICE)
            await ledger.retention.catch_up()
            assert ledger.count("SELECT count(*) FROM stored_events WHERE lane = 0 AND envelope IS NULL") == 1
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("VACUUM FULL")
            connection.execute("CHECKPOINT")
        assert row is not None
        return str(row[0])

    folder = Path(asyncio.run(main()))
    found = [
        path
        for path in [*folder.rglob("*"), *tmp_path.rglob("*")]
        if path.is_file() and any(word in path.read_bytes() for word in (b"canary-in-the-clear", ALICE.id.encode()))
    ]
    assert found == []


def test_the_place_of_what_was_swept_is_still_proven(tell: Callable[[Story], None]) -> None:
    """Who recorded it gets the proof that its receipt promised, by the same leaf; nobody else learns of it."""

    async def story(ledger: Forgetful) -> None:
        key = await ledger.record(ALICE)
        (before,) = (await ledger.client.prove(caller("college"), key))["items"]
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        (after,) = (await ledger.client.prove(caller("college"), key))["items"]
        assert (after["leafHash"], after["position"]) == (before["leafHash"], before["position"])
        assert (after["envelopeHash"], after["contentHash"]) == (None, None)
        root = open_checkpoint_root(after["checkpoint"])
        path = [bytes.fromhex(node) for node in after["proof"]]
        leaf = bytes.fromhex(after["leafHash"])
        assert verify_inclusion(leaf, after["leafIndex"], after["treeSize"], path, root)
        for other in (caller("politie"), caller("toezicht", "audit")):
            with pytest.raises(NotFound):
                await ledger.client.prove(other, key)

    tell(story)


def open_checkpoint_root(note: str) -> bytes:
    """The root hash in a checkpoint."""
    return base64.b64decode(note.splitlines()[2])


def test_fingerprints_name_the_keys_and_nothing_else(tell: Callable[[Story], None]) -> None:
    """The event on the person's stream carries a fingerprint per destroyed key, and the register the same ones."""

    async def story(ledger: Forgetful) -> None:
        await ledger.record(ALICE)
        await ledger.record(ALICE, case_id="Z-1")
        await ledger.erase("e-1", ALICE)
        await ledger.retention.catch_up()
        declared = await ledger.client.declare_erasure(caller("college"), "e-1")
        told = [entry for entry in ledger.ledger.forgetting.register_file.entries() if entry.kind == "dossiers"]
        assert sorted(printed for _, _, _, _, printed in told[0].dossiers) == declared["fingerprints"]
        assert all(len(printed) == 32 for printed in declared["fingerprints"])
        assert (told[0].party, told[0].key, told[0].controller) == ("college", "e-1", "college")
        assert UUID(told[1].key.partition(":")[2])

    tell(story)
