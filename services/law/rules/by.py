"""Of which controllers a rule can find anything at all, told by the party alone.

Asked once per day for each party, so that of all others such a rule costs an act nothing.
"""

from __future__ import annotations

from typing import Final

from services.law.governance import Party

PUBLIC_KINDS: Final = frozenset({"public-body", "police", "judicial"})
_MUNICIPALITY: Final = frozenset({"gemeente", "Gemeente", "municipality", "Municipality"})
_NEVER_CONTROLLER: Final = frozenset({"processor", "citizen"})
_SECRECY_KEPT_AS_A_RULE: Final = frozenset({"medical", "youth-care", "social-support"})


def authority(party: Party | None) -> bool:
    """A public authority (AVG 6(1), last sentence; UAVG 46(1))."""
    return party is not None and party.kind in PUBLIC_KINDS


def no_authority(party: Party | None) -> bool:
    """A party that is known, and is no public authority."""
    return party is not None and party.kind not in PUBLIC_KINDS


def police(party: Party | None) -> bool:
    """The police themselves (Wpg 1)."""
    return party is not None and party.kind == "police"


def municipality(party: Party | None) -> bool:
    """The municipality itself: by its organ, else by a name that begins with it."""
    if party is None:
        return False
    if party.organ is not None:
        return party.organ in _MUNICIPALITY
    if party.kind != "public-body":
        return False
    return any(_first_word(text) in _MUNICIPALITY for text in (party.id, party.name or ""))


def _first_word(text: str) -> str:
    return text.replace("-", " ").replace("_", " ").partition(" ")[0]


def never_a_controller(party: Party | None) -> bool:
    """Registered as what decides no purposes and means (AVG 28(10), 4(7))."""
    return party is not None and party.kind in _NEVER_CONTROLLER


def under_secrecy(party: Party | None) -> bool:
    """Its data are under a professional secrecy as a rule (BW 7:457, Jeugdwet 7.3.11, Wmo 5.3.3)."""
    return party is not None and party.secrecy in _SECRECY_KEPT_AS_A_RULE
