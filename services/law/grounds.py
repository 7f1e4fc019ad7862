"""What a text names as a ground in law on one day: a provision of a law that holds then, or nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from services.law.day_view import DayView
from services.law.governance import Party
from services.law.statutes import Statute, statute

GROUNDS_CACHED_MAX: Final = 1_024
"""Texts, each with the laws that do not hold on some day, of which the ground is remembered."""

_WORDS_FOR_COVENANT: Final = ("convenant", "covenant")


def ground_on(text: str | None, view: DayView) -> Statute | None:
    """The provision that can be a ground on the day of ``view``; None of what says nothing, or no longer or not yet."""
    return None if text is None else ground_without(text, view.laws_out_of_force)


def task_on(text: str | None, view: DayView) -> Statute | None:
    """The ground that can give a task or a duty: neither of the AVG, which gives nobody one (6(3)), nor a covenant.

    A law that we do not list ("Politiewet 2012 3") is accepted as named.
    """
    provision = ground_on(text, view)
    if provision is None or provision.regulation is not None:
        return None
    return None if provision.number is None and is_covenant(provision.reference, view) else provision


def is_own_statute(text: str | None, view: DayView, party: Party | None) -> bool:
    """Whether it names a statute on which ``party`` can stand by itself that day; None: a party that nobody knows."""
    provision = task_on(text, view)
    return provision is not None and (party is None or provision.belongs_to(party))


@lru_cache(maxsize=GROUNDS_CACHED_MAX)
def ground_without(text: str, out_of_force: frozenset[str]) -> Statute | None:
    """The same as ``ground_on`` where these laws do not hold: found once for the few texts that many acts name."""
    provision = statute(text)
    return provision if text.strip() and counts_without(provision, out_of_force) else None


def counts_without(provision: Statute, out_of_force: frozenset[str]) -> bool:
    """Whether it names a provision, and of a law that holds as far as is known."""
    return provision.names_provision and holds_without(provision, out_of_force)


def holds_without(provision: Statute, out_of_force: frozenset[str]) -> bool:
    """Whether the law holds: "Wmo" of 2014 may be the act of 2007, which had that name then."""
    return provision.shares_name or provision.law not in out_of_force


def is_covenant(text: str, view: DayView) -> bool:
    """Whether the text names a covenant, by the word or by the id of one that was ever registered."""
    folded = text.casefold()
    if any(word in folded for word in _WORDS_FOR_COVENANT):
        return True
    stripped = text.strip().split("@", 1)[0]
    return view.knows_covenant(stripped) or view.knows_covenant(stripped.rsplit("/", 1)[0])
