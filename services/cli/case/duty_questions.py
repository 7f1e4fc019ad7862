"""Ask who must erase and who must tell, through the inbox of obligations; every value comes out of an API answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from services.cli.case.door import Door
from services.cli.case.load import Posted
from services.cli.case.model import AMSTERDAM, Case, Json

AUDITOR: Final = "auditor"
UNVERIFIED: Final = "unverified"
_PATH: Final = "/v1/obligations/_search"


def erasure_owed(case: Case, door: Door, question: Json) -> Json:
    """Who still owes erasure of whom, as of a day: the parties by label."""
    owed: Json = {}
    # An auditor sees persons by pseudonym only, so each person of the file is asked about.
    for label in case.raw["subjects"]:
        body = {"kind": "erase", "state": "owed", "subject": case.identifier(label)} | _as_of(question)
        items = _ask_auditor(door, body)
        if items:
            owed[label] = sorted({item["party"] for item in items})
    return dict(sorted(owed.items()))


def erasure_of(case: Case, door: Door, posted: dict[int, Posted], question: Json) -> Json:
    """How many owe, in whatever state, because of one act about one person; and how many confirmed."""
    act = case.act(question["act"])
    _, receipt = posted[act.number].answers[0]
    cause = receipt["subjects"][act.labels.index(question["subject"])]["eventId"]
    body = {"kind": "erase", "subject": case.identifier(question["subject"])} | _as_of(question)
    states = [item["state"] for item in _ask_auditor(door, body) if item["cause"] == cause]
    return {"owed": str(len(states)), "confirmed": str(states.count("confirmed"))}


def inform(case: Case, door: Door, question: Json) -> Json:
    """By when each person had to be told, and how that stands, as of a day; asked by whoever tells."""
    labels = {case.identifier(label)["id"]: label for label in case.raw["subjects"]}
    covenant = question.get("covenant")
    body: Json = {"kind": "inform"} | ({} if covenant is None else {"covenant": covenant}) | _as_of(question)
    found: dict[str, Json] = {}
    for party in _tellers(case, covenant):
        for item in door.search(_PATH, body, party=party, scope="notice", purpose="operations"):
            label = labels.get(item["subject"]["id"])
            if item["party"] == party and label is not None:
                # Without an arrangement several may have to tell; the one that had to first speaks for the person.
                found[label] = min(found.get(label, item), item, key=lambda one: (one["due"], one["party"]))
    return {
        "due": {label: local_minute(found[label]["due"]) for label in sorted(found)},
        "state": {label: found[label]["state"] for label in sorted(found)},
    }


def local_minute(instant: str | None) -> str:
    """An instant in Europe/Amsterdam to the minute."""
    if instant is None:
        return UNVERIFIED
    return datetime.fromisoformat(instant).astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M")


def _as_of(question: Json) -> Json:
    return {"asOf": str(question["asOf"])} if "asOf" in question else {}


def _ask_auditor(door: Door, body: Json) -> list[Json]:
    return door.search(_PATH, body, party=AUDITOR, scope="audit", purpose="internal-control")


def _tellers(case: Case, covenant: Any) -> list[str]:
    """Whom the arrangement of the covenant lets tell; without one, and outside any covenant, every party.

    In a partnership under the WGS it is the contact point (BGS 1.3).
    """
    everyone = [str(party["id"]) for party in case.raw["parties"]]
    named = [entry for entry in case.raw.get("covenants") or () if covenant and entry["id"] == covenant["id"]]
    informs = {_teller(entry) for entry in named}
    return sorted(party for party in informs if party) if informs and None not in informs else everyone


def _teller(covenant: Json) -> Any:
    arrangement = covenant.get("arrangement") or {}
    by_law = arrangement.get("contactPoint") if covenant.get("legalFrame") == "wgs-zvh" else None
    return by_law or arrangement.get("informs")
