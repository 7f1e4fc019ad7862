"""What a message to people looks like, in whatever module of the law it stands."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = re.compile(r"[A-Z][a-z]?[\w'`.:,;()/\-]*(?: [\w'`.:,;()/\-§]+)+[.?]")
_CODE: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_SHOUTED: Final = re.compile(r"\b[A-Z]{3,}(?: [A-Z]{2,})+")


def is_sentence(text: str) -> bool:
    """Whether it begins with a capital, ends with a stop, has several words, and does not shout."""
    return _WORDS.fullmatch(text) is not None and _SHOUTED.search(text) is None


def is_code(text: str) -> bool:
    """Whether it is a stable code of the contract: lower case words with hyphens between them."""
    return _CODE.fullmatch(text) is not None
