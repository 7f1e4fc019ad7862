"""Verifies access tokens (RFC 9068, RFC 8725, NL GOV OAuth 2.0): asymmetric, for us, from whom we trust, in their time.

Every key is known beforehand and no header can name another, so no token makes this process fetch anything.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from services.gateway.auth.claims import Claims, Unauthenticated
from services.gateway.auth.subjects import open_subject
from services.gateway.formats.repeated import has_repeated_names
from services.runtime import base64url, limits
from services.runtime.clock import Clock

ALGORITHMS: Final = frozenset({"RS256", "PS256", "ES256"})
TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
# No header that names a key, a certificate, an extension or an encryption gets as far as being understood.
HEADER_FIELDS: Final = frozenset({"alg", "kid", "typ"})
# RFC 6750, 2.1. What was verified before is known by its hash, so only new tokens are looked at letter by letter.
SPELLING: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
RSA_BITS_MIN: Final = 2048

VerifyingKey = ECKey | RSAKey


class TrustedKey(msgspec.Struct, frozen=True):
    """A key of the issuer and the only algorithm it is used with."""

    key: VerifyingKey
    algorithm: str


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """The claims we read; the types are strict, so an `exp` that is text or a fraction fails."""

    iss: str
    aud: str | tuple[str, ...]
    exp: int
    iat: int
    party: str
    scope: str
    nbf: int = 0
    subject: str | None = None


class JwtVerifier:
    """Verifies tokens of one issuer for one audience; verified ones are remembered, by hash, until they end.

    Tokens live in real time, also where the ledger's own clock is a scenario's: `clock` is the wall's.
    """

    def __init__(
        self, *, issuer: str, audience: str, keys: Mapping[str, TrustedKey], clock: Clock, opening: ECKey | None = None
    ) -> None:
        """Trust `keys` by key id; `opening` decrypts the subject of a citizen's token."""
        for trusted in keys.values():
            _check_trusted(trusted)
        self._issuer = issuer
        self._audience = audience
        self._keys = dict(keys)
        self._clock = clock
        self._opening = opening
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()

    def verify(self, token: str) -> Claims:
        """Return the claims of a token that holds now, or raise Unauthenticated."""
        if len(token) > limits.TOKEN_LENGTH_MAX or not token.isascii():
            raise Unauthenticated
        digest = hashlib.sha256(token.encode("ascii")).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = self._verify_anew(token)
            self._remember(digest, claims)
        now = self._clock.now().timestamp()
        if now >= claims.expires_at + limits.TOKEN_LEEWAY_SECONDS:
            self._verified.pop(digest, None)
            raise Unauthenticated
        if now < claims.not_before - limits.TOKEN_LEEWAY_SECONDS:
            raise Unauthenticated
        return claims

    def _remember(self, digest: bytes, claims: Claims) -> None:
        """Keep claims, and drop the oldest ones above the bound."""
        self._verified[digest] = claims
        while len(self._verified) > limits.TOKENS_CACHED_MAX:
            self._verified.popitem(last=False)

    def _verify_anew(self, token: str) -> Claims:
        """Check spelling, header, signature and claims; whatever is wrong, the answer is the same."""
        if not SPELLING.fullmatch(token):
            raise Unauthenticated
        try:
            header = _read_part(token.split(".", maxsplit=1)[0])
            trusted = self._trusted_by(header)
            signed = jws.deserialize_compact(token, trusted.key, algorithms=[trusted.algorithm])
            if token.count(".") != 2 or has_repeated_names(signed.payload):
                raise Unauthenticated
            for part in token.split("."):
                base64url.decode(part)
            payload = msgspec.json.decode(signed.payload, type=Payload)
            return self._claims_of(payload)
        except (JoseError, msgspec.MsgspecError, ValueError, RecursionError, binascii.Error):
            raise Unauthenticated from None

    def _trusted_by(self, header: dict[str, Any]) -> TrustedKey:
        """Return the key a header points at, if everything in that header is as it must be."""
        kid, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ")
        if not header.keys() <= HEADER_FIELDS or not isinstance(kid, str) or len(kid) > limits.TOKEN_KEY_ID_LENGTH_MAX:
            raise Unauthenticated
        trusted = self._keys.get(kid)
        if trusted is None or algorithm != trusted.algorithm or not isinstance(kind, str) or kind.lower() not in TYPES:
            raise Unauthenticated
        return trusted

    def _claims_of(self, payload: Payload) -> Claims:
        """Check what the claims say; `exp` and `nbf` are checked at every use."""
        now = self._clock.now().timestamp()
        wrong = (
            payload.iss != self._issuer
            or payload.aud not in (self._audience, (self._audience,))
            or payload.iat > now + limits.TOKEN_LEEWAY_SECONDS
            or not 0 < payload.exp - payload.iat <= limits.TOKEN_SECONDS_MAX
            or not 0 < len(payload.party) <= limits.IDENTIFIER_LENGTH_MAX
        )
        if wrong:
            raise Unauthenticated
        subject = None
        if payload.subject is not None:
            if self._opening is None:
                raise Unauthenticated
            subject = open_subject(payload.subject, self._opening)
        return Claims(
            party=payload.party,
            scopes=frozenset(payload.scope.split()),
            expires_at=payload.exp,
            not_before=payload.nbf,
            subject=subject,
        )


def _check_trusted(trusted: TrustedKey) -> None:
    """Refuse a key that is used with an algorithm of another family, or that is too short."""
    assert trusted.algorithm in ALGORITHMS
    assert isinstance(trusted.key, ECKey) == (trusted.algorithm == "ES256")
    if isinstance(trusted.key, RSAKey):
        assert trusted.key.raw_value.key_size >= RSA_BITS_MIN


def _read_part(part: str) -> dict[str, Any]:
    """Decode a base64url part that must be a JSON object in which no name stands twice."""
    raw = base64url.decode(part)
    if has_repeated_names(raw):
        raise ValueError("repeated name")
    return msgspec.json.decode(raw, type=dict[str, Any])
