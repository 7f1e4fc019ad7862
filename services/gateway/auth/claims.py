"""What a verified token says, and the port that verifies one."""

from __future__ import annotations

from typing import Protocol

import msgspec

from services.ledger.contract.messages import SubjectIdentifier
from services.runtime.errors import GrootboekError, Kind


class Unauthenticated(GrootboekError):
    """There is no valid token with this request."""

    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED
    remedy = "Send one valid access token in the Authorization header, as Bearer."


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """The party a token was given to, what it may do, the person it is for, and until when (seconds since 1970)."""

    party: str
    scopes: frozenset[str]
    expires_at: int
    not_before: int = 0
    subject: SubjectIdentifier | None = None


class TokenVerifier(Protocol):
    """Turns a bearer token into its claims."""

    def verify(self, token: str) -> Claims:
        """Return the claims of a token that holds now; raise Unauthenticated, always the same, for any other."""
        ...
