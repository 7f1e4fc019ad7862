"""What the police owe a person under Wpg 24b, which stands apart from AVG 13 and 14.

General information, on the website and in leaflets, is owed always and to everyone (24b(1)). More is told in specific
cases (24b(2)), which may be deferred or left out on the grounds of Wpg 27(1) (24b(3)) and is not owed to suspects
(24b(4)). So the moments of the AVG never run against the police, and no duty of theirs stands in an inbox.
"""

from __future__ import annotations

from typing import Final

import msgspec

from services.law.governance import Party
from services.law.texts import Text

_SUSPECT_ROLES: Final = frozenset({"suspect", "verdachte"})


class PoliceTelling(msgspec.Struct, frozen=True, rename="camel"):
    """What police tell a person: ``specific`` whether more than general information can be owed to this person."""

    norms: tuple[str, ...]
    specific: bool
    text: Text


_SPECIFIC: Final = PoliceTelling(
    ("wpg-24b",),
    specific=True,
    text=Text(
        "De politie informeert onder Wpg 24b: algemeen altijd, in bijzondere gevallen meer; "
        "dat laatste mag worden uitgesteld of achterwege blijven (Wpg 27 lid 1).",
        "The police inform under Wpg 24b: in general always, in specific cases more; "
        "the latter may be deferred or left out (Wpg 27(1)).",
    ),
)
_GENERAL: Final = PoliceTelling(
    ("wpg-24b",),
    specific=False,
    text=Text(
        "De politie informeert een verdachte alleen in het algemeen (Wpg 24b leden 1 en 4).",
        "The police inform a suspect in general only (Wpg 24b(1), (4)).",
    ),
)


def police_telling(party: Party | None, role: str | None = None) -> PoliceTelling | None:
    """What ``party`` owes a person in that role under Wpg 24b; None for whoever is not the police."""
    if party is None or party.kind != "police":
        return None
    return _GENERAL if (role or "").casefold() in _SUSPECT_ROLES else _SPECIFIC
