"""How a letter of the AVG is cited: "6(1)(e)", "art. 6 lid 1 onder e AVG", "artikel 6, eerste lid, onderdeel e, AVG".

Patterns over folded text, whose only group is the letter.
"""

from __future__ import annotations

import re
from typing import Final

_NOT_WORD: Final = re.compile(r"[\W_]+")
_AVG: Final = r"(?:avg|gdpr)"
_BEFORE: Final = rf"{_AVG}?(?:art(?:ikel|icle)?)?{_AVG}?"
_PLACE: Final = r"(?:aanhefen)?(?:sub|onder(?:deel)?|letter|punt|point)?"
_AFTER: Final = rf"(?:(?:vande|ofthe)?{_AVG})?"

GROUND: Final = rf"{_BEFORE}6(?:lid1|eerstelid|1(?:e|ste)?lid|1){_PLACE}([a-f]){_AFTER}"
"""A letter of AVG 6(1)."""
EXCEPTION: Final = rf"{_BEFORE}9(?:lid2|tweedelid|2(?:e|de)?lid|2){_PLACE}([a-j]){_AFTER}"
"""A letter of AVG 9(2)."""


def folded(text: str) -> str:
    """The text in lower case, with its letters and digits only."""
    return _NOT_WORD.sub("", text.lower())
