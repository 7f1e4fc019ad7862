"""Dutch or English: what the visitor chose, else Dutch. The choice says nothing about anybody, so a URL may hold it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, cast
from urllib.parse import parse_qsl

from services.gateway.web.session import cookies_of
from services.runtime.http import Heads

Language = Literal["nl", "en"]
LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType({"nl": "nl", "en": "en"})
COOKIE: Final = "grootboek-language"
PARAMETER: Final = "language"


def chosen_now(query: bytes) -> Language | None:
    """Return the language that this request asks for in its address, if it does."""
    for name, value in parse_qsl(query.decode("latin-1")):
        if name == PARAMETER:
            return LANGUAGES.get(value)
    return None


def chosen_before(heads: Heads) -> Language:
    """Return the language of the cookie, or Dutch."""
    found = next((value for name, value in cookies_of(heads) if name == COOKIE), "nl")
    return cast(Language, found) if found in LANGUAGES else "nl"


def language_cookie(language: Language) -> tuple[bytes, bytes]:
    """Return the header that keeps the choice for a year."""
    return b"set-cookie", f"{COOKIE}={language}; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax".encode("ascii")
