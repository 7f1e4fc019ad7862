"""What the answers of other servers mean."""

from __future__ import annotations

import hmac

import pytest

from services.notifier.channels.public_address import all_public, is_public
from services.notifier.channels.smtp import sort_replies
from services.notifier.channels.webhook import judge_status, sign

ALL = ("a@x.example", "b@x.example", "c@x.example")


@pytest.mark.parametrize(
    ("refusals", "outcome", "reason", "accepted", "refused"),
    [
        ({}, "delivered", "", ALL, ()),
        ({"a@x.example": 550}, "delivered", "", ALL[1:], ALL[:1]),
        ({"a@x.example": 451}, "postponed", "smtp-451", ALL[1:], ()),
        ({"a@x.example": 550, "b@x.example": 450}, "postponed", "smtp-450", ALL[2:], ALL[:1]),
        (dict.fromkeys(ALL, 550), "refused", "smtp-550", (), ALL),
        (dict.fromkeys(ALL, 450), "postponed", "smtp-450", (), ()),
        ({"a@x.example": 552}, "postponed", "smtp-552", ALL[1:], ()),
    ],
)
def test_refusals_of_single_addresses(
    refusals: dict[str, int], outcome: str, reason: str, accepted: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    """5xx is for good, 4xx and a full mailbox are for now, and each address stands for itself."""
    delivery = sort_replies(ALL, {address: (code, b"x") for address, code in refusals.items()})
    assert (delivery.outcome, delivery.reason) == (outcome, reason)
    assert (delivery.accepted, delivery.refused) == (accepted, refused)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "delivered") for status in (200, 201, 202, 204, 299)),
        (410, "stopped"),
        *((status, "refused") for status in (400, 401, 403, 404, 405, 413, 422)),
        *((status, "postponed") for status in (301, 302, 308, 408, 425, 429, 500, 502, 503, 504)),
        (None, "postponed"),
    ],
)
def test_answers_of_a_webhook(status: int | None, outcome: str) -> None:
    """2xx has it, 410 wants no more, other 4xx never will, all else is tried again."""
    assert judge_status(status).outcome == outcome


def test_a_signature_can_be_checked_with_standard_tools() -> None:
    """HMAC-SHA-256 over the time, a dot and the body, in hex."""
    header = sign("geheim", 1_778_000_000, b'{"id":1}')
    expected = hmac.new(b"geheim", b'1778000000.{"id":1}', "sha256").hexdigest()
    assert header == f"t=1778000000,v1={expected}"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1"),
    ],
)
def test_addresses_inside(address: str) -> None:
    """Loopback, private, link-local, shared, reserved and multicast, also wrapped in an IPv6 address."""
    assert not is_public(address)
    assert not all_public(["93.184.215.14", address])


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet(address: str) -> None:
    """Public addresses, also wrapped ones."""
    assert is_public(address)
