"""The way of an erasure: asked for, carried out, and complete when the recipient has answered."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from services.ledger.application.erasure_state import completed_key, erased_key
from services.ledger.application.erasure_steps import erasure_entry
from services.ledger.domain.identity import LEDGER, operation_id_of
from services.ledger.domain.stored import DossierGeneration
from tests.support.chaos_journal import Json
from tests.support.erasing_facts import Facts, Place
from tests.support.erasing_path import ErasingPath
from tests.support.erasing_world import ERASER, OTHER, RECIPIENT

ACTS: Final = "ab"


class Requesting(ErasingPath):
    """An erasure of a person's two dossiers is asked for over HTTP, which fences them and seals what others owe."""

    def prepare(self) -> None:
        """Record a person in two dossiers that go, and in one of another party that stays."""
        world = self.world
        self.person = world.next_person()
        self.number = world.persons
        shared: Json = {
            "operation": "make-available",
            "recipients": [{"party": RECIPIENT}],
            "caseId": f"Z-{self.number}",
        }
        world.record(
            [world.act(f"gone-{self.number}a", self.person, **shared), world.act(f"gone-{self.number}b", self.person)]
        )
        world.record([world.act(f"kept-{self.number}", self.person, OTHER)], OTHER)
        self.key = f"erasure-{self.number}"
        self.erasure_id = operation_id_of(ERASER, self.key)
        with closing(Facts(world.ledger)) as facts:
            stored = [facts.stored_under(operation_id_of(ERASER, key))[0] for key in self._gone()]
        self.places: list[Place] = [place for place, _ in stored]
        self.dossiers: list[DossierGeneration] = [dossier for _, dossier in stored]
        assert len(set(self.dossiers)) == len(ACTS)

    def work(self) -> None:
        """Ask for the erasure."""
        self.world.try_asking("POST", "/v1/erasures", self._request())

    def finish(self) -> None:
        """Ask for it until it is accepted, and let it go as far as it goes without the recipient."""
        answer = self.world.insist("POST", "/v1/erasures", self._request())
        assert (answer.status_code, answer.json()) == (202, {"id": self.key}), answer.text
        assert self.world.command(f"advance-erasure={self.erasure_id}") == "waiting"

    def check_moment(self, facts: Facts) -> None:
        """Both dossiers are in the same state; fenced once it is asked for, destroyed only when that is on record."""
        requested, erased = facts.count_of(self.erasure_id, operation_id_of(LEDGER, erased_key(self.erasure_id)))
        states = {facts.state_of(dossier) for dossier in self.dossiers}
        is_swept = any(map(facts.is_empty, self.places))
        named = facts.registered()[f"{erasure_entry(self.erasure_id)}:0"]
        assert requested <= 1
        assert erased <= 1
        assert named <= 1
        assert states in ([{("active", True)}] if not requested else [{("fenced", True)}, {("destroyed", False)}])
        assert requested or not named, "the register names what nobody asked for"
        assert named or states != {("destroyed", False)}, "destroyed, and the register does not know it"
        assert states == {("destroyed", False)} or not erased, "said to be erased, and it is not"
        assert erased or not is_swept, "swept, and nothing says why"

    def check_end(self, facts: Facts) -> None:
        """All of it is gone, once, and only that: the recipient is still to answer."""
        counts = facts.count_of(self.erasure_id, operation_id_of(LEDGER, erased_key(self.erasure_id)))
        assert counts == [1, 1]
        assert facts.registered()[f"{erasure_entry(self.erasure_id)}:0"] == 1
        assert {facts.state_of(dossier) for dossier in self.dossiers} == {("destroyed", False)}
        assert all(map(facts.is_empty, self.places))
        told = self.world.insist("GET", f"/v1/erasures/{self.key}").json()
        assert (told["records"], told["owed"]) == (len(ACTS), 1), told
        assert not any(map(self.world.sees, self._gone())), "the projections still show it"
        assert self.world.sees(f"kept-{self.number}", OTHER), "the other party's dossier is gone too"

    def _gone(self) -> list[str]:
        return [f"gone-{self.number}{letter}" for letter in ACTS]

    def _request(self) -> Json:
        return {"id": self.key, "subject": self.person, "ground": "AVG 17(1)(d)", "decision": f"B-{self.number}"}


class Destroying(Requesting):
    """An erasure that was accepted is carried out: register, keys, the word on record, the sweep."""

    def prepare(self) -> None:
        """Ask for the erasure of somebody who was recorded."""
        super().prepare()
        self.world.insist("POST", "/v1/erasures", self._request())

    def work(self) -> None:
        """Carry it out."""
        self.world.try_command(f"advance-erasure={self.erasure_id}")


class Completing(Destroying):
    """The recipient has answered: the erasure is complete, and forgets what it knew itself."""

    def prepare(self) -> None:
        """Carry an erasure out and let the recipient answer."""
        super().prepare()
        assert self.world.command(f"advance-erasure={self.erasure_id}") == "waiting"
        self.completed_id = operation_id_of(LEDGER, completed_key(self.erasure_id))
        with closing(Facts(self.world.ledger)) as facts:
            ((_, self.own),) = facts.stored_under(self.erasure_id)
        found = self.world.insist(
            "POST", "/v1/obligations/_search", {"kind": "erase", "subject": self.person}, RECIPIENT
        )
        (owed,) = found.json()["items"]
        said = {"at": self.world.now.isoformat(), "outcome": "erased", "how": "deleted"}
        path = f"/v1/obligations/{owed['id']}/confirmations"
        assert self.world.insist("POST", path, said, RECIPIENT).status_code == 200

    def finish(self) -> None:
        """Carry it out until it is complete."""
        assert self.world.command(f"advance-erasure={self.erasure_id}") == "complete"

    def check_moment(self, facts: Facts) -> None:
        """What the erasure knew itself is destroyed only when it is on record that it is complete."""
        super().check_moment(facts)
        (completed,) = facts.count_of(self.completed_id)
        state = facts.state_of(self.own)
        named = facts.registered()[f"{completed_key(self.erasure_id)}:0"]
        assert completed <= 1
        assert named <= completed
        assert state == (("fenced", True) if completed else ("active", True)) or (named and state[0] == "destroyed")

    def check_end(self, facts: Facts) -> None:
        """It is complete, once, and its own dossier is gone as well."""
        super().check_end(facts)
        assert facts.count_of(self.completed_id) == [1]
        assert facts.registered()[f"{completed_key(self.erasure_id)}:0"] == 1
        assert facts.state_of(self.own) == ("destroyed", False)
        assert self.world.insist("GET", f"/v1/erasures/{self.key}").json()["state"] == "complete"
