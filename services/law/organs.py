"""Organs under the one name that the tables of the law call them by, however a party writes its own.

"Gecertificeerde Instelling", "GI" and "certified-institution" are one organ: what the law obliges or allows does not
hang on a capital or a hyphen. An organ that no table names is only folded, so that it equals itself.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from services.law.governance import Party
from services.law.letters import folded

_NAMES: Final = (
    "burgemeester",
    "college",
    "gecertificeerde-instelling",
    "gemeente",
    "halt",
    "korpschef",
    "municipality",
    "officier-van-justitie",
    "raad",
    "raad-voor-de-kinderbescherming",
    "reclassering",
    "schoolbestuur",
    "veilig-thuis",
)
_NAME_BY_OTHER_NAME: Final = {
    "gi": "gecertificeerde-instelling",
    "certified-institution": "gecertificeerde-instelling",
}
_NAME_BY_FOLDED: Final = {folded(name): name for name in _NAMES} | {
    folded(other): name for other, name in _NAME_BY_OTHER_NAME.items()
}


def organ_named(text: str) -> str | None:
    """The name of the organ that ``text`` names, without regard to case, spaces and hyphens; None when it says none."""
    key = folded(text)
    return _NAME_BY_FOLDED.get(key, key) or None


def with_organ_named(party: Party) -> Party:
    """The party with its organ under that name: what the rules compare, so that none folds it for each act."""
    if party.organ is None:
        return party
    name = organ_named(party.organ)
    return party if name == party.organ else replace(party, organ=name)
