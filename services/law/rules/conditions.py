"""Conditions on disclosing further, as a decision (Wpg 20(2)) or a supplier (WGS 2.29(3)) writes them.

Conditions are free text. Those that forbid disclosing further, or forbid special categories, are read in their usual
spellings; of any other only a person can say whether it was met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_NOT_WORD: Final = re.compile(r"[\W_]+")
_NO_ONWARD: Final = frozenset(
    {
        "no onward disclosure",
        "no further disclosure",
        "not to be disclosed further",
        "geen doorverstrekking",
        "geen verdere verstrekking",
        "niet doorverstrekken",
        "niet verder verstrekken",
    }
)
_NO_SPECIAL: Final = frozenset(
    {"no special categories", "geen bijzondere gegevens", "geen bijzondere persoonsgegevens"}
)


def folded(text: str) -> str:
    """The text in lower case, with one space for whatever stands between its words."""
    return _NOT_WORD.sub(" ", text.lower()).strip()


def forbids_onward(conditions: Iterable[str]) -> bool:
    """Whether one of the conditions forbids disclosing further."""
    return any(folded(condition) in _NO_ONWARD for condition in conditions)


def forbids_special(conditions: Iterable[str]) -> bool:
    """Whether one of the conditions forbids the categories of AVG 9(1)."""
    return any(folded(condition) in _NO_SPECIAL for condition in conditions)
