"""Ask the questions of a case through the API; every value of the answers comes out of an API answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from services.cli.case.bodies import calls_of
from services.cli.case.door import Door
from services.cli.case.duty_questions import AUDITOR, erasure_of, erasure_owed, inform
from services.cli.case.load import Posted
from services.cli.case.model import Case, CaseAct, Json

_REPLAYED: Final = frozenset({"processing-recorded", "processing-refused", "notice", "exemption"})
_REPORTED: Final = frozenset({"operation", "notice", "exemption"})


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """``answers`` is what ``var/answers.json`` holds; ``differences`` is what ``expect`` said otherwise."""

    answers: Json
    differences: tuple[str, ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What every question needs: the case, the door, and the way back from ids to numbers and labels."""

    case: Case
    door: Door
    posted: dict[int, Posted]
    numbers: dict[str, str]
    labels: dict[str, str]

    def number(self, operation_id: str) -> str:
        """The act's number behind an operation id."""
        return self.numbers.get(operation_id, operation_id)


def ask_questions(case: Case, door: Door, posted: dict[int, Posted]) -> Answers:
    """Ask everything the file asks, in the order of ``var/answers.json``."""
    labels = {case.identifier(label)["id"]: label for label in case.raw["subjects"]}
    asked = Asked(case=case, door=door, posted=posted, numbers=case.numbers_by_key(), labels=labels)
    questions = case.raw.get("questions") or {}
    answers: Json = {"findings": {}}
    differences: list[str] = []
    for act in sorted(case.acts, key=lambda act: act.number):
        if "expect" in act.fields:
            answers["findings"][str(act.number)] = _outcome(posted[act.number])
            differences += _differences(act, posted[act.number])
    asks: tuple[tuple[str, Callable[[Asked, Json], Any]], ...] = (
        ("breaches", _breach),
        ("access", _access),
        ("replays", _replay),
        ("assess", _assess),
    )
    for section, ask in asks:
        for question in questions.get(section) or ():
            answers[question["key"]] = ask(asked, question)
    retention: Json = {q["key"]: _holding_ends(asked, q) for q in questions.get("holdingEnds") or ()}
    retention |= {q["key"]: erasure_owed(asked.case, door, q) for q in questions.get("erasureOwed") or ()}
    retention |= {q["key"]: erasure_of(asked.case, door, posted, q) for q in questions.get("erasureOf") or ()}
    if retention:
        answers["retention"] = retention
    answers |= {q["key"]: inform(asked.case, door, q) for q in questions.get("inform") or ()}
    return Answers(answers=answers, differences=tuple(differences))


def _outcome(posted: Posted) -> str:
    if posted.refused:
        return "refused"
    outcomes = [body["verdict"]["outcome"] for _, body in posted.answers]
    return str(max(outcomes, key=("compliant", "gap", "violation").index))


def _differences(act: CaseAct, posted: Posted) -> list[str]:
    """What ``expect`` says and the verdict does not: the outcome, and every code for the subjects named."""
    expect = act.fields["expect"]
    found: dict[str, set[str]] = {}
    outcomes = []
    for place, (_, body) in enumerate(posted.answers):
        labels = act.labels if len(posted.answers) == 1 else [act.labels[place]]
        by_ref = dict(zip((s["ref"] for s in body["subjects"]), labels, strict=True))
        outcomes.append(body["verdict"]["outcome"])
        for finding in body["verdict"]["findings"]:
            found.setdefault(finding["code"], set()).update(by_ref[ref] for ref in finding["subjects"])
    worst = max(outcomes, key=("compliant", "gap", "violation").index)
    faults = [] if worst == expect["outcome"] else [f"act {act.number}: outcome {worst}, expected {expect['outcome']}"]
    if bool(expect.get("refused")) != posted.refused:
        faults.append(f"act {act.number}: refused {posted.refused}, expected {bool(expect.get('refused'))}")
    for code, labels_expected in (expect.get("codes") or {}).items():
        missing = sorted(set(labels_expected) - found.get(code, set()))
        if missing:
            faults.append(f"act {act.number}: {code} not found for {', '.join(missing)}")
    return faults


def _breach(asked: Asked, question: Json) -> Json:
    _, receipt = asked.posted[question["act"]].answers[0]
    pages = asked.door.pages(
        f"/v1/breaches/{receipt['id']}/impact", party=receipt["reportingParty"], scope="breach", purpose="breach"
    )
    items = [item for page in pages for item in page["items"]]
    by_label = {asked.labels[item["subject"]["id"]]: item for item in items}
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
    covenant = basis.get("covenant")
    place = f"{covenant['id']}/{covenant['annex']}@{covenant['version']}" if covenant else None
    parts = (basis.get("gdpr"), basis.get("statuteLabel") or basis.get("statute"), place)
    return " | ".join(part for part in parts if part) or "none"


def _access(asked: Asked, question: Json) -> Json:
    case, act = asked.case, asked.case.act(question["act"])
    _, receipt = asked.posted[act.number].answers[0]
    label = act.fields["access_request"]["subject"]
    identifier = case.identifier(label)
    pages = asked.door.pages(
        f"/v1/access-requests/{receipt['id']}/report",
        party=act.fields["access_request"]["receivedBy"],
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
        "leaked": _leaked(case, label, json.dumps(pages, ensure_ascii=False)),
        "controllers": {c["party"]: _controller_text(c) for c in receipt["controllers"]},
    }
    if question.get("review"):
        # A parent may have to wait for a human: which provision makes the report wait, "none" when it does not.
        answer["review"] = pages[0]["review"]["norm"] or "none"
    return answer


def _party(recipient: str | Json) -> str:
    return recipient if isinstance(recipient, str) else str(recipient["party"])


def _leaked(case: Case, label: str, report: str) -> list[str]:
    others = [case.identifier(other)["id"] for other in case.raw["subjects"] if other != label]
    return sorted(secret for secret in [*others, *(case.raw.get("canaries") or ())] if secret in report)


def _controller_text(controller: Json) -> str:
    due = controller["due"]["safe"] if controller.get("due") else "unverified"
    return f"{controller['regime']} {due} {controller['remedy']}"


def _replay(asked: Asked, question: Json) -> Json:
    identifier = asked.case.identifier(question["subject"])
    bound = str(question["bound"])
    answer = {
        "as_known_at": _replayed(asked, identifier, AUDITOR, "inquiry audit", {"asKnownAt": bound}),
        "as_it_was_on": _replayed(asked, identifier, AUDITOR, "inquiry audit", {"asOf": bound}),
    }
    if party := question.get("byParty"):
        key = f"as_known_at_by_{party.split('-')[0]}"
        answer[key] = _replayed(asked, identifier, party, "inquiry", {"asKnownAt": bound})
    return answer


def _replayed(asked: Asked, identifier: Json, party: str, scope: str, bounds: dict[str, str]) -> list[str]:
    body = {
        "id": asked.case.key(0, f"replay:{party}:{identifier['id']}"),
        "subject": identifier,
        "reason": "replay of the case",
    }
    inquiry = asked.door.post("/v1/inquiries", body, party=party, scope=scope).json()
    pages = asked.door.pages(
        f"/v1/inquiries/{inquiry['id']}/replay", party=party, scope=scope, purpose="proceedings", params=bounds
    )
    events = [event for page in pages for event in page["events"] if event["type"] in _REPLAYED]
    return sorted({_replayed_number(asked, event) for event in events})


def _replayed_number(asked: Asked, event: Json) -> str:
    number = asked.number(event["operationId"])
    return f"{number}-refused" if event["type"] == "processing-refused" else number


def _assess(asked: Asked, question: Json) -> Json:
    """The answer for each recipient of an act, from the dry run of it."""
    call = calls_of(asked.case, asked.case.act(question["act"]))[0]
    found = asked.door.post(f"{call.path}/_assess", call.body, party=call.party, scope=call.scope).json()
    return {one["party"]: one["answer"] for one in sorted(found["recipients"], key=lambda one: str(one["party"]))}


def _holding_ends(asked: Asked, question: Json) -> str:
    act = asked.case.act(question["act"])
    _, receipt = asked.posted[act.number].answers[0]
    place = act.labels.index(question["subject"])
    return str(receipt["subjects"][place]["holdingEnds"] or "unverified")
