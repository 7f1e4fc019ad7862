"""Every forged, foreign, expired or misused token gets the same 401, reaches nobody and fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from services.gateway.auth.issuer import AUDIENCE, ISSUER
from services.gateway.auth.verifier import JwtVerifier, TrustedKey
from services.runtime import limits
from services.runtime.clock import FakeClock
from tests.support.door import ACT, BSN, OPERATIONS, Door

FOREIGN = ECKey.generate_key("P-256")


def b64(raw: bytes) -> str:
    """Encode base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forge:
    """Makes tokens that are wrong in one way each, beside ones that are right."""

    def __init__(self, door: Door) -> None:
        """Know the door's own key: the worst that an attacker cannot have."""
        self.door = door
        self.key: ECKey = door.issuer._keys.signing

    def header(self, **changes: Any) -> dict[str, Any]:
        """Return a good header with changes; None leaves a field out."""
        header = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid, **changes}
        return {name: value for name, value in header.items() if value is not None}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return good claims with changes; None leaves a claim out."""
        now = int(self.door.clock.now().timestamp())
        claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 600, "party": "politie"}
        claims |= {"scope": "processing:write", **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, header: dict[str, Any] | bytes, payload: dict[str, Any] | bytes, key: ECKey | None = None) -> str:
        """Sign whatever bytes with ES256, without any library's checks."""
        first = header if isinstance(header, bytes) else json.dumps(header).encode()
        second = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        signing_input = f"{b64(first)}.{b64(second)}"
        return f"{signing_input}.{b64(self.raw_signature(signing_input.encode(), key or self.key))}"

    def raw_signature(self, message: bytes, key: ECKey) -> bytes:
        """Return r ‖ s over a message."""
        return jws.JWSRegistry.algorithms["ES256"].sign(message, key)

    def good(self) -> str:
        """Return a token in which nothing is wrong."""
        return self.sign(self.header(), self.claims())

    def with_claims(self, **changes: Any) -> str:
        """Return a well-signed token with other claims."""
        return self.sign(self.header(), self.claims(**changes))

    def with_header(self, **changes: Any) -> str:
        """Return a well-signed token with another header."""
        return self.sign(self.header(**changes), self.claims())

    def hmac_with(self, secret: bytes) -> str:
        """Return a token whose HMAC key is something everybody knows."""
        signing_input = (
            f"{b64(json.dumps(self.header(alg='HS256')).encode())}.{b64(json.dumps(self.claims()).encode())}"
        )
        return f"{signing_input}.{b64(hmac.new(secret, signing_input.encode(), hashlib.sha256).digest())}"

    def unsigned(self, algorithm: str | None) -> str:
        """Return a token without a signature."""
        return f"{b64(json.dumps(self.header(alg=algorithm)).encode())}.{b64(json.dumps(self.claims()).encode())}."

    def with_signature(self, change: Callable[[bytes], bytes]) -> str:
        """Return a good token with another signature."""
        first, second, third = self.good().split(".")
        raw = base64.urlsafe_b64decode(third + "=" * (-len(third) % 4))
        return f"{first}.{second}.{b64(change(raw))}"

    def with_raw_claims(self, add: str) -> str:
        """Return a well-signed token with something written at the end of its claims."""
        return self.sign(self.header(), (json.dumps(self.claims())[:-1] + add + "}").encode())

    def wrapped(self) -> str:
        """Return an unsigned token inside an encryption to the ledger's own public key."""
        sealing = self.door.issuer._keys.sealing
        header = {"alg": "ECDH-ES", "enc": "A256GCM", "cty": "JWT"}
        return jwe.encrypt_compact(header, self.unsigned("none"), sealing)

    def other_spelling(self) -> str:
        """Return a good token in which unused bits of the last character are set."""
        token = self.good()
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return token[:-1] + alphabet[alphabet.index(token[-1]) | 1]


Attack = Callable[[Forge], str]
ATTACKS: dict[str, Attack] = {
    "empty": lambda forge: "x",
    "no dots": lambda forge: "abc",
    "only dots": lambda forge: "..",
    "alg none": lambda forge: forge.unsigned("none"),
    "alg None": lambda forge: forge.unsigned("None"),
    "alg nOnE": lambda forge: forge.unsigned("nOnE"),
    "alg absent": lambda forge: forge.unsigned(None),
    "alg absent, signed": lambda forge: forge.with_header(alg=None),
    "alg of another key": lambda forge: forge.with_header(alg="RS256"),
    "alg a list": lambda forge: forge.with_header(alg=["ES256"]),
    "HMAC with the public key as PEM": lambda forge: forge.hmac_with(forge.key.as_pem(private=False)),
    "HMAC with the public key as DER": lambda forge: forge.hmac_with(forge.key.as_der(private=False)),
    "HMAC with the public key as JWK": lambda forge: forge.hmac_with(
        json.dumps(forge.key.as_dict(private=False)).encode()
    ),
    "HMAC with nothing": lambda forge: forge.hmac_with(b""),
    "HMAC with a weak secret": lambda forge: forge.hmac_with(b"secret"),
    "another key, our kid": lambda forge: forge.sign(forge.header(), forge.claims(), FOREIGN),
    "kid traversal": lambda forge: forge.with_header(kid="../../dev/null"),
    "kid SQL": lambda forge: forge.with_header(kid="' OR 1=1 --"),
    "kid URL": lambda forge: forge.with_header(kid="http://127.0.0.1:1/keys"),
    "kid long": lambda forge: forge.with_header(kid="k" * 5000),
    "kid absent": lambda forge: forge.with_header(kid=None),
    "kid unknown": lambda forge: forge.with_header(kid="unknown"),
    "kid a number": lambda forge: forge.with_header(kid=1),
    "jku": lambda forge: forge.with_header(jku="http://127.0.0.1:1/keys"),
    "x5u": lambda forge: forge.with_header(x5u="http://127.0.0.1:1/certificate"),
    "jwk": lambda forge: forge.sign(forge.header(jwk=FOREIGN.as_dict(private=False)), forge.claims(), FOREIGN),
    "x5c": lambda forge: forge.with_header(x5c=["MIIB"]),
    "crit": lambda forge: forge.with_header(crit=["exp"], exp=1),
    "b64 false": lambda forge: forge.with_header(b64=False, crit=["b64"]),
    "typ of an identity token": lambda forge: forge.with_header(typ="JWT"),
    "typ absent": lambda forge: forge.with_header(typ=None),
    "encrypted instead of signed": lambda forge: forge.wrapped(),
    "nested": lambda forge: forge.sign(forge.header(cty="JWT"), forge.good().encode()),
    "header with a name twice": lambda forge: forge.sign(
        json.dumps(forge.header())[:-1].encode() + b',"alg":"ES256"}', forge.claims()
    ),
    "claim twice": lambda forge: forge.with_raw_claims(',"party":"college-middelstad"'),
    "claims no object": lambda forge: forge.sign(forge.header(), b"[]"),
    "claims no JSON": lambda forge: forge.sign(forge.header(), b"\xff"),
    "claims too deep": lambda forge: forge.with_raw_claims(',"x":' + "[" * 2000 + "]" * 2000),
    "exp absent": lambda forge: forge.with_claims(exp=None),
    "exp past": lambda forge: forge.with_claims(iat=1_000_000_000, exp=1_000_000_600),
    "exp a fraction": lambda forge: forge.with_claims(exp=forge.claims()["exp"] + 0.5),
    "exp text": lambda forge: forge.with_claims(exp=str(forge.claims()["exp"])),
    "exp infinite": lambda forge: forge.sign(
        forge.header(), json.dumps(forge.claims(exp=None))[:-1].encode() + b',"exp":1e400}'
    ),
    "exp far away": lambda forge: forge.with_claims(exp=forge.claims()["iat"] + limits.TOKEN_SECONDS_MAX + 1),
    "nbf future": lambda forge: forge.with_claims(nbf=forge.claims()["iat"] + 300),
    "iat future": lambda forge: forge.with_claims(iat=forge.claims()["iat"] + 300),
    "iat absent": lambda forge: forge.with_claims(iat=None),
    "aud absent": lambda forge: forge.with_claims(aud=None),
    "aud another": lambda forge: forge.with_claims(aud="urn:grootboek:other"),
    "aud with another beside us": lambda forge: forge.with_claims(aud=[AUDIENCE, "urn:grootboek:other"]),
    "aud a part of ours": lambda forge: forge.with_claims(aud=AUDIENCE[:-1]),
    "aud ours with more behind it": lambda forge: forge.with_claims(aud=AUDIENCE + "2"),
    "aud empty list": lambda forge: forge.with_claims(aud=[]),
    "iss another": lambda forge: forge.with_claims(iss="urn:grootboek:other"),
    "iss a prefix": lambda forge: forge.with_claims(iss=ISSUER[:-1]),
    "iss with a slash": lambda forge: forge.with_claims(iss=ISSUER + "/"),
    "iss absent": lambda forge: forge.with_claims(iss=None),
    "party absent": lambda forge: forge.with_claims(party=None),
    "party empty": lambda forge: forge.with_claims(party=""),
    "party a list": lambda forge: forge.with_claims(party=["politie"]),
    "scope a list": lambda forge: forge.with_claims(scope=["processing:write"]),
    "subject in clear": lambda forge: forge.with_claims(subject=f"BSN:{BSN}"),
    "signature of zeros": lambda forge: forge.with_signature(lambda raw: bytes(64)),
    "signature trimmed": lambda forge: forge.with_signature(lambda raw: raw[:-1]),
    "signature extended": lambda forge: forge.with_signature(lambda raw: raw + b"\x00"),
    "signature flipped": lambda forge: forge.with_signature(lambda raw: bytes([raw[0] ^ 1]) + raw[1:]),
    "signature absent": lambda forge: forge.good().rpartition(".")[0] + ".",
    "payload changed": lambda forge: ".".join(
        (
            forge.good().split(".")[0],
            b64(json.dumps(forge.claims(party="college-middelstad")).encode()),
            forge.good().split(".")[2],
        )
    ),
    "base64 with padding": lambda forge: forge.good() + "==",
    "base64 in another spelling": lambda forge: forge.other_spelling(),
    "one megabyte": lambda forge: forge.good() + "A" * 1_000_000,
    "a fourth part": lambda forge: forge.good() + ".x",
}


@pytest.fixture
def door() -> Door:
    """Return a door of its own."""
    return Door()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail when anything looks up a host or connects to one."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a token made us fetch something")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.usefixtures("offline")
def test_forged_tokens_are_refused_alike(door: Door, attack: str) -> None:
    """A token that is wrong in whatever way gives the same 401 as no token, and nothing is recorded."""
    expected = door.post_act(token=None)
    refused = door.post_act(token=ATTACKS[attack](Forge(door)))
    assert (expected.status_code, expected.content) == (401, refused.content)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert door.ledger.asked == []


def test_the_forge_can_make_a_good_token(door: Door) -> None:
    """The attacks differ from a good token in one thing only: without it the token is taken."""
    assert door.post_act(token=Forge(door).good()).status_code == 201


def test_a_token_ends_with_its_time_also_when_it_was_seen_before(door: Door) -> None:
    """The cache of verified tokens does not lengthen a token's life: it ends by the wall clock."""
    token = door.token()
    assert door.post_act(token=token).status_code == 201
    door.clock.advance(seconds=limits.DEVELOPMENT_TOKEN_SECONDS + limits.TOKEN_LEEWAY_SECONDS)
    assert door.post_act(token=token).status_code == 401


def test_the_cache_of_verified_tokens_is_bounded(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tokens come by, no more than the bound are remembered, and they are remembered as hashes."""
    monkeypatch.setattr(limits, "TOKENS_CACHED_MAX", 3)
    verifier = door.issuer.verifier()
    tokens = [door.issuer.issue("politie", "audit") for _ in range(5)]
    for token in tokens:
        verifier.verify(token)
    assert len(verifier._verified) == 3
    assert all(len(digest) == 32 for digest in verifier._verified)


def test_a_token_in_the_query_string_is_not_taken(door: Door) -> None:
    """A token in a URL would stand in logs (NL GOV OAuth): it is not looked at."""
    response = door.ask("POST", f"{OPERATIONS}?access_token={door.token()}", json=ACT, token=None)
    assert response.status_code == 401


def test_two_tokens_are_none(door: Door) -> None:
    """Two Authorization headers could be read differently by two readers, so neither is read."""
    header = ("Authorization", f"Bearer {door.token()}")
    assert door.post_act(token=None, headers=[header, header]).status_code == 401


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer a b", "bearer\tx"])
def test_other_authorization_headers_are_refused(door: Door, value: str) -> None:
    """Only one bearer token is an authorisation."""
    assert door.post_act(token=None, headers={"Authorization": value}).status_code == 401


def test_a_token_without_the_scope_is_forbidden(door: Door) -> None:
    """A valid token without the scope of the call gives 403, and nothing reaches the ledger."""
    response = door.post_act(token=door.token("processing:read processing:writer"))
    assert (response.status_code, response.json()["code"]) == (403, "not-allowed")
    assert door.ledger.asked == []


def test_the_caller_is_the_party_of_the_token(door: Door) -> None:
    """Whatever a body says, the ledger is told the party that the token was given to."""
    door.post_act({**ACT, "controller": "college-middelstad"}, token=door.token(party="politie"))
    ((_, caller, _),) = door.ledger.asked
    assert caller is not None
    assert caller.party == "politie"


def test_a_citizens_token_opens_only_what_citizens_may_ask(door: Door) -> None:
    """A token for a person cannot write, whatever scopes it carries."""
    assert door.post_act(token=door.token(subject=("BSN", BSN))).status_code == 403
    assert door.ledger.asked == []


def test_the_subject_of_a_token_cannot_be_read_from_it(door: Door) -> None:
    """A citizen's number stands in no part of his token, and the ledger gets it all the same."""
    token = door.token(subject=("BSN", BSN))
    opened = "".join(base64.urlsafe_b64decode(part + "===").decode("latin-1") for part in token.split("."))
    assert BSN not in token + opened
    response = door.ask("GET", "/v1/access-requests/request-1/report", token=token)
    ((_, caller, _),) = door.ledger.asked
    assert response.status_code == 200
    assert caller is not None
    assert caller.subject is not None
    assert (caller.subject.id_type, caller.subject.id, caller.purpose) == ("BSN", BSN, "access-request")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_rsa_tokens_of_a_trusted_issuer_are_taken(algorithm: str) -> None:
    """RS256 and PS256 are taken with their own key, and a key serves one algorithm only (RFC 8725)."""
    clock = FakeClock()
    key = RSAKey.generate_key(2048)
    verifier = JwtVerifier(issuer=ISSUER, audience=AUDIENCE, keys={"rsa": TrustedKey(key, algorithm)}, clock=clock)
    now = int(clock.now().timestamp())
    claims = {"iss": ISSUER, "aud": [AUDIENCE], "iat": now, "exp": now + 60, "party": "politie", "scope": "audit"}
    header = {"alg": algorithm, "typ": "at+jwt", "kid": "rsa"}
    token = jws.serialize_compact(header, json.dumps(claims), key, algorithms=[algorithm])
    assert verifier.verify(token).party == "politie"


def test_symmetric_and_short_keys_are_never_trusted() -> None:
    """A verifier cannot be made with an HMAC key, a short RSA key, or a key under another family's algorithm."""
    wrong: list[Any] = [
        TrustedKey(OctKey.generate_key(256), "HS256"),  # type: ignore[arg-type]
        TrustedKey(FOREIGN, "RS256"),
        TrustedKey(RSAKey.generate_key(2048), "ES256"),
    ]
    for trusted in wrong:
        with pytest.raises(AssertionError):
            JwtVerifier(issuer=ISSUER, audience=AUDIENCE, keys={"k": trusted}, clock=FakeClock())
