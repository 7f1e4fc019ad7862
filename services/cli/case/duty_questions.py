"""Ask who must erase and who must tell, through the inbox of obligations; every value comes out of an API answer."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.cli.case.door import Door
from services.cli.case.load import Posted
from services.cli.case.model import AMSTERDAM, Case, Json, zoned

AUDITOR: Final = "auditor"
UNVERIFIED: Final = "unverified"
_PATH: Final = "/v1/obligations/_search"


def erasure_owed(case: Case, door: Door, question: Json) -> Json:
    """Who still owes erasure of whom, as of a day: the parties by label."""
    owed: Json = {}
    # An auditor sees persons by pseudonym only, so each person of the file is asked about.
    for label in case.labels:
        body = {"kind": "erase", "state": "owed", "subject": case.identifier(label)} | _as_of(question)
        items = _ask_auditor(door, body)
        if items:
            owed[label] = sorted({item["party"] for item in items})
    return dict(sorted(owed.items()))


def erasure_of(case: Case, door: Door, posted: dict[int, Posted], question: Json) -> Json:
    """How many owe, in whatever state, because of one act about one person; and how many confirmed."""
    act = case.act(question["act"])
    _, receipt = posted[act.number].answers[0]
    cause = receipt["subjects"][act.place_of(question["subject"])].get("eventId")  # a refused intent has none
    body = {"kind": "erase", "subject": case.identifier(question["subject"])} | _as_of(question)
    states = [item["state"] for item in _ask_auditor(door, body) if cause is not None and item["cause"] == cause]
    return {"owed": str(len(states)), "confirmed": str(states.count("confirmed"))}


def inform(case: Case, door: Door, question: Json) -> Json:
    """By when each person had to be told, and how that stands, as of a day; asked by whoever tells.

    Who that is the register of each act's day says: whom the arrangement names, the contact point under the WGS, every
    party for itself where no covenant was in force. So every party is asked for what it must tell itself.
    """
    labels = case.labels_by_person()
    covenant = question.get("covenant")
    body: Json = {"kind": "inform"} | ({} if covenant is None else {"covenant": covenant}) | _as_of(question)
    found: dict[str, Json] = {}
    for party in case.parties:
        for item in door.search(_PATH, body, party=party, scope="notice", purpose="operations"):
            label = labels.get((item["subject"]["idType"], item["subject"]["id"]))
            if item["party"] == party and label is not None:
                # Without an arrangement several may have to tell; the one that had to first speaks for the person.
                found[label] = min(found.get(label, item), item, key=_first_due)
    return {
        "due": {label: local_minute(found[label]["due"]) for label in sorted(found)},
        "state": {label: found[label]["state"] for label in sorted(found)},
    }


def local_minute(instant: str | None) -> str:
    """An instant in Europe/Amsterdam to the minute."""
    if instant is None:
        return UNVERIFIED
    return datetime.fromisoformat(instant).astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M")


def _first_due(item: Json) -> tuple[datetime, str]:
    return datetime.fromisoformat(item["due"]), item["party"]


def _as_of(question: Json) -> Json:
    return {} if question.get("asOf") is None else {"asOf": str(zoned(question["asOf"]))}


def _ask_auditor(door: Door, body: Json) -> list[Json]:
    return door.search(_PATH, body, party=AUDITOR, scope="audit", purpose="internal-control")
