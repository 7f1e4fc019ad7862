"""Who sits behind the browser: an access token in a cookie that no script and no other site can use.

The cookie is the whole session, so any process of the gateway can answer the next request. It is read by the pages
alone; the API takes tokens from the Authorization header only, so no page of another site can make it do anything.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from services.gateway.auth.claims import Claims, TokenVerifier, Unauthenticated
from services.gateway.formats.keys import is_citizen_number
from services.ledger.contract.messages import Caller
from services.runtime import base64url, limits
from services.runtime.http import Heads

# `__Host-` binds the cookie to this host and path and demands Secure; browsers count the own machine as secure.
COOKIE: Final = "__Host-grootboek"
ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Strict"
STAFF_CODE: Final = re.compile(rf"[A-Za-z0-9._-]{{1,{limits.PAGE_STAFF_CODE_LENGTH_MAX}}}", re.ASCII)
SEPARATOR: Final = "~"
SESSION_SCOPES: Final = frozenset({"processing:write", "processing:read"})
SAME_ORIGIN: Final = frozenset({"same-origin", "none"})


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A verified token, and the code of the member of staff who uses it: opaque, never a name."""

    staff: str
    token: str
    claims: Claims

    @property
    def caller(self) -> Caller:
        """Who asks, for the ledger."""
        return Caller(party=self.claims.party, scopes=self.claims.scopes)

    @property
    def may_record(self) -> bool:
        """Whether this session may record, not only ask."""
        return "processing:write" in self.claims.scopes

    @property
    def csrf(self) -> str:
        """What a form of this session carries: only who knows the token can make it."""
        digest = hashlib.sha256(b"grootboek form\0" + self.token.encode("ascii")).digest()
        return base64url.encode(digest)

    def owns_form(self, csrf: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(csrf.encode(), self.csrf.encode())


def open_session(staff: str, token: str, tokens: TokenVerifier) -> Session:
    """Return the session of a token; raise Unauthenticated when it opens none.

    A citizen's token opens none, and neither does one that may neither ask nor record.
    """
    if not is_staff_code(staff) or len(staff) + len(token) > limits.PAGE_SESSION_BYTES_MAX:
        raise Unauthenticated
    claims = tokens.verify(token)
    if claims.subject is not None or not claims.scopes & SESSION_SCOPES:
        raise Unauthenticated
    return Session(staff=staff, token=token, claims=claims)


def is_staff_code(text: str) -> bool:
    """Whether a text can stand for a member of staff: a code of one word, and nobody's number."""
    return STAFF_CODE.fullmatch(text) is not None and not is_citizen_number(text)


def find_session(heads: Heads, tokens: TokenVerifier) -> Session | None:
    """Return the session of a request, or None: no cookie, or one whose token no longer holds."""
    for name, value in cookies_of(heads):
        if name == COOKIE:
            staff, _, token = value.partition(SEPARATOR)
            try:
                return open_session(staff, token, tokens)
            except Unauthenticated:
                return None
    return None


def cookies_of(heads: Heads) -> Iterator[tuple[str, str]]:
    """Give name and value of every cookie."""
    for header in heads.all(b"cookie"):
        for pair in header.decode("latin-1").split(";"):
            name, _, value = pair.strip().partition("=")
            yield name, value


def is_from_here(heads: Heads) -> bool:
    """Whether a form was posted from a page of this origin, as far as the browser says; an old one says nothing."""
    site = heads.all(b"sec-fetch-site")
    if site:
        return all(value.decode("latin-1") in SAME_ORIGIN for value in site)
    origins, hosts = heads.all(b"origin"), heads.all(b"host")
    return all(origin.partition(b"://")[2] in hosts for origin in origins)


def cookie_of(session: Session) -> tuple[bytes, bytes]:
    """Return the header that keeps a session until the browser closes."""
    return b"set-cookie", f"{COOKIE}={session.staff}{SEPARATOR}{session.token}; {ATTRIBUTES}".encode("ascii")


def ended_cookie() -> tuple[bytes, bytes]:
    """Return the header that takes the session off the browser."""
    return b"set-cookie", f"{COOKIE}=; Max-Age=0; {ATTRIBUTES}".encode("ascii")
