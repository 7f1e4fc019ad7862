"""From when until when each law holds, as far as the norms say: Wbp to 24 May 2018, WGS from 1 March 2025."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import Final

import msgspec

from services.law.norm_set import Norm, NormSet

_LAW: Final = re.compile(r"BWBR\d{7}|eli/reg/\d{4}/\d+", re.ASCII)


class Window(msgspec.Struct, frozen=True):
    """The days on which a law holds, both inclusive; None: no beginning is known for sure, or no end is known."""

    begins: date | None
    ends: date | None

    def holds_on(self, day: date) -> bool:
        """Whether the law holds on ``day``; what is not known counts as holding."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)


LawWindows = MappingProxyType[str, Window]
"""By act number, or by the ELI of a regulation."""


def windows_of(norms: NormSet) -> LawWindows:
    """Of each law that a norm cites: from its earliest norm, when that day was checked, until the end of its last."""
    cited: dict[str, list[Norm]] = {}
    for norm in norms.values():
        if (found := _LAW.search(norm.citation)) is not None:
            cited.setdefault(found[0], []).append(norm)
    return MappingProxyType({law: Window(_beginning(of_law), _end(of_law)) for law, of_law in cited.items()})


def _beginning(norms: Iterable[Norm]) -> date | None:
    """The earliest day on which one begins; None when one may begin before any that was checked."""
    begins, is_unchecked = min((norm.valid_from or date.min, not norm.valid_from_checked) for norm in norms)
    return None if is_unchecked else begins


def _end(norms: Iterable[Norm]) -> date | None:
    ends = max(norm.valid_until or date.max for norm in norms)
    return None if ends == date.max else ends
