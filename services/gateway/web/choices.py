"""What a visitor can choose from: the parties and covenants in force today, and the kinds of data these know."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, TypeVar

import msgspec

from services.gateway.web.visit import Visit
from services.law.local_time import amsterdam_day
from services.runtime import limits

USUAL_CATEGORIES: Final = ("name", "contact", "address", "school")
Line = TypeVar("Line", bound=msgspec.Struct)


class PartyChoice(msgspec.Struct, frozen=True, rename="camel"):
    """A party that can be chosen."""

    id: str
    name: str | None = None

    @property
    def label(self) -> str:
        """Return what people call it."""
        return self.name or self.id


class AnnexChoice(msgspec.Struct, frozen=True, rename="camel"):
    """An annex of a covenant, with the kinds of data that it knows."""

    id: str
    name: str | None = None
    data_categories: tuple[str, ...] = ()


class PartnerLine(msgspec.Struct, frozen=True, rename="camel"):
    """A partner of a covenant."""

    party: str


class CovenantChoice(msgspec.Struct, frozen=True, rename="camel"):
    """A covenant that can be named."""

    id: str
    version: int
    partners: tuple[PartnerLine, ...] = ()
    annexes: tuple[AnnexChoice, ...] = ()

    def has(self, party: str) -> bool:
        """Whether a party is among its partners."""
        return any(partner.party == party for partner in self.partners)


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of one visitor; its own party is none of them, since nobody shares with itself."""

    partners: tuple[PartyChoice, ...]
    others: tuple[PartyChoice, ...]
    covenants: tuple[CovenantChoice, ...]
    categories: tuple[str, ...]
    labels: dict[str, str]

    def label(self, party: str) -> str:
        """Name a party."""
        return self.labels.get(party, party)

    @property
    def partner_pairs(self) -> list[tuple[str, str]]:
        """Return the partners as values with their names."""
        return pairs_of(self.partners)

    @property
    def other_pairs(self) -> list[tuple[str, str]]:
        """Return all other parties as values with their names."""
        return pairs_of(self.others)

    @property
    def all_pairs(self) -> list[tuple[str, str]]:
        """Return everybody as values with their names, partners first."""
        return [*self.partner_pairs, *self.other_pairs]

    @property
    def only_annex(self) -> str | None:
        """Return the covenant and annex that a form names, where there is nothing to choose; None otherwise."""
        named = [f"{covenant.id}|{annex.id}" for covenant in self.covenants for annex in covenant.annexes]
        return named[0] if len(named) == 1 else None


def pairs_of(parties: tuple[PartyChoice, ...]) -> list[tuple[str, str]]:
    """Return parties as values with their names."""
    return [(party.id, party.label) for party in parties]


async def read_choices(visit: Visit) -> Choices:
    """Read from the register what holds today."""
    day = amsterdam_day(await visit.ledger.now())
    parties = await _read(visit, "parties", PartyChoice, day)
    covenants = await _read(visit, "covenants", CovenantChoice, day)
    return choices_of(visit.member.claims.party, parties, covenants)


async def _read(visit: Visit, kind: str, shape: type[Line], day: date) -> list[Line]:
    """Read the entries of a kind that hold on a day, as far as a list of choices goes."""
    found: list[Line] = []
    cursor: str | None = None
    for _ in range(limits.PAGE_REGISTER_READS_MAX):
        page = await visit.ledger.list_register(
            visit.member.caller, kind, day.isoformat(), cursor, limits.PAGE_ITEMS_MAX
        )
        found += [_line(item, shape) for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    return found


def _line(item: Any, shape: type[Line]) -> Line:
    """Take from an entry of the register what a choice shows of it."""
    return msgspec.convert(item, shape)


def choices_of(own: str, parties: list[PartyChoice], covenants: list[CovenantChoice]) -> Choices:
    """Return what `own` can choose: those with whom it shares a covenant first, then everybody else."""
    ours = tuple(covenant for covenant in covenants if covenant.has(own))
    near = {partner.party for covenant in ours for partner in covenant.partners}
    listed = sorted((party for party in parties if party.id != own), key=lambda party: party.label.casefold())
    known = dict.fromkeys(
        (*USUAL_CATEGORIES, *(kind for one in ours for annex in one.annexes for kind in annex.data_categories))
    )
    return Choices(
        partners=tuple(party for party in listed if party.id in near),
        others=tuple(party for party in listed if party.id not in near),
        covenants=ours,
        categories=tuple(known),
        labels={party.id: party.label for party in parties},
    )
