"""Tokens between services: made by whom they say, for whom they say, in their time, and nothing else."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.ids import SeededIds
from services.runtime.service_tokens import (
    ServiceGuard,
    ServiceKeyExposed,
    ServiceKeyUnusable,
    ServiceNotAllowed,
    ServiceTokens,
    ServiceUnknown,
    make_service_keys,
    private_key_file,
    public_key_folder,
)
from tests.support.service_keys import key_of

ALLOWED = {"ledger": frozenset({"gateway"}), "retention": frozenset({"retention"})}
CLOCK = FakeClock()
TOKEN = ServiceTokens("gateway", key_of("gateway"), clock=CLOCK, ids=SeededIds(1)).token("ledger")
NOW = int(CLOCK.now().timestamp())
GOOD: dict[str, Any] = {"iss": "gateway", "aud": "ledger", "iat": NOW, "exp": NOW + 60, "jti": "j"}
HEADER: dict[str, Any] = {"alg": "ES256", "typ": "service+jwt", "kid": key_of("gateway").kid}


def guard(clock: FakeClock | None = None) -> ServiceGuard:
    """Return the guard of the ledger, which trusts two services."""
    keys = {name: key_of(name) for name in ("gateway", "retention")}
    return ServiceGuard("ledger", keys, ALLOWED, clock=clock or FakeClock())


def signed(claims: dict[str, Any], header: dict[str, Any] = HEADER, key: Any = None, algorithm: str = "ES256") -> str:
    """Return a token with these claims."""
    payload = msgspec.json.encode(claims)
    return jws.serialize_compact(header, payload, key or key_of("gateway"), algorithms=[algorithm])


def without_signature() -> str:
    """Return a token that says it needs no signature."""
    parts = [msgspec.json.encode({**HEADER, "alg": "none"}), msgspec.json.encode(GOOD)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def with_public_key_as_secret() -> str:
    """Return a token signed with the public key, which everybody knows, as if it were a shared secret."""
    secret = OctKey.import_key(msgspec.json.encode(key_of("gateway").as_dict(private=False)))
    return signed(GOOD, {**HEADER, "alg": "HS256"}, secret, "HS256")


FORGED: dict[str, Callable[[], str]] = {
    "without a signature": without_signature,
    "with the public key as a secret": with_public_key_as_secret,
    "by another algorithm": lambda: signed(GOOD, {**HEADER, "alg": "RS256"}, RSAKey.generate_key(2048), "RS256"),
    "by somebody else under that key id": lambda: signed(GOOD, key=ECKey.generate_key("P-256")),
    "by a key that nobody knows": lambda: signed(GOOD, {**HEADER, "kid": "strange"}),
    "without a key id": lambda: signed(GOOD, {"alg": "ES256", "typ": "service+jwt"}),
    "that brings its key": lambda: signed(GOOD, {**HEADER, "jwk": key_of("gateway").as_dict(private=False)}),
    "of another type": lambda: signed(GOOD, {**HEADER, "typ": "at+jwt"}),
    "in the name of another service": lambda: signed({**GOOD, "iss": "retention"}),
    "for another service": lambda: signed({**GOOD, "aud": "notifier"}),
    "that lives too long": lambda: signed({**GOOD, "exp": NOW + limits.SERVICE_TOKEN_SECONDS_MAX + 1}),
    "that ends before it begins": lambda: signed({**GOOD, "exp": NOW - 1}),
    "with a moment as text": lambda: signed({**GOOD, "exp": str(NOW + 60)}),
    "without an end": lambda: signed({name: GOOD[name] for name in GOOD if name != "exp"}),
    "with a claim of its own": lambda: signed({**GOOD, "scope": "all"}),
    "in four parts": lambda: f"{TOKEN}.e30",
    "that is too long": lambda: "a" * (limits.TOKEN_LENGTH_MAX + 1),
    "that is nothing": lambda: "",
    "that is no ASCII": lambda: f"{TOKEN[:-1]}é",
}


def test_a_good_token_names_its_service() -> None:
    """Who signs with a known key is that service, and may call the ports that are for it."""
    assert guard().admit(f"Bearer {TOKEN}", "ledger") == "gateway"


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(forge: Callable[[], str]) -> None:
    """Whatever is wrong with a token, the answer is the same."""
    with pytest.raises(ServiceUnknown):
        guard().admit(f"Bearer {forge()}", "ledger")


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(string.printable))
def test_a_token_changed_anywhere_is_refused(place: int, letter: str) -> None:
    """One other letter anywhere makes it another token, which nobody signed."""
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if changed != TOKEN:
        with pytest.raises(ServiceUnknown):
            guard().admit(f"Bearer {changed}", "ledger")


@pytest.mark.parametrize("header", [None, "", "Bearer", TOKEN, f"bearer {TOKEN}", f"Basic {TOKEN}", f"Bearer  {TOKEN}"])
def test_without_a_bearer_token_nobody_is_known(header: str | None) -> None:
    """Only our own spelling of the header is one: both ends are ours."""
    with pytest.raises(ServiceUnknown):
        guard().admit(header, "ledger")


@pytest.mark.parametrize("port", ["retention", "notifier"])
def test_a_service_calls_only_the_ports_that_are_for_it(port: str) -> None:
    """The gateway may not do what retention may, nor call a port that nobody may."""
    with pytest.raises(ServiceNotAllowed):
        guard().admit(f"Bearer {TOKEN}", port)


def test_a_token_holds_in_its_time_only() -> None:
    """Before and after its time, give or take what clocks differ, it is refused, seen before or not."""
    clock = FakeClock()
    watched = guard(clock)
    for seconds, holds in ((0, True), (-31, False), (60 + 29, True), (60 + 30, False), (3_600, False)):
        clock.set(CLOCK.now())
        clock.advance(seconds=seconds)
        if holds:
            assert watched.admit(f"Bearer {TOKEN}", "ledger") == "gateway"
        else:
            with pytest.raises(ServiceUnknown):
                watched.admit(f"Bearer {TOKEN}", "ledger")


def test_a_token_is_used_again_until_shortly_before_its_end() -> None:
    """One is made per service that is called, and a new one while the old one still has time to arrive."""
    clock = FakeClock()
    tokens = ServiceTokens("gateway", key_of("gateway"), clock=clock, ids=SeededIds(1))
    first = tokens.token("ledger")
    clock.advance(seconds=limits.SERVICE_TOKEN_SECONDS_MAX - limits.SERVICE_TOKEN_SPARE_SECONDS - 1)
    assert tokens.token("ledger") == first
    assert tokens.token("notifier") != first
    clock.advance(seconds=1)
    second = tokens.token("ledger")
    assert second != first
    assert guard(clock).admit(f"Bearer {second}", "ledger") == "gateway"


def test_a_clock_that_was_set_back_does_not_keep_a_token_of_the_future() -> None:
    """Whoever is called has the same clock by then, and would refuse it until the old time comes again."""
    clock = FakeClock()
    tokens = ServiceTokens("gateway", key_of("gateway"), clock=clock, ids=SeededIds(1))
    tokens.token("ledger")
    clock.advance(hours=-1)
    token = tokens.token("ledger")
    assert guard(clock).admit(f"Bearer {token}", "ledger") == "gateway"
    assert tokens.token("ledger") == token


def test_the_tokens_remembered_are_bounded() -> None:
    """However many tokens come by, only so many are remembered."""
    watched = guard()
    for number in range(limits.SERVICE_TOKENS_CACHED_MAX + 10):
        watched._verified[number.to_bytes(4, "big")] = watched._claims_of(TOKEN)
    watched._verified.popitem()
    watched.admit(f"Bearer {signed({**GOOD, 'jti': 'other'})}", "ledger")
    assert len(watched._verified) == limits.SERVICE_TOKENS_CACHED_MAX


def test_keys_made_in_a_folder_work_between_services(tmp_path: Path) -> None:
    """Every service gets a private key that only its owner reads, and the others its public part; made once."""
    for _ in range(2):
        make_service_keys(tmp_path, ["gateway", "ledger", "retention"])
    tokens = ServiceTokens.open("gateway", private_key_file(tmp_path, "gateway"))
    opened = ServiceGuard.open("ledger", public_key_folder(tmp_path), ALLOWED)
    assert opened.admit(f"Bearer {tokens.token('ledger')}", "ledger") == "gateway"
    assert private_key_file(tmp_path, "gateway").stat().st_mode & 0o777 == 0o600
    public = (public_key_folder(tmp_path) / "gateway.json").read_bytes()
    assert b'"d"' not in public
    assert {path.name for path in tmp_path.rglob("*.json")} == {
        f"{name}.json" for name in ("gateway", "ledger", "retention")
    }


def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Neither rights for others nor a link is taken for a key of our own."""
    make_service_keys(tmp_path, ["gateway"])
    file = private_key_file(tmp_path, "gateway")
    link = tmp_path / "link.json"
    link.symlink_to(file)
    with pytest.raises(ServiceKeyExposed):
        ServiceTokens.open("gateway", link)
    file.chmod(0o640)
    with pytest.raises(ServiceKeyExposed):
        ServiceTokens.open("gateway", file)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        msgspec.json.encode(key_of("gateway").as_dict(private=False)),
        msgspec.json.encode(ECKey.generate_key("P-384", auto_kid=True).as_dict(private=True)),
        msgspec.json.encode(ECKey.generate_key("P-256").as_dict(private=True)),
        msgspec.json.encode(RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)),
        b" " * (limits.SERVICE_KEY_BYTES_MAX + 1),
    ],
    ids=["empty", "no fields", "no object", "public", "other curve", "no id", "other kind", "large"],
)
def test_a_file_without_the_right_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """A service starts with its own private key or not at all."""
    file = tmp_path / "gateway.json"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ServiceKeyUnusable):
        ServiceTokens.open("gateway", file)


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    """No file, no service; a caller whose public key is not there is noticed at the start."""
    with pytest.raises(ServiceKeyUnusable):
        ServiceTokens.open("gateway", tmp_path / "gateway.json")
    with pytest.raises(ServiceKeyUnusable):
        ServiceGuard.open("ledger", tmp_path, ALLOWED)


def test_a_private_key_among_the_public_ones_is_refused(tmp_path: Path) -> None:
    """Who lays a private key where others look is told so."""
    make_service_keys(tmp_path, ["gateway", "retention"])
    private_key_file(tmp_path, "gateway").replace(public_key_folder(tmp_path) / "gateway.json")
    with pytest.raises(ServiceKeyUnusable):
        ServiceGuard.open("ledger", public_key_folder(tmp_path), ALLOWED)
