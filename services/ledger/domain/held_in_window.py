"""What one party had of persons at some moment of a window: the definition of a holding, asked of many moments at once.

The moments are both ends of the window and every act of the person in it. An act carries from when it happened until
the first delete of its holder at or after it; after its term only as long as nothing else carries.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from services.law.local_time import end_of_day
from services.ledger.domain.holdings import (
    DELETES,
    CarryingAct,
    Holding,
    HoldingRow,
    Person,
    counts,
    describe_act,
    latest_end,
    names,
    order_of,
    own_basis,
    person_of,
)

NEVER: Final = datetime.max.replace(tzinfo=UTC)

Window = tuple[datetime, datetime]
"""Both ends belong to it."""


def held_in_window(
    rows: Sequence[HoldingRow],
    party: str,
    window: Window,
    known_at: datetime,
    standing: Mapping[Person, Person],
) -> list[Holding]:
    """What ``party`` held (or owed the erasure of, and so still had) at some moment of the window, one per category.

    ``standing`` names the stream that stands for each linked one; ``acts`` are all that carried it at some moment.
    """
    persons: dict[Person, list[HoldingRow]] = {}
    for row in rows:
        if counts(row, window[1], known_at):
            place = person_of(row)
            persons.setdefault(standing.get(place, place), []).append(row)
    return [holding for person, acts in persons.items() for holding in held_of_person(person, acts, party, window)]


def held_of_person(person: Person, acts: Sequence[HoldingRow], party: str, window: Window) -> Iterator[Holding]:
    """What the party had of one person, by category."""
    moments = sorted({*window, *(act.occurred_at for act in acts if window[0] <= act.occurred_at)})
    own = sorted((act for act in acts if act.party == party), key=order_of)
    for category in sorted({name for act in own if act.effect != DELETES for name in act.categories}):
        named = [act for act in own if names(act, category)]
        carried = [act for episode in episodes_of(named) for act in carried_in(episode, moments)]
        if carried:
            yield Holding(
                party=party,
                lane=person[0],
                stream_id=person[1],
                categories=(category,),
                status="held",
                since=carried[0].occurred_at,
                until=latest_end(carried),
                acts=tuple(carried),
            )


def episodes_of(named: Sequence[HoldingRow]) -> Iterator[tuple[list[HoldingRow], datetime]]:
    """The acts between two deletes, in order, and when the second of these was: from then on they carry no more."""
    deletes = [act.occurred_at for act in named if act.effect == DELETES]
    episode: list[HoldingRow] = []
    death = NEVER
    for act in named:
        if act.effect == DELETES:
            continue
        place = bisect_left(deletes, act.occurred_at)
        dies = deletes[place] if place < len(deletes) else NEVER
        if dies != death and episode:
            yield episode, death
            episode = []
        death = dies
        episode.append(act)
    if episode:
        yield episode, death


def carried_in(episode: tuple[list[HoldingRow], datetime], moments: Sequence[datetime]) -> Iterator[CarryingAct]:
    """The acts of an episode that carried at some of these moments, each with the holder's own basis as it was then."""
    acts, death = episode
    bare = last_bare_moment(acts, death, moments)
    grounds = [act for act in acts if act.supplied_by is None and (act.gdpr or act.statute)]
    for act in acts:
        last = last_moment(moments, act.occurred_at, min(death, ending(act)))
        if bare is not None and bare >= act.occurred_at:
            last = bare if last is None else max(last, bare)
        if last is not None:
            known = grounds[:1] if grounds and grounds[0].occurred_at <= last else []
            yield describe_act(act, own_basis(known))


def last_bare_moment(acts: Sequence[HoldingRow], death: datetime, moments: Sequence[datetime]) -> datetime | None:
    """The last of the moments at which every act of the episode so far was past its term, so that all of them carry."""
    latest = datetime.min.replace(tzinfo=UTC)
    found: datetime | None = None
    for act, following in zip(acts, [*(act.occurred_at for act in acts[1:]), death], strict=True):
        latest = max(latest, ending(act))
        found = last_moment(moments, max(act.occurred_at, latest), following) or found
    return found


def last_moment(moments: Sequence[datetime], since: datetime, before: datetime) -> datetime | None:
    """The last of the moments at or after ``since`` and before ``before``."""
    place = bisect_left(moments, before) - 1
    return moments[place] if place >= 0 and moments[place] >= since else None


def ending(act: HoldingRow) -> datetime:
    """The instant from which the term of the act is over."""
    return NEVER if act.ends is None else end_of_day(act.ends)
