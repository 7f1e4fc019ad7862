"""Whose task a provision is: organs, kinds of party, or domains (norms.md, column "binds").

A party belongs when it matches on any of the three. A provision that anyone may lean on, such
as the right to report to Veilig Thuis, has the owner None.
"""

from __future__ import annotations

from typing import Final

import msgspec

from services.law.governance import Party


class Owner(msgspec.Struct, frozen=True):
    """Those to whom the legislator gave a task or duty."""

    organs: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def includes(self, party: Party) -> bool:
        """Whether the party is one of them."""
        if party.kind in self.kinds or party.organ in self.organs:
            return True
        return bool(self.domains) and not self.domains.isdisjoint(party.domains)


def _organs(*organs: str) -> Owner:
    return Owner(organs=frozenset(organs))


_PUBLIC_KINDS: Final = frozenset({"public-body", "police", "judicial"})

BURGEMEESTER: Final = _organs("burgemeester")
COLLEGE: Final = _organs("college")
POLICE: Final = Owner(organs=frozenset({"korpschef"}), kinds=frozenset({"police"}))
JUDICIAL: Final = Owner(organs=frozenset({"officier-van-justitie"}), kinds=frozenset({"judicial"}))
PUBLIC: Final = Owner(kinds=_PUBLIC_KINDS)
YOUTH_CARE: Final = Owner(
    organs=frozenset({"college", "raad-voor-de-kinderbescherming", "gecertificeerde-instelling"}),
    domains=frozenset({"care", "youth-care", "social"}),
)
SOCIAL_SUPPORT: Final = Owner(organs=frozenset({"college", "veilig-thuis"}), domains=frozenset({"care", "social"}))
CARE: Final = Owner(domains=frozenset({"care", "health", "youth-care"}))
SCHOOL: Final = Owner(organs=frozenset({"college", "schoolbestuur"}), domains=frozenset({"education"}))
SECURITY: Final = Owner(kinds=frozenset({"private-controller", "processor"}))

OWNERS: Final[dict[str, dict[str, Owner | None]]] = {
    "BWBR0005416": {
        **dict.fromkeys(("172", "172a", "172b", "173", "174", "174a", "174b", "175", "176", "176a"), BURGEMEESTER),
        "160": COLLEGE,
        "168": COLLEGE,
    },
    # Wpg 7 binds whoever received police data, so a receiver may name it; the rest is the police's.
    "BWBR0022463": {"7": None, "*": POLICE},
    "BWBR0023086": {"*": POLICE},
    "BWBR0034925": {"7.3.11": None, "2.": COLLEGE, "*": YOUTH_CARE},
    "BWBR0035362": {"5.2.6": None, "*": SOCIAL_SUPPORT},
    "BWBR0007376": {"*": PUBLIC},
    "BWBR0007748": {"*": PUBLIC},
    "BWBR0005537": {"2:5": None, "*": PUBLIC},
    "BWBR0001903": {"162": PUBLIC},
    "BWBR0022428": {"*": PUBLIC},
    "BWBR0014194": {"*": JUDICIAL},
    "BWBR0008973": {"*": SECURITY},
    "BWBR0002628": {"*": SCHOOL},
    "BWBR0006251": {"*": CARE},
    "BWBR0005290": {"*": CARE},
    # Wvggz: the college looks into a report (5:2), the burgemeester takes the crisis measure (7:1).
    "BWBR0040635": {"5:1": COLLEGE, "5:2": COLLEGE, "7:1": BURGEMEESTER, "*": CARE},
    "BWBR0003420": {"*": SCHOOL},
    "BWBR0003549": {"*": SCHOOL},
    "BWBR0044212": {"*": SCHOOL},
}
"""Per act number: article, or a chapter ending in a point, or ``*`` for the whole act."""
