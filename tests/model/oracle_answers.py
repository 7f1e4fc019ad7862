"""The answers as a clerk with the journal and a pencil would find them: the contract read literally and slowly.

It imports nothing of the ledger. Everything is looked up by walking over all entries, for every question anew.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.law.act import Act, Exemption
from tests.model.oracle_play import Entry
from tests.model.strategies import ACTIVITY, HOSTER, TERMS, Link

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
Group = frozenset[int]
Links = Sequence[tuple[Link, datetime]]


class Held(NamedTuple):
    """One (party, person, category): the same fields as an item of the holdings search, per category."""

    party: str
    group: Group
    category: str
    status: str
    since: datetime
    until: date | None
    operations: frozenset[str]


class Hit(NamedTuple):
    """One person of a breach's impact."""

    group: Group
    exposed: bool
    categories: tuple[str, ...]
    since: datetime
    sources: frozenset[tuple[str, str]]
    onward: frozenset[tuple[str, str]]
    operations: frozenset[str]
    inform: str


class Leak(NamedTuple):
    """A breach as its party reports it."""

    party: str
    begins: datetime
    until: datetime
    aware_at: datetime
    categories: tuple[str, ...]
    named: tuple[str, ...]


def day_of(instant: datetime) -> date:
    """The day in Amsterdam."""
    return instant.astimezone(AMSTERDAM).date()


def last_moment(day: date) -> datetime:
    """What a bare date means as a bound: the end of that day in Amsterdam."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=AMSTERDAM).astimezone(UTC) - timedelta(
        microseconds=1
    )


def later_by(day: date, period: str) -> date:
    """The same day number so many months or years on, clamped to the month's end; or days or weeks on."""
    count, unit = int(period[1:-1]), period[-1]
    if unit in "DW":
        return day + timedelta(days=count * (7 if unit == "W" else 1))
    months = day.month - 1 + count * (12 if unit == "Y" else 1)
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def term_of(act: Act) -> date | None:
    """The shortest term that any rule gives, as its last day; None when no rule says."""
    day, periods = day_of(act.occurred_at), []
    if act.retention is not None:
        periods.append(act.retention.period)
    if act.covenant is not None:
        found = TERMS.get((act.covenant.id, act.covenant.annex or "", act.phase or ""))
        periods += [found] if found else []
        periods += ["P5Y"] if act.covenant.id == "zvh" else []
    if act.activity == ACTIVITY:
        periods.append("P6M")
    if act.data_regime == "Wpg-8":
        periods.append("P5Y")
    return min((later_by(day, period) for period in periods), default=None)


def end_of(entry: Entry, known: datetime) -> date | None:
    """Until when what the act gave may be held: as it was said last by then, else the shortest term of the rules."""
    assert entry.act is not None
    said = [later for later in entry.later if later.kind == "retention" and later.recorded_at <= known]
    return said[-1].ends if said else entry.set_before or term_of(entry.act)


def groups(links: Links, known: datetime) -> dict[int, Group]:
    """Who is one person with whom: the last word known on every pair, directly or through others."""
    words: dict[frozenset[int], bool] = {}
    for link, recorded_at in links:
        if recorded_at <= known:
            words[frozenset((link.first, link.second))] = link.linked
    found: dict[int, Group] = {person: frozenset({person}) for person in range(5)}
    for pair in (pair for _ in range(5) for pair, linked in words.items() if linked):
        joined = frozenset().union(*(found[person] for person in pair))
        found |= dict.fromkeys(joined, joined)
    return found


def facts(entries: Iterable[Entry], group: Group, as_of: datetime, known: datetime) -> list[Entry]:
    """The acts that happened to a person, as known: no intents, no refusals, nothing taken back."""
    return [
        entry
        for entry in entries
        if entry.kind == "recorded" and entry.person in group
        if entry.occurred_at <= as_of and entry.recorded_at <= known and not entry.voided_at(known)
    ]


def holders(entry: Entry) -> set[str]:
    """At whom a fact begins a holding."""
    act = entry.act
    assert act is not None
    if entry.verb_class == "share":
        return {recipient.party for recipient in act.recipients}
    return {act.controller} if entry.verb_class in ("collect", "use", "alter") else set()


def deletes(acts: Sequence[Entry], party: str, category: str) -> list[datetime]:
    """When the party deleted the category, or everything."""
    found = [entry for entry in acts if entry.verb_class == "delete" and entry.act and entry.act.controller == party]
    return sorted(e.occurred_at for e in found if e.act and category in (e.act.data_categories or (category,)))


def carried(acts: Sequence[Entry], party: str, category: str) -> list[Entry]:
    """All acts that ever carried the category at the party."""
    return [entry for entry in acts if entry.act and category in entry.act.data_categories and party in holders(entry)]


def ended_by(entry: Entry, moments: Sequence[datetime]) -> datetime | None:
    """The first delete at or after the act."""
    return next((moment for moment in moments if moment >= entry.occurred_at), None)


def scopes_of(act: Act) -> set[tuple[str, ...]]:
    """The list, the covenant annex and the case (of its controller) that an act names."""
    found: set[tuple[str, ...]] = set()
    if act.list is not None:
        found.add(("list", act.list.kind, act.list.id))
    if act.covenant is not None:
        found.add(("annex", act.covenant.id, act.covenant.annex or ""))
    if act.case_id is not None:
        found.add(("case", act.controller, act.case_id))
    return found


def is_reached(acts: Sequence[Entry], delete: Entry, target: Entry, party: str, category: str) -> bool:
    """Whether some row of shares leads from who deletes to this act at this party, each no earlier than the last."""
    assert delete.act is not None
    wanted = scopes_of(delete.act)
    shares = [
        entry
        for entry in acts
        if entry.act and entry.verb_class == "share" and category in entry.act.data_categories
        if entry.occurred_at <= delete.occurred_at and (not wanted or wanted & scopes_of(entry.act))
    ]

    def leads(supplier: str, since: datetime | None, left: tuple[Entry, ...]) -> bool:
        for share in left:
            if share.act is None or share.act.controller != supplier or (since and share.occurred_at < since):
                continue
            if share is target and party in holders(share):
                return True
            rest = tuple(entry for entry in left if entry is not share)
            if any(leads(recipient, share.occurred_at, rest) for recipient in holders(share)):
                return True
        return False

    return target in shares and leads(delete.act.controller, None, tuple(shares))


def is_owed(acts: Sequence[Entry], live: Sequence[Entry], party: str, category: str) -> bool:
    """Whether a supplier deleted what the party still has, and nothing later carries it on."""
    for delete in acts:
        if delete.verb_class != "delete" or delete.act is None:
            continue
        if category not in (delete.act.data_categories or (category,)):
            continue
        if any(entry.occurred_at > delete.occurred_at for entry in live):
            continue
        if any(is_reached(acts, delete, entry, party, category) for entry in live):
            return True
    return False


def has_ended(entry: Entry, as_of: datetime, known: datetime) -> bool:
    """Whether the act's term is over, by what was known of it."""
    ends = end_of(entry, known)
    return ends is not None and as_of > last_moment(ends)


class Carrying(NamedTuple):
    """The acts that are shown for a holding, and what it is."""

    status: str
    acts: list[Entry]


def holding(acts: Sequence[Entry], party: str, category: str, as_of: datetime, known: datetime) -> Carrying | None:
    """What one party has, or had, of one category of one person."""
    ever = carried(acts, party, category)
    if not ever:
        return None
    moments = deletes(acts, party, category)
    live = [entry for entry in ever if ended_by(entry, moments) is None]
    if not live:
        last = max((ended_by(entry, moments) or as_of) for entry in ever)
        live = [entry for entry in ever if ended_by(entry, moments) == last]
        running = [entry for entry in live if not has_ended(entry, as_of, known)]
        return Carrying("erased", running or live)
    running = [entry for entry in live if not has_ended(entry, as_of, known)]
    owed = not running or is_owed(acts, live, party, category)
    return Carrying("erasure-owed" if owed else "held", running or live)


def names(acts: Iterable[Entry]) -> tuple[set[str], set[str]]:
    """Every party and every category that stands in the acts."""
    bodies = [entry.act for entry in acts if entry.act]
    parties = {r.party for act in bodies for r in act.recipients} | {act.controller for act in bodies}
    return parties, {category for act in bodies for category in act.data_categories}


def holdings(entries: Sequence[Entry], links: Links, as_of: datetime, known: datetime) -> set[Held]:
    """All holdings of everybody."""
    found = set()
    for group in set(groups(links, known).values()):
        acts = facts(entries, group, as_of, known)
        parties, categories = names(acts)
        for party in parties:
            for category in categories:
                one = holding(acts, party, category, as_of, known)
                if one is not None:
                    found.add(describe(party, group, category, one, known))
    return found


def describe(party: str, group: Group, category: str, one: Carrying, known: datetime) -> Held:
    """The holding in the fields of an item."""
    ends = [end_of(entry, known) for entry in one.acts]
    until = None if None in ends else max(end for end in ends if end is not None)
    keys = frozenset(entry.key for entry in one.acts)
    return Held(party, group, category, one.status, min(e.occurred_at for e in one.acts), until, keys)


def impact(entries: Sequence[Entry], links: Links, leak: Leak, known: datetime) -> tuple[int, list[Hit]]:
    """The records that the party had of anyone in the window, and the persons."""
    leak = leak._replace(named=named_as_corrected(entries, leak.named))
    records: set[int] = set()
    hits = []
    for group in set(groups(links, known).values()):
        shown, categories = had_in_window(entries, group, leak, known, records)
        named = done_and_named(entries, group, leak, known) + done_for_others(entries, group, leak, known)
        records |= {id(entry) for entry in named}
        if shown or named:
            hits.append(hit(entries, group, leak, known, shown, named, categories))
    return len(records), hits


def named_as_corrected(entries: Sequence[Entry], named: Sequence[str]) -> tuple[str, ...]:
    """These operations, and those under which their acts stand corrected or with the right person, as they came."""
    found = dict.fromkeys(named)
    for entry in entries:
        if entry.key in found:
            found |= {later.key: None for later in entry.later if later.kind in ("replaced", "wrong-person")}
    return tuple(found)


def done_and_named(entries: Sequence[Entry], group: Group, leak: Leak, known: datetime) -> list[Entry]:
    """What the party itself did about the person by an operation that the breach names, with data that it names."""
    return [
        entry
        for entry in facts(entries, group, datetime.max.replace(tzinfo=UTC), known)
        if entry.act and entry.key in leak.named and leak.party in (entry.act.controller, entry.act.processor)
        if not leak.categories or set(leak.categories) & set(entry.act.data_categories)
    ]


def done_for_others(entries: Sequence[Entry], group: Group, leak: Leak, known: datetime) -> list[Entry]:
    """At a processor that names nothing: what it did in the window for others, or before and they had not deleted it.

    A delete under another identifier of the person is not looked at.
    """
    if leak.party != HOSTER or leak.named:
        return []
    found = []
    for entry in facts(entries, group, leak.until, known):
        act = entry.act
        if act is None or entry.person is None or act.processor != HOSTER or act.controller == HOSTER:
            continue
        about = {name for name in act.data_categories if not leak.categories or name in leak.categories}
        if leak.categories and not about:
            continue
        same = facts(entries, frozenset((entry.person,)), leak.begins, known)
        kept = {
            name
            for name in about
            if act.controller in holders(entry) and ended_by(entry, deletes(same, act.controller, name)) is None
        }
        if entry.occurred_at >= leak.begins or kept:
            found.append(entry)
    return found


def had_in_window(
    entries: Sequence[Entry], group: Group, leak: Leak, known: datetime, records: set[int]
) -> tuple[list[Entry], set[str]]:
    """The acts that carried something at the party at some moment of the window, and what they carried."""
    shown: list[Entry] = []
    categories: set[str] = set()
    happened = {entry.occurred_at for entry in entries if entry.person in group}
    for moment in {leak.begins, leak.until} | {m for m in happened if leak.begins <= m <= leak.until}:
        acts = facts(entries, group, moment, known)
        for category in names(acts)[1]:
            one = holding(acts, leak.party, category, moment, known)
            if one is None or one.status == "erased" or (leak.categories and category not in leak.categories):
                continue
            gone = deletes(acts, leak.party, category)
            records |= {id(e) for e in carried(acts, leak.party, category) if ended_by(e, gone) is None}
            shown += [entry for entry in one.acts if entry not in shown]
            categories.add(category)
    return shown, categories


def hit(
    entries: Sequence[Entry],
    group: Group,
    leak: Leak,
    known: datetime,
    shown: Sequence[Entry],
    named: Sequence[Entry],
    held: set[str],
) -> Hit:
    """One person, with where it came from, where it went, and whether to tell."""
    origin = shown or named
    since = min(entry.occurred_at for entry in origin)
    keys = frozenset(entry.key for entry in (*shown, *named))
    exposed = not leak.named or bool(keys & set(leak.named))
    told_of = {name for entry in named if entry.act for name in entry.act.data_categories}
    categories = held | {name for name in told_of if not leak.categories or name in leak.categories}
    everything = facts(entries, group, datetime.max.replace(tzinfo=UTC), known)
    onward = {
        (recipient.party, entry.key)
        for entry in everything
        if entry.act and entry.verb_class == "share"
        if any(entry is one for one in named)
        or (
            entry.act.controller == leak.party
            and entry.occurred_at >= since
            and categories & set(entry.act.data_categories)
        )
        for recipient in entry.act.recipients
    }
    sources = frozenset((source_of(entry, leak.party), entry.key) for entry in origin)
    told = "no"
    if exposed:
        told = "decide-first" if is_exempt(entries, group, leak, known) else "yes"
    return Hit(group, exposed, tuple(sorted(categories)), since, sources, frozenset(onward), keys, told)


def source_of(entry: Entry, party: str) -> str:
    """Who supplied it: who shared it, or whom the holder collected it from, or the holder itself.

    What a processor did, he did with the data of his controller.
    """
    assert entry.act is not None
    if entry.verb_class == "share" and party in holders(entry):
        return entry.act.controller
    source = entry.act.source
    named = source.party if source is not None and not source.protected else None
    return named or entry.act.controller


def is_exempt(entries: Iterable[Entry], group: Group, leak: Leak, known: datetime) -> bool:
    """Whether an exemption of anyone is in force when the party became aware, or now."""
    return any(
        entry.person in group
        and isinstance(entry.body, Exemption)
        and entry.recorded_at <= known
        and not entry.voided_at(known)
        and entry.occurred_at <= moment
        and (entry.body.review_on is None or day_of(moment) <= entry.body.review_on)
        for entry in entries
        for moment in (leak.aware_at, known)
    )


def lines(entries: Iterable[Entry], group: Group, as_of: datetime, known: datetime) -> list[Entry]:
    """Everything on a person's streams that had happened and was known."""
    return [
        entry
        for entry in entries
        if entry.on_stream and entry.person in group and entry.occurred_at <= as_of and entry.recorded_at <= known
    ]
