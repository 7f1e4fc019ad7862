"""Which settings are refused."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifier.domain.messages import Route
from services.notifier.domain.settings import (
    ChannelSettings,
    Settings,
    SmtpSettings,
    WebhookSettings,
    find_faults,
    is_mail_address,
    is_webhook_url,
)

SMTP = SmtpSettings(host="mail.middelstad.example", sender="grootboek@middelstad.example")
HOSTS = WebhookSettings(hosts=("meldingen.politie.example",))
SECRET = "s" * 32
URL = "https://meldingen.politie.example/grootboek"


def codes(*routes: Route, **channels: Any) -> list[str]:
    """The codes of the faults of these settings, with the routes of one party."""
    settings = Settings(channels=ChannelSettings(**channels), routes={"politie": routes})
    return [fault.code for fault in find_faults(settings)]


def test_safe_settings_have_no_faults() -> None:
    """Mail over TLS, a signed webhook to a named host, the folder and the letter."""
    routes = [
        Route(channel="smtp", addresses=("meldingen@politie.example", "tweede@politie.example")),
        Route(channel="webhook", addresses=(URL,), secret=SECRET),
        Route(channel="folder"),
        Route(channel="letter"),
    ]
    assert codes(*routes, smtp=SMTP, webhook=HOSTS) == []
    assert codes() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"security": "none", "user": "u", "password": "p"}, {"auth-without-tls", "mail-without-tls"}),
        ({"security": "none"}, {"mail-without-tls"}),
        ({"security": "none", "host": "localhost"}, set()),
        ({"user": "u"}, {"user-and-password"}),
        ({"password": "p"}, {"user-and-password"}),
        ({"sender": "grootboek"}, {"address-malformed"}),
        ({"security": "tls", "user": "u", "password": "p"}, set()),
    ],
)
def test_a_mail_server_that_is_not_private(changes: dict[str, Any], expected: set[str]) -> None:
    """Neither a password nor a message goes over a line that others can read."""
    fields: dict[str, Any] = {"host": SMTP.host, "sender": SMTP.sender}
    assert set(codes(smtp=SmtpSettings(**(fields | changes)))) == expected


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (Route(channel="webhook", addresses=(URL,), secret="s" * 31), ["secret-too-short"]),
        (Route(channel="webhook", addresses=(URL,)), ["secret-too-short"]),
        (Route(channel="webhook", addresses=("https://elders.example/",), secret=SECRET), ["webhook-not-allowed"]),
        (Route(channel="webhook", secret=SECRET), ["webhook-not-allowed"]),
        (Route(channel="smtp", addresses=()), ["address-malformed"]),
        (Route(channel="smtp", addresses=("a@b.example\r\nBcc: c@d.example",)), ["address-malformed"]),
        (Route(channel="smtp", addresses=("a@b.example",), secret=SECRET), ["secret-not-used"]),
        (Route(channel="folder", addresses=("x",)), ["address-not-used"]),
    ],
)
def test_a_route_that_cannot_work(route: Route, expected: list[str]) -> None:
    """Every fault of a route is found at the start, not when a message waits."""
    assert codes(route, smtp=SMTP, webhook=HOSTS) == expected


def test_a_route_by_mail_needs_a_mail_server() -> None:
    """Without one the settings are refused."""
    assert codes(Route(channel="smtp", addresses=("a@b.example",))) == ["smtp-missing"]


@pytest.mark.parametrize(
    "url",
    [
        "http://meldingen.politie.example/",
        "https://meldingen.politie.example.evil.example/",
        "https://u:p@meldingen.politie.example/",
        "https://meldingen.politie.example@evil.example/",
        "https://meldingen.politie.example\\@evil.example/",
        "https://meldingen.politie.example/ x",
        "https://meldingen.politie.example/#f",
        "https://meldingen.politie.example:x/",
        "https://meldingen.politie.example:0/",
        "https://[::1/",
        "file:///etc/passwd",
        "",
    ],
)
def test_addresses_that_a_webhook_may_not_have(url: str) -> None:
    """Another scheme or host, credentials, and whatever two parsers might read differently."""
    assert not is_webhook_url(url, ChannelSettings(webhook=HOSTS))


def test_development_allows_plain_http_to_named_hosts() -> None:
    """Only the scheme is wider then, not the list of hosts."""
    settings = ChannelSettings(development=True, webhook=HOSTS)
    assert is_webhook_url("http://meldingen.politie.example/x", settings)
    assert not is_webhook_url("http://elders.example/x", settings)


@pytest.mark.parametrize("text", ["", "a", "@b", "a@", "a b@c.example", "a@b,c@d", "<a@b>", "jan@bücher.example"])
def test_what_is_no_plain_mail_address(text: str) -> None:
    """Anything that could be read as two addresses, a name or a command."""
    assert not is_mail_address(text)
