"""Who calls whom among our own processes: short tokens, signed by the calling service, for one other service.

Every service has a private key of its own; whoever is called has the public keys of all, by name, and a list of which
service may call which of its ports. Keys are read at the start and no token makes a process fetch anything.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from services.runtime import base64url, limits
from services.runtime.clock import Clock, SystemClock
from services.runtime.errors import GrootboekError, Kind
from services.runtime.ids import Ids, SystemIds

ALGORITHM: Final = "ES256"
TYPE: Final = "service+jwt"
NAME: Final = re.compile(r"[a-z][a-z-]{0,30}", re.ASCII)
HEADER_FIELDS: Final = frozenset({"alg", "kid", "typ"})
BEARER: Final = "Bearer "
PRIVATE: Final = "private"
PUBLIC: Final = "public"
SUFFIX: Final = ".json"
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class ServiceUnknown(GrootboekError):
    """This call brings no valid token of a service."""

    code = "service-unknown"
    kind = Kind.UNAUTHENTICATED
    remedy = "Give every service its own key, give its public part to the services it calls, and keep clocks in step."


class ServiceNotAllowed(GrootboekError):
    """This service may not call this port."""

    code = "service-not-allowed"
    kind = Kind.FORBIDDEN
    remedy = "Check the address that the calling service was given: it called a port that is not for it."


class ServiceKeyUnusable(GrootboekError):
    """A key file of a service is missing or does not hold the key it should."""

    code = "service-key-unusable"
    remedy = "Mount the right file, or make keys again as k8s/README.md shows; every service has a key of its own."


class ServiceKeyExposed(GrootboekError):
    """The private key of a service can be read by others on this machine, or is a link."""

    code = "service-key-exposed"
    remedy = "Give the file to the user of the service with mode 0600, and make a new key if others may have read it."


class _Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a token says; the types are strict."""

    iss: str
    aud: str
    iat: int
    exp: int
    jti: str


class ServiceTokens:
    """Signs the tokens with which one service calls others; each is used until shortly before its end."""

    def __init__(self, service: str, key: ECKey, *, clock: Clock | None = None, ids: Ids | None = None) -> None:
        """Sign as `service`; `clock` is the wall's, also beside a scenario ledger."""
        self._service = service
        self._key = key
        self._clock = clock or SystemClock()
        self._ids = ids or SystemIds()
        # By service that is called: the token, and from when to when by our clock it is used.
        self._made: dict[str, tuple[str, float, float]] = {}

    @classmethod
    def open(cls, service: str, file: Path, *, clock: Clock | None = None) -> ServiceTokens:
        """Use the private key in `file`; refused when others can read it."""
        check_private(file)
        return cls(service, read_key(file, private=True), clock=clock)

    def token(self, audience: str) -> str:
        """Return a token for the service `audience`."""
        now = self._clock.now().timestamp()
        made = self._made.get(audience)
        # Not one of the future either: when clocks are set back, nobody believes it any more.
        if made is None or not made[1] <= now < made[2]:
            until = now + limits.SERVICE_TOKEN_SECONDS_MAX - limits.SERVICE_TOKEN_SPARE_SECONDS
            made = self._made[audience] = self._sign(audience, int(now)), now, until
        return made[0]

    def _sign(self, audience: str, now: int) -> str:
        """Make a new token."""
        claims = _Claims(
            iss=self._service,
            aud=audience,
            iat=now,
            exp=now + limits.SERVICE_TOKEN_SECONDS_MAX,
            jti=self._ids.random_bytes(16).hex(),
        )
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._key.kid}
        return jws.serialize_compact(header, msgspec.json.encode(claims), self._key, algorithms=[ALGORITHM])


class ServiceGuard:
    """Admits services to the ports of this one; implements `Guard`."""

    def __init__(
        self,
        service: str,
        keys: Mapping[str, ECKey],
        allowed: Mapping[str, frozenset[str]],
        *,
        clock: Clock | None = None,
    ) -> None:
        """Guard `service`: `keys` by name of the service that signs, `allowed` callers by name of the port."""
        self._service = service
        self._keys = {key.kid: (name, key) for name, key in keys.items()}
        self._allowed = dict(allowed)
        self._clock = clock or SystemClock()
        # By hash of the whole token, so that a token costs its signature once.
        self._verified: OrderedDict[bytes, _Claims] = OrderedDict()

    @classmethod
    def open(
        cls, service: str, folder: Path, allowed: Mapping[str, frozenset[str]], *, clock: Clock | None = None
    ) -> ServiceGuard:
        """Use the public keys in `folder`, one file for each service that is allowed anything."""
        callers = sorted(frozenset[str]().union(*allowed.values()))
        keys = {name: read_key(folder / f"{name}{SUFFIX}", private=False) for name in callers}
        return cls(service, keys, allowed, clock=clock)

    def admit(self, authorization: str | None, port: str) -> str:
        """Return the name of the service that calls; raise ServiceUnknown or ServiceNotAllowed."""
        if authorization is None or not authorization.startswith(BEARER):
            raise ServiceUnknown
        claims = self._claims_of(authorization[len(BEARER) :])
        now = self._clock.now().timestamp()
        if not claims.iat - limits.TOKEN_LEEWAY_SECONDS <= now < claims.exp + limits.TOKEN_LEEWAY_SECONDS:
            raise ServiceUnknown
        if claims.iss not in self._allowed.get(port, ()):
            raise ServiceNotAllowed
        return claims.iss

    def _claims_of(self, token: str) -> _Claims:
        """Return the claims of a token that is signed well, whatever its moment."""
        if len(token) > limits.TOKEN_LENGTH_MAX or not token.isascii():
            raise ServiceUnknown
        digest = hashlib.sha256(token.encode("ascii")).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = self._verified[digest] = self._verify(token)
            while len(self._verified) > limits.SERVICE_TOKENS_CACHED_MAX:
                self._verified.popitem(last=False)
        return claims

    def _verify(self, token: str) -> _Claims:
        """Check header, signature and claims; whatever is wrong, the answer is the same."""
        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
            name, key = self._keys[header["kid"]]
            if header.keys() != HEADER_FIELDS or header["alg"] != ALGORITHM or header["typ"] != TYPE:
                raise ServiceUnknown
            for part in token.split("."):
                # In another spelling it would be a second token with the same signature.
                base64url.decode(part)
            payload = jws.deserialize_compact(token, key, algorithms=[ALGORITHM]).payload
            claims = msgspec.json.decode(payload, type=_Claims)
        except (JoseError, msgspec.MsgspecError, ValueError, RecursionError, KeyError, TypeError):
            raise ServiceUnknown from None
        lives = claims.exp - claims.iat
        if claims.iss != name or claims.aud != self._service or not 0 < lives <= limits.SERVICE_TOKEN_SECONDS_MAX:
            raise ServiceUnknown
        return claims


def make_service_keys(folder: Path, services: Iterable[str]) -> None:
    """Make a key pair for each service that has none: `private/<service>.json` (0600) and `public/<service>.json`."""
    private, public = folder / PRIVATE, folder / PUBLIC
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    public.mkdir(parents=True, exist_ok=True)
    for service in services:
        assert NAME.fullmatch(service), "no name of a service"
        file = private / f"{service}{SUFFIX}"
        if not file.exists():
            _write(file, ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True), 0o600)
        key = read_key(file, private=True)
        _write(public / f"{service}{SUFFIX}", key.as_dict(private=False), 0o644)


def private_key_file(folder: Path, service: str) -> Path:
    """Return where `make_service_keys` puts the private key of a service."""
    return folder / PRIVATE / f"{service}{SUFFIX}"


def public_key_folder(folder: Path) -> Path:
    """Return where `make_service_keys` puts the public keys of all services."""
    return folder / PUBLIC


def read_key(file: Path, *, private: bool) -> ECKey:
    """Return the key in a file; raise ServiceKeyUnusable for anything but a P-256 key of that sort with its id."""
    try:
        if file.stat().st_size > limits.SERVICE_KEY_BYTES_MAX:
            raise ServiceKeyUnusable
        fields = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        key = ECKey.import_key(fields)
    except (OSError, JoseError, msgspec.MsgspecError, ValueError, KeyError, TypeError):
        raise ServiceKeyUnusable from None
    if key.curve_name != "P-256" or key.is_private is not private or not key.kid:
        raise ServiceKeyUnusable
    return key


def check_private(file: Path) -> None:
    """Raise ServiceKeyExposed unless a file is ours, no link, and closed to others."""
    try:
        status = file.lstat()
    except OSError:
        raise ServiceKeyUnusable from None
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & OTHERS:
        raise ServiceKeyExposed


def _write(file: Path, fields: Mapping[str, Any], mode: int) -> None:
    """Write a file at once, whole."""
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(msgspec.json.encode(fields))
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.replace(file)
