"""Ask the questions of a case through the API; every value of the answers comes out of an API answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from services.cli.case.bodies import calls_of
from services.cli.case.door import Door, UnexpectedAnswer
from services.cli.case.duty_questions import AUDITOR, UNVERIFIED, erasure_of, erasure_owed, inform
from services.cli.case.expectations import differences_of, outcome_of
from services.cli.case.load import Posted
from services.cli.case.model import Case, Json, zoned
from services.runtime.limits import CASE_INQUIRIES_MAX

SECTIONS: Final = (
    "breaches",
    "access",
    "replays",
    "assess",
    "holdingEnds",
    "erasureOwed",
    "erasureOf",
    "inform",
)
"""What may be asked."""
_REPLAYED: Final = frozenset({"processing-recorded", "processing-refused", "notice", "exemption"})
_REPORTED: Final = frozenset({"operation", "notice", "exemption"})


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a case.

    ``answers`` is what ``var/answers.json`` holds; ``differences`` is what ``expect`` said otherwise; ``ended`` names
    the questions about a record that has ended, of which nothing is told any more.
    """

    answers: Json
    differences: tuple[str, ...]
    ended: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What every question needs: the case, the door, and the way back from ids to numbers and labels."""

    case: Case
    door: Door
    posted: dict[int, Posted]
    numbers: dict[str, str]
    labels: dict[tuple[str, str], str]
    ended: list[str]

    def number(self, operation_id: str) -> str:
        """The act's number behind an operation id."""
        return self.numbers.get(operation_id, operation_id)

    def label(self, subject: Json) -> str | None:
        """Who a person of an answer is; None for one who is not named, or not in the file."""
        return self.labels.get((subject["idType"], subject["id"]))

    def receipt(self, number: int | str) -> Json:
        """What was answered to the (first) call of an act."""
        return self.posted[self.case.act(number).number].answers[0][1]

    def pages(self, question: Json, path: str, **how: Any) -> list[Json]:
        """The pages of an answer; none, and noted, when the record that it is about has ended."""
        try:
            return self.door.pages(path, **how)
        except UnexpectedAnswer as error:
            if not error.is_ended:
                raise
            self.ended.append(question["key"])
            return []


def ask_questions(case: Case, door: Door, posted: dict[int, Posted]) -> Answers:
    """Ask everything the file asks, in the order of ``var/answers.json``."""
    asked = Asked(
        case=case,
        door=door,
        posted=posted,
        numbers=case.numbers_by_key(),
        labels=case.labels_by_person(),
        ended=[],
    )
    answers: Json = {"findings": {}}
    differences: list[str] = []
    for act in sorted(case.acts, key=lambda act: act.number):
        if "expect" in act.fields:
            if outcome := outcome_of(posted[act.number]):
                answers["findings"][str(act.number)] = outcome
            differences += differences_of(act, posted[act.number])
    asks: tuple[tuple[str, Callable[[Asked, Json], Any]], ...] = (
        ("breaches", _breach),
        ("access", _access),
        ("replays", _replay),
        ("assess", _assess),
    )
    for section, ask in asks:
        for question in case.questions(section):
            answers[question["key"]] = ask(asked, question)
    retention: Json = {q["key"]: _holding_ends(asked, q) for q in case.questions("holdingEnds")}
    retention |= {q["key"]: erasure_owed(case, door, q) for q in case.questions("erasureOwed")}
    retention |= {q["key"]: erasure_of(case, door, posted, q) for q in case.questions("erasureOf")}
    if retention:
        answers["retention"] = retention
    answers |= {q["key"]: inform(case, door, q) for q in case.questions("inform")}
    return Answers(answers=answers, differences=tuple(differences), ended=tuple(dict.fromkeys(asked.ended)))


def _breach(asked: Asked, question: Json) -> Json:
    receipt = asked.receipt(question["act"])
    pages = asked.pages(
        question,
        f"/v1/breaches/{receipt['id']}/impact",
        party=receipt["reportingParty"],
        scope="breach",
        purpose="breach",
    )
    items = [item for page in pages for item in page["items"]]
    by_label = {label: item for item in items if (label := asked.label(item["subject"])) is not None}
    exposed = sorted(label for label, item in by_label.items() if item["exposed"])
    bases = [basis for item in items for basis in item["bases"]]
    return {
        "exposed": exposed,
        "held": sorted(by_label),
        "sources": {
            label: sorted({asked.number(source["operationId"]) for source in item["sources"]})
            for label, item in sorted(by_label.items())
        },
        "supplied_basis": sorted({_basis_text(basis["supplied"]) for basis in bases}),
        "own_basis": sorted({_basis_text(basis["own"]) for basis in bases}),
        "report_before": receipt["reportBefore"],
        "reporting_party": receipt["reportingParty"],
        "inform": {label: by_label[label]["inform"] for label in exposed},
    }


def _basis_text(basis: Json | None) -> str:
    if basis is None:
        return "none"
    parts = (basis.get("gdpr"), basis.get("statuteLabel") or basis.get("statute"), _place_text(basis.get("covenant")))
    return " | ".join(part for part in parts if part) or "none"


def _place_text(covenant: Json | None) -> str | None:
    """A covenant as ``id/annex@version``, as far as an act named them and the register knows them."""
    if covenant is None:
        return None
    annex, version = covenant.get("annex"), covenant.get("version")
    return f"{covenant['id']}{'' if annex is None else f'/{annex}'}{'' if version is None else f'@{version}'}"


def _access(asked: Asked, question: Json) -> Json:
    receipt, request = asked.receipt(question["act"]), calls_of(asked.case, asked.case.act(question["act"]))[0]
    identifier = request.body["subject"]
    pages = asked.pages(
        question,
        f"/v1/access-requests/{receipt['id']}/report",
        party=request.party,
        scope="subject:access",
        subject=(identifier["idType"], identifier["id"]),
        purpose="access-request",
    )
    lines = [line for page in pages for line in page["lines"] if line["type"] in _REPORTED]
    sources = [line["source"] for line in lines if line.get("source")]
    answer = {
        "lines": sorted({asked.number(line.get("operationId") or line["id"]) for line in lines}),
        "recipients": sorted({_party(to) for line in lines for to in line.get("recipients") or ()}),
        "source_named": sorted({s["party"] for s in sources if s.get("party")}),
        "leaked": _leaked(asked.case, identifier, json.dumps(pages, ensure_ascii=False)),
        "controllers": {c["party"]: _controller_text(c) for c in receipt["controllers"]},
    }
    if question.get("review"):
        # A parent may have to wait for a human: which provision makes the report wait, "none" when it does not.
        answer["review"] = (pages[0]["review"]["norm"] or "none") if pages else UNVERIFIED
    return answer


def _party(recipient: str | Json) -> str:
    return recipient if isinstance(recipient, str) else str(recipient["party"])


def _leaked(case: Case, identifier: Json, report: str) -> list[str]:
    others = {case.identifier(label)["id"] for label in case.labels} - {identifier["id"]}
    return sorted(secret for secret in {*others, *map(str, case.raw.get("canaries") or ())} if secret in report)


def _controller_text(controller: Json) -> str:
    due = controller["due"]["safe"] if controller.get("due") else UNVERIFIED
    return f"{controller['regime']} {due} {controller['remedy']}"


def _replay(asked: Asked, question: Json) -> Json:
    known = _bound("asKnownAt", question)
    answer = {
        "as_known_at": _replayed(asked, question, AUDITOR, "inquiry audit", known),
        "as_it_was_on": _replayed(asked, question, AUDITOR, "inquiry audit", _bound("asOf", question)),
    }
    if party := question.get("byParty"):
        answer[f"as_known_at_by_{party.split('-')[0]}"] = _replayed(asked, question, party, "inquiry", known)
    return answer


def _bound(name: str, question: Json) -> dict[str, str]:
    """The bound of a replay as a parameter; without one it is now."""
    return {} if question.get("bound") is None else {name: str(zoned(question["bound"]))}


def _replayed(asked: Asked, question: Json, party: str, scope: str, bounds: dict[str, str]) -> list[str]:
    pages = _replay_pages(asked, question, party, scope, bounds)
    events = [event for page in pages for event in page["events"] if event["type"] in _REPLAYED]
    return sorted({_replayed_number(asked, event) for event in events})


def _replay_pages(asked: Asked, question: Json, party: str, scope: str, bounds: dict[str, str]) -> list[Json]:
    """A replay by an inquiry under an id that every run knows; where it has ended, by the next."""
    about, name = _inquired(asked.case, question)
    for attempt in range(CASE_INQUIRIES_MAX):
        key = asked.case.key(0, f"replay:{party}:{name}" + (f":{attempt}" if attempt else ""))
        body = {"id": key, "reason": "replay of the case", **about}
        try:
            inquiry = asked.door.post("/v1/inquiries", body, party=party, scope=scope).json()
            path = f"/v1/inquiries/{inquiry['id']}/replay"
            return asked.door.pages(path, party=party, scope=scope, purpose="proceedings", params=bounds)
        except UnexpectedAnswer as error:
            if not error.is_ended:
                raise
    asked.ended.append(question["key"])
    return []


def _inquired(case: Case, question: Json) -> tuple[Json, str]:
    """What an inquiry is about, a person or a case, and its name among the inquiries of this file."""
    if "subject" in question:
        identifier = case.identifier(question["subject"])
        return {"subject": identifier}, identifier["id"]
    return {"caseId": question["caseId"]}, f"case:{question['caseId']}"


def _replayed_number(asked: Asked, event: Json) -> str:
    number = asked.number(event["operationId"])
    return f"{number}-refused" if event["type"] == "processing-refused" else number


def _assess(asked: Asked, question: Json) -> Json:
    """The answer for each recipient of an act, from the dry run of it."""
    call = calls_of(asked.case, asked.case.act(question["act"]))[0]
    found = asked.door.post(f"{call.path}/_assess", call.body, party=call.party, scope=call.scope).json()
    return {one["party"]: one["answer"] for one in sorted(found["recipients"], key=lambda one: str(one["party"]))}


def _holding_ends(asked: Asked, question: Json) -> str:
    """Until when data may be held by an act; an intent that was refused brought no holding."""
    act = asked.case.act(question["act"])
    place = act.place_of(question["subject"]) if "subject" in question else 0
    return str(asked.receipt(act.number)["subjects"][place].get("holdingEnds") or UNVERIFIED)
