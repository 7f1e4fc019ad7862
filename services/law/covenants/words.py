"""Words as different hands write them: what is the same but for case, accents, spaces and hyphens."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

WORDS_CACHED_MAX: Final = 16_384
"""Folded texts that are remembered; the least used one makes room."""

_NOT_WORD: Final = re.compile(r"[\W_]+")


@lru_cache(maxsize=WORDS_CACHED_MAX)
def fold(text: str) -> str:
    """``text`` in lower case without accents, its words joined by one hyphen: "Aanpak  jeugd" is "aanpak-jeugd"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _NOT_WORD.sub("-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")


def said(text: str | None) -> bool:
    """Whether a text field says anything at all."""
    return text is not None and bool(text.strip())
