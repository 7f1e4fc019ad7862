"""What the log of police data, or of a WGS partnership, may be used for (Wpg 32a(2), WGS 1.8(4)).

Legality, internal control, integrity and security, and proceedings; nothing else. So an answer to the person leans on
the data that a controller itself has, and these lines stand in it as the account of what was done, with this said.
"""

from __future__ import annotations

from typing import Final

import msgspec

from services.law.texts import Text


class LogUse(msgspec.Struct, frozen=True, rename="camel"):
    """The norm that limits the use of a line, in words for the person it is about."""

    norm: str
    text: Text


POLICE_LOG: Final = LogUse(
    "wpg-32a",
    Text(
        "Deze regel komt uit het logboek over politiegegevens. Dat mag alleen worden gebruikt om te controleren of de "
        "regels zijn gevolgd, voor de beveiliging en voor een rechtszaak (Wpg 32a lid 2).",
        "This line comes from the log of police data. That may only be used to check whether the rules were followed, "
        "for security and for court cases (Wpg 32a(2)).",
    ),
)
PARTNERSHIP_LOG: Final = LogUse(
    "wgs-1-8-4",
    Text(
        "Deze regel komt uit het logboek van een samenwerkingsverband. Dat mag alleen worden gebruikt om te "
        "controleren of de regels zijn gevolgd, voor de beveiliging en voor een rechtszaak (WGS 1.8 lid 4).",
        "This line comes from the log of a partnership. That may only be used to check whether the rules were "
        "followed, for security and for court cases (WGS 1.8(4)).",
    ),
)


def log_use(data_regime: str | None, *, wgs: bool) -> LogUse | None:
    """The limit on the log of a line under this data regime, or under the WGS; None when the law sets none."""
    if (data_regime or "").startswith("Wpg"):
        return POLICE_LOG
    return PARTNERSHIP_LOG if wgs else None
