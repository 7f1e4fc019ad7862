"""The development issuer: makes the tokens of an embedded ledger, where no identity provider stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from joserfc import jws

from services.gateway.auth.keys import TokenKeys, open_keys
from services.gateway.auth.subjects import seal_subject
from services.gateway.auth.verifier import JwtVerifier, TrustedKey
from services.ledger.contract.messages import SubjectIdentifier
from services.runtime import limits
from services.runtime.clock import Clock, SystemClock
from services.runtime.ids import Ids, SystemIds

ISSUER: Final = "urn:grootboek:development-issuer"
AUDIENCE: Final = "urn:grootboek:ledger"
ALGORITHM: Final = "ES256"


class TokenIssuer:
    """Issues and, through `verifier`, recognises development tokens; both from one folder of keys."""

    def __init__(self, keys: TokenKeys, clock: Clock | None = None, ids: Ids | None = None) -> None:
        """Use `keys`; `clock` is the wall's, also beside a scenario ledger."""
        self._keys = keys
        self._clock = clock or SystemClock()
        self._ids = ids or SystemIds()

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None) -> TokenIssuer:
        """Use the keys in `folder`, made when absent; refused when others can read them."""
        return cls(open_keys(folder), clock)

    def issue(
        self,
        party: str,
        scope: str,
        subject: tuple[str, str] | None = None,
        *,
        seconds: int = limits.DEVELOPMENT_TOKEN_SECONDS,
    ) -> str:
        """Return a token for `party` with `scope` (words between spaces), for a person (idType, id) if one is given."""
        now = int(self._clock.now().timestamp())
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "jti": self._ids.random_bytes(16).hex(),
            "client_id": party,
            "party": party,
            "scope": scope,
        }
        if subject is not None:
            identifier = SubjectIdentifier(id_type=subject[0], id=subject[1])
            claims["subject"] = seal_subject(identifier, self._keys.sealing)
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._keys.signing.kid}
        return jws.serialize_compact(header, msgspec.json.encode(claims), self._keys.signing, algorithms=[ALGORITHM])

    def verifier(self, clock: Clock | None = None) -> JwtVerifier:
        """Return what the door recognises these tokens with."""
        signing = self._keys.signing
        kid = signing.kid
        assert kid is not None
        return JwtVerifier(
            issuer=ISSUER,
            audience=AUDIENCE,
            keys={kid: TrustedKey(signing, ALGORITHM)},
            clock=clock or self._clock,
            opening=self._keys.sealing,
        )
