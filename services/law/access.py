"""What each controller owes on an access request: under which act, by when, and the person's remedy.

AVG 12(3): one month under Regulation 1182/71. Wpg 25: six weeks under the Algemene termijnenwet.
Prosecution data follow the Wjsg, whose term is not verified here: it is said so, never guessed.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from services.law.clocks import Deadline
from services.law.governance import Party
from services.law.rights_clocks import answer_clock, wpg_access_clock

AccessRegime = Literal["AVG", "Wpg", "Wjsg", "unverified"]
Remedy = Literal["awb-objection", "court-petition", "unverified"]

_REMEDY_BY_KIND: Final[dict[str, Remedy]] = {
    "public-body": "awb-objection",
    "private-controller": "court-petition",
    "volunteer-body": "court-petition",
    "citizen": "court-petition",
}

_PUBLIC_KINDS: Final = frozenset({"public-body", "police", "judicial"})


class AccessClock(msgspec.Struct, frozen=True):
    """One controller's clock; ``due`` is None when the term is not verified."""

    regime: AccessRegime
    due: Deadline | None
    remedy: Remedy


def access_clock(party: Party | None, received_on: date) -> AccessClock | None:
    """The clock of ``party`` for a request received on that day; None for a processor, which answers to nobody.

    An unknown party (None) gets an unverified clock: AVG 12(3) may not be the act that binds it.
    """
    if party is None:
        return AccessClock("unverified", None, "unverified")
    if party.kind == "processor":
        return None
    if party.kind == "police":
        return AccessClock("Wpg", wpg_access_clock(received_on).due, "awb-objection")
    if party.kind == "judicial":
        return AccessClock("Wjsg", None, "unverified")
    return AccessClock("AVG", answer_clock(received_on).due, _REMEDY_BY_KIND[party.kind])


def is_joint_controller(party: Party | None) -> bool:
    """Whether a participant of a Zorg- en Veiligheidshuis is one of its joint controllers (WGS 1.4(1), 2.27(3)).

    Public participants are, private ones are not; of an unknown party (None) nobody can say that it is not.
    """
    return party is None or party.kind in _PUBLIC_KINDS
