"""A practice that learns, over a real ledger: from a refusal to its answer, to a checklist, to a closing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.postgres import new_data_directory
from tests.support.served import Served

SCOPES = "processing:write processing:read governance inquiry audit"
DAY = "2026-03-02"
REFUSED: dict[str, Any] = {
    "tense": "intent",
    "operation": "make-available",
    "occurredAt": "2026-03-02T09:00:00Z",
    "controller": "college",
    "subjects": [{"idType": "BSN", "id": "999990019"}],
    "dataCategories": ["name"],
    "legalBasis": {"gdpr": "6(1)(e)", "statute": "het convenant"},
}
QUESTION: dict[str, Any] = {"id": "grond", "askedBy": "college", "text": "Is het convenant een grondslag?"}
ANSWER: dict[str, Any] = {
    "version": 2,
    "state": "answered",
    "answer": "Nee. Noem de wet die de taak geeft.",
    "answeredBy": "college",
    "norms": ["avg-6-1-e"],
}


class Desk:
    """Speaks to a served ledger on a scenario clock as the college."""

    def __init__(self, served: Served) -> None:
        """Take a development token."""
        self._base_url = served.base_url
        self._token = served.token("college", SCOPES)

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Ask once."""
        headers = {"Authorization": f"Bearer {self._token}", "Grootboek-Purpose": "inquiry"} | how.pop("headers", {})
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


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """Serve a ledger with two parties, in March 2026."""
    folder = new_data_directory().parent
    served = Served(folder, lanes=2, clock="scenario")
    served.start()
    try:
        desk = Desk(served)
        desk.post("/v1/clock", {"now": "2026-03-02T08:00:00Z"})
        desk.post("/v1/parties", {"id": "college", "kind": "public-body", "organ": "college"})
        desk.post("/v1/parties", {"id": "politie", "kind": "police"})
        yield desk
    finally:
        served.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_refusal_leads_to_a_lesson(desk: Desk) -> None:
    """The code of the refusal finds the question with its answer; that makes the next checklist, which binds."""
    refusal = desk.ask("POST", "/v1/processing-operations", json=REFUSED, headers={"Idempotency-Key": "r-1"})
    assert refusal.status_code == 403
    code = next(f["code"] for f in refusal.json()["verdict"]["findings"] if f["code"] == "covenant-not-a-ground")
    told = desk.post("/v1/questions", QUESTION | {"askedFrom": "citizen"})
    assert "filter-is-blind" in {remark["code"] for remark in told["findings"]}
    desk.post("/v1/questions", QUESTION | {"askedFrom": "citizen"} | ANSWER | {"findingCodes": [code]})
    (found,) = desk.post("/v1/questions/_search", {"findingCode": code})["items"]
    assert (found["id"], found["answer"]) == ("grond", ANSWER["answer"])

    desk.post("/v1/checklists", {"id": "delen", "name": "Delen", "items": [{"id": "wie", "text": "Wie krijgt het?"}]})
    item = {"checklist": "delen", "item": {"id": "wet", "text": "Is de wet genoemd?"}}
    lesson = desk.post("/v1/questions/grond/lessons", item)
    assert lesson["checklist"]["version"] == 2
    assert desk.post("/v1/questions/grond/lessons", item) == lesson

    closing = {
        "id": "k",
        "checklist": "delen",
        "checklistVersion": 2,
        "by": "college",
        "validFrom": DAY,
        "done": ["wie"],
    }
    open_ = desk.ask("POST", "/v1/closings", json=closing)
    assert (open_.status_code, [error["code"] for error in open_.json()["errors"]]) == (400, ["item-left-open"])
    desk.post("/v1/closings", closing | {"open": [{"item": "wet", "reason": "Er is niets gedeeld."}]})


def test_opinions_that_differ_are_shown(desk: Desk) -> None:
    """A yes and a no on one question are a conflict, and the decision says which it follows."""
    desk.post("/v1/questions", QUESTION | {"id": "melden", "text": "Mag de school dit melden?"})
    for name, position in (("a", "yes"), ("b", "no")):
        opinion = {"id": name, "question": "melden", "by": "college", "position": position, "text": "Zo is het."}
        desk.post("/v1/opinions", opinion | {"validFrom": DAY})
    desk.post("/v1/decisions", {"id": "d", "kind": "advice", "by": "college", "follows": ["a"], "validFrom": DAY})
    read = desk.get("/v1/questions/melden")
    assert (read["conflict"], [one["id"] for one in read["opinions"]]) == (True, ["a", "b"])
    assert read["decisions"] == [{"id": "d", "by": "college", "follows": ["a"]}]


def test_nothing_of_a_person_is_published(desk: Desk) -> None:
    """A number, an address or a name is turned away at its place, and stands in no answer."""
    text = "Mag ik mevrouw Jansen bellen op 06-12345678 over 999990019?"
    answer = desk.ask("POST", "/v1/questions", json=QUESTION | {"id": "x", "text": text})
    faults = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert (answer.status_code, faults) == (400, {("/text", "personal-data")})
    assert not [secret for secret in ("Jansen", "12345678", "999990019") if secret in answer.text]


def test_near_misses_are_counted(desk: Desk) -> None:
    """Told by a party, reported to all without saying by whom."""
    miss = {"id": "n", "by": "college", "what": "Bijna te veel.", "noticed": "Nagelezen.", "lesson": "Lees na."}
    desk.post("/v1/near-misses", miss | {"findingCodes": ["category-outside-annex"], "validFrom": DAY})
    report = desk.get("/v1/near-misses/report")
    assert (report["count"], report["byCode"]) == (1, [{"name": "category-outside-annex", "count": 1}])
    assert "college" not in str(report)


def test_an_old_act_is_judged_by_the_law_of_its_day(desk: Desk) -> None:
    """Of two bare facts the one of 2017 names the Wbp and the one of today the AVG; a dry run says the same."""
    bare = {"operation": "use", "controller": "college", "subjects": REFUSED["subjects"]}
    for key, at, law in (("o-1", "2017-05-03T09:00:00Z", "wbp-"), ("o-2", "2026-03-01T09:00:00Z", "avg-")):
        receipt = desk.post("/v1/processing-operations", bare | {"id": key, "occurredAt": at})
        dry = desk.post("/v1/processing-operations/_assess", bare | {"occurredAt": at})
        for verdict in (receipt["verdict"], dry["verdict"], desk.get(f"/v1/processing-operations/{key}")["verdict"]):
            norms = {found["code"]: found["norms"] for found in verdict["findings"]}
            assert any(norm.startswith(law) for norm in norms["ground-missing"])
            assert not [norm for norm in norms["purpose-missing"] if not norm.startswith(law)]


def test_a_process_is_told_in_words(desk: Desk) -> None:
    """The report of a case is there as JSON in two languages, and as a Dutch text for whoever asks for that."""
    act = REFUSED | {"tense": "fact", "caseId": "zaak-7", "operation": "use", "occurredAt": "2026-03-02T07:30:00Z"}
    act |= {"legalBasis": {"gdpr": "6(1)(e)", "statute": "Wet onbekend 3"}}
    desk.post("/v1/processing-operations", act | {"id": "p-1"})
    inquiry = desk.post("/v1/inquiries", {"caseId": "zaak-7", "reason": "verantwoording"})
    path = f"/v1/inquiries/{inquiry['id']}/process-report"
    report = desk.get(path)
    assert report["nl"].startswith("# Procesverslag\n\n## 2 maart 2026\n\n- **08:30** college: gebruiken, persoon 1.")
    assert report["en"].startswith("# Process report\n")
    text = desk.ask("GET", path, headers={"Accept": "text/markdown"})
    assert (text.headers["content-type"], text.text) == ("text/markdown; charset=utf-8", report["nl"])
