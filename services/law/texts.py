"""Words in the two languages that the law speaks here."""

from __future__ import annotations

import msgspec


class Text(msgspec.Struct, frozen=True):
    """One sentence or two, in Dutch and in English."""

    nl: str
    en: str
