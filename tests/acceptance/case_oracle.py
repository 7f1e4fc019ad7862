"""A slow, literal reader of a case file: the answers as a person with the YAML and a pencil would find them.

It knows nothing of the product: no import of it, no projection, no judgement (refusals are read from ``expect``).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SHARES = {"disclose-by-transmission", "disseminate", "make-available"}
HOLDS = {"collect", "use", "align", "combine", "record", "organise", "structure", "store", "adapt", "alter"}
DELETES = {"erase", "destruct"}
Json = dict[str, Any]


def local(text: Any) -> datetime:
    """A local time of the file."""
    return datetime.fromisoformat(str(text)).replace(tzinfo=AMSTERDAM)


def end_of(day: str) -> datetime:
    """The last instant of a day."""
    return datetime.combine(datetime.fromisoformat(day).date(), time.max, tzinfo=AMSTERDAM)


def acts_of(raw: Json) -> list[Json]:
    """The acts as written."""
    return list(raw["acts"])


def about(raw: Json, label: str) -> list[Json]:
    """The acts, notices and exemptions that concern a person."""
    kinds = ("operation", "notice", "exemption")
    return [a for a in acts_of(raw) if label in a.get("subjects", ()) and any(kind in a for kind in kinds)]


def replay(raw: Json, question: Json) -> Json:
    """``replay_*`` of the answers."""
    bound = end_of(str(question["bound"]))
    label = question["subject"]
    mine = about(raw, label)
    known = [a for a in mine if local(a.get("recorded", a["at"])) <= bound]
    answer = {
        "as_known_at": sorted(map(_named, known)),
        "as_it_was_on": sorted(_named(a) for a in mine if local(a["at"]) <= bound),
    }
    if party := question.get("byParty"):
        seen = [a for a in known if _takes_part(a, party) and (not _refused(a) or party == a["by"])]
        answer[f"as_known_at_by_{party.split('-')[0]}"] = sorted(map(_named, seen))
    return answer


def access_lines(raw: Json, question: Json) -> Json:
    """``lines``, ``recipients`` and ``source_named`` of an access answer."""
    request = next(a for a in acts_of(raw) if a["n"] == question["act"])
    label = request["access_request"]["subject"]
    mine = [act for act in about(raw, label) if not _refused(act)]
    return {
        "lines": sorted(str(a["n"]) for a in mine),
        "recipients": sorted({to for a in mine for to in a.get("to", ())}),
        "source_named": sorted({a["source"]["party"] for a in mine if a.get("source", {}).get("party")}),
    }


def breach(raw: Json, question: Json) -> Json:
    """``exposed``, ``held``, ``sources`` and ``report_before`` of a breach answer."""
    leak = next(a for a in acts_of(raw) if a["n"] == question["act"])
    party, instant = leak["breach"]["party"], local(leak["at"])
    named = {str(number) for number in leak["breach"].get("operations", ())}
    carrying = {label: _carrying(raw, party, label, instant) for label in raw["subjects"]}
    done = {label: _done(raw, party, label) & named for label in raw["subjects"]}
    hit = {label: carrying[label] or sorted(done[label]) for label in raw["subjects"] if carrying[label] or done[label]}
    limit = (instant.astimezone(ZoneInfo("UTC")) + timedelta(hours=72)).astimezone(AMSTERDAM)
    return {
        "exposed": sorted(label for label in hit if not named or named & {*carrying[label], *done[label]}),
        "held": sorted(hit),
        "sources": {label: sorted(numbers) for label, numbers in hit.items()},
        "report_before": limit.isoformat(),
    }


def _done(raw: Json, party: str, label: str) -> set[str]:
    """The facts about this person that the party did, for itself or for another."""
    facts = [a for a in acts_of(raw) if "operation" in a and a.get("tense") != "intent" and label in a["subjects"]]
    return {str(a["n"]) for a in facts if party in (a["by"], a.get("controller"))}


def _carrying(raw: Json, party: str, label: str, instant: datetime) -> list[str]:
    """Acts that still carry some category of this person at this party at the instant."""
    carrying = set()
    for act in acts_of(raw):
        if not _begins(act, party, label) or local(act["at"]) > instant:
            continue
        for category in act["dataCategories"]:
            if not _deleted(raw, party, label, category, local(act["at"]), instant):
                carrying.add(str(act["n"]))
    return sorted(carrying)


def _begins(act: Json, party: str, label: str) -> bool:
    if label not in act.get("subjects", ()) or act.get("tense") == "intent" or "operation" not in act:
        return False
    if act["operation"] in SHARES:
        return party in act.get("to", ())
    return act["operation"] in HOLDS and act.get("controller", act["by"]) == party


def _deleted(raw: Json, party: str, label: str, category: str, since: datetime, until: datetime) -> bool:
    return any(
        act.get("operation") in DELETES
        and act.get("controller", act["by"]) == party
        and label in act["subjects"]
        and category in (act.get("dataCategories") or [category])
        and since <= local(act["at"]) <= until
        for act in acts_of(raw)
    )


def _takes_part(act: Json, party: str) -> bool:
    return party in (act.get("controller"), act.get("by"), act.get("for")) or party in act.get("to", ())


def _refused(act: Json) -> bool:
    return bool(act.get("expect", {}).get("refused"))


def _named(act: Json) -> str:
    return f"{act['n']}-refused" if _refused(act) else str(act["n"])
