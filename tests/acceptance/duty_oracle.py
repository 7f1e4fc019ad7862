"""The literal reader of a case file, continued: who must erase, who must be told, and how that stands on a day.

It reads terms as far as the cases need: a month that rolls over weekends; holdings whose term has not ended.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.acceptance.case_oracle import AMSTERDAM, DELETES, HOLDS, SHARES, acts_of, end_of, local

Json = dict[str, Any]
ELEMENTS = {"controller", "purpose", "basis", "categories", "recipients", "retention", "rights", "source", "complaint"}
FROM_THE_PERSON = {"data-subject", "own-observation"}


def erasure_owed(raw: Json, question: Json) -> Json:
    """``erasure_owed_*``: by label, who still owes erasure at the end of the day."""
    bound = end_of(str(question["asOf"]))
    owed = {
        label: sorted(
            {
                party
                for delete in deletes_about(raw, label, bound)
                for party, is_gone in reached(raw, delete, label, bound).items()
                if not is_gone
            }
        )
        for label in raw["subjects"]
    }
    return {label: parties for label, parties in owed.items() if parties}


def erasure_of(raw: Json, question: Json) -> Json:
    """``erasure_of_*``: how many owe because of one act about one person, and how many of them erased it all."""
    act = next(act for act in acts_of(raw) if act["n"] == question["act"])
    bound = max(local(act.get("recorded", act["at"])) for act in acts_of(raw))
    found = reached(raw, act, question["subject"], bound)
    return {"owed": str(len(found)), "confirmed": str(sum(found.values()))}


def facts_about(raw: Json, label: str, bound: datetime) -> list[Json]:
    """The acts on a person that happened up to a moment, in order of time."""
    acts = [a for a in acts_of(raw) if "operation" in a and label in a["subjects"] and a.get("tense") != "intent"]
    return sorted((a for a in acts if local(a["at"]) <= bound), key=lambda a: (local(a["at"]), a["n"]))


def deletes_about(raw: Json, label: str, bound: datetime) -> list[Json]:
    """The acts that erase something of a person."""
    return [act for act in facts_about(raw, label, bound) if act["operation"] in DELETES]


def controller(act: Json) -> str:
    """Whose act it is."""
    return str(act.get("controller", act["by"]))


def reached(raw: Json, delete: Json, label: str, bound: datetime) -> dict[str, bool]:
    """By party that got it from whoever deleted: whether it erased since all that it had to."""
    acts = facts_about(raw, label, bound)
    names = delete.get("dataCategories") or {name for act in acts for name in act.get("dataCategories", ())}
    owing: dict[str, set[str]] = {}
    for name in names:
        for party in spread(acts, delete, name):
            if party != controller(delete) and had_it(acts, delete, party, name):
                owing.setdefault(party, set()).add(name)
    return {party: named <= erased_since(acts, delete, party, names) for party, named in owing.items()}


def spread(acts: list[Json], delete: Json, name: str) -> set[str]:
    """Everyone to whom a category went from the deleting party, under the same list or annex, before it deleted."""
    got_at = {controller(delete): datetime.min.replace(tzinfo=AMSTERDAM)}
    changed = True
    while changed:
        changed = False
        for act in acts:
            at, supplier = local(act["at"]), controller(act)
            if act["operation"] not in SHARES or name not in act["dataCategories"] or at > local(delete["at"]):
                continue
            if not in_scope(delete, act) or supplier not in got_at or got_at[supplier] > at:
                continue
            for to in act["to"]:
                if at < got_at.get(to, at + timedelta(1)):
                    got_at[to], changed = at, True
    return set(got_at)


def in_scope(delete: Json, share: Json) -> bool:
    """The same list or covenant annex; a delete that names neither is about all."""
    named = [field for field in ("list", "covenant") if delete.get(field)]
    return not named or any(delete[field] == share.get(field) for field in named)


def moments(acts: list[Json], party: str, name: str) -> tuple[list[datetime], list[datetime]]:
    """When a party got or used a category, and when it erased it."""
    begun = [
        local(act["at"])
        for act in acts
        if name in act.get("dataCategories", ())
        and ((act["operation"] in HOLDS and controller(act) == party) or party in act.get("to", ()))
    ]
    gone = [
        local(act["at"])
        for act in acts
        if act["operation"] in DELETES and controller(act) == party and name in (act.get("dataCategories") or [name])
    ]
    return begun, gone


def had_it(acts: list[Json], delete: Json, party: str, name: str) -> bool:
    """Whether the party still had it when the other deleted, and did not get it again before erasing it."""
    begun, gone = moments(acts, party, name)
    at = local(delete["at"])
    before = max((moment for moment in gone if moment < at), default=datetime.min.replace(tzinfo=AMSTERDAM))
    after = min((moment for moment in gone if moment >= at), default=datetime.max.replace(tzinfo=AMSTERDAM))
    return any(before < moment <= at for moment in begun) and not any(at < moment < after for moment in begun)


def erased_since(acts: list[Json], delete: Json, party: str, names: Any) -> set[str]:
    """What the party erased at or after the delete."""
    return {name for name in names if any(gone >= local(delete["at"]) for gone in moments(acts, party, name)[1])}


def inform(raw: Json, question: Json) -> Json:
    """``inform_*``: by when each person had to be told under a covenant annex, and how that stands."""
    bound, named = end_of(str(question["asOf"])), question["covenant"]
    covenant = next(entry for entry in raw["covenants"] if entry["id"] == named["id"])
    informer = covenant["arrangement"]["informs"]
    due, state = {}, {}
    for label in raw["subjects"]:
        acts = [act for act in facts_about(raw, label, bound) if act.get("covenant") == named]
        found = [each for act in acts for each in obtainings(raw, act)]
        if found:
            moment = min([month_after(found[0][1]), *(at for _, at, at_once in found if at_once)])
            due[label] = moment.strftime("%Y-%m-%dT%H:%M")
            parties = {informer, *(party for party, _, _ in found)}
            state[label] = state_of(raw, label, named, parties, moment, bound)
    return {"due": due, "state": state}


def obtainings(raw: Json, act: Json) -> Iterator[tuple[str, datetime, bool]]:
    """Who obtained or disclosed by an act, when, and whether that wants telling at once."""
    kinds = {party["id"]: party["kind"] for party in raw["parties"]}
    at, regime = local(act["at"]), act.get("dataRegime", "AVG")
    # Who received the data of police or prosecutor is under the AVG; they are not, nor is who investigates itself.
    received = regime in ("Wpg-20", "Wjsg") and kinds[controller(act)] not in ("police", "judicial")
    is_avg = regime == "AVG" or received
    at_once = act.get("source", {}).get("kind") in FROM_THE_PERSON
    if act["operation"] in HOLDS and is_avg:
        yield controller(act), at, at_once
    if act["operation"] in SHARES:
        others = [to for to in act["to"] if to != controller(act)]
        if others and is_avg:
            yield controller(act), at, True
        yield from ((to, at, at_once) for to in others if kinds[to] not in ("police", "judicial"))


def month_after(at: datetime) -> datetime:
    """24:00 of the same day a month later, or of the Monday after when that is in a weekend."""
    year, month = (at.year, at.month + 1) if at.month < 12 else (at.year + 1, 1)
    day = date(year, month, min(at.day, monthrange(year, month)[1]))
    while day.weekday() >= 5:
        day += timedelta(1)
    return datetime.combine(day + timedelta(1), time(), AMSTERDAM)


def state_of(raw: Json, label: str, named: Json, parties: set[str], due: datetime, bound: datetime) -> str:
    """How the duty about one person stands."""
    told: dict[str, datetime] = {}
    for act in about_duty(raw, "notice", label, named, parties, bound):
        elements = act["notice"]["elements"]
        for element in ELEMENTS if elements == "all" else elements:
            told.setdefault(element, local(act["at"]))
    if set(told) == ELEMENTS:
        return "done" if max(told.values()) <= due else "done-late"
    for act in about_duty(raw, "exemption", label, named, parties, bound):
        if bound <= end_of(str(act["exemption"]["reviewOn"])):
            return "exempt"
    if not is_held(raw, label, named, bound):
        return "lapsed-unmet"
    return "residual" if told else "open"


def about_duty(raw: Json, kind: str, label: str, named: Json, parties: set[str], bound: datetime) -> list[Json]:
    """The notices or exemptions that are about this duty, in order of time."""
    acts = [
        act
        for act in acts_of(raw)
        if kind in act
        and label in act["subjects"]
        and act.get("covenant") == named
        and act.get("for", act["by"]) in parties
        and local(act["at"]) <= bound
    ]
    return sorted(acts, key=lambda act: local(act["at"]))


def is_held(raw: Json, label: str, named: Json, bound: datetime) -> bool:
    """Whether anybody still has something that it got under the annex."""
    acts = facts_about(raw, label, bound)
    return any(
        not any(gone >= local(act["at"]) for gone in moments(acts, party, name)[1])
        for act in acts
        if act.get("covenant") == named and act["operation"] not in DELETES
        for party in (act["to"] if act["operation"] in SHARES else [controller(act)])
        for name in act["dataCategories"]
    )
